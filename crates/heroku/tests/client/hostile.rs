//! Answers that no well-meaning server gives: escapes, floods, nests, numbers that cannot be.

use std::time::{Duration, Instant};

use connect_swap_heroku::Error;
use connect_swap_heroku::connect::WriteError;
use serde_json::json;

use crate::samples::{MAPPING, app, connected, demo, mapping};
use crate::scripted::{Reply, Scripted, TOKEN};

const APP: &str = "GET /apps/demo";
const ENOUGH: Duration = Duration::from_secs(30);

/// What a terminal must never be told: clear, title, clipboard, link, C1, bidi, NUL, bell.
const ESCAPES: &str = "\u{1b}[2J\u{1b}]0;x\u{7}\u{1b}]52;c;aGk=\u{7}\u{1b}]8;;http://evil\u{1b}\\a\
                       \u{9b}2J\u{202e}b\u{2066}\u{61c}\0\r\u{8}\u{7f}%s%n{0}'\"";

fn is_harmless(text: &str) -> bool {
    text.chars()
        .all(|c| c == '\n' || !(c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)))
}

async fn refused(server: &Scripted, reply: Reply) -> Error {
    server.on(APP, [reply]);
    server.heroku().platform().app(&demo()).await.unwrap_err()
}

#[tokio::test]
async fn no_part_of_a_refusal_commands_the_terminal() {
    let server = Scripted::start().await;
    let body = json!({
        "id": format!("not_found{ESCAPES}"), "message": format!("No {ESCAPES} {TOKEN}"),
        "resource": ESCAPES, "url": format!("https://u:hush@example.com/{ESCAPES}"),
    });
    for reply in [
        Reply::json(404, body.clone()),
        Reply::json(403, json!({ "error": ESCAPES })),
        Reply::text(422, ESCAPES),
        Reply::text(418, &format!("{}{TOKEN}", ".".repeat(190))),
        Reply::json(404, body).with("request-id", format!("r-{TOKEN}")),
    ] {
        let error = refused(&server, reply).await;
        let refusal = error.refusal().unwrap();
        for text in [
            error.to_string(),
            refusal.id.clone().unwrap_or_default(),
            refusal.resource.clone().unwrap_or_default(),
            refusal.url.clone().unwrap_or_default(),
        ] {
            assert!(is_harmless(&text), "{text:?}");
            assert!(!text.contains(&TOKEN[..12]), "{text:?}");
            assert!(!text.contains("hush"), "{text:?}");
        }
    }
}

#[tokio::test]
async fn names_that_no_name_can_be_are_refused() {
    let server = Scripted::start().await;
    for name in ["demo\u{1b}[2J", "../../etc", "de mo", "demo\n", "a\"b", ""] {
        let mut answer = app();
        answer["name"] = json!(name);
        let error = refused(&server, Reply::json(200, answer)).await;
        assert!(matches!(error, Error::Malformed { .. }), "{error:?}");
        assert!(is_harmless(&error.to_string()), "{error}");
    }
}

#[tokio::test]
async fn a_flood_ends_at_a_bound() {
    let server = Scripted::start().await;
    let began = Instant::now();
    let error = refused(&server, Reply::text(200, &" ".repeat(33 << 20))).await;
    assert!(error.to_string().contains("longer than 32 MB"), "{error}");
    let error = refused(&server, Reply::error(422, "x", &"é".repeat(1 << 20))).await;
    assert!(error.to_string().chars().count() < 3_000);
    let error = refused(&server, Reply::text(422, &"<p>".repeat(1 << 20))).await;
    assert!(error.to_string().chars().count() < 3_000);
    assert!(began.elapsed() < ENOUGH, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_nest_is_no_answer_and_no_crash() {
    let server = Scripted::start().await;
    for deep in ["[".repeat(10_000), "{\"a\":".repeat(10_000)] {
        let error = refused(&server, Reply::text(200, &deep)).await;
        assert!(matches!(error, Error::Malformed { .. }), "{error:?}");
        let error = refused(&server, Reply::text(422, &deep)).await;
        assert!(matches!(error, Error::InvalidParams(_)), "{error:?}");
        // Where anything may stand, too.
        let whole = app().to_string();
        let begun = whole.strip_suffix('}').unwrap();
        let close = deep.replace('[', "]").replace("{\"a\":", "}");
        let inner = if deep.starts_with('[') { "" } else { "0" };
        let text = format!("{begun},\"extra\":{deep}{inner}{close}}}");
        server.on(APP, [Reply::text(200, &text)]);
        // What nobody asks for is skipped; whether as deep as this is the parser's business.
        let _ = server.heroku().platform().app(&demo()).await;
        let config = json!({ "fields": {} });
        let mut mappings = json!([mapping("DATA_SYNCED", config)]).to_string();
        mappings = mappings.replace("{\"fields\":{}}", &format!("{deep}{inner}{close}"));
        let body = crate::samples::connection("IDLE", json!("MAPPINGS")).to_string();
        let body = body.replace("\"MAPPINGS\"", &mappings);
        let connection = connected(&server, "IDLE", json!([])).await;
        let line = format!("GET {}", connection.detail_url.path());
        server.on(&line, [Reply::text(200, &body)]);
        let heroku = server.heroku();
        let error = heroku.connect().reread(&connection).await.unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn numbers_out_of_range_are_unknown_or_refused() {
    let server = Scripted::start().await;
    let mut odd = mapping("DATA_SYNCED", json!({ "revision": 1 }));
    let text = odd.to_string().strip_suffix('}').unwrap().to_owned()
        + ",\"counts\":{\"db\":1e400,\"sf\":-1,\"pending\":99999999999999999999999,\"errors\":1.5}}";
    let connection = connected(&server, "IDLE", json!([])).await;
    let line = format!("GET {}", connection.detail_url.path());
    let body = crate::samples::connection("IDLE", json!("M"));
    let body = body.to_string().replace("\"M\"", &format!("[{text}]"));
    server.on(&line, [Reply::text(200, &body)]);
    let read = server.heroku().connect().reread(&connection).await.unwrap();
    let counts = read.mappings[0].counts;
    assert_eq!(
        (counts.db, counts.sf, counts.pending, counts.errors),
        (None, None, None, None)
    );
    odd["id"] = json!(MAPPING.len());
    let body = crate::samples::connection("IDLE", json!([odd]));
    server.always(&line, 200, body);
    let error = server.heroku().connect().reread(&connection).await;
    assert!(matches!(error, Err(Error::Malformed { .. })), "{error:?}");
    // Heroku asks to wait for longer than the universe is old.
    let limited = Reply::error(429, "rate_limit", "slow").with("retry-after", u64::MAX.to_string());
    server.on(APP, [limited, Reply::json(200, app())]);
    server.heroku().platform().app(&demo()).await.unwrap();
    for left in ["-1", "1e9", "99999999999999999999", "\t", "many"] {
        let reply = Reply::json(200, app()).with("ratelimit-remaining", left);
        server.on(APP, [reply]);
        let heroku = server.heroku();
        heroku.platform().app(&demo()).await.unwrap();
        assert_eq!(heroku.rate_limit_remaining(), None, "{left}");
    }
}

#[test]
fn what_connect_quotes_of_others_holds_no_secret() {
    let quoted = "cannot log in to postgres://u:h/us#h@db.example.com/d: 00D000000000123!AQhush";
    let error: WriteError = serde_json::from_value(json!({ "message": quoted })).unwrap();
    assert!(!error.message.contains("hush") && error.message.contains("u:[redacted]@db"));
    let mut with = mapping("ABORTED", json!({}));
    with["state_description"] = json!(quoted);
    let mapping: connect_swap_heroku::connect::Mapping = serde_json::from_value(with).unwrap();
    assert!(!mapping.state_description.unwrap().contains("hush"));
}
