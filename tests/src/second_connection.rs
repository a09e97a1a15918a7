//! A second Heroku Connect add-on on the app's database, as an app that syncs with two organisations
//! has it.

use std::collections::BTreeMap;

use connect_swap_heroku::AddonName;
use connect_swap_heroku::platform::NewAddon;
use connect_swap_sandbox::apps::ConnectAddon;
use connect_swap_sandbox::connect::{SeedConnection, SeedMapping};
use connect_swap_sandbox::demo_export;

use crate::Scene;

/// What is asked of the second connection.
const PLAN: &str = "herokuconnect:enterprise";
/// Rows of its mapping, above those there are.
const ROWS: u64 = 20;

impl Scene {
    /// Buys a Connect add-on that nobody has looked at yet: Connect shows its connection to nobody.
    ///
    /// # Panics
    /// When the sandbox refuses.
    pub async fn bare_connect(&self, name: &str) -> AddonName {
        let name = AddonName::try_from(format!("{name}-{}", self.app)).expect("a name");
        let new = NewAddon {
            name: name.clone(),
            plan: PLAN.into(),
            attachment: None,
            config: BTreeMap::new(),
        };
        let (heroku, app) = (self.somebody(), self.target().app);
        let created = heroku.platform().create_addon(&app, &new);
        created.await.expect("a second Connect add-on");
        name
    }

    /// The same with a connection that syncs contacts, both ways, with `DATABASE_URL` in a schema of
    /// its own.
    ///
    /// # Panics
    /// When the sandbox refuses.
    pub async fn second_connection(&self, schema: &str) -> AddonName {
        let name = self.bare_connect("herokuconnect-second").await;
        let (heroku, app) = (self.somebody(), self.target().app);
        let platform = heroku.platform();
        let addon = platform.addon(&app, &name).await.expect("an answer");
        let addon = addon.expect("the second Connect add-on");
        let app_id = platform.app(&app).await.expect("the app").id;
        let mut mappings = SeedMapping::of_export(&demo_export(&self.app), ROWS);
        mappings.retain(|mapping| mapping.object_name == "Contact");
        let seed = SeedConnection {
            addon: ConnectAddon {
                id: addon.id.as_str().parse().expect("an id"),
                resource_name: name.to_string(),
                plan: "enterprise".into(),
                app_name: self.app.clone(),
                app_id: app_id.as_str().parse().expect("an id"),
                region: "us".into(),
            },
            db_key: "DATABASE_URL".into(),
            schema_name: schema.into(),
            mappings,
        };
        let seeded = self.sandbox.seed_connection(seed).await;
        seeded.expect("a second connection");
        name
    }
}
