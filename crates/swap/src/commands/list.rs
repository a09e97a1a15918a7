//! The bare command: the app's swaps, and what each waits for.

use serde_json::json;

use super::finish::{app_state, fail, settle_state};
use super::gather::gather;
use super::next;
use super::stage::{Stage, stage};
use crate::operator::{Operator, Target};
use crate::report::{Report, Section};
use crate::topology::short;

const COMMAND: &str = "list";

/// Lists the app's swaps. Reads only.
pub async fn list(operator: &Operator, target: &Target) -> Report {
    let mut report = Report::new(COMMAND, target.app.as_str());
    let gathered = match gather(operator, target, COMMAND).await {
        Ok(gathered) => gathered,
        Err((exit, error)) => return fail(report, operator, target, exit, &error).await,
    };
    let mut rows = Vec::new();
    let mut details = Vec::new();
    for found in &gathered.runs {
        let at = stage(found).ok();
        let word = at.map_or("not readable", Stage::word);
        let waits = match at {
            Some(Stage::Closed) => found.run.closed_as.clone().unwrap_or_default(),
            at => next::line(gathered.app.name.as_str(), at),
        };
        rows.push(vec![
            short(found.run.id),
            found
                .run
                .created_at
                .strftime("%Y-%m-%d %H:%M UTC")
                .to_string(),
            found.subject.old.connect.name.to_string(),
            word.to_owned(),
            waits.clone(),
        ]);
        details.push(json!({
            "run": found.run.id,
            "created_at": found.run.created_at,
            "old_connect": found.subject.old.connect.name,
            "new_connect": found.subject.new.connect,
            "state": word,
            "waits_for": waits,
        }));
    }
    report.text.push(Section::Lines(vec![app_state(&gathered)]));
    report.text.push(if rows.is_empty() {
        Section::Lines(vec!["no swap yet".to_owned()])
    } else {
        let headers = ["Swap", "Begun", "Replaces", "State", "Waits for"];
        Section::Table {
            headers: headers.map(str::to_owned).to_vec(),
            rows,
        }
    });
    if !gathered.silent.is_empty() {
        report
            .text
            .push(Section::Heading("databases that did not answer".into()));
        report.text.push(Section::Lines(gathered.silent.clone()));
    }
    report.details = json!({ "swaps": details, "silent": gathered.silent });
    settle_state(&mut report, target, Some(&gathered));
    report
}
