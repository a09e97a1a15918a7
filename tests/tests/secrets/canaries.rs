//! Secrets that sing when they get out.

use std::collections::BTreeMap;

use connect_swap_sandbox::SandboxOptions;
use connect_swap_tests::{Scene, local_client};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// The Heroku account's token.
pub(crate) const TOKEN: &str = "HRKU-KANARI-b6f1c2d3-7a89-4e05-9c11-token";

/// A Salesforce session, as Connect may quote it.
pub(crate) const SESSION: &str = "00D000000000123!AQKANARI.q8xYbC_sessionR7";

/// So much of a secret is enough to know it.
const ENOUGH: usize = 12;

/// Gives the sandbox a token that can be told from any other text.
pub(crate) fn plant(options: &mut SandboxOptions) {
    options.token = SecretString::from(TOKEN);
}

/// What must stand nowhere, by what it is.
#[derive(Debug, Default)]
pub(crate) struct Canaries(BTreeMap<String, String>);

impl Canaries {
    /// Those that are there from the start.
    pub(crate) fn new() -> Self {
        let (_, session) = SESSION.split_once('!').expect("two parts");
        let fixed = [("token", TOKEN), ("session", session)];
        Self(fixed.map(|(a, b)| (a.to_owned(), b.to_owned())).into())
    }

    /// Adds the passwords of every database of the app as it is now, of named credentials too.
    pub(crate) async fn learn(&mut self, scene: &Scene) {
        for (name, value) in scene.sandbox.config_vars(&scene.app) {
            if let Some(password) = password(&value) {
                self.0.insert(format!("{name} {password}"), password);
            }
        }
        let app = scene.target().app;
        let addons = scene.somebody().platform().addons(&app).await.unwrap();
        let databases = addons
            .iter()
            .filter(|addon| addon.service.name == "heroku-postgresql");
        for addon in databases {
            let url = format!(
                "{}/postgres/v0/databases/{}/credentials",
                scene.sandbox.url(),
                addon.name
            );
            let answer = local_client()
                .get(url)
                .bearer_auth(TOKEN)
                .send()
                .await
                .unwrap();
            let credentials: Vec<Value> = answer.json().await.unwrap();
            let all = credentials
                .iter()
                .filter_map(|one| one["credentials"].as_array());
            for credential in all.flatten() {
                let password = credential["password"].as_str().unwrap().to_owned();
                self.0.insert(format!("credential {password}"), password);
            }
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Fails where one of them stands in this text, whole or cut short.
    #[track_caller]
    pub(crate) fn are_not_in(&self, place: &str, text: &str) {
        for (what, secret) in &self.0 {
            let known = &secret[..ENOUGH.min(secret.len())];
            assert!(!text.contains(known), "{what} is in {place}:\n{text}");
        }
    }
}

/// A message of Heroku's that quotes everything it should not.
pub(crate) fn indiscreet(scene: &Scene) -> String {
    let database = scene.sandbox.database(&scene.app, "DATABASE").unwrap();
    let url = database.url();
    format!("KANARIENVOGEL {TOKEN} {} {SESSION}", url.expose_secret())
}

fn password(url: &str) -> Option<String> {
    let login = url.strip_prefix("postgres://")?.split_once('@')?.0;
    Some(login.split_once(':')?.1.to_owned())
}
