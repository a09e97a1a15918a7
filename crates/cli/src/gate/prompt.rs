//! What a person reads before agreeing.

use connect_swap_engine::{ConsentRequest, Effect};

use super::consents::name_to_type;
use crate::ui::{Paint, Palette, line};

/// What will happen, on which app, what it means, how long it takes and how it is undone; in the
/// window how long users have been turned away.
pub(super) fn consent_text(
    request: &ConsentRequest,
    app: &str,
    downtime: Option<&str>,
    palette: Palette,
) -> String {
    let description = &request.description;
    let (title, paint) = title(request.effect);
    let mark = palette.paint(paint, " ›");
    let mut lines = vec![
        String::new(),
        format!("{mark}   {}", palette.paint(paint, title)),
        format!(
            "{mark}   {}",
            palette.paint(Paint::Strong, &line(&description.what))
        ),
        format!("     app:    {}", palette.paint(Paint::App, &line(app))),
    ];
    let facts = [
        ("takes:", &description.takes),
        ("undone:", &description.undo),
        ("so far:", &downtime.unwrap_or_default().to_owned()),
    ];
    for (label, text) in facts.into_iter().filter(|(_, text)| !text.is_empty()) {
        lines.push(format!("     {label:<7} {}", line(text)));
    }
    lines.extend(list("know:", &description.consequences));
    lines.extend(list("this also agrees to:", &request.covers));
    lines.join("\n")
}

/// The question itself, with the cursor behind it.
pub(super) fn question(request: &ConsentRequest, app: &str, palette: Palette) -> String {
    let question = palette.paint(Paint::Strong, "?");
    if request.effect.level() < 2 {
        return format!("{question} Go ahead? [y/N] (? shows the calls) ");
    }
    let name = palette.paint(Paint::Command, &line(name_to_type(request, app)));
    format!("{question} To proceed, type {name} (? shows the calls): ")
}

/// What `?` shows: the calls and statements to come.
pub(super) fn explanation(request: &ConsentRequest) -> String {
    if request.description.calls.is_empty() {
        return "     this step lists no calls of its own".to_owned();
    }
    list("it will send:", &request.description.calls).join("\n")
}

/// The question after Ctrl-C inside the window.
pub(super) fn menu(
    step: &str,
    can_roll_back: bool,
    downtime: Option<&str>,
    palette: Palette,
) -> String {
    let mark = palette.paint(Paint::Warning, " ›");
    let so_far = downtime.map_or_else(String::new, |text| format!("     {text}\n"));
    let back = match can_roll_back {
        true => "     [r] roll back: the app goes back to the old pair and is started\n",
        false => "     (going back is no longer possible here: the new database is promoted)\n",
    };
    format!(
        "\n{mark}   Interrupted at {}, while users are turned away\n\
         {so_far}\
         \x20    [c] continue: go on with the window\n\
         {back}\
         \x20    [p] pause: the app stays in maintenance; the same command goes on",
        line(step)
    )
}

/// The line under the menu.
pub(super) fn menu_question(can_roll_back: bool, palette: Palette) -> String {
    let keys = if can_roll_back { "[C/r/p]" } else { "[C/p]" };
    format!("{} What now? {keys} ", palette.paint(Paint::Strong, "?"))
}

fn title(effect: Effect) -> (&'static str, Paint) {
    match effect {
        Effect::Read => ("This only looks", Paint::Info),
        Effect::Reversible => ("This can be put back", Paint::Info),
        Effect::CostsMoney => ("This is billed", Paint::Warning),
        Effect::Downtime => ("Warning: this turns users away (downtime)", Paint::Warning),
        Effect::Destructive => ("Warning: Destructive Action", Paint::Bad),
        Effect::NoReturn => (
            "Warning: after this, nothing goes back by itself any more",
            Paint::Bad,
        ),
    }
}

fn list(title: &str, items: &[String]) -> Vec<String> {
    if items.is_empty() {
        return Vec::new();
    }
    let items = items.iter().map(|item| format!("       - {}", line(item)));
    std::iter::once(format!("     {title}"))
        .chain(items)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use connect_swap_engine::Description;

    use crate::ui::{fold, on_terminals};

    fn text(effect: Effect, confirm_with: &str, downtime: Option<&str>) -> String {
        let description = Description {
            what: "create a database standard-0 \u{1b}[2J".into(),
            consequences: vec![
                "$50/month".into(),
                "2 releases: dynos restart twice, and whoever is logged in to the app at that moment waits".into(),
            ],
            takes: "about 5 minutes".into(),
            undo: "the database is destroyed".into(),
            calls: vec!["POST /apps/demo/addons".into()],
            confirm_with: confirm_with.into(),
        };
        let covers = vec!["create a Connect add-on".to_owned()];
        let request = ConsentRequest {
            step: "create".into(),
            effect,
            description,
            covers,
        };
        [
            consent_text(&request, "demo", downtime, Palette::none()),
            question(&request, "demo", Palette::none()),
            explanation(&request),
        ]
        .join("\n")
    }

    #[test]
    fn level_one() {
        insta::assert_snapshot!(text(Effect::CostsMoney, "", None));
    }

    #[test]
    fn level_two() {
        let text = text(Effect::Destructive, "postgresql-flat-1", None);
        insta::assert_snapshot!(text);
        insta::assert_snapshot!(
            "level_two_on_terminals",
            on_terminals(|columns| fold(&text, columns))
        );
    }

    #[test]
    fn in_the_window() {
        let downtime = "downtime 2m 3s, expected 1m 40s to 4m 0s";
        insta::assert_snapshot!(text(Effect::NoReturn, "demo", Some(downtime)));
    }

    #[test]
    fn menus() {
        let both = [true, false].map(|back| {
            let palette = Palette::none();
            format!(
                "{}\n{}",
                menu("promote", back, Some("downtime 2m 3s"), palette),
                menu_question(back, palette)
            )
        });
        insta::assert_snapshot!(both.join("\n"));
    }
}
