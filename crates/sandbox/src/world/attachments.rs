//! An add-on under a name in an app, and the config vars that this makes.

use jiff::Timestamp;
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::state::{Addon, AddonState};

#[derive(Clone, Debug)]
pub(crate) struct Attachment {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) addon: Uuid,
    pub(crate) app: Uuid,
    pub(crate) namespace: Option<Namespace>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// Which face of the add-on is attached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Namespace {
    /// `credential:NAME`: another role of the database.
    Credential(String),
    /// `connection-pooling:default`: the pooler in front of it.
    Pooling,
}

impl Namespace {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.split_once(':')? {
            ("connection-pooling", "default") => Some(Self::Pooling),
            ("credential", name) if !name.is_empty() => Some(Self::Credential(name.to_owned())),
            _ => None,
        }
    }
}

impl std::fmt::Display for Namespace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Credential(name) => write!(f, "credential:{name}"),
            Self::Pooling => f.write_str("connection-pooling:default"),
        }
    }
}

impl Attachment {
    /// The config vars this attachment sets, with their values; none before the add-on is there.
    ///
    /// The pooler is played by the database itself: the variable exists and works.
    pub(crate) fn config_vars(&self, addon: &Addon) -> Vec<(String, String)> {
        if addon.state != AddonState::Provisioned {
            return Vec::new();
        }
        let url = match (&addon.database, &self.namespace) {
            (Some(database), None | Some(Namespace::Pooling)) => Some(database.url()),
            (Some(database), Some(Namespace::Credential(name))) => addon
                .credentials
                .iter()
                .find(|credential| credential.name == *name)
                .map(|credential| database.url_for(&credential.role, &credential.password)),
            (None, _) => None,
        };
        let value = match url {
            Some(url) => Some(url.expose_secret().to_owned()),
            None => addon.connect_url.clone(),
        };
        value
            .map(|value| (format!("{}_URL", self.name), value))
            .into_iter()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_are_read_and_written_alike() {
        for text in ["credential:reports", "connection-pooling:default"] {
            assert_eq!(Namespace::parse(text).unwrap().to_string(), text);
        }
        for text in ["credential:", "role:x", "default", ""] {
            assert_eq!(Namespace::parse(text), None);
        }
    }
}
