//! Whether the app is up on the old pair again.

use connect_swap_engine::Scope;

use crate::world::World;

/// Whether this attempt has ended the window already. The steps that close or open the app look at
/// this first: run again after that, a rollback must not take the app down once more.
pub(super) fn app_is_up(scope: &Scope<'_, World>) -> bool {
    scope.outputs.raw("maintenance-back").is_some()
}
