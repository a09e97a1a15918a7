//! One object's records, found by position, id, external id, or time of change.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::generate;
use super::ids;
use super::record::Record;
use super::schema::ObjectSchema;

#[derive(Debug)]
pub(super) struct Object {
    pub(super) schema: ObjectSchema,
    pub(super) prefix: String,
    pub(super) records: Vec<Record>,
    pub(super) by_id: HashMap<String, usize>,
    /// Positions by lower-cased external id field and value.
    pub(super) by_external: HashMap<String, HashMap<String, Vec<usize>>>,
    /// How many records were seeded: references of seeded records go round among these.
    pub(super) seeded: u64,
    /// Revision and position of every change, in order.
    pub(super) changes: Vec<(u64, usize)>,
}

impl Object {
    pub(super) fn new(schema: ObjectSchema, prefix: String) -> Self {
        let by_external = external_ids(&schema)
            .map(|key| (key, HashMap::new()))
            .collect();
        Self {
            schema,
            prefix,
            records: Vec::new(),
            by_id: HashMap::new(),
            by_external,
            seeded: 0,
            changes: Vec::new(),
        }
    }

    /// Adds the fields that are new; what is known already keeps its type.
    pub(super) fn extend(&mut self, schema: ObjectSchema) {
        for field in schema.fields {
            match self
                .schema
                .fields
                .iter_mut()
                .find(|known| known.name.eq_ignore_ascii_case(&field.name))
            {
                Some(known) => known.external_id |= field.external_id,
                None => self.schema.fields.push(field),
            }
        }
        for key in external_ids(&self.schema) {
            self.by_external.entry(key).or_default();
        }
        self.by_external.values_mut().for_each(HashMap::clear);
        (0..self.records.len()).for_each(|position| self.index(position));
    }

    pub(super) fn seed(&mut self, instance: &str, count: u64, at: Timestamp) {
        for _ in 0..count {
            let number = self.records.len() as u64 + 1;
            let id = ids::record_id(&self.prefix, instance, number);
            self.push(Record {
                id,
                number,
                seeded: true,
                created: at,
                modified: at,
                deleted: false,
                set: BTreeMap::new(),
            });
        }
        self.seeded += count;
    }

    pub(super) fn push(&mut self, record: Record) -> usize {
        let position = self.records.len();
        self.by_id.insert(record.id.clone(), position);
        self.records.push(record);
        self.index(position);
        position
    }

    /// How many records there are, the deleted ones with them: the positions of [`Store::view`].
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    pub(super) fn record(&self, position: usize) -> &Record {
        &self.records[position]
    }

    pub(super) fn live_count(&self) -> usize {
        self.records.iter().filter(|record| !record.deleted).count()
    }

    pub(super) fn position(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    pub(super) fn live(&self, id: &str) -> Option<usize> {
        self.position(id)
            .filter(|position| !self.records[*position].deleted)
    }

    pub(super) fn live_by_external(&self, field: &str, value: &str) -> Vec<usize> {
        let found = self
            .by_external
            .get(&field.to_ascii_lowercase())
            .and_then(|values| values.get(value));
        found
            .into_iter()
            .flatten()
            .copied()
            .filter(|position| !self.records[*position].deleted)
            .collect()
    }

    /// Positions of the records changed after `revision`, each once.
    pub(super) fn changed_after(&self, revision: u64) -> Vec<usize> {
        let start = self.changes.partition_point(|(at, _)| *at <= revision);
        let mut positions: Vec<usize> = self.changes[start..]
            .iter()
            .map(|(_, position)| *position)
            .collect();
        positions.sort_unstable();
        positions.dedup();
        positions
    }

    pub(super) fn external_value(&self, position: usize, key: &str) -> Option<String> {
        let record = &self.records[position];
        let field = self.schema.field(key)?;
        match record.set.get(key) {
            Some(value) => value.clone(),
            None if record.seeded => generate::value(&self.schema.name, field, record.number),
            None => None,
        }
    }

    pub(super) fn index(&mut self, position: usize) {
        let keys: Vec<String> = self.by_external.keys().cloned().collect();
        for key in keys {
            if let Some(value) = self.external_value(position, &key) {
                self.by_external
                    .entry(key)
                    .or_default()
                    .entry(value)
                    .or_default()
                    .push(position);
            }
        }
    }

    pub(super) fn unindex(&mut self, position: usize) {
        let keys: Vec<String> = self.by_external.keys().cloned().collect();
        for key in keys {
            let value = self.external_value(position, &key);
            if let Some(positions) =
                value.and_then(|value| self.by_external.get_mut(&key)?.get_mut(&value))
            {
                positions.retain(|other| *other != position);
            }
        }
    }
}

fn external_ids(schema: &ObjectSchema) -> impl Iterator<Item = String> + '_ {
    schema
        .fields
        .iter()
        .filter(|field| field.external_id)
        .map(|field| field.name.to_ascii_lowercase())
}
