//! One database session of a connection, held only while the connection works.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_postgres::{AsyncMessage, Client, NoTls};

use crate::connect::ddl::{literal, make_logs, quote};
use crate::connect::error::ConnectError;
use crate::connect::runs::Physical;

/// A session marked as Connect's own (`xmlbinary = hex`), listening to its trigger log.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) physical: Physical,
    pub(crate) schema: String,
    url: SecretString,
    notified: Arc<AtomicBool>,
    driver: JoinHandle<()>,
}

impl Session {
    /// Connects and makes the schema and its logs where they are missing.
    pub(crate) async fn open(
        url: &SecretString,
        db_key: &str,
        schema: &str,
        organisation: &str,
        wake: Arc<Notify>,
    ) -> Result<Self, ConnectError> {
        let no_database = || ConnectError::NoDatabase(db_key.to_owned());
        let physical = Physical::of_url(url.expose_secret()).ok_or_else(no_database)?;
        let mut config: tokio_postgres::Config = url
            .expose_secret()
            .parse()
            .map_err(|_secret_inside| no_database())?;
        config.connect_timeout(Duration::from_secs(5));
        let unreachable = |source| ConnectError::Unreachable {
            database: physical.database.clone(),
            source,
        };
        let (client, mut connection) = config.connect(NoTls).await.map_err(unreachable)?;

        let notified = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&notified);
        let driver = tokio::spawn(async move {
            let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
            while let Some(Ok(message)) = messages.next().await {
                if let AsyncMessage::Notification(_) = message {
                    flag.store(true, Ordering::Release);
                    wake.notify_one();
                }
            }
            // The session has ended: let the task find out.
            wake.notify_one();
        });
        let session = Self {
            client,
            physical,
            schema: schema.to_owned(),
            url: url.clone(),
            notified,
            driver,
        };
        session.prepare(organisation).await?;
        Ok(session)
    }

    async fn prepare(&self, organisation: &str) -> Result<(), ConnectError> {
        self.client
            .batch_execute("SET xmlbinary = 'hex'; SET client_min_messages = warning")
            .await?;
        let log = format!("{}.{}", quote(&self.schema), quote("_trigger_log"));
        let row = self
            .client
            .query_one("SELECT to_regclass($1) IS NULL", &[&log])
            .await?;
        if row.get(0) {
            // Two connections may come to one new database at the same moment.
            let sql = format!(
                "BEGIN; SELECT pg_advisory_xact_lock(hashtext({})); {} COMMIT;",
                literal("connect-schema"),
                make_logs(&self.schema, organisation)
            );
            self.client.batch_execute(&sql).await?;
        }
        let channel = quote(&format!("{}.hc_trigger_log", self.schema));
        self.client
            .batch_execute(&format!("LISTEN {channel}"))
            .await?;
        Ok(())
    }

    /// Whether this is still the session for that URL and schema.
    pub(crate) fn fits(&self, url: &SecretString, schema: &str) -> bool {
        !self.client.is_closed()
            && self.url.expose_secret() == url.expose_secret()
            && self.schema == schema
    }

    /// Whether the trigger log has called since the last time this was asked.
    pub(crate) fn take_notification(&self) -> bool {
        self.notified.swap(false, Ordering::AcqRel)
    }

    /// As [`Self::take_notification`], leaving the call for later.
    pub(crate) fn has_notification(&self) -> bool {
        self.notified.load(Ordering::Acquire)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.driver.abort();
    }
}
