//! Refreshes single views on the new side.

use std::collections::BTreeMap;

use crate::Error;
use crate::error::RestoreError;
use crate::schema::run_statement;
use crate::session::{DatabaseUrl, Purpose, Session, connect};

/// A unique index without expression or condition is what a refresh beside
/// readers needs (PostgreSQL manual, "REFRESH MATERIALIZED VIEW").
const STATES: &str = "\
SELECT (pg_catalog.pg_identify_object('pg_class'::regclass, c.oid, 0)).identity, c.relispopulated,
       EXISTS (SELECT FROM pg_catalog.pg_index i
               WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate
                 AND i.indpred IS NULL AND i.indexprs IS NULL)
FROM pg_catalog.pg_class c WHERE c.relkind = 'm'";

/// How a view stands on the new side.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    pub(super) populated: bool,
    unique: bool,
}

impl State {
    /// Whether it can be refreshed while others read it.
    pub(super) fn beside_readers(self) -> bool {
        self.populated && self.unique
    }
}

/// Two sessions: what a view shows may depend on the app's time zone, and its
/// functions on the app's search path.
pub(super) struct Refresher {
    pub(super) session: Session,
    as_app: Session,
}

impl Refresher {
    pub(super) async fn connect(new: &DatabaseUrl) -> Result<Self, Error> {
        Ok(Self {
            session: connect(new, Purpose::Work, "refresh").await?,
            as_app: connect(new, Purpose::AsApp, "refresh").await?,
        })
    }

    /// All materialized views there are, by identity.
    pub(super) async fn states(&self) -> Result<BTreeMap<String, State>, Error> {
        let rows = self.session.query(STATES, &[]).await?;
        rows.iter()
            .map(|row| {
                let state = State {
                    populated: row.try_get(1)?,
                    unique: row.try_get(2)?,
                };
                Ok((row.try_get(0)?, state))
            })
            .collect()
    }

    /// Runs a refresh, and gathers statistics. What the server refuses is
    /// returned; the view is as it was then.
    pub(super) async fn run(&self, sql: &str, view: &str) -> Result<Option<RestoreError>, Error> {
        if let Some(error) = run_statement(&self.as_app, sql).await? {
            return Ok(Some(error));
        }
        run_statement(&self.session, &format!("ANALYZE {view}")).await
    }
}

/// The statement that fills a view.
pub(super) fn sql(view: &str, beside_readers: bool) -> String {
    let word = if beside_readers { "CONCURRENTLY " } else { "" };
    format!("REFRESH MATERIALIZED VIEW {word}{view}")
}
