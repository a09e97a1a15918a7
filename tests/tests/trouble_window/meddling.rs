//! What somebody else does at the prompt or in the window is noticed, and not undone.

use std::collections::BTreeMap;
use std::time::Duration;

use connect_swap_heroku::AttachmentName;
use connect_swap_heroku::platform::NewAddon;
use connect_swap_swap::{ExitCode, commands};
use connect_swap_tests::{AppState, AtConsent, Script, ScriptedGate, ended, says_app_is};

use crate::{cutover, gated, meddled, new_connect, nothing_lost, ready, succeeds, went_back};

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_does_in_the_window_is_noticed_before_the_promotion() {
    let (scene, old) = ready().await;
    let app = scene.target().app;
    let third = NewAddon {
        name: format!("postgresql-third-{app}").try_into().unwrap(),
        plan: "heroku-postgresql:standard-0".into(),
        attachment: None,
        config: BTreeMap::new(),
    };
    let somebody = scene.somebody();
    somebody
        .platform()
        .create_addon(&app, &third)
        .await
        .unwrap();
    let mut looks = 0;
    while somebody
        .platform()
        .addon(&app, &third.name)
        .await
        .unwrap()
        .is_none_or(|addon| addon.state != connect_swap_heroku::platform::AddonState::Provisioned)
    {
        looks += 1;
        assert!(looks < 1000, "the third database is not made");
        let moment = Duration::from_secs(3);
        scene.sandbox.clock().sleep(moment).await;
    }
    let start = AppState::of(&scene).await;

    let connect = scene.sandbox.connect();
    let new = new_connect(&scene, &old).await;
    for (resumed, which) in [(old, "old connection"), (new, "new connection")] {
        let gate = AtConsent::new("promote", move || {
            connect.unpause(&resumed).unwrap();
            async {}
        });
        let report = cutover(&scene, &gated(&scene, gate)).await;
        went_back(&scene, &report, &["promote", which, "resumed it"], &start).await;
    }

    let (heroku, name) = (scene.somebody(), app.clone());
    let gate = AtConsent::new("promote", move || {
        let (heroku, name) = (heroku.clone(), name.clone());
        async move {
            let platform = heroku.platform();
            platform.set_maintenance(&name, false).await.unwrap();
        }
    });
    let report = cutover(&scene, &gated(&scene, gate)).await;
    went_back(&scene, &report, &["turned maintenance mode off"], &start).await;

    let (sandbox, name) = (scene.sandbox, scene.app.clone());
    let gate = AtConsent::new("promote", move || {
        sandbox.scale(&name, "worker", 1).unwrap();
        async {}
    });
    let report = cutover(&scene, &gated(&scene, gate)).await;
    went_back(&scene, &report, &["somebody started dyno worker.1"], &start).await;

    let (heroku, name, addon) = (scene.somebody(), app.clone(), third.name.clone());
    let gate = AtConsent::new("promote", move || {
        let (heroku, name, addon) = (heroku.clone(), name.clone(), addon.clone());
        async move {
            let database = AttachmentName::try_from("DATABASE").unwrap();
            let platform = heroku.platform();
            platform
                .attach(&name, &addon, Some(&database), None, true)
                .await
                .unwrap();
        }
    });
    let report = cutover(&scene, &gated(&scene, gate)).await;
    // Whoever did that had a reason: a person decides, and then the way back goes on.
    ended(
        &report,
        ExitCode::Stuck,
        &[
            "promoted a third database",
            "--as DATABASE",
            "connect:swap:rollback",
        ],
    );
    says_app_is(&report, "on");
    let holder = async || {
        let attachments = scene.somebody().platform().attachments(&app).await.unwrap();
        let mut attachments = attachments.into_iter();
        attachments
            .find(|attachment| attachment.name == *"DATABASE")
            .unwrap()
            .addon
            .name
    };
    assert_eq!(holder().await, third.name);
    let platform = somebody.platform();
    let addons = platform.addons(&app).await.unwrap();
    let old_database = addons.iter().find(|addon| {
        addon.service.name == "heroku-postgresql"
            && addon.name != third.name
            && !addon.name.as_str().contains("-swap-")
    });
    let database = AttachmentName::try_from("DATABASE").unwrap();
    platform
        .attach(
            &app,
            &old_database.unwrap().name,
            Some(&database),
            None,
            true,
        )
        .await
        .unwrap();
    let report = commands::rollback(&scene.operator(), &scene.target()).await;
    ended(&report, ExitCode::Ok, &[]);
    assert_eq!(AppState::of(&scene).await, start);
    nothing_lost(&scene).await;
    succeeds(&scene).await;
}

/// The prompt of the window waits for hours: what is done to the app meanwhile must not be taken back.
#[tokio::test(flavor = "multi_thread")]
async fn what_changes_at_the_prompt_of_the_window_is_not_undone() {
    let (scene, _) = ready().await;
    let sent = scene.mutations();
    let (sandbox, name) = (scene.sandbox, scene.app.clone());
    let gate = AtConsent::new("maintenance-on", move || {
        sandbox.scale(&name, "worker", 3).unwrap();
        async {}
    });
    let report = cutover(&scene, &gated(&scene, gate)).await;
    ended(
        &report,
        ExitCode::Drifted,
        &["the formation was changed", "run the same command again"],
    );
    says_app_is(&report, "off");
    assert_eq!(report.state, "ready");

    let (heroku, app) = (scene.somebody(), scene.target().app);
    let gate = AtConsent::new("maintenance-on", move || {
        let (heroku, app) = (heroku.clone(), app.clone());
        async move {
            let platform = heroku.platform();
            platform.set_maintenance(&app, true).await.unwrap();
        }
    });
    let report = cutover(&scene, &gated(&scene, gate)).await;
    ended(
        &report,
        ExitCode::Drifted,
        &["maintenance mode was switched"],
    );
    says_app_is(&report, "on");
    assert_eq!(scene.mutations(), sent, "this tool changed nothing");
    // A window that is opened in maintenance ends in it, on either way.
    let start = AppState::of(&scene).await;
    let decline = ScriptedGate::new(Script::DeclineSteps(vec!["promote".into()]));
    let report = cutover(&scene, &scene.operator_with(decline)).await;
    ended(&report, ExitCode::RolledBack, &["promote"]);
    assert_eq!(AppState::of(&scene).await, start);
    let app = scene.target().app;
    let somebody = scene.somebody();
    let platform = somebody.platform();
    platform.set_maintenance(&app, false).await.unwrap();
    succeeds(&scene).await;
}

/// A process type that had no dyno when the window began would not be put back to none.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_somebody_starts_in_the_window_leads_back() {
    let (scene, _) = ready().await;
    let (sandbox, name) = (scene.sandbox, scene.app.clone());
    sandbox.scale(&name, "worker", 0).unwrap();
    let operator = meddled(&scene, "scale-down", move || {
        sandbox.scale(&name, "worker", 1).unwrap();
    });
    let report = cutover(&scene, &operator).await;
    ended(
        &report,
        ExitCode::RolledBack,
        &["scale-down", "somebody scaled worker up"],
    );
    says_app_is(&report, "off");
    nothing_lost(&scene).await;
    succeeds(&scene).await;
}

/// Somebody loses patience and promotes the new database by hand: it is not promoted a second time.
#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_by_hand_is_taken_for_the_promotion() {
    let (scene, _) = ready().await;
    let (heroku, app) = (scene.somebody(), scene.target().app);
    let operator = meddled(&scene, "compare-rows", move || {
        let promote = async {
            let platform = heroku.platform();
            let attachments = platform.attachments(&app).await.unwrap();
            let named = |name: &str| attachments.iter().find(|each| each.name == *name);
            let new = &named("NEW_DATABASE").unwrap().addon.name;
            let database = &named("DATABASE").unwrap().name;
            let attached = platform.attach(&app, new, Some(database), None, true);
            attached.await.unwrap();
        };
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(promote));
    });
    let sent = scene.mutations().len();
    let report = cutover(&scene, &operator).await;
    ended(&report, ExitCode::Ok, &[]);
    let sent = scene.mutations().split_off(sent);
    let attached = sent.iter().any(|one| one == "POST /addon-attachments");
    assert!(!attached, "{sent:#?}");
    nothing_lost(&scene).await;
}

/// No dyno runs, and its release command cannot write behind the fence.
#[tokio::test(flavor = "multi_thread")]
async fn a_deploy_in_the_window_neither_ends_it_nor_loses_anything() {
    let (scene, _) = ready().await;
    let (sandbox, app) = (scene.sandbox, scene.app.clone());
    let operator = meddled(&scene, "pause-old", move || {
        let change = BTreeMap::from([("GREETING".to_owned(), Some("hello".to_owned()))]);
        sandbox.set_config_vars(&app, &change).unwrap();
    });
    let report = cutover(&scene, &operator).await;
    ended(&report, ExitCode::Ok, &[]);
    nothing_lost(&scene).await;
    assert_eq!(scene.sandbox.config_vars(&scene.app)["GREETING"], "hello");
}
