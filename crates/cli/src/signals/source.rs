//! Where signals come from.

/// A signal that ends programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    Interrupt,
    #[cfg_attr(not(unix), expect(dead_code, reason = "Windows has no such signal"))]
    Terminate,
    #[cfg_attr(not(unix), expect(dead_code, reason = "Windows has no such signal"))]
    Hangup,
}

impl Signal {
    /// 128 and the signal's number.
    pub(super) fn exit_code(self) -> i32 {
        match self {
            Self::Hangup => 129,
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }
}

/// Waits for any of the signals, which then have no other meaning. None is lost from the moment
/// on in which it was made.
#[cfg(feature = "sandbox")]
pub(crate) struct Ending(Option<Signals>);

#[cfg(feature = "sandbox")]
impl Ending {
    pub(crate) fn from_now_on() -> Self {
        Self(Signals::new().ok())
    }

    pub(crate) async fn signalled(mut self) {
        if let Some(signals) = &mut self.0 {
            signals.next().await;
        }
    }
}

#[cfg(unix)]
pub(super) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    pub(super) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.hangup.recv() => Signal::Hangup,
        }
    }
}

#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    pub(super) async fn next(&mut self) -> Signal {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Signal::Interrupt,
            Err(_) => std::future::pending().await,
        }
    }
}
