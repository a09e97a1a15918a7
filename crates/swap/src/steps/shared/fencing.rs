//! What a person types to lift the fence.

use crate::world::World;

/// The commands that let the old database accept writes again.
pub(crate) fn by_hand(world: &World) -> Vec<String> {
    let (app, old) = (&world.subject.app, &world.subject.old.database.name);
    vec![
        format!("heroku pg:psql {old} -a {app}"),
        "  SET default_transaction_read_only = off;".to_owned(),
        "  SELECT format('ALTER DATABASE %I RESET default_transaction_read_only', current_database()) \\gexec".to_owned(),
    ]
}
