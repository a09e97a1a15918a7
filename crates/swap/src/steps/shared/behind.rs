//! What is in the old database and not in Salesforce: it would stay behind.

use connect_swap_engine::StepError;
use connect_swap_postgres::{Purpose, Session, quote_ident, trigger_log};
use serde::{Deserialize, Serialize};

use crate::configuration::Document;
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

impl Behind {
    /// What came since, in words.
    pub fn more_than(&self, before: &Behind) -> Option<String> {
        let refused = self.refused - before.refused;
        let rows = self.without_sfid - before.without_sfid;
        match (refused > 0, rows > 0) {
            (true, _) => Some(format!("{refused} writes were refused by Salesforce")),
            (false, true) => Some(format!("{rows} rows got no Salesforce id")),
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
