//! Reading JSON leniently: what may be absent, null or of an unknown kind.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::redact;

/// A text of a closed set that may grow: each value as written on the wire, and `Unknown`.
macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$vdoc])* $variant,)*
            /// One that this version does not know, as it came.
            Unknown(String),
        }

        impl $name {
            /// As it is written on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $($name::$variant => $text,)*
                    $name::Unknown(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => $name::$variant,)*
                    other => $name::Unknown(other.to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(from)?;
                Ok($name::from(text.as_str()))
            }
        }
    };
}

pub(crate) use wire_enum;

/// `null` is what an absent field is.
pub(crate) fn or_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

/// A count; nothing where it is null, negative or no number.
pub(crate) fn count<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    })
}

/// A moment, in RFC 3339 with a `T` or, as Connect's `times` have it, a space between date and
/// time; nothing where it is null or of another form.
pub(crate) fn moment<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) => text.parse().ok(),
        _ => None,
    })
}

/// A text; nothing where it is null or of another kind. Numbers become their digits.
pub(crate) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// Words for a person, as [`text`] reads them, without the secrets that they may quote.
pub(crate) fn words<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(text(from)?.map(|words| redact::without_secrets(&words)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Sample {
        #[serde(default, deserialize_with = "count")]
        count: Option<u64>,
        #[serde(default, deserialize_with = "moment")]
        at: Option<Timestamp>,
        #[serde(default, deserialize_with = "text")]
        version: Option<String>,
        #[serde(default, deserialize_with = "or_default")]
        flag: bool,
    }

    fn sample(json: &str) -> Sample {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn both_forms_of_time() {
        let with_space = sample(r#"{"at":"2025-07-16 20:12:43.734321+00:00"}"#)
            .at
            .unwrap();
        let with_t = sample(r#"{"at":"2025-07-16T20:12:43.734321Z"}"#)
            .at
            .unwrap();
        assert_eq!(with_space, with_t);
        assert_eq!(sample(r#"{"at":"yesterday"}"#).at, None);
    }

    #[test]
    fn absent_null_and_odd_values() {
        let empty = sample("{}");
        assert_eq!(
            (empty.count, empty.at, empty.version, empty.flag),
            (None, None, None, false)
        );
        let null = sample(r#"{"count":null,"at":null,"version":null,"flag":null}"#);
        assert_eq!(
            (null.count, null.at, null.version, null.flag),
            (None, None, None, false)
        );
        assert_eq!(sample(r#"{"count":-1}"#).count, None);
        assert_eq!(sample(r#"{"count":1000000}"#).count, Some(1_000_000));
        assert_eq!(
            sample(r#"{"version":64.0}"#).version.as_deref(),
            Some("64.0")
        );
    }
}
