//! The inventory as a table: what is there, how large, and what becomes of it.

use std::collections::BTreeMap;

use connect_swap_postgres::{Class, Inventory, KeyCheck, Object, When};

use crate::report::Section;
use crate::words;

/// Kind by kind, with what happens to each and when. What Connect or the provider makes by itself
/// is left to `--json`.
pub(super) fn inventory(inventory: &Inventory) -> Section {
    let mut groups: BTreeMap<(&'static str, u8, String), (usize, u64)> = BTreeMap::new();
    let shown = inventory.objects.iter().filter(|object| {
        object.class == Class::Unmanaged
            || (object.class == Class::Extension && object.when == When::Prep)
    });
    for object in shown {
        let (order, becomes) = becomes(object, inventory.version_num);
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
        });
    let headers = ["Kind", "Number", "Size", "Carried over"]
        .map(str::to_owned)
        .to_vec();
    Section::Table {
        headers,
        rows: rows.collect(),
    }
}

/// The new server is of the old one's version.
fn becomes(object: &Object, version_num: i32) -> (u8, String) {
    let holds_rows = object.kind == connect_swap_postgres::ObjectKind::Table;
    match &object.when {
        When::Prep if holds_rows => (0, "in prep; the rows in the window".into()),
        When::Prep => (0, "in prep".into()),
        When::AfterRows => (1, "in the window, after the rows".into()),
        When::Window => (2, at_the_end(object, version_num)),
        When::AfterWindow => (3, "after the window".into()),
        When::NotCarried(why) => (4, format!("no: {why}")),
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
