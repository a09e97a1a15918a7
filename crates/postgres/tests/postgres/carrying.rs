//! Carrying schema objects.

use connect_swap_postgres::{Error, Part, compare_definitions, pg_tools, retract_window};

use crate::scene::{Scene, value};

#[tokio::test]
async fn an_ordinary_nasty_schema_arrives_whole_and_again_changes_nothing() {
    let scene = Scene::full().await;
    let first = scene.carry(Part::BeforeWindow).await;
    assert_eq!(first.differing, []);
    assert!(
        first
            .restored
            .iter()
            .any(|name| name == "index salesforce.account_name_lower")
    );
    // Named like Connect's, and asked for by no mapping.
    assert!(
        first
            .restored
            .iter()
            .any(|name| name == "index salesforce.hc_idx_contact_email")
    );
    assert!(
        first
            .restored
            .iter()
            .any(|name| name == "check constraint name_not_empty on salesforce.account")
    );
    assert_eq!(
        value(&scene.new, "ROW(7, 'seven')::public.pair::text").await,
        "7 seven"
    );
    // Nothing that fires or holds rows back is there before the window.
    let early = "SELECT (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE '%touch%') \
                 + (SELECT count(*) FROM pg_constraint WHERE contype = 'f')";
    assert_eq!(value(&scene.new, early).await, "0");
    assert_eq!(
        value(
            &scene.new,
            "SELECT obj_description('public.users'::regclass)"
        )
        .await,
        "It's us; -- users"
    );
    assert_eq!(
        value(
            &scene.new,
            "SELECT obj_description('salesforce.account'::regclass)"
        )
        .await,
        "from Salesforce"
    );
    assert_eq!(
        value(
            &scene.new,
            "has_function_privilege('public', 'public.shout(text)', 'execute')"
        )
        .await,
        "false"
    );
    assert_eq!(
        value(
            &scene.new,
            "has_table_privilege('public', 'public.users', 'select')"
        )
        .await,
        "true"
    );

    let again = scene.carry(Part::BeforeWindow).await;
    assert_eq!(again.restored, Vec::<String>::new());
    assert!(again.already_there >= first.restored.len() - 1, "{again:?}");

    let loaded = scene.load().await;
    for expected in [
        "primary key users_pkey on public.users",
        "index public.events_2024_at_idx",
    ] {
        assert!(
            loaded.built.iter().any(|name| name == expected),
            "{loaded:#?}"
        );
    }
    let window = scene.carry(Part::InWindow).await;
    assert_eq!(window.differing, []);
    assert_eq!(window.refreshed, ["public.zz_first", "public.aa_second"]);
    let states = "SELECT string_agg(tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text, ', ' ORDER BY tgrelid::regclass::text, tgname) \
                  FROM pg_trigger WHERE NOT tgisinternal AND tgname ~ '^(users|account|events)_'";
    assert_eq!(
        value(&scene.new, states).await,
        value(&scene.old, states).await
    );
    assert!(
        value(&scene.new, states)
            .await
            .contains("public.events_2024 events_touch D")
    );
    let secured = "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = 'salesforce.contact'::regclass";
    assert_eq!(value(&scene.new, secured).await, "true");
    let again = scene.carry(Part::InWindow).await;
    assert_eq!(again.restored, Vec::<String>::new());

    let all = compare_definitions(
        &scene.old,
        &scene.new,
        &scene.inventory().await,
        Part::InWindow,
    )
    .await
    .unwrap();
    assert_eq!(all, []);
    // Views over managed tables work, on the new side's own rows.
    assert_eq!(
        value(&scene.new, "SELECT count(*) FROM public.accounts_of_users").await,
        "0"
    );
}

#[tokio::test]
async fn the_window_part_can_be_taken_back_and_made_again() {
    let scene = Scene::full().await;
    let _ = scene.carry(Part::BeforeWindow).await;
    let _ = scene.load().await;
    let _ = scene.carry(Part::InWindow).await;
    let inventory = scene.inventory().await;
    let gone = retract_window(&scene.new, &inventory).await.unwrap();
    assert!(
        gone.iter()
            .any(|name| name == "trigger account_touch on salesforce.account")
    );
    let left = "SELECT count(*) FROM pg_constraint WHERE contype = 'f'";
    assert_eq!(value(&scene.new, left).await, "0");
    // Connect's own triggers are never touched.
    assert_eq!(
        value(
            &scene.new,
            "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'hc_account%'"
        )
        .await,
        "2"
    );
    // Changed rows are found by the keys: those stay.
    let keys = "SELECT count(*) FROM pg_index WHERE indrelid = 'public.users'::regclass";
    assert_eq!(value(&scene.new, keys).await, value(&scene.old, keys).await);
    let _ = scene.load().await;
    assert_eq!(scene.carry(Part::InWindow).await.differing, []);
    assert_eq!(value(&scene.new, keys).await, value(&scene.old, keys).await);
}

#[tokio::test]
async fn an_extension_in_another_schema_is_followed() {
    let scene = Scene::full().await;
    scene
        .new
        .batch_execute("CREATE SCHEMA heroku_ext; CREATE EXTENSION citext SCHEMA heroku_ext")
        .await
        .unwrap();
    let report = scene.carry(Part::BeforeWindow).await;
    let citext = report
        .extensions
        .iter()
        .find(|one| one.name == "citext")
        .unwrap();
    assert_eq!(
        (citext.old_schema.as_str(), citext.new_schema.as_str()),
        ("public", "heroku_ext")
    );
    assert_eq!(report.differing, []);
    let column = "SELECT atttypid::regtype FROM pg_attribute WHERE attrelid = 'public.users'::regclass AND attname = 'email'";
    assert_eq!(value(&scene.new, column).await, "heroku_ext.citext");
    assert_eq!(
        scene.carry(Part::BeforeWindow).await.restored,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn every_refused_statement_is_returned_and_the_others_are_done() {
    let scene = Scene::connect_only().await;
    scene
        .old
        .batch_execute(
            "ALTER TABLE salesforce.account ADD COLUMN extra text; \
             CREATE VIEW public.needs_extra AS SELECT extra FROM salesforce.account; \
             CREATE VIEW public.needs_view AS SELECT extra FROM public.needs_extra; \
             CREATE TABLE public.fine (a int)",
        )
        .await
        .unwrap();
    let error = scene.try_carry(Part::BeforeWindow).await.unwrap_err();
    let Error::Restore { errors } = &error else {
        panic!("{error}")
    };
    assert_eq!(errors.len(), 2, "{errors:#?}");
    assert_eq!(errors[0].sqlstate.as_deref(), Some("42703"));
    assert!(errors[1].statement.contains("needs_view"));
    assert_eq!(
        value(&scene.new, "to_regclass('public.fine')").await,
        "public.fine"
    );
    // Mended on the new side, the same call goes on.
    scene
        .new
        .batch_execute("ALTER TABLE salesforce.account ADD COLUMN extra text")
        .await
        .unwrap();
    assert_eq!(scene.carry(Part::BeforeWindow).await.restored.len(), 2);
}

#[tokio::test]
async fn grants_are_made_for_roles_that_are_there_and_the_others_are_named() {
    let scene = Scene::connect_only().await;
    let (old, new) = crate::cluster::pair();
    let both = format!("{}_both", scene.databases.old.user());
    let gone = format!("{}_gone", scene.databases.old.user());
    let old_super = old.superuser("postgres").await;
    old_super
        .batch_execute(&format!("CREATE ROLE {both}; CREATE ROLE {gone}"))
        .await
        .unwrap();
    new.superuser("postgres")
        .await
        .batch_execute(&format!("CREATE ROLE {both}"))
        .await
        .unwrap();
    scene
        .old
        .batch_execute(&format!(
            "CREATE TABLE public.t (a int, b int); GRANT SELECT (a), INSERT ON public.t TO {both}; \
             GRANT SELECT ON public.t TO {gone}; GRANT SELECT ON salesforce.account TO {both}"
        ))
        .await
        .unwrap();
    let report = scene.carry(Part::BeforeWindow).await;
    assert_eq!(
        report.grants_left_out,
        [format!("SELECT on TABLE public.t to {gone}")]
    );
    for check in [
        format!("has_column_privilege('{both}', 'public.t', 'a', 'select')"),
        format!("NOT has_column_privilege('{both}', 'public.t', 'b', 'select')"),
        format!("has_table_privilege('{both}', 'public.t', 'insert')"),
        format!("has_table_privilege('{both}', 'salesforce.account', 'select')"),
    ] {
        assert_eq!(value(&scene.new, &check).await, "true", "{check}");
    }
}

#[tokio::test]
async fn what_was_granted_and_taken_on_database_and_public_schema_comes_along() {
    let scene = Scene::connect_only().await;
    let name = scene.databases.old.database();
    let (old, new) = crate::cluster::pair();
    for cluster in [old, new] {
        cluster
            .superuser("postgres")
            .await
            .batch_execute(&format!("CREATE ROLE {name}_reports"))
            .await
            .unwrap();
    }
    scene
        .old
        .batch_execute(&format!(
            "REVOKE USAGE ON SCHEMA public FROM PUBLIC; REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC; \
             GRANT CREATE ON SCHEMA public TO {name}_reports WITH GRANT OPTION; GRANT CONNECT ON DATABASE {name} TO {name}_reports; \
             COMMENT ON SCHEMA public IS 'it''s ours'; COMMENT ON DATABASE {name} IS 'shop'; \
             CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON FUNCTION public.f() FROM PUBLIC, {name}; \
             CREATE TABLE public.t (a int); REVOKE DELETE ON public.t FROM {name}"
        ))
        .await
        .unwrap();
    let report = scene.carry(Part::BeforeWindow).await;
    assert_eq!(
        report.grants_left_out,
        [
            "taken by the owner from itself: EXECUTE on ROUTINE public.f()",
            "taken by the owner from itself: DELETE on TABLE public.t"
        ]
    );
    for check in [
        "NOT has_schema_privilege('public', 'public', 'usage')".to_owned(),
        format!("NOT has_database_privilege('public', '{name}', 'temporary')"),
        format!("has_schema_privilege('{name}_reports', 'public', 'create with grant option')"),
        format!("has_database_privilege('{name}_reports', '{name}', 'connect')"),
        "NOT has_function_privilege('public', 'public.f()', 'execute')".to_owned(),
        "obj_description('public'::regnamespace, 'pg_namespace') = 'it''s ours'".to_owned(),
        "(SELECT shobj_description(oid, 'pg_database') = 'shop' FROM pg_database WHERE datname = current_database())".to_owned(),
    ] {
        assert_eq!(value(&scene.new, &check).await, "true", "{check}");
    }
}

#[tokio::test]
async fn what_the_provider_keeps_to_itself_is_told() {
    let scene = Scene::connect_only().await;
    scene
        .old
        .batch_execute(
            "REVOKE USAGE ON SCHEMA public FROM PUBLIC; COMMENT ON SCHEMA public IS 'ours'",
        )
        .await
        .unwrap();
    let (_, new) = crate::cluster::pair();
    new.superuser(scene.databases.new.database())
        .await
        .batch_execute("ALTER SCHEMA public OWNER TO boss")
        .await
        .unwrap();
    let report = scene.carry(Part::BeforeWindow).await;
    assert_eq!(
        report.grants_left_out,
        [
            "not taken from PUBLIC: USAGE on SCHEMA \"public\"",
            "comment on SCHEMA \"public\""
        ]
    );
}

#[tokio::test]
async fn a_policy_for_a_role_that_is_not_there_is_refused_before_the_window() {
    let scene = Scene::connect_only().await;
    let (old, _) = crate::cluster::pair();
    let gone = format!("{}_policy", scene.databases.old.user());
    old.superuser("postgres")
        .await
        .batch_execute(&format!("CREATE ROLE {gone}"))
        .await
        .unwrap();
    scene
        .old
        .batch_execute(&format!(
            "CREATE TABLE public.t (a int); CREATE POLICY theirs ON public.t TO {gone} USING (a > 1); \
             CREATE POLICY everyones ON public.t TO PUBLIC, pg_monitor"
        ))
        .await
        .unwrap();
    let error = scene.try_carry(Part::BeforeWindow).await.unwrap_err();
    let Error::Restore { errors } = &error else {
        panic!("{error}")
    };
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert_eq!(errors[0].statement, "CREATE POLICY theirs on public.t");
    assert!(errors[0].message.contains(&gone), "{errors:#?}");
}

#[tokio::test]
async fn the_databases_own_settings_come_along_but_never_the_fence() {
    let scene = Scene::connect_only().await;
    let name = scene.databases.old.database();
    scene
        .old
        .batch_execute(&format!(
            "ALTER DATABASE {name} SET search_path = \"$user\", public, salesforce; \
             ALTER ROLE {name} SET timezone = 'Europe/Berlin'; \
             ALTER DATABASE {name} SET default_transaction_read_only = on"
        ))
        .await
        .unwrap();
    let _ = scene.carry(Part::BeforeWindow).await;
    let settings = "SELECT string_agg(array_to_string(setconfig, '; '), ' | ' ORDER BY setrole) FROM pg_db_role_setting s \
                    WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) \
                       OR setrole = (SELECT oid FROM pg_roles WHERE rolname = current_user)";
    assert_eq!(
        value(&scene.new, settings).await,
        "search_path=\"$user\", public, salesforce | TimeZone=Europe/Berlin"
    );
}

#[tokio::test]
async fn what_was_added_to_an_extensions_table_comes_along() {
    let scene = Scene::connect_only().await;
    let name = scene.databases.old.database();
    // As an extension does that may be made without a superuser: in one transaction, of the owner.
    let (old, new) = crate::cluster::pair();
    for cluster in [old, new] {
        cluster
            .superuser(name)
            .await
            .batch_execute(&format!(
                "BEGIN; CREATE TABLE public.codes (code text PRIMARY KEY, note text CHECK (note <> '')); \
                 CREATE INDEX codes_note ON public.codes (note); ALTER TABLE public.codes OWNER TO {name}; \
                 CREATE FUNCTION public.check_code() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'; \
                 CREATE TRIGGER codes_check BEFORE INSERT ON public.codes FOR EACH ROW EXECUTE FUNCTION public.check_code(); \
                 ALTER EXTENSION hstore ADD TABLE public.codes; ALTER EXTENSION hstore ADD FUNCTION public.check_code(); COMMIT"
            ))
            .await
            .unwrap();
    }
    assert_eq!(scene.inventory().await.unmanaged().count(), 0);
    scene
        .old
        .batch_execute(
            "CREATE INDEX codes_lower ON public.codes (lower(code)); \
             ALTER TABLE public.codes ADD CONSTRAINT short CHECK (length(code) < 9); \
             CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'; \
             CREATE TRIGGER codes_mine BEFORE UPDATE ON public.codes FOR EACH ROW EXECUTE FUNCTION public.note(); \
             ALTER TABLE public.codes DISABLE TRIGGER codes_mine; \
             COMMENT ON COLUMN public.codes.note IS 'ours'",
        )
        .await
        .unwrap();
    let parts = "SELECT (SELECT string_agg(pg_get_indexdef(indexrelid), '; ' ORDER BY indexrelid::regclass::text) FROM pg_index WHERE indrelid = 'public.codes'::regclass) \
                 || (SELECT string_agg(conname || pg_get_constraintdef(oid), '; ' ORDER BY conname) FROM pg_constraint WHERE conrelid = 'public.codes'::regclass) \
                 || (SELECT string_agg(pg_get_triggerdef(oid) || tgenabled::text, '; ' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = 'public.codes'::regclass)";
    for part in [Part::BeforeWindow, Part::InWindow] {
        assert_eq!(scene.carry(part).await.differing, []);
        assert_eq!(scene.carry(part).await.restored, Vec::<String>::new());
    }
    assert_eq!(
        value(&scene.new, parts).await,
        value(&scene.old, parts).await
    );
    let inventory = scene.inventory().await;
    let gone = retract_window(&scene.new, &inventory).await.unwrap();
    assert_eq!(gone, ["trigger codes_mine on public.codes"]);
    let left = connect_swap_postgres::uncarriable(&scene.old, &inventory)
        .await
        .unwrap();
    assert_eq!(left.len(), 1, "{left:#?}");
    assert_eq!(left[0].name, "public.codes.note");
}

#[tokio::test]
async fn names_arrive_whole_whatever_encoding_clients_are_given() {
    let scene = Scene::connect_only().await;
    let name = scene.databases.old.database();
    scene
        .old
        .batch_execute(&format!(
            "ALTER DATABASE {name} SET client_encoding = 'LATIN1'; CREATE TABLE public.\"Straße\" (a int)"
        ))
        .await
        .unwrap();
    let _ = scene.carry(Part::BeforeWindow).await;
    assert_eq!(
        value(&scene.new, "to_regclass('public.\"Straße\"')").await,
        "public.\"Straße\""
    );
}

#[tokio::test]
async fn a_setting_that_the_new_server_refuses_is_told() {
    let scene = Scene::connect_only().await;
    let name = scene.databases.old.database();
    let (old, _) = crate::cluster::pair();
    old.superuser(name)
        .await
        .batch_execute(&format!(
            "ALTER DATABASE {name} SET log_statement = 'all'; ALTER DATABASE {name} SET work_mem = '8MB'"
        ))
        .await
        .unwrap();
    let report = scene.carry(Part::BeforeWindow).await;
    assert_eq!(report.settings_left_out.len(), 1, "{report:#?}");
    assert!(report.settings_left_out[0].starts_with("setting log_statement of database"));
    let set = "SELECT setconfig FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database()";
    assert_eq!(value(&scene.new, set).await, "{work_mem=8MB}");
}

#[test]
fn tools_that_do_not_exist_are_missed_with_an_install_line() {
    let missing = pg_tools(99).unwrap_err();
    assert_eq!(missing.needed, 99);
    assert!(missing.to_string().contains("install"), "{missing}");
}
