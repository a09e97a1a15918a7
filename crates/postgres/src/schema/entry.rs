//! One entry of an archive's list, as `pg_restore -l -v` prints it:
//!
//! ```text
//! 215; 1259 16385 TABLE public account owner
//! ;       depends on: 4 12
//! ```
//!
//! Names may have been altered there (line breaks), so an entry is known by
//! its catalog oids, and one without oids of its own by what it depends on
//! (PostgreSQL manual, "pg_restore", option `-l`).

use std::collections::BTreeMap;

use crate::Error;
use crate::inventory::ObjectId;

/// An entry of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) dump_id: u32,
    pub(super) id: ObjectId,
    /// Type, schema, name and owner as printed.
    pub(super) words: String,
    pub(super) depends_on: Vec<u32>,
}

impl Entry {
    /// Whether the entry is of this type.
    pub(super) fn is(&self, kind: &str) -> bool {
        self.words
            .strip_prefix(kind)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    }

    /// The line that selects this entry when it is given back.
    pub(super) fn line(&self) -> String {
        format!(
            "{}; {} {} {}",
            self.dump_id, self.id.catalog, self.id.oid, self.words
        )
    }
}

/// Reads a whole list, in archive order.
pub(super) fn parse_list(text: &str) -> Result<Vec<Entry>, Error> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.lines() {
        if let Some(comment) = line.strip_prefix(';') {
            if let (Some(list), Some(last)) = (
                comment.trim().strip_prefix("depends on:"),
                entries.last_mut(),
            ) {
                last.depends_on.extend(
                    list.split_whitespace()
                        .filter_map(|id| id.parse::<u32>().ok()),
                );
            }
        } else if !line.trim().is_empty() {
            entries.push(parse_line(line).ok_or_else(|| {
                Error::Protocol(format!(
                    "a line of the archive's list is not understood: {line}"
                ))
            })?);
        }
    }
    Ok(entries)
}

fn parse_line(line: &str) -> Option<Entry> {
    let (dump_id, rest) = line.split_once("; ")?;
    let mut parts = rest.splitn(3, ' ');
    Some(Entry {
        dump_id: dump_id.trim().parse().ok()?,
        id: ObjectId {
            catalog: parts.next()?.parse().ok()?,
            oid: parts.next()?.parse().ok()?,
        },
        words: parts.next()?.to_owned(),
        depends_on: Vec::new(),
    })
}

/// Entries by their dump id.
pub(super) fn by_dump_id(entries: &[Entry]) -> BTreeMap<u32, &Entry> {
    entries.iter().map(|entry| (entry.dump_id, entry)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_list_is_read_or_refused(text in "(?s)([0-9; A-Z\n\t]|;\tdepends on: |.){0,80}") {
            if let Err(error) = parse_list(&text) {
                prop_assert!(error.to_string().contains("not understood"), "{error}");
            }
        }

        #[test]
        fn entries_come_back_as_they_were(
            dump_id: u32, catalog: u32, oid: u32, words in "[A-Z][^\n\r]{0,30}",
            depends_on in prop::collection::vec(any::<u32>(), 0..6)
        ) {
            let entry = Entry { dump_id, id: ObjectId { catalog, oid }, words, depends_on };
            let ids: Vec<_> = entry.depends_on.iter().map(u32::to_string).collect();
            let list = format!("; head\n{}\n;\tdepends on: {}\n", entry.line(), ids.join(" "));
            prop_assert_eq!(parse_list(&list).unwrap(), [entry]);
        }
    }

    #[test]
    fn entries_and_what_they_depend_on_are_read() {
        let list = ";\n; Archive created at 2026-01-01\n;     Format: CUSTOM\n;\n\
                    215; 1259 16385 TABLE public my table; owner\n;\tdepends on: 4 12\n\
                    3301; 0 0 COMMENT public TABLE account owner\n;\tdepends on: 215\n\
                    3302; 0 16385 ROW SECURITY public account owner\n";
        let entries = parse_list(list).unwrap();
        assert_eq!(entries.len(), 3);
        assert_eq!(
            entries[0].id,
            ObjectId {
                catalog: 1259,
                oid: 16385
            }
        );
        assert_eq!(entries[0].depends_on, [4, 12]);
        assert!(entries[0].is("TABLE") && !entries[0].is("TAB"));
        assert!(entries[1].is("COMMENT"));
        assert_eq!(
            entries[1].line(),
            "3301; 0 0 COMMENT public TABLE account owner"
        );
        assert!(entries[2].is("ROW SECURITY"));
    }

    #[test]
    fn a_line_of_another_shape_is_an_error() {
        assert!(parse_list("what is this").is_err());
    }
}
