//! Names and identifiers, parsed once and carried as types.
//!
//! The patterns are those of the Platform API's schema, without its upper bounds on length: apps
//! older than the bounds still exist. Each of these goes into a URL path or is compared by hand,
//! so none may hold a separator, a space or a control character.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text that cannot be the name or identifier it was meant to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {kind}")]
pub struct InvalidName {
    /// What it was meant to be, with its article: "an app name".
    pub kind: &'static str,
    /// The text itself, cut to 80 characters.
    pub text: String,
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident, $kind:literal, $valid:path;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text as Heroku writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(text: String) -> Result<Self, InvalidName> {
                if $valid(&text) {
                    Ok(Self(text))
                } else {
                    Err(InvalidName { kind: $kind, text: text.chars().take(80).collect() })
                }
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidName;

            fn try_from(text: &str) -> Result<Self, InvalidName> {
                Self::try_from(text.to_owned())
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:?})", stringify!($name), self.0)
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }
    )*};
}

names! {
    /// The name of an app: lower-case letters, digits and dashes, beginning with a letter.
    AppName, "an app name", is_app_name;
    /// The identifier of an app.
    AppId, "an app id", is_identifier;
    /// The name of an add-on, unique over all of Heroku (`postgresql-flat-02648`).
    AddonName, "an add-on name", is_addon_name;
    /// The identifier of an add-on; the Data API's name for a database.
    AddonId, "an add-on id", is_identifier;
    /// The name of an attachment within its app (`DATABASE`, `HEROKU_POSTGRESQL_PINK`).
    AttachmentName, "an attachment name", is_attachment_name;
    /// The identifier of an attachment.
    AttachmentId, "an attachment id", is_identifier;
    /// The name of a config var (`DATABASE_URL`).
    ConfigVarName, "a config var name", is_config_var_name;
    /// The identifier of a Connect connection. Not the add-on's.
    ConnectionId, "a connection id", is_identifier;
    /// The identifier of a Connect mapping.
    MappingId, "a mapping id", is_identifier;
    /// The identifier of a release.
    ReleaseId, "a release id", is_identifier;
}

fn is_app_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && (2..=100).contains(&text.len())
}

fn is_addon_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        && (2..=256).contains(&text.len())
}

fn is_attachment_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && is_config_var_name(text)
}

fn is_config_var_name(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && (1..=256).contains(&text.len())
}

fn is_identifier(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        && (1..=100).contains(&text.len())
}

impl AttachmentName {
    /// The config var in which an attachment of a database or of Connect puts its URL.
    pub fn config_var(&self) -> ConfigVarName {
        ConfigVarName(format!("{}_URL", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_heroku_uses() {
        assert!(AppName::try_from("my-app-2").is_ok());
        assert!(AddonName::try_from("postgresql-flat-02648").is_ok());
        assert!(AttachmentName::try_from("HEROKU_POSTGRESQL_PINK").is_ok());
        assert!(ConnectionId::try_from("5e1f4b25-c7e9-4731-8ede-a81a6a0a8830").is_ok());
        let url = AttachmentName::try_from("NEW_DATABASE")
            .unwrap()
            .config_var();
        assert_eq!(url, "NEW_DATABASE_URL");
    }

    #[test]
    fn refuses_what_would_break_a_path() {
        for text in [
            "", "a", "My-App", "-app", "app-", "a/b", "app?x", "app name", "2app", "..", "ä-app",
        ] {
            assert!(AppName::try_from(text).is_err(), "{text:?}");
        }
        for text in ["", "../x", "a b", "a/b", "a\n"] {
            assert!(AddonId::try_from(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn json_is_the_bare_text_and_is_checked() {
        let name: AppName = serde_json::from_str("\"demo\"").unwrap();
        assert_eq!(serde_json::to_string(&name).unwrap(), "\"demo\"");
        let error = serde_json::from_str::<AppName>("\"de/mo\"").unwrap_err();
        assert!(error.to_string().contains("is not an app name"), "{error}");
    }
}
