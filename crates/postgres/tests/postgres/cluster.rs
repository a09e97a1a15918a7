//! Two real PostgreSQL servers in a temporary directory, shared by all tests of
//! this binary; a database and a role of its own for every test. The role is
//! what a hosted database's owner is: no superuser, member of
//! `pg_signal_backend` and `pg_monitor`.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use connect_swap_postgres::{DatabaseUrl, Error, Purpose, Session, connect};

/// In every URL of these tests; must never be seen in any output.
pub(crate) const PASSWORD: &str = "pAssw0rd-never-to-be-seen";
const SUPERUSER: &str = "boss";
const READY_WITHIN: Duration = Duration::from_secs(60);

static PAIR: OnceLock<(Cluster, Cluster)> = OnceLock::new();
static NUMBER: AtomicUsize = AtomicUsize::new(0);

/// The old and the new server.
pub(crate) fn pair() -> &'static (Cluster, Cluster) {
    PAIR.get_or_init(|| {
        let new = std::thread::spawn(|| Cluster::start(Encryption::On));
        let old = Cluster::start(Encryption::Off);
        (old, new.join().expect("the new server starts"))
    })
}

/// Whether a server offers TLS.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encryption {
    On,
    Off,
}

/// A running server. A watchdog process ends it, by its id, and removes its
/// directory when this process is gone, however it ends.
pub(crate) struct Cluster {
    port: u16,
    /// The server's own, self-signed certificate.
    certificate: PathBuf,
    _watchdog: Child,
}

impl Cluster {
    fn start(encryption: Encryption) -> Self {
        let bin = server_binaries();
        let directory = tempfile::Builder::new()
            .prefix("swap-pg-")
            .tempdir()
            .unwrap()
            .keep();
        let account = Account::for_servers();
        account.own(&directory);
        let password = directory.join("password");
        std::fs::File::create(&password)
            .unwrap()
            .write_all(PASSWORD.as_bytes())
            .unwrap();
        account.own(&password);
        let data = directory.join("data");
        let made = account
            .command(&bin.join("initdb"))
            .args([
                "--username",
                SUPERUSER,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
            ])
            .args(["--no-sync", "--pwfile"])
            .arg(&password)
            .arg("-D")
            .arg(&data)
            .current_dir(&directory)
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "initdb: {}",
            String::from_utf8_lossy(&made.stderr)
        );
        let port = free_port();
        let certificate = certify(&account, &directory);
        let server = account
            .command(&bin.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string()])
            .args([
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
            ])
            .args([
                "-c",
                "fsync=off",
                "-c",
                "shared_buffers=32MB",
                "-c",
                "max_connections=90",
            ])
            .args(["-c", "max_prepared_transactions=4"])
            .args(match encryption {
                Encryption::On => ["-c", "ssl=on"],
                Encryption::Off => ["-c", "ssl=off"],
            })
            .arg("-c")
            .arg(format!("ssl_cert_file={}", certificate.display()))
            .arg("-c")
            .arg(format!(
                "ssl_key_file={}",
                directory.join("key.pem").display()
            ))
            .current_dir(&directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(directory.join("log")).unwrap())
            .spawn()
            .unwrap();
        let watchdog = Command::new("sh")
            .args(["-c", "cat >/dev/null; kill -INT \"$1\"; while kill -0 \"$1\" 2>/dev/null; do sleep 0.05; done; rm -rf \"$2\"", "sh"])
            .arg(server.id().to_string())
            .arg(&directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let cluster = Self {
            port,
            certificate,
            _watchdog: watchdog,
        };
        cluster.reap(server);
        cluster.wait(&directory);
        cluster
    }

    /// Collects the server's exit status, so that the watchdog sees it end.
    fn reap(&self, mut server: Child) {
        std::thread::spawn(move || server.wait());
    }

    fn wait(&self, directory: &Path) {
        let until = Instant::now() + READY_WITHIN;
        while !std::fs::read_to_string(directory.join("data/postmaster.pid"))
            .is_ok_and(|text| text.lines().any(|line| line.trim() == "ready"))
        {
            let log = || std::fs::read_to_string(directory.join("log")).unwrap_or_default();
            assert!(Instant::now() < until, "the server is not ready: {}", log());
            std::thread::yield_now();
        }
    }

    pub(crate) fn url(&self, user: &str, database: &str) -> DatabaseUrl {
        let text = format!(
            "postgres://{user}:{PASSWORD}@127.0.0.1:{}/{database}",
            self.port
        );
        DatabaseUrl::parse(&text).unwrap()
    }

    pub(crate) fn certificate(&self) -> &Path {
        &self.certificate
    }

    /// A session of the superuser, for what no customer can do.
    pub(crate) async fn superuser(&self, database: &str) -> Session {
        self.try_superuser(database).await.unwrap()
    }

    pub(crate) async fn try_superuser(&self, database: &str) -> Result<Session, Error> {
        let url = self.url(SUPERUSER, database);
        connect(&url, Purpose::Work, "test superuser").await
    }

    async fn make(&self, name: &str) -> DatabaseUrl {
        let session = self.superuser("postgres").await;
        session
            .batch_execute(&format!(
                "CREATE ROLE {name} LOGIN NOSUPERUSER PASSWORD '{PASSWORD}'; \
                 GRANT pg_signal_backend, pg_monitor TO {name}"
            ))
            .await
            .unwrap();
        session
            .batch_execute(&format!("CREATE DATABASE {name} OWNER {name}"))
            .await
            .unwrap();
        // As on a server that many customers share; other tests' roles are strangers.
        session
            .batch_execute(&format!("REVOKE CONNECT ON DATABASE {name} FROM PUBLIC"))
            .await
            .unwrap();
        self.url(name, name)
    }
}

/// An old and a new database, empty, of an owner without special rights.
pub(crate) struct Databases {
    pub(crate) old: DatabaseUrl,
    pub(crate) new: DatabaseUrl,
}

impl Databases {
    pub(crate) async fn make() -> Self {
        let (old, new) = tokio::task::spawn_blocking(pair).await.unwrap();
        let name = format!("app_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        Self {
            old: old.make(&name).await,
            new: new.make(&name).await,
        }
    }

    pub(crate) async fn old_session(&self) -> Session {
        connect(&self.old, Purpose::Work, "test").await.unwrap()
    }

    pub(crate) async fn new_session(&self) -> Session {
        connect(&self.new, Purpose::Work, "test").await.unwrap()
    }
}

/// Makes a certificate for `localhost` that only a client who trusts it takes.
fn certify(account: &Account, directory: &Path) -> PathBuf {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (directory.join("cert.pem"), directory.join("key.pem"));
    for (path, text) in [
        (&certificate, made.cert.pem()),
        (&key, made.signing_key.serialize_pem()),
    ] {
        std::fs::write(path, text).unwrap();
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .unwrap();
        account.own(path);
    }
    certificate
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// The directory of the server's programs.
fn server_binaries() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).collect::<Vec<_>>();
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    versions.sort();
    let config = Command::new("pg_config")
        .arg("--bindir")
        .output()
        .ok()
        .map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    on_path
        .into_iter()
        .chain(config)
        .chain(versions.into_iter().rev())
        .find(|bin| bin.join("initdb").is_file() && bin.join("postgres").is_file())
        .expect("these tests need a PostgreSQL server: initdb and postgres on PATH or in /usr/lib/postgresql")
}

/// Who runs the servers: PostgreSQL refuses to run as root.
struct Account(Option<(u32, u32)>);

impl Account {
    fn for_servers() -> Self {
        use std::os::unix::fs::MetadataExt;
        let own = tempfile::tempfile().unwrap().metadata().unwrap().uid();
        if own != 0 {
            return Self(None);
        }
        let users = std::fs::read_to_string("/etc/passwd").unwrap();
        let found = ["postgres", "nobody"].into_iter().find_map(|name| {
            let line = users
                .lines()
                .find(|line| line.starts_with(&format!("{name}:")))?;
            let mut fields = line.split(':').skip(2);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        });
        Self(Some(found.expect("a user who is not root")))
    }

    fn own(&self, path: &Path) {
        if let Some((uid, gid)) = self.0 {
            std::os::unix::fs::chown(path, Some(uid), Some(gid)).unwrap();
        }
    }

    fn command(&self, program: &Path) -> Command {
        use std::os::unix::process::CommandExt;
        let mut command = Command::new(program);
        if let Some((uid, gid)) = self.0 {
            command.uid(uid).gid(gid);
        }
        command
    }
}
