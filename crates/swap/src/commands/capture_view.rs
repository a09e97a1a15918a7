//! The capture in the old database as a person is shown it.

use connect_swap_engine::StepError;
use connect_swap_postgres::{
    Captured, Session, Standing, TableRef, Whole, capture_sizes, captured, unit_bytes,
};
use serde::Serialize;

use crate::report::Section;
use crate::trouble::During;
use crate::words;

/// What is followed, what waits, and what no round brings over.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct CaptureView {
    /// Tables whose changes are followed row by row.
    followed: usize,
    /// Keys that wait to be brought over.
    keys: u64,
    /// Bytes that the logs take on disk.
    log_bytes: u64,
    /// Bytes that they may take.
    log_limit: u64,
    /// Seconds since the last round.
    age_seconds: Option<f64>,
    /// Tables that are copied anew before the window.
    stale: Vec<Stale>,
    /// Tables that are not followed row by row.
    whole: Vec<CopiedWhole>,
    /// Tables whose rows are not in the new database yet.
    not_copied: Vec<TableRef>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Stale {
    table: TableRef,
    why: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct CopiedWhole {
    table: TableRef,
    bytes: u64,
    why: String,
    /// Whether it has changed since it was copied; one that cannot be copied while the app runs
    /// always counts as changed.
    changed: bool,
}

/// Looks at it; nothing where there is no capture.
///
/// # Errors
/// When the old database cannot be asked.
pub(super) async fn look(old: &Session) -> Result<Option<CaptureView>, StepError> {
    let doing = "looking at the logs of changed rows";
    let Some(all) = captured(old).await.during(doing)? else {
        return Ok(None);
    };
    let sizes = capture_sizes(old, &all).await.during(doing)?;
    let (whole, followed): (Vec<&Captured>, Vec<&Captured>) =
        all.iter().partition(|unit| unit.unit.whole.is_some());
    let units: Vec<_> = whole.iter().map(|unit| &unit.unit).collect();
    let bytes = unit_bytes(old, &units).await.during(doing)?;
    let whole = whole.iter().zip(bytes).filter_map(|(unit, bytes)| {
        let why = unit.unit.whole?;
        Some(CopiedWhole {
            changed: !why.can_be_seeded() || sizes.changed_whole.contains(&unit.unit.table),
            table: unit.unit.table.clone(),
            bytes,
            why: why.to_string(),
        })
    });
    let stale = sizes.stale.into_iter();
    Ok(Some(CaptureView {
        followed: followed
            .iter()
            .filter(|unit| unit.standing == Standing::Followed)
            .count(),
        keys: sizes.keys,
        log_bytes: sizes.bytes,
        log_limit: all.iter().map(|unit| unit.limit).max().unwrap_or(0),
        age_seconds: sizes.age,
        stale: stale.map(|(table, why)| Stale { table, why }).collect(),
        whole: whole.collect(),
        not_copied: sizes
            .not_seeded
            .into_iter()
            .filter(|table| !waits_for_the_window(&all, table))
            .collect(),
    }))
}

/// Whether a table is one that is only ever copied in the window.
fn waits_for_the_window(all: &[Captured], table: &TableRef) -> bool {
    let unit = all.iter().find(|unit| unit.unit.table == *table);
    unit.is_some_and(|unit| !unit.unit.whole.is_none_or(Whole::can_be_seeded))
}

impl CaptureView {
    /// For a person.
    pub(super) fn sections(&self) -> Vec<Section> {
        let age = self.age_seconds.map_or_else(
            || "none yet".to_owned(),
            |age| format!("{} ago", words::duration(age)),
        );
        let mut sections = vec![
            Section::Heading("changes of rows that Connect does not own".into()),
            Section::Pairs(vec![
                ("followed".into(), words::count(self.followed, "table")),
                ("waiting".into(), format!("{} changed keys", self.keys)),
                (
                    "logs".into(),
                    format!(
                        "{} of {} at the most",
                        words::size(self.log_bytes),
                        words::size(self.log_limit)
                    ),
                ),
                ("last round".into(), age),
            ]),
        ];
        let rows = self.rows();
        if !rows.is_empty() {
            sections.push(Section::Table {
                headers: ["Table", "Size", "Copied", "Why"]
                    .map(str::to_owned)
                    .to_vec(),
                rows,
            });
        }
        sections
    }

    /// Tables that are not simply followed.
    fn rows(&self) -> Vec<Vec<String>> {
        let row = |table: &TableRef, size: String, when: &str, why: &str| {
            vec![table.to_string(), size, when.to_owned(), why.to_owned()]
        };
        let stale = self.stale.iter().map(|stale| {
            row(
                &stale.table,
                String::new(),
                "anew before the window",
                &stale.why,
            )
        });
        let waiting = self.not_copied.iter().map(|table| {
            row(
                table,
                String::new(),
                "not yet",
                "its first copy is not done",
            )
        });
        let whole = self.whole.iter().map(|whole| {
            let when = match whole.changed {
                true => "in the window",
                false => "in the window if it changes",
            };
            row(&whole.table, words::size(whole.bytes), when, &whole.why)
        });
        stale.chain(waiting).chain(whole).collect()
    }
}
