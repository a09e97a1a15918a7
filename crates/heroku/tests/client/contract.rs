//! Every request to the Platform API against the API's own schema.

use crate::platform_calls;
use crate::schema::PlatformSchema;
use crate::scripted::Scripted;

#[tokio::test]
async fn every_request_satisfies_the_platform_schema() {
    let Some(schema) = PlatformSchema::load() else {
        println!("skipped: the Platform API's schema is not there");
        return;
    };
    let server = Scripted::start().await;
    platform_calls::all(&server).await;
    let seen = server.seen();
    assert!(seen.len() > 20, "only {} requests", seen.len());
    let complaints: Vec<String> = seen
        .iter()
        .filter_map(|seen| {
            schema
                .check_request(&seen.method, &seen.path, seen.json().as_ref())
                .err()
        })
        .collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

/// Callers run these from several tasks.
#[tokio::test]
async fn calls_can_move_between_threads() {
    fn movable<T: Send>(future: T) -> T {
        future
    }
    let server = Scripted::start().await;
    let heroku = server.heroku();
    let new = connect_swap_heroku::platform::NewAddon {
        name: crate::samples::addon_name("new-db"),
        plan: "x:y".to_owned(),
        attachment: None,
        config: Default::default(),
    };
    let (app, addon) = (crate::samples::demo(), crate::samples::addon_name("new-db"));
    drop(movable(heroku.platform().create_addon(&app, &new)));
    drop(movable(
        heroku.platform().attach(&app, &addon, None, None, true),
    ));
    drop(movable(heroku.connect().search(&app, None)));
    drop(movable(heroku.platform().attachments(&app)));
    assert!(server.lines().is_empty());
}
