//! Kinds of objects that need more than an archive: large objects, forced
//! row-level security, publications, default privileges, constraints that were
//! never held against the rows.

use connect_swap_postgres::{
    CompareOptions, Forced, Part, TableRef, compare_definitions, compare_large_objects,
    compare_rows, copy_large_objects, uncarriable,
};

use crate::scene::{Scene, value};

const MORE: &str = include_str!("more.sql");

async fn scene() -> Scene {
    let scene = Scene::connect_only().await;
    scene.old.batch_execute(MORE).await.unwrap();
    scene
}

async fn moved() -> Scene {
    let scene = scene().await;
    assert_eq!(scene.carry(Part::BeforeWindow).await.differing, []);
    let _ = scene.load().await;
    assert_eq!(scene.carry(Part::InWindow).await.differing, []);
    assert_eq!(scene.validate().await.left, []);
    scene
}

#[tokio::test]
async fn all_of_it_is_carried_and_is_the_same() {
    let scene = moved().await;
    let inventory = scene.inventory().await;
    assert_eq!(uncarriable(&scene.old, &inventory).await.unwrap(), []);
    let all = compare_definitions(&scene.old, &scene.new, &inventory, Part::InWindow)
        .await
        .unwrap();
    assert_eq!(all, []);
    let rows = scene.compare(&inventory.tables_to_copy()).await;
    assert!(rows.equal, "{rows:#?}");
    for same in [
        "SELECT string_agg(concat(pubname, pubinsert, pubdelete, tablename), ',' ORDER BY tablename) FROM pg_publication JOIN pg_publication_tables USING (pubname)",
        "SELECT count(*) FROM pg_constraint WHERE NOT convalidated",
        "SELECT string_agg(defaclobjtype::text || array_to_string(defaclacl, ' '), ';' ORDER BY defaclobjtype) FROM pg_default_acl",
        "SELECT concat(relrowsecurity, relforcerowsecurity) FROM pg_class WHERE oid = 'public.hidden'::regclass",
        "SELECT string_agg(concat(polname, array_length(polroles, 1)), ',') FROM pg_policy",
        "SELECT string_agg(concat(a, v), ',' ORDER BY a) FROM public.by_key",
    ] {
        assert_eq!(
            value(&scene.new, same).await,
            value(&scene.old, same).await,
            "{same}"
        );
    }
    // Again, from the start of the window: as good as once.
    connect_swap_postgres::retract_window(&scene.new, &inventory)
        .await
        .unwrap();
    let _ = scene.load().await;
    assert_eq!(scene.carry(Part::InWindow).await.differing, []);
}

#[tokio::test]
async fn large_objects_keep_their_numbers_and_contents() {
    let scene = moved().await;
    let (old, new) = (&scene.old, &scene.new);
    let compared = compare_large_objects(old, new).await.unwrap();
    assert!(compared.equal && compared.old == 3, "{compared:?}");
    let read = "SELECT string_agg(md5(lo_get(content)), ',' ORDER BY content) FROM public.files";
    assert_eq!(value(new, read).await, value(old, read).await);

    // What an earlier attempt has left behind goes; what changed is replaced.
    old.batch_execute(
        "SELECT lo_put(content, 1500000, 'changed') FROM public.files WHERE name = 'long'; \
         SELECT lo_unlink(content) FROM public.files WHERE name = 'empty'",
    )
    .await
    .unwrap();
    let compared = compare_large_objects(old, new).await.unwrap();
    assert_eq!((compared.equal, compared.differing.len()), (false, 2));
    let again = copy_large_objects(&scene.databases.old, &scene.databases.new)
        .await
        .unwrap();
    assert_eq!(again.objects, 2);
    assert!(compare_large_objects(old, new).await.unwrap().equal);
}

#[tokio::test]
async fn a_table_of_forced_row_security_is_copied_whole_and_stays_as_it_is() {
    let scene = moved().await;
    let tables = [TableRef::new("public", "hidden")];
    // Its owner sees none of its rows.
    let count = "SELECT count(*) FROM public.hidden";
    assert_eq!(value(&scene.old, count).await, "0");
    assert_eq!(value(&scene.new, count).await, "0");
    let compared = scene.compare(&tables).await;
    assert_eq!(
        (compared.tables[0].old_rows, compared.tables[0].new_rows),
        (50, Some(50))
    );
    let forced = "SELECT relforcerowsecurity FROM pg_class WHERE oid = 'public.hidden'::regclass";
    assert_eq!(value(&scene.old, forced).await, "true");
    // A read-only look does not lift it, and says so.
    let options = CompareOptions {
        workers: 1,
        forced: Forced::LeaveOut,
    };
    let (old, new) = (&scene.databases.old, &scene.databases.new);
    let compared = compare_rows(old, new, &tables, options).await.unwrap();
    assert!(compared.equal && compared.tables[0].left_out.is_some());
}

#[tokio::test]
async fn definitions_that_a_dump_writes_in_another_form_are_the_same() {
    let scene = Scene::connect_only().await;
    scene
        .old
        .batch_execute(
            "CREATE TABLE public.jobs (id serial PRIMARY KEY, status varchar(20) NOT NULL, n int, \
               CONSTRAINT known CHECK (status IN ('new', 'old', 'it''s')), CONSTRAINT narrow CHECK (n BETWEEN 1 AND 5 AND n <> 3 AND n <> 4)); \
             CREATE INDEX open_jobs ON public.jobs (n) WHERE status IN ('new', 'old'); \
             CREATE VIEW public.shown AS SELECT * FROM public.jobs WHERE status NOT IN ('new', 'old') AND n BETWEEN 1 AND 2 AND n <> 3",
        )
        .await
        .unwrap();
    assert_eq!(scene.carry(Part::BeforeWindow).await.differing, []);
    let _ = scene.load().await;
    assert_eq!(scene.carry(Part::InWindow).await.differing, []);
    let inventory = scene.inventory().await;
    let compare = || compare_definitions(&scene.old, &scene.new, &inventory, Part::InWindow);
    assert_eq!(compare().await.unwrap(), []);
    scene
        .new
        .batch_execute(
            "ALTER TABLE public.jobs DROP CONSTRAINT known; \
             ALTER TABLE public.jobs ADD CONSTRAINT known CHECK (status IN ('new', 'old', 'its'))",
        )
        .await
        .unwrap();
    assert_eq!(compare().await.unwrap().len(), 1);
}

#[tokio::test]
async fn indexes_on_mapped_tables_are_built_concurrently_and_a_broken_one_again() {
    let scene = Scene::full().await;
    // A build that was cut short left an invalid index of that name.
    scene
        .new
        .batch_execute("INSERT INTO salesforce.account (name) VALUES ('a'), ('A')")
        .await
        .unwrap();
    scene
        .new
        .batch_execute("CREATE UNIQUE INDEX CONCURRENTLY account_name_lower ON salesforce.account (lower(name))")
        .await
        .unwrap_err();
    let report = scene.carry(Part::BeforeWindow).await;
    assert_eq!(report.differing, []);
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'salesforce.account_name_lower'::regclass";
    assert_eq!(value(&scene.new, valid).await, "true");
}
