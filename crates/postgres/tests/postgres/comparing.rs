//! What the comparison catches.

use connect_swap_postgres::{DifferenceKind, Part, TableRef, compare_definitions};

use crate::scene::Scene;

#[tokio::test]
async fn whatever_is_missing_or_different_on_the_new_side_is_caught() {
    let scene = Scene::full().await;
    let _ = scene.carry(Part::BeforeWindow).await;
    let _ = scene.load().await;
    let _ = scene.carry(Part::InWindow).await;
    let inventory = scene.inventory().await;
    let cases = [
        (
            "DROP INDEX salesforce.account_name_lower",
            "salesforce.account_name_lower",
            true,
        ),
        (
            "ALTER TABLE salesforce.account DISABLE TRIGGER account_touch",
            "account_touch on salesforce.account",
            false,
        ),
        (
            "ALTER TABLE public.users ENABLE TRIGGER users_off",
            "users_off on public.users",
            false,
        ),
        (
            "ALTER TABLE public.events_2024 ALTER COLUMN note SET NOT NULL",
            "public.events_2024",
            false,
        ),
        (
            "CREATE OR REPLACE VIEW public.accounts AS SELECT sfid, name FROM salesforce.account",
            "public.accounts",
            false,
        ),
        (
            "CREATE OR REPLACE FUNCTION public.shout(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT t'",
            "public.shout(pg_catalog.text)",
            false,
        ),
        (
            "ALTER TABLE public.plain DROP CONSTRAINT late",
            "late on public.plain",
            true,
        ),
        (
            "DROP POLICY plain_all ON public.plain",
            "plain_all on public.plain",
            true,
        ),
        (
            "ALTER TABLE public.plain DISABLE ROW LEVEL SECURITY",
            "public.plain",
            true,
        ),
        (
            "ALTER TABLE salesforce.contact NO FORCE ROW LEVEL SECURITY",
            "salesforce.contact (forced)",
            true,
        ),
        (
            "ALTER TYPE public.mood ADD VALUE 'new'",
            "public.mood",
            false,
        ),
        (
            "ALTER SEQUENCE public.standalone INCREMENT BY 1",
            "public.standalone",
            false,
        ),
        (
            "DROP TRIGGER users_always ON public.users",
            "users_always on public.users",
            true,
        ),
    ];
    let mut expected = 0;
    for (change, object, missing) in cases {
        scene.new.batch_execute(change).await.unwrap();
        expected += 1;
        let found = compare_definitions(&scene.old, &scene.new, &inventory, Part::InWindow)
            .await
            .unwrap();
        assert_eq!(found.len(), expected, "{change}: {found:#?}");
        let one = found
            .iter()
            .any(|one| one.object == object && (one.what == DifferenceKind::Missing) == missing);
        assert!(one, "{change}: {found:#?}");
    }
}

#[tokio::test]
async fn what_was_dropped_on_the_old_side_since_is_told() {
    let scene = Scene::full().await;
    let _ = scene.carry(Part::BeforeWindow).await;
    let _ = scene.load().await;
    scene
        .old
        .batch_execute(
            "ALTER TABLE public.users DROP CONSTRAINT \"odd \"\"name\"\"\"; DROP INDEX public.users_shout",
        )
        .await
        .unwrap();
    let inventory = scene.inventory().await;
    let found = compare_definitions(&scene.old, &scene.new, &inventory, Part::AfterRows)
        .await
        .unwrap();
    let extra: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        extra,
        [
            "index public.users_shout is on the new side only",
            "check constraint \"odd \"\"name\"\"\" on public.users is on the new side only"
        ]
    );
}

#[tokio::test]
async fn one_changed_value_and_one_lost_row_are_caught() {
    let scene = Scene::full().await;
    let _ = scene.carry(Part::BeforeWindow).await;
    let tables = ["users", "plain", "touched"].map(|name| TableRef::new("public", name));
    let _ = scene.load().await;
    scene
        .new
        .batch_execute("UPDATE public.users SET score = 'NaN' WHERE id = 3")
        .await
        .unwrap();
    scene
        .new
        .batch_execute("DELETE FROM public.plain WHERE a = 5")
        .await
        .unwrap();
    let rows = scene.compare(&tables).await;
    assert!(!rows.equal);
    let equal: Vec<bool> = rows.tables.iter().map(|table| table.equal).collect();
    assert_eq!(equal, [false, false, true], "{rows:#?}");
    assert_eq!(rows.tables[0].differing_keys, ["(3)"]);
    assert_eq!(
        rows.tables[1].differing_keys,
        Vec::<String>::new(),
        "it has no key"
    );
    let words = rows.tables[0].to_string();
    assert!(words.contains("first differing keys: (3)"), "{words}");
    scene
        .new
        .batch_execute("DELETE FROM public.users WHERE id IN (7, 8); DROP TABLE public.touched")
        .await
        .unwrap();
    let rows = scene.compare(&tables).await;
    assert_eq!(rows.tables[0].differing_keys, ["(3)", "(7)", "(8)"]);
    assert_eq!(rows.tables[2].new_rows, None);
    assert!(!rows.tables[2].equal);
}

/// What differs is in the definition of one side and not of the other's.
#[tokio::test]
async fn comments_and_settings_that_no_definition_holds_are_compared() {
    let scene = Scene::full().await;
    scene
        .old
        .batch_execute(
            "CREATE TYPE public.shape AS (a int); CREATE TABLE public.typed OF public.shape",
        )
        .await
        .unwrap();
    let _ = scene.carry(Part::BeforeWindow).await;
    let _ = scene.load().await;
    let _ = scene.carry(Part::InWindow).await;
    let inventory = scene.inventory().await;
    let users = "public.users";
    let cases = [
        (
            "TABLE public.users ALTER email SET STATISTICS 99",
            users,
            "email statistics 99",
        ),
        (
            "TABLE public.users ALTER raw SET STORAGE EXTERNAL",
            users,
            "raw storage e",
        ),
        (
            "TABLE public.users ALTER tags SET COMPRESSION pglz",
            users,
            "tags compression p",
        ),
        (
            "TABLE public.users ALTER id SET (n_distinct = 5)",
            users,
            "id options {n_distinct=5}",
        ),
        (
            "TABLE public.users SET (toast.autovacuum_enabled = false)",
            users,
            "toast {autovacuum_enabled=false}",
        ),
        (
            "TABLE public.typed NOT OF",
            "public.typed",
            "of public.shape",
        ),
        (
            "TABLE public.users CLUSTER ON users_pkey",
            "users_pkey on public.users",
            "clustered",
        ),
        (
            "TABLE public.events_2024 CLUSTER ON events_2024_at_idx",
            "public.events_2024_at_idx",
            "clustered",
        ),
        (
            "INDEX public.users_shout SET (fillfactor = 50)",
            "public.users_shout",
            "fillfactor='50'",
        ),
        (
            "INDEX public.users_shout ALTER COLUMN 1 SET STATISTICS 3",
            "public.users_shout",
            "column 1 statistics 3",
        ),
        (
            "INDEX public.users_pkey SET (fillfactor = 50)",
            "users_pkey on public.users",
            "{fillfactor=50}",
        ),
        (
            "STATISTICS public.plain_stats SET STATISTICS 7",
            "public.plain_stats",
            "statistics 7",
        ),
        (
            "SEQUENCE public.standalone SET UNLOGGED",
            "public.standalone",
            "persistence u",
        ),
        (
            "TABLE public.events_rest DISABLE TRIGGER events_touch",
            "events_touch on public.events",
            "public.events_rest D",
        ),
    ];
    let comments = [
        ("TABLE public.users", users, "comment 'new'"),
        ("COLUMN public.users.age", users, "comment age 'new'"),
        ("COLUMN public.pair.a", "public.pair", "comment a 'new'"),
        (
            "INDEX public.users_pkey",
            "users_pkey on public.users",
            "comment on the index 'new'",
        ),
        (
            "INDEX public.users_shout",
            "public.users_shout",
            "comment 'new'",
        ),
        (
            "CONSTRAINT \"odd \"\"name\"\"\" ON public.users",
            "\"odd \"\"name\"\"\" on public.users",
            "comment 'new'",
        ),
        ("FUNCTION public.later", "public.later()", "comment 'new'"),
        (
            "TRIGGER users_off ON public.users",
            "users_off on public.users",
            "comment 'new'",
        ),
        (
            "RULE no_cache_delete ON public.cache",
            "no_cache_delete on public.cache",
            "comment 'new'",
        ),
        (
            "POLICY plain_all ON public.plain",
            "plain_all on public.plain",
            "comment 'new'",
        ),
        (
            "SCHEMA \"App Data; --\"",
            "\"App Data; --\"",
            "comment 'new'",
        ),
        ("VIEW public.accounts", "public.accounts", "comment 'new'"),
    ];
    let altered = cases.map(|(change, object, word)| (format!("ALTER {change}"), object, word));
    let commented =
        comments.map(|(on, object, word)| (format!("COMMENT ON {on} IS 'new'"), object, word));
    for (change, object, word) in altered.into_iter().chain(commented) {
        scene.new.batch_execute(&change).await.unwrap();
        let found = compare_definitions(&scene.old, &scene.new, &inventory, Part::InWindow)
            .await
            .unwrap();
        let caught = found.iter().any(|one| match &one.what {
            DifferenceKind::Different { old, new } => {
                one.object == object && old.contains(word) != new.contains(word)
            }
            _ => false,
        });
        assert!(caught, "{change}: {found:#?}");
    }
}
