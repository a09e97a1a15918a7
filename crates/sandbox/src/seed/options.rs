//! How large the demo app is.

use std::time::Duration;

use serde_json::Value;

/// What the demo app looks like.
#[derive(Clone, Debug)]
pub struct DemoOptions {
    /// The app's name.
    pub app: String,
    /// How many records the large mapping has: Account, or the first of an export.
    pub large: u64,
    /// How many records every other mapping has.
    pub small: u64,
    /// How many customers and orders the app itself has.
    pub orders: u32,
    /// How long it is from one poll of Salesforce to the next (`sf_polling_seconds`).
    pub polling: Duration,
    /// Whether the app has a release phase.
    pub release_phase: bool,
    /// The pause between two writes of one dyno, in real time.
    pub pause: Duration,
    /// A real connection's export: organisation, tables and rows are made to fit it.
    pub export: Option<Value>,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self {
            app: "demo".to_owned(),
            large: 20_000,
            small: 1_000,
            orders: 1_000,
            polling: Duration::from_secs(600),
            release_phase: false,
            pause: Duration::from_millis(100),
            export: None,
        }
    }
}

impl DemoOptions {
    /// A few rows of everything, for tests that make many apps.
    #[must_use]
    pub fn small(app: &str) -> Self {
        Self {
            app: app.to_owned(),
            large: 200,
            small: 40,
            orders: 40,
            // As often as public exports have it.
            polling: Duration::from_secs(120),
            ..Self::default()
        }
    }
}
