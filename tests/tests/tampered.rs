//! A journal that somebody has edited, or that a newer version has written: every command says so
//! with the documented exit code, and changes nothing anywhere.

use connect_swap_sandbox::servers::Database;
use connect_swap_swap::{ExitCode, FollowArgs, Report, commands};
use connect_swap_tests::{AppState, Scene, ended};
use serde_json::Value;

/// The old database's journal, to look at and to put back.
struct Edited {
    database: Database,
    runs: Value,
    entries: Value,
}

impl Edited {
    async fn new(scene: &Scene) -> Self {
        let mut edited = Self {
            database: scene.sandbox.database(&scene.app, "DATABASE").unwrap(),
            runs: Value::Null,
            entries: Value::Null,
        };
        let (runs, entries) = edited.rows().await;
        edited.runs = serde_json::from_str(&runs).unwrap();
        edited.entries = serde_json::from_str(&entries).unwrap();
        edited
    }

    async fn edit(&self, sql: &str) {
        let client = self.database.connect("somebody").await.unwrap();
        client.batch_execute(sql).await.expect(sql);
    }

    /// Both tables, as text: what was put in may be too deep for a parser.
    async fn rows(&self) -> (String, String) {
        let client = self.database.connect("somebody").await.unwrap();
        let sql = "SELECT (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id)::text FROM connect_swap.run r),
            (SELECT jsonb_agg(to_jsonb(j) ORDER BY j.run, j.seq)::text FROM connect_swap.journal j)";
        let row = client.query_one(sql, &[]).await.unwrap();
        (row.get(0), row.get(1))
    }

    async fn put_back(&self, sql: &str) {
        let client = self.database.connect("somebody").await.unwrap();
        client.batch_execute(sql).await.expect(sql);
        client
            .batch_execute("DELETE FROM connect_swap.journal; DELETE FROM connect_swap.run")
            .await
            .unwrap();
        for (table, rows) in [("run", &self.runs), ("journal", &self.entries)] {
            let insert = format!(
                "INSERT INTO connect_swap.{table}
                 SELECT * FROM jsonb_populate_recordset(NULL::connect_swap.{table}, $1)"
            );
            client.execute(&insert, &[rows]).await.unwrap();
        }
    }
}

/// Every command that reads a journal, as a name and what came of it.
async fn all(scene: &Scene) -> Vec<(&'static str, Report)> {
    let (operator, target) = (scene.operator(), scene.target());
    let follow = FollowArgs {
        target: target.clone(),
        every: std::time::Duration::from_secs(1),
        once: true,
    };
    vec![
        ("list", commands::list(&operator, &target).await),
        ("status", commands::status(&operator, &target).await),
        ("report", commands::report(&operator, &target).await),
        ("verify", commands::verify(&operator, &target).await),
        ("prep", commands::prep(&operator, &scene.prep_args()).await),
        ("follow", commands::follow(&operator, &follow).await),
        (
            "cutover",
            commands::cutover(&operator, &scene.cutover_args()).await,
        ),
        ("rollback", commands::rollback(&operator, &target).await),
        ("cleanup", commands::cleanup(&operator, &target).await),
    ]
}

/// What may be put in the place of an entry, and what a person reads of it.
const ENTRIES: [(&str, &str); 11] = [
    ("'7'", "cannot be believed"),
    ("'{}'", "missing field"),
    ("'[]'", "cannot be believed"),
    ("'\"x\"'", "cannot be believed"),
    (
        "jsonb_set(record, '{entry,kind}', '\"teleported\"')",
        "teleported",
    ),
    ("jsonb_set(record, '{entry}', 'null')", "cannot be believed"),
    ("jsonb_set(record, '{attempt}', '-1')", "cannot be believed"),
    (
        "jsonb_set(record, '{attempt}', '4294967296')",
        "cannot be believed",
    ),
    (
        "jsonb_set(record, '{at}', '\"yesterday\"')",
        "cannot be believed",
    ),
    (
        "jsonb_set(record, '{phase}', '[1e400]')",
        "cannot be believed",
    ),
    // Deeper than the parser goes.
    (
        "(repeat('[', 1000) || repeat(']', 1000))::jsonb",
        "recursion limit",
    ),
];

/// Other edits, and how they are taken back before the rows are.
const TABLES: [(&str, &str, &str); 6] = [
    (
        "DELETE FROM connect_swap.journal WHERE seq = 3",
        "",
        "journal entry 3 is missing",
    ),
    (
        "UPDATE connect_swap.journal SET seq = 9223372036854775807
         WHERE seq = (SELECT max(seq) FROM connect_swap.journal)",
        "",
        "is missing",
    ),
    (
        "UPDATE connect_swap.run SET subject = '{\"app\": \"x\"}'",
        "",
        "cannot be believed",
    ),
    (
        "ALTER TABLE connect_swap.journal ALTER COLUMN record TYPE text",
        "ALTER TABLE connect_swap.journal ALTER COLUMN record TYPE jsonb USING record::jsonb",
        "cannot be believed",
    ),
    (
        "ALTER TABLE connect_swap.journal RENAME COLUMN record TO entry",
        "ALTER TABLE connect_swap.journal RENAME COLUMN entry TO record",
        "column",
    ),
    (
        "ALTER TABLE connect_swap.run ALTER COLUMN format TYPE text",
        "ALTER TABLE connect_swap.run ALTER COLUMN format TYPE integer USING format::integer",
        "cannot be believed",
    ),
];

/// Everything in one text: what a person reads.
fn told(report: &Report) -> String {
    serde_json::to_string(&report.error).unwrap()
}

async fn ready() -> (Scene, Edited) {
    let scene = Scene::new().await;
    let prep = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    let edited = Edited::new(&scene).await;
    (scene, edited)
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_cannot_be_read_stop_every_command() {
    let (scene, journal) = ready().await;
    let (start, sent) = (AppState::of(&scene).await, scene.mutations());
    let entries = ENTRIES.iter().map(|(record, word)| {
        let edit = format!("UPDATE connect_swap.journal SET record = {record} WHERE seq = 2");
        (edit, "", *word)
    });
    let tables = TABLES
        .iter()
        .map(|(edit, back, word)| ((*edit).to_owned(), *back, *word));
    for (edit, back, word) in entries.chain(tables) {
        journal.edit(&edit).await;
        let before = journal.rows().await;
        for (command, report) in all(&scene).await {
            let shown = format!("{edit}\n{command}: {}", told(&report));
            assert_eq!(report.exit, ExitCode::Stuck, "{shown}");
            ended(&report, ExitCode::Stuck, &["must not be edited"]);
            assert!(shown.contains(word), "{word} is missing in {shown}");
        }
        assert_eq!(journal.rows().await, before, "{edit}");
        journal.put_back(back).await;
    }
    assert_eq!(scene.mutations(), sent);
    assert_eq!(AppState::of(&scene).await, start);
    let status = commands::status(&scene.operator(), &scene.target()).await;
    assert_eq!(status.state, "ready", "{}", told(&status));
}

/// Entries that can be read, and that no run of this tool can have written one after the other.
#[tokio::test(flavor = "multi_thread")]
async fn entries_that_cannot_follow_each_other_stop_every_command_that_decides_by_them() {
    let (scene, journal) = ready().await;
    let (start, sent) = (AppState::of(&scene).await, scene.mutations());
    let of_first_intent = "WHERE seq = (SELECT min(seq) FROM connect_swap.journal
                                        WHERE record #>> '{entry,kind}' = 'intent')";
    let behind_the_end = |entry: &str| {
        format!(
            "INSERT INTO connect_swap.journal (run, seq, record)
             SELECT run, seq + 1, jsonb_set(record, '{{entry}}', '{entry}')
             FROM connect_swap.journal ORDER BY seq DESC LIMIT 1"
        )
    };
    for edit in [
        format!(
            "UPDATE connect_swap.journal
             SET record = jsonb_set(record, '{{entry,kind}}', '\"undone\"') {of_first_intent}"
        ),
        format!(
            "UPDATE connect_swap.journal
             SET record = jsonb_set(record, '{{entry,kind}}', '\"undo-intent\"') {of_first_intent}"
        ),
        behind_the_end(r#"{"kind": "intent", "step": "seed-rows"}"#),
        behind_the_end(r#"{"kind": "undo-intent", "step": "seed-rows"}"#),
        behind_the_end(r#"{"kind": "phase-started", "steps": [], "by": {}}"#),
        "UPDATE connect_swap.journal SET record = jsonb_set(record, '{phase}', '\"cutover\"')
         WHERE seq = (SELECT max(seq) FROM connect_swap.journal)"
            .to_owned(),
    ] {
        journal.edit(&edit).await;
        let before = journal.rows().await;
        for (command, report) in all(&scene).await {
            // These two only show what stands there.
            if ["list", "report"].contains(&command) {
                continue;
            }
            let shown = format!("{edit}\n{command}: {}", told(&report));
            assert_eq!(report.exit, ExitCode::Stuck, "{shown}");
            assert!(shown.contains("cannot follow"), "{shown}");
            ended(&report, ExitCode::Stuck, &["must not be edited"]);
        }
        assert_eq!(journal.rows().await, before, "{edit}");
        journal.put_back("").await;
    }
    assert_eq!(scene.mutations(), sent);
    assert_eq!(AppState::of(&scene).await, start);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_format_is_read_and_never_written() {
    let (scene, journal) = ready().await;
    let (start, sent) = (AppState::of(&scene).await, scene.mutations());
    let newer = "UPDATE connect_swap.run SET format = 2";
    let unknown = "UPDATE connect_swap.run SET format = 2; UPDATE connect_swap.journal
                   SET record = jsonb_set(record, '{entry,kind}', '\"teleported\"') WHERE seq = 2";
    for (edit, can_be_read) in [(newer, true), (unknown, false)] {
        journal.edit(edit).await;
        let before = journal.rows().await;
        for (command, report) in all(&scene).await {
            let shown = format!("{edit}\n{command}: {}", told(&report));
            let reads = ["list", "status", "report", "verify"].contains(&command);
            if reads && can_be_read {
                assert_eq!(report.exit, ExitCode::Ok, "{shown}");
            } else if command == "rollback" && can_be_read {
                // There is nothing to go back from.
                assert_eq!(report.exit, ExitCode::Blocked, "{shown}");
            } else {
                assert_eq!(report.exit, ExitCode::Blocked, "{shown}");
                ended(&report, ExitCode::Blocked, &["newer version", "update"]);
            }
        }
        assert_eq!(journal.rows().await, before, "{edit}");
        journal.put_back("").await;
    }
    assert_eq!(scene.mutations(), sent);
    assert_eq!(AppState::of(&scene).await, start);
}

/// The numbers and the bytes that the binary ends with.
#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_an_edited_journal_commands_no_terminal() {
    let (scene, journal) = ready().await;
    let evil = r"tele\u001b[2J\u009b2J\u202e\u001b]52;c;aGk=\u0007ported";
    journal
        .edit(&format!(
            "UPDATE connect_swap.journal
             SET record = jsonb_set(record, '{{entry,kind}}', '\"{evil}\"') WHERE seq = 2"
        ))
        .await;
    tokio::task::block_in_place(|| {
        for form in ["--json", "--events", "--plain"] {
            for command in ["status", "cutover", "cleanup"] {
                let output = scene.run(&[command, "-a", &scene.app, form], &[]);
                assert_eq!(output.status.code(), Some(8), "{command} {form} {output:?}");
                for stream in [&output.stdout, &output.stderr] {
                    let text = std::str::from_utf8(stream).unwrap();
                    let commands = |c: char| c != '\n' && c.is_control() || c == '\u{202e}';
                    assert!(!text.contains(commands), "{command} {form} {text:?}");
                }
                let told = String::from_utf8_lossy(&output.stderr);
                assert!(told.contains("tele\\u{1b}[2J"), "{told}");
            }
        }
    });
    journal.put_back("").await;
    // Where it can be read, it is shown.
    let note = format!(r#"{{"kind": "note", "text": "{evil}"}}"#);
    journal
        .edit(&format!(
            "INSERT INTO connect_swap.journal (run, seq, record)
             SELECT run, seq + 1, jsonb_set(record, '{{entry}}', '{note}')
             FROM connect_swap.journal ORDER BY seq DESC LIMIT 1"
        ))
        .await;
    tokio::task::block_in_place(|| {
        for form in ["--json", "--events", "--plain"] {
            let output = scene.run(&["report", "-a", &scene.app, form], &[]);
            assert_eq!(output.status.code(), Some(0), "{form} {output:?}");
            let text = std::str::from_utf8(&output.stdout).unwrap();
            let commands = |c: char| c != '\n' && c.is_control() || c == '\u{202e}';
            assert!(!text.contains(commands), "{form} {text:?}");
            assert!(text.contains("ported"), "{form} {text}");
        }
    });
}
