//! Rollback: the way back after the promotion, while no dyno has started on the new database.
//!
//! Before the promotion a rollback is the unwinding of cutover itself.

mod back;
mod check_unwritten;
mod dynos_up;
mod fence_new;
mod lift_fence;
mod lift_new_fence;
mod maintenance_back;
mod move_pooler_back;
mod park_new;
mod promote_old;
mod release_phase_back;
mod resume_new;
mod resume_old;
mod retract_window;
mod start_dynos;
mod stop_dynos;

pub use check_unwritten::CheckUnwritten;
pub use dynos_up::DynosUp;
pub use fence_new::FenceNew;
pub use lift_fence::LiftFence;
pub use lift_new_fence::LiftNewFence;
pub use maintenance_back::MaintenanceBack;
pub use move_pooler_back::MovePoolerBack;
pub use park_new::ParkNew;
pub use promote_old::PromoteOld;
pub use release_phase_back::ReleasePhaseBack;
pub use resume_new::ResumeNew;
pub use resume_old::ResumeOld;
pub use retract_window::RetractWindow;
pub use start_dynos::StartDynos;
pub use stop_dynos::StopDynos;
