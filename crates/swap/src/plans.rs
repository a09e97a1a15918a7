//! The plans: which steps, in which order.
//!
//! The order keeps the invariants. Prep creates the database before the add-on that needs it and
//! proves the organisation before anything is imported. Cutover lets the new connection poll what the
//! drain has sent before that is paused, fences only when both connections are at rest, copies only
//! behind the fence, promotes only what was proven equal, moves the old connection away before the new
//! one gets `DATABASE_URL`, and starts dynos last. What takes long is done before the window or after
//! it.

use connect_swap_engine::{Plan, PlanError, Step};

use crate::steps::{cleanup, cutover, prep, rollback};
use crate::world::{Side, World};

/// Phase names as the journal keeps them.
pub const PREP: &str = "prep";
/// See [`PREP`].
pub const CUTOVER: &str = "cutover";
/// See [`PREP`].
pub const ROLLBACK: &str = "rollback";
/// See [`PREP`].
pub const CLEANUP: &str = "cleanup";

/// Builds the new pair while the app runs.
///
/// # Errors
/// When two steps share an id.
pub fn prep() -> Result<Plan<World>, PlanError> {
    let steps: Vec<Box<dyn Step<World>>> = vec![
        Box::new(prep::Inspect),
        Box::new(prep::OpenJournal),
        Box::new(prep::ExportConfiguration),
        Box::new(prep::EditConfiguration),
        Box::new(prep::SecondAttachment),
        Box::new(prep::CreateDatabase),
        Box::new(prep::WaitDatabase),
        Box::new(prep::CreateConnect),
        Box::new(prep::LinkConnect),
        Box::new(prep::ConnectDatabase),
        Box::new(prep::AuthoriseSalesforce),
        Box::new(prep::ImportConfiguration),
        Box::new(prep::VerifyConfiguration),
        Box::new(prep::CarrySettings),
        Box::new(prep::WaitLoad),
        Box::new(prep::CarrySchema),
        Box::new(prep::StartCapture),
        Box::new(prep::SeedRows),
        Box::new(prep::ProveRows),
    ];
    Plan::new(PREP, steps)
}

/// Moves the app to the new pair.
///
/// # Errors
/// When two steps share an id.
pub fn cutover() -> Result<Plan<World>, PlanError> {
    let steps: Vec<Box<dyn Step<World>>> = vec![
        Box::new(cutover::Readiness),
        Box::new(cutover::RefreshSchema),
        Box::new(cutover::CopyAnew),
        Box::new(cutover::AdvanceSequences),
        Box::new(cutover::FillViews),
        Box::new(cutover::CatchUp),
        Box::new(cutover::RecordState),
        Box::new(cutover::MaintenanceOn),
        Box::new(cutover::ScaleDown),
        Box::new(cutover::WaitDynos),
        Box::new(cutover::Drain),
        Box::new(cutover::WaitPolls),
        Box::new(cutover::Pause(Side::Old)),
        Box::new(cutover::Pause(Side::New)),
        Box::new(cutover::Settle),
        Box::new(cutover::Fence),
        Box::new(cutover::RecheckDrain),
        Box::new(cutover::LastRound),
        Box::new(cutover::SetSequences),
        Box::new(cutover::CarryWindowSchema),
        Box::new(cutover::CompareRows),
        Box::new(cutover::Promote),
        Box::new(cutover::MovePooler),
        Box::new(cutover::ReleasePhase),
        Box::new(cutover::RepointOld),
        Box::new(cutover::RepointNew),
        Box::new(cutover::VerifyFlow),
        Box::new(cutover::RestoreFormation),
        Box::new(cutover::WaitUp),
        Box::new(cutover::MaintenanceOff),
        Box::new(cutover::ValidateKeys),
        Box::new(cutover::RefreshViews),
        Box::new(cutover::VerifyArrival),
    ];
    Plan::new(CUTOVER, steps)
}

/// Goes back after the promotion, while no dyno has started on the new database.
///
/// # Errors
/// When two steps share an id.
pub fn rollback() -> Result<Plan<World>, PlanError> {
    let steps: Vec<Box<dyn Step<World>>> = vec![
        Box::new(rollback::CheckUnwritten),
        Box::new(rollback::FenceNew),
        Box::new(rollback::StopDynos),
        Box::new(rollback::ParkNew),
        // The release phase of the promotion runs on the old database, and may write to it.
        Box::new(rollback::LiftFence),
        Box::new(rollback::PromoteOld),
        Box::new(rollback::MovePoolerBack),
        Box::new(rollback::ReleasePhaseBack),
        Box::new(rollback::ResumeOld),
        Box::new(rollback::StartDynos),
        Box::new(rollback::DynosUp),
        Box::new(rollback::MaintenanceBack),
        Box::new(rollback::RetractWindow),
        Box::new(rollback::LiftNewFence),
        Box::new(rollback::ResumeNew),
    ];
    Plan::new(ROLLBACK, steps)
}

/// Destroys the pair of a side: the new one of an abandoned swap, the old one after a soak.
///
/// # Errors
/// When two steps share an id.
pub fn cleanup(side: Side) -> Result<Plan<World>, PlanError> {
    let mut steps: Vec<Box<dyn Step<World>>> = vec![Box::new(cleanup::CheckUnused(side))];
    if side == Side::Old {
        steps.push(Box::new(cleanup::KeepJournal));
    }
    steps.push(Box::new(cleanup::DestroyConnect(side)));
    steps.push(Box::new(cleanup::DestroyDatabase(side)));
    if side == Side::New {
        // After the destruction, which may be declined: a swap that goes on needs the capture.
        steps.push(Box::new(cleanup::RemoveCapture));
        steps.push(Box::new(cleanup::DetachSecond));
    }
    steps.push(Box::new(cleanup::CloseRun(side)));
    Plan::new(CLEANUP, steps)
}
