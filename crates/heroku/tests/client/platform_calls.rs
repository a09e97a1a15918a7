//! Every call of the Platform and Data APIs, once: what goes out and what is made of the answer.

use std::collections::BTreeMap;

use connect_swap_heroku::data::Readiness;
use connect_swap_heroku::platform::{
    AddonState, DynoState, FormationUpdate, NewAddon, ReleaseStatus,
};
use connect_swap_heroku::{AddonId, AttachmentName, ReleaseId};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::samples::{UUID, addon, addon_name, app, attachment, demo, release};
use crate::scripted::{Reply, Scripted};

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// Makes every Platform call once against `server`.
pub(crate) async fn all(server: &Scripted) {
    let heroku = server.heroku();
    let platform = heroku.platform();
    let app_name = demo();
    script(server);
    platform.account().await.unwrap();
    platform.app(&app_name).await.unwrap();
    platform.set_maintenance(&app_name, true).await.unwrap();
    platform.addons(&app_name).await.unwrap();
    platform
        .addon(&app_name, &addon_name("new-db"))
        .await
        .unwrap()
        .unwrap();
    platform
        .plan_price("heroku-postgresql:standard-0")
        .await
        .unwrap()
        .unwrap();
    for attachment in [None, Some(id("NEW_DATABASE"))] {
        let config = BTreeMap::from([("version".to_owned(), "16".to_owned())]);
        let plan = "heroku-postgresql:standard-0".to_owned();
        let new = NewAddon {
            name: addon_name("new-db"),
            plan,
            attachment,
            config,
        };
        platform.create_addon(&app_name, &new).await.unwrap();
    }
    platform.destroy_addon(&id(UUID), &id(UUID)).await.unwrap();
    platform.attachments(&app_name).await.unwrap();
    platform.addon_attachments(&id(UUID)).await.unwrap();
    platform
        .resolve_attachment(&app_name, "DATABASE")
        .await
        .unwrap();
    let old = addon_name("old-db");
    let name: AttachmentName = id("DATABASE");
    platform
        .attach(&app_name, &old, Some(&name), None, true)
        .await
        .unwrap();
    let pool = Some("connection-pooling:default");
    platform
        .attach(
            &app_name,
            &old,
            Some(&id("DATABASE_CONNECTION_POOL")),
            pool,
            false,
        )
        .await
        .unwrap();
    platform
        .attach(&app_name, &old, None, None, true)
        .await
        .unwrap();
    platform.detach(&id(UUID)).await.unwrap();
    platform.config_vars(&app_name).await.unwrap();
    let formation = platform.formation(&app_name).await.unwrap();
    let updates: Vec<FormationUpdate> = formation.iter().map(FormationUpdate::from).collect();
    platform
        .update_formation(&app_name, &updates)
        .await
        .unwrap();
    platform.dynos(&app_name).await.unwrap();
    platform.releases(&app_name, 5).await.unwrap();
    platform.release(&app_name, &id(UUID)).await.unwrap();
}

fn script(server: &Scripted) {
    let database = addon("new-db", "provisioning");
    let attached = attachment(UUID, "DATABASE", "old-db", Value::Null);
    let price = json!({ "cents": 5000, "contract": false, "unit": "month" });
    let web = json!({ "type": "web", "quantity": 2, "dyno_size": { "name": "Standard-1X" }, "command": "run" });
    let dyno = json!({
        "id": UUID, "name": "web.1", "type": "web", "state": "up", "size": "Standard-1X",
        "release": { "id": UUID, "version": 41 }, "command": "run", "updated_at": "2026-01-02T03:04:05Z",
    });
    server
        .always(
            "GET /account",
            200,
            json!({ "id": UUID, "email": "ops@example.com" }),
        )
        .always("GET /apps/demo", 200, app())
        .always("PATCH /apps/demo", 200, app())
        .always("GET /apps/demo/addons", 200, json!([database]))
        .always("GET /apps/demo/addons/new-db", 200, database.clone())
        .always(
            "GET /plans/heroku-postgresql:standard-0",
            200,
            json!({ "price": price }),
        )
        .always("POST /apps/demo/addons", 201, database.clone())
        .always(
            &format!("DELETE /apps/{UUID}/addons/{UUID}"),
            200,
            addon("old-db", "deprovisioning"),
        )
        .always("GET /apps/demo/addon-attachments", 200, json!([attached]))
        .always(
            &format!("GET /addons/{UUID}/addon-attachments"),
            200,
            json!([attached]),
        )
        .always(
            "POST /actions/addon-attachments/resolve",
            200,
            json!([attached]),
        )
        .always("POST /addon-attachments", 201, attached.clone())
        .always(
            &format!("DELETE /addon-attachments/{UUID}"),
            200,
            attached.clone(),
        )
        .always(
            "GET /apps/demo/config-vars",
            200,
            json!({ "DATABASE_URL": "postgres://u:p@h/d", "X": null }),
        )
        .always("GET /apps/demo/formation", 200, json!([web]))
        .always("PATCH /apps/demo/formation", 200, json!([web]))
        .always("GET /apps/demo/dynos", 200, json!([dyno]))
        .always("GET /apps/demo/releases", 200, json!([release(41)]))
        .always(&format!("GET /apps/demo/releases/{UUID}"), 200, release(41));
}

#[tokio::test]
async fn answers_become_values() {
    let server = Scripted::start().await;
    script(&server);
    let heroku = server.heroku();
    let platform = heroku.platform();
    let addons = platform.addons(&demo()).await.unwrap();
    assert_eq!(addons[0].state, AddonState::Provisioning);
    assert_eq!(addons[0].service.name, "heroku-postgresql");
    assert_eq!(addons[0].billed_price.as_ref().unwrap().cents, 5000);
    let vars = platform.config_vars(&demo()).await.unwrap();
    assert_eq!(
        vars.get(&id("DATABASE_URL")).unwrap().expose_secret(),
        "postgres://u:p@h/d"
    );
    assert!(vars.get(&id("X")).is_none());
    let dynos = platform.dynos(&demo()).await.unwrap();
    assert_eq!(
        (&dynos[0].state, dynos[0].release.unwrap().version),
        (&DynoState::Up, 41)
    );
    let release = platform
        .release(&demo(), &id::<ReleaseId>(UUID))
        .await
        .unwrap();
    assert_eq!(release.status, ReleaseStatus::Succeeded);
    assert_eq!(
        release.output_stream_url.unwrap().expose_secret(),
        "https://release-output.heroku.com/streams/hush"
    );
}

#[tokio::test]
async fn what_is_not_there_is_nothing() {
    let server = Scripted::start().await;
    let heroku = server.heroku();
    let platform = heroku.platform();
    let missing = |what: &str| {
        Reply::json(
            404,
            json!({ "id": "not_found", "resource": what, "message": "no" }),
        )
    };
    server.on("GET /plans/x:y", [missing("plan")]);
    assert_eq!(platform.plan_price("x:y").await.unwrap(), None);
    server.on("GET /apps/demo/addons/new-db", [missing("add-on")]);
    assert_eq!(
        platform
            .addon(&demo(), &addon_name("new-db"))
            .await
            .unwrap(),
        None
    );
    // A missing app is another matter.
    server.on("GET /apps/demo/addons/new-db", [missing("app")]);
    let error = platform
        .addon(&demo(), &addon_name("new-db"))
        .await
        .unwrap_err();
    assert_eq!(error.refusal().unwrap().resource.as_deref(), Some("app"));
    server.on(
        "POST /actions/addon-attachments/resolve",
        [missing("attachment")],
    );
    assert!(
        platform
            .resolve_attachment(&demo(), "NOPE")
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn headers_say_who_asks_for_what() {
    let server = Scripted::start().await;
    all(&server).await;
    let mut ids = std::collections::BTreeSet::new();
    for seen in server.seen() {
        let variant = [
            "/apps/demo/addons",
            "/apps/demo/dynos",
            "/apps/demo/releases",
            "/actions/addon-attachments/resolve",
        ];
        let sdk = variant.contains(&seen.path.as_str()) && seen.line() != "POST /apps/demo/addons";
        let accept = if sdk { "version=3.sdk" } else { "version=3" };
        assert_eq!(
            seen.headers["accept"],
            format!("application/vnd.heroku+json; {accept}"),
            "{}",
            seen.line()
        );
        assert_eq!(seen.headers["user-agent"], "connect-swap/0.1.0 test");
        assert!(
            ids.insert(seen.headers["request-id"].clone()),
            "each request has an id of its own"
        );
        assert_eq!(
            seen.headers.contains_key("content-type"),
            !seen.body.is_empty(),
            "{}",
            seen.line()
        );
    }
}

#[tokio::test]
async fn a_database_becomes_ready() {
    let server = Scripted::start().await;
    let heroku = server.heroku();
    let addon: AddonId = id(UUID);
    let line = format!("GET /client/v11/databases/{UUID}/wait_status");
    for body in [
        json!({ "error": "not found" }),
        json!({ "id": "not_found", "message": "no" }),
    ] {
        server.always(&line, 404, body);
        assert_eq!(
            heroku.data().wait_status(&addon).await.unwrap(),
            Readiness::NotFoundYet
        );
    }
    server.always(
        &line,
        200,
        json!({ "waiting?": true, "message": "preparing" }),
    );
    let Readiness::Known(status) = heroku.data().wait_status(&addon).await.unwrap() else {
        panic!()
    };
    assert!(status.waiting && !status.error && status.message == "preparing");
    let line = format!("GET /client/v11/databases/{UUID}");
    server.always(&line, 404, json!({ "error": "not found" }));
    assert_eq!(heroku.data().database(&addon).await.unwrap(), None);
    server.always(
        &line,
        200,
        json!({ "plan": "standard-0", "info": [{ "name": "PG Version", "values": ["16.4"] }] }),
    );
    let info = heroku.data().database(&addon).await.unwrap().unwrap();
    assert_eq!(
        (info.postgres_major(), info.plan.as_deref()),
        (Some(16), Some("standard-0"))
    );
}
