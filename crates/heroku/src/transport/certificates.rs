//! Servers that say they are Heroku's, with every kind of certificate: who cannot prove it hears
//! nothing, the token least of all.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use reqwest::Method;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use secrecy::SecretString;
use url::Url;

use super::request::{Effect, Request};
use super::send::{Transport, http};
use super::tls::trusting;
use crate::client::{Access, Settings};
use crate::error::Error;
use crate::hosts::Hosts;

const HOST: &str = "api.heroku.com";
const TOKEN: &str = "HRKU-0123456789abcdef";

/// An authority that this machine trusts, or does not.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Self {
            issuer: Issuer::new(params, key),
            certificate,
        }
    }

    fn signs(&self, params: &CertificateParams) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        shown(certificate.der().clone(), &key)
    }
}

fn named(host: &str) -> CertificateParams {
    CertificateParams::new(vec![host.to_owned()]).unwrap()
}

fn self_signed() -> ServerConfig {
    let key = KeyPair::generate().unwrap();
    let certificate = named(HOST).self_signed(&key).unwrap();
    shown(certificate.der().clone(), &key)
}

fn shown(certificate: CertificateDer<'static>, key: &KeyPair) -> ServerConfig {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap()
}

/// Serves one connection; what it heard.
fn server(config: ServerConfig) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let serving = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let connection = ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        let mut heard = Vec::new();
        let mut byte = [0];
        while !heard.ends_with(b"\r\n\r\n") && stream.read_exact(&mut byte).is_ok() {
            heard.extend(byte);
        }
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
        // Who does not trust it is gone by then.
        let _ = stream.write_all(answer).and_then(|()| stream.flush());
        String::from_utf8_lossy(&heard).into_owned()
    });
    (address, serving)
}

/// Asks production's API, which is at this server for now.
async fn ask(trusted: &Authority, config: ServerConfig) -> (Result<String, Error>, String) {
    let (address, serving) = server(config);
    let settings = Settings {
        hosts: Hosts::default(),
        token: SecretString::from(TOKEN),
        user_agent: "connect-swap test".to_owned(),
        clock_speed: 1.0,
        access: Access::ReadOnly,
    };
    let mut roots = RootCertStore::empty();
    roots.add(trusted.certificate.clone()).unwrap();
    let http = http(&settings, trusting(roots).unwrap()).no_proxy();
    let transport = Transport::over(http.resolve(HOST, address), settings).unwrap();
    let url = Url::parse(&format!("https://{HOST}:{}/account", address.port())).unwrap();
    let answer = transport
        .send(&Request::platform(Effect::Read, Method::GET, url))
        .await;
    let answer = answer.and_then(|answer| answer.text("an answer"));
    (answer, serving.join().unwrap())
}

#[tokio::test]
async fn who_cannot_prove_to_be_heroku_hears_nothing_and_the_error_says_why() {
    let (ours, stranger) = (Authority::new("ours"), Authority::new("stranger"));
    let mut expired = named(HOST);
    expired.not_before = date_time_ymd(2001, 1, 1);
    expired.not_after = date_time_ymd(2002, 1, 1);
    for (config, words) in [
        (ours.signs(&named("evil.example")), "not valid for name"),
        (ours.signs(&named("heroku.com")), "not valid for name"),
        (ours.signs(&expired), "expired"),
        (self_signed(), "UnknownIssuer"),
        (stranger.signs(&named(HOST)), "UnknownIssuer"),
    ] {
        let (answer, heard) = ask(&ours, config).await;
        let error = answer.unwrap_err();
        assert!(
            matches!(error, Error::Untrusted { .. }),
            "{words}: {error:?}"
        );
        let told = error.to_string();
        assert!(
            told.contains("certificate") && told.contains(words),
            "{words}: {told}"
        );
        // Asking again would change nothing, and nothing can have happened.
        assert!(
            !error.is_transient() && error.is_without_effect(),
            "{words}"
        );
        assert_eq!(heard, "", "{words}");
    }
}

#[tokio::test]
async fn who_proves_it_is_answered() {
    let ours = Authority::new("ours");
    for name in [HOST, "*.heroku.com"] {
        let (answer, heard) = ask(&ours, ours.signs(&named(name))).await;
        assert_eq!(answer.unwrap(), "{}", "{name}");
        assert!(heard.contains(TOKEN), "{name}: {heard}");
    }
}
