//! Picks the mapping and the columns to add, at a terminal.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use connect_swap_engine::{Control, Interruption};
use connect_swap_swap::Picker;
use console::Term;
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{FuzzySelect, MultiSelect};

use crate::ui::{Ui, line};

/// How soon a signal ends a list.
const LOOK: Duration = Duration::from_millis(50);

/// Lists to pick from, on stderr.
pub(crate) struct TerminalPicker {
    pub(crate) ui: Arc<Ui>,
    pub(crate) control: Control,
    pub(crate) colours: bool,
}

impl Picker for TerminalPicker {
    fn mapping(&self, names: &[String]) -> Option<usize> {
        let items: Vec<String> = names.iter().map(|name| line(name)).collect();
        self.pick(move |theme, terminal| {
            FuzzySelect::with_theme(theme)
                .with_prompt("Mapping to add columns to (type to search)")
                .items(&items)
                .default(0)
                .interact_on_opt(terminal)
        })
    }

    fn fields(&self, object: &str, fields: &[(String, String)]) -> Option<Vec<usize>> {
        let width = fields
            .iter()
            .map(|(name, _)| name.chars().count())
            .max()
            .unwrap_or_default();
        let items = fields
            .iter()
            .map(|(name, kind)| format!("{:<width$}  {}", line(name), line(kind)));
        let items: Vec<String> = items.collect();
        let prompt = format!(
            "Columns to add to {} (space picks, enter ends)",
            line(object)
        );
        let picked = self.pick(move |theme, terminal| {
            MultiSelect::with_theme(theme)
                .with_prompt(&prompt)
                .items(&items)
                .max_length(15)
                .interact_on_opt(terminal)
        });
        picked.filter(|picked| !picked.is_empty())
    }
}

impl TerminalPicker {
    /// Runs a list with the terminal for itself. Escape, the end of input and every signal pick
    /// nothing.
    ///
    /// On a thread of its own, as a list that waits for a key hears of no signal. dialoguer leaves
    /// the cursor hidden on Ctrl-C (console-rs/dialoguer issues 77 and 92), and a thread that is
    /// left behind the terminal raw: the screen puts both back when it takes the terminal back.
    fn pick<T: Send + 'static>(
        &self,
        list: impl FnOnce(&dyn Theme, &Term) -> dialoguer::Result<Option<T>> + Send + 'static,
    ) -> Option<T> {
        let _terminal = self.ui.hand_over();
        let colours = self.colours;
        let (sender, picked) = channel();
        std::thread::spawn(move || {
            let colourful = ColorfulTheme::default();
            let theme: &dyn Theme = match colours {
                true => &colourful,
                false => &SimpleTheme,
            };
            // Nobody waits for it any more where this fails.
            let _ = sender.send(list(theme, &Term::stderr()).ok().flatten());
        });
        loop {
            match picked.recv_timeout(LOOK) {
                Ok(picked) => return picked,
                Err(RecvTimeoutError::Timeout)
                    if self.control.interruption() == Interruption::None => {}
                Err(_) => return None,
            }
        }
    }
}
