//! Copying rows and sequences.

use std::sync::Mutex;

use connect_swap_postgres::{
    Error, LoadProgress, Part, TableRef, advance_sequences, compare_sequences, copy_tables,
    set_sequences,
};

use crate::scene::{COPY, Scene, value};

#[tokio::test(flavor = "multi_thread")]
async fn all_rows_arrive_and_a_second_copy_replaces_the_first() {
    let scene = Scene::full().await;
    let _ = scene.carry(Part::BeforeWindow).await;
    let inventory = scene.inventory().await;
    let tables = inventory.tables_to_copy();
    let told = Mutex::new(Vec::new());
    let (old, new) = (&scene.databases.old, &scene.databases.new);
    let tell = |progress: LoadProgress<'_>| {
        if let LoadProgress::Copied { table, rows } = progress {
            told.lock().unwrap().push((table.clone(), rows));
        }
    };
    let copied = copy_tables(old, new, &inventory, &tables, COPY, tell)
        .await
        .unwrap();
    assert_eq!(copied.len(), tables.len());
    assert_eq!(told.lock().unwrap().len(), tables.len());
    let rows_of = |name: &str| {
        copied
            .iter()
            .find(|one| one.table.name == name)
            .unwrap()
            .rows
    };
    assert_eq!(
        (
            rows_of("plain"),
            rows_of("users"),
            rows_of("parent"),
            rows_of("none")
        ),
        (2000, 500, 2, 0)
    );
    let compared = scene.compare(&tables).await;
    assert!(compared.equal, "{compared:#?}");
    // No trigger fired on the way, and nothing is on its way to Salesforce.
    let touched = "SELECT count(*) || max(what) FROM public.touched";
    assert_eq!(
        value(&scene.new, touched).await,
        value(&scene.old, touched).await
    );
    assert_eq!(
        value(&scene.new, "SELECT count(*) FROM salesforce._trigger_log").await,
        "0"
    );

    scene
        .old
        .batch_execute(
            "DELETE FROM public.parent WHERE a = 1; UPDATE public.users SET score = 1 WHERE id = 7",
        )
        .await
        .unwrap();
    assert!(!scene.compare(&tables).await.equal);
    scene.copy(&tables).await.unwrap();
    assert!(scene.compare(&tables).await.equal);
    let load = scene.load().await;
    assert!(
        load.built
            .iter()
            .any(|name| name.starts_with("primary key"))
    );
    assert!(scene.compare(&tables).await.equal);

    let window = scene.carry(Part::InWindow).await;
    assert_eq!(window.differing, []);
    assert_eq!(
        value(&scene.new, "SELECT n FROM public.aa_second").await,
        "500"
    );
    let error = scene
        .copy(&[TableRef::new("public", "users")])
        .await
        .unwrap_err();
    assert!(matches!(error, Error::NotReady { .. }), "{error}");
    assert_eq!(
        value(&scene.new, "SELECT count(*) FROM public.users").await,
        "500"
    );
}

#[tokio::test]
async fn connects_tables_are_never_copied_into() {
    let scene = Scene::full().await;
    for (schema, name) in [
        ("salesforce", "account"),
        ("salesforce", "_trigger_log"),
        ("salesforce", "_hcmeta"),
        ("public", "unheard_of"),
    ] {
        let tables = [
            TableRef::new("public", "plain"),
            TableRef::new(schema, name),
        ];
        let error = scene.copy(&tables).await.unwrap_err();
        assert!(
            matches!(&error, Error::NotCopyable { table } if *table == tables[1]),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_database_is_never_copied_onto_itself() {
    let scene = Scene::full().await;
    let inventory = scene.inventory().await;
    let tables = [TableRef::new("public", "plain")];
    let old = &scene.databases.old;
    let error = copy_tables(old, old, &inventory, &tables, COPY, |_| {})
        .await
        .unwrap_err();
    assert!(matches!(error, Error::SameDatabase), "{error}");
    assert_eq!(
        value(&scene.old, "SELECT count(*) FROM public.plain").await,
        "2000"
    );
    let error = set_sequences(&scene.old, &scene.old, &inventory)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::SameDatabase), "{error}");
}

#[tokio::test]
async fn a_copy_that_fails_or_is_dropped_leaves_the_table_as_it_was() {
    let scene = Scene::full().await;
    let _ = scene.carry(Part::BeforeWindow).await;
    scene
        .new
        .batch_execute(
            "INSERT INTO public.plain (a) VALUES (42); \
             ALTER TABLE public.plain ADD CONSTRAINT small CHECK (a < 1500)",
        )
        .await
        .unwrap();
    let tables = [TableRef::new("public", "plain")];
    let error = scene.copy(&tables).await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("23514"), "{error}");
    assert_eq!(
        value(
            &scene.new,
            "SELECT string_agg(a::text, ',') FROM public.plain"
        )
        .await,
        "42"
    );

    // Dropped while the new side waits for a lock that is never given.
    let holder = scene.databases.new_session().await;
    holder
        .batch_execute("BEGIN; LOCK TABLE public.plain IN ACCESS SHARE MODE")
        .await
        .unwrap();
    let inventory = scene.inventory().await;
    let (old, new) = (&scene.databases.old, &scene.databases.new);
    let copying = copy_tables(old, new, &inventory, &tables, COPY, |_| {});
    let waiting = async {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while value(&scene.new, sql).await == "0" {}
    };
    tokio::select! {
        result = copying => panic!("{result:?}"),
        () = waiting => {}
    }
    holder.batch_execute("COMMIT").await.unwrap();
    assert_eq!(
        value(
            &scene.new,
            "SELECT string_agg(a::text, ',') FROM public.plain"
        )
        .await,
        "42"
    );
}

#[tokio::test]
async fn sequences_go_on_where_the_old_side_stopped() {
    let scene = Scene::full().await;
    let _ = scene.carry(Part::BeforeWindow).await;
    scene
        .old
        .batch_execute(
            "INSERT INTO salesforce.photo (id, url) VALUES (1000, 'by hand'); \
             CREATE SEQUENCE public.unused START 7; CREATE SEQUENCE public.round MAXVALUE 3 CYCLE; \
             SELECT nextval('public.round'), nextval('public.round'), nextval('public.round'), nextval('public.round')",
        )
        .await
        .unwrap();
    let _ = scene.carry(Part::BeforeWindow).await;
    let inventory = scene.inventory().await;
    let lagging = compare_sequences(&scene.old, &scene.new, &inventory)
        .await
        .unwrap();
    assert!(
        lagging
            .iter()
            .any(|one| one.object == "public.users_id_seq"),
        "{lagging:#?}"
    );
    for _ in 0..2 {
        let advanced = advance_sequences(&scene.old, &scene.new, &inventory)
            .await
            .unwrap();
        let beyond: Vec<&str> = advanced
            .iter()
            .filter(|one| one.beyond_old)
            .map(|one| one.sequence.name.as_str())
            .collect();
        assert_eq!(beyond, ["photo_id_seq"]);
        let set = set_sequences(&scene.old, &scene.new, &inventory)
            .await
            .unwrap();
        let of = |name: &str| {
            let one = set.iter().find(|one| one.sequence.name == name).unwrap();
            (one.value, one.is_called, one.beyond_old)
        };
        assert_eq!(of("users_id_seq"), (500, true, false));
        assert_eq!(of("photo_id_seq"), (1000, true, true));
        assert_eq!(of("countdown"), (-5, true, false));
        assert_eq!(of("standalone"), (500, true, false));
        assert_eq!(of("unused"), (7, false, false));
        assert_eq!(of("round"), (1, true, false));
        assert!(set.iter().all(|one| one.sequence.name != "account_id_seq"));
        assert_eq!(
            compare_sequences(&scene.old, &scene.new, &inventory)
                .await
                .unwrap(),
            []
        );
    }
    assert_eq!(
        value(&scene.new, "SELECT nextval('public.standalone')").await,
        "510"
    );
    assert_eq!(
        value(&scene.new, "SELECT nextval('public.countdown')").await,
        "-6"
    );
    assert_eq!(
        value(&scene.new, "SELECT nextval('public.unused')").await,
        "7"
    );
}

/// In the window no table is read, and there may be more sequences than one statement takes.
#[tokio::test]
async fn many_sequences_are_set_while_their_tables_cannot_be_read() {
    let scene = Scene::connect_only().await;
    scene
        .old
        .batch_execute(
            "CREATE SCHEMA \"it's; \"\"x\"\"\"; \
             DO $$ BEGIN FOR i IN 1..450 LOOP \
               EXECUTE format('CREATE TABLE %I.%I (%I bigserial)', 'it''s; \"x\"', 't \" '' ' || i, 'c\"''$1 ' || i); \
               EXECUTE format('INSERT INTO %I.%I VALUES (default), (%s)', 'it''s; \"x\"', 't \" '' ' || i, i * 10); \
             END LOOP; END $$; \
             CREATE SEQUENCE public.down INCREMENT -2 MAXVALUE 100 START 100; \
             CREATE SEQUENCE public.round MAXVALUE 9 CYCLE",
        )
        .await
        .unwrap();
    let _ = scene.carry(Part::BeforeWindow).await;
    let inventory = scene.inventory().await;
    let advanced = advance_sequences(&scene.old, &scene.new, &inventory)
        .await
        .unwrap();
    assert_eq!(advanced.len(), 452);
    assert_eq!(advanced.iter().filter(|one| one.beyond_old).count(), 450);
    // One goes on on the old side, one stands further on the new side.
    let moves = "SELECT nextval(pg_get_serial_sequence(format('%I.%I', 'it''s; \"x\"', 't \" '' 1'), 'c\"''$1 1')) \
                 FROM generate_series(1, 50)";
    scene.old.query(moves, &[]).await.unwrap();
    scene
        .old
        .batch_execute("SELECT setval('public.down', 60), setval('public.round', 3)")
        .await
        .unwrap();
    scene
        .new
        .batch_execute("SELECT setval('public.down', 50), setval('public.round', 7)")
        .await
        .unwrap();
    let tables: Vec<String> = inventory
        .tables_to_copy()
        .iter()
        .map(TableRef::sql)
        .collect();
    let holder = scene.databases.old_session().await;
    holder
        .batch_execute(&format!("BEGIN; LOCK TABLE {}", tables[..50].join(", ")))
        .await
        .unwrap();
    let set = set_sequences(&scene.old, &scene.new, &inventory)
        .await
        .unwrap();
    let of = |name: &str| {
        let one = set.iter().find(|one| one.sequence.name == name).unwrap();
        (one.value, one.is_called, one.beyond_old)
    };
    assert_eq!(of("t \" ' 1_c\"'$1 1_seq"), (51, true, false));
    assert_eq!(of("t \" ' 450_c\"'$1 450_seq"), (4500, true, true));
    assert_eq!(of("down"), (50, true, true));
    assert_eq!(of("round"), (3, true, false));
    assert_eq!(
        compare_sequences(&scene.old, &scene.new, &inventory)
            .await
            .unwrap(),
        []
    );
    let stands = "SELECT last_value FROM public.round";
    assert_eq!(value(&scene.new, stands).await, "3");
}
