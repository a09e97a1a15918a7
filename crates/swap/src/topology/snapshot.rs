//! Everything the findings and the plan look at, read at one moment and never written.

use connect_swap_heroku::connect::{Connection, WriteError};
use connect_swap_heroku::data::DatabaseInfo;
use connect_swap_heroku::platform::{
    Account, Addon, App, Attachment, Dyno, Formation, Price, Release,
};
use connect_swap_postgres::{ManagedSpec, Tools, ToolsMissing};

use super::database::DatabaseView;
use super::other_connections::OtherConnections;
use super::subject::Subject;

/// The new pair, as far as it is there.
#[derive(Debug, Clone, Default)]
pub struct NewPair {
    /// The new Postgres add-on.
    pub database: Option<Addon>,
    /// The new Connect add-on.
    pub connect: Option<Addon>,
    /// The new connection.
    pub connection: Option<Connection>,
    /// Write errors of the new connection.
    pub write_errors: Vec<WriteError>,
}

/// The app and both pairs at one moment.
#[derive(Debug)]
pub struct Snapshot {
    /// Who is acting.
    pub account: Account,
    /// The app.
    pub app: App,
    /// The app's add-ons.
    pub addons: Vec<Addon>,
    /// The app's attachments.
    pub attachments: Vec<Attachment>,
    /// The app's formation.
    pub formation: Vec<Formation>,
    /// The app's dynos.
    pub dynos: Vec<Dyno>,
    /// The app's latest releases, newest first.
    pub releases: Vec<Release>,
    /// What is swapped for what.
    pub subject: Subject,
    /// The old Postgres add-on.
    pub old_database: Addon,
    /// Attachments of the old database to any app this user can see.
    pub old_attachments: Vec<Attachment>,
    /// What the Data API tells of the old database.
    pub old_info: Option<DatabaseInfo>,
    /// The old Connect add-on.
    pub old_connect: Addon,
    /// The old connection.
    pub connection: Connection,
    /// Write errors of the old connection in the last day.
    pub write_errors: Vec<WriteError>,
    /// What Connect owns in the old database.
    pub managed: ManagedSpec,
    /// What else of Connect is on the old database.
    pub others: OtherConnections,
    /// The old database from inside.
    pub database: DatabaseView,
    /// The client programs.
    pub tools: Result<Tools, ToolsMissing>,
    /// What the new database will cost.
    pub database_price: Option<Price>,
    /// What the new Connect add-on will cost.
    pub connect_price: Option<Price>,
    /// The new pair.
    pub new: NewPair,
}
