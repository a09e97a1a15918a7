//! What `--add` and `--index` ask for, in words.

/// A flag that does not name an object and a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{flag} {value}` does not name a field: write OBJECT.FIELD, such as Account.Industry")]
pub struct RequestError {
    flag: String,
    value: String,
}

/// Fields and indexes asked for, by object, spelled as the operator typed them.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Request {
    /// Object and field to add.
    pub fields: Vec<(String, String)>,
    /// Object and field to index.
    pub indexes: Vec<(String, String)>,
}

impl Request {
    /// Reads `Object.Field[,Field…]` from each `--add` and `--index`.
    ///
    /// # Errors
    /// When a value has no object or no field.
    pub fn parse(add: &[String], index: &[String]) -> Result<Self, RequestError> {
        Ok(Self {
            fields: pairs("--add", add)?,
            indexes: pairs("--index", index)?,
        })
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.indexes.is_empty()
    }
}

fn pairs(flag: &str, values: &[String]) -> Result<Vec<(String, String)>, RequestError> {
    let mut pairs = Vec::new();
    for value in values {
        let wrong = || RequestError {
            flag: flag.to_owned(),
            value: value.clone(),
        };
        let (object, fields) = value.split_once('.').ok_or_else(wrong)?;
        for field in fields.split(',') {
            if object.trim().is_empty() || field.trim().is_empty() {
                return Err(wrong());
            }
            pairs.push((object.trim().to_owned(), field.trim().to_owned()));
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_flags_are_read_or_refused(add in prop::collection::vec("([A-Za-z]{0,4}|[.,]|.){0,8}", 0..4)) {
            match Request::parse(&add, &[]) {
                Ok(request) => prop_assert!(request.fields.iter().all(
                    |(object, field)| !object.trim().is_empty() && !field.trim().is_empty()
                )),
                Err(error) => prop_assert!(error.to_string().contains("--add")),
            }
        }
    }

    #[test]
    fn several_fields_of_one_object() {
        let add = ["Account.Industry,Type".to_owned()];
        let request = Request::parse(&add, &["Account.Industry".to_owned()]).unwrap();
        assert_eq!(request.fields.len(), 2);
        assert_eq!(
            request.indexes,
            [("Account".to_owned(), "Industry".to_owned())]
        );
    }

    #[test]
    fn a_value_without_field_is_refused() {
        for wrong in ["Account", "Account.", ".Industry", "Account.A,,B"] {
            assert!(Request::parse(&[wrong.to_owned()], &[]).is_err(), "{wrong}");
        }
    }
}
