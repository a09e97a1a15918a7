//! Every request of a whole swap is one that Heroku documents: the Platform API's by its own
//! schema, Connect's by the calls that its official clients make.

use connect_swap_engine::{Injection, Where};
use connect_swap_sandbox::LoggedRequest;
use connect_swap_swap::{ExitCode, commands};
use connect_swap_tests::schema::PlatformSchema;
use connect_swap_tests::{Scene, ended, is_mutating};

/// The calls by which Connect's official clients change something: method, and path with `*` for
/// an id or a name (Connect CLI plugin `src/lib/connect/api.ts`; mappings are edited as
/// terraform-provider-herokux does).
const CONNECT_CHANGES: [(&str, &str); 11] = [
    ("POST", "/auth/*"),
    ("PATCH", "/api/v3/connections/*"),
    ("POST", "/api/v3/connections/*/authorize_url"),
    ("POST", "/api/v3/connections/*/actions/pause"),
    ("POST", "/api/v3/connections/*/actions/resume"),
    ("POST", "/api/v3/connections/*/actions/restart"),
    ("POST", "/api/v3/connections/*/actions/import"),
    ("POST", "/api/v3/connections/*/mappings"),
    ("PUT", "/api/v3/mappings/*"),
    ("DELETE", "/api/v3/mappings/*"),
    ("POST", "/api/v3/mappings/*/actions/reload"),
];

/// Whose API a request is meant for, by its path.
#[derive(Debug, PartialEq, Eq)]
enum Api {
    Platform,
    Data,
    Connect,
}

fn api(request: &LoggedRequest) -> Api {
    let path = request.path.as_str();
    if path.starts_with("/client/") {
        Api::Data
    } else if path.starts_with("/api/v3/") || path.starts_with("/auth/") || path == "/connections" {
        Api::Connect
    } else {
        Api::Platform
    }
}

fn is_like(path: &str, pattern: &str) -> bool {
    let (path, pattern) = (path.split('/'), pattern.split('/'));
    let parts: Vec<_> = path.zip(pattern.clone()).collect();
    parts.len() == pattern.count()
        && parts
            .iter()
            .all(|(part, wanted)| *wanted == "*" && !part.is_empty() || part == wanted)
}

fn check(requests: &[LoggedRequest], schema: Option<&PlatformSchema>) {
    let mut wrong = Vec::new();
    for request in requests {
        let shown = format!("{} {}", request.method, request.path);
        match api(request) {
            Api::Platform => {
                let accept = request.accept.as_deref().unwrap_or_default();
                if !accept.contains("version=3") {
                    wrong.push(format!("{shown}: accepts {accept}"));
                }
                let body = request.body.as_ref();
                let checked = schema.map(|s| s.check_request(&request.method, &request.path, body));
                wrong.extend(checked.and_then(Result::err));
            }
            Api::Data if is_mutating(request) => {
                wrong.push(format!("{shown}: changes something at the Data API"));
            }
            Api::Connect if is_mutating(request) => {
                let known = CONNECT_CHANGES.iter().any(|(method, pattern)| {
                    *method == request.method && is_like(&request.path, pattern)
                });
                if !known {
                    wrong.push(format!("{shown}: no official client sends it"));
                }
            }
            Api::Data | Api::Connect => {}
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What must have been among the requests, else too little was checked.
fn sent(requests: &[LoggedRequest], method: &str, pattern: &str) {
    let found = requests
        .iter()
        .any(|request| request.method == method && is_like(&request.path, pattern));
    assert!(found, "{method} {pattern} was never sent");
}

fn schema() -> Option<PlatformSchema> {
    let schema = PlatformSchema::load();
    if schema.is_none() {
        println!("skipped in part: the Platform API's schema is not there");
    }
    schema
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swap_and_its_cleanup_send_only_what_is_documented() {
    let scene = Scene::new().await;
    let operator = scene.operator();
    let prep = commands::prep(&operator, &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    let cutover = commands::cutover(&operator, &scene.cutover_args()).await;
    ended(&cutover, ExitCode::Ok, &[]);
    let cleanup = commands::cleanup(&operator, &scene.target()).await;
    ended(&cleanup, ExitCode::Ok, &[]);
    let requests = scene.requests();
    check(&requests, schema().as_ref());
    sent(&requests, "POST", "/apps/*/addons");
    sent(&requests, "POST", "/addon-attachments");
    sent(&requests, "PATCH", "/apps/*/formation");
    sent(&requests, "PATCH", "/apps/*");
    sent(&requests, "DELETE", "/apps/*/addons/*");
    sent(&requests, "POST", "/api/v3/connections/*/actions/import");
    sent(&requests, "POST", "/api/v3/connections/*/actions/pause");
}

#[tokio::test(flavor = "multi_thread")]
async fn going_back_sends_only_what_is_documented() {
    let scene = Scene::new().await;
    let operator = scene.operator();
    let prep = commands::prep(&operator, &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    for step in ["promote", "restore-formation"] {
        let mut failing = operator.clone();
        failing.injection = Injection {
            fail_before: Where::Step(step.into()),
            ..Injection::default()
        };
        let report = commands::cutover(&failing, &scene.cutover_args()).await;
        assert!(
            matches!(report.exit, ExitCode::RolledBack | ExitCode::Stuck),
            "{step}: {:?}",
            report.error
        );
    }
    let rollback = commands::rollback(&operator, &scene.target()).await;
    ended(&rollback, ExitCode::Ok, &[]);
    let requests = scene.requests();
    check(&requests, schema().as_ref());
    sent(&requests, "POST", "/api/v3/connections/*/actions/resume");
}
