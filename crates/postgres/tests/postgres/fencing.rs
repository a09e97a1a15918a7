//! The fence.

use std::time::Duration;

use connect_swap_postgres::{
    Error, FenceReport, Keep, Purpose, connect, fence, fence_settings, is_fenced, lift_fence,
    other_sessions, server_info,
};

use crate::cluster::Databases;
use crate::scene::value;

/// A session as an application has it: with nothing of this tool's in it.
async fn application(databases: &Databases) -> tokio_postgres::Client {
    let url = &databases.old;
    let (client, connection) = tokio_postgres::Config::new()
        .host(url.host())
        .port(url.port())
        .user(url.user())
        .dbname(url.database())
        .password(crate::cluster::PASSWORD)
        .application_name("puma")
        .connect(tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    client
}

#[tokio::test]
async fn a_fence_ends_writers_keeps_them_out_and_lifts_without_a_trace() {
    let databases = Databases::make().await;
    let session = databases.old_session().await;
    session
        .batch_execute("CREATE TABLE public.t (a int)")
        .await
        .unwrap();
    let writer = application(&databases).await;
    writer
        .batch_execute("BEGIN; INSERT INTO public.t VALUES (1)")
        .await
        .unwrap();
    let before = fence_settings(&session).await.unwrap();
    assert!(!is_fenced(&session).await.unwrap());

    let report = fence(&session, &Keep::default()).await.unwrap();
    assert_eq!((report.ended, report.still_there.len()), (1, 0));
    assert_eq!(report.before, before);
    assert!(is_fenced(&session).await.unwrap());
    assert!(server_info(&session).await.unwrap().read_only);
    assert_eq!(other_sessions(&session).await.unwrap(), []);
    writer.batch_execute("COMMIT").await.unwrap_err();
    let straggler = application(&databases).await;
    let refused = straggler
        .batch_execute("INSERT INTO public.t VALUES (2)")
        .await
        .unwrap_err();
    assert!(matches!(Error::from(refused), Error::ReadOnly { .. }));
    // This tool still writes, through a new session too.
    let ours = connect(&databases.old, Purpose::Work, "journal")
        .await
        .unwrap();
    ours.batch_execute("INSERT INTO public.t VALUES (3)")
        .await
        .unwrap();

    for _ in 0..2 {
        lift_fence(&session, &report).await.unwrap();
        assert_eq!(fence_settings(&session).await.unwrap(), before);
        assert!(!is_fenced(&session).await.unwrap());
    }
    let untouched = "SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database()";
    assert_eq!(value(&session, untouched).await, "0");
    application(&databases)
        .await
        .batch_execute("INSERT INTO public.t VALUES (4)")
        .await
        .unwrap();
    assert_eq!(
        value(
            &session,
            "SELECT string_agg(a::text, ',' ORDER BY a) FROM public.t"
        )
        .await,
        "3,4"
    );
}

#[tokio::test]
async fn settings_that_would_win_over_the_fence_are_fenced_and_restored() {
    let databases = Databases::make().await;
    let session = databases.old_session().await;
    let name = databases.old.database();
    session
        .batch_execute(&format!(
            "ALTER ROLE {name} SET default_transaction_read_only = off; \
             ALTER ROLE {name} IN DATABASE {name} SET default_transaction_read_only = 'false'; \
             ALTER DATABASE {name} SET timezone = 'UTC'"
        ))
        .await
        .unwrap();
    let all = "SELECT string_agg(setrole::text || setdatabase::text || setconfig::text, '|' ORDER BY setrole, setdatabase) FROM pg_db_role_setting \
               WHERE setrole = (SELECT oid FROM pg_roles WHERE rolname = current_user) \
                  OR setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let before = value(&session, all).await;
    let settings = fence_settings(&session).await.unwrap();
    let _ = fence(&session, &Keep::default()).await.unwrap();
    let straggler = application(&databases).await;
    let read_only = straggler
        .query_one("SHOW transaction_read_only", &[])
        .await
        .unwrap();
    assert_eq!(read_only.get::<_, String>(0), "on");
    // Another process lifts it, from what the journal kept.
    let kept = serde_json::to_string(&settings).unwrap();
    let report = FenceReport::from_settings(serde_json::from_str(&kept).unwrap());
    lift_fence(&session, &report).await.unwrap();
    assert_eq!(value(&session, all).await, before);
}

#[tokio::test]
async fn sessions_to_keep_stay_and_idle_ones_of_superusers_are_told() {
    let databases = Databases::make().await;
    let session = databases.old_session().await;
    let (old, _) = crate::cluster::pair();
    let boss = old.superuser(databases.old.database()).await;
    boss.batch_execute("SET application_name = 'backup'")
        .await
        .unwrap();
    let kept = application(&databases).await;
    let keep = Keep {
        application_prefixes: vec!["pum".into()],
        ..Keep::default()
    };
    let report = fence(&session, &keep).await.unwrap();
    kept.batch_execute("SELECT 1").await.unwrap();
    assert_eq!(report.still_there, []);
    assert_eq!(report.idle_superusers.len(), 1);
    assert_eq!(report.idle_superusers[0].session.application_name, "backup");
    assert!(!report.idle_superusers[0].why.is_empty());
    boss.batch_execute("SELECT 1").await.unwrap();
    lift_fence(&session, &report).await.unwrap();
}

#[tokio::test]
async fn whoever_connects_again_and_again_cannot_hold_the_fence_up() {
    let databases = Databases::make().await;
    let session = databases.old_session().await;
    session
        .batch_execute("CREATE TABLE public.t (id int)")
        .await
        .unwrap();
    let connecting = async {
        let mut refused = None;
        while refused.is_none() {
            let app = application(&databases).await;
            refused = loop {
                match app.batch_execute("INSERT INTO public.t VALUES (1)").await {
                    Ok(()) => {}
                    Err(error) if error.is_closed() || error.code().is_none() => break None,
                    Err(error) => break Some(error.code().unwrap().code().to_owned()),
                }
            };
            if refused.as_deref() == Some("57P01") {
                refused = None;
            }
            if refused.is_some() {
                return (refused, app);
            }
        }
        unreachable!("the loop ends with a refusal")
    };
    let keep = Keep::default();
    let (report, (refused, _app)) = tokio::join!(fence(&session, &keep), connecting);
    let report = report.unwrap();
    assert_eq!(report.still_there, []);
    assert_eq!(refused.as_deref(), Some("25006"));
    // The refused session may have been ended as well; whoever comes now may read.
    let reader = application(&databases).await;
    reader.batch_execute("SELECT 1").await.unwrap();
    lift_fence(&session, &report).await.unwrap();
}

#[tokio::test]
async fn a_superusers_open_transaction_is_waited_for_and_then_named() {
    let databases = Databases::make().await;
    let session = databases.old_session().await;
    let (old, _) = crate::cluster::pair();
    let boss = old.superuser(databases.old.database()).await;
    boss.batch_execute("SET application_name = 'maintenance'; BEGIN; SELECT 1")
        .await
        .unwrap();
    let soon = Keep {
        wait: Duration::from_millis(300),
        ..Keep::default()
    };
    let report = fence(&session, &soon).await.unwrap();
    assert_eq!(report.still_there.len(), 1);
    assert_eq!(
        report.still_there[0].session.application_name,
        "maintenance"
    );
    // It is looked at again: once its transaction has ended, nothing is left.
    let keep = Keep::default();
    let (report, ended) = tokio::join!(fence(&session, &keep), async {
        tokio::task::yield_now().await;
        boss.batch_execute("COMMIT").await
    });
    ended.unwrap();
    let report = report.unwrap();
    assert_eq!(
        (report.still_there.len(), report.idle_superusers.len()),
        (0, 1)
    );
}

#[tokio::test]
async fn other_roles_whose_setting_wins_are_fenced_where_that_is_allowed() {
    let databases = Databases::make().await;
    let session = databases.old_session().await;
    let name = databases.old.database();
    let (old, _) = crate::cluster::pair();
    let boss = old.superuser("postgres").await;
    boss.batch_execute(&format!(
        "CREATE ROLE {name}_reports LOGIN; GRANT CONNECT ON DATABASE {name} TO {name}_reports; \
         CREATE ROLE {name}_jobs LOGIN; GRANT CONNECT ON DATABASE {name} TO {name}_jobs; \
         ALTER ROLE {name}_reports SET default_transaction_read_only = off; \
         ALTER ROLE {name}_jobs SET default_transaction_read_only = on; \
         ALTER ROLE {name}_jobs IN DATABASE {name} SET default_transaction_read_only = off"
    ))
    .await
    .unwrap();
    let all = format!(
        "SELECT string_agg(concat_ws(' ', r.rolname, s.setdatabase, s.setconfig::text), '; ' ORDER BY r.rolname, s.setdatabase) \
         FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole WHERE r.rolname IN ('{name}_reports', '{name}_jobs')"
    );
    let before = value(&session, &all).await;

    // A plain owner may not change other roles.
    let report = fence(&session, &Keep::default()).await.unwrap();
    assert_eq!(
        report.unfenced_roles,
        [format!("{name}_jobs"), format!("{name}_reports")]
    );
    assert_eq!(value(&session, &all).await, before);
    lift_fence(&session, &report).await.unwrap();

    boss.batch_execute(&format!("ALTER ROLE {name} CREATEROLE"))
        .await
        .unwrap();
    let report = fence(&session, &Keep::default()).await.unwrap();
    assert_eq!(report.unfenced_roles, Vec::<String>::new());
    let fenced = "SELECT count(*) FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole \
                  JOIN pg_database d ON d.oid = s.setdatabase AND d.datname = current_database() \
                  WHERE s.setconfig = '{default_transaction_read_only=on}'";
    assert_eq!(value(&session, fenced).await, "2");
    let kept = serde_json::to_string(&report.before).unwrap();
    let report = FenceReport::from_settings(serde_json::from_str(&kept).unwrap());
    for _ in 0..2 {
        lift_fence(&session, &report).await.unwrap();
        assert_eq!(value(&session, &all).await, before);
    }
}

#[tokio::test]
async fn a_prepared_transaction_is_named_as_it_may_still_commit() {
    let databases = Databases::make().await;
    let session = databases.old_session().await;
    session
        .batch_execute("CREATE TABLE public.t (a int)")
        .await
        .unwrap();
    let writer = application(&databases).await;
    let gid = format!("left-{}", databases.old.database());
    writer
        .batch_execute(&format!(
            "BEGIN; INSERT INTO public.t VALUES (1); PREPARE TRANSACTION '{gid}'"
        ))
        .await
        .unwrap();
    let report = fence(&session, &Keep::default()).await.unwrap();
    assert_eq!(report.prepared_transactions, std::slice::from_ref(&gid));
    session
        .batch_execute(&format!("ROLLBACK PREPARED '{gid}'"))
        .await
        .unwrap();
    lift_fence(&session, &report).await.unwrap();
}

#[tokio::test]
async fn a_fence_of_another_database_is_not_lifted_here() {
    let one = Databases::make().await;
    let two = Databases::make().await;
    let session = one.old_session().await;
    let report =
        FenceReport::from_settings(fence_settings(&two.old_session().await).await.unwrap());
    let error = lift_fence(&session, &report).await.unwrap_err();
    assert!(matches!(error, Error::Changed { .. }), "{error}");
}

#[tokio::test]
async fn a_fence_is_lifted_after_the_credentials_were_changed() {
    let databases = Databases::make().await;
    let session = databases.old_session().await;
    let name = databases.old.database();
    session
        .batch_execute(&format!(
            "ALTER ROLE {name} SET default_transaction_read_only = off"
        ))
        .await
        .unwrap();
    let report = fence(&session, &Keep::default()).await.unwrap();
    drop(session);
    let of_role = "SELECT string_agg(setconfig::text, '') FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole WHERE r.rolname IN (current_database(), current_database() || '_rotated')";
    let of_database = "SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database()";

    // Another role: its predecessor's settings are not its business.
    let (old, _) = crate::cluster::pair();
    let boss = old.superuser(name).await;
    lift_fence(&boss, &report).await.unwrap();
    assert_eq!(value(&boss, of_database).await, "0");
    assert_eq!(
        value(&boss, of_role).await,
        "{default_transaction_read_only=on}"
    );

    // The same role under another name.
    let renamed = format!("{name}_rotated");
    boss.batch_execute(&format!(
        "ALTER ROLE {name} RENAME TO {renamed}; ALTER ROLE {renamed} PASSWORD '{}'",
        crate::cluster::PASSWORD
    ))
    .await
    .unwrap();
    let rotated = connect(&old.url(&renamed, name), Purpose::Work, "test")
        .await
        .unwrap();
    lift_fence(&rotated, &report).await.unwrap();
    assert_eq!(
        value(&rotated, of_role).await,
        "{default_transaction_read_only=off}"
    );
}
