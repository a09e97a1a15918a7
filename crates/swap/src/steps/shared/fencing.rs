//! The fence as other steps meet it, and what a person types to lift it.

use connect_swap_engine::{Level, Scope, StepError};
use connect_swap_postgres::{FenceReport, Purpose, is_fenced, lift_fence};

use crate::steps::cutover::AppState;
use crate::trouble::During;
use crate::world::World;

/// Lifts the fence on the way back, whether it is up or not.
pub(crate) async fn lift(scope: &Scope<'_, World>) -> Result<(), StepError> {
    let Some(state) = scope.outputs.find::<AppState>("record-state")? else {
        return Ok(());
    };
    let session = scope.world.old_session(Purpose::Work).await?;
    lift_fence(&session, &FenceReport::from_settings(state.settings))
        .await
        .during("lifting the fence")
}

/// Lifts the fence where an earlier run of this window has put it up. Step `fence` puts it up again
/// later, and everything behind it is done anew.
pub(crate) async fn lift_where_up(scope: &Scope<'_, World>) -> Result<(), StepError> {
    let state: AppState = scope.output("record-state")?;
    let session = scope.world.old_session(Purpose::Work).await?;
    if !is_fenced(&session).await.during("looking at the fence")? {
        return Ok(());
    }
    scope.notice(
        Level::Info,
        "an earlier run has made the old database read-only: it accepts writes again until \
         everything is sent",
    );
    lift_fence(&session, &FenceReport::from_settings(state.settings))
        .await
        .during("lifting the fence")
}

/// The commands that let the old database accept writes again.
pub(crate) fn by_hand(world: &World) -> Vec<String> {
    let (app, old) = (&world.subject.app, &world.subject.old.database.name);
    lift_by_hand(app.as_str(), old.as_str())
}

/// The same for any database of the app.
pub(crate) fn lift_by_hand(app: &str, database: &str) -> Vec<String> {
    vec![
        format!("heroku pg:psql {database} -a {app}"),
        "  SET default_transaction_read_only = off;".to_owned(),
        "  SELECT format('ALTER DATABASE %I RESET default_transaction_read_only', current_database()) \\gexec".to_owned(),
    ]
}
