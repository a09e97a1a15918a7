//! Findings, as text.

use connect_swap_swap::{Finding, Severity};

use super::escape::line;
use super::palette::{Paint, Palette};
use super::result::heading;
use super::words::count;

/// Every finding with what was seen, why it matters and what to do.
pub(super) fn findings_text(findings: &[Finding], palette: Palette) -> String {
    let blocking = findings.iter().filter(|finding| finding.blocks()).count() as u64;
    let title = match blocking {
        0 => "Findings (none blocks)".to_owned(),
        1 => "Findings (1 blocks)".to_owned(),
        some => format!(
            "Findings ({} of {} block)",
            some,
            count(findings.len() as u64, "finding")
        ),
    };
    let parts = findings
        .iter()
        .map(|finding| finding_text(finding, palette));
    std::iter::once(heading(&title, palette))
        .chain(parts)
        .collect::<Vec<_>>()
        .join("\n")
}

fn finding_text(finding: &Finding, palette: Palette) -> String {
    let (word, paint) = match finding.severity {
        Severity::Block if finding.acknowledged => ("accepted", Paint::Warning),
        Severity::Block => ("BLOCKS", Paint::Bad),
        Severity::Warn => ("warning", Paint::Warning),
        Severity::Info => ("note", Paint::Info),
    };
    let word = palette.paint(paint, &format!("{word:<8}"));
    let code = palette.paint(Paint::Strong, &line(&finding.code));
    let mut lines = vec![format!("{word} {code}: {}", line(&finding.title))];
    lines.extend(
        finding
            .seen
            .iter()
            .map(|seen| format!("           - {}", line(seen))),
    );
    if !finding.why.is_empty() {
        lines.push(format!("         why: {}", line(&finding.why)));
    }
    lines.extend(
        finding
            .todo
            .iter()
            .map(|todo| format!("         do:  {}", line(todo))),
    );
    lines.join("\n")
}
