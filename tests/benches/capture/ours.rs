//! The product's own capture: the one file that follows its interface.

use connect_swap_postgres::{
    CaptureLimit, Captured, CopyOptions, DatabaseUrl, Inventory, ManagedSpec, Part, Purpose,
    Session, Tools, capture_sizes, captured, carry_schema, connect, install_capture, inventory,
    pg_tools, remove_capture, seed, server_info, units, workers,
};

use crate::shared::Result;
use crate::shared::place::Place;

/// No log comes near it: what is measured is the capture, not its end.
const LIMIT: u64 = 64 << 30;

/// Puts the capture in place for all tables of a database.
pub(crate) async fn install(old: &Place) -> Result<()> {
    let old = DatabaseUrl::parse(&old.url())?;
    let (session, _, inventory) = look(&old).await?;
    let units = units(&session, &inventory).await?;
    let limit = CaptureLimit::bytes(LIMIT);
    let started = install_capture(&session, &units, "bench", limit, |_| {}).await?;
    match started.followed.is_empty() {
        true => Err("no table is captured".into()),
        false => Ok(()),
    }
}

/// Takes the capture away, after a look whether it has done its work.
pub(crate) async fn remove(old: &Place) -> Result<()> {
    let old = DatabaseUrl::parse(&old.url())?;
    let session = connect(&old, Purpose::Work, "bench").await?;
    let units = all(&session).await?;
    let mark = "SELECT count(*) FROM connect_swap.capture_mark mark JOIN connect_swap.capture unit USING (unit) \
         WHERE kind = 'stopped' AND unit.definition ->> 'whole' IS NULL";
    let stopped: i64 = session.query_one(mark, &[]).await?.try_get(0)?;
    let empty = "SELECT NOT EXISTS (SELECT FROM connect_swap.log_1)";
    let empty: bool = session.query_one(empty, &[]).await?.try_get(0)?;
    if stopped > 0 || empty || units.is_empty() {
        return Err("the capture has not logged everything".into());
    }
    remove_capture(&session, |_| {}).await?;
    Ok(())
}

/// Brings tables with their rows to the new side, followed from now on.
pub(crate) async fn follow(old: &Place, new: &Place) -> Result<()> {
    install(old).await?;
    let (old, new) = (
        DatabaseUrl::parse(&old.url())?,
        DatabaseUrl::parse(&new.url())?,
    );
    let (session, tools, inventory) = look(&old).await?;
    let report = carry_schema(&tools, &old, &new, &inventory, Part::BeforeWindow, |_| {}).await?;
    if let Some(first) = report.differing.first() {
        return Err(format!("the schemas differ: {first:?}").into());
    }
    let there = connect(&new, Purpose::ReadOnly, "bench").await?;
    let sides = (server_info(&session).await?, server_info(&there).await?);
    let options = CopyOptions::with(workers(None, &sides.0, &sides.1));
    let units = all(&session).await?;
    let _ = seed(&tools, &old, &new, &inventory, &units, options, |_| {}).await?;
    Ok(())
}

/// How many keys wait.
pub(crate) async fn waiting(old: &Place) -> Result<u64> {
    let old = DatabaseUrl::parse(&old.url())?;
    let session = connect(&old, Purpose::ReadOnly, "bench").await?;
    Ok(capture_sizes(&session, &all(&session).await?).await?.keys)
}

async fn all(session: &Session) -> Result<Vec<Captured>> {
    Ok(captured(session).await?.unwrap_or_default())
}

/// No mapping owns anything here: all objects are the customer's.
async fn look(old: &DatabaseUrl) -> Result<(Session, Tools, Inventory)> {
    let session = connect(old, Purpose::Work, "bench").await?;
    let spec = ManagedSpec {
        schema: "salesforce".into(),
        tables: Vec::new(),
    };
    let tools = pg_tools(server_info(&session).await?.major)?;
    let inventory = inventory(&session, &spec).await?;
    Ok((session, tools, inventory))
}
