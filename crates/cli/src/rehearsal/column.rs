//! The column that a rehearsal adds where none is named.

use connect_swap_sandbox::Sandbox;
use connect_swap_sandbox::salesforce::{Field, FieldType};
use serde_json::Value;

use super::start::APP;

/// `Object.Field`: a text field of the first (the large) mapping's object that is not mapped yet.
pub(super) fn unmapped(sandbox: &Sandbox, export: &Value) -> Option<String> {
    let mapping = export["mappings"].get(0)?;
    let object = mapping["object_name"].as_str()?;
    let mapped = mapping["config"]["fields"].as_object()?;
    let schema = sandbox.connect().organisation(APP)?.schema(object)?;
    let free = |field: &&Field| {
        field.references.is_none()
            && field.relationship.is_none()
            && !field.is_system()
            && !mapped
                .keys()
                .any(|name| name.eq_ignore_ascii_case(&field.name))
    };
    let text = |field: &&Field| matches!(field.kind, FieldType::Text(_) | FieldType::Picklist);
    let mut fields = schema.fields.iter().filter(free);
    fields
        .find(text)
        .map(|field| format!("{object}.{}", field.name))
}
