//! What the preflight looks for: one check a file, none of them with side effects.

mod all;
mod another_connection;
mod command;
mod connect_config_var;
mod connect_maintenance;
mod connection_settings;
mod connection_unhealthy;
mod copied_in_window;
mod credential_attachments;
mod extensions;
mod external_sessions;
mod failed_writes;
mod feature_flags_differ;
#[cfg(test)]
pub(crate) mod fixture;
mod follower;
mod id_references;
mod large_objects;
mod listing;
mod lock_table;
mod manual_settings;
mod mapping_not_synced;
mod odata;
mod one_off_dynos;
mod other_app_attachments;
mod pending_writes;
mod pg_tools;
mod plan_demo;
mod release_phase;
mod uncarriable;
mod unsynced_rows;
mod version_mismatch;
mod window;

pub use all::{Phase, new_database, preflight};
pub(crate) use listing::counted;
