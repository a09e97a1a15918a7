//! What several steps do the same way.

pub(super) mod arrivals;
pub(crate) mod behind;
pub(crate) mod capture;
pub(super) mod configuration;
pub(super) mod data;
pub(super) mod draining;
pub(super) mod fencing;
pub(crate) mod files;
pub(crate) mod following;
pub(super) mod formation;
pub(super) mod left_over;
pub(super) mod load_progress;
pub(super) mod pausing;
pub(super) mod poll_times;
pub(super) mod polling;
pub(super) mod pooler;
pub(super) mod price;
pub(super) mod releases;
pub(super) mod repointing;
pub(super) mod schema;
pub(crate) mod seeding;
pub(super) mod standing;
pub(super) mod views;
