//! Checks a request against the export and Salesforce's own field list, before anything is made.
//!
//! Connect accepts every import and shows errors only later (Connect CLI plugin issue 97); a
//! relationship field without an index on its lookup breaks the whole mapping silently
//! (django-heroku-connect issue 83).

use std::collections::BTreeMap;

use super::document::{Document, MappingView};
use super::edit::Addition;
use super::request::Request;

/// A field as Connect's `schemas/{Object}` tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownField {
    /// The API name.
    pub name: String,
    /// The type, where it is told.
    pub kind: Option<String>,
}

/// Why a request cannot be met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValidationError {
    /// The object is not mapped.
    #[error("{object} is not mapped by this connection; it maps {mapped}")]
    NoMapping {
        /// As typed.
        object: String,
        /// What is mapped.
        mapped: String,
    },
    /// Salesforce has no such object, or the connection may not see it.
    #[error("Salesforce tells no fields of {object}; the connection's user may not see it")]
    NoObject {
        /// The object.
        object: String,
    },
    /// Salesforce has no such field.
    #[error("{object} has no field {field}{near}")]
    NoField {
        /// The object.
        object: String,
        /// As typed.
        field: String,
        /// A similar name, in words, or nothing.
        near: String,
    },
    /// The field is mapped already.
    #[error("{object}.{field} is mapped already; leave it out of --add")]
    Mapped {
        /// The object.
        object: String,
        /// The field.
        field: String,
    },
    /// The field is indexed already.
    #[error("{object}.{field} is indexed already; leave it out of --index")]
    Indexed {
        /// The object.
        object: String,
        /// The field.
        field: String,
    },
    /// A field to index that would not be mapped.
    #[error(
        "{object}.{field} cannot be indexed because it is not mapped; add it with --add {object}.{field}"
    )]
    IndexWithoutField {
        /// The object.
        object: String,
        /// The field.
        field: String,
    },
    /// A relationship field whose lookup has no index.
    #[error(
        "{object}.{field} needs an index on its lookup {lookup}, else the whole mapping stops \
         working; add --index {object}.{lookup}{also}"
    )]
    LookupWithoutIndex {
        /// The object.
        object: String,
        /// The relationship field.
        field: String,
        /// Its lookup.
        lookup: String,
        /// ` and --add …` where the lookup is not mapped either.
        also: String,
    },
}

/// The additions a request means, spelled as Salesforce and the export spell them.
///
/// `known` holds the field lists of the objects in the request, by lower-cased object name; an
/// object that is missing there is unknown to Salesforce.
///
/// # Errors
/// Every reason why the request cannot be met.
pub fn validate(
    document: &Document,
    request: &Request,
    known: &BTreeMap<String, Vec<KnownField>>,
) -> Result<Vec<Addition>, Vec<ValidationError>> {
    let mut errors = Vec::new();
    let mut additions: BTreeMap<String, Addition> = BTreeMap::new();
    for (object, field) in &request.fields {
        match added_field(document, object, field, known) {
            Ok((mapping, name)) => {
                let addition = entry(&mut additions, &mapping.object);
                if !contains(&addition.fields, &name) {
                    addition.fields.push(name);
                }
            }
            Err(error) => errors.push(error),
        }
    }
    for (object, field) in &request.indexes {
        match added_index(document, object, field, &additions) {
            Ok((mapping, name)) => {
                let addition = entry(&mut additions, &mapping.object);
                if !contains(&addition.indexes, &name) {
                    addition.indexes.push(name);
                }
            }
            Err(error) => errors.push(error),
        }
    }
    let additions: Vec<Addition> = additions.into_values().collect();
    for addition in &additions {
        errors.extend(unindexed_lookups(document, addition, known));
    }
    if errors.is_empty() {
        Ok(additions)
    } else {
        Err(errors)
    }
}

fn entry<'a>(additions: &'a mut BTreeMap<String, Addition>, object: &str) -> &'a mut Addition {
    additions
        .entry(object.to_lowercase())
        .or_insert_with(|| Addition {
            object: object.to_owned(),
            ..Addition::default()
        })
}

fn contains(names: &[String], name: &str) -> bool {
    names.iter().any(|other| other.eq_ignore_ascii_case(name))
}

fn mapping<'a>(document: &'a Document, object: &str) -> Result<&'a MappingView, ValidationError> {
    document.mapping(object).ok_or_else(|| {
        let mapped: Vec<_> = document
            .mappings()
            .iter()
            .map(|m| m.object.as_str())
            .collect();
        let mapped = if mapped.is_empty() {
            "nothing".to_owned()
        } else {
            mapped.join(", ")
        };
        ValidationError::NoMapping {
            object: object.to_owned(),
            mapped,
        }
    })
}

fn added_field<'a>(
    document: &'a Document,
    object: &str,
    field: &str,
    known: &BTreeMap<String, Vec<KnownField>>,
) -> Result<(&'a MappingView, String), ValidationError> {
    let mapping = mapping(document, object)?;
    if mapping.has_field(field) {
        return Err(ValidationError::Mapped {
            object: mapping.object.clone(),
            field: field.to_owned(),
        });
    }
    let fields =
        known
            .get(&mapping.object.to_lowercase())
            .ok_or_else(|| ValidationError::NoObject {
                object: mapping.object.clone(),
            })?;
    if let Some(found) = fields
        .iter()
        .find(|known| known.name.eq_ignore_ascii_case(field))
    {
        return Ok((mapping, found.name.clone()));
    }
    if lookup_of(field, fields).is_some() {
        return Ok((mapping, field.to_owned()));
    }
    Err(ValidationError::NoField {
        object: mapping.object.clone(),
        field: field.to_owned(),
        near: near(field, fields),
    })
}

fn added_index<'a>(
    document: &'a Document,
    object: &str,
    field: &str,
    additions: &BTreeMap<String, Addition>,
) -> Result<(&'a MappingView, String), ValidationError> {
    let mapping = mapping(document, object)?;
    if mapping.has_index(field) {
        return Err(ValidationError::Indexed {
            object: mapping.object.clone(),
            field: field.to_owned(),
        });
    }
    let added = additions.get(&mapping.object.to_lowercase());
    let names = mapping
        .fields()
        .into_iter()
        .chain(added.into_iter().flat_map(|a| a.fields.clone()));
    let spelled = names
        .into_iter()
        .find(|name| name.eq_ignore_ascii_case(field));
    spelled
        .map(|name| (mapping, name))
        .ok_or_else(|| ValidationError::IndexWithoutField {
            object: mapping.object.clone(),
            field: field.to_owned(),
        })
}

fn unindexed_lookups(
    document: &Document,
    addition: &Addition,
    known: &BTreeMap<String, Vec<KnownField>>,
) -> Vec<ValidationError> {
    let Some(mapping) = document.mapping(&addition.object) else {
        return Vec::new();
    };
    let empty = Vec::new();
    let fields = known.get(&addition.object.to_lowercase()).unwrap_or(&empty);
    let relationship = |field: &String| Some((field.clone(), lookup_of(field, fields)?));
    let missing = addition
        .fields
        .iter()
        .filter_map(relationship)
        .filter(|(_, lookup)| !mapping.has_index(lookup) && !contains(&addition.indexes, lookup));
    missing
        .map(|(field, lookup)| {
            let mapped = mapping.has_field(&lookup) || contains(&addition.fields, &lookup);
            let also = format!(" and --add {}.{lookup}", mapping.object);
            ValidationError::LookupWithoutIndex {
                object: mapping.object.clone(),
                field,
                lookup,
                also: if mapped { String::new() } else { also },
            }
        })
        .collect()
}

/// The lookup behind a relationship field: `Genre__c` of `Genre__r__External_ID__c`, `AccountId`
/// of `Account__ExternalId__c`, `NS__User__c` of `NS__User__c__NS__UUID__c`. A namespaced field
/// (`SACAP__UUID__c`) has none.
fn lookup_of(field: &str, fields: &[KnownField]) -> Option<String> {
    let lower = field.to_lowercase();
    let named = |name: &str| {
        fields
            .iter()
            .find(|known| known.name.eq_ignore_ascii_case(name))
    };
    if let Some(at) = lower.find("__r__") {
        return named(&format!("{}__c", &field[..at])).map(|known| known.name.clone());
    }
    if named(field).is_some() {
        return None;
    }
    let whole = fields.iter().find(|known| {
        let name = known.name.to_lowercase();
        name.ends_with("__c") && lower.starts_with(&format!("{name}__"))
    });
    let standard = || named(&format!("{}Id", &field[..lower.find("__")?]));
    whole.or_else(standard).map(|known| known.name.clone())
}

fn near(field: &str, fields: &[KnownField]) -> String {
    let wanted = field.to_lowercase().replace('_', "");
    let plain = |name: &str| {
        let lower = name.to_lowercase();
        lower.strip_suffix("__c").unwrap_or(&lower).replace('_', "")
    };
    let wanted = wanted
        .strip_suffix("c")
        .filter(|_| field.ends_with("__c"))
        .unwrap_or(&wanted);
    let found = fields.iter().find(|known| {
        let name = plain(&known.name);
        name == wanted || (wanted.len() > 3 && (name.contains(wanted) || wanted.contains(&name)))
    });
    found.map_or_else(String::new, |known| {
        format!("; did you mean {}?", known.name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(names: &[&str]) -> BTreeMap<String, Vec<KnownField>> {
        let fields = names
            .iter()
            .map(|name| KnownField {
                name: (*name).to_owned(),
                kind: None,
            })
            .collect();
        BTreeMap::from([("movie__c".to_owned(), fields)])
    }

    fn document() -> Document {
        Document::parse(
            r#"{"version":1,"mappings":[{"object_name":"Movie__c","config":{"fields":{"Id":{},"Genre__c":{}},"indexes":{"Id":{"unique":true}}}}]}"#,
        )
        .unwrap()
    }

    fn check(add: &str, index: &[&str], names: &[&str]) -> Result<Vec<Addition>, String> {
        let index: Vec<_> = index.iter().map(|s| (*s).to_owned()).collect();
        let request = Request::parse(&[add.to_owned()], &index).unwrap();
        validate(&document(), &request, &known(names)).map_err(|errors| {
            errors
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("; ")
        })
    }

    #[test]
    fn names_match_whatever_their_case_and_keep_salesforces_spelling() {
        let additions = check(
            "movie__C.rating__C",
            &["MOVIE__c.Rating__c"],
            &["Rating__c"],
        );
        let additions = additions.unwrap();
        assert_eq!(additions[0].object, "Movie__c");
        assert_eq!(additions[0].fields, ["Rating__c"]);
        assert_eq!(additions[0].indexes, ["Rating__c"]);
    }

    #[test]
    fn what_is_unknown_or_there_already_is_refused() {
        assert!(
            check("Film__c.X", &[], &[])
                .unwrap_err()
                .contains("it maps Movie__c")
        );
        let error = check("Movie__c.Ratings__c", &[], &["Rating__c"]).unwrap_err();
        assert!(error.contains("did you mean Rating__c?"), "{error}");
        assert!(
            check("Movie__c.genre__c", &[], &["Genre__c"])
                .unwrap_err()
                .contains("already")
        );
    }

    #[test]
    fn a_relationship_field_needs_its_lookup_indexed() {
        let names = ["Genre__c", "Rating__c"];
        let error = check("Movie__c.Genre__r__Ext__c", &[], &names).unwrap_err();
        assert!(error.contains("--index Movie__c.Genre__c"), "{error}");
        check("Movie__c.Genre__r__Ext__c", &["Movie__c.Genre__c"], &names).unwrap();
        let error = check("Movie__c.Account__Ext__c", &[], &["AccountId"]).unwrap_err();
        assert!(error.contains("--add Movie__c.AccountId"), "{error}");
    }

    #[test]
    fn a_namespaced_lookup_is_found_behind_its_relationship() {
        let names = ["NS__User__c"];
        let error = check("Movie__c.NS__User__c__NS__UUID__c", &[], &names).unwrap_err();
        assert!(error.contains("--index Movie__c.NS__User__c"), "{error}");
    }

    #[test]
    fn a_namespaced_field_is_not_a_relationship() {
        check("Movie__c.SACAP__UUID__c", &[], &["SACAP__UUID__c"]).unwrap();
    }
}
