//! What `pg_dump` writes of a database, cut into entries that can be compared
//! with those of another database whatever their order.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use connect_swap_postgres::{DatabaseUrl, Tools};

use crate::cluster::PASSWORD;

/// Lines of a difference, and characters of a line, that are shown.
const SHOWN: usize = 40;
const WIDTH: usize = 240;

/// The entries of a dump: how often each is there.
pub(crate) struct Dumped(BTreeMap<String, usize>);

impl Dumped {
    /// Runs `pg_dump` with the given options.
    pub(crate) async fn take(tools: &Tools, url: &DatabaseUrl, options: &[&str]) -> Self {
        let output = tokio::process::Command::new(&tools.pg_dump)
            .args(options)
            .env("PGHOST", url.host())
            .env("PGPORT", url.port().to_string())
            .env("PGDATABASE", url.database())
            .env("PGUSER", url.user())
            .env("PGPASSWORD", PASSWORD)
            .output()
            .await
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "pg_dump {options:?}: {errors}");
        Self::of(&String::from_utf8(output.stdout).unwrap())
    }

    fn of(script: &str) -> Self {
        let mut entries = BTreeMap::new();
        for entry in script.split("\n--\n-- ").skip(1) {
            *entries.entry(normal(entry)).or_default() += 1;
        }
        Self(entries)
    }

    /// Changes every entry, for what is known to differ.
    pub(crate) fn map(self, change: impl Fn(&str) -> String) -> Self {
        let mut entries = BTreeMap::new();
        for (entry, count) in self.0 {
            *entries.entry(change(&entry)).or_default() += count;
        }
        Self(entries)
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.0.values().sum()
    }

    /// What is only here or only there, for people; empty where nothing is.
    pub(crate) fn differences(&self, other: &Self) -> String {
        let only = |here: &Self, there: &Self| -> BTreeMap<String, Vec<String>> {
            let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for (entry, count) in &here.0 {
                if there.0.get(entry) != Some(count) {
                    let header = entry.lines().next().unwrap_or_default();
                    found
                        .entry(header.to_owned())
                        .or_default()
                        .extend(entry.lines().skip(1).map(str::to_owned));
                }
            }
            found
        };
        let (here, there) = (only(self, other), only(other, self));
        let mut text = String::new();
        for header in here
            .keys()
            .chain(there.keys().filter(|key| !here.contains_key(*key)))
        {
            let none = Vec::new();
            let (old, new) = (
                here.get(header).unwrap_or(&none),
                there.get(header).unwrap_or(&none),
            );
            let _ = writeln!(text, "== {header}");
            lines(&mut text, '-', old, new);
            lines(&mut text, '+', new, old);
        }
        text
    }
}

fn lines(text: &mut String, sign: char, these: &[String], others: &[String]) {
    let own = these.iter().filter(|line| !others.contains(line));
    for line in own.take(SHOWN) {
        let shown: String = line.chars().take(WIDTH).collect();
        let _ = writeln!(text, "{sign} {shown}");
    }
}

/// Grants and rows have no order of their own. The key of `\restrict` is a
/// dump's own.
fn normal(entry: &str) -> String {
    let sorted = entry.contains("; Type: ACL; ") || entry.starts_with("Data for Name: ");
    let mut lines: Vec<&str> = entry
        .lines()
        .filter(|line| {
            !line.starts_with("\\unrestrict ") && *line != "-- PostgreSQL database dump complete"
        })
        .collect();
    if sorted {
        lines[1..].sort_unstable();
    }
    lines.join("\n").trim_end_matches(['\n', '-']).to_owned()
}
