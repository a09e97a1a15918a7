//! A PostgreSQL server in a temporary directory, as safe against a crash as
//! servers are by default, with a role that owns databases and is no superuser.

use std::fs::File;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio_postgres::{Client, Config, NoTls};

use super::Result;
use super::account::Account;
use super::place::Place;

/// The role that owns every database: what a hosted database's owner is.
pub(crate) const OWNER: &str = "owner";
/// Of all roles of these servers, which listen on loopback and live for minutes.
pub(crate) const PASSWORD: &str = "bench";
const SUPERUSER: &str = "boss";
const READY_WITHIN: Duration = Duration::from_secs(60);

/// Everything else is the server's default, `fsync = on` among it.
const SETTINGS: [&str; 5] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "shared_buffers=256MB",
    "max_wal_size=4GB",
    "log_min_messages=fatal",
];

/// Waits until the pipe from its parent closes, however that ended; then ends
/// the server at once, by its id, and removes the directory.
const WATCHDOG: &str = "cat >/dev/null; kill -QUIT \"$1\"; \
     while kill -0 \"$1\" 2>/dev/null; do sleep 0.05; done; rm -rf \"$2\"";

/// A running server. Dropping it ends it and removes its files.
pub(crate) struct Cluster {
    port: u16,
    directory: PathBuf,
    watchdog: Child,
}

impl Cluster {
    /// Makes and starts a server with the programs in `bin`.
    pub(crate) async fn start(bin: &Path) -> Result<Self> {
        Self::start_with(bin, &[]).await
    }

    /// The same with further settings, as `name=value`.
    pub(crate) async fn start_with(bin: &Path, further: &[&str]) -> Result<Self> {
        let account = Account::for_servers()?;
        let directory = tempfile::Builder::new()
            .prefix("connect-swap-bench-")
            .tempdir()?
            .keep();
        account.own(&directory)?;
        initialise(bin, account, &directory)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut server = account
            .command(&bin.join("postgres"))
            .arg("-D")
            .arg(directory.join("data"))
            .args(["-p", &port.to_string()])
            .args(
                SETTINGS
                    .iter()
                    .chain(further)
                    .flat_map(|setting| ["-c", setting]),
            )
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(directory.join("log"))?)
            .spawn()?;
        let watchdog = Command::new("sh")
            .args(["-c", WATCHDOG, "watchdog", &server.id().to_string()])
            .arg(&directory)
            .process_group(0)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        // Its exit status is to be collected, or the watchdog would wait for ever.
        std::thread::spawn(move || server.wait());
        let cluster = Self {
            port,
            directory,
            watchdog,
        };
        cluster.wait().await?;
        let sql = format!(
            "CREATE ROLE {OWNER} LOGIN NOSUPERUSER PASSWORD '{PASSWORD}'; \
             GRANT pg_signal_backend, pg_monitor TO {OWNER}"
        );
        cluster.admin("postgres").await?.batch_execute(&sql).await?;
        Ok(cluster)
    }

    async fn wait(&self) -> Result<()> {
        let until = Instant::now() + READY_WITHIN;
        while self.admin("postgres").await.is_err() {
            if Instant::now() > until {
                let log = std::fs::read_to_string(self.directory.join("log")).unwrap_or_default();
                return Err(format!("the server is not ready: {log}").into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// The port on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// A directory for files of a client, removed with the server.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.directory.join("scratch")
    }

    /// How another server reaches a database of this one as its superuser.
    pub(crate) fn conninfo(&self, database: &str) -> String {
        let port = self.port;
        format!("host=127.0.0.1 port={port} user={SUPERUSER} password={PASSWORD} dbname={database}")
    }

    /// A database of this server, as its owner reaches it.
    pub(crate) fn place(&self, database: &str) -> Place {
        Place {
            port: self.port,
            database: database.into(),
        }
    }

    /// A session of the superuser, for what is outside every measurement.
    pub(crate) async fn admin(&self, database: &str) -> Result<Client> {
        self.session(SUPERUSER, database).await
    }

    /// A session of the databases' owner.
    pub(crate) async fn owner(&self, database: &str) -> Result<Client> {
        self.session(OWNER, database).await
    }

    async fn session(&self, user: &str, database: &str) -> Result<Client> {
        let (client, connection) = Config::new()
            .host("127.0.0.1")
            .port(self.port)
            .user(user)
            .password(PASSWORD)
            .dbname(database)
            .connect(NoTls)
            .await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// Makes an empty database.
    pub(crate) async fn create(&self, database: &str) -> Result<()> {
        let sql = format!("CREATE DATABASE {database} OWNER {OWNER}");
        Ok(self.admin("postgres").await?.batch_execute(&sql).await?)
    }

    /// Drops a database with whoever is still in it.
    pub(crate) async fn discard(&self, database: &str) -> Result<()> {
        let sql = format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)");
        Ok(self.admin("postgres").await?.batch_execute(&sql).await?)
    }

    /// Writes everything out, so that what is measured next writes its own
    /// pages alone.
    pub(crate) async fn settle(&self) -> Result<()> {
        let admin = self.admin("postgres").await?;
        Ok(admin.batch_execute("CHECKPOINT").await?)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

fn initialise(bin: &Path, account: Account, directory: &Path) -> Result<()> {
    let password = directory.join("password");
    std::fs::write(&password, PASSWORD)?;
    account.own(&password)?;
    let made = account
        .command(&bin.join("initdb"))
        .args(["--username", SUPERUSER, "--auth=scram-sha-256", "--no-sync"])
        .args(["--encoding=UTF8", "--locale=C"])
        .arg("--pwfile")
        .arg(&password)
        .arg("-D")
        .arg(directory.join("data"))
        .output()?;
    if made.status.success() {
        return Ok(());
    }
    let message = String::from_utf8_lossy(&made.stderr);
    Err(format!("initdb: {message}").into())
}
