//! The records of an organisation and the rules of reading and changing them.
//!
//! Nothing here locks or waits: [`super::Organisation`] does.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::error::SalesforceError;
use super::generate;
use super::ids;
use super::object::Object;
use super::record::{Record, RecordView, Values};
use super::schema::{Field, FieldType, ObjectSchema};

/// Every object of the organisation.
#[derive(Debug, Default)]
pub(super) struct Store {
    instance: String,
    objects: BTreeMap<String, Object>,
    /// Grows by one with each change; what pollers remember instead of a time.
    pub(super) revision: u64,
}

impl Store {
    pub(super) fn new(instance: &str) -> Self {
        Self {
            instance: instance.to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn define(&mut self, schema: ObjectSchema) {
        let key = schema.name.to_ascii_lowercase();
        let prefix = ids::key_prefix(&schema.name, self.objects.len());
        match self.objects.get_mut(&key) {
            Some(object) => object.extend(schema),
            None => {
                self.objects.insert(key, Object::new(schema, prefix));
            }
        }
    }

    pub(super) fn schemas(&self) -> Vec<ObjectSchema> {
        self.objects
            .values()
            .map(|object| object.schema.clone())
            .collect()
    }

    pub(super) fn object(&self, name: &str) -> Result<&Object, SalesforceError> {
        self.objects
            .get(&name.to_ascii_lowercase())
            .ok_or_else(|| SalesforceError::UnknownObject(name.to_owned()))
    }

    fn object_mut(&mut self, name: &str) -> Result<&mut Object, SalesforceError> {
        self.objects
            .get_mut(&name.to_ascii_lowercase())
            .ok_or_else(|| SalesforceError::UnknownObject(name.to_owned()))
    }

    /// Adds generated records.
    pub(super) fn seed(
        &mut self,
        name: &str,
        count: u64,
        at: Timestamp,
    ) -> Result<(), SalesforceError> {
        let instance = self.instance.clone();
        self.object_mut(name)?.seed(&instance, count, at);
        Ok(())
    }

    /// Creates a record with these values.
    pub(super) fn create(
        &mut self,
        name: &str,
        values: &Values,
        at: Timestamp,
    ) -> Result<String, SalesforceError> {
        let set = self.accepted(name, values)?;
        let missing = self.missing(name, &set)?;
        if !missing.is_empty() {
            return Err(SalesforceError::RequiredMissing(missing));
        }
        let instance = self.instance.clone();
        self.revision += 1;
        let revision = self.revision;
        let object = self.object_mut(name)?;
        let number = object.records.len() as u64 + 1;
        let id = ids::record_id(&object.prefix, &instance, number);
        let position = object.push(Record {
            id: id.clone(),
            number,
            seeded: false,
            created: at,
            modified: at,
            deleted: false,
            set,
        });
        object.changes.push((revision, position));
        Ok(id)
    }

    /// Changes the live record with this id.
    pub(super) fn update(
        &mut self,
        name: &str,
        id: &str,
        values: &Values,
        at: Timestamp,
    ) -> Result<(), SalesforceError> {
        let set = self.accepted(name, values)?;
        self.revision += 1;
        let revision = self.revision;
        let object = self.object_mut(name)?;
        let position = object.live(id).ok_or(SalesforceError::NoSuchRecord)?;
        object.unindex(position);
        let record = &mut object.records[position];
        record.set.extend(set);
        record.modified = at;
        object.index(position);
        object.changes.push((revision, position));
        Ok(())
    }

    /// Changes the one live record whose external id field has this value, or creates it.
    /// Answers with the id and whether the record is new.
    pub(super) fn upsert(
        &mut self,
        name: &str,
        field: &str,
        values: &Values,
        at: Timestamp,
    ) -> Result<(String, bool), SalesforceError> {
        let object = self.object(name)?;
        let known = object
            .schema
            .field(field)
            .ok_or_else(|| unknown_field(name, field))?;
        if !known.external_id {
            return Err(SalesforceError::NotExternalId(field.to_owned()));
        }
        let key = find(values, field).flatten().unwrap_or_default();
        let matches = object.live_by_external(field, &key);
        match matches.as_slice() {
            [] => self.create(name, values, at).map(|id| (id, true)),
            [position] => {
                let id = object.records[*position].id.clone();
                self.update(name, &id, values, at).map(|()| (id, false))
            }
            _ => Err(SalesforceError::AmbiguousExternalId {
                field: field.to_owned(),
                value: key,
            }),
        }
    }

    /// Moves a live record to the recycle bin.
    pub(super) fn delete(
        &mut self,
        name: &str,
        id: &str,
        at: Timestamp,
    ) -> Result<(), SalesforceError> {
        self.revision += 1;
        let revision = self.revision;
        let object = self.object_mut(name)?;
        let position = object.live(id).ok_or(SalesforceError::NoSuchRecord)?;
        let record = &mut object.records[position];
        record.deleted = true;
        record.modified = at;
        object.changes.push((revision, position));
        Ok(())
    }

    /// One field of one record, as text.
    pub(super) fn read(&self, object: &Object, record: &Record, field: &Field) -> Option<String> {
        match field.name.as_str() {
            "Id" => return Some(record.id.clone()),
            "IsDeleted" => return Some(record.deleted.to_string()),
            "SystemModstamp" | "LastModifiedDate" => return Some(moment(record.modified)),
            "CreatedDate" => return Some(moment(record.created)),
            _ => {}
        }
        if let Some(way) = &field.relationship {
            let lookup = object.schema.field(&way.lookup)?;
            let parent_id = self.read(object, record, lookup)?;
            let parent = self.object(lookup.references.as_deref()?).ok()?;
            let position = *parent.by_id.get(&parent_id)?;
            return self.read(
                parent,
                &parent.records[position],
                parent.schema.field(&way.parent_field)?,
            );
        }
        if let Some(value) = record.set.get(&field.name.to_ascii_lowercase()) {
            return value.clone();
        }
        if !record.seeded {
            return None;
        }
        if field.kind == FieldType::Reference {
            return self.seeded_reference(record, field);
        }
        generate::value(&object.schema.name, field, record.number)
    }

    /// Seeded references go round among the parent's seeded records. A record is never its own
    /// parent, and a merge's `MasterRecordId` is null on live records.
    fn seeded_reference(&self, record: &Record, field: &Field) -> Option<String> {
        if field.name == "MasterRecordId" || field.name == "ParentId" || field.name == "ReportsToId"
        {
            return None;
        }
        let parent = self.object(field.references.as_deref()?).ok()?;
        let position = record.number.checked_rem(parent.seeded)?;
        parent
            .records
            .get(usize::try_from(position).ok()?)
            .map(|parent| parent.id.clone())
    }

    pub(super) fn view(&self, object: &Object, position: usize) -> RecordView {
        let record = &object.records[position];
        let values = object
            .schema
            .fields
            .iter()
            .map(|field| (field.name.clone(), self.read(object, record, field)));
        RecordView {
            id: record.id.clone(),
            system_modstamp: record.modified,
            is_deleted: record.deleted,
            values: values.collect(),
        }
    }

    /// The values in the form they are stored in: known, writable, of the right type, with
    /// relationship values turned into the parent's id.
    fn accepted(
        &self,
        name: &str,
        values: &Values,
    ) -> Result<BTreeMap<String, Option<String>>, SalesforceError> {
        let object = self.object(name)?;
        let mut set = BTreeMap::new();
        for (key, value) in values {
            let field = object
                .schema
                .field(key)
                .ok_or_else(|| unknown_field(name, key))?;
            if field.is_system() {
                continue;
            }
            if let Some(way) = &field.relationship {
                let Some(value) = value else { continue };
                let parent_id = self.parent_id(object, field, value)?;
                set.insert(way.lookup.to_ascii_lowercase(), Some(parent_id));
                continue;
            }
            if let Some(value) = value {
                check(field, value)?;
            }
            set.insert(field.name.to_ascii_lowercase(), value.clone());
        }
        Ok(set)
    }

    fn parent_id(
        &self,
        object: &Object,
        field: &Field,
        value: &str,
    ) -> Result<String, SalesforceError> {
        let way = field
            .relationship
            .as_ref()
            .expect("only called for relationship fields");
        let missing = || SalesforceError::NoSuchParent {
            field: field.name.clone(),
            value: value.to_owned(),
        };
        let lookup = object.schema.field(&way.lookup).ok_or_else(missing)?;
        let parent = self.object(lookup.references.as_deref().ok_or_else(missing)?)?;
        match parent.live_by_external(&way.parent_field, value).as_slice() {
            [position] => Ok(parent.records[*position].id.clone()),
            _ => Err(missing()),
        }
    }

    fn missing(
        &self,
        name: &str,
        set: &BTreeMap<String, Option<String>>,
    ) -> Result<Vec<String>, SalesforceError> {
        let object = self.object(name)?;
        let given = |field: &Field| {
            set.get(&field.name.to_ascii_lowercase())
                .is_some_and(|value| value.as_ref().is_some_and(|text| !text.is_empty()))
        };
        let missing = object
            .schema
            .fields
            .iter()
            .filter(|field| field.required && !given(field));
        Ok(missing.map(|field| field.name.clone()).collect())
    }
}

fn find(values: &Values, field: &str) -> Option<Option<String>> {
    values
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(field))
        .map(|(_, value)| value.clone())
}

fn unknown_field(object: &str, field: &str) -> SalesforceError {
    SalesforceError::UnknownField {
        object: object.to_owned(),
        field: field.to_owned(),
    }
}

fn check(field: &Field, value: &str) -> Result<(), SalesforceError> {
    let fits = match field.kind {
        FieldType::Boolean => matches!(value, "true" | "false" | "t" | "f"),
        FieldType::Integer => value.parse::<i64>().is_ok(),
        FieldType::Double => value.parse::<f64>().is_ok(),
        _ => true,
    };
    if !fits {
        return Err(SalesforceError::WrongType {
            field: field.name.clone(),
            value: value.to_owned(),
        });
    }
    match field.kind.length() {
        Some(length) if value.chars().count() > usize::try_from(length).unwrap_or(usize::MAX) => {
            Err(SalesforceError::TooLong {
                field: field.name.clone(),
                length,
            })
        }
        _ => Ok(()),
    }
}

/// A moment as Salesforce writes it: UTC with milliseconds.
fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
