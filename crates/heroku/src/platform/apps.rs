//! Apps and their maintenance mode.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Platform;
use crate::error::Error;
use crate::names::{AppId, AppName};

/// An app, as other things refer to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppRef {
    /// Its identifier.
    pub id: AppId,
    /// Its name.
    pub name: AppName,
}

/// An app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct App {
    /// Its identifier.
    pub id: AppId,
    /// Its name.
    pub name: AppName,
    /// Whether maintenance mode is on.
    pub maintenance: bool,
    /// `cedar` or `fir`; not every variant of the schema tells.
    pub generation: Option<String>,
    /// The region it runs in (`us`, `eu`, `virginia`…).
    pub region: Option<String>,
    /// The team that owns it.
    pub team: Option<String>,
    /// The private space it runs in.
    pub space: Option<String>,
    /// Whether that space is a shield space.
    pub shield: bool,
}

/// An app as it comes: what it belongs to are objects of which the name is all that is needed,
/// or that name alone, as it is written here.
#[derive(Deserialize)]
struct Wire {
    id: AppId,
    name: AppName,
    maintenance: bool,
    #[serde(default)]
    generation: Value,
    #[serde(default)]
    region: Value,
    #[serde(default)]
    team: Value,
    #[serde(default)]
    space: Value,
    #[serde(default)]
    shield: bool,
}

fn name(thing: &Value) -> Option<String> {
    Some(
        thing
            .as_str()
            .or_else(|| thing["name"].as_str())?
            .to_owned(),
    )
}

impl From<Wire> for App {
    fn from(wire: Wire) -> App {
        App {
            id: wire.id,
            name: wire.name,
            maintenance: wire.maintenance,
            generation: name(&wire.generation),
            region: name(&wire.region),
            team: name(&wire.team),
            space: name(&wire.space),
            shield: wire.space["shield"].as_bool().unwrap_or(wire.shield),
        }
    }
}

impl<'de> Deserialize<'de> for App {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Wire::deserialize(from).map(App::from)
    }
}

impl Platform {
    /// The app of that name (`GET /apps/{app}`).
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none that this account may see.
    pub async fn app(&self, app: &AppName) -> Result<App, Error> {
        self.transport
            .send(&self.get(&["apps", app.as_str()]))
            .await?
            .json("an app")
    }

    /// Switches maintenance mode on or off (`PATCH /apps/{app}`), as `heroku maintenance:on` and
    /// `:off` do.
    ///
    /// # Errors
    /// Whatever Heroku refuses; repeated by itself when the answer is lost.
    pub async fn set_maintenance(&self, app: &AppName, on: bool) -> Result<App, Error> {
        let request = self
            .settle(Method::PATCH, &["apps", app.as_str()])
            .json(&json!({ "maintenance": on }));
        self.transport.send(&request).await?.json("an app")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_an_app_with_and_without_what_is_optional() {
        let app: App = serde_json::from_str(
            r#"{"id":"a-1","name":"demo","maintenance":false,"generation":{"id":"g","name":"cedar"},
                "region":{"id":"r","name":"us"},"team":null,"space":{"name":"vault","shield":true}}"#,
        )
        .unwrap();
        assert_eq!(app.generation.as_deref(), Some("cedar"));
        assert_eq!((app.space.as_deref(), app.shield), (Some("vault"), true));
        let again = serde_json::to_string(&app).unwrap();
        assert_eq!(serde_json::from_str::<App>(&again).unwrap(), app);
        let bare: App =
            serde_json::from_str(r#"{"id":"a-1","name":"demo","maintenance":true}"#).unwrap();
        assert!(bare.maintenance && bare.region.is_none() && !bare.shield);
    }
}
