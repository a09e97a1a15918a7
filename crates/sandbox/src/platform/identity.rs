//! Things named in request bodies: a string, or an object with a name or an id.

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_json::Value;

/// A name or an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity(pub(super) String);

impl<'de> Deserialize<'de> for Identity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let text = match &value {
            Value::String(_) => Some(&value),
            Value::Object(_) => value.get("id").or_else(|| value.get("name")),
            _ => None,
        };
        text.and_then(Value::as_str)
            .map(|text| Self(text.to_owned()))
            .ok_or_else(|| D::Error::custom("expected a name, an id, or an object with one"))
    }
}

/// A number, or one written as text, perhaps relative: `2`, `"2"`, `"+1"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Quantity(pub(super) String);

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text)),
            Value::Number(number) => Ok(Self(number.to_string())),
            _ => Err(D::Error::custom("expected a quantity")),
        }
    }
}
