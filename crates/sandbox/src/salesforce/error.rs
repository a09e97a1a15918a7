//! What the organisation refuses, in Salesforce's own words.

use thiserror::Error;

/// A refused operation. The text is what Connect stores in `_hc_err` and `sf_message`.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SalesforceError {
    /// No object of that name.
    #[error("INVALID_TYPE: sObject type '{0}' is not supported.")]
    UnknownObject(String),
    /// The object has no such field.
    #[error("INVALID_FIELD: No such column '{field}' on entity '{object}'.")]
    UnknownField {
        /// The object that was written.
        object: String,
        /// The field that it lacks.
        field: String,
    },
    /// No live record with that id.
    #[error("ENTITY_IS_DELETED: entity is deleted")]
    NoSuchRecord,
    /// Required fields were left empty.
    #[error("REQUIRED_FIELD_MISSING: Required fields are missing: [{}]", .0.join(", "))]
    RequiredMissing(Vec<String>),
    /// The value does not fit the field.
    #[error("INVALID_TYPE_ON_FIELD_IN_RECORD: {field}: value not of required type: {value}")]
    WrongType {
        /// The field.
        field: String,
        /// The value that was refused.
        value: String,
    },
    /// The value is longer than the field.
    #[error("STRING_TOO_LONG: {field}: data value too large: (max length={length})")]
    TooLong {
        /// The field.
        field: String,
        /// Its greatest length in characters.
        length: u32,
    },
    /// The field used for an upsert is not an external id.
    #[error("INVALID_FIELD: Field name provided, {0} is not an External ID or indexed field")]
    NotExternalId(String),
    /// More than one record has that external id.
    #[error(
        "DUPLICATE_EXTERNAL_ID: {field}: more than one record found for external id field: {value}"
    )]
    AmbiguousExternalId {
        /// The external id field.
        field: String,
        /// The value that several records share.
        value: String,
    },
    /// The parent named by an external id does not exist.
    #[error("INVALID_FIELD: Foreign key external ID: {value} not found for field {field}")]
    NoSuchParent {
        /// The relationship field.
        field: String,
        /// The external id that was looked for.
        value: String,
    },
    /// A refusal that was asked for through the sandbox's control interface.
    #[error("{0}")]
    Refused(String),
}
