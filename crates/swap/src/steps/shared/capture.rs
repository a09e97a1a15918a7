//! Capturing what the app changes in the old database.

use connect_swap_engine::{Level, Scope, StepError};
use connect_swap_heroku::data::DatabaseInfo;
use connect_swap_postgres::{
    CaptureLimit, CaptureStarted, Captured, Purpose, Standing, TableRef, captured, install_capture,
    lost_rows, units,
};

use crate::steps::shared::schema;
use crate::trouble::During;
use crate::world::World;

/// Sees to it that every unmanaged table is captured as it is defined now.
pub(crate) async fn install(scope: &Scope<'_, World>) -> Result<CaptureStarted, StepError> {
    let world = scope.world;
    let inventory = schema::old_inventory(world).await?;
    let limit = limit(world).await?;
    let session = world.old_session(Purpose::Work).await?;
    let units = units(&session, &inventory)
        .await
        .during("reading tables and their keys")?;
    let run = world.run.to_string();
    let waiting = |who: &str| {
        scope.notice(
            Level::Info,
            format!("a table is in use; waiting for its transaction to end: {who}"),
        );
    };
    scope
        .interruptible(async {
            install_capture(&session, &units, &run, limit, waiting)
                .await
                .during("putting the capture triggers in place")
        })
        .await
}

/// What is captured now.
pub(crate) async fn all(world: &World) -> Result<Vec<Captured>, StepError> {
    let session = world.old_session(Purpose::ReadOnly).await?;
    let found = captured(&session)
        .await
        .during("reading what is captured")?;
    found.ok_or_else(|| {
        StepError::drifted("the capture in the old database is gone")
            .hint("run the same command again: before its window, cutover captures and copies anew")
    })
}

/// Refuses to open the window where a table would be copied whole in it that can be followed.
pub(crate) async fn all_followed(world: &World) -> Result<(), StepError> {
    let units = all(world).await?;
    let left = units.iter().find_map(|unit| {
        let why = match &unit.standing {
            Standing::Followed => return None,
            Standing::NotSeeded => "its rows are not in the new database",
            Standing::Stale(why) => why,
        };
        unit.unit.whole.is_none().then_some((&unit.unit.table, why))
    });
    match left {
        None => Ok(()),
        Some((table, why)) => Err(StepError::blocked(format!(
            "{table} would be copied whole in the window: {why}"
        ))
        .hint("run the same command again at a quieter hour: it copies the table anew before the window")
        .hint(format!(
            "where its log has reached its limit: `heroku connect:swap:prep -a {} --capture-limit` with a larger size first",
            world.subject.app
        ))),
    }
}

/// What a server has lost of these units since it was brought over: by a failover, or a crash, that
/// no round has seen.
pub(crate) async fn lost(world: &World, units: &[Captured]) -> Result<Vec<String>, StepError> {
    let old = world.old_session(Purpose::ReadOnly).await?;
    let new = world.new_session(Purpose::ReadOnly).await?;
    let lost = lost_rows(&old, &new, units)
        .await
        .during("looking for what a server has lost")?;
    let words = |(table, why): (TableRef, String)| format!("table {table}: {why}");
    Ok(lost.into_iter().map(words).collect())
}

/// `--capture-limit`, what an earlier step has set, or the usual one.
async fn limit(world: &World) -> Result<CaptureLimit, StepError> {
    if let Some(bytes) = world.pace.capture_limit {
        return Ok(CaptureLimit::bytes(bytes));
    }
    let session = world.old_session(Purpose::ReadOnly).await?;
    let before = captured(&session)
        .await
        .during("reading what is captured")?;
    let of_run = before
        .into_iter()
        .flatten()
        .filter(|unit| unit.run == world.run.to_string())
        .map(|unit| unit.limit)
        .max();
    if let Some(bytes) = of_run {
        return Ok(CaptureLimit::bytes(bytes));
    }
    let info = world
        .heroku
        .data()
        .database(&world.subject.old.database.id)
        .await
        .during("reading the old database's size")?;
    Ok(CaptureLimit::usual(info.as_ref().and_then(free_bytes)))
}

/// What the plan leaves free, as `heroku pg:info` tells it: `8.2 MB / 64 GB (0.01%)`.
fn free_bytes(info: &DatabaseInfo) -> Option<u64> {
    let (_, of) = info.data_size()?.split_once('/')?;
    let mut words = of.split_whitespace();
    let number: f64 = words.next()?.parse().ok()?;
    let unit: f64 = match words.next()? {
        "MB" => f64::from(1 << 20),
        "GB" => f64::from(1 << 30),
        "TB" => 1024.0 * f64::from(1 << 30),
        _ => return None,
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a size"
    )]
    let all = (number * unit) as u64;
    Some(all.saturating_sub(info.num_bytes?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(size: &str, bytes: Option<u64>) -> DatabaseInfo {
        let rows = serde_json::json!([{ "name": "Data Size", "values": [size] }]);
        serde_json::from_value(serde_json::json!({ "num_bytes": bytes, "info": rows })).unwrap()
    }

    #[test]
    fn free_space_is_what_the_plan_has_more_than_the_data() {
        let some = info("8.2 MB / 64 GB (0.01%) (In compliance)", Some(1 << 30));
        assert_eq!(free_bytes(&some), Some(63 << 30));
        assert_eq!(free_bytes(&info("8.2 MB", Some(1))), None);
        assert_eq!(free_bytes(&info("8.2 MB / many", Some(1))), None);
        assert_eq!(free_bytes(&info("70 GB / 64 GB", Some(70 << 30))), Some(0));
        assert_eq!(free_bytes(&info("1 GB / 64 GB", None)), None);
    }
}
