//! Creates the new Postgres add-on: the old one's plan and major version.

use std::collections::BTreeMap;

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, ErrorKind, Observation, OnFailure, Scope, Step, StepError,
};
use connect_swap_heroku::platform::{AddonState, NewAddon};
use serde_json::{Value, json};

use crate::steps::shared::price;
use crate::trouble::During;
use crate::world::World;

/// Creates the database, attached as `NEW_DATABASE`.
pub struct CreateDatabase;

#[async_trait]
impl Step<World> for CreateDatabase {
    fn id(&self) -> &'static str {
        "create-database"
    }

    fn effect(&self) -> Effect {
        Effect::CostsMoney
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        let (subject, new) = (&world.subject, &world.subject.new);
        Description {
            consequences: vec![
                format!("costs {}", price::words(world.database_price.as_ref())),
                "up to two new releases: the app's dynos restart each time".into(),
            ],
            takes: "minutes".into(),
            undo: "heroku connect:swap:cleanup destroys it".into(),
            calls: vec![format!(
                "POST /apps/{}/addons (plan {}, name {}, attachment {}, version {})",
                subject.app, subject.database_plan, new.database, new.attachment, subject.old.major
            )],
            ..world.describe(format!(
                "create a {} database, PostgreSQL {}, as {}",
                subject.database_plan, subject.old.major, new.attachment
            ))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let world = scope.world;
        let new = &world.subject.new;
        let known = scope.own_output::<Value>()?.is_some();
        if let Some(addon) = world.addon(&new.database).await? {
            if matches!(
                addon.state,
                AddonState::Deprovisioned | AddonState::Deprovisioning
            ) {
                return Ok(Observation::Drifted(format!(
                    "{} was destroyed",
                    new.database
                )));
            }
            return Ok(Observation::Done(
                json!({ "id": addon.id, "name": addon.name }),
            ));
        }
        if known {
            return Ok(Observation::Drifted(format!(
                "{} was destroyed",
                new.database
            )));
        }
        let attachments = world.attachments().await?;
        if let Some(taken) = attachments.iter().find(|a| a.name == new.attachment) {
            let error = StepError::new(
                ErrorKind::Blocked,
                format!(
                    "{} is already the name of {}",
                    new.attachment, taken.addon.name
                ),
            );
            return Err(error.hint("choose another name with --as NAME, or detach that one first"));
        }
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let subject = &world.subject;
        let new = NewAddon {
            name: subject.new.database.clone(),
            plan: subject.database_plan.clone(),
            attachment: Some(subject.new.attachment.clone()),
            config: BTreeMap::from([("version".to_owned(), subject.old.major.to_string())]),
        };
        if let Some(there) = world.addon(&new.name).await? {
            return Ok(json!({ "id": there.id, "name": there.name }));
        }
        let made = world
            .heroku
            .platform()
            .create_addon(&subject.app, &new)
            .await
            .during("creating the new database")?;
        Ok(json!({ "id": made.id, "name": made.name }))
    }
}
