//! Reads SQL text far enough to split a script into statements and to follow
//! an extension's objects into another schema. Knows quotes, comments, dollar
//! quotes, parentheses and `BEGIN ATOMIC` bodies (PostgreSQL manual, "Lexical
//! Structure"), and no grammar beyond that. Expects
//! `standard_conforming_strings = on`, which `pg_dump` sets.

use std::collections::BTreeMap;

/// A lexical element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An unquoted word.
    Word,
    /// A `"quoted"` identifier.
    Quoted,
    /// A run of operator characters.
    Operator,
    /// A string, a number, a comment, white space: nothing that is looked into.
    Opaque,
    Dot,
    Semicolon,
    Open,
    Close,
    /// A backslash, where no SQL can have one.
    Backslash,
}

#[derive(Debug, Clone, Copy)]
struct Token<'a> {
    kind: Kind,
    start: usize,
    text: &'a str,
}

/// Walks over the tokens of a text.
struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let rest = &self.text[self.at..];
        let first = rest.chars().next()?;
        let (kind, length) = token(rest, first);
        let start = self.at;
        self.at += length;
        Some(Token {
            kind,
            start,
            text: &rest[..length],
        })
    }
}

fn token(rest: &str, first: char) -> (Kind, usize) {
    match first {
        '\'' => (Kind::Opaque, quoted(rest, 0, '\'', false)),
        'e' | 'E' if rest[1..].starts_with('\'') => (Kind::Opaque, quoted(rest, 1, '\'', true)),
        '"' => (Kind::Quoted, quoted(rest, 0, '"', false)),
        '-' if rest.starts_with("--") => (Kind::Opaque, rest.find('\n').unwrap_or(rest.len())),
        '/' if rest.starts_with("/*") => (Kind::Opaque, block_comment(rest)),
        '$' => match dollar_quote(rest) {
            Some(length) => (Kind::Opaque, length),
            None => (Kind::Opaque, 1),
        },
        '.' => (Kind::Dot, 1),
        ';' => (Kind::Semicolon, 1),
        '(' => (Kind::Open, 1),
        ')' => (Kind::Close, 1),
        '\\' => (Kind::Backslash, 1),
        _ if is_word_start(first) => (
            Kind::Word,
            run(rest, |c| is_word_start(c) || c.is_ascii_digit() || c == '$'),
        ),
        _ if first.is_ascii_digit() => (Kind::Opaque, run(rest, |c| c.is_ascii_alphanumeric())),
        _ if is_operator(first) => {
            let length = run(rest, is_operator);
            // A comment may follow an operator without a space.
            let end = ["--", "/*"]
                .iter()
                .filter_map(|open| rest[..length].find(open))
                .min();
            (Kind::Operator, end.filter(|end| *end > 0).unwrap_or(length))
        }
        _ => (Kind::Opaque, first.len_utf8()),
    }
}

fn is_word_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn is_operator(c: char) -> bool {
    "+-*/<>=~!@#%^&|`?".contains(c)
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// Length of a quoted text whose opening quote is at `open`.
fn quoted(text: &str, open: usize, quote: char, backslashes: bool) -> usize {
    let mut chars = text[open + 1..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && backslashes {
            chars.next();
        } else if c == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
            } else {
                return open + 1 + at + quote.len_utf8();
            }
        }
    }
    text.len()
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

fn dollar_quote(text: &str) -> Option<usize> {
    let end = text[1..].find('$')? + 2;
    let tag = &text[..end];
    let name = &tag[1..tag.len() - 1];
    let named = name.chars().all(|c| is_word_start(c) || c.is_ascii_digit())
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if !named {
        return None;
    }
    Some(
        text[end..]
            .find(tag)
            .map_or(text.len(), |close| end + close + end),
    )
}

/// The statements of one entry of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section<'a> {
    /// The entry's dump id; `None` for what stands before the first entry.
    pub(crate) dump_id: Option<u32>,
    /// Its statements, without the final semicolons.
    pub(crate) statements: Vec<&'a str>,
}

/// Splits a script of `pg_restore --verbose` into its entries and their
/// statements, without comments around them, and lines meant for `psql`
/// (`\restrict`). An entry is known by the comment that begins it; a comment
/// inside of a string or a body is none.
pub(crate) fn sections(script: &str) -> Vec<Section<'_>> {
    let mut found = vec![Section {
        dump_id: None,
        statements: Vec::new(),
    }];
    let mut tokens = Tokens {
        text: script,
        at: 0,
    };
    let mut statement = Statement::default();
    while let Some(token) = tokens.next() {
        if statement.start.is_none() {
            match token.kind {
                Kind::Backslash => {
                    let line = script[token.start..].find('\n');
                    tokens.at = line.map_or(script.len(), |end| token.start + end);
                    continue;
                }
                Kind::Opaque if is_blank(token.text) => {
                    if let Some(dump_id) = entry_of(token.text) {
                        found.push(Section {
                            dump_id: Some(dump_id),
                            statements: Vec::new(),
                        });
                    }
                    continue;
                }
                _ => statement.start = Some(token.start),
            }
        }
        if statement.ends_at(token) {
            let text = statement.start.map(|start| &script[start..token.start]);
            add(&mut found, text);
            statement = Statement::default();
        }
    }
    let text = statement.start.map(|start| &script[start..]);
    add(&mut found, text);
    found.retain(|section| !section.statements.is_empty());
    found
}

fn add<'a>(sections: &mut [Section<'a>], text: Option<&'a str>) {
    let text = text.map(str::trim_end).filter(|text| !text.is_empty());
    if let (Some(section), Some(text)) = (sections.last_mut(), text) {
        section.statements.push(text);
    }
}

/// The dump id in `-- TOC entry 215 (class 1259 OID 16385)`.
fn entry_of(comment: &str) -> Option<u32> {
    let rest = comment.strip_prefix("-- TOC entry ")?;
    let (id, rest) = rest.split_once(' ')?;
    rest.starts_with("(class ").then(|| id.parse().ok())?
}

fn is_blank(text: &str) -> bool {
    text.starts_with(char::is_whitespace) || text.starts_with("--") || text.starts_with("/*")
}

/// How deep a statement is nested, as `psql` counts it.
#[derive(Default)]
struct Statement {
    start: Option<usize>,
    parentheses: usize,
    bodies: usize,
    words: Vec<String>,
}

impl Statement {
    fn ends_at(&mut self, token: Token<'_>) -> bool {
        match token.kind {
            Kind::Open => self.parentheses += 1,
            Kind::Close => self.parentheses = self.parentheses.saturating_sub(1),
            Kind::Word => self.word(&token.text.to_ascii_lowercase()),
            Kind::Semicolon => return self.parentheses == 0 && self.bodies == 0,
            _ => {}
        }
        false
    }

    fn word(&mut self, word: &str) {
        if self.words.len() < 4 {
            self.words.push(word.to_owned());
        }
        if self.parentheses > 0 || !self.makes_routine() {
            return;
        }
        match word {
            "begin" => self.bodies += 1,
            "case" if self.bodies > 0 => self.bodies += 1,
            "end" => self.bodies = self.bodies.saturating_sub(1),
            _ => {}
        }
    }

    fn makes_routine(&self) -> bool {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        matches!(
            words.as_slice(),
            ["create", "function" | "procedure", ..]
                | ["create", "or", "replace", "function" | "procedure", ..]
        )
    }
}

/// An expression as far as its brackets go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    /// A word, a string, an operator, a comma.
    Token(String),
    /// What is between parentheses.
    Group(Vec<Node>),
    /// What is between square brackets.
    Brackets(Vec<Node>),
}

impl Node {
    /// Whether it is this very token.
    pub(crate) fn is(&self, text: &str) -> bool {
        matches!(self, Self::Token(token) if token == text)
    }

    /// Whether it is this keyword.
    pub(crate) fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Token(token) if token.eq_ignore_ascii_case(word))
    }
}

/// Reads text into nodes; white space and comments are left out. A bracket that
/// is never closed is closed by the end.
pub(crate) fn nodes(text: &str) -> Vec<Node> {
    let mut open: Vec<(char, Vec<Node>)> = vec![(' ', Vec::new())];
    let mut tokens = (Tokens { text, at: 0 }).peekable();
    while let Some(token) = tokens.next() {
        let mut word = token.text.to_owned();
        match (token.kind, token.text) {
            (Kind::Open, _) => {
                open.push(('(', Vec::new()));
                continue;
            }
            (Kind::Opaque, "[") => {
                open.push(('[', Vec::new()));
                continue;
            }
            (Kind::Close, _) | (Kind::Opaque, "]") => {
                close(&mut open);
                continue;
            }
            (Kind::Opaque, text) if is_blank(text) => continue,
            // A cast is two colons.
            (Kind::Opaque, ":") if tokens.peek().is_some_and(|next| next.text == ":") => {
                tokens.next();
                word = "::".to_owned();
            }
            _ => {}
        }
        if let Some((_, nodes)) = open.last_mut() {
            nodes.push(Node::Token(word));
        }
    }
    while open.len() > 1 {
        close(&mut open);
    }
    open.pop().map(|(_, nodes)| nodes).unwrap_or_default()
}

/// How deep the brackets of a text go.
pub(crate) fn depth(text: &str) -> usize {
    let (mut now, mut deepest) = (0_usize, 0);
    for token in (Tokens { text, at: 0 }) {
        match (token.kind, token.text) {
            (Kind::Open, _) | (Kind::Opaque, "[") => now += 1,
            (Kind::Close, _) | (Kind::Opaque, "]") => now = now.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(now);
    }
    deepest
}

fn close(open: &mut Vec<(char, Vec<Node>)>) {
    if open.len() < 2 {
        return;
    }
    if let Some((bracket, inner)) = open.pop()
        && let Some((_, nodes)) = open.last_mut()
    {
        nodes.push(if bracket == '(' {
            Node::Group(inner)
        } else {
            Node::Brackets(inner)
        });
    }
}

/// Writes nodes with one space between tokens.
pub(crate) fn write(all: &[Node]) -> String {
    let parts: Vec<String> = all
        .iter()
        .map(|node| match node {
            Node::Token(text) => text.clone(),
            Node::Group(inner) => format!("({})", write(inner)),
            Node::Brackets(inner) => format!("[{}]", write(inner)),
        })
        .collect();
    parts.join(" ")
}

/// Where the objects of extensions are on the other side: schema and name on
/// this side to the schema over there.
pub(crate) type Moves = BTreeMap<(String, String), String>;

/// Rewrites qualified names of moved objects. Leaves string literals and
/// function bodies alone.
pub(crate) fn follow(text: &str, moves: &Moves) -> String {
    if moves.is_empty() {
        return text.to_owned();
    }
    let tokens: Vec<Token<'_>> = Tokens { text, at: 0 }.collect();
    let mut out = String::with_capacity(text.len());
    for (at, token) in tokens.iter().enumerate() {
        let qualified = at == 0 || tokens[at - 1].kind != Kind::Dot;
        let target = (qualified
            && tokens
                .get(at + 1)
                .is_some_and(|next| next.kind == Kind::Dot))
        .then(|| Some((name(token)?, name(tokens.get(at + 2)?)?)))
        .flatten()
        .and_then(|key| moves.get(&key));
        match target {
            Some(schema) => out.push_str(&plain_or_quoted(schema)),
            None => out.push_str(token.text),
        }
    }
    out
}

/// Renames a role in the `TO` list of a `CREATE POLICY` statement.
pub(crate) fn rename_role(statement: &str, from: &str, to: &str) -> String {
    let mut out = String::with_capacity(statement.len());
    let mut in_list = false;
    let mut done = false;
    for token in (Tokens {
        text: statement,
        at: 0,
    }) {
        let word = |word: &str| token.kind == Kind::Word && token.text.eq_ignore_ascii_case(word);
        if word("to") && !done {
            in_list = true;
        } else if token.kind == Kind::Open {
            // Conditions are in parentheses: nothing in them is a role.
            (in_list, done) = (false, true);
        } else if in_list && name(&token).as_deref() == Some(from) {
            out.push_str(to);
            continue;
        }
        out.push_str(token.text);
    }
    out
}

fn name(token: &Token<'_>) -> Option<String> {
    match token.kind {
        Kind::Word => Some(token.text.to_lowercase()),
        Kind::Operator => Some(token.text.to_owned()),
        Kind::Quoted => Some(
            token
                .text
                .trim_start_matches('"')
                .strip_suffix('"')?
                .replace("\"\"", "\""),
        ),
        _ => None,
    }
}

/// Quoted only where the server itself would quote it, so that rewritten
/// definitions compare equal.
fn plain_or_quoted(schema: &str) -> String {
    let plain = schema.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && schema
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain {
        schema.to_owned()
    } else {
        crate::ident::quote_ident(schema)
    }
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use super::*;

    fn statements(script: &str) -> Vec<&str> {
        sections(script)
            .into_iter()
            .flat_map(|section| section.statements)
            .collect()
    }

    #[test]
    fn entries_begin_at_their_own_comment_and_at_no_other() {
        let script = "SET a = 1;\n--\n-- TOC entry 215 (class 1259 OID 16385)\n-- Name: t; Type: TABLE\n--\n\n\
             CREATE TABLE t (a text DEFAULT '\n-- TOC entry 9 (class 1 OID 2)\n');\nALTER TABLE t ALTER a SET STORAGE MAIN;\n\
             -- TOC entry 216 (class 0 OID 0)\n-- Name: empty\n-- TOC entry 217 (class 1259 OID 3)\nCREATE VIEW v AS SELECT 1;\n";
        let found = sections(script);
        let ids: Vec<_> = found.iter().map(|section| section.dump_id).collect();
        assert_eq!(ids, [None, Some(215), Some(217)]);
        assert_eq!(found[1].statements.len(), 2);
        assert_eq!(found[2].statements, ["CREATE VIEW v AS SELECT 1"]);
    }

    #[test]
    fn semicolons_inside_quotes_bodies_and_parentheses_do_not_split() {
        let script = "\\restrict abc\n-- Name: a;\nSELECT 'a;''b', \"c;d\", E'\\';';\n\
             CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;\n\
             CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);\n\
             CREATE FUNCTION g() RETURNS void LANGUAGE plpgsql AS $_$ begin; $1; end $_$;\n\
             /* x; /* y; */ */\n\\unrestrict abc\n";
        let found = statements(script);
        assert_eq!(found.len(), 4, "{found:#?}");
        assert!(found[0].starts_with("SELECT") && found[0].ends_with("E'\\';'"));
        assert!(found[1].ends_with("END"));
        assert!(found[3].ends_with("$_$"));
    }

    #[test]
    fn a_table_with_a_column_called_begin_is_one_statement() {
        let found = statements("CREATE TABLE t (begin int, \"end\" int);\nSELECT 1;");
        assert_eq!(
            found,
            ["CREATE TABLE t (begin int, \"end\" int)", "SELECT 1"]
        );
    }

    #[test]
    fn positional_parameters_are_no_dollar_quotes() {
        assert_eq!(statements("PREPARE p AS SELECT $1; SELECT $2;").len(), 2);
    }

    #[test]
    fn moved_names_are_followed_outside_of_literals_only() {
        let moves: Moves = [
            (
                ("public".to_owned(), "citext".to_owned()),
                "heroku_ext".to_owned(),
            ),
            (
                ("public".to_owned(), "~~".to_owned()),
                "heroku_ext".to_owned(),
            ),
            (("public".to_owned(), "Odd".to_owned()), "My Ext".to_owned()),
        ]
        .into();
        let text = "a public.citext, b public.\"citext\", c public.other, 'public.citext', \
                    x OPERATOR(public.~~) y, x.public.citext, $$public.citext$$, public.\"Odd\"";
        assert_eq!(
            follow(text, &moves),
            "a heroku_ext.citext, b heroku_ext.\"citext\", c public.other, 'public.citext', \
             x OPERATOR(heroku_ext.~~) y, x.public.citext, $$public.citext$$, \"My Ext\".\"Odd\""
        );
    }

    #[test]
    fn a_role_is_renamed_in_the_list_of_a_policy_only() {
        let policy = "CREATE POLICY app ON public.app AS RESTRICTIVE FOR SELECT TO app, \"Other\" USING ((owner = 'app'::text) AND (to_ = app))";
        assert_eq!(
            rename_role(policy, "app", "\"new\""),
            "CREATE POLICY app ON public.app AS RESTRICTIVE FOR SELECT TO \"new\", \"Other\" USING ((owner = 'app'::text) AND (to_ = app))"
        );
    }

    #[test]
    fn unfinished_text_never_runs_past_its_end() {
        for text in [
            "'abc", "\"abc", "$a$abc", "/* abc", "E'a\\", "é'", "$", "\\",
        ] {
            let _ = statements(text);
            let all: usize = Tokens { text, at: 0 }.map(|token| token.text.len()).sum();
            assert_eq!(all, text.len());
        }
    }
}
