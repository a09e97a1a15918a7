//! The formation: how many dynos of which size each process type has.

use reqwest::Method;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::Platform;
use crate::error::Error;
use crate::names::AppName;

/// A process type and its dynos.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Formation {
    /// `web`, `worker`, `release`…
    #[serde(rename = "type")]
    pub process_type: String,
    /// Dynos to keep running.
    pub quantity: u32,
    /// The dynos' size as Heroku writes it (`Standard-1X`).
    pub size: String,
    /// The command they run.
    pub command: Option<String>,
}

/// What a process type shall have. Absolute values: sending it twice is as good as once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormationUpdate {
    /// The process type.
    pub process_type: String,
    /// Dynos to keep running.
    pub quantity: u32,
    /// The dynos' size; unchanged where none is given.
    pub size: Option<String>,
}

/// A process type as it comes: the size stands in `dyno_size.name`, or in the older `size`.
#[derive(Deserialize)]
struct Wire {
    r#type: String,
    quantity: u32,
    size: Option<String>,
    dyno_size: Option<Size>,
    command: Option<String>,
}

#[derive(Deserialize)]
struct Size {
    name: Option<String>,
}

impl<'de> Deserialize<'de> for Formation {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(from)?;
        let size = wire.dyno_size.and_then(|size| size.name).or(wire.size);
        Ok(Formation {
            process_type: wire.r#type,
            quantity: wire.quantity,
            size: size.ok_or_else(|| serde::de::Error::missing_field("dyno_size"))?,
            command: wire.command,
        })
    }
}

impl From<&Formation> for FormationUpdate {
    /// What brings a process type back to how it was.
    fn from(was: &Formation) -> Self {
        FormationUpdate {
            process_type: was.process_type.clone(),
            quantity: was.quantity,
            size: Some(was.size.clone()),
        }
    }
}

impl FormationUpdate {
    /// `dyno_size`, not the deprecated `size`: the schema permits no other key.
    fn body(&self) -> Value {
        let mut body = json!({ "type": self.process_type, "quantity": self.quantity });
        if let Some(size) = &self.size {
            body["dyno_size"] = json!({ "name": size });
        }
        body
    }
}

impl Platform {
    /// All process types of an app (`GET /apps/{app}/formation`).
    ///
    /// # Errors
    /// Whatever Heroku refuses.
    pub async fn formation(&self, app: &AppName) -> Result<Vec<Formation>, Error> {
        let request = self.get(&["apps", app.as_str(), "formation"]);
        self.transport.list(request, "a formation").await
    }

    /// Scales process types (`PATCH /apps/{app}/formation`); returns those that Heroku answers
    /// with, which are the updated ones. Sends nothing where there is nothing to update.
    ///
    /// # Errors
    /// Whatever Heroku refuses; repeated by itself when the answer is lost.
    pub async fn update_formation(
        &self,
        app: &AppName,
        updates: &[FormationUpdate],
    ) -> Result<Vec<Formation>, Error> {
        if updates.is_empty() {
            return Ok(Vec::new());
        }
        let updates: Vec<Value> = updates.iter().map(FormationUpdate::body).collect();
        let request = self
            .settle(Method::PATCH, &["apps", app.as_str(), "formation"])
            .json(&json!({ "updates": updates }));
        self.transport.send(&request).await?.json("a formation")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_read_from_either_field() {
        let read = |json: &str| serde_json::from_str::<Formation>(json);
        let new = read(
            r#"{"type":"web","quantity":2,"dyno_size":{"id":"x","name":"Standard-1X"},"size":"standard-1X"}"#,
        );
        assert_eq!(new.unwrap().size, "Standard-1X");
        let old = read(r#"{"type":"web","quantity":2,"size":"Basic","command":"run"}"#).unwrap();
        assert_eq!(
            (old.size.as_str(), old.command.as_deref()),
            ("Basic", Some("run"))
        );
        assert!(read(r#"{"type":"web","quantity":2}"#).is_err());
    }
}
