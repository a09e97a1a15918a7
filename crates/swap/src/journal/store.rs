//! Journal entries in the old database.
//!
//! Each entry is one committed INSERT whose number is chosen here and unique there, so a second
//! writer, or an entry that was written although its answer was lost, is always noticed.

use async_trait::async_trait;
use connect_swap_engine::{Entry, Journal, JournalError, NewRecord, Record, StepError};
use tokio::sync::Mutex;
use tokio_postgres::error::SqlState;
use uuid::Uuid;

use super::kill::{KillPoint, Moment};
use super::lock::{Backend, Lock, LockError};
use super::run::unread;

/// Opens a new session to the old database after one was lost.
#[async_trait]
pub trait Reconnect: Send + Sync {
    /// A fresh lock on the same app; the lost session that held it is ended where the server has not
    /// noticed yet that it is lost.
    async fn lock(&self, lost: &Backend) -> Result<Lock, LockError>;
}

/// For how long a lost session is tried to be opened again.
const RECONNECT_BOUND: std::time::Duration = std::time::Duration::from_secs(3 * 60);
/// Between two tries.
const RECONNECT_PAUSE: std::time::Duration = std::time::Duration::from_secs(5);

/// The journal of one run.
pub struct PgJournal {
    run: Uuid,
    inner: Mutex<Inner>,
    reconnect: Box<dyn Reconnect>,
    kill_at: Option<KillPoint>,
}

struct Inner {
    lock: Lock,
    last: i64,
}

impl PgJournal {
    /// The journal of a run, written through the session that holds the lock.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn open(
        run: Uuid,
        lock: Lock,
        reconnect: Box<dyn Reconnect>,
        kill_at: Option<KillPoint>,
    ) -> Result<Self, StepError> {
        let last = last_seq(&lock, run).await.map_err(|error| unread(&error))?;
        let inner = Mutex::new(Inner { lock, last });
        Ok(Self {
            run,
            inner,
            reconnect,
            kill_at,
        })
    }

    /// Runs one statement on the journal's own session.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn execute(
        &self,
        statement: &str,
        parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    ) -> Result<u64, tokio_postgres::Error> {
        self.inner
            .lock()
            .await
            .lock
            .session()
            .execute(statement, parameters)
            .await
    }

    async fn insert(&self, inner: &mut Inner, record: &NewRecord) -> Result<(), Failure> {
        let value = serde_json::to_value(record).map_err(Failure::other)?;
        let seq = inner.last.checked_add(1).ok_or_else(|| {
            Failure::other("its last entry has the highest number that there can be")
        })?;
        let inserted = inner
            .lock
            .session()
            .execute(
                "INSERT INTO connect_swap.journal (run, seq, record) VALUES ($1, $2, $3)",
                &[&self.run, &seq, &value],
            )
            .await;
        match inserted {
            Ok(_) => {
                inner.last = seq;
                Ok(())
            }
            Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
                Err(Failure::Overtaken(error))
            }
            Err(error) if error.is_closed() || error.code().is_none() => Err(Failure::Lost(error)),
            Err(error) => Err(Failure::other(error)),
        }
    }

    /// Tries for some minutes: a failover takes about one.
    async fn lock_again(&self, lost: &Backend) -> Result<Lock, JournalError> {
        let begun = std::time::Instant::now();
        loop {
            match self.reconnect.lock(lost).await {
                Ok(lock) => return Ok(lock),
                Err(_) if begun.elapsed() < RECONNECT_BOUND => {
                    tokio::time::sleep(RECONNECT_PAUSE).await
                }
                Err(LockError::Held(holder)) => {
                    return Err(failure(format!(
                        "the connection to the old database was lost and another run took over: {}",
                        holder.who
                    )));
                }
                Err(LockError::Database(error)) => {
                    return Err(JournalError {
                        message: "the connection to the old database was lost".to_owned(),
                        source: Some(Box::new(error)),
                    });
                }
            }
        }
    }

    /// After a lost session: takes the lock again and settles whether the entry was written.
    async fn recover(&self, inner: &mut Inner, record: &NewRecord) -> Result<(), JournalError> {
        let lock = self.lock_again(inner.lock.backend()).await?;
        let records = read(&lock, self.run).await.map_err(|error| JournalError {
            message: "the journal cannot be read again".to_owned(),
            source: Some(Box::new(error)),
        })?;
        let last = records.last().map_or(0, |record| record.seq);
        inner.lock = lock;
        if last == inner.last {
            return self
                .insert(inner, record)
                .await
                .map_err(Failure::into_error);
        }
        let written = records
            .last()
            .is_some_and(|written| written.record == *record);
        if inner.last.checked_add(1) == Some(last) && written {
            inner.last = last;
            return Ok(());
        }
        Err(failure(
            "another run has written to the journal meanwhile".to_owned(),
        ))
    }

    fn die_if_asked(&self, moment: Moment, entry: &Entry) {
        if self
            .kill_at
            .as_ref()
            .is_some_and(|point| point.is(moment, entry))
        {
            kill_this_process();
        }
    }
}

#[async_trait]
impl Journal for PgJournal {
    async fn append(&self, record: NewRecord) -> Result<(), JournalError> {
        self.die_if_asked(Moment::Before, &record.entry);
        let mut inner = self.inner.lock().await;
        match self.insert(&mut inner, &record).await {
            Ok(()) => {}
            Err(Failure::Lost(_)) => self.recover(&mut inner, &record).await?,
            Err(other) => return Err(other.into_error()),
        }
        self.die_if_asked(Moment::After, &record.entry);
        Ok(())
    }

    async fn records(&self) -> Result<Vec<Record>, JournalError> {
        let inner = self.inner.lock().await;
        read(&inner.lock, self.run)
            .await
            .map_err(|error| JournalError {
                message: "the journal cannot be read".to_owned(),
                source: Some(Box::new(error)),
            })
    }
}

enum Failure {
    Lost(tokio_postgres::Error),
    Overtaken(tokio_postgres::Error),
    Other(Box<dyn std::error::Error + Send + Sync>),
}

impl Failure {
    fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(error.into())
    }

    fn into_error(self) -> JournalError {
        let (message, source): (_, Box<dyn std::error::Error + Send + Sync>) = match self {
            Self::Lost(error) => ("the connection to the old database was lost", error.into()),
            Self::Overtaken(error) => (
                "another run has written to the journal meanwhile",
                error.into(),
            ),
            Self::Other(error) => ("the journal cannot be written", error),
        };
        JournalError {
            message: message.to_owned(),
            source: Some(source),
        }
    }
}

fn failure(message: String) -> JournalError {
    JournalError {
        message,
        source: None,
    }
}

async fn last_seq(lock: &Lock, run: Uuid) -> Result<i64, tokio_postgres::Error> {
    let row = lock
        .session()
        .query_one(
            "SELECT coalesce(max(seq), 0) FROM connect_swap.journal WHERE run = $1",
            &[&run],
        )
        .await?;
    row.try_get(0)
}

/// The entries of a run, oldest first.
///
/// # Errors
/// When the database does not answer, an entry is not one of this tool's, or one is missing.
pub(crate) async fn read_records(
    client: &tokio_postgres::Client,
    run: Uuid,
) -> Result<Vec<Record>, StepError> {
    let rows = client
        .query(
            "SELECT seq, record FROM connect_swap.journal WHERE run = $1 ORDER BY seq",
            &[&run],
        )
        .await
        .map_err(|error| unread(&error))?;
    rows.iter()
        .zip(1..)
        .map(|(row, place)| record(row, place))
        .collect()
}

/// The entry at this place: its numbers have no gaps, as each is written with the one after the
/// last.
fn record(row: &tokio_postgres::Row, place: i64) -> Result<Record, StepError> {
    let unbelievable = |error: &(dyn std::error::Error + 'static)| {
        StepError::unbelievable(format!("journal entry {place} cannot be believed")).because(error)
    };
    let seq: i64 = row.try_get(0).map_err(|error| unbelievable(&error))?;
    if seq != place {
        let what = format!("journal entry {place} is missing: entry {seq} stands in its place");
        return Err(StepError::unbelievable(what));
    }
    // Deeper than anything of this tool, a document is none to the parser either.
    let value: serde_json::Value = row.try_get(1).map_err(|error| unbelievable(&error))?;
    let record = serde_json::from_value(value).map_err(|error| unbelievable(&error))?;
    Ok(Record { seq, record })
}

async fn read(lock: &Lock, run: Uuid) -> Result<Vec<Record>, StepError> {
    read_records(lock.session(), run).await
}

/// Ends this process the way a power cut would, for the tests that prove a run survives it.
fn kill_this_process() -> ! {
    #[cfg(unix)]
    {
        let _ =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
    std::process::abort()
}
