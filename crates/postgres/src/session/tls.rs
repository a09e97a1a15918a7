//! Encryption of database sessions.
//!
//! Heroku Postgres demands TLS and mostly shows certificates of a private
//! authority, so the default has the meaning of libpq's `sslmode=require`:
//! encrypted, not verified. With `PGSSLROOTCERT` set the certificate and the
//! host name are verified (`sslmode=verify-full`; PostgreSQL manual, "SSL
//! Support"). Plain text is possible towards this machine only.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::Error;

/// How a session is protected on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// Encrypted, and certificate and host name verified.
    Verified,
    /// Encrypted; whom it is encrypted to was not verified.
    Encrypted,
    /// Plain text, on this machine only.
    PlainLoopback,
}

/// What server certificates are measured against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Any certificate.
    Any,
    /// The authorities in this file.
    File(String),
    /// The operating system's authorities (`PGSSLROOTCERT=system`).
    System,
}

impl Trust {
    /// Reads `PGSSLROOTCERT` as libpq does.
    pub(crate) fn from_environment() -> Self {
        match std::env::var("PGSSLROOTCERT") {
            Ok(value) if value == "system" => Self::System,
            Ok(value) if !value.is_empty() => Self::File(value),
            _ => Self::Any,
        }
    }

    /// What a session encrypted under this trust may be called.
    pub(crate) fn level(&self) -> Tls {
        match self {
            Self::Any => Tls::Encrypted,
            Self::File(_) | Self::System => Tls::Verified,
        }
    }

    /// Makes the driver's TLS connector.
    pub(crate) fn connector(&self) -> Result<MakeRustlsConnect, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::Tls {
                why: error.to_string(),
            })?;
        let config = match self.roots()? {
            Some(roots) => builder.with_root_certificates(roots).with_no_client_auth(),
            None => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
                .with_no_client_auth(),
        };
        Ok(MakeRustlsConnect::new(config))
    }

    fn roots(&self) -> Result<Option<RootCertStore>, Error> {
        let mut roots = RootCertStore::empty();
        match self {
            Self::Any => return Ok(None),
            Self::File(path) => {
                let unusable = |why: String| Error::Tls {
                    why: format!("PGSSLROOTCERT cannot be used: {why}"),
                };
                for certificate in CertificateDer::pem_file_iter(path)
                    .map_err(|error| unusable(error.to_string()))?
                {
                    let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
                    roots
                        .add(certificate)
                        .map_err(|error| unusable(error.to_string()))?;
                }
            }
            Self::System => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
        }
        if roots.is_empty() {
            return Err(Error::Tls {
                why: "PGSSLROOTCERT holds no certificate".into(),
            });
        }
        Ok(Some(roots))
    }
}

/// Accepts whatever certificate the server shows, as `sslmode=require` does.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    // A signature by an unverified certificate proves nothing, and checking it
    // would refuse old certificate forms that libpq accepts.
    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_file_that_is_none_is_an_error_not_a_fall_back() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let empty = Trust::File(file.path().display().to_string());
        assert!(matches!(empty.connector(), Err(Error::Tls { .. })));
        let missing = Trust::File("/nonexistent/root.crt".into());
        assert!(matches!(missing.connector(), Err(Error::Tls { .. })));
    }

    #[test]
    fn without_a_root_any_certificate_is_accepted_and_called_so() {
        assert!(Trust::Any.connector().is_ok());
        assert_eq!(Trust::Any.level(), Tls::Encrypted);
    }
}
