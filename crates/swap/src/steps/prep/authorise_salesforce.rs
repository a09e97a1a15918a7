//! Has a person authorise the new connection to Salesforce, for the same organisation.
//!
//! The state is polled; the local callback of the official plugin proves nothing
//! (connect:src/commands/connect/sf/auth.ts).

use std::time::Duration;

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Level, Observation, OnFailure, Progress, Scope, Step, StepError,
};
use connect_swap_heroku::connect::{AuthorizeRequest, Connection, ConnectionState};
use serde_json::{Value, json};

use crate::trouble::During;
use crate::world::{Side, World};

/// How long the run waits for a person at the browser.
const BOUND: Duration = Duration::from_secs(3600);

/// Authorises Salesforce.
pub struct AuthoriseSalesforce;

#[async_trait]
impl Step<World> for AuthoriseSalesforce {
    fn id(&self) -> &'static str {
        "authorise-salesforce"
    }

    fn effect(&self) -> Effect {
        Effect::Reversible
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        let old = &world.subject.old;
        let version = old.api_version.as_deref().unwrap_or("Connect's default");
        Description {
            consequences: vec![format!(
                "you log in to Heroku, then to Salesforce organisation {}, in a browser",
                old.organization_id
            )],
            takes: "as long as you take".into(),
            undo: "it goes with the add-on".into(),
            calls: vec![format!(
                "Connect: POST authorize_url (environment {}, api_version {version})",
                old.environment
            )],
            ..world.describe(format!(
                "authorise {} to Salesforce, API version {version}",
                world.subject.new.connect
            ))
        }
    }

    async fn observe(&self, scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        let connection = scope.world.connection(Side::New).await?;
        match authorised(scope.world, &connection) {
            Authorised::Yes => Ok(Observation::Done(output(&connection))),
            Authorised::Elsewhere if !connection.mappings.is_empty() => {
                Err(wrong_organisation(scope.world, &connection))
            }
            Authorised::Elsewhere | Authorised::NotYet => Ok(Observation::Ready),
        }
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let old = &world.subject.old;
        let connection = world.connection(Side::New).await?;
        let before = connection.organization_id.clone();
        let custom = old.environment == "custom";
        let request = AuthorizeRequest {
            environment: old.environment.clone(),
            domain: old.domain.clone().filter(|_| custom),
            api_version: old.api_version.clone(),
            next: None,
        };
        let url = world
            .heroku
            .connect()
            .authorize_url(&connection, &request)
            .await
            .during("asking Connect for the login page")?;
        let page = "on this page (if no browser opens, copy the address):";
        scope.notice(
            Level::Info,
            format!(
                "Log in to Salesforce organisation {} {page}",
                old.organization_id
            ),
        );
        scope.notice(Level::Info, url.to_string());
        world.browser.open(url.as_str());
        let wait = world.wait(
            "the Salesforce login in the browser",
            BOUND,
            "run the same command to get a new login page",
        );
        let connection = scope
            .wait_for(&wait, async || {
                let now = world.reread(&connection).await?;
                scope.progress(Progress::message(format!(
                    "waiting for you: log in to Salesforce in the browser ({})",
                    now.state
                )));
                match authorised(world, &now) {
                    Authorised::Yes => Ok(Some(now)),
                    Authorised::Elsewhere if now.organization_id != before => {
                        Err(wrong_organisation(world, &now))
                    }
                    Authorised::Elsewhere | Authorised::NotYet => Ok(None),
                }
            })
            .await?;
        Ok(output(&connection))
    }
}

enum Authorised {
    Yes,
    Elsewhere,
    NotYet,
}

fn authorised(world: &World, connection: &Connection) -> Authorised {
    if matches!(
        connection.state,
        ConnectionState::New | ConnectionState::NeedAuthentication
    ) {
        return Authorised::NotYet;
    }
    match &connection.organization_id {
        None => Authorised::NotYet,
        Some(id) if *id == world.subject.old.organization_id => Authorised::Yes,
        Some(_) => Authorised::Elsewhere,
    }
}

fn wrong_organisation(world: &World, connection: &Connection) -> StepError {
    let found = connection.organization_id.as_deref().unwrap_or("none");
    StepError::blocked(format!(
        "the new connection was authorised for Salesforce organisation {found}, the old one uses {}",
        world.subject.old.organization_id
    ))
    .hint("nothing was imported; log out of Salesforce in the browser")
    .hint("then run the same command and log in to the right organisation")
}

fn output(connection: &Connection) -> Value {
    json!({
        "organization_id": connection.organization_id,
        "username": connection.sf_info.username,
        "api_version": connection.api_version(),
    })
}
