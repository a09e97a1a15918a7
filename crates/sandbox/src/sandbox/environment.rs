//! What a client needs to find the sandbox.

use secrecy::ExposeSecret;

use super::start::Sandbox;
use crate::clock::Clock;

impl Sandbox {
    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sandbox time.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        self.world.clock()
    }

    /// The environment that leads the `heroku` CLI, its plugins and this product to the sandbox,
    /// with the token. Network variables of the CLI itself: `HEROKU_HOST` and the ones beside it.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let url = self.url();
        let token = self.options.token.expose_secret();
        let speed = self.options.speed.to_string();
        let origin = self.clock().origin().to_string();
        [
            ("HEROKU_HOST", url.as_str()),
            ("HEROKU_DATA_HOST", "127.0.0.1"),
            ("HEROKU_PARTICLEBOARD_URL", &url),
            ("CONNECT_DISCOVERY_SERVER", &url),
            ("PGDIAGNOSE_URL", "127.0.0.1"),
            ("HEROKU_API_KEY", token),
            ("DISABLE_TELEMETRY", "true"),
            ("HEROKU_SKIP_NEW_VERSION_CHECK", "true"),
            ("CONNECT_SWAP_CLOCK_SPEED", &speed),
            ("CONNECT_SWAP_CLOCK_ORIGIN", &origin),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }
}
