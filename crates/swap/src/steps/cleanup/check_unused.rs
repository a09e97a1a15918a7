//! Proves that the pair to be destroyed is not in use by anyone.

use std::time::Duration;

use async_trait::async_trait;
use connect_swap_engine::{
    Description, Effect, Observation, OnFailure, Progress, Scope, Step, StepError,
};
use connect_swap_heroku::connect::Connection;
use connect_swap_heroku::platform::Addon;
use connect_swap_postgres::{OtherSession, Purpose, connect, other_sessions};
use serde_json::{Value, json};

use crate::trouble::During;
use crate::world::{DATABASE, Side, World, state_words, url_of_addon};

/// How long sessions may take to end after whoever held them was stopped.
const SESSIONS_END: Duration = Duration::from_secs(60);

/// Nobody uses the pair of this side.
pub struct CheckUnused(pub Side);

#[async_trait]
impl Step<World> for CheckUnused {
    fn id(&self) -> &'static str {
        "check-unused"
    }

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn on_failure(&self) -> OnFailure {
        OnFailure::Pause
    }

    fn describe(&self, world: &World) -> Description {
        Description {
            takes: "seconds".into(),
            calls: vec!["reads attachments, connections and sessions".into()],
            ..world.describe(format!("prove that nobody uses the {} pair", self.0.word()))
        }
    }

    async fn observe(&self, _scope: &Scope<'_, World>) -> Result<Observation, StepError> {
        Ok(Observation::Ready)
    }

    async fn apply(&self, scope: &Scope<'_, World>) -> Result<Value, StepError> {
        let world = scope.world;
        let there = world.addon(world.database_addon(self.0)).await?;
        // What Heroku could not make, or somebody is destroying, is attached to nothing any more.
        let Some(database) = there.filter(|addon| !addon.state.is_gone()) else {
            return Ok(json!({ "database": "is gone already" }));
        };
        attachments(world, &database).await?;
        connections(world, self.0, &database).await?;
        sessions(scope, self.0, &database).await?;
        Ok(json!({ "database": database.name }))
    }
}

/// Asked once more right before something is destroyed: a person may have thought about it for long,
/// and somebody may have put the pair to use meanwhile.
pub(super) async fn still_unused(scope: &Scope<'_, World>, side: Side) -> Result<(), StepError> {
    let world = scope.world;
    let there = world.addon(world.database_addon(side)).await?;
    let Some(database) = there.filter(|addon| !addon.state.is_gone()) else {
        return Ok(());
    };
    attachments(world, &database).await?;
    connections(world, side, &database).await?;
    sessions(scope, side, &database).await
}

async fn attachments(world: &World, database: &Addon) -> Result<(), StepError> {
    let found = world
        .heroku
        .platform()
        .addon_attachments(&database.id)
        .await;
    let app = &world.subject.app;
    for attachment in found.during("reading the attachments of the database")? {
        if attachment.app.name != *app {
            return Err(used(format!(
                "it is attached to app {}",
                attachment.app.name
            )));
        }
        if attachment.name == *DATABASE {
            return Err(used("it is the app's DATABASE".to_owned()));
        }
        if let Some(namespace) = &attachment.namespace {
            return Err(used(format!("{} uses its {namespace}", attachment.name))
                .hint(format!("heroku addons:detach {} -a {app}", attachment.name)));
        }
    }
    Ok(())
}

/// No connection but the pair's own may sync with the database; the other pair's must be elsewhere.
async fn connections(world: &World, side: Side, database: &Addon) -> Result<(), StepError> {
    let others = world.others_beside(side, &database.id).await?;
    if let Some(other) = others.syncing.first() {
        return Err(used(format!("{} syncs with it", other.addon)));
    }
    if let Some(hidden) = others.hidden.first() {
        let app = &world.subject.app;
        return Err(used(format!(
            "{hidden} may sync with it: Heroku Connect does not show its connection to you"
        ))
        .hint(format!("heroku connect:info --check-for-new -a {app}")));
    }
    // Cutover has left the old one paused; the new one of a swap that is given up may well run.
    match own_connection(world, side).await? {
        Some(own) if side == Side::Old && own.state.is_ok() => Err(used(format!(
            "{} was resumed, it is {}",
            own.resource_name,
            state_words(&own)
        ))
        .hint(format!(
            "find out who needs it, then pause it: heroku connect:pause -a {} --resource {}",
            world.subject.app, own.resource_name
        ))),
        _ => Ok(()),
    }
}

/// Sessions of dynos that were just restarted end in moments; others have to be asked about.
async fn sessions(scope: &Scope<'_, World>, side: Side, database: &Addon) -> Result<(), StepError> {
    let started = scope.clock.now();
    loop {
        let others = strangers(scope.world, side, database).await?;
        if others.is_empty() {
            return Ok(());
        }
        if scope.clock.now().duration_since(started).unsigned_abs() > SESSIONS_END {
            let named: Vec<_> = others.iter().take(5).map(ToString::to_string).collect();
            let mut error = used(format!("{} sessions are open on it", others.len()))
                .hint(format!(
                    "nothing was done to the database; end them, or find out whose they are: heroku \
                     pg:ps {} -a {}",
                    database.name, scope.world.subject.app
                ));
            error.causes = named;
            return Err(error);
        }
        scope.progress(Progress {
            message: format!("waiting for {} sessions to end", others.len()),
            ..Progress::default()
        });
        scope.sleep(scope.world.interval).await?;
    }
}

/// The pair's own connection, as long as its add-on is there: Connect may still show one whose add-on
/// was just destroyed.
async fn own_connection(world: &World, side: Side) -> Result<Option<Connection>, StepError> {
    let addon = world.addon(world.connect_addon(side)).await?;
    match addon.filter(|addon| !addon.state.is_gone()) {
        Some(_) => world.find_connection(side).await,
        None => Ok(None),
    }
}

/// Sessions that belong neither to this tool nor to the pair's own connection. While that runs, those
/// that may be its own are left out: nothing that a server shows of a session tells Connect's from
/// another program's with the same role. They are counted once the connection is destroyed, before the
/// database is.
async fn strangers(
    world: &World,
    side: Side,
    database: &Addon,
) -> Result<Vec<OtherSession>, StepError> {
    let attachments = world.attachments().await?;
    let app = &world.subject.app;
    let vars = world
        .heroku
        .platform()
        .config_vars(app)
        .await
        .during("reading config vars")?;
    let url = url_of_addon(app, &database.id, &attachments, &vars)?;
    let session = connect(&url, Purpose::ReadOnly, &world.application())
        .await
        .during(&format!("connecting to {}", database.name))?;
    // Before the sessions are: one that is destroyed meanwhile hides nobody's.
    let own = own_connection(world, side).await?;
    let mut others = other_sessions(&session)
        .await
        .during("reading the database's sessions")?;
    if own.is_some_and(|connection| connection.state.is_ok()) {
        others.retain(|session| !may_be_connects(session, url.user()));
    }
    Ok(others)
}

/// Whether it may be of the connection, which comes with the role in its config var.
fn may_be_connects(session: &OtherSession, role: &str) -> bool {
    let known = session.user.as_deref();
    !session.is_client_program() && known.is_none_or(|user| user == role)
}

fn used(why: String) -> StepError {
    StepError::blocked(format!("the database is not proven unused: {why}"))
}
