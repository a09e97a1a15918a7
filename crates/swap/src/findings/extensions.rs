//! `extensions`: which extensions the old database has, and where.

use connect_swap_postgres::Extension;

use super::Phase;
use super::listing::counted;
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "extensions";

/// Where Heroku puts new extensions since August 2022.
const HEROKU_SCHEMA: &str = "heroku_ext";

/// Heroku creates extensions in `heroku_ext` since August 2022 (changelog item 2446); databases
/// from before have them elsewhere, so the same type may change its schema with the swap.
pub(super) fn check(snapshot: &Snapshot, _phase: Phase) -> Option<Finding> {
    let old = of_people(&snapshot.database.extensions);
    let lines = old.iter().map(|extension| {
        let moves = if extension.schema == HEROKU_SCHEMA {
            ""
        } else {
            ": may be in heroku_ext in the new database"
        };
        format!("{}{moves}", line(extension))
    });
    finding(
        lines.collect(),
        &format!(
            "{} to be made in the new database",
            counted(old.len() as u64, "extension")
        ),
    )
}

/// Compares the new database's extensions with the old one's.
pub(super) fn compare(snapshot: &Snapshot, new: &[Extension]) -> Option<Finding> {
    let old = of_people(&snapshot.database.extensions);
    let lines = old
        .iter()
        .filter_map(|old| match new.iter().find(|new| new.name == old.name) {
            None => Some(format!("{}: not in the new database yet", line(old))),
            Some(new) if new.schema != old.schema || new.version != old.version => Some(format!(
                "{}: {} in {} in the new database",
                line(old),
                new.version,
                new.schema
            )),
            Some(_) => None,
        });
    finding(lines.collect(), "extensions differ in the new database")
}

fn finding(seen: Vec<String>, title: &str) -> Option<Finding> {
    if seen.is_empty() {
        return None;
    }
    // All of them: this list is what a person checks the app's code against.
    Some(
        Finding::new(CODE, Severity::Info, title)
            .seen(seen)
            .why(
                "This tool makes them in the new database, in the schema that Heroku gives them \
                 there. Code that writes the schema's name before a type or function would not \
                 find it where the schema differs.",
            )
            .todo("where a schema differs, check the app's SQL and search_path for its name"),
    )
}

/// Without the language that every database has.
fn of_people(extensions: &[Extension]) -> Vec<&Extension> {
    extensions
        .iter()
        .filter(|extension| extension.schema != "pg_catalog")
        .collect()
}

fn line(extension: &Extension) -> String {
    format!(
        "{} {} in {}",
        extension.name, extension.version, extension.schema
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::healthy;

    fn extension(name: &str, schema: &str) -> Extension {
        Extension {
            name: name.into(),
            version: "1.8".into(),
            schema: schema.into(),
        }
    }

    #[test]
    fn silent_where_there_is_only_the_language() {
        let mut snapshot = healthy();
        snapshot.database.extensions = vec![extension("plpgsql", "pg_catalog")];
        assert_eq!(check(&snapshot, Phase::Prep), None);
    }

    #[test]
    fn lists_each_with_its_schema() {
        let mut snapshot = healthy();
        snapshot.database.extensions = vec![
            extension("hstore", "public"),
            extension("citext", "heroku_ext"),
        ];
        let finding = check(&snapshot, Phase::Prep).unwrap();
        assert_eq!(finding.severity, Severity::Info);
        assert_eq!(finding.title, "2 extensions to be made in the new database");
        assert_eq!(
            finding.seen,
            [
                "hstore 1.8 in public: may be in heroku_ext in the new database",
                "citext 1.8 in heroku_ext",
            ]
        );
    }

    #[test]
    fn differences_of_the_new_database_are_named() {
        let mut snapshot = healthy();
        snapshot.database.extensions = vec![
            extension("hstore", "public"),
            extension("citext", "heroku_ext"),
        ];
        let same = snapshot.database.extensions.clone();
        assert_eq!(compare(&snapshot, &same), None);
        let finding = compare(&snapshot, &[extension("hstore", "heroku_ext")]).unwrap();
        assert_eq!(
            finding.seen,
            [
                "hstore 1.8 in public: 1.8 in heroku_ext in the new database",
                "citext 1.8 in heroku_ext: not in the new database yet",
            ]
        );
    }
}
