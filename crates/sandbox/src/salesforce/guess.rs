//! Guesses a field's type and meaning from its API name.
//!
//! An exported Connect configuration names fields but says nothing of their types; an organisation
//! made to fit it has to guess. The naming rules are Salesforce's: `__c` custom, `__r__` the way
//! over a custom lookup, `__s` a part of a compound field, a leading `XYZ__` a namespace.

use super::schema::{Field, FieldType, Relationship};

/// The fields with these API names, on an object of this name, in an organisation with these
/// objects.
pub(super) fn fields(object: &str, names: &[String], objects: &[String]) -> Vec<Field> {
    names
        .iter()
        .map(|name| field(object, name, names, objects))
        .collect()
}

fn field(object: &str, name: &str, siblings: &[String], objects: &[String]) -> Field {
    if let Some(way) = relationship(name, siblings) {
        let mut field = Field::new(name, FieldType::Text(255));
        field.relationship = Some(way);
        return field;
    }
    let reached_over = siblings.iter().any(|other| {
        relationship(other, siblings).is_some_and(|way| way.lookup.eq_ignore_ascii_case(name))
    });
    let standard_lookup = name.len() > 2 && name.ends_with("Id") && !name.ends_with("__c");
    if reached_over || standard_lookup {
        return lookup(object, name, objects);
    }
    let field = Field::new(name, kind(name));
    if is_required(object, name) {
        field.required()
    } else {
        field
    }
}

fn lookup(object: &str, name: &str, objects: &[String]) -> Field {
    let field = Field::new(name, FieldType::Reference);
    match parent_object(object, name, objects) {
        Some(parent) => field.references(parent),
        None => field,
    }
}

/// `Genre__r__External_ID__c` goes over `Genre__c`, `Account__PG_ID__c` over `AccountId`,
/// `NS__User__c__NS__UUID__c` over `NS__User__c`; `NS__UUID__c` alone goes nowhere.
pub(super) fn relationship(name: &str, siblings: &[String]) -> Option<Relationship> {
    if let Some((lookup, parent_field)) = name.split_once("__r__") {
        return Some(Relationship {
            lookup: format!("{lookup}__c"),
            parent_field: parent_field.to_owned(),
        });
    }
    let over = |lookup: String, parent_field: &str| Relationship {
        lookup,
        parent_field: parent_field.to_owned(),
    };
    let custom = siblings
        .iter()
        .filter(|other| other.ends_with("__c"))
        .find_map(|other| {
            let parent_field = name.strip_prefix(other.as_str())?.strip_prefix("__")?;
            Some(over(other.clone(), parent_field))
        });
    custom.or_else(|| {
        let (prefix, parent_field) = name.split_once("__")?;
        let lookup = format!("{prefix}Id");
        (parent_field.ends_with("__c") && siblings.contains(&lookup))
            .then(|| over(lookup, parent_field))
    })
}

/// The object a lookup points to: the one it is named after, else one whose name ends like it.
fn parent_object(object: &str, lookup: &str, objects: &[String]) -> Option<String> {
    match lookup {
        "ParentId" | "MasterRecordId" => return Some(object.to_owned()),
        "ReportsToId" => return Some("Contact".to_owned()),
        "OwnerId" | "CreatedById" | "LastModifiedById" => return Some("User".to_owned()),
        _ => {}
    }
    let base = lookup
        .strip_suffix("__c")
        .or_else(|| lookup.strip_suffix("Id"))?;
    let exact = [format!("{base}__c"), base.to_owned()];
    let named = objects.iter().find(|other| exact.contains(other));
    let ends_alike = || {
        let ending = format!("_{}", base.to_ascii_lowercase());
        objects.iter().find(|other| bare(other).ends_with(&ending))
    };
    let ended_by = || {
        objects.iter().find(|other| {
            base.to_ascii_lowercase()
                .ends_with(&format!("_{}", bare(other)))
        })
    };
    named.or_else(ends_alike).or_else(ended_by).cloned()
}

fn bare(object: &str) -> String {
    object
        .strip_suffix("__c")
        .unwrap_or(object)
        .to_ascii_lowercase()
}

fn is_required(object: &str, name: &str) -> bool {
    matches!(
        (object, name),
        ("Account" | "Product2" | "Opportunity" | "Campaign", "Name")
            | ("Contact" | "Lead", "LastName")
            | ("Lead", "Company")
            | ("Opportunity", "StageName" | "CloseDate")
    )
}

fn kind(name: &str) -> FieldType {
    if name == "Id" {
        return FieldType::Id;
    }
    let lower = name.to_ascii_lowercase();
    let base = lower
        .strip_suffix("__c")
        .or_else(|| lower.strip_suffix("__s"))
        .unwrap_or(&lower);
    let word = base.rsplit("__").next().unwrap_or(base);
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    let is_boolean = ["is", "has"].iter().any(|start| {
        name.to_ascii_lowercase().starts_with(start)
            && name
                .chars()
                .nth(start.len())
                .is_some_and(char::is_uppercase)
    });
    if is_boolean || ends(&["inactive", "active", "optout", "donotcall"]) {
        FieldType::Boolean
    } else if word == "systemmodstamp"
        || ends(&[
            "viewed_date",
            "modifieddate",
            "createddate",
            "vieweddate",
            "referenceddate",
            "requestdate",
            "updatedate",
            "bounceddate",
        ])
        || ends(&["_time", "timestamp"])
    {
        FieldType::DateTime
    } else if ends(&["date", "_on", "birthday"]) {
        FieldType::Date
    } else if ends(&[
        "amount",
        "price",
        "revenue",
        "probability",
        "latitude",
        "longitude",
        "budget",
        "runtime",
        "popularity",
        "average",
        "cost",
        "total",
    ]) {
        FieldType::Double
    } else if ends(&[
        "numberofemployees",
        "count",
        "quantity",
        "stage_number",
        "year",
        "point",
    ]) {
        FieldType::Integer
    } else if ends(&["email"]) {
        FieldType::Email
    } else if ends(&["phone", "fax"]) {
        FieldType::Phone
    } else if ends(&["website", "url", "homepage"]) {
        FieldType::Url
    } else if ends(&["description", "comment", "street", "overview", "reason"]) {
        FieldType::LongText
    } else if matches!(
        word,
        "type"
            | "status"
            | "industry"
            | "rating"
            | "ownership"
            | "leadsource"
            | "salutation"
            | "stagename"
            | "family"
    ) {
        FieldType::Picklist
    } else {
        FieldType::Text(255)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn relationships_are_told_from_namespaces() {
        let custom = names(&["Genre__c", "Genre__r__External_ID__c"]);
        let way = relationship("Genre__r__External_ID__c", &custom).expect("a relationship");
        assert_eq!(
            (way.lookup.as_str(), way.parent_field.as_str()),
            ("Genre__c", "External_ID__c")
        );

        let standard = names(&["AccountId", "Account__PG_ID__c"]);
        let way = relationship("Account__PG_ID__c", &standard).expect("a relationship");
        assert_eq!(
            (way.lookup.as_str(), way.parent_field.as_str()),
            ("AccountId", "PG_ID__c")
        );

        let spelled_out = names(&["NS__User__c", "NS__User__c__NS__UUID__c"]);
        let way = relationship("NS__User__c__NS__UUID__c", &spelled_out).expect("a relationship");
        assert_eq!(
            (way.lookup.as_str(), way.parent_field.as_str()),
            ("NS__User__c", "NS__UUID__c")
        );

        assert_eq!(relationship("NS__UUID__c", &names(&["NS__UUID__c"])), None);
        assert_eq!(
            relationship("location__Latitude__s", &names(&["location__Latitude__s"])),
            None
        );
    }

    #[test]
    fn lookups_find_their_parent_by_name_or_by_ending() {
        let objects = names(&["TT_Project__c", "Contact", "Spoken_Language__c"]);
        assert_eq!(
            parent_object("X", "Project__c", &objects).as_deref(),
            Some("TT_Project__c")
        );
        assert_eq!(
            parent_object("X", "Contact__c", &objects).as_deref(),
            Some("Contact")
        );
        assert_eq!(
            parent_object("X", "Approving_Contact__c", &objects).as_deref(),
            Some("Contact")
        );
        assert_eq!(
            parent_object("X", "Language__c", &objects).as_deref(),
            Some("Spoken_Language__c")
        );
        assert_eq!(
            parent_object("X", "ParentId", &objects).as_deref(),
            Some("X")
        );
        assert_eq!(parent_object("X", "Nobody__c", &objects), None);
    }

    #[test]
    fn types_follow_the_name() {
        assert_eq!(kind("IsPrivate"), FieldType::Boolean);
        assert_eq!(kind("Issue__c"), FieldType::Text(255));
        assert_eq!(kind("SystemModstamp"), FieldType::DateTime);
        assert_eq!(kind("CloseDate"), FieldType::Date);
        assert_eq!(kind("AnnualRevenue"), FieldType::Double);
        assert_eq!(kind("location__Latitude__s"), FieldType::Double);
        assert_eq!(kind("NS__URL__c"), FieldType::Url);
    }
}
