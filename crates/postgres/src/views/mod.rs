//! The contents of materialized views: filled while the app runs, again when
//! what they read has changed since.

mod fill;
mod inputs;
mod refresh;
mod refresher;

pub use fill::fill_views;
pub use refresh::{AppIs, refresh_views};

pub(crate) use fill::fill_unfilled;

use serde::{Deserialize, Serialize};

use crate::schema::LeftOver;

/// What became of materialized views.
#[must_use]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewsRefreshed {
    /// Views that were filled, in order.
    pub refreshed: Vec<String>,
    /// Views that were not, and why.
    pub left: Vec<LeftOver>,
}
