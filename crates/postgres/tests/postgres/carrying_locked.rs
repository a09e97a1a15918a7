//! Carrying schema objects while somebody locks a table.

use std::time::{Duration, Instant};

use connect_swap_postgres::{Part, carry_schema};

use crate::scene::{Scene, value};

const BOUND: Duration = Duration::from_secs(60);
/// Sessions of `pg_dump` that wait for a lock.
const WAITING: &str = "(SELECT count(*) FROM pg_stat_activity WHERE application_name = 'connect-swap schema' \
     AND wait_event_type = 'Lock')";

/// Whoever waits for a lock without end may cost the app its transaction.
#[tokio::test]
async fn a_locked_table_is_waited_for_by_giving_way() {
    let scene = Scene::connect_only().await;
    scene
        .old
        .batch_execute("CREATE TABLE public.orders (id int PRIMARY KEY)")
        .await
        .unwrap();
    let (tools, inventory) = (scene.tools().await, scene.inventory().await);
    let app = scene.databases.old_session().await;
    app.batch_execute("BEGIN; LOCK TABLE public.orders IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let meanwhile = async {
        let started = Instant::now();
        for waits in ["1", "0"] {
            while value(&scene.old, WAITING).await != waits {
                assert!(started.elapsed() < BOUND, "not {waits} are waiting");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        app.batch_execute("TRUNCATE public.orders; COMMIT")
            .await
            .unwrap();
    };
    let (old, new) = (&scene.databases.old, &scene.databases.new);
    let carried = carry_schema(&tools, old, new, &inventory, Part::BeforeWindow, |_| {});
    let (report, ()) = tokio::join!(carried, meanwhile);
    assert_eq!(report.unwrap().differing, []);
    assert_eq!(
        value(&scene.new, "to_regclass('public.orders')::text").await,
        "public.orders"
    );
}
