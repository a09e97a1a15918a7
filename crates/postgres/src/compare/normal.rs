//! Brings definitions into one form where the server writes the same thing in
//! two ways.
//!
//! A definition that went through `pg_dump` and was read again may come back
//! differently though nothing changed: a cast of an array is moved to its
//! elements, and `a AND b AND c` gets other parentheses (PostgreSQL's
//! `transformArrayExpr` and `makeAndExpr`). Both are undone here; nothing else
//! is, so that two definitions of one form mean the same.

use crate::text::{Node, depth, nodes, write};

/// Deeper than anything that people write. What is walked below is walked by recursion, and a stack
/// ends.
const DEEPEST: usize = 200;

/// The one form. A definition that is nested too deeply stays as it is.
pub(super) fn normal(definition: &str) -> String {
    if depth(definition) > DEEPEST {
        return definition.to_owned();
    }
    write(&list(&nodes(definition)))
}

/// Normalises a sequence of nodes that stand side by side.
fn list(all: &[Node]) -> Vec<Node> {
    let inner: Vec<Node> = all
        .iter()
        .map(|node| match node {
            Node::Group(group) => Node::Group(list(group)),
            other => other.clone(),
        })
        .collect();
    let mut out = casts(&inner);
    for word in ["AND", "OR"] {
        out = flatten(&out, word);
    }
    unwrap(out)
}

/// `((x))` says what `(x)` says.
fn unwrap(all: Vec<Node>) -> Vec<Node> {
    match all.as_slice() {
        [Node::Group(inner)] if !inner.is_empty() && !inner.iter().any(|node| node.is(",")) => {
            inner.clone()
        }
        _ => all,
    }
}

/// In a chain of one operator, a group that is a chain of it too is none.
fn flatten(all: &[Node], word: &str) -> Vec<Node> {
    if !is_chain(all, word) {
        return all.to_vec();
    }
    let mut out = Vec::new();
    for part in all.split(|node| node.is_word(word)) {
        if !out.is_empty() {
            out.push(Node::Token(word.to_owned()));
        }
        match part {
            [Node::Group(inner)] if is_chain(inner, word) => out.extend(inner.iter().cloned()),
            other => out.extend(other.iter().cloned()),
        }
    }
    out
}

/// Whether nothing but groups is joined by this word.
fn is_chain(all: &[Node], word: &str) -> bool {
    all.iter().any(|node| node.is_word(word))
        && all
            .split(|node| node.is_word(word))
            .all(|part| matches!(part, [Node::Group(_)]))
}

/// `(ARRAY[a, b])::t[]` is `ARRAY[(a)::t, (b)::t]`.
fn casts(all: &[Node]) -> Vec<Node> {
    let mut out: Vec<Node> = Vec::new();
    let mut at = 0;
    while at < all.len() {
        if let Some((elements, target, length)) = array_cast(&all[at..]) {
            out.push(Node::Token("ARRAY".into()));
            let cast = elements.split(|node| node.is(",")).map(|element| {
                let element = element.to_vec();
                let whole = match element.as_slice() {
                    [Node::Group(_)] => element,
                    _ => vec![Node::Group(element)],
                };
                let mut cast = whole;
                cast.push(Node::Token("::".into()));
                cast.extend(target.iter().cloned());
                cast
            });
            let mut inside = Vec::new();
            for element in cast {
                if !inside.is_empty() {
                    inside.push(Node::Token(",".into()));
                }
                inside.extend(element);
            }
            out.push(Node::Brackets(inside));
            at += length;
        } else {
            out.push(all[at].clone());
            at += 1;
        }
    }
    out
}

/// The elements of a cast array, the element type it is cast to, and how many
/// nodes it takes.
fn array_cast(all: &[Node]) -> Option<(&[Node], &[Node], usize)> {
    let [Node::Group(group), cast, rest @ ..] = all else {
        return None;
    };
    let [array, Node::Brackets(elements)] = group.as_slice() else {
        return None;
    };
    if !array.is_word("ARRAY") || !cast.is("::") {
        return None;
    }
    // The type's name ends at its empty brackets.
    let end = rest
        .iter()
        .take(6)
        .position(|node| matches!(node, Node::Brackets(inner) if inner.is_empty()))?;
    let target = &rest[..end];
    let named = target.iter().all(|node| match node {
        Node::Token(text) => {
            text == "." || text.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '"')
        }
        _ => false,
    });
    (named && !target.is_empty()).then_some((elements, target, 2 + end + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_nest_that_a_stack_cannot_hold_is_compared_as_it_is() {
        for (open, close) in [("(", ")"), ("[", "]"), ("(a AND (", "))")] {
            let deep = format!("CHECK {}x{}", open.repeat(100_000), close.repeat(100_000));
            assert_eq!(normal(&deep), deep);
            assert_eq!(normal(&open.repeat(100_000)), open.repeat(100_000));
        }
    }

    const TOKENS: [&str; 18] = [
        "(",
        ")",
        "[",
        "]",
        "ARRAY",
        "::",
        "text",
        "[]",
        "AND",
        "OR",
        ",",
        "'a;'",
        "\"b\"",
        "$$x$$",
        "E'\\''",
        "/* x */",
        "(ARRAY[a, b])::text[]",
        "((x))",
    ];

    proptest! {
        #[test]
        fn any_text_has_a_form(text in "(?s)([(\\[\\])'\"$/*:-]|AND|OR|ARRAY|.){0,60}") {
            prop_assert_eq!(normal(&text), normal(&text));
        }

        #[test]
        fn spaces_and_comments_mean_nothing(
            tokens in prop::collection::vec(prop::sample::select(TOKENS.as_slice()), 0..24),
            space in prop::sample::select(vec![" ", "\n", "  ", " /* y */ ", " -- z\n"])
        ) {
            prop_assert_eq!(normal(&tokens.join(" ")), normal(&tokens.join(space)));
        }
    }

    #[test]
    fn a_cast_of_an_array_is_a_cast_of_its_elements() {
        let old = "CHECK (((status)::text = ANY ((ARRAY['a'::character varying, 'b, c'::character varying])::text[])))";
        let new = "CHECK (((status)::text = ANY (ARRAY[('a'::character varying)::text, ('b, c'::character varying)::text])))";
        assert_eq!(normal(old), normal(new));
    }

    #[test]
    fn chains_of_one_operator_need_no_parentheses() {
        let old = "CHECK ((((a > 0) AND (a < 9)) AND (b = 1)))";
        let new = "CHECK (((a > 0) AND (a < 9) AND (b = 1)))";
        assert_eq!(normal(old), normal(new));
        let either = "CHECK (((a > 0) OR ((a < 9) AND (b = 1))))";
        let other = "CHECK ((((a > 0) OR (a < 9)) AND (b = 1)))";
        assert_ne!(normal(either), normal(other));
    }

    #[test]
    fn what_differs_stays_different() {
        for (one, other) in [
            ("CHECK ((a > 0))", "CHECK ((a >= 0))"),
            ("(ARRAY['a'::text])::text[]", "(ARRAY['b'::text])::text[]"),
            ("('(a)'::text)", "('a'::text)"),
            ("f(a, (b))", "f((a), c)"),
            ("(ARRAY[1, 2])::bigint[]", "(ARRAY[1, 2])::text[]"),
        ] {
            assert_ne!(normal(one), normal(other), "{one}");
        }
    }
}
