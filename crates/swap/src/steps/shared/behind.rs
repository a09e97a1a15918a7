//! What is in the old database and not in Salesforce: it would stay behind.

use connect_swap_engine::StepError;
use connect_swap_postgres::{Purpose, Session, quote_ident, trigger_log};
use serde::{Deserialize, Serialize};

use crate::configuration::Document;
use crate::findings::counted;
use crate::topology::Snapshot;
use crate::trouble::During;
use crate::world::World;

/// Counts of what Salesforce does not have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behind {
    /// Writes that Salesforce refused.
    pub refused: i64,
    /// Rows of read-write mappings without a Salesforce id.
    pub without_sfid: i64,
}

/// The finding with which refused writes are accepted.
const REFUSED: &str = "failed-writes";
/// The finding with which rows without a Salesforce id are accepted.
const WITHOUT_SFID: &str = "unsynced-rows";

impl Behind {
    /// What the operator lets stay behind: what the preflight showed, as far as it was accepted with
    /// `--ack`. Refusals that are in the archive already are history: they are told and block nothing.
    pub(crate) fn accepted(snapshot: &Snapshot, acks: &[String]) -> Self {
        let seen = |code: &str, count: i64| match acks.iter().any(|ack| ack == code) {
            true => count,
            false => 0,
        };
        let (database, log) = (&snapshot.database, &snapshot.database.trigger_log);
        let without_sfid = database.unsynced.iter().map(|table| table.without_sfid);
        Self {
            refused: log.failed_archived + seen(REFUSED, log.failed),
            without_sfid: seen(WITHOUT_SFID, without_sfid.sum()),
        }
    }

    /// What is there beyond what was accepted, and the code it can be accepted with.
    pub fn beyond(&self, accepted: &Behind) -> Option<(String, &'static str)> {
        let (refused, rows) = (
            self.refused - accepted.refused,
            self.without_sfid - accepted.without_sfid,
        );
        match (refused > 0, rows > 0) {
            (true, _) => {
                let all = counted(self.refused.unsigned_abs(), "write");
                let what = format!("{all} refused by Salesforce, of which {refused} not accepted");
                Some((what, REFUSED))
            }
            (false, true) => {
                let all = counted(self.without_sfid.unsigned_abs(), "row");
                let what = format!("{all} without a Salesforce id, of which {rows} not accepted");
                Some((what, WITHOUT_SFID))
            }
            (false, false) => None,
        }
    }
}

/// Counts them. Connect keeps an index on `sfid`, so this does not grow with the tables.
pub(crate) async fn behind(session: &Session, world: &World) -> Result<Behind, StepError> {
    debug_assert_eq!(session.purpose(), Purpose::ReadOnly);
    let log = trigger_log(session, world.schema())
        .await
        .during("reading the trigger log")?;
    let original = Document::parse(world.subject.wanted.original.clone()).map_err(|error| {
        StepError::failed("the journal's export cannot be read").because(&error)
    })?;
    let mut without_sfid = 0;
    for mapping in original
        .mappings()
        .iter()
        .filter(|m| m.access() == "read_write")
    {
        let query = format!(
            "SELECT count(*) FROM {}.{} WHERE sfid IS NULL",
            quote_ident(world.schema()),
            quote_ident(&mapping.table())
        );
        let what = format!(
            "counting rows of {} that are not in Salesforce",
            mapping.object
        );
        let row = session.query_one(&query, &[]).await.during(&what)?;
        without_sfid += row.get::<_, i64>(0);
    }
    Ok(Behind {
        // Connect moves processed entries to the archive, refused ones among them.
        refused: log.failed + log.failed_archived,
        without_sfid,
    })
}

#[cfg(test)]
mod tests {
    use connect_swap_postgres::{TableRef, UnsyncedTable};

    use super::*;
    use crate::findings::fixture::healthy;

    fn busy() -> Snapshot {
        let mut snapshot = healthy();
        snapshot.database.unsynced = vec![UnsyncedTable {
            table: TableRef::new("salesforce", "contact"),
            without_sfid: 3,
            failed: 0,
            count: 3,
            sample_ids: vec![1, 2, 3],
        }];
        // More changes are on their way than rows wait: this only warns.
        snapshot.database.trigger_log.new = 50;
        snapshot.database.trigger_log.failed_archived = 7;
        snapshot
    }

    #[test]
    fn what_nobody_accepted_must_not_be_there_behind_the_fence() {
        let accepted = Behind::accepted(&busy(), &[]);
        assert_eq!((accepted.refused, accepted.without_sfid), (7, 0));
        let stuck = Behind {
            refused: 7,
            without_sfid: 3,
        };
        let (what, code) = stuck.beyond(&accepted).unwrap();
        assert_eq!(
            what,
            "3 rows without a Salesforce id, of which 3 not accepted"
        );
        assert_eq!(code, "unsynced-rows");
        let clean = Behind {
            refused: 7,
            without_sfid: 0,
        };
        assert_eq!(clean.beyond(&accepted), None);
    }

    #[test]
    fn what_was_accepted_may_stay_behind_and_no_more() {
        let mut snapshot = busy();
        snapshot.database.trigger_log.failed = 2;
        let acks = ["unsynced-rows".to_owned(), "failed-writes".to_owned()];
        let accepted = Behind::accepted(&snapshot, &acks);
        assert_eq!((accepted.refused, accepted.without_sfid), (9, 3));
        assert_eq!(accepted.beyond(&accepted), None);
        let more = Behind {
            refused: 10,
            ..accepted
        };
        assert_eq!(more.beyond(&accepted).unwrap().1, "failed-writes");
    }
}
