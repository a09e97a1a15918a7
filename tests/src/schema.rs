//! Checks requests against the Platform API's own hyper-schema.
//!
//! The schema is third-party data and stands beside the repository, never in it: where it is
//! absent there is nothing to check with, and suites say so and go on.

use std::path::{Path, PathBuf};

use jsonschema::Draft;
use serde_json::{Map, Value};

/// How deep references in the schema may lead; deeper is a circle.
const DEEPEST: u32 = 24;

/// The directory with the third-party shapes: `$CONNECT_SWAP_SCHEMAS`, else `shared/schemas`
/// beside the repository. Nothing where there is none.
pub fn directory() -> Option<PathBuf> {
    if let Some(set) = std::env::var_os("CONNECT_SWAP_SCHEMAS") {
        return Some(PathBuf::from(set)).filter(|path| path.is_dir());
    }
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    above
        .map(|path| path.join("shared/schemas"))
        .find(|path| path.is_dir())
}

/// The Platform API's hyper-schema (`version=3`).
pub struct PlatformSchema {
    document: Value,
    links: Vec<Link>,
}

/// One operation of the API.
struct Link {
    method: String,
    path: Vec<Segment>,
    /// What a body must be; none where the operation takes no body.
    body: Option<Value>,
}

/// A part of a path: a text, or the schema that a parameter must satisfy.
enum Segment {
    Text(String),
    Parameter(Value),
}

impl PlatformSchema {
    /// Reads the schema; nothing where it is absent.
    ///
    /// # Panics
    /// Where it is there and is no hyper-schema.
    pub fn load() -> Option<Self> {
        let text = std::fs::read_to_string(directory()?.join("platform-v3.json")).ok()?;
        let document: Value = serde_json::from_str(&text).expect("the schema is JSON");
        let links = links(&document);
        assert!(
            links.len() > 100,
            "the schema has only {} operations",
            links.len()
        );
        Some(PlatformSchema { document, links })
    }

    /// Checks one request: that there is such an operation, that the parameters in its path may be
    /// such, and that its body satisfies the operation's schema. A query is ignored.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn check_request(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(), String> {
        let path = path.split('?').next().unwrap_or_default();
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let candidates: Vec<&Link> = self
            .links
            .iter()
            .filter(|link| link.method.eq_ignore_ascii_case(method) && self.leads(link, &segments))
            .collect();
        if candidates.is_empty() {
            return Err(format!("{method} {path}: the schema has no such operation"));
        }
        let mut complaints = Vec::new();
        for link in candidates {
            match self.check_body(link, body) {
                Ok(()) => return Ok(()),
                Err(complaint) => complaints.push(complaint),
            }
        }
        Err(format!("{method} {path}: {}", complaints.join("; or ")))
    }

    fn leads(&self, link: &Link, segments: &[&str]) -> bool {
        link.path.len() == segments.len()
            && link
                .path
                .iter()
                .zip(segments)
                .all(|(expected, actual)| match expected {
                    Segment::Text(text) => text == actual,
                    Segment::Parameter(schema) => is_parameter(schema, actual),
                })
    }

    fn check_body(&self, link: &Link, body: Option<&Value>) -> Result<(), String> {
        match (&link.body, body) {
            (Some(schema), Some(body)) => check(&inlined(&self.document, schema, 0), body),
            (None, Some(_)) => Err("it takes no body".to_owned()),
            (Some(schema), None) if schema.get("required").is_some() => {
                Err("it needs a body".to_owned())
            }
            (_, None) => Ok(()),
        }
    }
}

fn links(document: &Value) -> Vec<Link> {
    let definitions = document["definitions"].as_object().into_iter().flatten();
    let all = definitions
        .filter_map(|(_, definition)| definition["links"].as_array())
        .flatten();
    all.map(|link| Link {
        method: link["method"].as_str().unwrap_or_default().to_owned(),
        path: template(document, link["href"].as_str().unwrap_or_default()),
        body: link
            .get("schema")
            .filter(|schema| schema.is_object())
            .cloned(),
    })
    .collect()
}

/// `/apps/{(%23%2Fdefinitions%2Fapp…)}` in its parts.
fn template(document: &Value, href: &str) -> Vec<Segment> {
    let parameter = |text: &str| {
        let pointer = text.strip_prefix("{(")?.strip_suffix(")}")?;
        let pointer = pointer.replace("%23", "#").replace("%2F", "/");
        Some(Segment::Parameter(inlined(
            document,
            &serde_json::json!({ "$ref": pointer }),
            0,
        )))
    };
    href.trim_matches('/')
        .split('/')
        .map(|text| parameter(text).unwrap_or_else(|| Segment::Text(text.to_owned())))
        .collect()
}

/// A parameter is a text, or the number that it spells (a release's version).
fn is_parameter(schema: &Value, text: &str) -> bool {
    let number = text.parse::<u64>().ok().map(Value::from);
    check(schema, &Value::from(text)).is_ok()
        || number.is_some_and(|number| check(schema, &number).is_ok())
}

/// `schema` with every reference replaced by what it leads to.
fn inlined(document: &Value, schema: &Value, depth: u32) -> Value {
    assert!(
        depth < DEEPEST,
        "references of the schema go round in a circle"
    );
    match schema {
        Value::Object(map) => match map.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let pointer = reference.trim_start_matches('#');
                let target = document.pointer(pointer);
                let target = target.unwrap_or_else(|| panic!("{reference} leads nowhere"));
                inlined(document, target, depth + 1)
            }
            None => Value::Object(inlined_map(document, map, depth)),
        },
        Value::Array(all) => all
            .iter()
            .map(|one| inlined(document, one, depth))
            .collect(),
        plain => plain.clone(),
    }
}

/// Without what says nothing about a value, and may lead nowhere. What stands under `properties`
/// are names, not keywords.
fn inlined_map(document: &Value, map: &Map<String, Value>, depth: u32) -> Map<String, Value> {
    const SILENT: [&str; 7] = [
        "definitions",
        "links",
        "identity",
        "example",
        "default",
        "description",
        "$schema",
    ];
    let keywords = map
        .iter()
        .filter(|(key, _)| !SILENT.contains(&key.as_str()));
    let follow = |value: &Value| inlined(document, value, depth);
    keywords
        .map(|(key, value)| match (key.as_str(), value) {
            ("properties" | "patternProperties", Value::Object(named)) => {
                let named = named
                    .iter()
                    .map(|(name, value)| (name.clone(), follow(value)));
                (key.clone(), Value::Object(named.collect()))
            }
            _ => (key.clone(), follow(value)),
        })
        .collect()
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups
            .iter()
            .all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn check(schema: &Value, value: &Value) -> Result<(), String> {
    let validator = jsonschema::options()
        .with_draft(Draft::Draft4)
        .should_validate_formats(true)
        // A format of later drafts than the one the schema is written in.
        .with_format("uuid", is_uuid)
        .build(schema)
        .expect("the schema's parts are schemas");
    let complaints: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    if complaints.is_empty() {
        Ok(())
    } else {
        Err(complaints.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tells_good_requests_from_bad_ones() {
        let Some(schema) = PlatformSchema::load() else {
            println!("skipped: the Platform API's schema is not there");
            return;
        };
        let ok =
            |method, path, body: Option<Value>| schema.check_request(method, path, body.as_ref());
        let scale = |update: Value| {
            ok(
                "PATCH",
                "/apps/demo/formation",
                Some(json!({ "updates": [update] })),
            )
        };
        assert_eq!(scale(json!({ "type": "web", "quantity": 2 })), Ok(()));
        assert_eq!(
            scale(json!({ "type": "web", "dyno_size": { "name": "Basic" } })),
            Ok(())
        );
        assert!(scale(json!({ "type": "web", "quantity": "2" })).is_err());
        assert!(scale(json!({ "type": "web", "size": "Basic" })).is_err());
        assert!(scale(json!({ "quantity": 2 })).is_err());
        assert_eq!(ok("GET", "/apps/demo/releases/12", None), Ok(()));
        assert_eq!(ok("GET", "/apps/demo?x=1", None), Ok(()));
        assert!(ok("GET", "/nothing/like/that", None).is_err());
        assert!(ok("GET", "/apps/Not An App", None).is_err());
        assert!(ok("DELETE", "/apps/demo", Some(json!({ "force": true }))).is_err());
        assert!(ok("POST", "/apps/demo/addons", None).is_err());
    }
}
