//! A journal that keeps its first entries in memory until the old database holds its tables.
//!
//! What stands before `open-journal` only reads, so nothing is lost when the process ends there.

use std::sync::Arc;

use async_trait::async_trait;
use connect_swap_engine::{Journal, JournalError, MemoryJournal, NewRecord, Record};
use tokio::sync::Mutex;

use super::store::PgJournal;

/// Memory first, the old database as soon as it is open.
#[derive(Default)]
pub struct DeferredJournal {
    memory: MemoryJournal,
    opened: Mutex<Option<Arc<PgJournal>>>,
}

impl DeferredJournal {
    /// A journal that is open already.
    pub fn opened(journal: Arc<PgJournal>) -> Self {
        Self {
            memory: MemoryJournal::default(),
            opened: Mutex::new(Some(journal)),
        }
    }

    /// The journal in the old database, once it is open.
    pub async fn journal(&self) -> Option<Arc<PgJournal>> {
        self.opened.lock().await.clone()
    }

    /// Writes what was kept in memory to the old database, and everything else from now on.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn open(&self, journal: Arc<PgJournal>) -> Result<(), JournalError> {
        let mut opened = self.opened.lock().await;
        if opened.is_some() {
            return Ok(());
        }
        for record in self.memory.records().await? {
            journal.append(record.record).await?;
        }
        *opened = Some(journal);
        Ok(())
    }

    /// Writes to another database's copy of the journal from now on.
    pub async fn move_to(&self, journal: Arc<PgJournal>) {
        *self.opened.lock().await = Some(journal);
    }
}

#[async_trait]
impl Journal for DeferredJournal {
    async fn append(&self, record: NewRecord) -> Result<(), JournalError> {
        match &*self.opened.lock().await {
            Some(journal) => journal.append(record).await,
            None => self.memory.append(record).await,
        }
    }

    async fn records(&self) -> Result<Vec<Record>, JournalError> {
        match &*self.opened.lock().await {
            Some(journal) => journal.records().await,
            None => self.memory.records().await,
        }
    }
}
