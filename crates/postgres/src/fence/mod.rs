//! The fence: makes a database refuse writes from everyone but this tool.
//!
//! New sessions become read-only by `default_transaction_read_only`, set for
//! the database and, where a role has a setting of its own that would win,
//! for the role (PostgreSQL manual, "ALTER ROLE": database-specific settings of
//! a role override its general ones, and those override the database's). Open
//! sessions keep what they have, so they are ended. Heroku Connect uses the
//! same role as the application: pause it first.

mod other_roles;
mod raise;
mod sessions;
mod settings;

pub use other_roles::OtherRole;
pub use raise::{FenceReport, fence, lift_fence};
pub use sessions::{Keep, StillThere};
pub use settings::{FenceSettings, SavedSetting, SettingScope, fence_settings, is_fenced};
