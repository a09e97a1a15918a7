//! Where a swap stands, from its journal alone.

use connect_swap_engine::{
    Effect, Entry, ErrorKind, PhaseOutcome, PhaseState, Record, Replay, ReplayError, Status,
};

use crate::journal::RunRecord;
use crate::plans::{self, CLEANUP, CUTOVER, PREP, ROLLBACK};
use crate::topology::Found;

/// Where a swap stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Prep has not ended.
    Preparing,
    /// Prep is done; cutover may begin.
    Ready,
    /// In the window, before the promotion.
    CuttingOver,
    /// After the promotion, not yet at the end.
    Promoted,
    /// Going back after the promotion.
    RollingBack,
    /// The app is on the new pair.
    Swapped,
    /// A pair is being destroyed.
    CleaningUp,
    /// Over.
    Closed,
}

impl Stage {
    /// The word for it in reports.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Ready => "ready",
            Self::CuttingOver => "cutting-over",
            Self::Promoted => "promoted",
            Self::RollingBack => "rolling-back",
            Self::Swapped => "swapped",
            Self::CleaningUp => "cleaning-up",
            Self::Closed => "closed",
        }
    }
}

/// Where a run stands.
///
/// # Errors
/// When its journal cannot be believed.
pub(super) fn stage(found: &Found) -> Result<Stage, ReplayError> {
    stage_of(&found.run, &found.records)
}

/// As [`stage`], of a run and its journal.
///
/// # Errors
/// When the journal cannot be believed.
pub(super) fn stage_of(run: &RunRecord, records: &[Record]) -> Result<Stage, ReplayError> {
    if run.closed_at.is_some() {
        return Ok(Stage::Closed);
    }
    // Each of them first: one that cannot be believed leaves nothing to decide by.
    let replay = |phase| Replay::latest(records, phase);
    let (prep, cutover) = (replay(PREP)?, replay(CUTOVER)?);
    let (rollback, cleanup) = (replay(ROLLBACK)?, replay(CLEANUP)?);
    if destroying(&cleanup) {
        return Ok(Stage::CleaningUp);
    }
    if prep.state != PhaseState::Ended(PhaseOutcome::Done) {
        return Ok(Stage::Preparing);
    }
    match cutover.state {
        PhaseState::NotStarted | PhaseState::Ended(PhaseOutcome::RolledBack) => Ok(Stage::Ready),
        PhaseState::Ended(PhaseOutcome::Done) => Ok(Stage::Swapped),
        PhaseState::Open if going_back(&rollback) => Ok(Stage::RollingBack),
        PhaseState::Open if gone_back(records, &cutover) => Ok(Stage::RollingBack),
        PhaseState::Open if promoted(&cutover) => Ok(Stage::Promoted),
        PhaseState::Open if touched(&cutover) => Ok(Stage::CuttingOver),
        PhaseState::Open => Ok(Stage::Ready),
    }
}

/// Whether anything was destroyed yet: a cleanup that was declined changes nothing.
fn destroying(cleanup: &Replay) -> bool {
    ["destroy-connect", "destroy-database"]
        .iter()
        .any(|step| matches!(cleanup.status(step), Status::Started | Status::Applied(_)))
}

/// Whether a rollback came to its end and only the cutover it took back is not yet closed. By the
/// order of the entries: the clocks of two machines need not agree.
pub(super) fn gone_back(records: &[Record], cutover: &Replay) -> bool {
    let begun = records.iter().position(|record| {
        record.record.phase == CUTOVER && record.record.attempt == cutover.attempt
    });
    let done = records.iter().rposition(|record| {
        let outcome = PhaseOutcome::Done;
        record.record.phase == ROLLBACK && record.record.entry == Entry::PhaseEnded { outcome }
    });
    cutover.state == PhaseState::Open && begun.zip(done).is_some_and(|(begun, done)| begun < done)
}

/// Whether a rollback has changed anything yet: one that was refused leaves the way forward open.
fn going_back(rollback: &Replay) -> bool {
    let Ok(plan) = plans::rollback() else {
        return true;
    };
    rollback.state == PhaseState::Open
        && plan.steps().iter().any(|step| {
            let status = rollback.status(step.id());
            step.effect() != Effect::Read && status.may_have_effect() && !refused(status)
        })
}

/// A step that refuses has put back what it did.
fn refused(status: &Status) -> bool {
    matches!(status, Status::Failed(error) if error.kind == ErrorKind::Blocked)
}

/// Whether the promotion was begun and not taken back; if it really happened, the world says.
fn promoted(cutover: &Replay) -> bool {
    matches!(
        cutover.status("promote"),
        Status::Started | Status::Applied(_)
    )
}

/// Whether anything was done that users may notice.
fn touched(cutover: &Replay) -> bool {
    let Ok(plan) = plans::cutover() else {
        return true;
    };
    plan.steps().iter().any(|step| {
        step.effect() == Effect::Downtime && cutover.status(step.id()).may_have_effect()
    })
}

#[cfg(test)]
mod tests {
    use connect_swap_engine::NewRecord;
    use jiff::Timestamp;

    use super::*;

    /// Entries of machines whose clocks do not agree.
    fn journal(entries: &[(&str, u32, i64, Entry)]) -> Vec<Record> {
        let numbered = entries.iter().zip(1..);
        numbered
            .map(|((phase, attempt, at, entry), seq)| Record {
                seq,
                record: NewRecord {
                    phase: (*phase).to_owned(),
                    attempt: *attempt,
                    at: Timestamp::from_second(*at).unwrap(),
                    entry: entry.clone(),
                },
            })
            .collect()
    }

    fn begun() -> Entry {
        Entry::PhaseStarted {
            steps: Vec::new(),
            by: serde_json::Value::Null,
        }
    }

    fn ended(outcome: PhaseOutcome) -> Entry {
        Entry::PhaseEnded { outcome }
    }

    #[test]
    fn a_rollback_belongs_to_the_cutover_before_it_whatever_the_clocks_say() {
        let mut entries = vec![
            (CUTOVER, 1, 1000, begun()),
            (ROLLBACK, 1, 900, begun()),
            (ROLLBACK, 1, 910, ended(PhaseOutcome::Done)),
        ];
        let is_back = |entries: &[(&str, u32, i64, Entry)]| {
            let records = journal(entries);
            gone_back(&records, &Replay::latest(&records, CUTOVER).unwrap())
        };
        assert!(is_back(&entries));
        entries.push((CUTOVER, 1, 1100, ended(PhaseOutcome::RolledBack)));
        assert!(!is_back(&entries));
        entries.push((CUTOVER, 2, 500, begun()));
        assert!(!is_back(&entries), "the next cutover is not taken back");
    }
}
