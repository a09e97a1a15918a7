//! Completion of the program's own command line, for those who use it without the Heroku CLI.
//!
//! `heroku autocomplete` completes the plugin's commands by itself, from the plugin's metadata.

use clap_complete::Shell;
use connect_swap_cli::args::command;

use crate::generate::Generated;

const SHELLS: [(Shell, &str); 4] = [
    (Shell::Bash, "connect-swap.bash"),
    (Shell::Fish, "connect-swap.fish"),
    (Shell::PowerShell, "connect-swap.ps1"),
    (Shell::Zsh, "_connect-swap"),
];

/// One script for each shell.
pub(crate) fn scripts() -> Vec<Generated> {
    let scripts = SHELLS.map(|(shell, file)| {
        let mut text = Vec::new();
        clap_complete::generate(shell, &mut command(), "connect-swap", &mut text);
        Generated {
            path: format!("docs/completions/{file}"),
            text: String::from_utf8_lossy(&text).into_owned(),
        }
    });
    scripts.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_completes_flags_of_commands() {
        for script in scripts() {
            assert!(script.text.contains("max-downtime"), "{}", script.path);
        }
    }
}
