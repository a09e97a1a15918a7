//! What is refused before anything is created: no request that changes anything is ever sent.

use std::collections::BTreeMap;
use std::path::PathBuf;

use connect_swap_heroku::AddonName;
use connect_swap_heroku::platform::NewAddon;
use connect_swap_sandbox::{Fault, FaultKind};
use connect_swap_swap::{CutoverArgs, ExitCode, PrepArgs, Target, commands};
use connect_swap_tests::{AppState, Scene, Script, ScriptedGate, ended, says_app_is};
use serde_json::json;

fn nothing_sent(scene: &Scene) {
    assert_eq!(scene.mutations(), Vec::<String>::new());
}

/// Flags that ask for what cannot be, with what a person is told.
#[tokio::test(flavor = "multi_thread")]
async fn flags_that_make_no_sense_are_refused_before_anything_is_created() {
    let scene = Scene::new().await;
    let before = AppState::of(&scene).await;
    let cases: [(&[&str], &[&str], &str); 9] = [
        (&["Nosuch.Field"], &[], "Nosuch is not mapped"),
        (
            &["Account.NoSuch__c"],
            &[],
            "Account has no field NoSuch__c",
        ),
        (&["Account.Phone"], &[], "Account.Phone is mapped already"),
        (&["account.phone"], &[], "mapped already"),
        (
            &["Contact.Account__Ext__c"],
            &[],
            "--index Contact.AccountId",
        ),
        (&["Account"], &[], "does not name a field"),
        (&["Account.Industry"], &["Account.Id"], "indexed already"),
        (&[], &["Account.Industry"], "is not mapped"),
        (&[], &[], "nothing is asked for"),
    ];
    for (add, index, word) in cases {
        let args = PrepArgs {
            add: add.iter().map(ToString::to_string).collect(),
            index: index.iter().map(ToString::to_string).collect(),
            ..scene.prep_args()
        };
        for report in [
            commands::prep(&scene.operator(), &args).await,
            commands::plan(&scene.operator(), &args).await,
        ] {
            ended(&report, ExitCode::Usage, &[word]);
            says_app_is(&report, "off");
        }
    }
    nothing_sent(&scene);
    assert_eq!(AppState::of(&scene).await, before);
}

/// `--mappings` with files that are no usable export.
#[tokio::test(flavor = "multi_thread")]
async fn files_of_another_format_are_refused_before_anything_is_created() {
    let scene = Scene::new().await;
    let whole = connect_swap_sandbox::demo_export(&scene.app);
    let with = |change: fn(&mut serde_json::Value)| {
        let mut export = whole.clone();
        change(&mut export);
        Some(export.to_string())
    };
    let cases = [
        (None, "cannot be read"),
        (Some(String::new()), "not a Heroku Connect export"),
        (
            Some("{\"mappings\": 7}".into()),
            "not a Heroku Connect export",
        ),
        (Some("[]".into()), "not a Heroku Connect export"),
        (with(|e| e["version"] = json!(2)), "version 2"),
        (
            with(|e| {
                let again = e["mappings"][0].clone();
                e["mappings"].as_array_mut().unwrap().push(again);
            }),
            "maps Account twice",
        ),
        (
            with(|e| {
                e["mappings"].as_array_mut().unwrap().remove(1);
            }),
            "leaves out Contact",
        ),
    ];
    for (number, (text, word)) in cases.into_iter().enumerate() {
        let path: PathBuf = scene.files().join(format!("{number}.json"));
        if let Some(text) = text {
            std::fs::write(&path, text).unwrap();
        }
        let args = PrepArgs {
            add: Vec::new(),
            mappings: Some(path),
            ..scene.prep_args()
        };
        let report = commands::prep(&scene.operator(), &args).await;
        ended(&report, ExitCode::Usage, &[word, &format!("{number}.json")]);
    }
    nothing_sent(&scene);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_app_is_named_by_every_command() {
    let scene = Scene::new().await;
    let target = Target {
        app: "no-such-app".try_into().unwrap(),
        resource: None,
    };
    let prep = PrepArgs {
        target: target.clone(),
        ..scene.prep_args()
    };
    let cutover = CutoverArgs {
        target: target.clone(),
        ..scene.cutover_args()
    };
    let operator = scene.operator();
    for report in [
        commands::plan(&operator, &prep).await,
        commands::prep(&operator, &prep).await,
        commands::cutover(&operator, &cutover).await,
        commands::status(&operator, &target).await,
        commands::verify(&operator, &target).await,
        commands::rollback(&operator, &target).await,
        commands::cleanup(&operator, &target).await,
        commands::report(&operator, &target).await,
        commands::list(&operator, &target).await,
    ] {
        ended(
            &report,
            ExitCode::Usage,
            &["no-such-app", "Couldn't find that app.", "request id"],
        );
    }
    nothing_sent(&scene);
}

/// Where there is no swap to speak of, every command says so.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_swap_there_is_nothing_to_cut_over_roll_back_or_clean_up() {
    let scene = Scene::new().await;
    let (operator, target) = (scene.operator(), scene.target());
    let before = AppState::of(&scene).await;
    for report in [
        commands::cutover(&operator, &scene.cutover_args()).await,
        commands::rollback(&operator, &target).await,
        commands::cleanup(&operator, &target).await,
        commands::verify(&operator, &target).await,
    ] {
        ended(&report, ExitCode::Blocked, &["no swap"]);
        says_app_is(&report, "off");
    }
    nothing_sent(&scene);
    assert_eq!(AppState::of(&scene).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_without_connect_is_told_apart_from_one_with_several() {
    let scene = Scene::new().await;
    let first = scene.old_connect().await;
    let somebody = scene.somebody();
    let app = scene.target().app;
    // A second one, still without a database, as somebody who tries Connect out leaves it.
    let second = NewAddon {
        name: AddonName::try_from(format!("herokuconnect-trial-{}", scene.app)).unwrap(),
        plan: "herokuconnect:demo".into(),
        attachment: None,
        config: BTreeMap::new(),
    };
    somebody
        .platform()
        .create_addon(&app, &second)
        .await
        .unwrap();
    let report = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(
        &report,
        ExitCode::Blocked,
        &[&first, second.name.as_str(), "--resource"],
    );
    let named = |name: &str| PrepArgs {
        target: Target {
            resource: Some(name.try_into().unwrap()),
            ..scene.target()
        },
        ..scene.prep_args()
    };
    let unknown = commands::prep(&scene.operator(), &named("herokuconnect-nobody-1")).await;
    ended(
        &unknown,
        ExitCode::Blocked,
        &["herokuconnect-nobody-1", &first],
    );
    nothing_sent(&scene);
    // With it, the plan is for that one. What the other does is only known once Connect shows it.
    let plan = commands::plan(&scene.operator(), &named(&first)).await;
    assert_eq!(plan.exit, ExitCode::Blocked);
    let mut blocking = plan.findings.iter().filter(|finding| finding.blocks());
    assert!(blocking.all(|finding| finding.code == "another-connection"));
    somebody.connect().grant_access(&app).await.unwrap();
    let plan = commands::plan(&scene.operator(), &named(&first)).await;
    ended(&plan, ExitCode::Ok, &[]);
    assert_eq!(
        plan.details["subject"]["old"]["connect"]["name"],
        json!(first)
    );
    nothing_sent(&scene);

    let platform = somebody.platform();
    for addon in platform.addons(&app).await.unwrap() {
        if addon.service.name == "herokuconnect" {
            platform
                .destroy_addon(&addon.app.id, &addon.id)
                .await
                .unwrap();
        }
    }
    let report = commands::prep(&scene.operator(), &scene.prep_args()).await;
    ended(
        &report,
        ExitCode::Blocked,
        &[scene.app.as_str(), "no Heroku Connect add-on"],
    );
    nothing_sent(&scene);
}

/// What Heroku answers to a first look, and how that ends.
#[tokio::test(flavor = "multi_thread")]
async fn what_heroku_answers_to_the_first_look_is_passed_on() {
    let scene = Scene::new().await;
    let before = AppState::of(&scene).await;
    let path = format!("^/apps/{}$", scene.app);
    let refusal = |status: u16, id: &str, message: &str| FaultKind::ErrorBefore {
        status,
        body: json!({ "id": id, "message": message }),
    };
    let cases: [(FaultKind, ExitCode, &[&str]); 7] = [
        (
            refusal(
                403,
                "two_factor",
                "A second authentication factor or pre-authorization is required for this request.",
            ),
            ExitCode::Unexpected,
            &["A second authentication factor", "heroku apps:info"],
        ),
        (
            refusal(403, "forbidden", "You do not have access to the app."),
            ExitCode::Unexpected,
            &["You do not have access to the app.", "permission"],
        ),
        (
            refusal(403, "suspended", "Your account is suspended."),
            ExitCode::Unexpected,
            &["Your account is suspended.", "settle this with Heroku"],
        ),
        (
            refusal(503, "maintenance", "The API is down for maintenance."),
            ExitCode::Unexpected,
            &["The API is down for maintenance.", "status.heroku.com"],
        ),
        (
            FaultKind::RateLimited,
            ExitCode::Unexpected,
            &["request limit"],
        ),
        (
            FaultKind::MalformedJson,
            ExitCode::Unexpected,
            &["cannot be read as an app"],
        ),
        (
            FaultKind::ResetBefore,
            ExitCode::Unexpected,
            &["no answer to GET", "status.heroku.com"],
        ),
    ];
    for (kind, exit, words) in cases {
        let fault = Fault::once("GET", &path, kind).times(1000);
        let id = scene.sandbox.add_fault(fault).unwrap();
        let report = commands::prep(&scene.operator(), &scene.prep_args()).await;
        ended(&report, exit, words);
        assert_eq!(report.state, "unknown");
        scene.sandbox.remove_fault(id);
    }
    nothing_sent(&scene);
    assert_eq!(AppState::of(&scene).await, before);
}

/// Two bad answers in a row are nothing to trouble a person with.
#[tokio::test(flavor = "multi_thread")]
async fn reads_are_repeated() {
    let scene = Scene::new().await;
    let bad = FaultKind::ErrorBefore {
        status: 500,
        body: json!({ "id": "internal", "message": "?" }),
    };
    for (path, kind) in [
        (format!("^/apps/{}$", scene.app), bad),
        (
            format!("^/apps/{}/addons", scene.app),
            FaultKind::ResetBefore,
        ),
        (
            format!("^/apps/{}/config-vars$", scene.app),
            FaultKind::RateLimited,
        ),
        ("^/connections".to_owned(), FaultKind::TruncatedBody),
    ] {
        let fault = Fault::once("GET", &path, kind).times(2);
        scene.sandbox.add_fault(fault).unwrap();
    }
    let report = commands::plan(&scene.operator(), &scene.prep_args()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert!(scene.sandbox.faults().is_empty());
    nothing_sent(&scene);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_expired_pauses_every_command() {
    let scene = Scene::new().await;
    let mut operator = scene.operator();
    operator.heroku = scene.heroku_with("expired-token");
    let target = scene.target();
    for report in [
        commands::plan(&operator, &scene.prep_args()).await,
        commands::prep(&operator, &scene.prep_args()).await,
        commands::cutover(&operator, &scene.cutover_args()).await,
        commands::status(&operator, &target).await,
        commands::rollback(&operator, &target).await,
        commands::cleanup(&operator, &target).await,
    ] {
        ended(&report, ExitCode::Paused, &["heroku login", "request id"]);
        let document = serde_json::to_string(&report).unwrap();
        assert!(!document.contains("expired-token"), "{document}");
    }
    nothing_sent(&scene);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_and_without_flags_nothing_is_sent() {
    let scene = Scene::new().await;
    let before = AppState::of(&scene).await;
    let operator = scene.operator_with(ScriptedGate::new(Script::NoTerminal));
    let report = commands::prep(&operator, &scene.prep_args()).await;
    ended(&report, ExitCode::NoConsent, &["--yes", "no terminal"]);
    says_app_is(&report, "off");
    nothing_sent(&scene);
    assert_eq!(AppState::of(&scene).await, before);
}
