//! How the screen looks: decided once, from the streams, the environment and the flags.

use super::palette::{Depth, Palette};

/// Which standard streams are terminals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Terminals {
    pub(crate) stdin: bool,
    pub(crate) stdout: bool,
    pub(crate) stderr: bool,
    /// How wide they are, where any of them is one.
    pub(crate) columns: Option<u16>,
}

impl Terminals {
    /// Asks the operating system.
    pub(crate) fn detect() -> Self {
        use std::io::IsTerminal;
        Self {
            stdin: std::io::stdin().is_terminal(),
            stdout: std::io::stdout().is_terminal(),
            stderr: std::io::stderr().is_terminal(),
            columns: console::Term::stderr()
                .size_checked()
                .map(|(_, columns)| columns),
        }
    }

    /// Whether a person can be asked: the question goes to stderr, the answer comes from stdin.
    pub(crate) fn can_prompt(self) -> bool {
        self.stdin && self.stderr
    }
}

/// What the environment says about looks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// `NO_COLOR`, not empty.
    pub(crate) no_color: bool,
    /// `FORCE_COLOR`: its value.
    pub(crate) force_color: Option<String>,
    /// `CI`, not empty and not `false`.
    pub(crate) ci: bool,
    /// `TERM`.
    pub(crate) term: Option<String>,
    /// `COLORTERM`, not empty.
    pub(crate) colorterm: bool,
    /// `HEROKU_THEME=simple`.
    pub(crate) simple_theme: bool,
}

/// How the screen looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// Whether stderr has a live region, rather than a line with its time for everything.
    pub(crate) live: bool,
    /// The colours of stdout.
    pub(crate) out: Palette,
    /// The colours of stderr.
    pub(crate) err: Palette,
    /// Where lines of stdout are folded: nowhere, if nobody looks at a terminal.
    pub(crate) out_columns: Option<usize>,
    /// Where lines of stderr are folded.
    pub(crate) err_columns: Option<usize>,
}

impl Look {
    /// Decides. `stream` tells whether events go to stdout: on a terminal they would run into a
    /// live region.
    pub(crate) fn decide(terminals: Terminals, wishes: &Wishes, plain: bool, stream: bool) -> Self {
        let dumb = wishes.term.as_deref() == Some("dumb");
        let quiet = plain || dumb || wishes.ci || (stream && terminals.stdout);
        let palette = |terminal| match plain {
            true => Palette::none(),
            false => Palette::new(depth(terminal, dumb, wishes)),
        };
        let columns = |terminal: bool| {
            let columns = terminals.columns.filter(|_| terminal && !quiet);
            columns.map(usize::from)
        };
        Self {
            live: terminals.stderr && !quiet,
            out: palette(terminals.stdout),
            err: palette(terminals.stderr),
            out_columns: columns(terminals.stdout),
            err_columns: columns(terminals.stderr),
        }
    }
}

fn depth(terminal: bool, dumb: bool, wishes: &Wishes) -> Depth {
    if wishes.no_color {
        return Depth::None;
    }
    match wishes.force_color.as_deref() {
        Some("0" | "false") => return Depth::None,
        Some("" | "1" | "true") => return Depth::Basic,
        Some(_) => return Depth::Full,
        None => {}
    }
    if !terminal || dumb {
        return Depth::None;
    }
    let many = wishes.colorterm
        || wishes
            .term
            .as_deref()
            .is_some_and(|t| t.contains("256color"));
    if many && !wishes.simple_theme {
        Depth::Full
    } else {
        Depth::Basic
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::Paint;

    const TTY: Terminals = Terminals {
        stdin: true,
        stdout: true,
        stderr: true,
        columns: Some(80),
    };
    const PIPES: Terminals = Terminals {
        stdin: false,
        stdout: false,
        stderr: false,
        columns: None,
    };

    fn xterm() -> Wishes {
        Wishes {
            term: Some("xterm-256color".into()),
            ..Wishes::default()
        }
    }

    fn coloured(palette: Palette) -> bool {
        palette.paint(Paint::Good, "x") != "x"
    }

    #[test]
    fn a_terminal_gets_colours_and_a_live_region() {
        let look = Look::decide(TTY, &xterm(), false, false);
        assert!(look.live && coloured(look.out) && coloured(look.err));
    }

    #[test]
    fn each_stream_is_judged_by_itself() {
        let piped = Terminals {
            stdout: false,
            ..TTY
        };
        let look = Look::decide(piped, &xterm(), false, true);
        assert!(look.live && !coloured(look.out) && coloured(look.err));
    }

    #[test]
    fn nothing_moves_without_a_terminal_in_ci_on_a_dumb_one_or_when_asked() {
        let dumb = Wishes {
            term: Some("dumb".into()),
            ..Wishes::default()
        };
        let ci = Wishes {
            ci: true,
            ..xterm()
        };
        assert!(!Look::decide(PIPES, &xterm(), false, false).live);
        assert!(!Look::decide(TTY, &dumb, false, false).live);
        assert!(!Look::decide(TTY, &ci, false, false).live);
        assert!(!Look::decide(TTY, &xterm(), true, false).live);
        assert!(!Look::decide(TTY, &xterm(), false, true).live);
    }

    #[test]
    fn no_color_wins_over_force_color_which_wins_over_a_pipe() {
        let both = Wishes {
            no_color: true,
            force_color: Some("1".into()),
            ..xterm()
        };
        let forced = Wishes {
            force_color: Some("1".into()),
            ..Wishes::default()
        };
        assert!(!coloured(Look::decide(TTY, &both, false, false).err));
        assert!(coloured(Look::decide(PIPES, &forced, false, false).err));
        assert!(!coloured(Look::decide(PIPES, &forced, true, false).err));
    }

    #[test]
    fn a_question_needs_stdin_and_stderr() {
        assert!(
            Terminals {
                stdout: false,
                ..TTY
            }
            .can_prompt()
        );
        assert!(
            !Terminals {
                stdin: false,
                ..TTY
            }
            .can_prompt()
        );
        assert!(
            !Terminals {
                stderr: false,
                ..TTY
            }
            .can_prompt()
        );
    }
}
