//! Takes the lock again after the connection that held it was lost.

use async_trait::async_trait;
use connect_swap_engine::StepError;
use connect_swap_heroku::{AddonId, AppId, AppName, Heroku};
use connect_swap_postgres::{Purpose, connect};
use uuid::Uuid;

use super::World;
use crate::journal::{Backend, Lock, LockError, Reconnect};
use crate::topology::{attachments_of, config_var_of, url_of};
use crate::trouble::During;

/// Knows where the journal's database is, also after a failover or a rotated password.
pub struct Relock {
    /// The API clients.
    pub heroku: Heroku,
    /// The app.
    pub app: AppName,
    /// The app's id, which the lock is named after.
    pub app_id: AppId,
    /// The Postgres add-on that holds the journal.
    pub database: AddonId,
    /// How sessions name themselves.
    pub application: String,
}

impl Relock {
    async fn session(&self) -> Result<connect_swap_postgres::Session, StepError> {
        let platform = self.heroku.platform();
        let attachments = platform
            .attachments(&self.app)
            .await
            .during("reading attachments")?;
        let vars = platform
            .config_vars(&self.app)
            .await
            .during("reading config vars")?;
        let attachment = attachments_of(&attachments, &self.database).next();
        let attachment = attachment.ok_or_else(|| {
            StepError::drifted("the database that holds the journal is no longer attached")
        })?;
        let url = url_of(&vars, &config_var_of(attachment))?;
        connect(&url, Purpose::Work, &self.application)
            .await
            .during("connecting to the journal")
    }
}

#[async_trait]
impl Reconnect for Relock {
    async fn lock(&self, lost: &Backend) -> Result<Lock, LockError> {
        let session = self.session().await.map_err(LockError::Database)?;
        Lock::acquire_again(session, lock_key(&self.app_id), lost).await
    }
}

/// The app's id as the lock's name. Heroku's ids are UUIDs; another form is hashed by its bytes.
pub fn lock_key(app: &AppId) -> Uuid {
    Uuid::parse_str(app.as_str()).unwrap_or_else(|_| {
        let mut bytes = [0_u8; 16];
        for (index, byte) in app.as_str().bytes().enumerate() {
            bytes[index % 16] ^= byte.rotate_left(u32::try_from(index % 7).unwrap_or(0));
        }
        Uuid::from_bytes(bytes)
    })
}

impl World {
    /// How the journal in the old database is reached again.
    pub fn relock(&self) -> Box<dyn Reconnect> {
        self.relock_to(self.subject.old.database.id.clone())
    }

    /// How a journal in one of the databases is reached again.
    pub fn relock_to(&self, database: AddonId) -> Box<dyn Reconnect> {
        Box::new(Relock {
            heroku: self.heroku.clone(),
            app: self.subject.app.clone(),
            app_id: self.subject.app_id.clone(),
            database,
            application: self.application(),
        })
    }
}
