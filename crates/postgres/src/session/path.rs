//! How soon a network path that has died in silence is noticed, on both sides.

use std::time::Duration;

/// What was sent and is not acknowledged for so long is lost with the path; without this a write waits
/// for a quarter of an hour.
pub(super) const UNACKNOWLEDGED: Duration = Duration::from_secs(30);
/// How long nothing is heard until this machine asks whether the other side is there.
pub(super) const IDLE: Duration = Duration::from_secs(30);
/// Between two such questions.
pub(super) const INTERVAL: Duration = Duration::from_secs(10);
/// How many may stay without an answer.
pub(super) const RETRIES: u32 = 6;

/// Settings with which the server notices within half a minute that this machine is gone, and lets go of
/// the lock and of whatever else the session held (PostgreSQL manual, "TCP Settings").
pub(super) const OF_SERVER: [(&str, &str); 3] = [
    ("tcp_keepalives_idle", "15"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "3"),
];

/// This machine's side for a client program, as a connection string. libpq has no environment variables
/// for these (PostgreSQL manual, "Parameter Key Words"); they are no secrets, and every parameter that
/// is not named in such a string still comes from the environment.
pub(crate) fn of_libpq() -> String {
    format!(
        "keepalives=1 keepalives_idle={} keepalives_interval={} keepalives_count={RETRIES} \
         tcp_user_timeout={}",
        IDLE.as_secs(),
        INTERVAL.as_secs(),
        UNACKNOWLEDGED.as_millis()
    )
}

/// The server's side for a client program, as start-up options.
pub(crate) fn of_libpq_server() -> String {
    let each = OF_SERVER.map(|(name, value)| format!("-c {name}={value}"));
    each.join(" ")
}
