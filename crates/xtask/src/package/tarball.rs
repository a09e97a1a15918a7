//! A package as it is published.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{PackageError, tool};

/// A packed package.
pub(super) struct Tarball {
    name: String,
    file: PathBuf,
    packed: u64,
    unpacked: u64,
}

/// Packs a directory (npm Docs, "npm-pack").
pub(super) fn pack(stage: &Path, out: &Path) -> Result<Tarball, PackageError> {
    let mut npm = tool::npm();
    npm.current_dir(stage);
    npm.args(["pack", "--json", "--ignore-scripts", "--pack-destination"]);
    let said = tool::run(npm.arg(out))?;
    read(&said, out)
        .ok_or_else(|| PackageError::Unexpected(format!("npm pack said what is unknown: {said}")))
}

/// npm's answer is a list of one.
fn read(said: &str, out: &Path) -> Option<Tarball> {
    let said: Value = serde_json::from_str(said).ok()?;
    let packed = said.get(0)?;
    Some(Tarball {
        name: packed["name"].as_str()?.to_owned(),
        file: out.join(packed["filename"].as_str()?),
        packed: packed["size"].as_u64()?,
        unpacked: packed["unpackedSize"].as_u64()?,
    })
}

impl Tarball {
    /// # Errors
    /// When it is larger than it may be.
    pub(super) fn bounded(&self, bound: u64) -> Result<(), PackageError> {
        if self.packed <= bound {
            return Ok(());
        }
        Err(PackageError::Size {
            name: self.name.clone(),
            bytes: self.packed,
            bound,
        })
    }
}

impl fmt::Display for Tarball {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kilobytes = |bytes: u64| bytes.div_ceil(1000);
        write!(
            f,
            "{} kB packed, {} kB unpacked: {}",
            kilobytes(self.packed),
            kilobytes(self.unpacked),
            self.file.display()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = r#"[{"name":"a","filename":"a-1.0.0.tgz","size":1500,"unpackedSize":3001}]"#;

    #[test]
    fn a_package_says_how_large_it_is_and_may_be() {
        let tarball = read(SAID, Path::new("out")).unwrap();
        assert_eq!(
            tarball.to_string(),
            "2 kB packed, 4 kB unpacked: out/a-1.0.0.tgz"
        );
        tarball.bounded(1500).unwrap();
        let error = tarball.bounded(1499).unwrap_err().to_string();
        assert_eq!(error, "a is 1500 bytes packed, more than 1499");
        assert!(read("{}", Path::new("out")).is_none());
    }
}
