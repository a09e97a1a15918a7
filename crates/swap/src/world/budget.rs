//! The longest window the operator accepts (`--max-downtime`).

use connect_swap_engine::{Scope, StepError};

use super::World;
use crate::steps::cutover::Opened;
use crate::words;

impl World {
    /// Fails once the window has been open for longer than the operator accepts; before the
    /// promotion that leads back to the old pair.
    ///
    /// # Errors
    /// When the budget is used up.
    pub fn check_budget(&self, scope: &Scope<'_, World>) -> Result<(), StepError> {
        let Some(budget) = self.max_downtime else {
            return Ok(());
        };
        let Some(opened) = scope.outputs.find::<Opened>("maintenance-on")? else {
            return Ok(());
        };
        let open = scope.clock.now().duration_since(opened.at).unsigned_abs();
        if open <= budget {
            return Ok(());
        }
        Err(StepError::failed(format!(
            "the window has been open for {}, longer than --max-downtime {}",
            words::duration(open.as_secs_f64()),
            words::duration(budget.as_secs_f64())
        ))
        .hint("choose a quieter hour, or a larger --max-downtime"))
    }
}
