//! TLS: rustls with ring and the system's root certificates.

use rustls::{ClientConfig, RootCertStore};

use crate::error::Error;

/// A configuration that trusts what this machine trusts (`SSL_CERT_FILE` and `SSL_CERT_DIR` in
/// place of the system's store, where they are set). With `needed` false, as for servers on this
/// machine, a machine without any root certificate will do.
pub(super) fn config(needed: bool) -> Result<ClientConfig, Error> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if needed && roots.is_empty() {
        let source = found.errors.into_iter().next().map(|error| error.into());
        let reason = "no root certificate found on this machine".to_owned();
        return Err(Error::Setup { reason, source });
    }
    trusting(roots)
}

/// A configuration that trusts these authorities and nothing else.
pub(super) fn trusting(roots: RootCertStore) -> Result<ClientConfig, Error> {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Setup {
            reason: "no TLS version in common".to_owned(),
            source: Some(error.into()),
        })?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
