//! Live looks at the app.

use connect_swap_engine::StepError;
use connect_swap_heroku::platform::{Addon, Attachment};
use connect_swap_heroku::{AddonId, AddonName};

use super::{Side, World};
use crate::topology::attachments_of;
use crate::trouble::During;

/// The name of the attachment that `DATABASE_URL` belongs to.
pub const DATABASE: &str = "DATABASE";

impl World {
    /// The app's attachments now.
    ///
    /// # Errors
    /// When Heroku does not answer.
    pub async fn attachments(&self) -> Result<Vec<Attachment>, StepError> {
        let app = &self.subject.app;
        self.heroku
            .platform()
            .attachments(app)
            .await
            .during("reading the app's attachments")
    }

    /// An add-on of the app by its name.
    ///
    /// # Errors
    /// When Heroku does not answer.
    pub async fn addon(&self, name: &AddonName) -> Result<Option<Addon>, StepError> {
        let app = &self.subject.app;
        self.heroku
            .platform()
            .addon(app, name)
            .await
            .during(&format!("reading add-on {name}"))
    }

    /// The Postgres add-on of a side.
    pub fn database_addon(&self, side: Side) -> &AddonName {
        match side {
            Side::Old => &self.subject.old.database.name,
            Side::New => &self.subject.new.database,
        }
    }

    /// The new Postgres add-on, which must be there.
    ///
    /// # Errors
    /// When it is not, or Heroku does not answer.
    pub async fn new_database(&self) -> Result<Addon, StepError> {
        let name = &self.subject.new.database;
        self.addon(name).await?.ok_or_else(|| {
            StepError::drifted(format!("the new database {name} is not there any more"))
                .hint("someone destroyed it; abandon this swap with cleanup and begin again")
        })
    }

    /// Whose the `DATABASE` attachment is now; nothing between detaching and attaching.
    ///
    /// # Errors
    /// When Heroku does not answer.
    pub async fn database_holder(&self) -> Result<Option<AddonId>, StepError> {
        let attachments = self.attachments().await?;
        let holder = attachments
            .iter()
            .find(|a| a.name == *DATABASE && a.namespace.is_none());
        Ok(holder.map(|attachment| attachment.addon.id.clone()))
    }

    /// The config var of an attachment of the old database that is not `DATABASE`.
    ///
    /// # Errors
    /// When there is none, or Heroku does not answer.
    pub async fn old_config_var(&self) -> Result<String, StepError> {
        let attachments = self.attachments().await?;
        let other = attachments_of(&attachments, &self.subject.old.database.id)
            .find(|attachment| attachment.name != *DATABASE);
        other.map(crate::topology::config_var_of).ok_or_else(|| {
            StepError::drifted(format!(
                "{} has no attachment besides {DATABASE}",
                self.subject.old.database.name
            ))
            .hint(format!(
                "add one: heroku addons:attach {} -a {}",
                self.subject.old.database.name, self.subject.app
            ))
        })
    }
}
