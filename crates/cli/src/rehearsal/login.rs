//! Presses "Allow" on the sandbox's login page, where nobody is there to do it.

use connect_swap_swap::Browser;

/// The browser of an unattended rehearsal.
pub(super) struct Allowing {
    client: reqwest::Client,
}

impl Allowing {
    /// # Errors
    /// When no HTTP client can be made.
    pub(super) fn new() -> reqwest::Result<Self> {
        // Whoever installed a provider before has chosen the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // The page sends a browser on to the tool's own address, which needs no answer. It is on
        // this machine, so a proxy is no way to it.
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { client })
    }
}

impl Browser for Allowing {
    fn open(&self, url: &str) -> bool {
        let request = self.client.get(format!("{url}/allow"));
        // Whether it worked shows in the connection's state, which is waited for.
        tokio::spawn(request.send());
        true
    }
}
