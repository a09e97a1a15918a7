//! A journal in memory, for dry plans and tests.

use std::sync::Mutex;

use async_trait::async_trait;

use crate::{Journal, JournalError, NewRecord, Record};

/// Keeps entries for as long as the process lives.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    records: Mutex<Vec<Record>>,
}

impl MemoryJournal {
    /// A journal that already holds these entries.
    pub fn with(records: Vec<Record>) -> Self {
        Self {
            records: Mutex::new(records),
        }
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Vec<Record>> {
        self.records
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn append(&self, record: NewRecord) -> Result<(), JournalError> {
        let mut records = self.locked();
        let seq = records.last().map_or(1, |last| last.seq + 1);
        records.push(Record { seq, record });
        Ok(())
    }

    async fn records(&self) -> Result<Vec<Record>, JournalError> {
        Ok(self.locked().clone())
    }
}
