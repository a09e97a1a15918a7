//! Manual pages: one for the program, one for each command.

use clap::Command;
use clap_mangen::Man;
use connect_swap_cli::args::command;

use crate::generate::Generated;

/// What the foot of each page names.
const SOURCE: &str = concat!("connect-swap ", env!("CARGO_PKG_VERSION"));

/// The pages, as `man` wants them (section 1).
pub(crate) fn pages() -> Vec<Generated> {
    let mut model = command();
    model.build();
    let subs = model.get_subcommands().map(|sub| {
        let name = format!("connect-swap-{}", sub.get_name());
        page(&name, sub.clone())
    });
    let subs: Vec<Generated> = subs.collect();
    [page("connect-swap", model)]
        .into_iter()
        .chain(subs)
        .collect()
}

fn page(name: &str, command: Command) -> Generated {
    let mut text = Vec::new();
    let man = Man::new(command).title(name).section("1").source(SOURCE);
    // A vector takes whatever is written to it.
    let _ = man.render(&mut text);
    Generated {
        path: format!("docs/man/{name}.1"),
        text: String::from_utf8_lossy(&text).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_with_its_flags() {
        let pages = pages();
        assert_eq!(pages.len(), 1 + command().get_subcommands().count());
        let prep = pages.iter().find(|page| page.path.ends_with("-prep.1"));
        let text = &prep.unwrap().text;
        assert!(text.contains(".TH connect-swap-prep 1"), "{text}");
        assert!(text.contains("\\-\\-add"), "{text}");
    }
}
