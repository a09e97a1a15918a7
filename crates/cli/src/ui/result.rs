//! The result on stdout, as text.

use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};
use connect_swap_swap::{ExitCode, Finding, Report, Section, Severity};

use super::escape::{block, line};
use super::findings::findings_text;
use super::fold::fold;
use super::palette::{Paint, Palette};

/// What a command found out or did, for a person. Empty where there is nothing to tell.
pub(crate) fn result_text(report: &Report, palette: Palette, columns: Option<usize>) -> String {
    let mut text = String::new();
    let findings = to_read(report);
    if !findings.is_empty() {
        text.push_str(&fold(&findings_text(&findings, palette), columns));
    }
    let mut under_heading = false;
    for section in &report.text {
        // A heading and what it heads belong together; everything else stands apart.
        if !text.is_empty() {
            text.push_str(if under_heading { "\n" } else { "\n\n" });
        }
        text.push_str(&section_text(section, palette, columns));
        under_heading = matches!(section, Section::Heading(_));
    }
    text
}

/// The findings that a person has to read now: all of them before anything was done, what is still
/// to do after prep, none after a cutover that went well. Their titles were said at the start.
fn to_read(report: &Report) -> Vec<Finding> {
    let before = report.command == "plan" || report.exit == ExitCode::Blocked;
    let still_to_do = report.command == "prep" && report.exit == ExitCode::Ok;
    let wanted = |finding: &&Finding| before || (still_to_do && finding.severity != Severity::Info);
    report.findings.iter().filter(wanted).cloned().collect()
}

fn section_text(section: &Section, palette: Palette, columns: Option<usize>) -> String {
    match section {
        Section::Heading(text) => heading(text, palette),
        Section::Pairs(rows) => fold(&pairs(rows, palette), columns),
        Section::Table { headers, rows } => table(headers, rows, columns),
        Section::Lines(lines) => {
            let lines: Vec<_> = lines.iter().map(|text| block(text)).collect();
            fold(&lines.join("\n"), columns)
        }
    }
}

/// `=== Heading`, as the Heroku CLI writes it.
pub(super) fn heading(text: &str, palette: Palette) -> String {
    palette.paint(Paint::Strong, &format!("=== {}", line(text)))
}

/// `Key:   value`, values aligned.
fn pairs(rows: &[(String, String)], palette: Palette) -> String {
    let width = rows
        .iter()
        .map(|(key, _)| console::measure_text_width(&line(key)))
        .max();
    let width = width.unwrap_or_default() + 1;
    let rows = rows.iter().map(|(key, value)| {
        let key = console::pad_str(
            &format!("{}:", line(key)),
            width,
            console::Alignment::Left,
            None,
        )
        .into_owned();
        format!("{} {}", palette.paint(Paint::Strong, &key), line(value))
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// A table with its headers underlined, as the Heroku CLI draws it.
fn table(headers: &[String], rows: &[Vec<String>], columns: Option<usize>) -> String {
    const UNDERLINED: TableStyle =
        TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));
    let mut table = Table::new();
    table.load_style(UNDERLINED);
    match columns.and_then(|columns| u16::try_from(columns).ok()) {
        Some(columns) => table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(columns),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table.set_header(headers.iter().map(|cell| line(cell)));
    for row in rows {
        table.add_row(row.iter().map(|cell| line(cell)));
    }
    table.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::on_terminals;

    #[test]
    fn every_kind_of_section() {
        let text = |words: &[&str]| {
            words
                .iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>()
        };
        let mut report = Report::new("plan", "example-app");
        let mut accepted = Finding::new("manual-settings", Severity::Block, "some are set by hand");
        accepted.acknowledged = true;
        report.findings = vec![
            Finding::new("follower", Severity::Block, "the database has a follower")
                .seen(["postgresql-flat-2\u{1b}[2J"])
                .why("it would go on to follow the old database, and whatever reads from it would see none of what is written after the swap")
                .todo("remove it"),
            accepted,
            Finding::new("extensions", Severity::Info, "2 extensions"),
        ];
        report.text = vec![
            Section::Heading("Old pair".to_owned()),
            Section::Pairs(vec![
                ("Database".to_owned(), "postgresql-flat-1".to_owned()),
                ("Size".to_owned(), "12 GB".to_owned()),
            ]),
            Section::Table {
                headers: text(&["Step", "Takes"]),
                rows: vec![
                    text(&["create the database", "5m"]),
                    text(&[
                        "load every mapping of the new connection, the largest one first, and wait until the last one has ended",
                        "8h",
                    ]),
                ],
            },
            Section::Lines(text(&["one", "two\u{7}"])),
        ];
        insta::assert_snapshot!(result_text(&report, Palette::none(), None));
        let screens = on_terminals(|columns| result_text(&report, Palette::none(), columns));
        insta::assert_snapshot!("every_kind_of_section_on_terminals", screens);
    }

    #[test]
    fn nothing_to_tell_is_nothing() {
        assert_eq!(
            result_text(&Report::new("verify", "a"), Palette::none(), None),
            ""
        );
    }
}
