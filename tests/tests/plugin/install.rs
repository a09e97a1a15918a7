//! Installing, and leaving nothing behind.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use connect_swap_tests::binary;
use serde_json::Value;

use crate::cli::{Cli, PLUGIN, said};

/// The files below a directory, without what npm and oclif keep of any plugin at all.
fn files(directory: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![directory.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(path.display().to_string());
            }
        }
    }
    found
}

/// The packages that npm put there.
fn packages(cli: &Cli) -> BTreeSet<String> {
    let modules = cli.data().join("node_modules");
    let entries = std::fs::read_dir(modules).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| !name.starts_with('.')).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_installs_from_its_packages_and_uninstalls_without_a_trace() {
    let Some(cli) = Cli::empty().await else {
        return;
    };
    tokio::task::block_in_place(|| {
        let installed = cli.run(&["plugins:install", PLUGIN]);
        assert!(installed.status.success(), "{}", said(&installed));
        assert!(
            !said(&installed).contains("install scripts"),
            "{}",
            said(&installed)
        );
        // The plugin, and the program for this machine: nothing for others, no dependency.
        let program = format!("{PLUGIN}-{}", this_platform());
        assert_eq!(packages(&cli), [PLUGIN.to_owned(), program].into());
        let listed = cli.run(&["plugins"]);
        let version = env!("CARGO_PKG_VERSION");
        assert!(
            said(&listed).contains(&format!("{PLUGIN} {version}")),
            "{}",
            said(&listed)
        );
        // Node warns of a manifest of another version at every command.
        assert!(!said(&listed).contains("Warning"), "{}", said(&listed));

        let uninstalled = cli.run(&["plugins:uninstall", PLUGIN]);
        assert!(uninstalled.status.success(), "{}", said(&uninstalled));
        assert_eq!(packages(&cli), BTreeSet::new());
        let left: Vec<_> = files(cli.home())
            .into_iter()
            .filter(|path| path.contains("connect-swap") || path.contains("connect_swap"))
            .collect();
        assert_eq!(left, Vec::<String>::new());
        let gone = cli.run(&["connect:swap:plan", "-a", "example-app"]);
        assert_eq!(gone.status.code(), Some(127), "{}", said(&gone));
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_foreign_or_older_program_is_told_with_the_way_out() {
    let Some(cli) = Cli::with_plugin().await else {
        return;
    };
    tokio::task::block_in_place(|| {
        let package = cli
            .data()
            .join(format!("node_modules/{PLUGIN}-{}", this_platform()));
        let program = package.join("connect-swap");
        let status = || cli.run(&["connect:swap:rehearse", "--jobs", "0"]);
        assert_eq!(status().status.code(), Some(2), "{}", said(&status()));

        std::fs::write(&program, "#!/bin/sh\necho connect-swap 0.0.1\n").expect("written");
        let older = status();
        assert_eq!(older.status.code(), Some(1), "{}", said(&older));
        for told in ["is version 0.0.1", "plugins:install heroku-connect-swap"] {
            assert!(unwrapped(&said(&older)).contains(told), "{}", said(&older));
        }

        std::fs::write(&program, "\u{7f}ELF for somebody else").expect("written");
        let foreign = status();
        assert_eq!(foreign.status.code(), Some(1), "{}", said(&foreign));
        assert!(
            unwrapped(&said(&foreign)).contains("another platform"),
            "{}",
            said(&foreign)
        );

        std::fs::remove_dir_all(&package).expect("removed");
        let missing = status();
        assert_eq!(missing.status.code(), Some(1), "{}", said(&missing));
        for told in [
            "is not installed",
            "optional dependencies",
            "HEROKU_CONNECT_SWAP_BINARY",
        ] {
            assert!(
                unwrapped(&said(&missing)).contains(told),
                "{}",
                said(&missing)
            );
        }
    });
}

/// The manifest that is generated is the one that oclif would make of the command classes.
#[tokio::test(flavor = "multi_thread")]
async fn the_manifest_is_what_oclif_finds_in_the_commands() {
    const SCRIPT: &str = "
        import {createRequire} from 'node:module'
        const [cli, root] = process.argv.slice(2)
        process.argv[1] = cli
        const {Plugin} = await import(createRequire(cli).resolve('@oclif/core')).then(m => m.default ?? m)
        const plugin = new Plugin({
          errorOnManifestCreate: true, ignoreManifest: true, isRoot: false,
          name: 'heroku-connect-swap', respectNoCacheDefault: true, root, type: 'user',
        })
        await plugin.load()
        console.log(JSON.stringify(plugin.manifest))
    ";
    let Some(cli) = Cli::with_plugin().await else {
        return;
    };
    let script = cli.home().join("manifest.mjs");
    std::fs::write(&script, SCRIPT).expect("written");
    let root = cli.data().join("node_modules").join(PLUGIN);
    let found = Command::new("node")
        .arg(&script)
        .arg(std::env::var("CONNECT_SWAP_HEROKU_CLI").expect("it is set"))
        .arg(&root)
        .output()
        .expect("node runs");
    let found: Value = serde_json::from_slice(&found.stdout).expect("a manifest");
    let ours = std::fs::read(root.join("oclif.manifest.json")).expect("a manifest");
    let ours: Value = serde_json::from_slice(&ours).expect("a manifest");
    assert_eq!(found, ours);
}

/// Node's name of this platform.
fn this_platform() -> String {
    let named = Command::new("node")
        .args(["-p", "process.platform + '-' + process.arch"])
        .output()
        .expect("node runs");
    String::from_utf8_lossy(&named.stdout).trim().to_owned()
}

/// A message of the CLI without its marks and line breaks.
fn unwrapped(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.trim_start_matches([' ', '›', '»']));
    lines.collect::<Vec<_>>().join(" ")
}

/// The program works alone, for those who have no Heroku CLI where it runs.
#[test]
fn the_program_alone_says_its_version() {
    let version = Command::new(binary()).arg("--version").output();
    let version = version.expect("the program runs");
    let expected = format!("connect-swap {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(String::from_utf8_lossy(&version.stdout), expected);
}
