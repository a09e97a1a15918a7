//! A listener that is neither Heroku's nor on loopback hears nothing, however it is named.
//!
//! `0.0.0.0` and `::ffff:127.0.0.1` lead to this machine and are no loopback addresses, so a
//! server here can play one outside: a client that followed would reach it.

use connect_swap_heroku::Error;
use connect_swap_heroku::connect::ConnectionSummary;
use serde_json::json;

use crate::samples::{CONNECTION, app, demo, summary};
use crate::scripted::{Reply, Scripted, TOKEN};

/// Every way to write the listener's address that comes to mind, by its port and the honest one's.
fn addresses(outside: &Scripted, honest: &Scripted) -> Vec<String> {
    let (port, ours) = (outside.port(), honest.port());
    vec![
        format!("http://0.0.0.0:{port}/steal"),
        format!("HTTP://0.0.0.0:{port}/steal"),
        format!("//0.0.0.0:{port}/steal"),
        format!("http:\\\\0.0.0.0:{port}\\steal"),
        format!("http://0:{port}/steal"),
        format!("http://0x0:{port}/steal"),
        format!("http://[::ffff:127.0.0.1]:{port}/steal"),
        format!("http://[::ffff:7f00:1]:{port}/steal"),
        format!("http://127.0.0.1:{ours}@0.0.0.0:{port}/steal"),
        format!("http://localhost@0.0.0.0:{port}/steal"),
        format!("http://user:pw@127.0.0.1:{port}/steal"),
        format!("http://api.heroku.com@0.0.0.0:{port}/steal"),
        format!("http://0.0.0.0:{port}/steal#@127.0.0.1"),
        format!("https://0.0.0.0:{port}/steal"),
        format!("ftp://127.0.0.1:{port}/steal"),
        "https://api.heroku.com/steal".to_owned(),
        "data:text/plain,steal".to_owned(),
        "mailto:steal".to_owned(),
    ]
}

/// Asks the listener something as anybody may, then looks whether it had heard anything before.
async fn heard_nothing(outside: &Scripted, what: &str) {
    outside.always("GET /probe", 200, json!({}));
    let _ = rustls::crypto::ring::default_provider().install_default();
    let probe = reqwest::Client::builder().no_proxy().build().unwrap();
    let address = format!("http://0.0.0.0:{}/probe", outside.port());
    assert!(
        probe
            .get(address)
            .send()
            .await
            .unwrap()
            .status()
            .is_success()
    );
    assert_eq!(outside.lines(), ["GET /probe"], "{what}");
}

#[tokio::test]
async fn no_redirect_leads_outside() {
    let outside = Scripted::start().await;
    outside.always("GET /steal", 200, app());
    let server = Scripted::start().await;
    for status in [300, 301, 302, 303, 307, 308] {
        for address in addresses(&outside, &server) {
            server.on(
                "GET /apps/demo",
                [Reply::text(status, "").with("location", address.clone())],
            );
            let error = server.heroku().platform().app(&demo()).await.unwrap_err();
            let what = format!("{status} {address}: {error:?}");
            assert!(matches!(error, Error::ForeignHost { .. }), "{what}");
            assert!(!what.contains(TOKEN), "{what}");
        }
    }
    heard_nothing(&outside, "redirects").await;
}

#[tokio::test]
async fn no_address_of_the_discovery_server_leads_outside() {
    let outside = Scripted::start().await;
    let server = Scripted::start().await;
    let heroku = server.heroku();
    let honest = format!("{}/api/v3/connections/{CONNECTION}", server.url(""));
    server.always(
        &format!("GET /api/v3/connections/{CONNECTION}"),
        200,
        crate::samples::connection("IDLE", json!([])),
    );
    for address in addresses(&outside, &server) {
        let mut elsewhere = summary(&server.url(""));
        elsewhere["detail_url"] = json!(address);
        let mut region = summary(&server.url(""));
        region["region_url"] = json!(address);
        // The details are where they belong; what comes after them is not.
        region["detail_url"] = json!(honest);
        for listed in [elsewhere, region] {
            // What is no whole address is refused when it is read.
            let Ok(listed) = serde_json::from_value::<ConnectionSummary>(listed) else {
                continue;
            };
            let error = heroku.connect().connection(&listed).await.unwrap_err();
            assert!(
                matches!(error, Error::ForeignHost { .. }),
                "{address}: {error:?}"
            );
        }
        server.always(
            "GET /connections",
            200,
            json!({ "results": [], "next": address }),
        );
        let error = heroku.connect().search(&demo(), None).await.unwrap_err();
        assert!(
            matches!(error, Error::ForeignHost { .. }),
            "{address}: {error:?}"
        );
    }
    heard_nothing(&outside, "the discovery server's addresses").await;
}
