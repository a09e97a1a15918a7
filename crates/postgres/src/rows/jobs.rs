//! How many sessions a copy may open.

use crate::server::ServerInfo;

/// Large tables are copied by no more workers than this, unless asked for.
const MOST_BY_ITSELF: usize = 4;
/// Further workers for small tables, which wait for answers most of the time.
const SMALL_WORKERS: usize = 6;
/// Sessions that are left to others on each server: an eighth of them, and at
/// least this many (the app's, the provider's, a person's `psql`).
const LEAVE: usize = 8;

/// How many workers of each sort a copy has; each takes a session on either side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workers {
    /// Workers that take anything.
    pub any: usize,
    /// Workers that take small tables only.
    pub small: usize,
}

/// As many workers as were asked for, or as the machine has processors, and
/// never so many that a server's last sessions are taken. At least one.
#[must_use]
pub fn workers(asked: Option<usize>, old: &ServerInfo, new: &ServerInfo) -> Workers {
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    choose(asked, processors, free(old).min(free(new)))
}

fn choose(asked: Option<usize>, processors: usize, free: usize) -> Workers {
    // One more session on the old side keeps the snapshot.
    let most = free.saturating_sub(1).max(1);
    let any = asked
        .unwrap_or_else(|| processors.clamp(2, MOST_BY_ITSELF))
        .clamp(1, most);
    let small = match asked {
        Some(_) => 0,
        None => SMALL_WORKERS.min(most - any),
    };
    Workers { any, small }
}

/// Sessions that may still be opened without taking the last ones.
fn free(server: &ServerInfo) -> usize {
    let limit = server
        .role_connection_limit
        .map_or(server.max_connections, |limit| {
            limit.min(server.max_connections)
        });
    let limit = usize::try_from(limit).unwrap_or(0);
    let used = usize::try_from(server.connections_used).unwrap_or(0);
    limit
        .saturating_sub(used)
        .saturating_sub(LEAVE.max(limit / 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_sessions_are_never_taken() {
        assert_eq!(choose(None, 2, 60), Workers { any: 2, small: 6 });
        assert_eq!(choose(None, 16, 60), Workers { any: 4, small: 6 });
        assert_eq!(choose(Some(8), 2, 60), Workers { any: 8, small: 0 });
        assert_eq!(choose(Some(8), 2, 6), Workers { any: 5, small: 0 });
        assert_eq!(choose(None, 2, 4), Workers { any: 2, small: 1 });
        assert_eq!(choose(None, 2, 0), Workers { any: 1, small: 0 });
    }
}
