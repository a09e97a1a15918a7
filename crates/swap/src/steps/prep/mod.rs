//! Prep: builds the new pair and gets it ready while the app runs.

mod authorise_salesforce;
mod carry_schema;
mod carry_settings;
mod connect_database;
mod create_connect;
mod create_database;
mod edit_configuration;
mod export_configuration;
mod import_configuration;
mod inspect;
mod link_connect;
mod open_journal;
mod second_attachment;
mod verify_configuration;
mod wait_database;
mod wait_load;

pub use authorise_salesforce::AuthoriseSalesforce;
pub use carry_schema::CarrySchema;
pub use carry_settings::{CarrySettings, SettingsOutput};
pub use connect_database::ConnectDatabase;
pub use create_connect::CreateConnect;
pub use create_database::CreateDatabase;
pub use edit_configuration::EditConfiguration;
pub use export_configuration::ExportConfiguration;
pub use import_configuration::ImportConfiguration;
pub use inspect::Inspect;
pub use link_connect::LinkConnect;
pub use open_journal::OpenJournal;
pub use second_attachment::SecondAttachment;
pub use verify_configuration::VerifyConfiguration;
pub use wait_database::WaitDatabase;
pub use wait_load::WaitLoad;
