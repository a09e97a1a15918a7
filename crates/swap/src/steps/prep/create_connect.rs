//! Creates the new Connect add-on with the old one's plan.
//!
//! Without a plan it would be `demo`, which stops at 10,000 rows (devcenter heroku-connect).

use std::collections::BTreeMap;

use async_trait::async_trait;
use connect_swap_engine::{Description, Effect, Observation, OnFailure, Scope, Step, StepError};
use connect_swap_heroku::platform::{AddonState, NewAddon};
use serde_json::{Value, json};

use crate::steps::shared::price;
use crate::trouble::During;
use crate::world::World;

/// Creates the Connect add-on.
pub struct CreateConnect;

#[async_trait]
impl Step<World> for CreateConnect {
    fn id(&self) -> &'static str {
        "create-connect"
    }

    fn effect(&self) -> Effect {
        Effect::CostsMoney
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        let (subject, name) = (&world.subject, &world.subject.new.connect);
        let plan = &subject.old.connect.plan;
        Description {
            consequences: vec![
                format!("costs {}", price::words(world.connect_price.as_ref())),
                "its rows count against your Connect contract while both pairs are there".into(),
                "up to two new releases: the app's dynos restart each time".into(),
            ],
            takes: "seconds".into(),
            undo: "heroku connect:swap:cleanup destroys it".into(),
            calls: vec![format!(
                "POST /apps/{}/addons (plan {plan}, name {name})",
                subject.app
            )],
            ..world.describe(format!("create a {plan} add-on called {name}"))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let name = &scope.world.subject.new.connect;
        let gone = || Observation::Drifted(format!("{name} was destroyed"));
        match scope.world.addon(name).await? {
            Some(addon)
                if matches!(
                    addon.state,
                    AddonState::Deprovisioned | AddonState::Deprovisioning
                ) =>
            {
                Ok(gone())
            }
            Some(addon) => Ok(Observation::Done(
                json!({ "id": addon.id, "name": addon.name }),
            )),
            None if scope.own_output::<Value>()?.is_some() => Ok(gone()),
            None => Ok(Observation::Ready),
        }
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let new = NewAddon {
            name: world.subject.new.connect.clone(),
            plan: world.subject.old.connect.plan.clone(),
            attachment: None,
            config: BTreeMap::new(),
        };
        if let Some(there) = world.addon(&new.name).await? {
            return Ok(json!({ "id": there.id, "name": there.name }));
        }
        let made = world
            .heroku
            .platform()
            .create_addon(&world.subject.app, &new)
            .await
            .during("creating the new Connect add-on")?;
        Ok(json!({ "id": made.id, "name": made.name }))
    }
}
