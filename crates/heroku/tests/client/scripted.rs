//! An HTTP server on loopback that answers by script, faults included, and remembers every request.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use connect_swap_heroku::{Access, Heroku, Hosts, Settings};
use secrecy::SecretString;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

pub(crate) const TOKEN: &str = "HRKU-0123456789abcdef";

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// Answers.
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    /// Never answers.
    Hang,
    /// Closes the connection.
    Close,
    /// Announces more than it sends, then closes.
    Truncated,
}

impl Reply {
    pub(crate) fn json(status: u16, body: Value) -> Reply {
        Reply::text(status, &body.to_string())
    }

    pub(crate) fn text(status: u16, body: &str) -> Reply {
        let headers = vec![("request-id", "server-1".to_owned())];
        Reply::Answer {
            status,
            headers,
            body: body.to_owned(),
        }
    }

    pub(crate) fn error(status: u16, id: &str, message: &str) -> Reply {
        Reply::json(status, serde_json::json!({ "id": id, "message": message }))
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Reply {
        if let Reply::Answer { headers, .. } = &mut self {
            headers.push((name, value.into()));
        }
        self
    }
}

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Seen {
    /// `POST /apps/demo/addons`
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(crate) fn json(&self) -> Option<Value> {
        if self.body.is_empty() {
            None
        } else {
            Some(serde_json::from_str(&self.body).unwrap())
        }
    }
}

#[derive(Default)]
struct Script {
    replies: BTreeMap<String, VecDeque<Reply>>,
    seen: Vec<Seen>,
}

/// The server. Ends when dropped.
pub(crate) struct Scripted {
    address: SocketAddr,
    script: Arc<Mutex<Script>>,
    accepting: JoinHandle<()>,
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Scripted {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::new(Mutex::new(Script::default()));
        let shared = script.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Scripted {
            address,
            script,
            accepting,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The answers to `METHOD /path`, in order; the last one for ever.
    pub(crate) fn on(&self, line: &str, replies: impl IntoIterator<Item = Reply>) -> &Self {
        let replies = replies.into_iter().collect();
        self.script
            .lock()
            .unwrap()
            .replies
            .insert(line.to_owned(), replies);
        self
    }

    /// One answer to `METHOD /path`, for ever.
    pub(crate) fn always(&self, line: &str, status: u16, body: Value) -> &Self {
        self.on(line, [Reply::json(status, body)])
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.script.lock().unwrap().seen.clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.seen().iter().map(Seen::line).collect()
    }

    /// How often `METHOD /path` came.
    pub(crate) fn count(&self, line: &str) -> usize {
        self.lines().iter().filter(|seen| *seen == line).count()
    }

    pub(crate) fn last(&self) -> Seen {
        self.seen().pop().expect("a request came")
    }

    pub(crate) fn hosts(&self) -> Hosts {
        let base = Url::parse(&self.url("/")).unwrap();
        Hosts {
            platform: base.clone(),
            data: base.clone(),
            discovery: base,
        }
    }

    /// A client whose own waits take next to no time.
    pub(crate) fn heroku(&self) -> Heroku {
        self.heroku_at(1_000_000.0)
    }

    /// A client whose own waits are so many times as short.
    pub(crate) fn heroku_at(&self, clock_speed: f64) -> Heroku {
        Heroku::new(Settings {
            hosts: self.hosts(),
            token: SecretString::from(TOKEN),
            user_agent: "connect-swap/0.1.0 test".to_owned(),
            clock_speed,
            access: Access::ReadWrite,
        })
        .unwrap()
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Mutex<Script>>) {
    let Some(seen) = read(&mut stream).await else {
        return;
    };
    let reply = reply(&mut script.lock().unwrap(), seen);
    match reply {
        Reply::Answer {
            status,
            headers,
            body,
        } => {
            let mut text = format!("HTTP/1.1 {status} Scripted\r\nconnection: close\r\n");
            for (name, value) in headers {
                text.push_str(&format!("{name}: {value}\r\n"));
            }
            text.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
            let _ = stream.write_all(text.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
        Reply::Hang => std::future::pending().await,
        Reply::Close => drop(stream),
        Reply::Truncated => {
            let text = "HTTP/1.1 200 Scripted\r\ncontent-length: 900\r\n\r\n{\"id\":";
            let _ = stream.write_all(text.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    }
}

fn reply(script: &mut Script, seen: Seen) -> Reply {
    let line = seen.line();
    script.seen.push(seen);
    match script.replies.get_mut(&line) {
        Some(replies) if replies.len() > 1 => replies.pop_front().unwrap(),
        Some(replies) => replies.front().expect("a script has an answer").clone(),
        // No status that a client handles: what nobody scripted fails its test.
        None => Reply::error(418, "unscripted", &format!("no script for {line}")),
    }
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).ok()?;
    let mut lines = text.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers
        .get("content-length")
        .map_or(0, |text| text.parse().unwrap());
    while bytes.len() < head + 4 + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8(bytes[head + 4..].to_vec()).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Some(Seen {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body,
    })
}
