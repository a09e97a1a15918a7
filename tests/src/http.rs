//! HTTP to servers on this machine.

/// A client that follows no redirect and uses no proxy, which would be no way to this machine.
///
/// # Panics
/// When it cannot be made.
pub fn local_client() -> reqwest::Client {
    // Another test may have installed it before: then it is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client")
}
