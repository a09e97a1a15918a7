//! Runs the chosen entries of an archive on the new side, each kind at its time.

use super::apply::{self, Step, run_statement};
use super::archive::Archive;
use super::carry::CarryProgress;
use super::entry::{Entry, by_dump_id};
use super::select::Selection;
use super::{concurrently, managed_checks, roles, unchecked_keys};
use crate::Error;
use crate::error::RestoreError;
use crate::inventory::Inventory;
use crate::session::Session;
use crate::text::Moves;

/// What a comment on something that is not there is answered with. That it is
/// not there is told elsewhere.
const NOT_THERE: [&str; 4] = ["42P01", "42703", "42704", "42883"];

/// Both sides, and what is known of them.
pub(super) struct Sides<'a> {
    pub(super) old: &'a Session,
    pub(super) new: &'a Session,
    pub(super) inventory: &'a Inventory,
    pub(super) moves: &'a Moves,
}

/// Runs the selection: objects in the archive's order, then what is added to
/// managed tables, whose expressions may call what came before, then comments
/// on any of it. Returns what was made beside the selection.
pub(super) async fn restore(
    sides: &Sides<'_>,
    archive: &Archive<'_>,
    entries: &[Entry],
    selection: &Selection<'_>,
    errors: &mut Vec<RestoreError>,
    progress: &(impl Fn(CarryProgress) + Send + Sync),
) -> Result<Vec<String>, Error> {
    let (new, inventory) = (sides.new, sides.inventory);
    let script = archive.script(&selection.entries).await?;
    let mut steps = apply::steps(&script, sides.moves);
    let on_managed = concurrently::split_off(&mut steps, entries, inventory);
    let comments = split_off_comments(&mut steps, entries);
    roles::rename(&mut steps, sides.old, new).await?;
    unchecked_keys::make_not_valid(&mut steps, entries, inventory, new).await?;
    let tell = |done, of| progress(CarryProgress::Restoring { done, of });
    errors.extend(apply::run_steps(new, &steps, tell).await?);
    errors.extend(concurrently::run(new, &on_managed).await?);
    let made = managed_checks::add((sides.old, new), inventory, sides.moves, errors).await?;
    for comment in comments {
        let refused = run_statement(new, &comment.statements.join(";\n")).await?;
        errors.extend(refused.filter(|error| !is_about_nothing(error)));
    }
    Ok(made)
}

fn split_off_comments(steps: &mut Vec<Step>, entries: &[Entry]) -> Vec<Step> {
    let by_id = by_dump_id(entries);
    let is_comment = |step: &Step| {
        step.dump_id
            .and_then(|id| by_id.get(&id))
            .is_some_and(|entry| entry.is("COMMENT"))
    };
    let (comments, others) = std::mem::take(steps).into_iter().partition(is_comment);
    *steps = others;
    comments
}

fn is_about_nothing(error: &RestoreError) -> bool {
    error
        .sqlstate
        .as_deref()
        .is_some_and(|state| NOT_THERE.contains(&state))
}
