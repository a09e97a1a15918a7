//! The handle through which everyone shares one organisation.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::watch;

use super::audit::{Doubled, Source, Write, WriteAction};
use super::error::SalesforceError;
use super::record::{RecordView, Values};
use super::schema::ObjectSchema;
use super::store::Store;
use crate::clock::Clock;

/// Who an organisation is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganisationInfo {
    /// The 18-character organisation id.
    pub id: String,
    /// The instance, such as `EU44`.
    pub instance: String,
    /// The integration user whom Connect logs in as.
    pub username: String,
}

/// A Salesforce organisation. Clones are the same organisation.
#[derive(Clone, Debug)]
pub struct Organisation {
    info: Arc<OrganisationInfo>,
    clock: Clock,
    shared: Arc<Mutex<Shared>>,
    changed: Arc<watch::Sender<u64>>,
}

#[derive(Debug)]
struct Shared {
    store: Store,
    writes: Vec<Write>,
    refusals: HashMap<String, (u32, String)>,
}

impl Organisation {
    /// An organisation without objects.
    #[must_use]
    pub fn new(info: OrganisationInfo, clock: Clock) -> Self {
        let code: String = info
            .id
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .skip(3)
            .take(2)
            .collect();
        let shared = Shared {
            store: Store::new(&code),
            writes: Vec::new(),
            refusals: HashMap::new(),
        };
        Self {
            info: Arc::new(info),
            clock,
            shared: Arc::new(Mutex::new(shared)),
            changed: Arc::new(watch::Sender::new(0)),
        }
    }

    /// Who it is.
    #[must_use]
    pub fn info(&self) -> &OrganisationInfo {
        &self.info
    }

    /// Adds an object, or the fields that a known object lacks.
    pub fn define(&self, schema: ObjectSchema) {
        self.lock().store.define(schema);
    }

    /// Every object, by name.
    #[must_use]
    pub fn schemas(&self) -> Vec<ObjectSchema> {
        self.lock().store.schemas()
    }

    /// One object; capitals do not matter.
    #[must_use]
    pub fn schema(&self, object: &str) -> Option<ObjectSchema> {
        self.lock()
            .store
            .object(object)
            .ok()
            .map(|object| object.schema.clone())
    }

    /// Adds `count` records with generated values.
    ///
    /// # Errors
    /// No such object.
    pub fn seed(&self, object: &str, count: u64) -> Result<(), SalesforceError> {
        let now = self.clock.now();
        self.lock().store.seed(object, count, now)
    }

    /// Creates a record and answers with its id.
    ///
    /// # Errors
    /// What Salesforce refuses: unknown fields, wrong types, required fields left empty.
    pub fn create(
        &self,
        source: &Source,
        object: &str,
        values: &Values,
    ) -> Result<String, SalesforceError> {
        self.write(
            source,
            object,
            WriteAction::Create,
            None,
            values,
            |store, at| store.create(object, values, at),
        )
    }

    /// Changes the record with this id.
    ///
    /// # Errors
    /// As [`Self::create`], and a record that is not there.
    pub fn update(
        &self,
        source: &Source,
        object: &str,
        id: &str,
        values: &Values,
    ) -> Result<(), SalesforceError> {
        self.write(
            source,
            object,
            WriteAction::Update,
            Some(id),
            values,
            |store, at| store.update(object, id, values, at).map(|()| id.to_owned()),
        )
        .map(drop)
    }

    /// Changes the record that the external id field's value names, or creates it; answers with
    /// its id.
    ///
    /// # Errors
    /// As [`Self::create`], a field that is no external id, a value that names several records.
    pub fn upsert(
        &self,
        source: &Source,
        object: &str,
        field: &str,
        values: &Values,
    ) -> Result<String, SalesforceError> {
        self.write(
            source,
            object,
            WriteAction::Upsert,
            None,
            values,
            |store, at| store.upsert(object, field, values, at).map(|(id, _new)| id),
        )
    }

    /// Moves a record to the recycle bin.
    ///
    /// # Errors
    /// No such object or record.
    pub fn delete(&self, source: &Source, object: &str, id: &str) -> Result<(), SalesforceError> {
        self.write(
            source,
            object,
            WriteAction::Delete,
            Some(id),
            &Values::new(),
            |store, at| store.delete(object, id, at).map(|()| id.to_owned()),
        )
        .map(drop)
    }

    /// How many live records an object has; 0 where there is no such object.
    #[must_use]
    pub fn count(&self, object: &str) -> u64 {
        self.lock()
            .store
            .object(object)
            .map_or(0, |object| object.live_count() as u64)
    }

    /// Every record of an object, deleted ones with them.
    #[must_use]
    pub fn records(&self, object: &str) -> Vec<RecordView> {
        let shared = self.lock();
        let Ok(object) = shared.store.object(object) else {
            return Vec::new();
        };
        (0..object.len())
            .map(|position| shared.store.view(object, position))
            .collect()
    }

    /// The record with this id, deleted or not.
    #[must_use]
    pub fn record(&self, object: &str, id: &str) -> Option<RecordView> {
        let shared = self.lock();
        let object = shared.store.object(object).ok()?;
        object
            .position(id)
            .map(|position| shared.store.view(object, position))
    }

    /// The live records whose external id field has this value: more than one means doubled.
    #[must_use]
    pub fn find(&self, object: &str, field: &str, value: &str) -> Vec<RecordView> {
        let shared = self.lock();
        let Ok(object) = shared.store.object(object) else {
            return Vec::new();
        };
        let indexed = object
            .schema
            .field(field)
            .is_some_and(|field| field.external_id);
        let positions = if indexed {
            object.live_by_external(field, value)
        } else {
            (0..object.len()).collect()
        };
        let views = positions
            .into_iter()
            .map(|position| shared.store.view(object, position));
        views
            .filter(|view| !view.is_deleted && value_of(view, field) == Some(value))
            .collect()
    }

    /// Values of a field that ought to be unique and are not, among live records.
    #[must_use]
    pub fn doubled(&self, object: &str, field: &str) -> Vec<Doubled> {
        let shared = self.lock();
        let Ok(object) = shared.store.object(object) else {
            return Vec::new();
        };
        let Some(field) = object.schema.field(field) else {
            return Vec::new();
        };
        let mut ids: std::collections::BTreeMap<String, Vec<String>> =
            std::collections::BTreeMap::new();
        for position in 0..object.len() {
            let record = object.record(position);
            if let Some(value) = (!record.deleted)
                .then(|| shared.store.read(object, record, field))
                .flatten()
            {
                ids.entry(value).or_default().push(record.id.clone());
            }
        }
        ids.into_iter()
            .filter(|(_, ids)| ids.len() > 1)
            .map(|(value, ids)| Doubled { value, ids })
            .collect()
    }

    /// Every write so far, in order.
    #[must_use]
    pub fn writes(&self) -> Vec<Write> {
        self.lock().writes.clone()
    }

    /// Refuses the next `times` writes to an object with this message.
    pub fn refuse_next(&self, object: &str, times: u32, message: impl Into<String>) {
        self.lock()
            .refusals
            .insert(object.to_ascii_lowercase(), (times, message.into()));
    }

    /// Tells of every change; the value is the revision after it.
    #[must_use]
    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// The revision now: what a poller remembers.
    pub(crate) fn revision(&self) -> u64 {
        self.lock().store.revision
    }

    /// How many positions an object has, deleted records with them.
    pub(crate) fn extent(&self, object: &str) -> usize {
        self.lock()
            .store
            .object(object)
            .map_or(0, super::object::Object::len)
    }

    /// The rows at these positions, deleted ones left out: the fields asked for, in that order.
    pub(crate) fn rows(
        &self,
        object: &str,
        fields: &[String],
        positions: impl Iterator<Item = usize>,
    ) -> Vec<Vec<Option<String>>> {
        let shared = self.lock();
        let Ok(object) = shared.store.object(object) else {
            return Vec::new();
        };
        let known: Vec<_> = fields
            .iter()
            .map(|name| object.schema.field(name))
            .collect();
        positions
            .filter(|position| *position < object.len() && !object.record(*position).deleted)
            .map(|position| {
                let record = object.record(position);
                known
                    .iter()
                    .map(|field| field.and_then(|field| shared.store.read(object, record, field)))
                    .collect()
            })
            .collect()
    }

    /// Positions of what changed after a revision (live), the ids deleted since, the revision now.
    pub(crate) fn changes(&self, object: &str, after: u64) -> (Vec<usize>, Vec<String>, u64) {
        let shared = self.lock();
        let revision = shared.store.revision;
        let Ok(object) = shared.store.object(object) else {
            return (Vec::new(), Vec::new(), revision);
        };
        let (deleted, live): (Vec<usize>, Vec<usize>) = object
            .changed_after(after)
            .into_iter()
            .partition(|position| object.record(*position).deleted);
        let deleted = deleted
            .into_iter()
            .map(|position| object.record(position).id.clone())
            .collect();
        (live, deleted, revision)
    }

    fn write(
        &self,
        source: &Source,
        object: &str,
        action: WriteAction,
        id: Option<&str>,
        values: &Values,
        act: impl FnOnce(&mut Store, Timestamp) -> Result<String, SalesforceError>,
    ) -> Result<String, SalesforceError> {
        let at = self.clock.now();
        let mut shared = self.lock();
        let result = match shared.refusal(object) {
            Some(message) => Err(SalesforceError::Refused(message)),
            None => act(&mut shared.store, at),
        };
        let number = shared.writes.len() as u64 + 1;
        let record_id = result
            .as_ref()
            .ok()
            .cloned()
            .or_else(|| id.map(str::to_owned));
        let error = result.as_ref().err().map(ToString::to_string);
        let (source, object, values) = (source.clone(), object.to_owned(), values.clone());
        shared.writes.push(Write {
            number,
            at,
            source,
            object,
            action,
            record_id,
            values,
            error,
        });
        let revision = shared.store.revision;
        drop(shared);
        self.changed.send_replace(revision);
        result
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn refusal(&mut self, object: &str) -> Option<String> {
        let (times, message) = self.refusals.get_mut(&object.to_ascii_lowercase())?;
        *times = times.checked_sub(1)?;
        Some(message.clone())
    }
}

fn value_of<'a>(view: &'a RecordView, field: &str) -> Option<&'a str> {
    let (_, value) = view
        .values
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(field))?;
    value.as_deref()
}

#[cfg(test)]
mod tests {
    use super::super::schema::{Field, FieldType};
    use super::*;

    fn organisation() -> Organisation {
        let info = OrganisationInfo {
            id: "00D000000000001AAA".to_owned(),
            instance: "EU44".to_owned(),
            username: "connect@example.com".to_owned(),
        };
        let organisation = Organisation::new(info, Clock::new(1.0));
        let fields = vec![
            Field::new("Id", FieldType::Id),
            Field::new("Name", FieldType::Text(80)).required(),
            Field::new("AccountNumber", FieldType::Text(40)).external_id(),
            Field::new("NumberOfEmployees", FieldType::Integer),
        ];
        organisation.define(ObjectSchema {
            name: "Account".to_owned(),
            fields,
        });
        organisation
    }

    fn values(list: &[(&str, &str)]) -> Values {
        list.iter()
            .map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned())))
            .collect()
    }

    fn user() -> Source {
        Source::User("someone".to_owned())
    }

    #[test]
    fn an_upsert_finds_a_seeded_record_and_a_create_doubles_it() {
        let organisation = organisation();
        organisation.seed("Account", 10).expect("seed");
        let sent = values(&[("AccountNumber", "ACCOUNT-0000003"), ("Name", "Changed")]);
        let id = organisation
            .upsert(&user(), "account", "accountnumber", &sent)
            .expect("upsert");
        assert_eq!(organisation.count("Account"), 10);
        assert_eq!(
            organisation.record("Account", &id).expect("record").values["Name"].as_deref(),
            Some("Changed")
        );
        assert_eq!(organisation.doubled("Account", "AccountNumber"), vec![]);

        organisation
            .create(&user(), "Account", &sent)
            .expect("create");
        assert_eq!(organisation.doubled("Account", "AccountNumber").len(), 1);
        assert!(
            organisation
                .upsert(&user(), "Account", "AccountNumber", &sent)
                .is_err()
        );
        assert_eq!(organisation.writes().len(), 3);
    }

    #[test]
    fn changes_are_told_once_each_and_deletes_apart() {
        let organisation = organisation();
        let first = organisation
            .create(&user(), "Account", &values(&[("Name", "A")]))
            .expect("create");
        let second = organisation
            .create(&user(), "Account", &values(&[("Name", "B")]))
            .expect("create");
        let seen = organisation.revision();
        organisation
            .update(&user(), "Account", &first, &values(&[("Name", "A1")]))
            .expect("update");
        organisation
            .update(&user(), "Account", &first, &values(&[("Name", "A2")]))
            .expect("update");
        organisation
            .delete(&user(), "Account", &second)
            .expect("delete");
        let (live, deleted, revision) = organisation.changes("Account", seen);
        assert_eq!((live.len(), deleted, revision), (1, vec![second], seen + 3));
        assert_eq!(
            organisation.rows("Account", &["name".to_owned()], live.into_iter()),
            vec![vec![Some("A2".to_owned())]]
        );
    }

    #[test]
    fn refusals_are_salesforces_own() {
        let organisation = organisation();
        let missing = organisation.create(&user(), "Account", &values(&[("AccountNumber", "1")]));
        assert_eq!(
            missing,
            Err(SalesforceError::RequiredMissing(vec!["Name".to_owned()]))
        );
        let wrong = organisation.create(
            &user(),
            "Account",
            &values(&[("Name", "A"), ("NumberOfEmployees", "many")]),
        );
        assert!(matches!(wrong, Err(SalesforceError::WrongType { .. })));
        organisation.refuse_next("Account", 1, "UNABLE_TO_LOCK_ROW");
        assert!(
            organisation
                .create(&user(), "Account", &values(&[("Name", "A")]))
                .is_err()
        );
        organisation
            .create(&user(), "Account", &values(&[("Name", "A")]))
            .expect("only once");
    }
}
