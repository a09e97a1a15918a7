//! Lost sessions and transfers that were cut short.

use std::sync::atomic::{AtomicUsize, Ordering};

use connect_swap_postgres::{
    CarryProgress, CopyOptions, Error, LoadProgress, LoadReport, Part, carry_schema,
    compare_definitions, compare_large_objects, copy_large_objects, load_tables, retract_window,
};
use tokio::sync::mpsc;

use crate::scene::{COPY, Scene, value};

/// Whatever has a few pages is cut into ranges.
const CUT: CopyOptions = CopyOptions {
    cut_from: 128 << 10,
    ..COPY
};

/// Rows enough for many ranges, keys and indexes to build on them.
const LARGE: &str = "\
CREATE TABLE public.large (id bigserial PRIMARY KEY, v text, n int);
INSERT INTO public.large (v, n) SELECT repeat(md5(i::text), 8), i FROM generate_series(1, 30000) i;
CREATE INDEX large_n ON public.large (n);
CREATE UNIQUE INDEX large_v ON public.large (v, id);
SELECT lo_from_bytea(0, decode(repeat('00ff', 700000), 'hex'));";

async fn large() -> Scene {
    let scene = Scene::full().await;
    scene.old.batch_execute(LARGE).await.unwrap();
    let _ = scene.carry(Part::BeforeWindow).await;
    scene
}

async fn load(
    scene: &Scene,
    options: CopyOptions,
    progress: impl Fn(LoadProgress<'_>) + Send + Sync,
) -> Result<LoadReport, Error> {
    let (tools, inventory) = (scene.tools().await, scene.inventory().await);
    let (old, new) = (&scene.databases.old, &scene.databases.new);
    let tables = inventory.tables_to_copy();
    copy_large_objects(old, new).await?;
    load_tables(&tools, old, new, &inventory, &tables, options, progress).await
}

async fn is_the_same(scene: &Scene) {
    let inventory = scene.inventory().await;
    let rows = scene.compare(&inventory.tables_to_copy()).await;
    assert!(rows.equal, "{:#?}", rows.differing().collect::<Vec<_>>());
    let definitions = compare_definitions(&scene.old, &scene.new, &inventory, Part::AfterRows)
        .await
        .unwrap();
    assert_eq!(definitions, []);
    let objects = compare_large_objects(&scene.old, &scene.new).await.unwrap();
    assert!(objects.equal, "{objects:?}");
}

/// Ends every session that copies or keeps the snapshot, on both servers.
async fn cut_connections(scene: &Scene) {
    let name = scene.databases.old.database();
    let (old, new) = crate::cluster::pair();
    for server in [old, new] {
        let session = server.superuser("postgres").await;
        session
            .execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = $1 AND application_name IN ('connect-swap copy', 'connect-swap snapshot')",
                &[&name],
            )
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_goes_on_in_the_piece_it_was_in() {
    let scene = large().await;
    let (tell, mut told) = mpsc::unbounded_channel();
    let (reconnected, rows_told) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let progress = |progress: LoadProgress<'_>| {
        // At a few moments of the rows, and when the first index is built.
        let cuts = match progress {
            LoadProgress::Rows { .. } => {
                [3, 25, 60].contains(&rows_told.fetch_add(1, Ordering::Relaxed))
            }
            LoadProgress::Building { done, .. } => done == 1,
            LoadProgress::Reconnecting { .. } => {
                reconnected.fetch_add(1, Ordering::Relaxed);
                false
            }
            _ => false,
        };
        if cuts {
            let _ = tell.send(());
        }
    };
    let cutting = async {
        while told.recv().await.is_some() {
            cut_connections(&scene).await;
        }
    };
    let options = CopyOptions {
        throttle: Some(8_000_000),
        ..CUT
    };
    let report = tokio::select! {
        report = load(&scene, options, progress) => report.unwrap(),
        () = cutting => unreachable!("the sender is kept"),
    };
    assert!(reconnected.load(Ordering::Relaxed) > 0, "nothing was cut");
    let rows = |name: &str| {
        let table = report.tables.iter().find(|one| one.table.name == name);
        table.unwrap().rows
    };
    // Nothing was counted, or copied, twice.
    assert_eq!((rows("large"), rows("users")), (30_000, 500));
    assert_eq!(
        value(&scene.new, "SELECT count(*) FROM public.large").await,
        "30000"
    );
    is_the_same(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_that_was_dropped_anywhere_is_done_again_from_the_start() {
    let scene = large().await;
    // What a whole load tells, to be cut at some of it.
    let count = AtomicUsize::new(0);
    let all = |_: LoadProgress<'_>| {
        count.fetch_add(1, Ordering::Relaxed);
    };
    let _ = load(&scene, CUT, all).await.unwrap();
    let all = count.load(Ordering::Relaxed);
    assert!(all > 100, "only {all} moments");
    let inventory = scene.inventory().await;
    for moment in (1..all).step_by(all / 12) {
        retract_window(&scene.new, &inventory).await.unwrap();
        let (tell, mut told) = mpsc::unbounded_channel();
        let seen = AtomicUsize::new(0);
        let progress = |_: LoadProgress<'_>| {
            if seen.fetch_add(1, Ordering::Relaxed) == moment {
                let _ = tell.send(());
            }
        };
        tokio::select! {
            _ = load(&scene, CUT, progress) => {}
            _ = told.recv() => {}
        }
        let _ = load(&scene, CUT, |_| {}).await.unwrap();
        is_the_same(&scene).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_transfer_that_was_dropped_anywhere_ends_in_the_same_state() {
    let whole = Scene::full().await;
    for part in [Part::BeforeWindow, Part::InWindow] {
        if part == Part::InWindow {
            let _ = whole.load().await;
        }
        let count = AtomicUsize::new(0);
        let all = |_: CarryProgress| {
            count.fetch_add(1, Ordering::Relaxed);
        };
        let (tools, inventory) = (whole.tools().await, whole.inventory().await);
        let (old, new) = (&whole.databases.old, &whole.databases.new);
        let _ = carry_schema(&tools, old, new, &inventory, part, all)
            .await
            .unwrap();
        let all = count.load(Ordering::Relaxed);
        // A new database each, as what is there already is skipped.
        for moment in (1..all).step_by((all / 5).max(1)) {
            let scene = Scene::full().await;
            if part == Part::InWindow {
                let _ = scene.carry(Part::BeforeWindow).await;
                let _ = scene.load().await;
            }
            let (tell, mut told) = mpsc::unbounded_channel();
            let seen = AtomicUsize::new(0);
            let progress = |_: CarryProgress| {
                if seen.fetch_add(1, Ordering::Relaxed) == moment {
                    let _ = tell.send(());
                }
            };
            let inventory = scene.inventory().await;
            let (old, new) = (&scene.databases.old, &scene.databases.new);
            tokio::select! {
                _ = carry_schema(&tools, old, new, &inventory, part, progress) => {}
                _ = told.recv() => {}
            }
            let again = scene.carry(part).await;
            assert_eq!(again.differing, [], "{part:?}, cut at {moment} of {all}");
        }
    }
}
