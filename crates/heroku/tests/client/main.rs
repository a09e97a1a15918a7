//! The clients against a server that answers by script.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod connect_calls;
mod contract;
mod faults;
mod fixtures;
mod hostile;
mod lost_answers;
mod outside;
mod paging;
mod platform_calls;
mod properties;
mod samples;
mod scripted;
mod token_safety;

#[expect(
    unreachable_pub,
    reason = "shared with the end-to-end suites, where it is public"
)]
#[path = "../../../../tests/src/schema.rs"]
mod schema;
