//! What Connect left in the database, and what hangs on it.

use connect_swap_postgres::{
    ReferenceKind, TableRef, available_extensions, extensions, failed_rows, id_references,
    trigger_log, unreadable_large_objects, unsynced_rows,
};

use crate::scene::{Scene, spec};

#[tokio::test]
async fn the_trigger_log_is_counted_by_state() {
    let scene = Scene::connect_only().await;
    scene
        .old
        .batch_execute(
            "INSERT INTO salesforce.account (name) VALUES ('a'), ('b'), ('c'); \
             UPDATE salesforce._trigger_log SET state = 'PENDING' WHERE id = 2; \
             UPDATE salesforce._trigger_log SET state = 'FAILED', sf_message = 'no such field' WHERE id = 3; \
             INSERT INTO salesforce._trigger_log_archive (id, state) VALUES (-1, 'FAILED'), (-2, 'SUCCESS')",
        )
        .await
        .unwrap();
    let log = trigger_log(&scene.old, "salesforce").await.unwrap();
    assert!(log.present);
    assert_eq!(
        (
            log.new,
            log.pending,
            log.failed,
            log.failed_archived,
            log.max_id
        ),
        (1, 1, 1, 1, 3)
    );
    let failed = failed_rows(&scene.old, "salesforce", 10).await.unwrap();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].message.as_deref(), Some("no such field"));
    assert_eq!(
        (failed[0].table.as_deref(), failed[0].record_id),
        (Some("account"), Some(3))
    );
    assert!(
        !trigger_log(&scene.old, "no \"such\" schema")
            .await
            .unwrap()
            .present
    );
    assert_eq!(failed_rows(&scene.old, "nowhere", 10).await.unwrap(), []);
}

#[tokio::test]
async fn rows_that_salesforce_does_not_have_are_listed() {
    let scene = Scene::connect_only().await;
    assert_eq!(unsynced_rows(&scene.old, &spec()).await.unwrap(), []);
    scene
        .old
        .batch_execute(
            "SET xmlbinary = 'hex'; \
             INSERT INTO salesforce.account (sfid, name) VALUES ('001a', 'a'), (NULL, 'b'), ('001c', 'c'), ('001d', 'd'); \
             ALTER TABLE salesforce.account DISABLE TRIGGER USER; \
             UPDATE salesforce.account SET _hc_lastop = 'FAILED', _hc_err = 'bad' WHERE id IN (2, 3); \
             ALTER TABLE salesforce.account ENABLE TRIGGER USER; \
             INSERT INTO salesforce.contact (sfid) VALUES (NULL); RESET xmlbinary",
        )
        .await
        .unwrap();
    let found = unsynced_rows(&scene.old, &spec()).await.unwrap();
    assert_eq!(
        found.len(),
        1,
        "a mapping that only reads sends nothing: {found:#?}"
    );
    assert_eq!(found[0].table, TableRef::new("salesforce", "account"));
    assert_eq!(
        (found[0].without_sfid, found[0].failed, found[0].count),
        (1, 2, 2)
    );
    assert_eq!(found[0].sample_ids, [2, 3]);
}

#[tokio::test]
async fn what_uses_a_managed_id_is_found() {
    let scene = Scene::full().await;
    assert_eq!(
        id_references(&scene.old, &spec()).await.unwrap(),
        [],
        "sfid is safe"
    );
    scene
        .old
        .batch_execute(
            "CREATE TABLE public.notes (account_id int CONSTRAINT to_id REFERENCES salesforce.account (id)); \
             CREATE VIEW public.everything AS SELECT * FROM salesforce.account; \
             CREATE VIEW public.counted AS SELECT count(*) FROM salesforce.account; \
             CREATE VIEW public.documents AS SELECT row_to_json(a) AS document FROM salesforce.account a; \
             CREATE MATERIALIZED VIEW public.ids AS SELECT id FROM salesforce.contact; \
             CREATE TABLE public.audit (contact text, at timestamptz); \
             CREATE RULE note AS ON UPDATE TO salesforce.contact DO ALSO INSERT INTO public.audit (contact) VALUES (new.id::text); \
             CREATE POLICY low ON salesforce.contact USING (id < 1000); \
             CREATE FUNCTION public.newest() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT max(id) FROM salesforce.account; END; \
             CREATE FUNCTION public.names() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(name) FROM salesforce.account; END",
        )
        .await
        .unwrap();
    let found = id_references(&scene.old, &spec()).await.unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|one| (one.kind, one.name.as_str(), one.managed.name.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (ReferenceKind::View, "documents", "account"),
            (ReferenceKind::View, "everything", "account"),
            (ReferenceKind::MaterializedView, "ids", "contact"),
            (ReferenceKind::Function, "newest", "account"),
            (ReferenceKind::ForeignKey, "to_id", "account"),
            (ReferenceKind::Policy, "low", "contact"),
            (ReferenceKind::Rule, "note", "contact"),
        ]
    );
}

#[tokio::test]
async fn columns_that_are_named_as_if_they_held_an_id_are_guessed() {
    let scene = Scene::connect_only().await;
    scene
        .old
        .batch_execute(
            "CREATE TABLE public.accounts (account_id bigserial PRIMARY KEY); \
             CREATE TABLE public.orders (account_id bigint REFERENCES public.accounts, contact_id text, contacts_id int); \
             CREATE TABLE public.invoices (\"Account_Id\" bigint, total int) PARTITION BY RANGE (total); \
             CREATE TABLE public.invoices_all PARTITION OF public.invoices DEFAULT",
        )
        .await
        .unwrap();
    let found = id_references(&scene.old, &spec()).await.unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|one| {
            let table = format!("{}.{}", one.relation, one.name);
            (one.kind, table, one.managed.name.as_str())
        })
        .collect();
    assert_eq!(
        found,
        [
            (
                ReferenceKind::Column,
                "public.invoices.Account_Id".to_owned(),
                "account"
            ),
            (
                ReferenceKind::Column,
                "public.orders.contacts_id".to_owned(),
                "contact"
            ),
        ]
    );
}

#[tokio::test]
async fn extensions_are_listed_and_large_objects_of_others_counted() {
    let scene = Scene::full().await;
    let installed = extensions(&scene.old).await.unwrap();
    let citext = installed.iter().find(|one| one.name == "citext").unwrap();
    assert_eq!(citext.schema, "public");
    let available = available_extensions(&scene.new).await.unwrap();
    let citext = available.iter().find(|one| one.name == "citext").unwrap();
    assert!(citext.default_version.is_some() && citext.installed_version.is_none());
    scene
        .old
        .batch_execute("SELECT pg_catalog.lo_create(0)")
        .await
        .unwrap();
    assert_eq!(unreadable_large_objects(&scene.old).await.unwrap(), 0);
    let (old, _) = crate::cluster::pair();
    let boss = old.superuser(scene.databases.old.database()).await;
    boss.batch_execute("SELECT pg_catalog.lo_create(4711)")
        .await
        .unwrap();
    assert_eq!(unreadable_large_objects(&scene.old).await.unwrap(), 1);
    boss.batch_execute("GRANT SELECT ON LARGE OBJECT 4711 TO PUBLIC")
        .await
        .unwrap();
    assert_eq!(unreadable_large_objects(&scene.old).await.unwrap(), 0);
}
