//! Everything that Connect does not manage is carried over exactly: a
//! deliberately nasty database, judged by `pg_dump`.

use std::collections::{BTreeMap, BTreeSet};

use connect_swap_postgres::{
    Class, DifferenceKind, Inventory, Object, ObjectKind, Part, Session, When, advance_sequences,
    compare_definitions, compare_large_objects, compare_sequences, retract_window, set_sequences,
    uncarriable,
};
use tokio::sync::OnceCell;

use crate::cluster;
use crate::dumped::Dumped;
use crate::scene::Scene;

const NASTY: &str = include_str!("nasty.sql");
const MORE: &str = include_str!("nasty_more.sql");

/// Rows that Connect never lets anyone copy, as patterns of `pg_dump`.
const MANAGED: [&str; 3] = [
    "salesforce.account*",
    "salesforce.contact*",
    "salesforce._*",
];

/// Roles are a server's, and made once. Their oids are in another order there.
static ROLES: OnceCell<()> = OnceCell::const_new();

async fn make_roles() {
    let (reader, writer) = (
        "CREATE ROLE \"nasty reader\"",
        "CREATE ROLE \"Nasty\"\"Writer\"",
    );
    let (old, new) = tokio::task::spawn_blocking(cluster::pair).await.unwrap();
    for (server, statements) in [(old, [reader, writer]), (new, [writer, reader])] {
        let session = server.superuser("postgres").await;
        for statement in statements {
            session.batch_execute(statement).await.unwrap();
        }
    }
}

/// The nasty database, and a new one into which Connect has loaded its rows.
async fn nasty() -> Scene {
    let scene = Scene::connect_only().await;
    ROLES.get_or_init(make_roles).await;
    execute(&scene.old, NASTY).await;
    scene
        .old
        .batch_execute("RESET check_function_bodies")
        .await
        .unwrap();
    scene
        .new
        .batch_execute(
            "SET xmlbinary = 'hex'; \
             INSERT INTO salesforce.account (id, sfid, name, isdeleted) VALUES (70, '001B', 'it''s', true), (71, '001A', 'Acme', false); \
             INSERT INTO salesforce.contact (id, sfid, email, isdeleted) VALUES (72, '003A', 'a@b', false); \
             RESET xmlbinary",
        )
        .await
        .unwrap();
    scene
}

/// Runs a script, and shows where the server finds fault with it.
async fn execute(session: &Session, script: &str) {
    if let Err(error) = session.batch_execute(script).await {
        panic!("{error}: {:#?}", error.as_db_error());
    }
}

/// Moves everything, as a swap does.
async fn move_all(scene: &Scene) -> Inventory {
    let before = scene.carry(Part::BeforeWindow).await;
    assert_eq!(before.differing, []);
    let inventory = scene.inventory().await;
    advance_sequences(&scene.old, &scene.new, &inventory)
        .await
        .unwrap();
    move_rows(scene, &inventory).await;
    inventory
}

/// What a swap does in its window.
async fn move_rows(scene: &Scene, inventory: &Inventory) {
    let _ = scene.load().await;
    set_sequences(&scene.old, &scene.new, inventory)
        .await
        .unwrap();
    let window = scene.carry(Part::InWindow).await;
    assert_eq!(window.differing, []);
    let in_window = compare_definitions(&scene.old, &scene.new, inventory, Part::InWindow)
        .await
        .unwrap();
    assert_eq!(in_window, []);
    let keys = scene.validate().await;
    assert_eq!(keys.left, []);
    assert!(!keys.validated.is_empty());
}

/// A line an object: whose it is, what it is, when it is carried. Without the
/// members of extensions, and with one of the schemas that differ by name only.
fn listed(inventory: &Inventory, user: &str) -> String {
    let lines: BTreeSet<String> = inventory
        .objects
        .iter()
        .filter(|object| object.class != Class::Extension || object.kind == ObjectKind::Extension)
        .filter(|object| named_alike(object).is_none_or(|schema| schema == "two\nlines"))
        .map(|object| {
            let when = match &object.when {
                When::NotCarried(why) => format!("not carried: {why}"),
                when => format!("{when:?}").to_lowercase(),
            };
            let (class, kind) = (object.class, object.kind.words());
            let identity = object.identity.replace('\n', "\\n").replace(user, "%");
            format!("{class:?}: {kind} {identity} ({when})")
        })
        .collect();
    lines.into_iter().collect::<Vec<_>>().join("\n")
}

/// The schema of an object, if it is one of those with hostile names.
fn named_alike(object: &Object) -> Option<&str> {
    let own = (object.kind == ObjectKind::Schema).then_some(&object.name);
    let schema = object.schema.as_ref().or(own);
    let schema = schema.or(object.table.as_ref().map(|table| &table.schema))?;
    let others = ["nasty", "public", "salesforce", "Ext \"S\""];
    (!others.contains(&schema.as_str())).then_some(schema)
}

#[tokio::test]
async fn everything_in_a_nasty_database_is_judged_right() {
    let scene = nasty().await;
    let inventory = scene.inventory().await;
    assert_eq!(uncarriable(&scene.old, &inventory).await.unwrap(), []);
    insta::assert_snapshot!(listed(&inventory, scene.databases.old.user()));
    let mut alike: BTreeMap<&str, usize> = BTreeMap::new();
    for schema in inventory.unmanaged().filter_map(named_alike) {
        *alike.entry(schema).or_default() += 1;
    }
    assert_eq!(alike.len(), 25, "{alike:#?}");
    assert!(alike.values().all(|count| *count == 20), "{alike:#?}");
}

/// What `pg_dump` finds different, for people: in the schema, and in the data of
/// what is not Connect's.
async fn dumped_differences(scene: &Scene) -> (String, String) {
    let tools = scene.tools().await;
    let (old, new) = (&scene.databases.old, &scene.databases.new);
    // The new side's mapping has one more column. A dump of a dump names the type of a NULL, and
    // lists a policy's roles by their oids.
    let there_as_here = |entry: &str| {
        entry
            .replace("    industry character varying(255),\n", "")
            .replace("DEFAULT NULL::numeric", "DEFAULT NULL")
            .replace(
                "TO pg_monitor, \"Nasty\"\"Writer\", \"nasty reader\"",
                "TO pg_monitor, \"nasty reader\", \"Nasty\"\"Writer\"",
            )
    };
    let schema = ["--schema-only"];
    let here = Dumped::take(&tools, old, &schema).await;
    let there = Dumped::take(&tools, new, &schema).await.map(there_as_here);
    assert!(here.len() > 800, "only {} entries", here.len());
    let in_schema = here.differences(&there);

    // pg_dump itself cannot read a table whose row-level security is forced on its owner.
    let mut data = vec!["--data-only", "--exclude-table", "nasty.forced"];
    data.extend(
        MANAGED
            .iter()
            .flat_map(|pattern| ["--exclude-table", pattern]),
    );
    let here = Dumped::take(&tools, old, &data).await;
    let there = Dumped::take(&tools, new, &data).await;
    assert!(here.len() > 100, "only {} entries", here.len());
    (in_schema, here.differences(&there).replace(old.user(), "%"))
}

/// Moved past what its column holds, as announced.
const MOVED_ON: &str = "\
== Name: my Own__c_id_seq; Type: SEQUENCE SET; Schema: salesforce; Owner: %
- SELECT pg_catalog.setval('salesforce.\"my Own__c_id_seq\"', 1, true);
+ SELECT pg_catalog.setval('salesforce.\"my Own__c_id_seq\"', 1000, true);
";

#[tokio::test(flavor = "multi_thread")]
async fn a_nasty_database_is_the_same_for_pg_dump_afterwards() {
    let scene = nasty().await;
    let inventory = move_all(&scene).await;
    let (schema, data) = dumped_differences(&scene).await;
    assert!(schema.is_empty(), "{schema}");
    assert_eq!(data, MOVED_ON);

    let rows = scene.compare(&inventory.tables_to_copy()).await;
    assert!(rows.equal, "{:#?}", rows.differing().collect::<Vec<_>>());
    let objects = compare_large_objects(&scene.old, &scene.new).await.unwrap();
    assert!(objects.equal && objects.old == 2, "{objects:?}");
    assert_eq!(definitions(&scene, &inventory).await, []);
    assert_eq!(
        compare_sequences(&scene.old, &scene.new, &inventory)
            .await
            .unwrap(),
        []
    );
    // Nothing is on its way to Salesforce.
    let log = "SELECT count(*) FROM salesforce._trigger_log";
    assert_eq!(crate::scene::value(&scene.new, log).await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nasty_window_can_be_taken_back_and_gone_through_again() {
    let scene = nasty().await;
    let inventory = move_all(&scene).await;
    retract_window(&scene.new, &inventory).await.unwrap();
    move_rows(&scene, &inventory).await;
    let (schema, data) = dumped_differences(&scene).await;
    assert!(schema.is_empty(), "{schema}");
    assert_eq!(data, MOVED_ON);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nasty_database_arrives_where_extensions_are_elsewhere() {
    let scene = nasty().await;
    execute(
        &scene.new,
        "CREATE SCHEMA heroku_ext; CREATE EXTENSION citext SCHEMA heroku_ext; \
         CREATE EXTENSION pg_trgm SCHEMA heroku_ext; CREATE EXTENSION btree_gist SCHEMA heroku_ext",
    )
    .await;
    let inventory = move_all(&scene).await;
    assert_eq!(definitions(&scene, &inventory).await, []);
    let rows = scene.compare(&inventory.tables_to_copy()).await;
    assert!(rows.equal, "{:#?}", rows.differing().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_slip_after_a_correct_move_is_caught() {
    let scene = nasty().await;
    let inventory = move_all(&scene).await;
    let tables = inventory.tables_to_copy();
    execute(
        &scene.new,
        "UPDATE nasty.everything SET f = 'NaN' WHERE n = 4",
    )
    .await;
    let rows = scene.compare(&tables).await;
    let differing: Vec<String> = rows.differing().map(|one| one.table.to_string()).collect();
    assert_eq!(differing, ["nasty.everything"]);
    assert_eq!(rows.differing().next().unwrap().differing_keys, ["(4)"]);

    execute(
        &scene.new,
        "DROP INDEX salesforce.hc_idx_account_name_lower",
    )
    .await;
    let found = definitions(&scene, &inventory).await;
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(
        (found[0].kind, found[0].object.as_str(), &found[0].what),
        (
            ObjectKind::Index,
            "salesforce.hc_idx_account_name_lower",
            &DifferenceKind::Missing
        )
    );

    execute(
        &scene.new,
        "ALTER TABLE nasty.children DISABLE TRIGGER is_always",
    )
    .await;
    let found = definitions(&scene, &inventory).await;
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(
        found
            .iter()
            .any(|one| one.object == "is_always on nasty.children"),
        "{found:#?}"
    );

    execute(&scene.new, "SELECT setval('nasty.\"odd; identity\"', -3)").await;
    let found = compare_sequences(&scene.old, &scene.new, &inventory)
        .await
        .unwrap();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].object, "nasty.\"odd; identity\"");
    assert!(matches!(
        found[0].what,
        DifferenceKind::SequenceBehind {
            old_next: -5,
            new_next: -4
        }
    ));
}

#[tokio::test]
async fn what_is_not_carried_of_a_nasty_database_is_named() {
    let scene = nasty().await;
    execute(&scene.old, MORE).await;
    let inventory = scene.inventory().await;
    let found = uncarriable(&scene.old, &inventory).await.unwrap();
    let named: BTreeSet<String> = found
        .iter()
        .map(|one| format!("{} {}", one.kind, one.name).replace(scene.databases.old.user(), "%"))
        .collect();
    insta::assert_snapshot!(named.into_iter().collect::<Vec<_>>().join("\n"));
}

async fn definitions(
    scene: &Scene,
    inventory: &Inventory,
) -> Vec<connect_swap_postgres::Difference> {
    compare_definitions(&scene.old, &scene.new, inventory, Part::AfterWindow)
        .await
        .unwrap()
}
