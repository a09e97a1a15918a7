//! Config vars: the app's environment, and so its secrets.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::Platform;
use crate::error::Error;
use crate::names::{AppName, ConfigVarName};

/// The config vars of an app. Shows names, never values.
#[derive(Clone, Default)]
pub struct ConfigVars(BTreeMap<String, Option<SecretString>>);

impl ConfigVars {
    /// The value of a config var; nothing where it is not set or cannot be read (a masked one).
    pub fn get(&self, name: &ConfigVarName) -> Option<&SecretString> {
        self.0.get(name.as_str())?.as_ref()
    }

    /// Whether there is such a config var, readable or not.
    pub fn contains(&self, name: &ConfigVarName) -> bool {
        self.0.contains_key(name.as_str())
    }

    /// All names, in alphabetical order. (Those that are no name of a config var, which nothing
    /// here could ask for, are left out.)
    pub fn names(&self) -> impl Iterator<Item = ConfigVarName> + '_ {
        self.0
            .keys()
            .filter_map(|name| ConfigVarName::try_from(name.as_str()).ok())
    }

    /// The names of all config vars with exactly that value.
    pub fn names_of(&self, value: &SecretString) -> Vec<ConfigVarName> {
        let wanted = value.expose_secret();
        let same = |name: &ConfigVarName| {
            self.get(name)
                .is_some_and(|value| value.expose_secret() == wanted)
        };
        self.names().filter(same).collect()
    }
}

impl fmt::Debug for ConfigVars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfigVars")?;
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl<'de> Deserialize<'de> for ConfigVars {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let values = BTreeMap::<String, Readable>::deserialize(from)?;
        Ok(ConfigVars(
            values
                .into_iter()
                .map(|(name, value)| (name, value.0))
                .collect(),
        ))
    }
}

/// A value that may be null, or an object in place of a text.
struct Readable(Option<SecretString>);

impl<'de> Deserialize<'de> for Readable {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(from)? {
            Value::String(text) => Readable(Some(SecretString::from(text))),
            _ => Readable(None),
        })
    }
}

impl Platform {
    /// The config vars of an app (`GET /apps/{app}/config-vars`).
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a token that may not read them.
    pub async fn config_vars(&self, app: &AppName) -> Result<ConfigVars, Error> {
        let request = self.get(&["apps", app.as_str(), "config-vars"]);
        self.transport.send(&request).await?.json("config vars")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerates_what_cannot_be_read_and_shows_no_value() {
        let vars: ConfigVars =
            serde_json::from_str(r#"{"A":"s3cret","B":null,"C":{"masked":true},"D":"s3cret"}"#)
                .unwrap();
        let name = |text: &str| ConfigVarName::try_from(text).unwrap();
        assert_eq!(vars.get(&name("A")).unwrap().expose_secret(), "s3cret");
        assert!(vars.get(&name("B")).is_none() && vars.contains(&name("B")));
        assert!(vars.contains(&name("C")) && !vars.contains(&name("E")));
        assert_eq!(
            vars.names_of(&SecretString::from("s3cret")),
            [name("A"), name("D")]
        );
        assert_eq!(format!("{vars:?}"), r#"ConfigVars{"A", "B", "C", "D"}"#);
    }
}
