//! The temporary directory that holds both data directories.

use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use tempfile::TempDir;

use super::account::Account;
use super::error::ServerError;

/// Makes the directory, readable by the servers' account alone.
pub(super) fn create(account: Option<Account>) -> Result<TempDir, ServerError> {
    let failed = |path: &Path, source| ServerError::Directory {
        path: path.to_path_buf(),
        source,
    };
    let directory = tempfile::Builder::new()
        .prefix("connect-swap-sandbox-")
        .tempdir()
        .map_err(|source| failed(&std::env::temp_dir(), source))?;
    let path = directory.path();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
        .map_err(|source| failed(path, source))?;
    if let Some(account) = account {
        chown(path, Some(account.uid), Some(account.gid)).map_err(|source| failed(path, source))?;
    }
    Ok(directory)
}
