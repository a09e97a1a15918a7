//! One round after the other, over two sessions.
//!
//! A round is one repeatable-read transaction on the old side: it takes the
//! keys out of the logs and reads the rows of those keys as they are, both in
//! one snapshot. On the new side one transaction deletes those keys and inserts
//! those rows. The new side is committed first. So a key is gone from a log
//! only when the new side has what the snapshot had; what is lost in between is
//! taken out once more by the next round, which does no harm. A change that the
//! snapshot does not see is not taken out either: its key stays for the next
//! round. After a round the followed tables are exactly what the snapshot saw.

use serde::{Deserialize, Serialize};

use super::apply::{Changed, bring_over};
use super::look::{Look, look};
use super::lost::mark_lost;
use super::route::Routes;
use crate::Error;
use crate::capture::{
    Captured, STATE, Standing, captured, complete_state, mark_changed, mark_stale,
};
use crate::ident::TableRef;
use crate::rows::ready;
use crate::session::{DatabaseUrl, Purpose, Session, connect, flush, refuse_same};

/// The sessions of rounds; no two runs make rounds at the same time.
const APPLICATION: &str = "round";
const BESIDE: &str = "beside a round";
/// How long a session that an ended run has left behind may take to end.
const ENDS_WITHIN: std::time::Duration = std::time::Duration::from_secs(30);

/// What a round did to one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitRound {
    /// The table.
    pub table: TableRef,
    /// The tables that hold its rows: itself, or its partitions or children.
    pub members: Vec<TableRef>,
    /// Keys that had changed.
    pub keys: u64,
    /// Rows deleted on the new side.
    pub deleted: u64,
    /// Rows inserted there, and found equal on both sides.
    pub inserted: u64,
}

/// What a round did.
#[must_use]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundReport {
    /// Tables that had changed.
    pub tables: Vec<UnitRound>,
    /// Tables that must be copied anew, and why. Their changes were not
    /// brought over.
    pub stale: Vec<(TableRef, String)>,
    /// Tables without a key that have changed since they were copied.
    pub changed_whole: Vec<TableRef>,
}

impl RoundReport {
    /// How many keys were brought over.
    #[must_use]
    pub fn keys(&self) -> u64 {
        self.tables.iter().map(|table| table.keys).sum()
    }

    /// How many rows were inserted.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.inserted).sum()
    }
}

/// Makes rounds between two databases.
pub struct Rounds {
    old: Session,
    new: Session,
    /// Beside the round's open transaction on the old side.
    beside: Session,
    routes: Routes,
    /// A round was begun and not finished: its transactions may be open.
    unfinished: bool,
}

impl Rounds {
    /// Opens the sessions. What an earlier run has left behind on either side
    /// is ended first, so that nothing of it is committed later.
    ///
    /// # Errors
    /// [`Error::NotReady`] where triggers or foreign keys are on the new side's
    /// tables; [`Error::SameDatabase`]; and whatever keeps a session from being
    /// opened.
    pub async fn open(old: &DatabaseUrl, new: &DatabaseUrl) -> Result<Self, Error> {
        let as_app = connect(new, Purpose::AsApp, APPLICATION).await?;
        let beside = connect(old, Purpose::Work, BESIDE).await?;
        let old = connect(old, Purpose::Work, APPLICATION).await?;
        let new = connect(new, Purpose::Work, APPLICATION).await?;
        refuse_same(&old, &new).await?;
        // Functions in indexes, checks and generated columns may count on it.
        let path: String = as_app
            .query_one("SELECT pg_catalog.current_setting('search_path')", &[])
            .await?
            .try_get(0)?;
        drop(as_app);
        new.execute(
            "SELECT pg_catalog.set_config('search_path', $1, false)",
            &[&path],
        )
        .await?;
        end_left_behind(&old).await?;
        end_left_behind(&new).await?;
        // Rows that a policy hides must be an error, never silently missing.
        for session in [&old, &new] {
            session.batch_execute("SET row_security = off").await?;
        }
        complete_state(&old).await?;
        let units = captured(&old).await?.unwrap_or_default();
        mark_lost(&old, &new, &units).await?;
        let tables: Vec<TableRef> = units
            .into_iter()
            .flat_map(|unit| unit.unit.watched)
            .collect();
        ready(&new, &tables).await?;
        Ok(Self {
            old,
            new,
            beside,
            routes: Routes::default(),
            unfinished: false,
        })
    }

    /// Makes one round. After an error, or where it was given up in between,
    /// these sessions are of no use.
    ///
    /// # Errors
    /// [`Error::NotEqual`] where rows are not the same afterwards, and what the
    /// servers answer. Nothing was brought over then, or all of it.
    pub async fn round(&mut self) -> Result<RoundReport, Error> {
        self.begin().await?.finish().await
    }

    /// Makes one round up to its last commit: the new side has everything, and
    /// nobody else sees yet that it was taken out on the old side.
    ///
    /// # Errors
    /// As [`round`](Self::round).
    pub async fn begin(&mut self) -> Result<OpenRound<'_>, Error> {
        if std::mem::replace(&mut self.unfinished, true) {
            // What its transactions have done so far must never be committed.
            return Err(Error::Protocol(
                "the last round of these sessions was not finished: open new ones".into(),
            ));
        }
        let units = captured(&self.old).await?.unwrap_or_default();
        let Look {
            changed,
            stale,
            changed_whole,
            snapshot,
        } = look(&self.old, &units).await?;
        self.new.batch_execute("BEGIN").await?;
        let mut tables = Vec::new();
        for one in &changed {
            tables.push(self.bring_over(one).await?);
        }
        if !changed.is_empty() {
            // A crash of the old server must not take back what the new side is given.
            flush(&self.beside).await?;
        }
        self.new.batch_execute("COMMIT").await?;
        let table_of = |number: &i32| {
            let unit = units.iter().find(|unit| unit.number == *number);
            unit.map(|unit| unit.unit.table.clone())
        };
        let report = RoundReport {
            tables,
            changed_whole: changed_whole.iter().filter_map(table_of).collect(),
            stale: stale
                .iter()
                .filter_map(|(number, why)| Some((table_of(number)?, why.clone())))
                .collect(),
        };
        Ok(OpenRound {
            old: &self.old,
            unfinished: &mut self.unfinished,
            report,
            changed: changed.iter().map(|one| one.number).collect(),
            snapshot,
            equal: units
                .iter()
                .filter(|unit| unit.standing == Standing::Followed)
                .filter(|unit| !report_has(&stale, unit.number))
                .filter(|unit| !changed_whole.contains(&unit.number))
                .map(Equal::from)
                .collect(),
            stale,
        })
    }

    async fn bring_over(&mut self, changed: &Changed<'_>) -> Result<UnitRound, Error> {
        let routes = self.routes.of(&self.old, &self.new, changed.unit).await?;
        bring_over(&self.old, &self.new, changed, routes).await
    }
}

fn report_has(stale: &[(i32, String)], number: i32) -> bool {
    stale.iter().any(|(stale, _)| *stale == number)
}

/// A unit that is equal on both sides after a round.
struct Equal {
    number: i32,
    members: Vec<TableRef>,
    compared: bool,
}

impl From<&Captured> for Equal {
    fn from(unit: &Captured) -> Self {
        Self {
            number: unit.number,
            members: unit.unit.members.clone(),
            compared: unit.compared,
        }
    }
}

/// A round whose rows are in the new database.
#[must_use]
pub struct OpenRound<'a> {
    old: &'a Session,
    unfinished: &'a mut bool,
    report: RoundReport,
    stale: Vec<(i32, String)>,
    changed: Vec<i32>,
    snapshot: String,
    equal: Vec<Equal>,
}

impl OpenRound<'_> {
    /// What it did.
    pub fn report(&self) -> &RoundReport {
        &self.report
    }

    /// The exported snapshot that the new side is equal to now, for as long as
    /// the round is open.
    #[must_use]
    pub fn snapshot(&self) -> &str {
        &self.snapshot
    }

    /// The tables that are equal to the snapshot now.
    #[must_use]
    pub fn equal_tables(&self) -> Vec<TableRef> {
        self.equal
            .iter()
            .flat_map(|unit| unit.members.clone())
            .collect()
    }

    /// Those of them that were never compared since they were copied.
    #[must_use]
    pub fn unproven_tables(&self) -> Vec<TableRef> {
        let unproven = self.equal.iter().filter(|unit| !unit.compared);
        unproven.flat_map(|unit| unit.members.clone()).collect()
    }

    /// Finishes a round after which all [`equal_tables`](Self::equal_tables), or
    /// those that were not yet, were compared and found equal.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub async fn finish_compared(self) -> Result<RoundReport, Error> {
        let numbers: Vec<i32> = self.equal.iter().map(|unit| unit.number).collect();
        self.old
            .execute(
                &format!("UPDATE {STATE} SET compared_at = pg_catalog.clock_timestamp() WHERE unit = ANY ($1)"),
                &[&numbers],
            )
            .await?;
        self.finish().await
    }

    /// Commits the old side: the keys are out of the logs.
    ///
    /// # Errors
    /// What the server answers. The next round brings the same keys over again.
    pub async fn finish(self) -> Result<RoundReport, Error> {
        for (number, why) in &self.stale {
            mark_stale(self.old, *number, why).await?;
        }
        if !self.changed.is_empty() {
            mark_changed(self.old, &self.changed).await?;
        }
        self.old
            .batch_execute(&format!(
                "UPDATE {STATE} SET applied_at = pg_catalog.clock_timestamp() WHERE seeded_at IS NOT NULL AND stale IS NULL; COMMIT"
            ))
            .await?;
        *self.unfinished = false;
        Ok(self.report)
    }
}

async fn end_left_behind(session: &Session) -> Result<(), Error> {
    let until = tokio::time::Instant::now() + ENDS_WITHIN;
    loop {
        let left = session
            .query(
                "SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity a \
                 JOIN pg_catalog.pg_stat_activity me ON me.pid = pg_catalog.pg_backend_pid() \
                 WHERE a.datname = me.datname AND a.usename = me.usename AND a.pid <> me.pid \
                   AND a.application_name = me.application_name AND a.backend_start < me.backend_start",
                &[],
            )
            .await?;
        if left.is_empty() {
            return Ok(());
        }
        if tokio::time::Instant::now() > until {
            return Err(Error::Protocol(
                "a session of an earlier run does not end".into(),
            ));
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}
