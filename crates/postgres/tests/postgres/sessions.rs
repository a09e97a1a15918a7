//! Sessions: what they refuse, what they show.

use std::time::Duration;

use connect_swap_postgres::{
    Error, Purpose, Tls, connect, other_sessions, same_physical_database, server_info,
};

use crate::cluster::{Databases, PASSWORD};
use crate::scene::value;

#[tokio::test]
async fn a_read_only_session_is_refused_every_write_by_the_server() {
    let databases = Databases::make().await;
    let session = connect(&databases.old, Purpose::ReadOnly, "plan")
        .await
        .unwrap();
    let error = session
        .batch_execute("CREATE TABLE public.t ()")
        .await
        .unwrap_err();
    assert!(matches!(Error::from(error), Error::ReadOnly { .. }));
    assert_eq!(session.tls(), Tls::PlainLoopback);
    assert_eq!(
        value(&session, "current_setting('application_name')").await,
        "connect-swap plan"
    );
    assert_eq!(value(&session, "current_setting('search_path')").await, "");
    assert_eq!(value(&session, "current_setting('TimeZone')").await, "UTC");
}

#[tokio::test]
async fn what_answers_look_like_does_not_depend_on_the_databases_settings() {
    let databases = Databases::make().await;
    let name = databases.old.database();
    databases
        .old_session()
        .await
        .batch_execute(&format!(
            "ALTER DATABASE {name} SET quote_all_identifiers = on; ALTER DATABASE {name} SET xmloption = document; \
             ALTER DATABASE {name} SET lc_monetary = 'POSIX'"
        ))
        .await
        .unwrap();
    let session = databases.old_session().await;
    for (setting, expected) in [
        ("quote_all_identifiers", "off"),
        ("xmloption", "content"),
        ("lc_monetary", "C"),
    ] {
        let now = value(&session, &format!("current_setting('{setting}')")).await;
        assert_eq!(now, expected, "{setting}");
    }
}

#[tokio::test]
async fn a_refused_log_in_says_where_and_why_and_never_the_password() {
    let databases = Databases::make().await;
    let wrong = format!(
        "postgres://{}:{PASSWORD}x@127.0.0.1:{}/nowhere",
        databases.old.user(),
        databases.old.port()
    );
    let url = connect_swap_postgres::DatabaseUrl::parse(&wrong).unwrap();
    let error = connect(&url, Purpose::ReadOnly, "test").await.unwrap_err();
    assert!(
        matches!(&error, Error::CannotConnect { why, .. } if why.contains("28P01")),
        "{error}"
    );
    for text in [format!("{error}"), format!("{error:?}"), format!("{url:?}")] {
        assert!(!text.contains(PASSWORD), "{text}");
    }
}

#[tokio::test]
async fn the_server_tells_what_it_is() {
    let databases = Databases::make().await;
    let session = databases.old_session().await;
    let info = server_info(&session).await.unwrap();
    assert_eq!(
        i32::try_from(info.major).unwrap(),
        info.version_num / 10_000
    );
    assert!(!info.is_superuser && !info.in_recovery && !info.read_only);
    assert_eq!(info.user, databases.old.user());
    assert_eq!(
        (info.max_connections, info.role_connection_limit),
        (90, None)
    );
    assert_eq!(info.encoding, "UTF8");
    assert!(info.size_bytes > 0 && info.connections_used > 0);
}

#[tokio::test]
async fn the_same_database_is_known_whatever_it_is_called() {
    let databases = Databases::make().await;
    let (old, new) = (databases.old_session().await, databases.new_session().await);
    let other_name = connect_swap_postgres::DatabaseUrl::parse(&format!(
        "postgres://{0}:{PASSWORD}@localhost:{1}/{0}",
        databases.old.user(),
        databases.old.port()
    ))
    .unwrap();
    let again = connect(&other_name, Purpose::Work, "test").await.unwrap();
    assert!(same_physical_database(&old, &again).await.unwrap());
    assert!(!same_physical_database(&old, &new).await.unwrap());
}

#[tokio::test]
async fn other_sessions_are_those_that_are_not_this_tools() {
    let databases = Databases::make().await;
    let session = databases.old_session().await;
    assert_eq!(other_sessions(&session).await.unwrap(), []);
    let other = databases.old_session().await;
    other
        .batch_execute("SET application_name = 'puma'; BEGIN")
        .await
        .unwrap();
    let seen = other_sessions(&session).await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].application_name, "puma");
    assert_eq!(seen[0].state.as_deref(), Some("idle in transaction"));
    assert_eq!(seen[0].user.as_deref(), Some(databases.old.user()));
    assert!(seen[0].xact_age.is_some() && seen[0].client.as_deref() == Some("127.0.0.1"));
}

#[tokio::test]
async fn a_renewed_session_is_as_new_or_refused() {
    let databases = Databases::make().await;
    let bound = Duration::from_secs(10);
    let session = databases.old_session().await;
    let set = "SET search_path = public; SET row_security = off; SET lock_timeout = '7s'";
    session.batch_execute(set).await.unwrap();
    assert!(session.renew(bound).await);
    let fresh = databases.old_session().await;
    for setting in [
        "search_path",
        "row_security",
        "lock_timeout",
        "application_name",
    ] {
        let setting = format!("current_setting('{setting}')");
        assert_eq!(
            value(&session, &setting).await,
            value(&fresh, &setting).await,
            "{setting}"
        );
    }

    for open in ["BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1"] {
        let busy = databases.old_session().await;
        busy.batch_execute(open).await.unwrap();
        assert!(!busy.renew(bound).await, "{open}");
    }
    let failed = databases.old_session().await;
    failed.batch_execute("BEGIN").await.unwrap();
    failed.batch_execute("SELECT 1 / 0").await.unwrap_err();
    assert!(!failed.renew(bound).await);

    let ended = databases.old_session().await;
    let pid = value(&ended, "pg_backend_pid()").await;
    value(&session, &format!("pg_terminate_backend({pid}, 10000)")).await;
    assert!(!ended.renew(bound).await);
}

#[tokio::test]
async fn a_session_still_at_work_is_not_waited_for() {
    let databases = Databases::make().await;
    let session = databases.old_session().await;
    let sleeping = session.batch_execute("SELECT pg_sleep(60)");
    let renewed = async {
        tokio::task::yield_now().await;
        session.renew(Duration::from_millis(50)).await
    };
    tokio::pin!(sleeping);
    tokio::select! {
        biased;
        _ = &mut sleeping => panic!("it sleeps"),
        answer = renewed => assert!(!answer),
    }
}

#[tokio::test]
async fn an_offered_encryption_is_taken_and_called_unverified() {
    let databases = Databases::make().await;
    let session = databases.new_session().await;
    assert_eq!(session.tls(), Tls::Encrypted);
}

/// The variable is read once a connection, so it is set for a process of its
/// own, which runs the ignored test below.
#[tokio::test]
async fn with_a_root_certificate_server_and_host_name_are_verified() {
    let databases = Databases::make().await;
    let (_, new) = crate::cluster::pair();
    let stranger = tempfile::NamedTempFile::new().unwrap();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(stranger.path(), other.cert.pem()).unwrap();
    for (host, root, expected) in [
        ("localhost", new.certificate(), "Verified"),
        ("127.0.0.1", new.certificate(), "Tls"),
        ("localhost", stranger.path(), "Tls"),
    ] {
        let url = format!(
            "postgres://{0}:{PASSWORD}@{host}:{1}/{0}",
            databases.new.user(),
            databases.new.port()
        );
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "sessions::connect_with_a_root",
                "--ignored",
                "--nocapture",
            ])
            .env("PGSSLROOTCERT", root)
            .env("TEST_URL", url)
            .env("TEST_EXPECTED", expected)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && text.contains("1 passed"),
            "{host} {expected}: {text}"
        );
    }
}

#[tokio::test]
#[ignore = "run by the test above, in a process of its own"]
async fn connect_with_a_root() {
    let url =
        connect_swap_postgres::DatabaseUrl::parse(&std::env::var("TEST_URL").unwrap()).unwrap();
    let outcome = match connect(&url, Purpose::ReadOnly, "test").await {
        Ok(session) => format!("{:?}", session.tls()),
        Err(Error::Tls { why }) => {
            assert!(why.contains("certificate"), "{why}");
            "Tls".to_owned()
        }
        Err(error) => format!("{error}"),
    };
    assert_eq!(outcome, std::env::var("TEST_EXPECTED").unwrap());
}
