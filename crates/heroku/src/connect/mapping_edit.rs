//! Making, changing and reloading single mappings.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Connect, Connection, Mapping};
use crate::error::Error;
use crate::names::MappingId;
use crate::transport::{Answer, Effect, Request, once_or_found};

impl Connect {
    /// Makes a mapping (`POST /connections/{id}/mappings`), which loads its table at once.
    ///
    /// Where the answer is lost the mapping is looked for by its object.
    ///
    /// # Errors
    /// Whatever Connect refuses.
    pub async fn create_mapping(
        &self,
        connection: &Connection,
        object_name: &str,
        config: &Value,
    ) -> Result<Mapping, Error> {
        let request = self
            .post(Effect::Once, self.below(connection, &["mappings"]))
            .json(&json!({ "object_name": object_name, "config": config }));
        once_or_found(
            &self.transport,
            async || self.answered(self.transport.send(&request).await?),
            async || Ok(self.reread(connection).await?.mapping(object_name).cloned()),
        )
        .await
    }

    /// Changes a mapping's configuration (`PUT /mappings/{id}`). `config` is the whole of it, with
    /// the `revision` that the mapping had when it was read: where someone changed it since,
    /// Connect refuses.
    ///
    /// Where the answer is lost the connection is read: the mapping is returned if it has that
    /// configuration now.
    ///
    /// # Errors
    /// Whatever Connect refuses, [`Error::NotFound`] for a mapping that `connection` does not have.
    pub async fn update_mapping(
        &self,
        connection: &Connection,
        mapping: &MappingId,
        config: &Value,
    ) -> Result<Mapping, Error> {
        let url = self.region(connection, &["mappings", mapping.as_str()]);
        let known = connection
            .mappings
            .iter()
            .find(|known| known.id == *mapping);
        // The same shape as when it was made: object and configuration.
        let object = known.map(|known| known.object_name.as_str());
        let mut body = json!({ "config": config });
        if let Some(object) = object {
            body["object_name"] = json!(object);
        }
        if let Some(revision) = config.get("revision") {
            body["revision"] = revision.clone();
        }
        let request = Request::connect(Effect::Once, Method::PUT, url).json(&body);
        once_or_found(
            &self.transport,
            async || self.answered(self.transport.send(&request).await?),
            async || {
                let now = self.reread(connection).await?.mappings;
                let same =
                    |found: &Mapping| found.id == *mapping && same_config(&found.config, config);
                Ok(now.into_iter().find(same))
            },
        )
        .await
    }

    /// Loads a mapping's table anew (`POST /mappings/{id}/actions/reload`).
    ///
    /// # Errors
    /// Whatever Connect refuses. Where the answer is lost, the mapping's state tells.
    pub async fn reload_mapping(
        &self,
        connection: &Connection,
        mapping: &MappingId,
    ) -> Result<(), Error> {
        let url = self.region(
            connection,
            &["mappings", mapping.as_str(), "actions", "reload"],
        );
        self.transport
            .send(&self.post(Effect::Once, url))
            .await
            .map(|_| ())
    }

    fn answered(&self, answer: Answer) -> Result<Mapping, Error> {
        answer.json("a mapping")
    }
}

/// Whether two configurations are the same but for what Connect counts and stamps by itself.
fn same_config(one: &Value, other: &Value) -> bool {
    let essence = |config: &Value| {
        let mut config = config.clone();
        if let Some(config) = config.as_object_mut() {
            config.remove("revision");
            config.remove("applied_at");
        }
        config
    };
    essence(one) == essence(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revision_and_stamp_do_not_make_a_difference() {
        let one =
            json!({ "access": "read_only", "revision": 1, "fields": { "Id": {}, "Name": {} } });
        let mut other = json!({ "fields": { "Name": {}, "Id": {} }, "access": "read_only" });
        other["applied_at"] = json!("2025-07-16T19:21:58Z");
        assert!(same_config(&one, &other));
        other["fields"]["Industry"] = json!({});
        assert!(!same_config(&one, &other));
    }
}
