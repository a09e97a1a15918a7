//! Who runs the servers: PostgreSQL refuses to run as root.

use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::Result;

/// The user and group to become; none where this process is not root.
#[derive(Clone, Copy)]
pub(crate) struct Account(Option<(u32, u32)>);

impl Account {
    /// Chooses by whom a file of ours would be owned.
    pub(crate) fn for_servers() -> Result<Self> {
        if tempfile::tempfile()?.metadata()?.uid() != 0 {
            return Ok(Self(None));
        }
        let users = std::fs::read_to_string("/etc/passwd")?;
        let found = ["postgres", "nobody"].into_iter().find_map(|name| {
            let mut fields = users
                .lines()
                .map(|line| line.split(':'))
                .find(|fields| fields.clone().next() == Some(name))?
                .skip(2);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        });
        match found {
            Some(ids) => Ok(Self(Some(ids))),
            None => Err("root cannot run servers, and there is no user postgres or nobody".into()),
        }
    }

    /// Gives a path to the account.
    pub(crate) fn own(self, path: &Path) -> Result<()> {
        if let Some((user, group)) = self.0 {
            chown(path, Some(user), Some(group))?;
        }
        Ok(())
    }

    /// A command that runs as the account, out of reach of a Ctrl-C in the
    /// terminal: the watchdog ends the servers.
    pub(crate) fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.process_group(0).current_dir("/");
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group);
        }
        command
    }
}
