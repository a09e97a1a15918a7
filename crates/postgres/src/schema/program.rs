//! PostgreSQL's own client programs: how they get their connection, and how long they may take.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::Error;
use crate::session::{APPLICATION_PREFIX, DatabaseUrl, of_libpq, of_libpq_server};

/// The longest that one of the programs may take, whatever it waits for: definitions of some 10,000
/// tables are dumped within minutes, and in the window users wait for it. A path that dies is noticed
/// much sooner.
pub(super) const PROGRAM_BOUND: Duration = Duration::from_secs(15 * 60);

/// Hands the connection over in the environment, where other users cannot see
/// it, and keeps the operator's own `PG…` variables out (PostgreSQL manual,
/// "libpq: Environment Variables"). Only how a dead path is noticed has no variables and is an argument.
pub(super) fn connection(command: &mut Command, url: &DatabaseUrl) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PG") {
            command.env_remove(name);
        }
    }
    let options = format!(
        "-c default_transaction_read_only=on -c statement_timeout=0 {}",
        of_libpq_server()
    );
    command
        .arg("--dbname")
        .arg(of_libpq())
        .env("PGHOST", url.host())
        .env("PGPORT", url.port().to_string())
        .env("PGDATABASE", url.database())
        .env("PGUSER", url.user())
        .env("PGPASSWORD", url.password().unwrap_or_default())
        .env("PGGSSENCMODE", "disable")
        .env("PGAPPNAME", format!("{APPLICATION_PREFIX} schema"))
        .env("PGCONNECT_TIMEOUT", "20")
        .env("PGOPTIONS", options)
        .env("LC_ALL", "C");
}

/// Runs a client program to its end and returns what it wrote. Whatever it
/// says on its standard error when it fails is returned whole. One that has not
/// ended within the bound is killed.
pub(super) async fn run(
    program: &'static str,
    mut command: Command,
    bound: Duration,
) -> Result<String, Error> {
    let ended = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let Ok(ended) = tokio::time::timeout(bound, ended).await else {
        let message = format!(
            "it did not end within {} seconds and was stopped; it only read, so nothing was changed: try again",
            bound.as_secs()
        );
        return Err(Error::Program { program, message });
    };
    let output = ended.map_err(|source| Error::io(format!("cannot run {program}"), source))?;
    if output.status.success() {
        return String::from_utf8(output.stdout)
            .map_err(|_| Error::Protocol(format!("{program} wrote text that is not UTF-8")));
    }
    let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if message.contains("No space left on device") {
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        return Err(Error::io(
            "this machine's temporary directory is full",
            full,
        ));
    }
    Err(Error::Program { program, message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_path_is_noticed_and_no_secret_is_an_argument() {
        let url = "postgres://somebody:hush@db.example.com:5433/sales";
        let mut command = Command::new("pg_dump");
        connection(&mut command, &DatabaseUrl::parse(url).unwrap());
        let command = command.as_std();
        let arguments: Vec<_> = command
            .get_args()
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect();
        let words: Vec<&str> = arguments.iter().flat_map(|line| line.split(' ')).collect();
        for wanted in [
            "keepalives=1",
            "keepalives_idle=30",
            "tcp_user_timeout=30000",
        ] {
            assert!(words.contains(&wanted), "{words:?}");
        }
        let told = arguments.join(" ");
        for secret in ["hush", "somebody", "example", "sales"] {
            assert!(!told.contains(secret), "{told}");
        }
        let mut set = command.get_envs();
        let options = set.find(|(name, _)| *name == "PGOPTIONS").unwrap().1;
        let options = options.unwrap().to_string_lossy();
        assert!(options.contains("-c tcp_keepalives_idle=15"), "{options}");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_program_that_does_not_end_is_stopped() {
        let mut silent = Command::new("sleep");
        silent.arg("600");
        let started = std::time::Instant::now();
        let error = run("pg_dump", silent, Duration::from_millis(20)).await;
        let words = error.unwrap_err().to_string();
        assert!(words.contains("was stopped"), "{words}");
        assert!(started.elapsed() < Duration::from_secs(60));
    }
}
