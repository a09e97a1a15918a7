//! Whether what was prepared before the window still stands.

use connect_swap_engine::{Observation, Scope, StepError};
use serde_json::Value;

use crate::world::World;

/// For a step that prepares the window: a run that is resumed in the window, where the app is down
/// and deploys nothing, need not look again. Before it the step is done anew.
pub(crate) fn before_window(scope: &Scope<'_, World>) -> Result<Observation, StepError> {
    let in_window = scope.outputs.raw("maintenance-on").is_some();
    Ok(match scope.own_output::<Value>()? {
        Some(output) if in_window => Observation::Done(output),
        _ => Observation::Ready,
    })
}
