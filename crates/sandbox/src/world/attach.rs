//! Attaching and detaching, with the releases that each makes.

use uuid::Uuid;

use super::addons::valid_attachment_name;
use super::attachments::{Attachment, Namespace};
use super::names;
use super::refusal::Refusal;
use super::state::{Addon, State, World};

/// What a client asks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewAttachment {
    pub(crate) addon: String,
    pub(crate) app: String,
    pub(crate) name: Option<String>,
    pub(crate) namespace: Option<String>,
    pub(crate) confirm: Option<String>,
}

impl World {
    /// Attaches an add-on. A name in use is taken over after confirmation: a release detaches the
    /// old holder, and after a moment without that attachment a second one attaches the new.
    pub(crate) async fn attach(&self, new: NewAttachment) -> Result<Attachment, Refusal> {
        let (app, name, namespace, replaced) = self.with(|state| state.prepare_attachment(&new))?;
        if let Some(description) = replaced {
            self.release(app, description);
            self.clock().sleep(self.delays().replacing).await;
        }
        let now = self.now();
        let (attachment, description) = self.with(|state| {
            // The world may have changed in that moment.
            let addon = state.addon(&new.addon)?.clone();
            if let Some(holder) = state.attachment_named(app, &name) {
                return Err(Refusal::invalid(format!(
                    "{} is already attached.",
                    holder.name
                )));
            }
            let attachment = Attachment {
                id: names::uuid(&mut state.rng),
                name,
                addon: addon.id,
                app,
                namespace,
                created_at: now,
                updated_at: now,
            };
            state.attachments.push(attachment.clone());
            let description = format!("Attach {} (@ref:{})", attachment.name, addon.name);
            Ok((attachment, description))
        })?;
        self.release(app, description);
        Ok(attachment)
    }

    /// Detaches. The last attachment in the billed app cannot go (heroku/legacy-cli#1562).
    pub(crate) fn detach(&self, id: Uuid) -> Result<Attachment, Refusal> {
        let (attachment, description) = self.with(|state| {
            let attachment = state
                .attachment(id)
                .cloned()
                .ok_or_else(|| Refusal::not_found("attachment"))?;
            state.refuse_last_billing_attachment(&attachment)?;
            let addon = state
                .addons
                .get(&attachment.addon)
                .map_or("", |addon| &addon.name);
            let description = format!("Detach {} (@ref:{addon})", attachment.name);
            state.attachments.retain(|each| each.id != id);
            Ok((attachment, description))
        })?;
        self.release(attachment.app, description);
        Ok(attachment)
    }
}

type Prepared = (Uuid, String, Option<Namespace>, Option<String>);

impl State {
    fn prepare_attachment(&mut self, new: &NewAttachment) -> Result<Prepared, Refusal> {
        let (app, app_name) = self.app(&new.app).map(|app| (app.id, app.name.clone()))?;
        let addon = self.addon(&new.addon)?.clone();
        let namespace = match &new.namespace {
            None => None,
            Some(text) => Some(valid_namespace(&addon, text)?),
        };
        let Some(name) = &new.name else {
            let name = self.color_name(app, &addon);
            return Ok((app, name, namespace, None));
        };
        let name = valid_attachment_name(name)?;
        let same = self
            .attachment_named(app, &name)
            .is_some_and(|held| held.addon == addon.id && held.namespace == namespace);
        if same {
            return Err(Refusal::invalid(format!(
                "Add-on {} is already attached to {app_name} as {name}.",
                addon.name
            )));
        }
        let replaced = self.take_name(app, &app_name, &name, new.confirm.as_deref())?;
        Ok((app, name, namespace, replaced))
    }

    /// Frees an attachment name, if the client confirmed it. The answer is the description of the
    /// release for the detachment; none where the name was free.
    pub(super) fn take_name(
        &mut self,
        app: Uuid,
        app_name: &str,
        name: &str,
        confirm: Option<&str>,
    ) -> Result<Option<String>, Refusal> {
        let Some(held) = self.attachment_named(app, name).cloned() else {
            return Ok(None);
        };
        let holder = self
            .addons
            .get(&held.addon)
            .map_or("", |addon| &addon.name)
            .to_owned();
        if confirm != Some(app_name) {
            return Err(Refusal::confirmation_required(
                app_name,
                format!("{} is already attached to {app_name} as {name}.", holder),
            ));
        }
        self.refuse_last_billing_attachment(&held)?;
        self.attachments.retain(|each| each.id != held.id);
        Ok(Some(format!("Detach {} (@ref:{holder})", held.name)))
    }

    fn refuse_last_billing_attachment(&self, attachment: &Attachment) -> Result<(), Refusal> {
        let Some(addon) = self.addons.get(&attachment.addon) else {
            return Ok(());
        };
        let billing = self
            .attachments_to(addon.id)
            .filter(|each| each.app == addon.app)
            .count();
        if attachment.app == addon.app && billing == 1 {
            return Err(Refusal::invalid(format!(
                "Cannot detach the last billing attachment of {}. Destroy the add-on instead.",
                addon.name
            )));
        }
        Ok(())
    }

    fn color_name(&mut self, app: Uuid, addon: &Addon) -> String {
        let taken = self.attachments.iter().filter(|each| each.app == app);
        let taken = taken.map(|each| each.name.as_str()).collect();
        let prefix = if addon.plan.is_connect() {
            "HEROKUCONNECT"
        } else {
            "HEROKU_POSTGRESQL"
        };
        names::colored(&mut self.rng, prefix, &taken)
    }
}

fn valid_namespace(addon: &Addon, text: &str) -> Result<Namespace, Refusal> {
    let namespace = Namespace::parse(text)
        .ok_or_else(|| Refusal::invalid(format!("Namespace {text} is not known.")))?;
    if let Namespace::Credential(name) = &namespace
        && !addon
            .credentials
            .iter()
            .any(|credential| credential.name == *name)
    {
        return Err(Refusal::invalid(format!(
            "Could not find credential {name} for {}.",
            addon.name
        )));
    }
    if !addon.plan.is_postgres() {
        return Err(Refusal::invalid("This add-on has no namespaces."));
    }
    Ok(namespace)
}
