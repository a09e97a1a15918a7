//! What is quoted here is what the server reads: tried with the server itself.

use connect_swap_postgres::{cut_name, quote_ident, quote_literal};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::cluster::Databases;

/// Names and texts without NUL, which no PostgreSQL text can hold, with the parts of quotes, comments
/// and escapes more often than by chance.
fn any_text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "(?s)[^\0]{0,6}",
        prop::sample::select(vec![
            "'",
            "\"",
            "\\",
            "\\'",
            "$$",
            "--",
            "/*",
            "*/",
            ";",
            "E'",
            "U&'\\0041'",
            "\n",
            "\u{1b}[2J",
            "%s",
            "{}",
            "é",
            "\u{202e}",
            "select",
            "Select",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(part, 0..10).prop_map(|parts| parts.concat())
}

#[test]
fn names_and_literals_mean_to_the_server_what_they_mean_here() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let databases = runtime.block_on(Databases::make());
    let session = runtime.block_on(databases.old_session());
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::default()
    });
    let tried = runner.run(&any_text(), |text| {
        // The simple protocol parses what it is given, as a script is parsed.
        for conforming in ["on", "off"] {
            let set = format!("SET LOCAL standard_conforming_strings = {conforming}");
            let sql = format!("BEGIN; {set}; SELECT {} AS x; COMMIT", quote_literal(&text));
            // Where the setting is off, a backslash is an escape in every literal.
            let answer = runtime.block_on(session.simple_query(&sql));
            let answer = answer.map_err(|error| TestCaseError::fail(format!("{sql}: {error}")))?;
            let read = answer.iter().find_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                _ => None,
            });
            prop_assert_eq!(read.as_deref(), Some(text.as_str()), "{}", sql);
        }
        if text.is_empty() {
            return Ok(());
        }
        let sql = format!("SELECT 1 AS {}", quote_ident(&text));
        let statement = runtime.block_on(session.prepare(&sql));
        let statement =
            statement.map_err(|error| TestCaseError::fail(format!("{sql}: {error}")))?;
        prop_assert_eq!(statement.columns()[0].name(), cut_name(&text));
        let row = runtime
            .block_on(session.query_one("SELECT parse_ident($1::text)", &[&quote_ident(&text)]));
        let parts: Vec<String> = row
            .map_err(|error| TestCaseError::fail(error.to_string()))?
            .get(0);
        prop_assert_eq!(parts, [text]);
        Ok(())
    });
    tried.unwrap();
}
