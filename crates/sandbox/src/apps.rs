//! What the Connect side of the sandbox may ask about the apps on the Platform side.

use uuid::Uuid;

/// A Heroku Connect add-on as the Platform API knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectAddon {
    /// The add-on's id on the Platform API.
    pub id: Uuid,
    /// The add-on's name, such as `herokuconnect-spherical-12345`; Connect's `resource_name`.
    pub resource_name: String,
    /// The plan after the colon: `demo`, `enterprise`, `shield`.
    pub plan: String,
    /// The app that is billed for it.
    pub app_name: String,
    /// The id of that app.
    pub app_id: Uuid,
    /// The app's region, `us` or `eu`.
    pub region: String,
}

/// The apps of the sandbox as they are at the moment of asking.
///
/// `app` is a name or an id. Implementations answer from memory and never block for long, so a
/// caller may hold no lock of its own but needs no `await` either.
pub trait AppDirectory: Send + Sync {
    /// The value of a config var now, as a dyno that starts now would see it.
    fn config_var(&self, app: &str, key: &str) -> Option<String>;

    /// Every config var name, with the plan (`heroku-postgresql:standard-0`) of the Postgres
    /// add-on whose attachment sets it, where there is one.
    fn config_var_names(&self, app: &str) -> Vec<(String, Option<String>)>;

    /// The app's id; `None` where there is no such app.
    fn app_id(&self, app: &str) -> Option<Uuid>;

    /// The Connect add-ons that are attached to the app and provisioned.
    fn connect_addons(&self, app: &str) -> Vec<ConnectAddon>;
}
