//! Who runs this, for the journal's reader.

use connect_swap_swap::Identity;

/// The local user, this machine's name, this program's version.
pub(crate) fn identity(get: impl Fn(&str) -> Option<String>) -> Identity {
    let set = |name: &str| get(name).filter(|value| !value.is_empty());
    Identity {
        user: set("USER")
            .or_else(|| set("USERNAME"))
            .unwrap_or_else(|| "unknown".to_owned()),
        host: host(set),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

#[cfg(unix)]
fn host(_set: impl Fn(&str) -> Option<String>) -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

#[cfg(not(unix))]
fn host(set: impl Fn(&str) -> Option<String>) -> String {
    set("COMPUTERNAME").unwrap_or_else(|| "unknown".to_owned())
}
