//! Putting the demo app together.

use serde_json::Value;

use super::anchors::Anchors;
use super::options::DemoOptions;
use super::{mappings, sql, unmanaged, writers};
use crate::apps::AppDirectory;
use crate::connect::{ConnectError, SeedConnection, SeedMapping};
use crate::sandbox::{ControlError, Sandbox};
use crate::servers::{Database, ServerError};
use crate::workload::Workload;
use crate::world::{AppSpec, ProcessSpec, SpecError};

/// The Connect schema of the demo app.
const SCHEMA: &str = "salesforce";

/// Why the demo app could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {
    /// The app or its add-ons.
    #[error(transparent)]
    App(#[from] SpecError),
    /// Its connection: an export that cannot be played, for example.
    #[error("the connection could not be made")]
    Connect(#[from] ConnectError),
    /// Its own tables.
    #[error(transparent)]
    Database(#[from] ServerError),
    /// Its dynos.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The sandbox has stopped meanwhile.
    #[error("the sandbox has stopped")]
    Stopped,
}

impl Sandbox {
    /// Makes the demo app: databases full, connection running, dynos at work.
    ///
    /// # Errors
    /// [`SeedError`]: a taken name, or an export that cannot be played.
    pub async fn seed_demo(&self, options: &DemoOptions) -> Result<String, SeedError> {
        let export = options
            .export
            .clone()
            .unwrap_or_else(|| mappings::polled_every(options.polling, &options.app));
        let app = self.create_app(spec(options)).await?;
        self.seed_mappings(&app, &export, options).await?;
        let anchors = Anchors::of_export(&export, SCHEMA);
        let database = self.database(&app, "DATABASE").ok_or(SeedError::Stopped)?;
        let orders = options.orders.max(1);
        self.on_own_threads(async move { fill(&database, anchors.as_ref(), orders).await })
            .await
            .ok_or(SeedError::Stopped)??;
        let organisation = self.connect().organisation_or_new(&app);
        let workload = Workload {
            pause: options.pause,
            orders: true,
            managed: writers::of_export(&export, SCHEMA, &organisation),
        };
        self.set_workload(&app, workload)?;
        self.launch(&app)?;
        Ok(app)
    }

    /// The first mapping is the large one.
    async fn seed_mappings(
        &self,
        app: &str,
        export: &Value,
        options: &DemoOptions,
    ) -> Result<(), SeedError> {
        let mut mappings = SeedMapping::of_export(export, options.small);
        if let Some(large) = mappings.first_mut() {
            large.records = options.large;
        }
        let addon = self
            .world
            .connect_addons(app)
            .into_iter()
            .next()
            .ok_or(SeedError::Stopped)?;
        let seed = SeedConnection {
            addon,
            db_key: "DATABASE_URL".to_owned(),
            schema_name: SCHEMA.to_owned(),
            mappings,
        };
        self.seed_connection(seed).await?;
        Ok(())
    }
}

fn spec(options: &DemoOptions) -> AppSpec {
    let mut formation = vec![ProcessSpec::new("web", 2), ProcessSpec::new("worker", 1)];
    if options.release_phase {
        formation.push(ProcessSpec::new("release", 0));
    }
    AppSpec {
        name: Some(options.app.clone()),
        formation,
        launch: false,
        ..AppSpec::default()
    }
}

async fn fill(
    database: &Database,
    anchors: Option<&Anchors>,
    orders: u32,
) -> Result<(), ServerError> {
    let client = database.connect("migrations").await?;
    sql::run(&client, &unmanaged::tables(anchors)).await?;
    sql::run(&client, &unmanaged::rows(anchors, orders)).await?;
    sql::run(&client, &unmanaged::behaviour(anchors)).await
}
