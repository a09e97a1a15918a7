//! The sandbox's time, for the operator: both look at one clock.

use std::time::Duration;

use async_trait::async_trait;
use connect_swap_engine::Clock;
use jiff::Timestamp;

/// The sandbox's clock as the engine knows clocks.
pub(super) struct SandboxTime(pub(super) connect_swap_sandbox::clock::Clock);

#[async_trait]
impl Clock for SandboxTime {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn sleep(&self, duration: Duration) {
        self.0.sleep(duration).await;
    }
}
