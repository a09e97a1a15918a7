//! How much of the server's lock table the capture takes: it is one for all sessions, the app's too.

use connect_swap_postgres::{Rounds, capture_sizes, lock_room, units};

use crate::capturing::{all, followed, is_equal};
use crate::cluster::pair;

/// The logs that any session has locked, apart from the one that asks.
const LOCKED_LOGS: &str = "\
SELECT DISTINCT c.relname::text FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation
WHERE l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
  AND l.pid <> pg_catalog.pg_backend_pid() AND c.relname LIKE 'log\\_%' ORDER BY 1";

#[tokio::test]
async fn a_round_locks_no_log_that_nothing_was_written_to() {
    let scene = followed().await;
    let change = "UPDATE followed.plain SET note = 'changed' WHERE id = 7";
    scene.old.batch_execute(change).await.unwrap();
    let units = all(&scene).await;
    let changed = units.iter().find(|unit| unit.unit.table.name == "plain");
    let boss = pair().0.superuser(scene.databases.old.database()).await;
    let (old, new) = (&scene.databases.old, &scene.databases.new);
    let mut rounds = Rounds::open(old, new).await.unwrap();
    let open = rounds.begin().await.unwrap();
    let locked = boss.query(LOCKED_LOGS, &[]).await.unwrap();
    let locked: Vec<String> = locked.iter().map(|row| row.get(0)).collect();
    assert_eq!(locked, [format!("log_{}", changed.unwrap().number)]);
    let report = open.finish().await.unwrap();
    assert_eq!(report.keys(), 1);
    drop(rounds);
    is_equal(&scene).await;
}

#[tokio::test]
async fn the_servers_room_is_read_and_what_would_be_locked_counted() {
    let scene = followed().await;
    let found = units(&scene.old, &scene.inventory().await).await.unwrap();
    let locks = lock_room(&scene.old, &found).await.unwrap();
    let watched: usize = found.iter().map(|unit| unit.watched.len()).sum();
    assert_eq!(locks.tables, watched as u64);
    assert!(locks.indexes > 8 && locks.logs > 8, "{locks:?}");
    // 64 locks are the default; the rest is how these servers are started.
    assert_eq!(locks.room, 64 * (90 + 4));
    assert!(locks.suffices());
    let sizes = capture_sizes(&scene.old, &all(&scene).await).await.unwrap();
    assert_eq!((sizes.keys, sizes.bytes > 0), (0, true));
}
