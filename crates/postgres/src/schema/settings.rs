//! The database's own settings (`ALTER DATABASE … SET`, `ALTER ROLE … SET`).

use super::apply::run_statement;
use crate::Error;
use crate::error::RestoreError;
use crate::ident::{quote_ident, quote_literal};
use crate::session::Session;

/// Set by the fence, and by nobody else's wish on the new side.
const NEVER: &str = "default_transaction_read_only";

const QUERY: &str = "\
SELECT s.setrole <> 0, s.setdatabase <> 0, split_part(c.item, '=', 1),
       substr(c.item, strpos(c.item, '=') + 1)
FROM pg_catalog.pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS c (item)
WHERE (s.setdatabase = 0 OR s.setdatabase = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
  AND (s.setrole = 0 OR s.setrole = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user))
  AND NOT (s.setrole = 0 AND s.setdatabase = 0)
ORDER BY 1, 2, 3";

/// How a server refuses a setting: not for this role, not in a session, not
/// this value, not known at all. Another server may differ in all of that.
const REFUSED: [&str; 4] = ["42501", "55P02", "22023", "42704"];

/// What became of the settings, in words.
#[derive(Debug, Default)]
pub(super) struct Carried {
    pub(super) set: Vec<String>,
    pub(super) left_out: Vec<String>,
}

/// A setting as `pg_db_role_setting` has it.
#[derive(PartialEq, Eq)]
struct Setting {
    of_role: bool,
    in_database: bool,
    name: String,
    value: String,
}

/// Gives the new database and the new role the settings that the old ones
/// have. One that the new server refuses is left out.
pub(super) async fn carry(
    old: &Session,
    new: &Session,
    errors: &mut Vec<RestoreError>,
) -> Result<Carried, Error> {
    let wanted = read(old).await?;
    let there = read(new).await?;
    let row = new
        .query_one(
            "SELECT current_user::text, pg_catalog.current_database()::text",
            &[],
        )
        .await?;
    let (user, database): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    let (user, database) = (quote_ident(&user), quote_ident(&database));
    let mut carried = Carried::default();
    for setting in wanted {
        if setting.name == NEVER || there.contains(&setting) {
            continue;
        }
        let target = match (setting.of_role, setting.in_database) {
            (true, true) => format!("ROLE {user} IN DATABASE {database}"),
            (true, false) => format!("ROLE {user}"),
            (false, _) => format!("DATABASE {database}"),
        };
        // The value as it was stored, lists included, without quoting it anew.
        let statement = format!(
            "BEGIN; SELECT pg_catalog.set_config({}, {}, true); ALTER {target} SET {} FROM CURRENT; COMMIT",
            quote_literal(&setting.name),
            quote_literal(&setting.value),
            setting_name(&setting.name),
        );
        let words = format!("setting {} of {}", setting.name, target.to_lowercase());
        let Some(error) = run_statement(new, &statement).await? else {
            carried.set.push(words);
            continue;
        };
        new.batch_execute("ROLLBACK").await?;
        let refused = |code: &str| REFUSED.contains(&code);
        if error.sqlstate.as_deref().is_some_and(refused) {
            carried.left_out.push(format!("{words}: {}", error.message));
        } else {
            errors.push(error);
        }
    }
    Ok(carried)
}

/// A parameter's name, whose parts are identifiers joined by dots.
fn setting_name(name: &str) -> String {
    name.split('.')
        .map(quote_ident)
        .collect::<Vec<_>>()
        .join(".")
}

async fn read(session: &Session) -> Result<Vec<Setting>, Error> {
    let rows = session.query(QUERY, &[]).await?;
    rows.iter()
        .map(|row| {
            Ok(Setting {
                of_role: row.try_get(0)?,
                in_database: row.try_get(1)?,
                name: row.try_get(2)?,
                value: row.try_get(3)?,
            })
        })
        .collect()
}
