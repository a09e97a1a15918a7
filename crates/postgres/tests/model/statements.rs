//! Random statements of an app.

use fastrand::Rng;

/// One step of a transaction.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Sql(String),
    /// A `COPY … FROM STDIN` and what is sent.
    Copy(String, String),
}

/// A table that statements of a common form can be written for.
struct Table {
    name: &'static str,
    /// Its key's columns.
    key: &'static [(&'static str, Kind)],
    value: &'static str,
    /// Whether `ON CONFLICT (key)` is possible.
    upsert: bool,
}

#[derive(Clone, Copy)]
enum Kind {
    Int,
    Group,
    Text,
    Uuid,
    Number,
}

const fn table(name: &'static str, key: &'static [(&'static str, Kind)]) -> Table {
    Table {
        name,
        key,
        value: "v",
        upsert: true,
    }
}

const ID: &[(&str, Kind)] = &[("id", Kind::Int)];
const IN_GROUP: &[(&str, Kind)] = &[("id", Kind::Int), ("grp", Kind::Group)];

const TABLES: &[Table] = &[
    table("m.account", ID),
    table("m.account_view", ID),
    Table {
        upsert: false,
        ..table("m.deferred_key", ID)
    },
    table(
        "\"Other \"\"one\"\"\".\"It's\"",
        &[("\"A a\"", Kind::Int), ("\"b\"\"\"", Kind::Text)],
    ),
    table("m.by_uuid", &[("id", Kind::Uuid)]),
    table("m.insensitive", &[("k", Kind::Text)]),
    table("m.nondeterministic", &[("k", Kind::Text)]),
    table("m.number", &[("n", Kind::Number)]),
    Table {
        upsert: false,
        ..table("m.computed", ID)
    },
    table("m.ranged", IN_GROUP),
    table("m.ranged_1", IN_GROUP),
    table("m.ranged_2", IN_GROUP),
    table("m.ranged_2b", IN_GROUP),
    table("m.hashed", ID),
    table("m.hashed_1", ID),
    Table {
        value: "name",
        ..table("m.animal", ID)
    },
    Table {
        value: "breed",
        ..table("m.dog", ID)
    },
    table("m.owner", ID),
    table("m.pet", ID),
    table("m.toy", ID),
    table("m.toy_0", ID),
    table("m.fleeting", ID),
    Table {
        upsert: false,
        ..table("m.keyless", &[("a", Kind::Int)])
    },
];

const TRUNCATED: [&str; 10] = [
    "m.account",
    "m.by_uuid",
    "m.ranged",
    "m.ranged_2",
    "m.ranged_1",
    "m.hashed_0",
    "m.animal",
    "ONLY m.animal",
    "m.owner CASCADE",
    "m.insensitive, m.number",
];

/// A random step.
pub(crate) fn step(rng: &mut Rng) -> Step {
    let sql = match rng.u8(..100) {
        0..=34 => common(rng),
        35..=42 => return copy(rng),
        43..=46 => format!("TRUNCATE {}", rng.choice(TRUNCATED).unwrap()),
        _ => special(rng),
    };
    Step::Sql(sql)
}

fn value(rng: &mut Rng, kind: Kind) -> String {
    match kind {
        Kind::Int => rng.u8(1..25).to_string(),
        Kind::Group => rng.u8(..25).to_string(),
        // The same to some of the keys' comparisons.
        Kind::Text => format!(
            "'{}'",
            rng.choice(["a", "A", "b", "B", "ß", "é", "É", "it''s", ""])
                .unwrap()
        ),
        Kind::Uuid => format!("md5('{}')::uuid", rng.u8(..20)),
        Kind::Number => rng
            .choice(["1", "1.0", "1.00", "2", "2.50", "2.5", "'NaN'"])
            .unwrap()
            .to_owned(),
    }
}

fn note(rng: &mut Rng) -> String {
    format!("'v{}'", rng.u32(..100_000))
}

fn pick(rng: &mut Rng) -> &'static Table {
    &TABLES[rng.usize(..TABLES.len())]
}

fn names(table: &Table) -> String {
    let names: Vec<&str> = table.key.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

fn key(rng: &mut Rng, table: &Table) -> String {
    let values: Vec<String> = table
        .key
        .iter()
        .map(|(_, kind)| value(rng, *kind))
        .collect();
    values.join(", ")
}

/// What every table can have done to it.
fn common(rng: &mut Rng) -> String {
    let table = pick(rng);
    let (name, column) = (table.name, table.value);
    let (first, kind) = table.key[rng.usize(..table.key.len())];
    let one = value(rng, kind);
    match rng.u8(..8) {
        0 | 1 => format!(
            "INSERT INTO {name} ({}, {column}) VALUES ({}, {})",
            names(table),
            key(rng, table),
            note(rng)
        ),
        2 if table.upsert => format!(
            "INSERT INTO {name} ({names}, {column}) VALUES ({}, {}), ({}, {}) ON CONFLICT ({names}) DO {}",
            key(rng, table),
            note(rng),
            key(rng, table),
            note(rng),
            rng.choice([
                "NOTHING".to_owned(),
                format!("UPDATE SET {column} = 'upserted'"),
                format!("UPDATE SET {first} = {one}")
            ])
            .unwrap(),
            names = names(table),
        ),
        3 => format!(
            "UPDATE {name} SET {column} = {} WHERE {first} >= {one}",
            note(rng)
        ),
        4 => format!(
            "UPDATE {name} SET {first} = {} WHERE {first} = {one}",
            value(rng, kind)
        ),
        5 => format!("DELETE FROM {name} WHERE {first} = {one}"),
        6 => format!(
            "WITH gone AS (DELETE FROM {name} WHERE {first} = {one} RETURNING {names}) \
             INSERT INTO {name} ({names}, {column}) SELECT {names}, 'back' FROM gone",
            names = names(table)
        ),
        _ => format!("UPDATE {name} SET {column} = {}", note(rng)),
    }
}

fn copy(rng: &mut Rng) -> Step {
    let tables: Vec<&Table> = TABLES
        .iter()
        .filter(|table| {
            table
                .key
                .iter()
                .all(|(_, kind)| matches!(kind, Kind::Int | Kind::Group))
                && table.name != "m.account_view"
        })
        .collect();
    let table = tables[rng.usize(..tables.len())];
    let mut rows = String::new();
    for _ in 0..rng.u8(1..4) {
        for (_, kind) in table.key {
            rows.push_str(&value(rng, *kind));
            rows.push('\t');
        }
        rows.push_str("copied\n");
    }
    Step::Copy(
        format!(
            "COPY {} ({}, {}) FROM STDIN",
            table.name,
            names(table),
            table.value
        ),
        rows,
    )
}

/// What only some tables can have done to them.
fn special(rng: &mut Rng) -> String {
    let mut n = || rng.u8(1..25);
    let (a, b, c) = (n(), n(), n());
    match rng.u8(..26) {
        // A unique value goes from one row to another.
        0 => format!("UPDATE m.account SET name = 'n' || ({a} + {b} - substr(name, 2)::int) WHERE name IN ('n{a}', 'n{b}')"),
        1 => format!("UPDATE m.account SET name = NULL WHERE id = {a}; UPDATE m.account SET name = 'n{a}' WHERE id = {b}"),
        2 => format!("UPDATE m.slot SET pos = {a} + {b} - pos WHERE pos IN ({a}, {b})"),
        3 => format!("INSERT INTO m.slot VALUES ({a}, {b}); DELETE FROM m.slot WHERE pos = {b} AND id <> {a}"),
        4 => format!("UPDATE m.deferred_key SET id = id + {c} WHERE id <= {a}"),
        5 => "SET CONSTRAINTS ALL DEFERRED; UPDATE m.deferred_key SET id = 30 - id".to_owned(),
        // Cascades.
        6 => format!("UPDATE m.owner SET id = {a} WHERE id = {b}"),
        7 => format!("DELETE FROM m.owner WHERE id = {a}"),
        8 => format!("UPDATE m.pet SET id = {a} WHERE id = {b}"),
        9 => format!("INSERT INTO m.toy VALUES ({a}, {b}, 'toy') ON CONFLICT (id) DO UPDATE SET pet = {c}"),
        10 => format!("INSERT INTO m.pet VALUES ({a}, {b}, 'pet')"),
        // From one partition to another.
        11 => format!("UPDATE m.ranged SET grp = {c} WHERE grp = {a}"),
        12 => format!("UPDATE m.ranged SET grp = grp + 7, id = id + 1 WHERE id > {a}"),
        13 => format!("UPDATE m.ranged_2 SET grp = {} WHERE id < {a}", 10 + a % 10),
        14 => format!("INSERT INTO m.ranged VALUES ({a}, {b}, 'x') ON CONFLICT (id, grp) DO UPDATE SET v = 'taken'"),
        15 => format!(
            "MERGE INTO m.ranged USING (VALUES ({a}, {b}), ({b}, {c})) AS s (id, grp) ON ranged.id = s.id AND ranged.grp = s.grp \
             WHEN MATCHED AND s.id > 12 THEN DELETE WHEN MATCHED THEN UPDATE SET grp = {c} WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.grp, 'merged')"
        ),
        16 => format!("UPDATE m.hashed SET id = id + {a} WHERE id < {b}"),
        // Parents and children.
        17 => format!("UPDATE m.animal SET id = {a} WHERE id = {b}"),
        18 => format!("UPDATE ONLY m.animal SET name = 'only' WHERE id >= {a}; DELETE FROM m.animal WHERE id = {b}"),
        19 => format!("INSERT INTO m.dog VALUES ({a}, 'dog', 'breed')"),
        // Only the case, or only the digits, of a key changes.
        20 => "UPDATE m.insensitive SET k = upper(k::text)::citext; UPDATE m.nondeterministic SET k = lower(k)".to_owned(),
        21 => "UPDATE m.number SET n = n * 1.00".to_owned(),
        22 => format!("SELECT m.by_definer({a}, 'definer')"),
        23 => format!("UPDATE m.computed SET id = {a} WHERE g = {b} + 1000"),
        // Two statements of one query on one table, and one on another.
        24 => format!(
            "WITH one AS (UPDATE m.hashed SET v = 'one' WHERE id = {a} RETURNING id), two AS (UPDATE m.hashed SET v = 'two' WHERE id = {b} RETURNING id) \
             INSERT INTO m.owner SELECT id, 'both' FROM one UNION SELECT id, 'both' FROM two"
        ),
        // Emptied and filled at once, visible to every snapshot.
        _ => format!("TRUNCATE m.hashed_1; INSERT INTO m.hashed VALUES ({a}, 'after'); DELETE FROM m.keyless WHERE a = {b}"),
    }
}
