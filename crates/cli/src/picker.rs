//! Picks the mapping and the columns to add, at a terminal.

use std::sync::Arc;

use connect_swap_swap::Picker;
use console::Term;
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{FuzzySelect, MultiSelect};

use crate::ui::{Ui, line};

/// Lists to pick from, on stderr.
pub(crate) struct TerminalPicker {
    pub(crate) ui: Arc<Ui>,
    pub(crate) colours: bool,
}

impl Picker for TerminalPicker {
    fn mapping(&self, names: &[String]) -> Option<usize> {
        let items: Vec<String> = names.iter().map(|name| line(name)).collect();
        self.pick(|theme, terminal| {
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
        let picked = self.pick(|theme, terminal| {
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
    /// Runs a list with the terminal for itself. Ctrl-C, escape and the end of input pick nothing.
    fn pick<T>(
        &self,
        list: impl FnOnce(&dyn Theme, &Term) -> dialoguer::Result<Option<T>>,
    ) -> Option<T> {
        let _terminal = self.ui.suspend();
        let terminal = Term::stderr();
        let colourful = ColorfulTheme::default();
        let theme: &dyn Theme = if self.colours {
            &colourful
        } else {
            &SimpleTheme
        };
        let picked = list(theme, &terminal);
        // dialoguer leaves the cursor hidden on Ctrl-C (console-rs/dialoguer issues 77 and 92).
        let _ = terminal.show_cursor();
        picked.ok().flatten()
    }
}
