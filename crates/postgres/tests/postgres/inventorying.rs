//! Whose an object is.

use std::collections::BTreeSet;

use connect_swap_postgres::{Class, ObjectKind, When, uncarriable};

use crate::scene::{Scene, spec};

fn names(scene: &connect_swap_postgres::Inventory, class: Class) -> BTreeSet<String> {
    scene
        .objects
        .iter()
        .filter(|object| object.class == class)
        .map(|object| format!("{} {}", object.kind.words(), object.identity))
        .collect()
}

#[tokio::test]
async fn a_database_with_nothing_but_connect_has_nothing_unmanaged() {
    let scene = Scene::connect_only().await;
    let inventory = scene.inventory().await;
    assert_eq!(names(&inventory, Class::Unmanaged), BTreeSet::new());
    let managed = names(&inventory, Class::Managed);
    for expected in [
        "table salesforce.account",
        "sequence salesforce.account_id_seq",
        "primary key account_pkey on salesforce.account",
        "index salesforce.hc_idx_account_systemmodstamp",
        "index salesforce.hcu_idx_account_sfid",
        "trigger hc_account_logtrigger on salesforce.account",
        "trigger hc_account_status_trigger on salesforce.account",
        "function salesforce.hc_account_logger()",
        "function salesforce.hc_account_status()",
    ] {
        assert!(
            managed.contains(expected),
            "{expected} is not among {managed:#?}"
        );
    }
    let internal = names(&inventory, Class::ConnectInternal);
    for expected in [
        "schema salesforce",
        "table salesforce._trigger_log",
        "table salesforce._hcmeta",
        "trigger tlog_insert_trigger on salesforce._trigger_log",
        "index salesforce.idx__sf_event_log_sfid",
        "function public.get_xmlbinary()",
        "function salesforce.tlog_notify_trigger()",
    ] {
        assert!(
            internal.contains(expected),
            "{expected} is not among {internal:#?}"
        );
    }
    assert_eq!(uncarriable(&scene.old, &inventory).await.unwrap(), []);
}

#[tokio::test]
async fn customers_objects_are_unmanaged_wherever_they_are() {
    let scene = Scene::full().await;
    let inventory = scene.inventory().await;
    let unmanaged = names(&inventory, Class::Unmanaged);
    for expected in [
        "table salesforce.photo",
        "table salesforce._trigger_log_2023",
        "sequence salesforce.photo_id_seq",
        "index salesforce.account_name_lower",
        "index salesforce.hc_idx_contact_email",
        "check constraint name_not_empty on salesforce.account",
        "trigger account_touch on salesforce.account",
        "function salesforce.touch()",
        "view public.accounts",
        "schema \"App Data; --\"",
        "table \"App Data; --\".\"Select\"",
        "foreign key photo_sfid_fkey on salesforce.photo",
        "partitioned table public.events",
        "row-level security public.plain",
        "domain public.positive",
        "cast (public.pair AS pg_catalog.text)",
        "statistics object public.plain_stats",
    ] {
        assert!(
            unmanaged.contains(expected),
            "{expected} is not among {unmanaged:#?}"
        );
    }
    assert!(!unmanaged.contains("table salesforce._trigger_log"));
    assert!(!unmanaged.iter().any(|name| name.contains("citext")));
    let when = |kind, name: &str| {
        let object = inventory
            .objects
            .iter()
            .find(|o| o.kind == kind && o.name == name)
            .unwrap();
        object.when.clone()
    };
    assert_eq!(when(ObjectKind::Trigger, "account_touch"), When::Window);
    assert_eq!(
        when(ObjectKind::ForeignKey, "photo_sfid_fkey"),
        When::Window
    );
    assert_eq!(when(ObjectKind::Index, "account_name_lower"), When::Prep);
    assert!(matches!(
        when(ObjectKind::Table, "account"),
        When::NotCarried(_)
    ));
    let copied = inventory.tables_to_copy();
    assert_eq!(
        copied[0].to_string(),
        "public.plain",
        "the largest is first"
    );
    assert!(
        copied
            .iter()
            .all(|table| table.name != "_trigger_log" && table.name != "account")
    );
    assert!(copied.iter().any(|table| table.name == "_trigger_log_2023"));
    assert!(copied.iter().any(|table| table.name == "events_2024"));
    assert!(copied.iter().all(|table| table.name != "events"));
    assert_eq!(uncarriable(&scene.old, &inventory).await.unwrap(), []);
    let text = serde_json::to_string(&inventory).unwrap();
    assert_eq!(
        serde_json::from_str::<connect_swap_postgres::Inventory>(&text)
            .unwrap()
            .objects,
        inventory.objects
    );
}

#[tokio::test]
async fn what_cannot_be_carried_is_named() {
    let scene = Scene::connect_only().await;
    scene
        .old
        .batch_execute(
            "CREATE TABLE public.t (a int); \
             ALTER TABLE public.t ENABLE ROW LEVEL SECURITY; \
             ALTER TABLE salesforce.account ADD COLUMN my_own text; \
             CREATE INDEX account_on_my_own ON salesforce.account (my_own); \
             ALTER TABLE salesforce.account ALTER COLUMN name SET DEFAULT 'x'; \
             ALTER TABLE salesforce.contact ALTER COLUMN sfid SET NOT NULL; \
             ALTER TABLE salesforce.contact DROP CONSTRAINT contact_pkey, ADD PRIMARY KEY (id, sfid); \
             ALTER TABLE salesforce.contact ADD COLUMN _hc_mine text, ALTER COLUMN id TYPE bigint; \
             ALTER TABLE salesforce.contact SET UNLOGGED; \
             CREATE TABLE public.base (isdeleted bool); ALTER TABLE salesforce.account INHERIT public.base; \
             CREATE TABLE salesforce.gone (id serial PRIMARY KEY, sfid varchar(18), _hc_lastop text, _hc_err text); \
             CREATE TYPE public.tint AS ENUM ('a'); CREATE DOMAIN public.tints AS public.tint[]; \
             CREATE TABLE public.by_tint (t public.tint) PARTITION BY HASH (t); \
             CREATE TABLE public.by_tints (t public.tints) PARTITION BY HASH (t); \
             CREATE TABLE public.by_list (t public.tint) PARTITION BY LIST (t); \
             CREATE TABLE public.whole_rows (a salesforce.account[]); \
             CREATE TABLE public.unreadable (a int); REVOKE SELECT ON public.unreadable FROM CURRENT_USER, PUBLIC; \
             INSERT INTO public.t VALUES (1), (1)",
        )
        .await
        .unwrap();
    scene
        .old
        .batch_execute("CREATE UNIQUE INDEX CONCURRENTLY broken ON public.t (a)")
        .await
        .unwrap_err();
    let (old, _) = crate::cluster::pair();
    old.superuser(scene.databases.old.database())
        .await
        .batch_execute(&format!(
            "CREATE FUNCTION public.et() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; \
             ALTER FUNCTION public.et() OWNER TO {0}; \
             CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION public.et(); \
             CREATE FOREIGN DATA WRAPPER fdw; ALTER FOREIGN DATA WRAPPER fdw OWNER TO boss; \
             CREATE SERVER far FOREIGN DATA WRAPPER fdw; ALTER SERVER far OWNER TO boss; \
             GRANT USAGE ON FOREIGN SERVER far TO {0}; \
             CREATE USER MAPPING FOR boss SERVER far; \
             CREATE ACCESS METHOD heap_again TYPE TABLE HANDLER heap_tableam_handler; \
             CREATE SCHEMA provider; CREATE TABLE provider.t (a int); \
             CREATE FUNCTION public.low(text) RETURNS int LANGUAGE internal AS 'textlen'; \
             CREATE TABLE public.by_support (a int)",
            scene.databases.old.user()
        ))
        .await
        .unwrap();
    scene
        .old
        .batch_execute(
            "CREATE FOREIGN TABLE public.remote (a int) SERVER far; \
             CREATE USER MAPPING FOR CURRENT_USER SERVER far",
        )
        .await
        .unwrap();
    let inventory = scene.inventory().await;
    let found = uncarriable(&scene.old, &inventory).await.unwrap();
    let named: BTreeSet<String> = found
        .iter()
        .map(|one| format!("{} {}", one.kind, one.name))
        .collect();
    for expected in [
        "index salesforce.account_on_my_own",
        "table public.by_support",
        "column of a managed table salesforce.account.my_own",
        "column of a managed table salesforce.account.name",
        "column of a managed table salesforce.contact.sfid",
        "column of a managed table salesforce.contact._hc_mine",
        "column of a managed table salesforce.contact.id",
        "managed table salesforce.contact",
        "managed table salesforce.account",
        "primary key contact_pkey on salesforce.contact",
        "table salesforce.gone",
        "index public.broken",
        "foreign table public.remote",
        "access method heap_again",
        &format!("user mapping {} on server far", scene.databases.old.user()),
        "partitioned table public.by_tint",
        "partitioned table public.by_tints",
        "table public.whole_rows",
        "table public.unreadable",
    ] {
        assert!(
            named.contains(expected),
            "{expected} is not among {named:#?}"
        );
    }
    assert!(
        !named.contains("partitioned table public.by_list"),
        "{named:#?}"
    );
    // What a superuser made is the provider's, and no customer's concern.
    let provider = names(&inventory, Class::Provider);
    for expected in [
        "event trigger mine",
        "foreign server far",
        "user mapping boss on server far",
        "schema provider",
        "table provider.t",
        "function public.low(pg_catalog.text)",
    ] {
        assert!(
            provider.contains(expected),
            "{expected} is not among {provider:#?}"
        );
    }
    // Unless it may hold the customer's rows: then it is named while they cannot be read.
    let by_support = connect_swap_postgres::TableRef::new("public", "by_support");
    assert!(!inventory.may_copy(&by_support));
    old.superuser(scene.databases.old.database())
        .await
        .batch_execute(&format!(
            "GRANT SELECT ON public.by_support TO {}",
            scene.databases.old.user()
        ))
        .await
        .unwrap();
    assert!(scene.inventory().await.may_copy(&by_support));
    assert!(
        found
            .iter()
            .all(|one| !one.reason.is_empty() && !one.what_to_do.is_empty())
    );
    assert!(!inventory.may_copy(&connect_swap_postgres::TableRef::new("salesforce", "gone")));
    assert_eq!(spec().tables.len(), 2);
}

#[tokio::test]
async fn an_extensions_table_that_may_not_be_read_is_named() {
    let scene = Scene::connect_only().await;
    let (old, _) = crate::cluster::pair();
    old.superuser(scene.databases.old.database())
        .await
        .batch_execute(
            "CREATE TABLE public.jobs (a int); ALTER EXTENSION hstore ADD TABLE public.jobs; \
             UPDATE pg_catalog.pg_extension SET extconfig = ARRAY['public.jobs'::regclass::oid], extcondition = '{\"\"}' \
             WHERE extname = 'hstore'",
        )
        .await
        .unwrap();
    let found = uncarriable(&scene.old, &scene.inventory().await)
        .await
        .unwrap();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].name, "public.jobs");
    assert!(found[0].reason.contains("may not read"));
}
