//! Help and completion, as the Heroku CLI shows those of any command.

use connect_swap_tests::Scene;

use crate::cli::{Cli, said};

const COMMANDS: [&str; 10] = [
    "plan", "prep", "follow", "status", "cutover", "verify", "rollback", "cleanup", "report",
    "rehearse",
];

#[tokio::test(flavor = "multi_thread")]
async fn help_and_completion_are_those_of_a_heroku_command() {
    let Some(cli) = Cli::with_plugin().await else {
        return;
    };
    tokio::task::block_in_place(|| {
        topic(&cli);
        of_each_command(&cli);
        completion(&cli);
    });
}

fn topic(cli: &Cli) {
    for arguments in [&["help", "connect:swap"][..], &["connect:swap", "--help"]] {
        let help = cli.run(arguments);
        let text = said(&help);
        assert!(help.status.success(), "{text}");
        for command in COMMANDS {
            assert!(
                text.contains(&format!("connect:swap:{command}")),
                "{command}: {text}"
            );
        }
        assert!(
            text.contains("add columns to large Heroku Connect mappings"),
            "{text}"
        );
    }
    let all = said(&cli.run(&["commands"]));
    for command in COMMANDS {
        assert!(
            all.contains(&format!("connect:swap:{command}")),
            "{command}"
        );
    }
}

fn of_each_command(cli: &Cli) {
    let text = said(&cli.run(&["connect:swap:cutover", "--help"]));
    for part in [
        "$ heroku connect:swap:cutover",
        "-a, --app=<value>",
        "(required) [env: HEROKU_APP] app to run command",
        "-r, --remote=<value>",
        "--max-downtime",
        "CONSENT FLAGS",
        "--app example-app",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

fn completion(cli: &Cli) {
    // What `heroku autocomplete` does of the plugin; names of apps it would ask Heroku for.
    let made = cli.run(&["autocomplete:create"]);
    assert!(made.status.success(), "{}", said(&made));
    let cache = cli.home().join("cache/heroku/autocomplete");
    let mut lists = String::new();
    for entry in std::fs::read_dir(&cache).expect("a cache").flatten() {
        lists.push_str(&std::fs::read_to_string(entry.path()).unwrap_or_default());
    }
    for line in ["connect:swap:cutover", "--max-downtime"] {
        assert!(lists.contains(line), "{line} in {}", cache.display());
    }
}

/// Which app is meant is the CLI's own affair: its flags, its variable, git's remotes.
#[tokio::test(flavor = "multi_thread")]
async fn the_app_is_found_as_the_cli_finds_it() {
    let Some(cli) = Cli::with_plugin().await else {
        return;
    };
    let scene = Scene::new().await;
    let (cli, app) = (cli.at(&scene), scene.app.clone());
    tokio::task::block_in_place(|| {
        let checkout = tempfile::tempdir().expect("a directory");
        let git = |arguments: &[&str]| {
            let done = std::process::Command::new("git")
                .args(arguments)
                .current_dir(checkout.path())
                .status();
            assert!(done.expect("git runs").success(), "{arguments:?}");
        };
        let list = |arguments: &[&str]| {
            cli.run_in(
                checkout.path(),
                &[&["connect:swap", "--json"], arguments].concat(),
            )
        };
        git(&["init", "--quiet"]);
        let none = list(&[]);
        assert_eq!(none.status.code(), Some(2), "{}", said(&none));
        assert!(
            said(&none).contains("Missing required flag app"),
            "{}",
            said(&none)
        );

        let host = scene.sandbox.url();
        let host = host.trim_start_matches("http://");
        git(&[
            "remote",
            "add",
            "heroku",
            &format!("https://{host}/{app}.git"),
        ]);
        let names_app = |output: &std::process::Output| {
            assert!(output.status.success(), "{}", said(output));
            assert!(
                said(output).contains(&format!("\"{app}\"")),
                "{}",
                said(output)
            );
        };
        names_app(&list(&[]));
        git(&[
            "remote",
            "add",
            "staging",
            &format!("https://{host}/other.git"),
        ]);
        let several = list(&[]);
        assert_eq!(several.status.code(), Some(2), "{}", said(&several));
        assert!(
            said(&several).contains("Multiple apps in git remotes"),
            "{}",
            said(&several)
        );
        names_app(&list(&["-r", "heroku"]));
        names_app(&list(&["-a", &app]));
        let unknown = list(&["--remote", "nowhere"]);
        assert_eq!(unknown.status.code(), Some(2), "{}", said(&unknown));
    });
}
