//! PostgreSQL's own programs.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use connect_swap_postgres::{Tools, pg_tools};
use connect_swap_sandbox::servers::{Installation, find_installation};

use super::Result;
use super::cluster::PASSWORD;

/// Servers and clients.
pub(crate) struct Programs {
    /// Of the servers.
    pub(crate) installation: Installation,
    tools: Tools,
}

impl Programs {
    /// Looks for them.
    pub(crate) fn find() -> Result<Self> {
        let installation = find_installation()?;
        let tools = pg_tools(installation.major)?;
        Ok(Self {
            installation,
            tools,
        })
    }

    /// A shell that runs a script. It finds the client programs by their names
    /// and both databases as `$OLD` and `$NEW`, addresses that need no further
    /// password than that of the benches' servers.
    pub(crate) fn shell(&self, script: &str, old: &str, new: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command.env("OLD", old).env("NEW", new);
        command.env("PGPASSWORD", PASSWORD).env("PATH", self.path());
        command
    }

    /// With the client programs of the servers' version first.
    pub(crate) fn path(&self) -> OsString {
        let own = self.tools.pg_dump.parent().map(Path::to_owned);
        let rest = std::env::var_os("PATH").unwrap_or_default();
        let all = own.into_iter().chain(std::env::split_paths(&rest));
        std::env::join_paths(all).unwrap_or(rest.clone())
    }
}
