//! Any text is read to its end, piece by piece, and what was put together comes apart again.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

/// Text of an SQL script: whole tokens, beginnings of some, and anything.
fn any_script() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "(?s).{0,5}",
        prop::sample::select(vec![
            "'",
            "''",
            "\"",
            "$$",
            "$a$",
            "$1",
            "E'\\'",
            "e'",
            "--",
            "\n",
            "/*",
            "*/",
            "(",
            ")",
            ";",
            "\\",
            "\\restrict x\n",
            "BEGIN",
            "ATOMIC",
            "END",
            "CASE",
            "CREATE FUNCTION f() ",
            ".",
            "CREATE OR REPLACE PROCEDURE ",
            "-- TOC entry 215 (class 1259 OID 16385)\n",
            "public.",
            "-- TOC entry 99999999999999999999 (class x",
            "é",
            "\0",
            "\u{feff}",
            "[",
            "]",
            "::",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

/// A statement that holds semicolons everywhere but where they would end it.
fn whole_statement() -> impl Strategy<Value = String> {
    let quoted = prop_oneof![
        "[^']{0,12}".prop_map(|text| format!("'{}'", text)),
        "[^']{0,6}".prop_map(|text| format!("'{text}'';{text}'")),
        "[^\"]{0,12}".prop_map(|text| format!("\"{text}\"")),
        "[^$]{0,12}".prop_map(|text| format!("$_x_$;{text}$_x_$")),
        "[a-z;]{0,9}".prop_map(|text| format!("E'\\\\{text}\\'{text}'")),
        "[a-z ;']{0,9}".prop_map(|text| format!("/* {text} /* ; */ */")),
        "[a-z ;'\"$]{0,9}".prop_map(|text| format!("-- {text}\n")),
        "[a-z, ]{0,9}".prop_map(|text| format!("({text};{text})")),
        "[a-z]{1,9}",
    ];
    prop::collection::vec(quoted, 1..8).prop_map(|parts| format!("SELECT {} x", parts.join(" ")))
}

proptest! {
    #[test]
    fn the_tokens_are_the_text(text in any_script()) {
        let mut at = 0;
        for token in (Tokens { text: &text, at: 0 }) {
            prop_assert_eq!(token.start, at);
            prop_assert!(!token.text.is_empty());
            at += token.text.len();
        }
        prop_assert_eq!(at, text.len());
    }

    #[test]
    fn statements_are_parts_of_the_script_in_its_order(script in any_script()) {
        let mut rest = script.as_str();
        for section in sections(&script) {
            prop_assert!(!section.statements.is_empty());
            for statement in section.statements {
                prop_assert!(!statement.trim().is_empty());
                let at = rest.find(statement);
                prop_assert!(at.is_some(), "{statement:?} in {rest:?}");
                rest = &rest[at.unwrap() + statement.len()..];
            }
        }
    }

    #[test]
    fn what_was_joined_comes_apart(statements in prop::collection::vec(whole_statement(), 1..6)) {
        let script = statements.join(";\n-- between; two\n");
        let found: Vec<_> = sections(&script).into_iter().flat_map(|s| s.statements).collect();
        prop_assert_eq!(found, statements.iter().map(|s| s.trim()).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_not_moved_stays(text in any_script()) {
        let moves: Moves = [(("nosuch".to_owned(), "nosuch".to_owned()), "other".to_owned())].into();
        prop_assert_eq!(follow(&text, &moves), text.clone());
        prop_assert_eq!(rename_role(&text, "nosuch role", "\"x\""), text);
    }

    #[test]
    fn brackets_are_read_as_deep_as_they_go(text in any_script()) {
        fn deepest(all: &[Node]) -> usize {
            all.iter()
                .map(|node| match node {
                    Node::Token(_) => 0,
                    Node::Group(inner) | Node::Brackets(inner) => 1 + deepest(inner),
                })
                .max()
                .unwrap_or(0)
        }
        prop_assert_eq!(deepest(&nodes(&text)), depth(&text));
    }
}

#[test]
fn a_long_text_takes_no_more_than_its_length() {
    let began = Instant::now();
    for part in [
        "$",
        "$a",
        "$a$b$",
        "$1 ",
        "'",
        "''",
        "E'\\",
        "\"",
        "/*",
        "/* */",
        "*/",
        "--",
        "-",
        "-- \n",
        "\\",
        "\\x\n",
        ";",
        "((",
        "))",
        "begin ",
        "CREATE FUNCTION ",
        "é",
        "-- TOC entry 1 (class ",
        "public.",
    ] {
        let text = part.repeat((1 << 20) / part.len());
        let statements: usize = sections(&text)
            .iter()
            .map(|section| section.statements.len())
            .sum();
        assert!(statements <= text.len());
        let moves: Moves = [(("a".to_owned(), "b".to_owned()), "c".to_owned())].into();
        assert_eq!(follow(&text, &moves), text);
    }
    // Some fifty million bytes in all; what grows with the square would take hours.
    assert!(
        began.elapsed() < Duration::from_secs(60),
        "{:?}",
        began.elapsed()
    );
}
