//! Servers with every kind of certificate, made here, and what a session makes of them.
//!
//! The server speaks PostgreSQL up to the start-up message and then says no: whoever sends that has
//! trusted it.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::connect::{config, connect_error};
use super::tls::Trust;
use super::{DatabaseUrl, Purpose};
use crate::Error;

const HOST: &str = "db.example.com";

/// An authority and the file that operators are given of it.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: tempfile::NamedTempFile,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), params.self_signed(&key).unwrap().pem()).unwrap();
        Self {
            issuer: Issuer::new(params, key),
            file,
        }
    }

    fn trust(&self) -> Trust {
        Trust::File(self.file.path().display().to_string())
    }

    fn signs(&self, params: &CertificateParams) -> Shown {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Shown::new(certificate.der().clone(), &key)
    }
}

/// What a server shows.
struct Shown(Arc<ServerConfig>);

impl Shown {
    fn new(certificate: CertificateDer<'static>, key: &KeyPair) -> Self {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        Self(Arc::new(config))
    }
}

fn named(host: &str) -> CertificateParams {
    CertificateParams::new(vec![host.to_owned()]).unwrap()
}

fn self_signed(host: &str) -> Shown {
    let key = KeyPair::generate().unwrap();
    let certificate = named(host).self_signed(&key).unwrap();
    Shown::new(certificate.der().clone(), &key)
}

/// A server for one session. What it hears in the clear, and whether somebody trusted it.
struct Server {
    address: SocketAddr,
    serving: JoinHandle<Heard>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Heard {
    /// After its answer to the question for encryption.
    in_the_clear: bool,
    /// A start-up message.
    start: bool,
}

impl Server {
    /// Offers encryption with this certificate, or none.
    fn start(shown: Option<Shown>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let serving = std::thread::spawn(move || serve(listener.accept().unwrap().0, shown));
        Self { address, serving }
    }
}

fn serve(mut stream: TcpStream, shown: Option<Shown>) -> Heard {
    let mut question = [0; 8];
    stream.read_exact(&mut question).unwrap();
    // SSLRequest (PostgreSQL manual, "Message Formats").
    assert_eq!(question, [0, 0, 0, 8, 4, 210, 22, 47]);
    let Some(Shown(config)) = shown else {
        stream.write_all(b"N").unwrap();
        let start = refuse(&mut stream);
        return Heard {
            in_the_clear: start,
            start,
        };
    };
    stream.write_all(b"S").unwrap();
    let connection = ServerConnection::new(config).unwrap();
    Heard {
        in_the_clear: false,
        start: refuse(&mut StreamOwned::new(connection, stream)),
    }
}

/// Says no to a start-up message; whether one came.
fn refuse(stream: &mut (impl Read + Write)) -> bool {
    let mut length = [0; 4];
    if stream.read_exact(&mut length).is_err() {
        return false;
    }
    let mut rest = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap() - length.len()];
    stream.read_exact(&mut rest).unwrap();
    let fields = b"SFATAL\0C28000\0Mno more than a test\0\0";
    let length = u32::try_from(fields.len() + 4).unwrap();
    stream.write_all(b"E").unwrap();
    stream.write_all(&length.to_be_bytes()).unwrap();
    stream.write_all(fields).unwrap();
    // Whoever reads it may be gone by then.
    let _ = stream.flush();
    true
}

/// Opens a session as this tool does, but for the name's address.
async fn open(host: &str, trust: &Trust, server: Server) -> (Error, Heard) {
    let address = server.address;
    let url = format!(
        "postgres://u:KANARI@{host}:{}/d?sslmode=disable",
        address.port()
    );
    let url = DatabaseUrl::parse(&url).unwrap();
    let mut config = config(&url, Purpose::ReadOnly, "test");
    config.hostaddr(address.ip());
    let opened = config.connect(trust.connector().unwrap()).await;
    let error = connect_error(&url, &opened.err().expect("the server says no"));
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("KANARI"), "{shown}");
    (error, server.serving.join().unwrap())
}

fn is_the_servers_no(error: &Error) -> bool {
    matches!(error, Error::CannotConnect { why, .. } if why.contains("28000"))
}

#[tokio::test]
async fn a_certificate_that_cannot_be_trusted_is_refused_and_the_error_says_why() {
    let (ours, stranger) = (Authority::new("ours"), Authority::new("stranger"));
    let mut expired = named(HOST);
    expired.not_before = date_time_ymd(2001, 1, 1);
    expired.not_after = date_time_ymd(2002, 1, 1);
    let mut to_come = named(HOST);
    to_come.not_before = date_time_ymd(4000, 1, 1);
    for (shown, words) in [
        (
            ours.signs(&named("other.example.com")),
            "not valid for name",
        ),
        (ours.signs(&named("example.com")), "not valid for name"),
        (ours.signs(&expired), "expired"),
        (ours.signs(&to_come), "not valid yet"),
        (self_signed(HOST), "UnknownIssuer"),
        (stranger.signs(&named(HOST)), "UnknownIssuer"),
    ] {
        let (error, heard) = open(HOST, &ours.trust(), Server::start(Some(shown))).await;
        assert!(matches!(error, Error::Tls { .. }), "{words}: {error:?}");
        let told = error.to_string();
        assert!(
            told.contains("certificate") && told.contains(words),
            "{words}: {told}"
        );
        assert_eq!(heard, Heard::default(), "{words}");
    }
}

#[tokio::test]
async fn a_right_certificate_is_trusted() {
    let ours = Authority::new("ours");
    for name in [HOST, "*.example.com"] {
        let server = Server::start(Some(ours.signs(&named(name))));
        let (error, heard) = open(HOST, &ours.trust(), server).await;
        assert!(is_the_servers_no(&error), "{name}: {error:?}");
        assert!(heard.start && !heard.in_the_clear);
    }
}

/// Without `PGSSLROOTCERT`, as `sslmode=require` has it: encrypted, to whomever.
#[tokio::test]
async fn without_a_root_any_certificate_is_taken_but_never_none() {
    let server = Server::start(Some(self_signed("other.example.com")));
    let (error, heard) = open(HOST, &Trust::Any, server).await;
    assert!(is_the_servers_no(&error), "{error:?}");
    assert!(heard.start && !heard.in_the_clear);
    let ours = Authority::new("ours");
    for trust in [Trust::Any, ours.trust()] {
        let (error, heard) = open(HOST, &trust, Server::start(None)).await;
        assert!(
            matches!(&error, Error::CannotConnect { why, .. } if why.contains("TLS")),
            "{error:?}"
        );
        assert_eq!(heard, Heard::default(), "something was sent in the clear");
    }
}

/// On this machine encryption is not asked for; where it is offered, it is verified all the same.
#[tokio::test]
async fn this_machine_may_do_without_but_not_with_a_wrong_one() {
    let ours = Authority::new("ours");
    let (error, heard) = open("localhost", &ours.trust(), Server::start(None)).await;
    assert!(is_the_servers_no(&error), "{error:?}");
    assert!(heard.in_the_clear);
    let server = Server::start(Some(self_signed("localhost")));
    let (error, heard) = open("localhost", &ours.trust(), server).await;
    assert!(matches!(error, Error::Tls { .. }), "{error:?}");
    assert_eq!(heard, Heard::default());
}
