//! Reads where sequences stand, all of them in a few statements.

use super::AT_ONCE;
use crate::Error;
use crate::ident::TableRef;
use crate::session::Session;

/// Where a sequence stands, and its parameters (`pg_sequence`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) last_value: i64,
    pub(crate) is_called: bool,
    pub(crate) increment: i64,
    pub(crate) min: i64,
    pub(crate) max: i64,
    pub(crate) cycles: bool,
}

impl State {
    /// The number that would be given out next. May be past the limits.
    pub(crate) fn next(&self) -> i128 {
        let step = if self.is_called { self.increment } else { 0 };
        i128::from(self.last_value) + i128::from(step)
    }

    /// Whether it is ahead of another state of the same sequence, in the
    /// direction in which it counts. One that cycles is nowhere ahead.
    pub(crate) fn is_beyond(&self, other: &Self) -> bool {
        if self.cycles || other.cycles {
            false
        } else if other.increment < 0 {
            self.next() < other.next()
        } else {
            self.next() > other.next()
        }
    }
}

const PARAMETERS: &str = "\
SELECT w.at, s.seqincrement, s.seqmin, s.seqmax, s.seqcycle
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w (schema, name, at)
JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
ORDER BY w.at";

/// Where each sequence stands; `None` where there is no such sequence.
pub(crate) async fn states(
    session: &Session,
    sequences: &[TableRef],
) -> Result<Vec<Option<State>>, Error> {
    let (schemas, names): (Vec<&str>, Vec<&str>) = sequences
        .iter()
        .map(|sequence| (sequence.schema.as_str(), sequence.name.as_str()))
        .unzip();
    let mut found = vec![None; sequences.len()];
    let mut there = Vec::new();
    for row in session.query(PARAMETERS, &[&schemas, &names]).await? {
        let at = place(row.try_get(0)?, sequences.len())?;
        there.push(at);
        found[at] = Some(State {
            last_value: 0,
            is_called: false,
            increment: row.try_get(1)?,
            min: row.try_get(2)?,
            max: row.try_get(3)?,
            cycles: row.try_get(4)?,
        });
    }
    for some in there.chunks(AT_ONCE) {
        // `pg_sequences` tells no position of a sequence that is not called yet.
        let selects: Vec<String> = some
            .iter()
            .map(|at| {
                let sequence = sequences[*at].sql();
                format!(
                    "SELECT {}::int8, last_value, is_called FROM {sequence}",
                    at + 1
                )
            })
            .collect();
        for row in session.query(&selects.join(" UNION ALL "), &[]).await? {
            if let Some(state) = &mut found[place(row.try_get(0)?, sequences.len())?] {
                state.last_value = row.try_get(1)?;
                state.is_called = row.try_get(2)?;
            }
        }
    }
    Ok(found)
}

/// A place in a list, from the number that the server counts it by.
pub(super) fn place(number: i64, length: usize) -> Result<usize, Error> {
    usize::try_from(number)
        .ok()
        .and_then(|number| number.checked_sub(1))
        .filter(|at| *at < length)
        .ok_or_else(|| Error::Protocol(format!("row number {number} of {length}")))
}
