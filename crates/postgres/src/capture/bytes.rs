//! How large units are.

use super::unit::Unit;
use crate::Error;
use crate::ident::TableRef;
use crate::session::Session;

/// Bytes of the rows of each of these units on disk, in their order; indexes
/// are not counted. Tables that are gone count nothing.
///
/// # Errors
/// When the database cannot be asked.
pub async fn unit_bytes(session: &Session, units: &[&Unit]) -> Result<Vec<u64>, Error> {
    let (mut at, mut names) = (Vec::new(), Vec::new());
    for (number, unit) in (0_i32..).zip(units) {
        for table in &unit.members {
            at.push(number);
            names.push(TableRef::sql(table));
        }
    }
    let mut bytes = vec![0; units.len()];
    let rows = session
        .query(
            "SELECT w.unit, coalesce(sum(pg_catalog.pg_table_size(pg_catalog.to_regclass(w.relation))), 0)::int8 \
             FROM unnest($1::int4[], $2::text[]) AS w (unit, relation) GROUP BY w.unit",
            &[&at, &names],
        )
        .await?;
    for row in &rows {
        let number = usize::try_from(row.try_get::<_, i32>(0)?).unwrap_or(usize::MAX);
        if let Some(of_unit) = bytes.get_mut(number) {
            *of_unit = u64::try_from(row.try_get::<_, i64>(1)?).unwrap_or(0);
        }
    }
    Ok(bytes)
}
