//! The role that owns the old database is another one than the new database's:
//! in policies it is renamed.

use super::apply::Step;
use crate::Error;
use crate::ident::quote_ident;
use crate::session::Session;
use crate::text::rename_role;

/// Renames the session's own role in `CREATE POLICY … TO` of all steps.
pub(super) async fn rename(steps: &mut [Step], old: &Session, new: &Session) -> Result<(), Error> {
    let (here, there) = (user(old).await?, user(new).await?);
    if here == there {
        return Ok(());
    }
    let there = quote_ident(&there);
    let policies = steps
        .iter_mut()
        .flat_map(|step| &mut step.statements)
        .filter(|statement| statement.starts_with("CREATE POLICY "));
    for statement in policies {
        *statement = rename_role(statement, &here, &there);
    }
    Ok(())
}

async fn user(session: &Session) -> Result<String, Error> {
    Ok(session
        .query_one("SELECT current_user::text", &[])
        .await?
        .try_get(0)?)
}
