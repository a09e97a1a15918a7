//! Tables with generated names, types and values arrive as they were.

mod tables;

use connect_swap_postgres::{Part, advance_sequences, compare_definitions, set_sequences};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::dumped::Dumped;
use crate::scene::Scene;

/// Tables a run, all in one database.
const CASES: usize = 24;

#[tokio::test(flavor = "multi_thread")]
async fn generated_tables_arrive_as_they_were() {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let scene = Scene::connect_only().await;
    for case in 0..CASES {
        let table = tables::table(case).new_tree(&mut runner).unwrap().current();
        for statement in table.statements() {
            if let Err(error) = scene.old.batch_execute(&statement).await {
                panic!("{error}: {:?}\n{statement}", error.as_db_error());
            }
        }
    }

    assert_eq!(scene.carry(Part::BeforeWindow).await.differing, []);
    let inventory = scene.inventory().await;
    let (old, new) = (&scene.databases.old, &scene.databases.new);
    let tables = inventory.tables_to_copy();
    assert_eq!(tables.len(), CASES);
    let _ = scene.load().await;
    advance_sequences(&scene.old, &scene.new, &inventory)
        .await
        .unwrap();
    set_sequences(&scene.old, &scene.new, &inventory)
        .await
        .unwrap();
    assert_eq!(scene.carry(Part::InWindow).await.differing, []);

    let rows = scene.compare(&tables).await;
    assert!(rows.equal, "{:#?}", rows.differing().collect::<Vec<_>>());
    let definitions = compare_definitions(&scene.old, &scene.new, &inventory, Part::InWindow)
        .await
        .unwrap();
    assert_eq!(definitions, []);
    let tools = scene.tools().await;
    let options = ["--exclude-schema=salesforce"];
    let here = Dumped::take(&tools, old, &options).await;
    let there = Dumped::take(&tools, new, &options).await;
    let differing = here.differences(&there);
    assert!(differing.is_empty(), "{differing}");
}
