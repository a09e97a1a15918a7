//! The longest window the operator accepts (`--max-downtime`).

use connect_swap_engine::{Scope, StepError};

use super::World;
use crate::steps::cutover::Opened;
use crate::words;

impl World {
    /// Runs a long operation that may be dropped at any await; gives way to an interruption, and
    /// to the window's budget when that is used up meanwhile.
    ///
    /// # Errors
    /// The operation's own, an interruption, or that the budget is used up.
    pub async fn within_budget<T>(
        &self,
        scope: &Scope<'_, World>,
        operation: impl Future<Output = Result<T, StepError>>,
    ) -> Result<T, StepError> {
        self.check_budget(scope)?;
        let budget = async {
            loop {
                scope.sleep(self.interval).await?;
                self.check_budget(scope)?;
            }
        };
        tokio::select! {
            done = scope.interruptible(operation) => done,
            over = budget => over,
        }
    }

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
