//! One PostgreSQL server: initialised, started, stopped by its process id.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, kill_process};

use super::account::Account;
use super::binaries::Installation;
use super::database::{ADMIN, Server};
use super::error::ServerError;
use super::outage::Shutdown;

/// How long a server may take to answer its first connection.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How long a server may take to end before it is killed.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// A server. Dropping it stops it.
#[derive(Debug)]
pub(super) struct Cluster {
    postmaster: Child,
    launch: Launch,
    pub(super) server: Server,
}

/// What a server is started with, the first time and again.
#[derive(Debug)]
struct Launch {
    program: PathBuf,
    directory: PathBuf,
    account: Option<Account>,
    settings: Vec<String>,
}

impl Launch {
    fn spawn(&self) -> Result<Child, ServerError> {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(log_path(&self.directory))
            .map_err(|source| ServerError::Directory {
                path: self.directory.clone(),
                source,
            })?;
        let mut command = Command::new(&self.program);
        command
            .arg("-D")
            .arg(data_directory(&self.directory))
            .args(&self.settings);
        command
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        // A group of its own: Ctrl-C in the terminal must not reach the server.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        if let Some(account) = self.account {
            account.apply(&mut command);
        }
        command.spawn().map_err(|source| ServerError::Spawn {
            program: self.program.clone(),
            source,
        })
    }
}

impl Cluster {
    /// `initdb` and start in `directory`, with `further` settings, waiting until the server answers.
    pub(super) async fn create(
        installation: &Installation,
        directory: &Path,
        account: Option<Account>,
        password: &str,
        further: &[String],
    ) -> Result<Self, ServerError> {
        init(installation, directory, account, password).await?;
        // The port is free when it is chosen, but another process may be quicker.
        let mut attempts = 0;
        loop {
            attempts += 1;
            match Self::start(installation, directory, account, password, further).await {
                Err(ServerError::NotReady { .. }) if attempts < 3 => {}
                started => return started,
            }
        }
    }

    async fn start(
        installation: &Installation,
        directory: &Path,
        account: Option<Account>,
        password: &str,
        further: &[String],
    ) -> Result<Self, ServerError> {
        let failed = |source| ServerError::Directory {
            path: directory.to_path_buf(),
            source,
        };
        let port = free_port().map_err(failed)?;
        let launch = Launch {
            program: installation.bin.join("postgres"),
            directory: directory.to_path_buf(),
            account,
            settings: settings(port, further),
        };
        let mut cluster = Self {
            postmaster: launch.spawn()?,
            launch,
            server: Server::new(port, password, installation.major),
        };
        cluster.wait_until_ready().await?;
        Ok(cluster)
    }

    /// Starts a stopped server again on its data and its port.
    pub(super) async fn start_again(&mut self) -> Result<(), ServerError> {
        if !matches!(self.postmaster.try_wait(), Ok(None)) {
            self.postmaster = self.launch.spawn()?;
        }
        self.wait_until_ready().await
    }

    async fn wait_until_ready(&mut self) -> Result<(), ServerError> {
        let log = log_path(&self.launch.directory);
        let deadline = Instant::now() + START_LIMIT;
        loop {
            if self.server.admin("postgres").await.is_ok() {
                return Ok(());
            }
            let ended = !matches!(self.postmaster.try_wait(), Ok(None));
            if ended || Instant::now() > deadline {
                return Err(ServerError::NotReady { log: end_of(&log) });
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Stops the server and waits until it has ended.
    pub(super) fn stop(&mut self, how: Shutdown) {
        let pid = i32::try_from(self.postmaster.id())
            .ok()
            .and_then(Pid::from_raw);
        if let (Some(pid), Ok(None)) = (pid, self.postmaster.try_wait()) {
            let _ = kill_process(pid, how.signal());
        }
        let deadline = Instant::now() + STOP_LIMIT;
        while matches!(self.postmaster.try_wait(), Ok(None)) {
            if Instant::now() > deadline {
                let _ = self.postmaster.kill();
                let _ = self.postmaster.wait();
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Its data is thrown away.
        self.stop(Shutdown::Crash);
    }
}

/// The data directory inside a cluster's directory.
pub(super) fn data_directory(directory: &Path) -> PathBuf {
    directory.join("data")
}

fn log_path(directory: &Path) -> PathBuf {
    directory.join("server.log")
}

async fn init(
    installation: &Installation,
    directory: &Path,
    account: Option<Account>,
    password: &str,
) -> Result<(), ServerError> {
    let failed = |source| ServerError::Directory {
        path: directory.to_path_buf(),
        source,
    };
    std::fs::create_dir(directory).map_err(failed)?;
    let password_file = directory.join("password");
    std::fs::write(&password_file, password).map_err(failed)?;
    if let Some(account) = account {
        for path in [directory, &password_file] {
            std::os::unix::fs::chown(path, Some(account.uid), Some(account.gid)).map_err(failed)?;
        }
    }
    let program = installation.bin.join("initdb");
    let mut command = Command::new(&program);
    command
        .arg("--pgdata")
        .arg(data_directory(directory))
        .arg("--pwfile")
        .arg(&password_file);
    command.args(["--username", ADMIN, "--auth", "scram-sha-256", "--no-sync"]);
    command.args(["--encoding", "UTF8", "--locale", "C", "--no-instructions"]);
    command.current_dir("/").stdin(Stdio::null());
    if let Some(account) = account {
        account.apply(&mut command);
    }
    let output = tokio::process::Command::from(command)
        .output()
        .await
        .map_err(|source| ServerError::Spawn { program, source })?;
    std::fs::remove_file(&password_file).map_err(failed)?;
    if output.status.success() {
        Ok(())
    } else {
        Err(ServerError::Init {
            output: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

/// Loopback only, no safety against a crash, little memory, many sessions.
fn settings(port: u16, further: &[String]) -> Vec<String> {
    let port = format!("port={port}");
    [
        port.as_str(),
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "fsync=off",
        "full_page_writes=off",
        "synchronous_commit=off",
        "wal_level=minimal",
        "max_wal_senders=0",
        "max_connections=400",
        "shared_buffers=32MB",
        "max_wal_size=256MB",
        "autovacuum_naptime=30s",
        "jit=off",
        "log_min_messages=fatal",
    ]
    .into_iter()
    .chain(further.iter().map(String::as_str))
    .flat_map(|setting| ["-c".to_owned(), setting.to_owned()])
    .collect()
}

fn end_of(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines = text.lines().rev().take(5).collect::<Vec<_>>();
    lines.into_iter().rev().collect::<Vec<_>>().join("; ")
}
