//! The binary and a server over HTTPS: one that cannot prove who it is never sees the token, on this
//! machine neither.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use connect_swap_tests::binary;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

const TOKEN: &str = "HRKU-0123456789abcdef";

/// A server that lets nobody in; what it heard of each connection.
struct Server {
    address: SocketAddr,
    certificate: tempfile::NamedTempFile,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(name: &str) -> Self {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let certificate = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(certificate.path(), made.cert.pem()).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (config, kept) = (Arc::new(config), heard.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, kept) = (config.clone(), kept.clone());
                std::thread::spawn(move || {
                    let text = serve(stream, config);
                    kept.lock().unwrap().push(text);
                });
            }
        });
        Self {
            address,
            certificate,
            heard,
        }
    }

    fn status(&self, trusted: Option<&Self>) -> Output {
        let base = format!("https://localhost:{}", self.address.port());
        let mut command = Command::new(binary());
        command
            .args(["status", "-a", "demo"])
            .env_clear()
            .env("HEROKU_HOST", &base)
            .env("HEROKU_DATA_HOST", "localhost")
            .env("CONNECT_DISCOVERY_SERVER", &base)
            .env("HEROKU_API_KEY", TOKEN)
            .stdin(Stdio::null());
        if let Some(trusted) = trusted {
            command.env("SSL_CERT_FILE", trusted.certificate.path());
        }
        command.output().expect("the binary starts")
    }

    fn heard(&self) -> String {
        self.heard.lock().unwrap().concat()
    }
}

fn serve(stream: TcpStream, config: Arc<ServerConfig>) -> String {
    let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
    let (mut heard, mut byte) = (Vec::new(), [0]);
    while !heard.ends_with(b"\r\n\r\n") && stream.read_exact(&mut byte).is_ok() {
        heard.extend(byte);
    }
    let body = r#"{"id":"unauthorized","message":"Nobody comes in here."}"#;
    let head = "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\nconnection: close";
    let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    // Who does not trust it is gone by then.
    let _ = stream
        .write_all(answer.as_bytes())
        .and_then(|()| stream.flush());
    String::from_utf8_lossy(&heard).into_owned()
}

#[test]
fn the_token_goes_to_who_can_prove_who_it_is() {
    let (server, misnamed) = (
        Server::start("localhost"),
        Server::start("other.example.com"),
    );
    for (server, trusted, words) in [
        (&server, None, "UnknownIssuer"),
        (&server, Some(&misnamed), "BadSignature"),
        (&misnamed, Some(&misnamed), "not valid for name"),
    ] {
        let output = server.status(trusted);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{told}");
        for word in ["could not prove", words, "SSL_CERT_FILE"] {
            assert!(told.contains(word), "{word} is missing in {told}");
        }
        assert_eq!(server.heard(), "");
    }
    let output = server.status(Some(&server));
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(5), "{told}");
    assert!(told.contains("Nobody comes in here."), "{told}");
    assert!(server.heard().contains(TOKEN));
    assert!(!format!("{output:?}").contains(TOKEN));
}
