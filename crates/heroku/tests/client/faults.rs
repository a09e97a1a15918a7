//! Servers and networks that fail.

use std::sync::Arc;
use std::time::Duration;

use connect_swap_heroku::connect::ConnectionState;
use connect_swap_heroku::platform::FormationUpdate;
use connect_swap_heroku::{Error, Heroku, Retry, RetryReason, RetryWatcher};
use serde_json::json;

use crate::samples::{CONNECTION, app, connected, demo};
use crate::scripted::{Reply, Scripted, TOKEN};

/// Bound of a request that is never answered: an answered one has to be in time on a busy machine.
const PATIENCE: Duration = Duration::from_secs(3);

const APP: &str = "GET /apps/demo";

async fn app_after(replies: Vec<Reply>) -> (Scripted, Result<(), Error>) {
    let server = Scripted::start().await;
    server.on(APP, replies);
    let result = server.heroku().platform().app(&demo()).await.map(|_| ());
    (server, result)
}

#[tokio::test]
async fn a_read_survives_failures_of_the_moment() {
    let (server, result) = app_after(vec![
        Reply::error(503, "service_unavailable", "try again"),
        Reply::Close,
        Reply::Truncated,
        Reply::error(429, "rate_limit", "slow down"),
        Reply::json(200, app()),
    ])
    .await;
    result.unwrap();
    assert_eq!(server.count(APP), 5);
}

#[tokio::test]
async fn a_read_gives_up_after_five_attempts_and_says_what_the_server_said() {
    let (server, result) =
        app_after(vec![Reply::error(500, "internal", "Something \u{7}broke")]).await;
    let error = result.unwrap_err();
    assert!(
        matches!(error, Error::Server(_)) && error.is_transient(),
        "{error}"
    );
    assert!(
        error.to_string().contains("Something \\u{7}broke"),
        "{error}"
    );
    assert_eq!(error.request_id(), Some("server-1"));
    assert_eq!(server.count(APP), 5);
}

#[tokio::test]
async fn refusals_are_told_apart_and_not_repeated() {
    type Is = fn(&Error) -> bool;
    let cases: [(u16, &str, Is); 12] = [
        (401, "unauthorized", |e| e.needs_login()),
        (402, "delinquent", |e| matches!(e, Error::Delinquent(_))),
        (403, "two_factor", |e| {
            matches!(e, Error::TwoFactorRequired(_))
        }),
        (403, "forbidden", |e| matches!(e, Error::Forbidden(_))),
        (403, "suspended", |e| matches!(e, Error::Suspended(_))),
        (404, "not_found", |e| matches!(e, Error::NotFound(_))),
        (406, "not_acceptable", |e| matches!(e, Error::Unexpected(_))),
        (409, "conflict", |e| matches!(e, Error::Conflict(_))),
        (422, "invalid_params", |e| {
            matches!(e, Error::InvalidParams(_))
        }),
        (422, "verification_needed", |e| {
            matches!(e, Error::InvalidParams(_))
        }),
        (423, "confirmation_required", |e| {
            matches!(e, Error::ConfirmationRequired(_))
        }),
        (423, "locked", |e| matches!(e, Error::Locked(_))),
    ];
    for (status, id, is) in cases {
        let (server, result) =
            app_after(vec![Reply::error(status, id, "Heroku's own words.")]).await;
        let error = result.unwrap_err();
        assert!(is(&error), "{status} {id}: {error:?}");
        assert!(
            error.is_without_effect() && !error.is_transient(),
            "{status} {id}"
        );
        let refusal = error.refusal().unwrap();
        assert_eq!((refusal.status, refusal.id.as_deref()), (status, Some(id)));
        assert!(error.to_string().contains("Heroku's own words."), "{error}");
        assert_eq!(server.count(APP), 1, "{status} {id}");
    }
}

#[tokio::test]
async fn malformed_answers_are_errors_that_quote_nothing() {
    for body in [
        "{\"id\":",
        "<html>hush</html>",
        r#"{"id":"a","name":"demo","maintenance":"hush"}"#,
        "",
    ] {
        let (server, result) = app_after(vec![Reply::text(200, body)]).await;
        let error = result.unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
        assert_eq!(error.request_id(), Some("server-1"));
        assert_eq!(server.count(APP), 1);
    }
}

#[tokio::test]
async fn no_error_shows_the_token() {
    let echo = format!("cannot use {TOKEN} here");
    let (server, result) = app_after(vec![Reply::error(401, "unauthorized", &echo)]).await;
    let error = result.unwrap_err();
    let shown = format!("{error} {error:?} {:?}", server.heroku());
    assert!(!shown.contains(TOKEN), "{shown}");
    assert_eq!(
        server.last().headers["authorization"],
        format!("Bearer {TOKEN}")
    );
}

#[tokio::test]
async fn a_refused_connection_was_not_sent_and_is_tried_again() {
    // A port on which nothing listens any more.
    let heroku: Heroku = Scripted::start().await.heroku();
    tokio::task::yield_now().await;
    let error = heroku.platform().app(&demo()).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Network {
                maybe_sent: false,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(error.is_without_effect());
    assert_eq!(heroku.requests_sent(), 5);
}

#[tokio::test]
async fn silence_ends_in_time() {
    let server = Scripted::start().await;
    server.on(APP, [Reply::Hang, Reply::json(200, app())]);
    let heroku = server.heroku().with_timeout(PATIENCE);
    heroku.platform().app(&demo()).await.unwrap();
    assert_eq!(server.count(APP), 2);
}

#[tokio::test]
async fn absolute_values_are_sent_again_when_the_answer_is_lost() {
    let server = Scripted::start().await;
    let heroku = server.heroku();
    server.on("PATCH /apps/demo", [Reply::Close, Reply::json(200, app())]);
    heroku
        .platform()
        .set_maintenance(&demo(), false)
        .await
        .unwrap();
    assert_eq!(server.count("PATCH /apps/demo"), 2);
    let line = "PATCH /apps/demo/formation";
    server.on(
        line,
        [Reply::error(502, "x", "y"), Reply::json(200, json!([]))],
    );
    let update = FormationUpdate {
        process_type: "web".into(),
        quantity: 0,
        size: None,
    };
    heroku
        .platform()
        .update_formation(&demo(), &[update])
        .await
        .unwrap();
    assert_eq!(server.count(line), 2);
}

#[tokio::test]
async fn what_happens_once_is_not_repeated_blindly() {
    let server = Scripted::start().await;
    let connection = connected(&server, "IDLE", json!([])).await;
    let heroku = server.heroku().with_timeout(PATIENCE);
    let pause = format!("POST /api/v3/connections/{CONNECTION}/actions/pause");
    for reply in [
        Reply::Close,
        Reply::Hang,
        Reply::Truncated,
        Reply::error(500, "x", "y"),
    ] {
        server.on(&pause, [reply.clone()]);
        let before = server.count(&pause);
        let error = heroku.connect().pause(&connection).await.unwrap_err();
        assert!(!error.is_without_effect(), "{reply:?}: {error:?}");
        assert_eq!(server.count(&pause), before + 1, "{reply:?}");
    }
    // 429 was refused before it had an effect, so it is asked for again.
    server.on(
        &pause,
        [
            Reply::error(429, "rate_limit", "slow"),
            Reply::json(202, json!({})),
        ],
    );
    let before = server.count(&pause);
    heroku.connect().pause(&connection).await.unwrap();
    assert_eq!(server.count(&pause), before + 2);
}

#[tokio::test]
async fn a_connection_that_is_not_idle_can_be_asked_again() {
    let server = Scripted::start().await;
    let connection = connected(&server, "POLLING_DB_CHANGES", json!([])).await;
    assert_eq!(connection.state, ConnectionState::PollingDbChanges);
    let pause = format!("POST /api/v3/connections/{CONNECTION}/actions/pause");
    for status in [400, 409, 422] {
        server.always(
            &pause,
            status,
            json!({ "message": "Mapping Contact is still syncing." }),
        );
        let error = server
            .heroku()
            .connect()
            .pause(&connection)
            .await
            .unwrap_err();
        assert!(matches!(error, Error::NotIdle(_)), "{status}: {error:?}");
        assert!(error.to_string().contains("still syncing"), "{error}");
    }
}

#[tokio::test]
async fn the_budget_is_watched() {
    let server = Scripted::start().await;
    server.on(
        APP,
        [Reply::json(200, app()).with("ratelimit-remaining", "3")],
    );
    let heroku = server.heroku();
    assert_eq!(heroku.rate_limit_remaining(), None);
    for _ in 0..3 {
        heroku.platform().app(&demo()).await.unwrap();
    }
    assert_eq!(heroku.clone().rate_limit_remaining(), Some(3));
    assert_eq!(heroku.requests_sent(), 3);
}

/// Other programs of the account's owner live on the same budget.
#[tokio::test]
async fn requests_keep_their_distance_when_little_of_the_budget_is_left() {
    let server = Scripted::start().await;
    server.on(
        APP,
        [Reply::json(200, app()).with("ratelimit-remaining", "0")],
    );
    // Of the servers' time it is 1.6 seconds from one to the next.
    let heroku = server.heroku_at(10.0);
    let begun = std::time::Instant::now();
    for _ in 0..3 {
        heroku.platform().app(&demo()).await.unwrap();
    }
    let passed = begun.elapsed();
    assert!(passed >= Duration::from_millis(320), "{passed:?}");
}

/// Remembers what it is told; gives up at the n-th retry.
struct Watcher {
    told: std::sync::Mutex<Vec<Retry>>,
    patience: usize,
}

impl Watcher {
    fn new(patience: usize) -> Arc<Self> {
        let told = std::sync::Mutex::default();
        Arc::new(Watcher { told, patience })
    }

    fn told(&self) -> Vec<Retry> {
        self.told.lock().unwrap().clone()
    }
}

#[async_trait::async_trait]
impl RetryWatcher for Watcher {
    fn retrying(&self, retry: &Retry) {
        self.told.lock().unwrap().push(retry.clone());
    }

    async fn given_up(&self) {
        if self.told().len() < self.patience {
            std::future::pending().await
        }
    }
}

#[tokio::test]
async fn every_retry_is_told_with_its_reason_and_the_pause() {
    let server = Scripted::start().await;
    server.on(
        APP,
        [
            Reply::error(503, "service_unavailable", "try again"),
            Reply::Close,
            Reply::error(429, "rate_limit", "slow down").with("retry-after", "3600"),
            Reply::json(200, app()),
        ],
    );
    let watcher = Watcher::new(usize::MAX);
    let heroku = server.heroku().watched_by(watcher.clone());
    heroku.platform().app(&demo()).await.unwrap();
    let told = watcher.told();
    let asked = Some(Duration::from_secs(3600));
    let reasons: Vec<_> = told.iter().map(|retry| retry.reason.clone()).collect();
    assert_eq!(
        reasons,
        [
            RetryReason::ServerFailed { status: 503 },
            RetryReason::NoAnswer,
            RetryReason::RateLimited { asked },
        ]
    );
    let attempts: Vec<_> = told.iter().map(|r| (r.attempt, r.of)).collect();
    assert_eq!(attempts, [(2, 5), (3, 5), (4, 5)]);
    // An hour is what was asked for, not what is waited.
    assert_eq!(told[2].wait, Duration::from_secs(120));
    assert!(told[0].call.to_string().ends_with("/apps/demo"));
    assert!(!format!("{told:?} {heroku:?}").contains(TOKEN));
}

#[tokio::test]
async fn a_pause_between_attempts_can_be_ended() {
    let server = Scripted::start().await;
    let limited = Reply::error(429, "rate_limit", "slow down").with("retry-after", "100");
    server.on(APP, [limited]);
    let watcher = Watcher::new(1);
    // In real time: without an end to it this would take minutes.
    let heroku = server.heroku_at(1.0).watched_by(watcher.clone());
    let error = heroku.platform().app(&demo()).await.unwrap_err();
    assert!(
        error.is_given_up() && error.is_without_effect(),
        "{error:?}"
    );
    assert_eq!(error.refusal().unwrap().status, 429);
    assert_eq!((server.count(APP), watcher.told().len()), (1, 1));
}
