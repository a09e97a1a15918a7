//! Live looks at connections that are none of the two.

use connect_swap_engine::StepError;
use connect_swap_heroku::platform::{Addon, ConfigVars};
use connect_swap_heroku::{AddonId, AddonName};
use connect_swap_postgres::{DatabaseUrl, Purpose};

use super::{Side, World, url_of_addon};
use crate::topology::{Home, OtherConnections};
use crate::trouble::During;

/// What is read of the app before Connect is asked.
struct Around {
    addons: Vec<Addon>,
    vars: ConfigVars,
    url: DatabaseUrl,
}

impl World {
    /// What else of Connect is on the old database, besides both connections of this swap.
    ///
    /// # Errors
    /// When Heroku, Connect or the database does not answer.
    pub async fn others_on_old(&self) -> Result<OtherConnections, StepError> {
        let around = self.around(&self.subject.old.database.id).await?;
        let own = [self.connect_addon(Side::Old), self.connect_addon(Side::New)];
        let session = self.old_session(Purpose::ReadOnly).await?;
        let home = self.home(&around, &own);
        OtherConnections::read(&self.heroku, home, &session, self.schema()).await
    }

    /// Connections besides a side's own that sync with its database, or may; that of the other side
    /// among them.
    ///
    /// # Errors
    /// When Heroku or Connect does not answer.
    pub async fn others_beside(
        &self,
        side: Side,
        database: &AddonId,
    ) -> Result<OtherConnections, StepError> {
        let around = self.around(database).await?;
        let own = [self.connect_addon(side)];
        OtherConnections::at_connect(&self.heroku, self.home(&around, &own)).await
    }

    async fn around(&self, database: &AddonId) -> Result<Around, StepError> {
        let app = &self.subject.app;
        let platform = self.heroku.platform();
        let attachments = self.attachments().await?;
        let vars = platform
            .config_vars(app)
            .await
            .during("reading config vars")?;
        Ok(Around {
            addons: platform
                .addons(app)
                .await
                .during("reading the app's add-ons")?,
            url: url_of_addon(app, database, &attachments, &vars)?,
            vars,
        })
    }

    fn home<'a>(&'a self, around: &'a Around, own: &'a [&'a AddonName]) -> Home<'a> {
        Home {
            app: &self.subject.app,
            addons: &around.addons,
            vars: &around.vars,
            url: &around.url,
            own,
        }
    }
}
