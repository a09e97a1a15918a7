//! What a customer altered on mapped tables.

use connect_swap_postgres::Part;

use crate::scene::{Scene, value};

#[tokio::test]
async fn what_the_owner_can_do_again_comes_along_once() {
    let scene = Scene::connect_only().await;
    scene
        .old
        .batch_execute(
            "ALTER TABLE salesforce.account SET (autovacuum_vacuum_scale_factor = 0.01, fillfactor = 70, toast.autovacuum_enabled = off); \
             ALTER TABLE salesforce.account REPLICA IDENTITY FULL; \
             ALTER TABLE salesforce.account CLUSTER ON hc_idx_account_systemmodstamp; \
             ALTER TABLE salesforce.account ALTER COLUMN name SET STATISTICS 500, ALTER COLUMN name SET (n_distinct = -0.5), \
                 ALTER COLUMN name SET STORAGE EXTERNAL, ALTER COLUMN _hc_err SET COMPRESSION pglz; \
             ALTER TABLE salesforce.contact REPLICA IDENTITY USING INDEX contact_pkey",
        )
        .await
        .unwrap();
    let altered = "SELECT string_agg(concat_ws(' ', c.relname, c.relreplident, c.reloptions::text, t.reloptions::text, \
                       (SELECT string_agg(concat_ws(' ', a.attname, a.attstattarget, a.attoptions::text, a.attstorage, a.attcompression), ', ' ORDER BY a.attname) \
                        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('name', '_hc_err', 'email')), \
                       (SELECT string_agg(concat_ws(' ', indexrelid::regclass, indisclustered, indisreplident), ', ' ORDER BY indexrelid::regclass::text) \
                        FROM pg_index WHERE indrelid = c.oid)), '; ' ORDER BY c.relname) \
                   FROM pg_class c LEFT JOIN pg_class t ON t.oid = c.reltoastrelid \
                   WHERE c.oid IN ('salesforce.account'::regclass, 'salesforce.contact'::regclass)";
    let wanted = value(&scene.old, altered).await;
    assert!(wanted.contains("fillfactor=70") && wanted.contains("autovacuum_enabled=off"));
    assert_ne!(value(&scene.new, altered).await, wanted);
    let report = scene.carry(Part::BeforeWindow).await;
    assert_eq!(value(&scene.new, altered).await, wanted);
    assert!(
        report
            .restored
            .iter()
            .any(|name| name == "salesforce.account: REPLICA IDENTITY FULL"),
        "{:#?}",
        report.restored
    );
    let again = scene.carry(Part::BeforeWindow).await;
    assert_eq!(again.restored, Vec::<String>::new());
}

#[tokio::test]
async fn a_column_that_connect_makes_of_another_type_is_told() {
    let scene = Scene::connect_only().await;
    scene
        .old
        .batch_execute("ALTER TABLE salesforce.contact ALTER COLUMN email TYPE text")
        .await
        .unwrap();
    let report = scene.carry(Part::BeforeWindow).await;
    assert_eq!(
        report.other_types,
        [
            "salesforce.contact.email: text in the old database, character varying(80) in the new one"
        ]
    );
}
