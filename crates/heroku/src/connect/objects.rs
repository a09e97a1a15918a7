//! Salesforce objects and their fields, as Connect sees them.

use serde::{Deserialize, Serialize};

use super::{Connect, Connection};
use crate::error::Error;
use crate::wire;

/// A field of a Salesforce object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldSchema {
    /// Its API name.
    pub name: String,
    /// Whether a mapping must have it.
    #[serde(default, deserialize_with = "wire::or_default")]
    pub required: bool,
    /// Its type, where Connect says it.
    #[serde(default, rename = "type", deserialize_with = "wire::text")]
    pub field_type: Option<String>,
}

#[derive(Deserialize)]
struct Schema {
    fields: Vec<FieldSchema>,
}

impl Connect {
    /// The fields of a Salesforce object (`GET /connections/{id}/schemas/{object}`); nothing where
    /// there is no such object.
    ///
    /// # Errors
    /// Whatever Connect refuses but 404.
    pub async fn object_fields(
        &self,
        connection: &Connection,
        object: &str,
    ) -> Result<Option<Vec<FieldSchema>>, Error> {
        let url = self.below(connection, &["schemas", object]);
        match self.transport.send(&self.get(url)).await {
            Ok(answer) => Ok(Some(answer.json::<Schema>("an object's fields")?.fields)),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
