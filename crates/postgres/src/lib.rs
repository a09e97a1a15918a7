//! Everything the swap does inside PostgreSQL.
//!
//! Sessions ([`connect`]), what is in a database and whose it is
//! ([`inventory()`]), carrying schema objects over ([`carry_schema`]), copying
//! rows ([`load_tables`]) and sequences ([`set_sequences`]), proving that both
//! sides agree ([`compare_rows`], [`compare_definitions`]), and keeping writers
//! out ([`fence()`]). This crate knows no Heroku, no Salesforce and no terminal.

mod altered;
mod arrived;
mod capture;
mod catalog;
mod compare;
mod connect_schemas;
mod drain_history;
mod error;
mod extensions;
mod fence;
mod ident;
mod inventory;
mod latest_writes;
mod lock_room;
mod managed;
mod references;
mod round;
mod rows;
mod schema;
mod seed;
mod sequences;
mod server;
mod session;
mod sessions;
mod text;
mod tools;
mod trigger_log;
mod uncarriable;
mod unfit_rows;
mod views;

pub use arrived::have_arrived;
pub use capture::{
    CaptureLimit, CaptureSizes, CaptureStarted, Captured, KeyColumn, Standing, Unit, Whole,
    capture_sizes, captured, changed_since, distrust_all, install_capture, is_captured, moment,
    remove_capture, unit_bytes, units,
};
pub use compare::{
    CompareOptions, Comparison, Difference, DifferenceKind, Forced, TableComparison,
    compare_definitions, compare_rows, compare_rows_at, compare_sequences,
};
pub use connect_schemas::connect_schemas;
pub use drain_history::{DrainHistory, drain_history};
pub use error::{Error, RestoreError};
pub use extensions::{AvailableExtension, Extension, available_extensions, extensions};
pub use fence::{
    FenceReport, FenceSettings, Keep, OtherRole, SavedSetting, SettingScope, StillThere, fence,
    fence_settings, is_fenced, lift_fence,
};
pub use ident::{TableRef, cut_name, quote_ident, quote_literal};
pub use inventory::{
    Class, Inventory, KeyCheck, Object, ObjectId, ObjectKind, OverrideError, Overrides, When,
    inventory,
};
pub use latest_writes::{LatestWrite, LatestWrites, latest_writes};
pub use lock_room::{LockRoom, lock_room};
pub use managed::{Access, ManagedIndex, ManagedSpec, ManagedTable};
pub use references::{IdReference, ReferenceKind, id_references};
pub use round::{OpenRound, RoundReport, Rounds, UnitRound, failed_over, lost_rows};
pub use rows::{
    Amount, CopyOptions, LargeObjectsComparison, LargeObjectsCopied, LoadProgress, LoadReport,
    TableCopied, Workers, Writers, compare_large_objects, copy_large_objects, copy_tables,
    load_tables, workers,
};
pub use schema::{
    CarryProgress, CarryReport, ExtensionCarried, KeysValidated, LeftOver, Part, carry_schema,
    retract_window, validate_keys,
};
pub use seed::{SeedReport, seed};
pub use sequences::{SequenceSet, advance_sequences, set_sequences};
pub use server::{ServerInfo, large_objects, server_info, unreadable_large_objects};
pub use session::{
    APPLICATION_PREFIX, DatabaseUrl, Purpose, Session, Tls, UrlError, connect,
    same_physical_database,
};
pub use sessions::{OtherSession, other_sessions};
pub use tools::{Tools, ToolsMissing, pg_tools};
pub use trigger_log::{
    FailedRow, TriggerLog, UnsyncedTable, failed_rows, trigger_log, unsynced_rows,
};
pub use uncarriable::{Uncarriable, uncarriable};
pub use views::{AppIs, ViewsRefreshed, fill_views, refresh_views};
