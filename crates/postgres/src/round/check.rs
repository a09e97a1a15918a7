//! Proves that the rows of a round are the same on both sides before anything
//! is committed.

use super::route::Way;
use crate::Error;
use crate::compare::row_hash;
use crate::session::Session;

/// Compares the rows of the round's keys: how many there are, and the sum of
/// their hashes over all columns.
///
/// # Errors
/// [`Error::NotEqual`], and what the servers answer.
pub(super) async fn prove_equal(
    old: &Session,
    new: &Session,
    unit: i32,
    way: &Way,
) -> Result<(), Error> {
    let what = format!(
        "count(*), coalesce(sum({}::numeric), 0)::text",
        row_hash(&way.all_columns)
    );
    // What a name prints as depends on it (`regclass`, for one): the old side has none.
    let path = search_path(new, "").await?;
    let (here, there) = tokio::try_join!(
        sum(old, way.present(&what, &way.old_matches, unit)),
        sum(new, way.present(&what, &way.new_matches, unit))
    )?;
    search_path(new, &path).await?;
    if here == there {
        return Ok(());
    }
    let why = if here.0 == there.0 {
        format!("{} rows on both sides, not the same ones", here.0)
    } else {
        format!(
            "{} rows on the old side, {} on the new one",
            here.0, there.0
        )
    };
    Err(Error::NotEqual {
        table: way.target.table.clone(),
        why,
    })
}

/// Sets the search path, and gives the one of before.
async fn search_path(session: &Session, path: &str) -> Result<String, Error> {
    let before = session
        .query_one("SELECT pg_catalog.current_setting('search_path')", &[])
        .await?
        .try_get(0)?;
    session
        .execute(
            "SELECT pg_catalog.set_config('search_path', $1, false)",
            &[&path],
        )
        .await?;
    Ok(before)
}

async fn sum(session: &Session, sql: String) -> Result<(i64, String), Error> {
    let row = session.query_one(&sql, &[]).await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}
