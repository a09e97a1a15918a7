//! Sessions that are lost.

use connect_swap_engine::{Ending, Entry, ErrorKind, Injection, Journal, MemoryJournal};

use crate::toy::{World, run};

/// The ending, and with what the step failed by the journal.
async fn loses(step: &'static str, times: u32) -> (World, Ending, Vec<ErrorKind>) {
    let (world, journal) = (World::default(), MemoryJournal::default());
    *world.loses.lock().expect("no test panics with it") = Some((step, times));
    let ending = run(&world, &journal, Injection::default()).await;
    let records = journal.records().await.expect("it is in memory");
    let failed = records
        .into_iter()
        .filter_map(|record| match record.record.entry {
            Entry::Failed { error, .. } => Some(error.kind),
            _ => None,
        });
    (world, ending, failed.collect())
}

#[tokio::test]
async fn a_step_that_loses_its_session_is_done_again() {
    for step in ["close", "copy", "switch", "open"] {
        let (_, ending, failed) = loses(step, 3).await;
        assert_eq!((ending, failed), (Ending::Done, vec![]), "{step}");
    }
}

#[tokio::test]
async fn sessions_that_are_lost_again_and_again_are_a_failure() {
    let (world, ending, failed) = loses("copy", 1000).await;
    let Ending::RolledBack { step, error } = ending else {
        panic!("{ending:?}");
    };
    assert_eq!((step.as_str(), error.kind), ("copy", ErrorKind::Failed));
    assert_eq!(failed, [ErrorKind::Failed]);
    assert!(world.on().is_empty(), "it went back");
}
