//! The operator's machine, on which every command is looked at from everywhere.

use std::path::{Path, PathBuf};
use std::process::Output;

use connect_swap_sandbox::servers::{Database, find_installation};
use connect_swap_tests::Scene;

use crate::canaries::Canaries;
use crate::watch::watched;

/// Home, temporary directory, and client programs that write down how they are called.
pub(crate) struct Machine<'a> {
    scene: &'a Scene,
    temporary: tempfile::TempDir,
    programs: tempfile::TempDir,
    browser: String,
    pub(crate) canaries: Canaries,
}

impl<'a> Machine<'a> {
    pub(crate) fn new(scene: &'a Scene) -> Self {
        let machine = Self {
            scene,
            temporary: tempfile::tempdir().unwrap(),
            programs: tempfile::tempdir().unwrap(),
            browser: scene.allowing_browser(),
            canaries: Canaries::new(),
        };
        let real = find_installation().unwrap().bin;
        for program in ["pg_dump", "pg_restore"] {
            let script = format!(
                "#!/bin/sh\nprintf '%s\\n' \"{program} $*\" >> '{calls}'\nexec '{real}' \"$@\"\n",
                calls = machine.calls_file().display(),
                real = real.join(program).display(),
            );
            let path = machine.programs.path().join(program);
            std::fs::write(&path, script).unwrap();
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(&path, mode).unwrap();
        }
        machine
    }

    /// How the client programs were called.
    pub(crate) fn calls(&self) -> String {
        std::fs::read_to_string(self.calls_file()).unwrap()
    }

    fn calls_file(&self) -> PathBuf {
        self.programs.path().join("calls")
    }

    /// Runs a command of the app, looks at everything that comes of it, and checks how it ends.
    #[track_caller]
    pub(crate) fn run(&self, line: &str, exit: i32) -> String {
        let words: Vec<&str> = line.split_whitespace().collect();
        let arguments = [&words[..1], &["-a", &self.scene.app], &words[1..]].concat();
        let mut command = self.scene.command(&arguments);
        command
            .env("TMPDIR", self.temporary.path())
            .env("CONNECT_SWAP_PG_BIN", self.programs.path())
            .env("BROWSER", &self.browser);
        let home = self.scene.files();
        let places = [self.temporary.path(), home.as_path()];
        let (output, seen) = tokio::task::block_in_place(|| watched(command, &places));
        let told = self.check_output(line, &output);
        assert_eq!(output.status.code(), Some(exit), "{line}\n{told}");
        let lines = &seen.command_lines;
        assert!(
            lines.iter().any(|seen| seen.contains(words[0])),
            "{lines:?}"
        );
        for seen in lines {
            self.canaries.are_not_in("a command line", seen);
        }
        for (path, (mode, text)) in &seen.files {
            self.canaries.are_not_in(&path.display().to_string(), text);
            self.check_mode(path, *mode);
        }
        let left: Vec<_> = std::fs::read_dir(self.temporary.path()).unwrap().collect();
        assert!(left.is_empty(), "{line} left {left:?}");
        told
    }

    fn check_output(&self, line: &str, output: &Output) -> String {
        let stdout = String::from_utf8(output.stdout.clone()).unwrap();
        let stderr = String::from_utf8(output.stderr.clone()).unwrap();
        self.canaries
            .are_not_in(&format!("stdout of {line}"), &stdout);
        self.canaries
            .are_not_in(&format!("stderr of {line}"), &stderr);
        format!("{stdout}{stderr}")
    }

    /// Files are for their owner alone, and so are directories. The browser is the test's own.
    fn check_mode(&self, path: &Path, mode: u32) {
        if path.display().to_string() != self.browser {
            assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", path.display());
        }
    }

    /// Looks at every row of the journal's schema, as the superuser sees it.
    pub(crate) async fn check_journal(&self, database: &Database) {
        let admin = database.admin().await.unwrap();
        let tables = "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename)
                      FROM pg_tables WHERE schemaname = 'connect_swap'";
        let mut rows = 0;
        for table in admin.query(tables, &[]).await.unwrap() {
            let table: String = table.get(0);
            let all = format!("SELECT to_jsonb(t)::text FROM {table} t");
            for row in admin.query(&all, &[]).await.unwrap() {
                self.canaries.are_not_in(&table, &row.get::<_, String>(0));
                rows += 1;
            }
        }
        assert!(rows > 0, "there is no journal");
    }
}
