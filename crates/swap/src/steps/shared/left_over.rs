//! What the new server refused when the app was up again: a person sees to it, the swap is done.

use connect_swap_engine::{Level, Scope};
use connect_swap_postgres::LeftOver;

use crate::words;
use crate::world::World;

/// Warns of each, with the command to run.
pub(crate) fn tell(scope: &Scope<'_, World>, all: &[LeftOver], what: &str) {
    for one in all {
        let text = format!(
            "{} {what}: {}; once that is mended: {}",
            one.object,
            one.why,
            command(scope.world, &one.sql)
        );
        scope.notice(Level::Warning, text);
    }
}

/// The command that runs a statement in the new database.
pub(crate) fn command(world: &World, sql: &str) -> String {
    let subject = &world.subject;
    words::psql(subject.new.database.as_str(), sql, subject.app.as_str())
}
