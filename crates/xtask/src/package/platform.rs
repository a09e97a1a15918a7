//! The platforms that the program is made for.

use super::PackageError;

/// A platform, as Node and as Rust name it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Platform {
    /// Node's `process.platform`, and npm's `os`.
    pub(super) os: &'static str,
    /// Node's `process.arch`, and npm's `cpu`.
    pub(super) cpu: &'static str,
    /// What releases are built for. The ones for Linux need no C library of the machine's.
    pub(super) triple: &'static str,
}

pub(super) const PLATFORMS: [Platform; 6] = [
    platform("darwin", "arm64", "aarch64-apple-darwin"),
    platform("darwin", "x64", "x86_64-apple-darwin"),
    platform("linux", "arm64", "aarch64-unknown-linux-musl"),
    platform("linux", "x64", "x86_64-unknown-linux-musl"),
    platform("win32", "arm64", "aarch64-pc-windows-msvc"),
    platform("win32", "x64", "x86_64-pc-windows-msvc"),
];

const fn platform(os: &'static str, cpu: &'static str, triple: &'static str) -> Platform {
    Platform { os, cpu, triple }
}

impl Platform {
    /// That of a target, or of this machine; another C library makes no other platform.
    pub(super) fn of(target: Option<&str>) -> Result<Self, PackageError> {
        let this_machine = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
        let name = target.unwrap_or(&this_machine);
        let os = match name {
            _ if name.contains("linux") => "linux",
            _ if name.contains("apple") || name.contains("macos") => "darwin",
            _ if name.contains("windows") => "win32",
            _ => return Err(PackageError::Platform(name.to_owned())),
        };
        let cpu = match name.split('-').next() {
            Some("x86_64") => "x64",
            Some("aarch64") => "arm64",
            _ => return Err(PackageError::Platform(name.to_owned())),
        };
        let mut all = PLATFORMS.into_iter();
        let found = all.find(|platform| platform.os == os && platform.cpu == cpu);
        found.ok_or_else(|| PackageError::Platform(name.to_owned()))
    }

    /// The name of its package.
    pub(super) fn package(&self) -> String {
        format!("{}-{}-{}", super::NAME, self.os, self.cpu)
    }

    /// The program's file.
    pub(super) fn file(&self) -> &'static str {
        match self.os {
            "win32" => "connect-swap.exe",
            _ => "connect-swap",
        }
    }

    /// Rehearsals run PostgreSQL's servers, in a way that Windows does not know.
    pub(super) fn rehearses(&self) -> bool {
        self.os != "win32"
    }
}

/// Every target, for a person to choose from.
pub(super) fn triples() -> String {
    PLATFORMS.map(|platform| platform.triple).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_target_has_its_platform_and_this_machine_one() {
        for expected in PLATFORMS {
            assert_eq!(Platform::of(Some(expected.triple)).unwrap(), expected);
        }
        let with_another_library = Platform::of(Some("x86_64-unknown-linux-gnu")).unwrap();
        assert_eq!(
            with_another_library.package(),
            "heroku-connect-swap-linux-x64"
        );
        Platform::of(None).unwrap();
    }

    #[test]
    fn a_target_without_a_package_is_refused() {
        for target in [
            "riscv64gc-unknown-linux-gnu",
            "wasm32-wasip1",
            "x86_64-sun-solaris",
            "",
        ] {
            let error = Platform::of(Some(target)).unwrap_err().to_string();
            assert!(error.contains("aarch64-apple-darwin"), "{error}");
        }
    }
}
