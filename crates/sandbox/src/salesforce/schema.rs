//! Objects and fields as `describe` would show them.

/// The type of a field, as far as it decides a value's form and Connect's column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldType {
    /// The record's own id.
    Id,
    /// The id of another record.
    Reference,
    /// Text of at most so many characters.
    Text(u32),
    /// Long text.
    LongText,
    /// One of a list of words.
    Picklist,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// An address on the web.
    Url,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A number, an amount or a percentage.
    Double,
    /// A day.
    Date,
    /// A moment.
    DateTime,
}

impl FieldType {
    /// The name in Salesforce's own type list.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Reference => "reference",
            Self::Text(_) => "string",
            Self::LongText => "textarea",
            Self::Picklist => "picklist",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Url => "url",
            Self::Boolean => "boolean",
            Self::Integer => "int",
            Self::Double => "double",
            Self::Date => "date",
            Self::DateTime => "datetime",
        }
    }

    /// The greatest number of characters, where the type has one.
    #[must_use]
    pub fn length(self) -> Option<u32> {
        match self {
            Self::Id | Self::Reference => Some(18),
            Self::Text(length) => Some(length),
            Self::Picklist | Self::Url => Some(255),
            Self::Email => Some(80),
            Self::Phone => Some(40),
            Self::LongText
            | Self::Boolean
            | Self::Integer
            | Self::Double
            | Self::Date
            | Self::DateTime => None,
        }
    }
}

/// Where a relationship field takes its value from: the parent's external id, through a lookup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relationship {
    /// The lookup field of the same object, such as `Genre__c`.
    pub lookup: String,
    /// The field of the parent, such as `External_ID__c`.
    pub parent_field: String,
}

/// One field of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The API name, with its own capitals.
    pub name: String,
    /// Its type.
    pub kind: FieldType,
    /// Whether a record cannot be created without it.
    pub required: bool,
    /// Whether records can be upserted by it.
    pub external_id: bool,
    /// The object that a reference points to.
    pub references: Option<String>,
    /// Set for `Genre__r__External_ID__c` and its like: not a field of its own in Salesforce, but
    /// one that Connect can map.
    pub relationship: Option<Relationship>,
}

impl Field {
    /// An optional field that is neither an external id nor a reference.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: FieldType) -> Self {
        Self {
            name: name.into(),
            kind,
            required: false,
            external_id: false,
            references: None,
            relationship: None,
        }
    }

    /// The same field, required on creation.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same field as an external id.
    #[must_use]
    pub fn external_id(mut self) -> Self {
        self.external_id = true;
        self
    }

    /// The same field as a reference to `object`.
    #[must_use]
    pub fn references(mut self, object: impl Into<String>) -> Self {
        self.kind = FieldType::Reference;
        self.references = Some(object.into());
        self
    }

    /// Whether Salesforce sets it and refuses a value from outside.
    #[must_use]
    pub fn is_system(&self) -> bool {
        const SYSTEM: [&str; 12] = [
            "Id",
            "IsDeleted",
            "SystemModstamp",
            "CreatedDate",
            "CreatedById",
            "LastModifiedDate",
            "LastModifiedById",
            "LastViewedDate",
            "LastReferencedDate",
            "LastActivityDate",
            "PhotoUrl",
            "MasterRecordId",
        ];
        SYSTEM
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&self.name))
    }
}

/// An object with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectSchema {
    /// The API name, with its own capitals.
    pub name: String,
    /// Its fields, in the order of definition.
    pub fields: Vec<Field>,
}

impl ObjectSchema {
    /// The field of that name; capitals do not matter.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields
            .iter()
            .find(|field| field.name.eq_ignore_ascii_case(name))
    }
}
