//! Attachments: under which names an app sees which add-ons.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{AppRef, Platform};
use crate::error::Error;
use crate::names::{AddonId, AddonName, AppName, AttachmentId, AttachmentName};
use crate::transport::once_or_found;
use crate::wire;

/// An add-on, as an attachment refers to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddonRef {
    /// Its identifier.
    pub id: AddonId,
    /// Its name.
    pub name: AddonName,
    /// The app that is billed for it, which need not be the one it is attached to.
    pub app: AppRef,
}

/// An attachment of an add-on to an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its identifier.
    pub id: AttachmentId,
    /// Its name, unique within the app.
    pub name: AttachmentName,
    /// What is attached.
    pub addon: AddonRef,
    /// To which app.
    pub app: AppRef,
    /// A part of the add-on (`credential:reports`, `connection-pooling:default`); none for the
    /// whole.
    #[serde(default, deserialize_with = "wire::text")]
    pub namespace: Option<String>,
}

impl Platform {
    /// The attachments of an app (`GET /apps/{app}/addon-attachments`).
    ///
    /// # Errors
    /// Whatever Heroku refuses.
    pub async fn attachments(&self, app: &AppName) -> Result<Vec<Attachment>, Error> {
        let request = self.get(&["apps", app.as_str(), "addon-attachments"]);
        self.transport.list(request, "attachments").await
    }

    /// The attachments of an add-on to all apps that this account may see
    /// (`GET /addons/{addon}/addon-attachments`).
    ///
    /// # Errors
    /// Whatever Heroku refuses.
    pub async fn addon_attachments(&self, addon: &AddonId) -> Result<Vec<Attachment>, Error> {
        let request = self.get(&["addons", addon.as_str(), "addon-attachments"]);
        self.transport.list(request, "attachments").await
    }

    /// The attachments that a name may mean within an app
    /// (`POST /actions/addon-attachments/resolve`, which changes nothing), as the CLI's `pg:`
    /// commands ask for them. Empty where the name means none.
    ///
    /// # Errors
    /// Whatever Heroku refuses but 404.
    pub async fn resolve_attachment(
        &self,
        app: &AppName,
        name: &str,
    ) -> Result<Vec<Attachment>, Error> {
        let request = self
            .ask(&["actions", "addon-attachments", "resolve"])
            .sdk()
            .json(&json!({ "addon_attachment": name, "app": app }));
        match self.transport.send(&request).await {
            Ok(answer) => answer.json("attachments"),
            Err(Error::NotFound(_)) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Attaches an add-on to an app (`POST /addon-attachments`); without a name Heroku picks one
    /// (`HEROKU_POSTGRESQL_<COLOUR>`).
    ///
    /// With `confirm` the app's name goes along, as `heroku pg:promote` sends it: an attachment of
    /// that name is then replaced, in two releases with a moment between them in which neither is
    /// there.
    ///
    /// Where the answer is lost the app's attachments are listed, and it is asked for again only
    /// if the one asked for is not among them.
    ///
    /// # Errors
    /// [`Error::ConfirmationRequired`] where the name is in use and `confirm` is false, and
    /// whatever else Heroku refuses.
    pub async fn attach(
        &self,
        app: &AppName,
        addon: &AddonName,
        name: Option<&AttachmentName>,
        namespace: Option<&str>,
        confirm: bool,
    ) -> Result<Attachment, Error> {
        let wanted = Wanted {
            addon,
            name,
            namespace,
        };
        // Without a name only what was there before tells the new one from the others.
        let before = match name {
            Some(_) => Vec::new(),
            None => self
                .attachments(app)
                .await?
                .into_iter()
                .map(|found| found.id)
                .collect(),
        };
        let request = self
            .create(&["addon-attachments"])
            .json(&wanted.body(app, confirm));
        once_or_found(
            &self.transport,
            async || self.transport.send(&request).await?.json("an attachment"),
            async || {
                let now = self.attachments(app).await?;
                Ok(now
                    .into_iter()
                    .find(|found| wanted.is(found) && !before.contains(&found.id)))
            },
        )
        .await
    }

    /// Removes an attachment (`DELETE /addon-attachments/{id}`). One that is gone already is fine.
    ///
    /// # Errors
    /// Whatever Heroku refuses; the last attachment to the billed app it does.
    pub async fn detach(&self, attachment: &AttachmentId) -> Result<(), Error> {
        let request = self.settle(Method::DELETE, &["addon-attachments", attachment.as_str()]);
        match self.transport.send(&request).await {
            Ok(_) | Err(Error::NotFound(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// An attachment to be made.
struct Wanted<'a> {
    addon: &'a AddonName,
    name: Option<&'a AttachmentName>,
    namespace: Option<&'a str>,
}

impl Wanted<'_> {
    /// Identities go as plain texts, as the schema has them (the CLI sends objects with a name).
    fn body(&self, app: &AppName, confirm: bool) -> Value {
        let mut body = json!({ "addon": self.addon, "app": app, "namespace": self.namespace });
        if let Some(name) = self.name {
            body["name"] = json!(name);
        }
        if confirm {
            body["confirm"] = json!(app);
        }
        body
    }

    fn is(&self, found: &Attachment) -> bool {
        found.addon.name == *self.addon
            && found.namespace.as_deref() == self.namespace
            && self.name.is_none_or(|name| found.name == *name)
    }
}
