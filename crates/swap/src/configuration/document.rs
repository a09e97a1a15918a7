//! An exported configuration, read without losing where its parts stand in the text.
//!
//! Format: `{"mappings":[{"object_name","config"}],"connection":{…},"version":1}`; every public
//! export has version 1 (Heroku Connect CLI plugin, `connect:export`).

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// A text that is not a configuration this tool knows.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// Not JSON, or not of this shape.
    #[error("this is not a Heroku Connect export: {0}")]
    Shape(#[from] serde_json::Error),
    /// Another version of the format.
    #[error(
        "this is not a Heroku Connect export of version 1 (it says version {0}); \
         export it again with `heroku connect:export`"
    )]
    Version(String),
    /// The same object twice.
    #[error("the export maps {0} twice")]
    Twice(String),
}

#[derive(Deserialize)]
struct Top<'a> {
    #[serde(borrow)]
    version: Option<&'a RawValue>,
    #[serde(borrow)]
    mappings: Vec<RawMapping<'a>>,
}

#[derive(Deserialize)]
struct RawMapping<'a> {
    object_name: String,
    #[serde(borrow)]
    config: &'a RawValue,
}

#[derive(Deserialize)]
struct RawConfig<'a> {
    #[serde(borrow)]
    fields: &'a RawValue,
    #[serde(borrow, default)]
    indexes: Option<&'a RawValue>,
}

/// One mapping of a configuration.
#[derive(Debug, Clone)]
pub struct MappingView {
    /// The Salesforce object's API name.
    pub object: String,
    /// The whole `config`.
    pub config: Map<String, Value>,
    /// Where `config` stands in the text.
    pub(crate) config_at: Range<usize>,
    /// Where `fields` stands in the text.
    pub(crate) fields_at: Range<usize>,
    /// Where `indexes` stands in the text; exports of 2015 have none.
    pub(crate) indexes_at: Option<Range<usize>>,
}

impl MappingView {
    /// The names of the mapped fields, as written.
    pub fn fields(&self) -> Vec<String> {
        self.keys("fields")
    }

    /// The names of the indexed fields, as written.
    pub fn indexes(&self) -> Vec<String> {
        self.keys("indexes")
    }

    /// Whether a field is mapped; PostgreSQL folds names to lower case, so case does not matter.
    pub fn has_field(&self, field: &str) -> bool {
        self.fields()
            .iter()
            .any(|name| name.eq_ignore_ascii_case(field))
    }

    /// Whether a field is indexed.
    pub fn has_index(&self, field: &str) -> bool {
        self.indexes()
            .iter()
            .any(|name| name.eq_ignore_ascii_case(field))
    }

    /// `read_only` or `read_write`.
    pub fn access(&self) -> &str {
        self.config
            .get("access")
            .and_then(Value::as_str)
            .unwrap_or("read_only")
    }

    /// The table Connect keeps this object in: the object's name in lower case.
    pub fn table(&self) -> String {
        self.object.to_lowercase()
    }

    fn keys(&self, member: &str) -> Vec<String> {
        match self.config.get(member) {
            Some(Value::Object(map)) => map.keys().cloned().collect(),
            _ => Vec::new(),
        }
    }
}

/// A configuration and its text.
#[derive(Debug, Clone)]
pub struct Document {
    text: String,
    mappings: Vec<MappingView>,
}

impl Document {
    /// Reads an export.
    ///
    /// # Errors
    /// When the text is not JSON, has another shape or another version.
    pub fn parse(text: impl Into<String>) -> Result<Self, FormatError> {
        let text = text.into();
        let any: Value = serde_json::from_str(&text)?;
        if let Some(version) = any.get("schema_version") {
            return Err(FormatError::Version(version.to_string()));
        }
        let top: Top<'_> = serde_json::from_str(&text)?;
        let version = top.version.map_or("nothing", RawValue::get);
        if version != "1" {
            return Err(FormatError::Version(version.to_owned()));
        }
        let mut mappings = Vec::new();
        let mut seen = BTreeMap::new();
        for mapping in &top.mappings {
            if seen
                .insert(mapping.object_name.to_lowercase(), ())
                .is_some()
            {
                return Err(FormatError::Twice(mapping.object_name.clone()));
            }
            mappings.push(view(&text, mapping)?);
        }
        Ok(Self { mappings, text })
    }

    /// The text, byte for byte.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The mappings, in the text's order.
    pub fn mappings(&self) -> &[MappingView] {
        &self.mappings
    }

    /// The mapping of an object; case does not matter.
    pub fn mapping(&self, object: &str) -> Option<&MappingView> {
        self.mappings
            .iter()
            .find(|mapping| mapping.object.eq_ignore_ascii_case(object))
    }
}

fn view(text: &str, mapping: &RawMapping<'_>) -> Result<MappingView, FormatError> {
    let config: RawConfig<'_> = serde_json::from_str(mapping.config.get())?;
    let config_map: Map<String, Value> = serde_json::from_str(mapping.config.get())?;
    // Both must be objects: what is edited later is inserted before their closing brace.
    let _: Map<String, Value> = serde_json::from_str(config.fields.get())?;
    if let Some(indexes) = config.indexes {
        let _: Map<String, Value> = serde_json::from_str(indexes.get())?;
    }
    Ok(MappingView {
        object: mapping.object_name.clone(),
        config: config_map,
        config_at: range(text, mapping.config.get()),
        fields_at: range(text, config.fields.get()),
        indexes_at: config.indexes.map(|indexes| range(text, indexes.get())),
    })
}

/// Where a part borrowed from a text stands in it.
fn range(text: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    start..start + part.len()
}
