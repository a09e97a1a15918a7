//! Tests against real servers, as a database's plain owner.
#![expect(clippy::unwrap_used, reason = "tests")]

mod cluster;
mod scene;

mod altering;
mod carrying;
mod comparing;
mod copying;
mod fencing;
mod inventorying;
mod more;
mod reading;
mod sessions;
