//! The inventory as a table: what is there, how large, and what becomes of it.

use std::collections::BTreeMap;

use connect_swap_postgres::{Class, KeyCheck, Object, ObjectKind, When};

use crate::report::Section;
use crate::topology::{CopiedWhole, DatabaseView, LargeObjects};
use crate::words;

/// Kind by kind, with what happens to each and when. What Connect or the provider makes by itself
/// is left to `--json`.
pub(super) fn inventory(database: &DatabaseView) -> Section {
    let inventory = &database.inventory;
    let mut groups: BTreeMap<(&'static str, u8, String), (usize, u64)> = BTreeMap::new();
    let shown = inventory.objects.iter().filter(|object| {
        object.class == Class::Unmanaged
            || (object.class == Class::Extension && object.when == When::Prep)
    });
    for object in shown {
        let (order, becomes) = becomes(object, &database.copied_whole, inventory.version_num);
        let group = groups
            .entry((object.kind.words(), order, becomes))
            .or_default();
        group.0 += 1;
        group.1 += object
            .bytes
            .and_then(|bytes| u64::try_from(bytes).ok())
            .unwrap_or(0);
    }
    let rows = groups
        .into_iter()
        .map(|((kind, _, becomes), (number, bytes))| {
            let size = if bytes == 0 {
                String::new()
            } else {
                words::size(bytes)
            };
            vec![kind.to_owned(), number.to_string(), size, becomes]
        })
        .chain(large_objects(database.large_objects));
    let headers = ["Kind", "Number", "Size", "Carried over"]
        .map(str::to_owned)
        .to_vec();
    Section::Table {
        headers,
        rows: rows.collect(),
    }
}

fn large_objects(large: LargeObjects) -> Option<Vec<String>> {
    let of_all = || {
        vec![
            "large object".to_owned(),
            large.number.to_string(),
            words::size(large.bytes),
            "in the window".to_owned(),
        ]
    };
    (large.number > 0).then(of_all)
}

/// The new server is of the old one's version.
fn becomes(object: &Object, whole: &[CopiedWhole], version_num: i32) -> (u8, String) {
    let table = match object.kind {
        ObjectKind::Table => object.as_table(),
        _ => object.table.clone(),
    };
    let why = table.and_then(|table| {
        let unit = whole.iter().find(|unit| unit.members.contains(&table));
        unit.map(|unit| unit.why)
    });
    let holds_rows = object.kind == ObjectKind::Table;
    match (&object.when, why) {
        (When::Prep, Some(why)) if holds_rows && !why.can_be_seeded() => {
            (2, "in prep; the rows in the window".into())
        }
        (When::Prep, Some(_)) if holds_rows => (
            1,
            "in prep with the rows; these again where they change".into(),
        ),
        (When::Prep, _) if holds_rows => (0, "in prep with the rows, which are followed".into()),
        (When::Prep, _) => (0, "in prep".into()),
        (When::AfterRows, _) => (1, "in prep, after the rows".into()),
        (When::Window, _) => (4, at_the_end(object, version_num)),
        (When::AfterWindow, _) => (5, "after the window".into()),
        (When::NotCarried(why), _) => (6, format!("no: {why}")),
    }
}

fn at_the_end(object: &Object, version_num: i32) -> String {
    match object.key_check(version_num) {
        Some(KeyCheck::AfterWindow) => "in the window, at its end; validated after it".into(),
        Some(KeyCheck::WhenMade(why)) => {
            let table = object.table.as_ref().map(ToString::to_string);
            format!(
                "in the window, with a look at all rows of {}: {why}",
                table.unwrap_or_default()
            )
        }
        Some(KeyCheck::Never) | None => "in the window, at its end".into(),
    }
}
