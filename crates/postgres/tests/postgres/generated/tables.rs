//! Strategies for tables: hostile names, columns of many types, and rows.

use std::collections::BTreeSet;

use connect_swap_postgres::{cut_name, quote_ident, quote_literal};
use proptest::prelude::*;
use proptest::sample::{Index, select};

const ROWS: usize = 6;
/// A schema's own objects beside its table: index, enum, domain, composite
/// type, check constraint, sequence.
const NAMES: usize = 7;
const SYSTEM_COLUMNS: [&str; 6] = ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"];

/// A schema with a table in it.
#[derive(Debug, Clone)]
pub(super) struct Table {
    schema: String,
    names: Vec<String>,
    labels: Vec<String>,
    comment: String,
    columns: Vec<(String, Column)>,
}

/// A column's type, and expressions for a default and for its rows.
#[derive(Debug, Clone)]
struct Column {
    kind: Kind,
    default: Option<Value>,
    values: Vec<Option<Value>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Builtin(&'static str),
    Enum,
    Domain,
    Composite,
}

#[derive(Debug, Clone)]
enum Value {
    Sql(String),
    Label(Index),
}

/// A table; `case` keeps the schemas' names apart.
pub(super) fn table(case: usize) -> impl Strategy<Value = Table> {
    let columns = prop::collection::vec((name(), column()), 1..9);
    let labels = prop::collection::btree_set(name(), 1..5);
    let names = prop::collection::btree_set(name(), NAMES).prop_map(Vec::from_iter);
    (name(), names.prop_shuffle(), labels, text(), columns).prop_map(
        move |(schema, names, labels, comment, columns)| {
            let mut taken: BTreeSet<String> = SYSTEM_COLUMNS.map(str::to_owned).into();
            let unique = |(name, _): &(String, Column)| taken.insert(name.clone());
            Table {
                schema: cut_name(&format!("{case}{schema}")).to_owned(),
                names,
                labels: labels.into_iter().collect(),
                comment,
                columns: columns.into_iter().filter(unique).collect(),
            }
        },
    )
}

/// One to 63 bytes of anything but NUL, with a liking for what needs quotes.
fn name() -> impl Strategy<Value = String> {
    let hostile = select(vec![
        "\"", "'", "\n", "\r\n", "\t", "\\", "$$", ";", "--", ".", " ", "é", "漢", "A", "/*", "%",
        "\u{1}",
    ]);
    let piece = prop_oneof![
        2 => hostile.prop_map(str::to_owned),
        2 => "[a-z]{1,6}",
        1 => text(),
    ];
    prop::collection::vec(piece, 1..14)
        .prop_map(|pieces| cut_name(&pieces.concat()).to_owned())
        .prop_filter("names are not empty", |name| !name.is_empty())
}

fn text() -> BoxedStrategy<String> {
    prop::collection::vec(
        any::<char>().prop_filter("no text has it", |c| *c != '\0'),
        0..24,
    )
    .prop_map(String::from_iter)
    .boxed()
}

fn column() -> impl Strategy<Value = Column> {
    select(kinds()).prop_flat_map(|kind| {
        let default = prop::option::weighted(0.3, value(kind));
        let values = prop::collection::vec(prop::option::weighted(0.8, value(kind)), ROWS);
        (default, values).prop_map(move |(default, values)| Column {
            kind,
            default,
            values,
        })
    })
}

fn kinds() -> Vec<Kind> {
    let builtin = [
        "bool",
        "int2",
        "int4",
        "int8",
        "numeric",
        "numeric(30,10)",
        "float4",
        "float8",
        "text",
        "varchar(9)",
        "bpchar(7)",
        "name",
        "bytea",
        "date",
        "timestamp(2)",
        "timestamptz",
        "interval",
        "uuid",
        "json",
        "jsonb",
        "int4[]",
        "text[]",
        "int8range",
        "int4multirange",
        "inet",
        "varbit",
        "point",
        "oid",
    ];
    builtin
        .map(Kind::Builtin)
        .into_iter()
        .chain([Kind::Enum, Kind::Domain, Kind::Composite])
        .collect()
}

/// An expression that gives a value of the type once it is cast to it.
fn value(kind: Kind) -> BoxedStrategy<Value> {
    let literal = |text: String| quote_literal(&text);
    let sql = match kind {
        Kind::Enum => return any::<Index>().prop_map(Value::Label).boxed(),
        Kind::Composite => (text(), any::<i32>())
            .prop_map(move |(text, number)| format!("ROW({}, {number})", literal(text)))
            .boxed(),
        Kind::Domain | Kind::Builtin("text" | "name") => text().prop_map(literal).boxed(),
        Kind::Builtin("varchar(9)" | "bpchar(7)") => text().prop_map(literal).boxed(),
        Kind::Builtin("bool") => any::<bool>().prop_map(|b| b.to_string()).boxed(),
        Kind::Builtin("int2") => any::<i16>().prop_map(|n| format!("({n})")).boxed(),
        Kind::Builtin("int4") => any::<i32>().prop_map(|n| format!("({n})")).boxed(),
        Kind::Builtin("int8") => any::<i64>().prop_map(|n| format!("'{n}'")).boxed(),
        Kind::Builtin("oid") => any::<u32>().prop_map(|n| format!("'{n}'")).boxed(),
        Kind::Builtin("numeric") => "-?[0-9]{1,60}(\\.[0-9]{1,40})?|NaN|-?Infinity"
            .prop_map(literal)
            .boxed(),
        Kind::Builtin("numeric(30,10)") => "-?[0-9]{1,20}\\.[0-9]{1,15}".prop_map(literal).boxed(),
        Kind::Builtin("float4") => any::<f32>().prop_map(|n| format!("'{n:?}'")).boxed(),
        Kind::Builtin("float8") => any::<f64>().prop_map(|n| format!("'{n:?}'")).boxed(),
        Kind::Builtin("bytea") => prop::collection::vec(any::<u8>(), 0..40)
            .prop_map(|bytes| {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("decode('{hex}', 'hex')")
            })
            .boxed(),
        Kind::Builtin("date") => (-2_400_000..2_000_000_i32)
            .prop_map(|days| format!("(date '2000-01-01' + ({days}))"))
            .boxed(),
        Kind::Builtin("timestamp(2)" | "timestamptz") => (-1e11..1e11_f64)
            .prop_map(|secs| {
                format!("(timestamptz '2000-01-01' + make_interval(secs => {secs:?}))")
            })
            .boxed(),
        Kind::Builtin("interval") => (any::<i16>(), any::<i32>(), -1e9..1e9_f64)
            .prop_map(|(months, days, secs)| {
                format!("make_interval(months => {months}, days => {days}, secs => {secs:?})")
            })
            .boxed(),
        Kind::Builtin("uuid") => any::<u128>().prop_map(|n| format!("'{n:032x}'")).boxed(),
        Kind::Builtin("json" | "jsonb") => (text(), any::<i32>())
            .prop_map(move |(text, number)| {
                literal(serde_json::json!({ text.as_str(): [number, text, null] }).to_string())
            })
            .boxed(),
        Kind::Builtin("int4[]") => prop::collection::vec(prop::option::of(any::<i32>()), 0..5)
            .prop_map(|all| array(all.iter().map(|n| n.map(|n| format!("({n})")))))
            .boxed(),
        Kind::Builtin("text[]") => prop::collection::vec(prop::option::of(text()), 0..5)
            .prop_map(move |all| array(all.into_iter().map(|text| text.map(literal))))
            .boxed(),
        Kind::Builtin("int8range") => (any::<i32>(), any::<u16>())
            .prop_map(|(from, length)| format!("int8range({from}, {from}::int8 + {length})"))
            .boxed(),
        Kind::Builtin("int4multirange") => (0..1000_i32, 0..1000_i32)
            .prop_map(|(a, b)| format!("'{{[{a},{}),[{},)}}'", a + 1, a + b + 2))
            .boxed(),
        Kind::Builtin("inet") => (any::<[u8; 4]>(), 0..33_u8)
            .prop_map(|([a, b, c, d], bits)| format!("'{a}.{b}.{c}.{d}/{bits}'"))
            .boxed(),
        Kind::Builtin("varbit") => "[01]{0,30}".prop_map(literal).boxed(),
        Kind::Builtin("point") => (any::<f64>(), any::<f64>())
            .prop_map(|(x, y)| format!("'({x:?},{y:?})'"))
            .boxed(),
        Kind::Builtin(other) => unreachable!("no values of type {other}"),
    };
    sql.prop_map(Value::Sql).boxed()
}

fn array(items: impl Iterator<Item = Option<String>>) -> String {
    let items: Vec<String> = items
        .map(|item| item.unwrap_or_else(|| "NULL".to_owned()))
        .collect();
    format!("ARRAY[{}]", items.join(", "))
}

impl Table {
    fn qualified(&self, at: usize) -> String {
        format!(
            "{}.{}",
            quote_ident(&self.schema),
            quote_ident(&self.names[at])
        )
    }

    fn type_name(&self, kind: Kind) -> String {
        match kind {
            Kind::Builtin(name) => format!("pg_catalog.{name}"),
            Kind::Enum => self.qualified(2),
            Kind::Domain => self.qualified(3),
            Kind::Composite => self.qualified(4),
        }
    }

    fn cast(&self, kind: Kind, value: &Value) -> String {
        let sql = match value {
            Value::Sql(sql) => sql.clone(),
            Value::Label(at) => quote_literal(at.get::<String>(&self.labels)),
        };
        format!("CAST({sql} AS {})", self.type_name(kind))
    }

    /// Everything that makes the schema, the table and its rows.
    pub(super) fn statements(&self) -> Vec<String> {
        let (table, comment) = (self.qualified(0), quote_literal(&self.comment));
        let labels: Vec<String> = self
            .labels
            .iter()
            .map(|label| quote_literal(label))
            .collect();
        let mut all = vec![
            format!("CREATE SCHEMA {}", quote_ident(&self.schema)),
            format!(
                "CREATE TYPE {} AS ENUM ({})",
                self.qualified(2),
                labels.join(", ")
            ),
            format!(
                "CREATE DOMAIN {} AS text DEFAULT {comment}",
                self.qualified(3)
            ),
            format!(
                "CREATE TYPE {} AS ({} text, {} int)",
                self.qualified(4),
                quote_ident(&self.names[0]),
                quote_ident(&self.names[1])
            ),
            format!("CREATE SEQUENCE {}", self.qualified(6)),
            self.create(&table),
            format!("COMMENT ON TABLE {table} IS {comment}"),
        ];
        for (name, column) in &self.columns {
            all.push(format!(
                "COMMENT ON COLUMN {table}.{} IS {comment}",
                quote_ident(name)
            ));
            if !matches!(column.kind, Kind::Builtin("json" | "point")) {
                all.push(format!("CREATE INDEX ON {table} ({})", quote_ident(name)));
            }
        }
        all.push(format!(
            "CREATE INDEX {} ON {table} (({} IS NULL)) WHERE {comment} <> 'x'",
            quote_ident(&self.names[1]),
            quote_ident(&self.columns[0].0)
        ));
        all.extend((0..ROWS).map(|row| self.insert(&table, row)));
        all
    }

    fn create(&self, table: &str) -> String {
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|(name, column)| {
                let default = column.default.as_ref();
                let default =
                    default.map(|value| format!(" DEFAULT {}", self.cast(column.kind, value)));
                let (name, kind) = (quote_ident(name), self.type_name(column.kind));
                format!("{name} {kind}{}", default.unwrap_or_default())
            })
            .collect();
        format!(
            "CREATE TABLE {table} ({}, CONSTRAINT {} CHECK ({}::text IS DISTINCT FROM {}))",
            columns.join(", "),
            quote_ident(&self.names[5]),
            quote_ident(&self.columns[0].0),
            quote_literal(&format!("never {}", self.comment))
        )
    }

    fn insert(&self, table: &str, row: usize) -> String {
        let names: Vec<String> = self
            .columns
            .iter()
            .map(|(name, _)| quote_ident(name))
            .collect();
        let values: Vec<String> = self
            .columns
            .iter()
            .map(|(_, column)| match &column.values[row] {
                Some(value) => self.cast(column.kind, value),
                None => "NULL".to_owned(),
            })
            .collect();
        format!(
            "INSERT INTO {table} ({}) VALUES ({})",
            names.join(", "),
            values.join(", ")
        )
    }
}
