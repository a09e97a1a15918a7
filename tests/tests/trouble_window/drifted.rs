//! What is no longer as prep left it is found before the window opens: a person decides.

use std::time::Duration;

use connect_swap_heroku::AttachmentName;
use connect_swap_heroku::connect::{Connection, Mapping};
use connect_swap_sandbox::connect::ConnectionState;
use connect_swap_swap::{ExitCode, Operator};
use connect_swap_tests::{Scene, ended, says_app_is};
use serde_json::json;

use crate::{cutover, meddled, new_connect, ready};

async fn drifted(scene: &Scene, operator: &Operator, words: &[&str]) {
    let sent = scene.mutations();
    let report = cutover(scene, operator).await;
    ended(&report, ExitCode::Drifted, words);
    says_app_is(&report, "off");
    assert_eq!(report.state, "ready");
    assert_eq!(scene.mutations(), sent, "this tool changed something");
}

async fn connection(scene: &Scene, addon: &str) -> Connection {
    let (heroku, app) = (scene.somebody(), scene.target().app);
    let all = heroku.connect().search(&app, None).await.unwrap();
    let found = all.iter().find(|one| one.resource_name == *addon);
    let connection = heroku.connect().connection(found.unwrap()).await;
    connection.unwrap()
}

/// Maps one more field of Account, and waits until it is loaded.
async fn edit(scene: &Scene, addon: &str) {
    let before = connection(scene, addon).await;
    let account = before.mapping("Account").unwrap();
    let mut config = account.config.clone();
    config["fields"]["Rating"] = json!({});
    let heroku = scene.somebody();
    let edited = heroku
        .connect()
        .update_mapping(&before, &account.id, &config);
    edited.await.unwrap();
    let loaded = async {
        loop {
            let now = connection(scene, addon).await;
            let rests =
                |mapping: &Mapping| mapping.state.is_loaded() || mapping.state.is_incremental();
            if now.mappings.iter().all(rests) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let bound = Duration::from_secs(60);
    tokio::time::timeout(bound, loaded).await.expect("a load");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_database_of_another_name_opens_no_window() {
    let (scene, _) = ready().await;
    let (heroku, app) = (scene.somebody(), scene.target().app);
    let platform = heroku.platform();
    let attachments = platform.attachments(&app).await.unwrap();
    let named = attachments.iter().find(|each| each.name == *"NEW_DATABASE");
    let named = named.unwrap().clone();
    let new = named.addon.name.clone();
    let spare = AttachmentName::try_from("SPARE").unwrap();
    let attached = platform.attach(&app, &new, Some(&spare), None, false);
    attached.await.unwrap();
    let somebody = scene.somebody();
    // Before that the new connection, which is named after it, would be found broken.
    let operator = meddled(&scene, "readiness", move || {
        let platform = somebody.platform();
        let detached = async { platform.detach(&named.id).await.unwrap() };
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(detached));
    });
    let attach_again = format!("heroku addons:attach {new} --as NEW_DATABASE");
    let words = ["NEW_DATABASE is no longer the name of", &attach_again];
    drifted(&scene, &operator, &words).await;
}

/// What the app is to find in the new database is what prep has asked for, and what the old one held.
#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_that_somebody_edits_after_prep_opens_no_window() {
    let (scene, old) = ready().await;
    let new = new_connect(&scene, &old).await;
    for (addon, side) in [(&new, "new"), (&old, "old")] {
        edit(&scene, addon).await;
        let what = format!("the {side} connection was changed since prep: Account");
        drifted(&scene, &scene.operator(), &[&what, "cleanup"]).await;
    }
}

/// It would be sent to Salesforce as if the app had written it.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_to_the_new_database_after_prep_opens_no_window() {
    let (scene, old) = ready().await;
    let new = new_connect(&scene, &old).await;
    let connect = scene.sandbox.connect();
    // What runs sends it before anybody looks.
    connect.set_state(&new, ConnectionState::Paused).unwrap();
    let database = scene.sandbox.database(&scene.app, "NEW_DATABASE").unwrap();
    let session = database.connect("somebody").await.unwrap();
    let insert = "INSERT INTO salesforce.contact (lastname) VALUES ('Came too early')";
    session.batch_execute(insert).await.unwrap();
    let words = ["1 writes wait in the new database's trigger log"];
    drifted(&scene, &scene.operator(), &words).await;
}
