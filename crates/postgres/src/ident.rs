//! Names of database objects, and the one place where they are quoted.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest name the server keeps, in bytes (`NAMEDATALEN - 1`; PostgreSQL
/// manual, "Identifiers and Key Words").
const LONGEST_NAME: usize = 63;

/// Quotes a name for use in SQL. Always quotes, so that no keyword, no case
/// and no special character can change its meaning.
#[must_use]
pub fn quote_ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Quotes text as an SQL string literal, safe under either setting of
/// `standard_conforming_strings`.
#[must_use]
pub fn quote_literal(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if doubled.contains('\\') {
        format!(" E'{}'", doubled.replace('\\', "\\\\"))
    } else {
        format!("'{doubled}'")
    }
}

/// Cuts a name as the server does when it is given one that is too long: at
/// 63 bytes, never inside a character.
#[must_use]
pub fn cut_name(name: &str) -> &str {
    if name.len() <= LONGEST_NAME {
        return name;
    }
    let mut end = LONGEST_NAME;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}

/// A table by schema and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TableRef {
    /// The schema.
    pub schema: String,
    /// The table's own name.
    pub name: String,
}

impl TableRef {
    /// A table by schema and name, as they stand in the catalog.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            schema: schema.into(),
            name: name.into(),
        }
    }

    /// The quoted, qualified name for use in SQL.
    #[must_use]
    pub fn sql(&self) -> String {
        format!("{}.{}", quote_ident(&self.schema), quote_ident(&self.name))
    }
}

/// For people: `schema.name`, without quotes.
impl fmt::Display for TableRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_quoted_name_is_one_name(name in "(?s).{0,80}") {
            let quoted = quote_ident(&name);
            let inner = quoted.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
            prop_assert!(!inner.replace("\"\"", "").contains('"'), "{quoted}");
            prop_assert_eq!(inner.replace("\"\"", "\""), name);
        }

        #[test]
        fn a_cut_name_is_the_beginning_and_fits(name in ".{0,80}") {
            let cut = cut_name(&name);
            prop_assert!(name.starts_with(cut) && cut.len() <= LONGEST_NAME);
            prop_assert!(cut.len() == name.len() || cut.len() > LONGEST_NAME - 4);
        }
    }

    #[test]
    fn hostile_names_stay_one_name() {
        assert_eq!(
            quote_ident("a\"; drop table b; --"),
            "\"a\"\"; drop table b; --\""
        );
        assert_eq!(
            TableRef::new("my schema", "Select").sql(),
            "\"my schema\".\"Select\""
        );
    }

    #[test]
    fn literals_survive_quotes_and_backslashes() {
        assert_eq!(quote_literal("it's"), "'it''s'");
        assert_eq!(quote_literal("a\\'b"), " E'a\\\\''b'");
    }

    #[test]
    fn names_are_cut_at_a_character_within_63_bytes() {
        let long = format!("{}é", "x".repeat(62));
        assert_eq!(cut_name(&long), "x".repeat(62));
        assert_eq!(cut_name("short"), "short");
        assert_eq!(cut_name(&"y".repeat(80)).len(), 63);
    }
}
