//! Judges a run from outside: after every command, and when all is over.

use std::sync::Arc;
use std::time::{Duration, Instant};

use connect_swap_sandbox::Audit;

use crate::command::{Command, Ending};
use crate::report::Outcome;
use crate::stage::Stage;
use crate::start::{Look, addons, summary};

/// How long, in real time, the app may take to be up once a command has ended: dynos boot, and a
/// connection leaves its pause.
const SETTLED: Duration = Duration::from_secs(20);

/// The exit codes that a command may end with, its contract's.
const CODES: [i32; 12] = [0, 3, 4, 5, 6, 7, 8, 9, 11, 129, 130, 143];

/// Where Heroku answers nothing else before a run begins a command ends so, too; and with words.
const BEFORE_A_RUN: i32 = 1;

/// What is wrong now that a command has ended.
pub(crate) async fn after_a_command(
    stage: &Arc<Stage>,
    before: &Look,
    ending: &Ending,
) -> Vec<String> {
    let mut wrong = Vec::new();
    if ending.silent {
        wrong.push(format!("{} was silent for minutes", ending.command.name()));
    }
    match ending.code {
        Some(BEFORE_A_RUN) if began_nothing(ending) => wrong.extend(says_enough(ending)),
        Some(code) if !CODES.contains(&code) => {
            wrong.push(format!(
                "exit code {code}: {}\n{}",
                ending.words(),
                ending.stderr
            ));
        }
        Some(code) if code != 0 && ending.summary.is_some() => wrong.extend(says_enough(ending)),
        Some(0 | 3..=11) if ending.summary.is_none() => {
            wrong.push(format!("no summary: {}\n{}", ending.words(), ending.stderr));
        }
        _ => {}
    }
    match (ending.code, ending.command) {
        (Some(7), _) => wrong.extend(is_back(stage, before, "rolled back").await),
        (Some(1 | 3 | 5 | 6 | 8 | 9 | 11), Command::Prep) => {
            wrong.extend(is_untouched(stage, before).await);
        }
        _ => {}
    }
    for overlap in mine(stage).await {
        wrong.push(format!("two connections on one database: {overlap}"));
    }
    wrong
}

/// No phase was begun, and Heroku's own refusal is told.
fn began_nothing(ending: &Ending) -> bool {
    !ending.stderr.contains(" begin ") && ending.stderr.contains("request id")
}

fn says_enough(ending: &Ending) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut say = |what: &str| wrong.push(format!("{what}: {}\n{}", ending.words(), ending.stderr));
    let summary = ending.summary.as_ref();
    let blocked = summary.is_some_and(|summary| {
        summary["findings"]
            .as_array()
            .is_some_and(|findings| !findings.is_empty())
    });
    if ending.text("/error/message").is_empty() && !blocked {
        say("nothing is said of what went wrong");
    }
    if ending.text("/next").is_empty() {
        say("nothing is said to run next");
    }
    if !blocked && ending.text("/error/app_state").is_empty() {
        say("nothing is said of the app's state");
    }
    let by_hand = summary.and_then(|summary| summary.pointer("/error/by_hand"));
    let hints = summary.and_then(|summary| summary.pointer("/error/hints"));
    let none = |list: Option<&serde_json::Value>| {
        list.and_then(|list| list.as_array())
            .is_none_or(Vec::is_empty)
    };
    if ending.code == Some(8) && none(by_hand) && none(hints) {
        say("stuck without a word of what to do");
    }
    wrong
}

/// The audit of all writes, once what is on its way has arrived. What is lost stays so.
pub(crate) async fn audited(stage: &Arc<Stage>) -> Audit {
    let audit = async || stage.servers.sandbox.audit(&stage.app).await;
    eventually(async || audit().await.is_ok_and(|audit| audit.is_clean())).await;
    audit().await.expect("an audit")
}

/// What is wrong when the operator has come to an end and nothing goes wrong any more.
pub(crate) async fn at_the_end(
    stage: &Arc<Stage>,
    before: &Look,
    (outcome, audit): (Outcome, &Audit),
) -> Vec<String> {
    let mut wrong = match outcome {
        Outcome::Swapped | Outcome::SwappedAndCleaned => is_swapped(stage, before, outcome).await,
        Outcome::Back => {
            let mut wrong = is_back(stage, before, "given up").await;
            wrong.extend(left_no_trace(stage, before).await);
            wrong
        }
        Outcome::Stuck | Outcome::Wrong => Vec::new(),
    };
    if audit.acknowledged == 0 {
        wrong.push("the app wrote nothing".into());
    }
    let waiting = ("not sent by Connect", &audit.waiting);
    for (what, findings) in [("lost", &audit.lost), ("doubled", &audit.doubled), waiting] {
        if let Some(first) = findings.first() {
            wrong.push(format!("{} {what}, such as {first:#?}", findings.len()));
        }
    }
    if outcome != Outcome::Stuck && !is_serving(stage).await {
        let shown = summary(&stage.servers.sandbox, &stage.app).await;
        wrong.push(format!("users are not served: {}", shown["dynos"]));
    }
    wrong
}

/// Every dyno of the formation comes up.
async fn is_serving(stage: &Arc<Stage>) -> bool {
    eventually(async || {
        let shown = summary(&stage.servers.sandbox, &stage.app).await;
        let formation = shown["formation"].as_object().cloned().unwrap_or_default();
        let dynos = shown["dynos"].as_array().cloned().unwrap_or_default();
        formation
            .iter()
            .filter(|(name, _)| *name != "release")
            .all(|(name, process)| {
                let of_type = |dyno: &&serde_json::Value| {
                    let dyno = dyno["name"].as_str().unwrap_or_default();
                    dyno.split('.').next() == Some(name)
                };
                let up = dynos
                    .iter()
                    .filter(of_type)
                    .filter(|dyno| dyno["state"] == "up");
                process["quantity"] == up.count()
            })
    })
    .await
}

async fn is_swapped(stage: &Arc<Stage>, before: &Look, outcome: Outcome) -> Vec<String> {
    let mut wrong = app_is_up(stage, before, "swapped").await;
    let now = stage.look().await;
    if now.database == before.database || !now.writable {
        wrong.push(format!(
            "swapped, but the app is on {}, writable {}",
            now.database, now.writable
        ));
    }
    let new_runs = eventually(async || {
        let now = stage.look().await;
        let on_new = now
            .running
            .iter()
            .filter(|(_, place)| **place == now.database);
        on_new.count() == 1 && !now.running.values().any(|place| *place == before.database)
    })
    .await;
    if !new_runs {
        let now = stage.look().await;
        wrong.push(format!(
            "swapped, but these connections run: {:?}",
            now.running
        ));
    }
    let left = addons(&stage.servers.sandbox, &stage.app).await;
    let expected = if outcome == Outcome::SwappedAndCleaned {
        2
    } else {
        4
    };
    if left.len() != expected {
        wrong.push(format!("swapped, and these add-ons are there: {left:?}"));
    }
    wrong
}

/// The old pair is in use as it was.
async fn is_back(stage: &Arc<Stage>, before: &Look, what: &str) -> Vec<String> {
    let mut wrong = app_is_up(stage, before, what).await;
    let database = stage.servers.sandbox.database(&stage.app, "DATABASE");
    let database = database.map(|database| database.location());
    if database.as_ref() != Some(&before.database) {
        wrong.push(format!("{what}, but the app is on {database:?}"));
        return wrong;
    }
    let writable = eventually(async || {
        // It may be restarting at this very moment.
        let database = stage.servers.sandbox.database(&stage.app, "DATABASE");
        let Ok(session) = database.expect("DATABASE").connect("look").await else {
            return false;
        };
        let setting = session
            .query_one("SHOW default_transaction_read_only", &[])
            .await;
        setting.is_ok_and(|row| row.get::<_, String>(0) == "off")
    })
    .await;
    if !writable {
        wrong.push(format!("{what}, but the old database is read-only"));
    }
    wrong
}

/// Of a swap that was given up nothing is left, and Connect works as before.
async fn left_no_trace(stage: &Arc<Stage>, before: &Look) -> Vec<String> {
    let mut wrong = Vec::new();
    let now = stage.look().await;
    let left: Vec<_> = now.definitions.difference(&before.definitions).collect();
    if !left.is_empty() {
        wrong.push(format!("left in the old database: {left:?}"));
    }
    let gone: Vec<_> = before.definitions.difference(&now.definitions).collect();
    if !gone.is_empty() {
        wrong.push(format!("gone from the old database: {gone:?}"));
    }
    if now.attachments != before.attachments {
        wrong.push(format!(
            "attachments {:?}, before {:?}",
            now.attachments, before.attachments
        ));
    }
    let runs = eventually(async || stage.look().await.running == before.running).await;
    if !runs {
        let running = stage.look().await.running;
        wrong.push(format!(
            "connections that run {running:?}, before {:?}",
            before.running
        ));
    }
    wrong
}

/// Prep harms nobody, however it ends.
async fn is_untouched(stage: &Arc<Stage>, before: &Look) -> Vec<String> {
    is_back(stage, before, "in prep").await
}

/// Formation, maintenance and dynos as before, but for what people have changed themselves.
async fn app_is_up(stage: &Arc<Stage>, before: &Look, what: &str) -> Vec<String> {
    let sandbox = &stage.servers.sandbox;
    let mut last = String::new();
    let up = eventually(async || {
        let shown = summary(sandbox, &stage.app).await;
        let as_before = before.formation.iter().all(|(name, (quantity, size))| {
            let now = &shown["formation"][name];
            let wished = name == "web" && now["quantity"] == 3;
            (now["quantity"] == *quantity || wished) && now["size"] == size.as_str()
        });
        last = format!(
            "maintenance {}, formation {}",
            shown["maintenance"], shown["formation"]
        );
        as_before && shown["maintenance"] == before.maintenance
    })
    .await;
    if up {
        Vec::new()
    } else {
        vec![format!("{what}, but {last}")]
    }
}

/// Bounded: what is asked for becomes true within a while, or it does not.
async fn eventually(mut holds: impl AsyncFnMut() -> bool) -> bool {
    let deadline = Instant::now() + SETTLED;
    loop {
        if holds().await {
            return true;
        }
        if Instant::now() > deadline {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Two connections of this app that ran against one database at the same time.
async fn mine(stage: &Arc<Stage>) -> Vec<String> {
    let connect = stage.servers.sandbox.connect();
    let names = addons(&stage.servers.sandbox, &stage.app).await;
    let ids: Vec<_> = names
        .iter()
        .filter_map(|addon| connect.connection_id(&addon.name).ok())
        .collect();
    let overlaps = connect.overlaps().into_iter();
    overlaps
        .filter(|overlap| overlap.connections.iter().any(|id| ids.contains(id)))
        .map(|overlap| format!("{overlap:?}"))
        .collect()
}
