//! Add-ons: databases and Connect connections, as Heroku sells them.

use std::collections::BTreeMap;

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::plans::{PlanRef, Price};
use super::{AppRef, Platform};
use crate::error::Error;
use crate::names::{AddonId, AddonName, AppId, AppName, AttachmentName, ConfigVarName};
use crate::transport::{Request, once_or_found};
use crate::wire::{self, wire_enum};

wire_enum! {
    /// Where an add-on is in its life. `deprovisioning` is in no schema, but it comes.
    AddonState {
        /// Being made.
        Provisioning = "provisioning",
        /// Made. A database may still have to start: ask the Data API.
        Provisioned = "provisioned",
        /// Being destroyed.
        Deprovisioning = "deprovisioning",
        /// Gone, or could not be made.
        Deprovisioned = "deprovisioned",
    }
}

impl AddonState {
    /// Gone, going, or never made: nothing can be attached to it or destroyed of it.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Deprovisioning | Self::Deprovisioned)
    }
}

/// An add-on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Addon {
    /// Its identifier.
    pub id: AddonId,
    /// Its name, unique over all of Heroku.
    pub name: AddonName,
    /// The app that is billed for it.
    pub app: AppRef,
    /// The service (`heroku-postgresql`, `herokuconnect`).
    #[serde(rename = "addon_service")]
    pub service: ServiceRef,
    /// The plan.
    pub plan: PlanRef,
    /// Where it is in its life.
    pub state: AddonState,
    /// Config vars that it sets in the billed app.
    #[serde(default, deserialize_with = "wire::or_default")]
    pub config_vars: Vec<ConfigVarName>,
    /// What is paid for it.
    #[serde(default)]
    pub billed_price: Option<Price>,
    /// What the provider says on creation.
    #[serde(default, deserialize_with = "wire::text")]
    pub provision_message: Option<String>,
}

/// A service, as an add-on refers to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceRef {
    /// Its name.
    pub name: String,
}

/// An add-on to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAddon {
    /// Its name. Always chosen by the caller: it is what a lost answer is reconciled by.
    pub name: AddonName,
    /// The plan, with the service's name in front.
    pub plan: String,
    /// The name of its first attachment; the service's own choice where none is given.
    pub attachment: Option<AttachmentName>,
    /// Options of the service (`version`, `level`…).
    pub config: BTreeMap<String, String>,
}

impl Platform {
    /// The add-ons billed to an app (`GET /apps/{app}/addons`).
    ///
    /// # Errors
    /// Whatever Heroku refuses.
    pub async fn addons(&self, app: &AppName) -> Result<Vec<Addon>, Error> {
        let request = expanded(self.get(&["apps", app.as_str(), "addons"]).sdk());
        self.transport.list(request, "add-ons").await
    }

    /// One add-on of an app (`GET /apps/{app}/addons/{addon}`); nothing where there is none.
    ///
    /// # Errors
    /// Whatever Heroku refuses, a missing app among it.
    pub async fn addon(&self, app: &AppName, addon: &AddonName) -> Result<Option<Addon>, Error> {
        let path = ["apps", app.as_str(), "addons", addon.as_str()];
        match self.transport.send(&expanded(self.get(&path))).await {
            Ok(answer) => answer.json("an add-on").map(Some),
            Err(Error::NotFound(refusal)) if refusal.resource.as_deref() == Some("app") => {
                Err(Error::NotFound(refusal))
            }
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes an add-on (`POST /apps/{app}/addons`), as `heroku addons:create` does, but never
    /// confirms anything: a name that is taken stays with whom it belongs to.
    ///
    /// Where the answer is lost the add-on is looked for by its name, and returned if it is there
    /// with the plan asked for; only else it is asked for again.
    ///
    /// # Errors
    /// [`Error::ConfirmationRequired`] where the attachment's name is in use, and whatever else
    /// Heroku refuses. [`Error::is_without_effect`] tells whether it may be there all the same.
    pub async fn create_addon(&self, app: &AppName, new: &NewAddon) -> Result<Addon, Error> {
        let request = self
            .create(&["apps", app.as_str(), "addons"])
            .header("accept-expansion", "plan")
            .header("x-heroku-legacy-provider-messages", "true")
            .json(&new.body());
        once_or_found(
            &self.transport,
            async || self.transport.send(&request).await?.json("an add-on"),
            async || {
                let found: Option<Addon> = self.addon(app, &new.name).await?;
                Ok(found.filter(|addon| addon.plan.name == new.plan))
            },
        )
        .await
    }

    /// Destroys an add-on (`DELETE /apps/{app id}/addons/{addon id}`), unforced: Heroku refuses
    /// while other apps are attached. Nothing is returned where it was gone already; else look at
    /// the state, which may be `deprovisioning` for a while.
    ///
    /// # Errors
    /// Whatever Heroku refuses.
    pub async fn destroy_addon(
        &self,
        app: &AppId,
        addon: &AddonId,
    ) -> Result<Option<Addon>, Error> {
        let path = ["apps", app.as_str(), "addons", addon.as_str()];
        let request = self
            .settle(Method::DELETE, &path)
            .header("accept-expansion", "plan");
        match self.transport.send(&request).await {
            Ok(answer) => answer.json("an add-on").map(Some),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl NewAddon {
    fn body(&self) -> Value {
        let mut body = json!({ "name": self.name, "plan": self.plan, "config": self.config });
        // The CLI sends an empty object where no name was given.
        body["attachment"] = match &self.attachment {
            Some(name) => json!({ "name": name }),
            None => json!({}),
        };
        body
    }
}

fn expanded(request: Request) -> Request {
    request.header("accept-expansion", "addon_service,plan")
}
