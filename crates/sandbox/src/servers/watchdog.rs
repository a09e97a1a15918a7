//! Ends the servers when the process that owns them is gone.
//!
//! A destructor does not run after SIGKILL, nor after a Ctrl-C that nobody handles. So a shell
//! waits on a pipe that only the owner holds: when the owner ends, in whatever way, the pipe
//! closes, and the shell stops the servers by the process ids in their `postmaster.pid` files and
//! removes the directory.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::error::ServerError;

/// The waiting shell. Dropping it calls it off.
#[derive(Debug)]
pub(super) struct Watchdog(Child);

const SCRIPT: &str = r#"
trap '' INT TERM HUP QUIT
read -r _
for file in "$1"/*/data/postmaster.pid; do
  [ -f "$file" ] && kill -QUIT "$(head -n 1 "$file")"
done
for _ in 1 2 3 4 5 6 7 8 9 10; do
  ls "$1"/*/data/postmaster.pid >/dev/null 2>&1 || break
  sleep 0.2
done
case "$1" in */connect-swap-sandbox-*) rm -rf "$1" ;; esac
"#;

impl Watchdog {
    /// Watches over the servers below `directory`.
    pub(super) fn start(directory: &Path) -> Result<Self, ServerError> {
        let program = Path::new("/bin/sh");
        let mut command = Command::new(program);
        command
            .arg("-c")
            .arg(SCRIPT)
            .arg("connect-swap-sandbox-watchdog")
            .arg(directory);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .current_dir("/");
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command.spawn().map_err(|source| ServerError::Spawn {
            program: program.to_path_buf(),
            source,
        })?;
        Ok(Self(child))
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        // Killed before its pipe closes, or it would stop the servers a second time.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
