//! Opens a page: the one on which Salesforce is authorised.

use std::process::{Command, Stdio};

use connect_swap_swap::Browser;

/// The browser of `BROWSER`, else the platform's opener.
pub(crate) struct SystemBrowser {
    choice: Option<String>,
}

impl SystemBrowser {
    pub(crate) fn new(choice: Option<String>) -> Self {
        Self { choice }
    }
}

impl Browser for SystemBrowser {
    fn open(&self, url: &str) -> bool {
        // An answer of an API must not name a file or a program.
        if !url.starts_with("https://") && !url.starts_with("http://") {
            return false;
        }
        commands(self.choice.as_deref(), url)
            .into_iter()
            .any(|words| start(&words))
    }
}

/// The command lines to try, in order. `BROWSER` may list several, separated by colons; each may
/// hold arguments and `%s` where the address goes (xdg-utils' convention).
fn commands(choice: Option<&str>, url: &str) -> Vec<Vec<String>> {
    let Some(choice) = choice else {
        let opener: &[&str] = if cfg!(target_os = "macos") {
            &["open"]
        } else if cfg!(windows) {
            &["rundll32", "url.dll,FileProtocolHandler"]
        } else {
            &["xdg-open"]
        };
        return vec![
            opener
                .iter()
                .copied()
                .chain([url])
                .map(str::to_owned)
                .collect(),
        ];
    };
    let separator = if cfg!(windows) { ';' } else { ':' };
    let choices = choice.split(separator).filter(|one| !one.trim().is_empty());
    choices
        .map(|one| {
            let words: Vec<String> = one
                .split_whitespace()
                .map(|w| w.replace("%s", url))
                .collect();
            let placed = one.contains("%s");
            words
                .into_iter()
                .chain((!placed).then(|| url.to_owned()))
                .collect()
        })
        .collect()
}

fn start(words: &[String]) -> bool {
    let Some((program, arguments)) = words.split_first() else {
        return false;
    };
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // The browser is shown an address, not our login.
    command.env_remove(crate::env::TOKEN);
    // Ctrl-C at our terminal is not meant for the browser.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let Ok(mut child) = command.spawn() else {
        return false;
    };
    // Somebody has to take note of its end, or it stays as a zombie while we run.
    std::thread::spawn(move || child.wait());
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn browser_may_list_several_with_arguments() {
        assert_eq!(
            commands(Some("firefox --new-tab %s:lynx"), "https://a/?b=1"),
            [
                vec!["firefox", "--new-tab", "https://a/?b=1"],
                vec!["lynx", "https://a/?b=1"]
            ]
        );
    }

    #[test]
    fn only_pages_are_opened() {
        let browser = SystemBrowser::new(Some("true".to_owned()));
        assert!(!browser.open("file:///etc/passwd"));
        assert!(!browser.open("--version"));
    }

    #[test]
    fn a_browser_that_is_not_there_is_told() {
        let browser = SystemBrowser::new(Some("no-such-browser-anywhere".to_owned()));
        assert!(!browser.open("https://example.com/"));
    }
}
