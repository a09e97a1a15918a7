//! A TCP relay on loopback that holds everything back for a while, in both
//! directions, and limits nothing else: what a longer way does to a transfer.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::shared::Result;

const CHUNK_BYTES: usize = 64 << 10;
/// Chunks on their way: 64 MB, many times what a server takes in a delay.
const ON_THE_WAY: usize = 1024;

/// A relay that listens. Dropping it ends it.
pub(crate) struct Relay {
    port: u16,
    accepting: JoinHandle<()>,
}

impl Relay {
    /// Listens on a port that the system chooses; every connection leads to
    /// `port`, and every byte arrives `delay` later.
    pub(crate) async fn start(port: u16, delay: Duration) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let own = listener.local_addr()?.port();
        let accepting = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(connect(near, port, delay));
            }
        });
        Ok(Self {
            port: own,
            accepting,
        })
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn connect(near: TcpStream, port: u16, delay: Duration) -> std::io::Result<()> {
    let far = TcpStream::connect(("127.0.0.1", port)).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    tokio::join!(pass(near_in, far_out, delay), pass(far_in, near_out, delay));
    Ok(())
}

/// Passes one direction on until it ends, on either side.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, delay: Duration) {
    let (way, mut arriving) = mpsc::channel::<(Instant, Vec<u8>)>(ON_THE_WAY);
    let reading = async move {
        loop {
            let mut chunk = Vec::with_capacity(CHUNK_BYTES);
            match from.read_buf(&mut chunk).await {
                Ok(0) | Err(_) => return,
                Ok(_) if way.send((Instant::now() + delay, chunk)).await.is_err() => return,
                Ok(_) => {}
            }
        }
    };
    let writing = async move {
        while let Some((due, chunk)) = arriving.recv().await {
            tokio::time::sleep_until(due).await;
            if to.write_all(&chunk).await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await;
    };
    tokio::join!(reading, writing);
}
