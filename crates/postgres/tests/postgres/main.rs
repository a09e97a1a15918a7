//! Tests against real servers, as a database's plain owner.
#![expect(clippy::unwrap_used, reason = "tests")]

mod cluster;
mod dumped;
mod scene;

mod altering;
mod arriving;
mod capturing;
mod capturing_apart;
mod capturing_guard;
mod capturing_locks;
mod capturing_lost;
mod capturing_more;
mod carrying;
mod carrying_locked;
mod comparing;
mod copying;
mod fencing;
mod generated;
mod inventorying;
mod keys;
mod more;
mod names;
mod nasty;
mod reading;
mod resuming;
mod sessions;
mod views;
