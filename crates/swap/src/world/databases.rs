//! Sessions to both databases. Addresses are read from the app's config vars and read again when
//! one does not answer: host, user and password change at failover and credential rotation.

use connect_swap_engine::StepError;
use connect_swap_heroku::platform::{Addon, Attachment, ConfigVars};
use connect_swap_heroku::{AddonId, AppName};
use connect_swap_postgres::{DatabaseUrl, Purpose, Session, connect};

use super::World;
use super::idle::Lent;
use crate::topology::{Physical, attachments_of, config_var_of, physical, url_of};
use crate::trouble::During;

impl World {
    /// A session to the old database.
    ///
    /// # Errors
    /// When it does not answer, even at the address that the config vars tell now.
    pub async fn old_session(&self, purpose: Purpose) -> Result<Lent, StepError> {
        self.session(&self.subject.old.database.id, "the old database", purpose)
            .await
    }

    /// A session to the new database.
    ///
    /// # Errors
    /// When it does not answer, even at the address that the config vars tell now.
    pub async fn new_session(&self, purpose: Purpose) -> Result<Lent, StepError> {
        let addon = self.new_database_id().await?;
        self.session(&addon, "the new database", purpose).await
    }

    /// The old database's address, proven to answer.
    ///
    /// # Errors
    /// When it does not.
    pub async fn old_url(&self) -> Result<DatabaseUrl, StepError> {
        self.proven_url(&self.subject.old.database.id, "the old database")
            .await
    }

    /// The new database's address, proven to answer.
    ///
    /// # Errors
    /// When it does not.
    pub async fn new_url(&self) -> Result<DatabaseUrl, StepError> {
        let addon = self.new_database_id().await?;
        self.proven_url(&addon, "the new database").await
    }

    /// Takes both databases' addresses from what was read already: Heroku is asked again only when
    /// one of them does not answer.
    ///
    /// # Errors
    /// When a database is not attached, or its config var holds no address.
    pub(crate) async fn take_addresses(
        &self,
        new: &Addon,
        attachments: &[Attachment],
        vars: &ConfigVars,
    ) -> Result<(), StepError> {
        for addon in [&self.subject.old.database.id, &new.id] {
            let url = url_of_addon(&self.subject.app, addon, attachments, vars)?;
            self.urls.lock().await.insert(addon.clone(), url);
        }
        *self.new_known.lock().await = Some(new.id.clone());
        Ok(())
    }

    async fn new_database_id(&self) -> Result<AddonId, StepError> {
        if let Some(known) = &*self.new_known.lock().await {
            return Ok(known.clone());
        }
        Ok(self.new_database().await?.id)
    }

    /// Where the old database really is.
    ///
    /// # Errors
    /// When its address cannot be read.
    pub async fn old_physical(&self) -> Result<Physical, StepError> {
        Ok(physical(
            &self.fresh_url(&self.subject.old.database.id).await?,
        ))
    }

    /// Where the new database really is.
    ///
    /// # Errors
    /// When its address cannot be read.
    pub async fn new_physical(&self) -> Result<Physical, StepError> {
        let addon = self.new_database().await?;
        Ok(physical(&self.fresh_url(&addon.id).await?))
    }

    async fn session(
        &self,
        addon: &AddonId,
        what: &str,
        purpose: Purpose,
    ) -> Result<Lent, StepError> {
        if purpose == Purpose::ReadOnly
            && let Some(session) = self.idle.take(addon).await
        {
            return Ok(session);
        }
        let session = self.opened(addon, what, purpose).await?;
        Ok(self.idle.lend(addon, session))
    }

    /// A kept session would prove nothing: it stays when the password is changed.
    async fn proven_url(&self, addon: &AddonId, what: &str) -> Result<DatabaseUrl, StepError> {
        let session = self.opened(addon, what, Purpose::ReadOnly).await?;
        drop(self.idle.lend(addon, session));
        self.url(addon).await
    }

    async fn opened(
        &self,
        addon: &AddonId,
        what: &str,
        purpose: Purpose,
    ) -> Result<Session, StepError> {
        let application = self.application();
        let known = self.urls.lock().await.get(addon).cloned();
        if let Some(url) = known
            && let Ok(session) = connect(&url, purpose, &application).await
        {
            return Ok(session);
        }
        let url = self.fresh_url(addon).await?;
        connect(&url, purpose, &application)
            .await
            .during(&format!("connecting to {what}"))
    }

    async fn url(&self, addon: &AddonId) -> Result<DatabaseUrl, StepError> {
        if let Some(url) = self.urls.lock().await.get(addon) {
            return Ok(url.clone());
        }
        self.fresh_url(addon).await
    }

    pub(super) async fn fresh_url(&self, addon: &AddonId) -> Result<DatabaseUrl, StepError> {
        let attachments = self.attachments().await?;
        let app = &self.subject.app;
        let vars = self
            .heroku
            .platform()
            .config_vars(app)
            .await
            .during("reading config vars")?;
        let url = url_of_addon(app, addon, &attachments, &vars)?;
        self.urls.lock().await.insert(addon.clone(), url.clone());
        Ok(url)
    }
}

/// The address of an add-on's database, from what was read of the app.
///
/// # Errors
/// When it is not attached, or its config var holds no address.
pub(crate) fn url_of_addon(
    app: &AppName,
    addon: &AddonId,
    attachments: &[Attachment],
    vars: &ConfigVars,
) -> Result<DatabaseUrl, StepError> {
    let attachment = attachments_of(attachments, addon).next().ok_or_else(|| {
        StepError::drifted("a database of this swap is no longer attached to the app").hint(
            format!("look at `heroku addons -a {app}` and attach it again"),
        )
    })?;
    url_of(vars, &config_var_of(attachment))
}
