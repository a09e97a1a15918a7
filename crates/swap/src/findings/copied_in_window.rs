//! `copied-in-window`: rows that no round can bring over before the window, and how many bytes.

use connect_swap_postgres::Whole;

use super::listing::shortened;
use super::{Phase, command};
use crate::finding::{Finding, Severity};
use crate::topology::{CopiedWhole, Snapshot};
use crate::words;

const CODE: &str = "copied-in-window";

/// Changed rows are known by a key. A table without one is copied whole once more where it has
/// changed, in the window at the latest; one whose owner is held to its policies is copied there
/// only, and so are large objects.
pub(super) fn check(snapshot: &Snapshot, _phase: Phase) -> Option<Finding> {
    let whole = &snapshot.database.copied_whole;
    let large = snapshot.database.large_objects;
    let mut seen = shortened(whole.iter().map(line).collect());
    if large.number > 0 {
        let size = words::size(large.bytes);
        seen.push(format!("{} large objects, {size}", large.number));
    }
    if seen.is_empty() {
        return None;
    }
    let any = |is: fn(Whole) -> bool| whole.iter().any(|table| is(table.why));
    let mut finding = Finding::new(CODE, Severity::Warn, "some rows are copied in the window")
        .seen(seen)
        .why(
            "Users wait while they are copied and compared. A table without a usable key is copied \
             there only if it changes after the rounds before the window.",
        );
    if any(|why| matches!(why, Whole::NoKey | Whole::NoCommonKey)) {
        finding = finding.todo("give large tables among them a primary key, the same one in tables that inherit from each other");
    }
    if any(|why| why == Whole::InPart) {
        finding = finding
            .todo("carry all partitions or children of a table, or none: see --skip and --include");
    }
    if let Some(forced) = whole.iter().find(|table| table.why == Whole::Forced) {
        let lift = format!("alter table {} no force row level security", forced.table);
        finding = finding.todo(format!(
            "let the owner read all rows until the swap is done: {}",
            command::psql(snapshot, &lift)
        ));
    }
    if any(|why| why == Whole::NotOwned) {
        finding = finding.todo("let the app's own role own the tables that another role owns");
    }
    if large.number > 0 {
        finding = finding.todo("remove large objects that nothing needs: vacuumlo finds them");
    }
    Some(finding.todo("where they are small, nothing need be done"))
}

fn line(table: &CopiedWhole) -> String {
    format!(
        "{}, {}: {}",
        table.table,
        words::size(table.bytes),
        table.why
    )
}

#[cfg(test)]
mod tests {
    use connect_swap_postgres::TableRef;

    use super::*;
    use crate::findings::fixture::healthy;
    use crate::topology::LargeObjects;

    fn table(name: &str, why: Whole) -> CopiedWhole {
        let table = TableRef::new("public", name);
        CopiedWhole {
            members: vec![table.clone()],
            table,
            bytes: 1_500_000,
            why,
        }
    }

    #[test]
    fn silent_where_every_table_has_a_key() {
        assert_eq!(check(&healthy(), Phase::Prep), None);
    }

    #[test]
    fn each_kind_is_named_with_its_size_and_what_to_do() {
        let mut snapshot = healthy();
        snapshot.database.copied_whole = vec![
            table("events", Whole::NoKey),
            table("secrets", Whole::Forced),
        ];
        snapshot.database.large_objects = LargeObjects {
            number: 3,
            bytes: 2_000_000,
        };
        let finding = check(&snapshot, Phase::Cutover).unwrap();
        assert_eq!(finding.severity, Severity::Warn);
        assert_eq!(
            finding.seen,
            [
                "public.events, 1.5 MB: it has no primary key and no unique index over columns that are never null",
                "public.secrets, 1.5 MB: row-level security is forced on its owner",
                "3 large objects, 2.0 MB"
            ]
        );
        let todo = finding.todo.join("\n");
        for words in ["primary key", "no force row level security", "vacuumlo"] {
            assert!(todo.contains(words), "{todo}");
        }
    }
}
