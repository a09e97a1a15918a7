//! A stream that is written by a thread of its own.
//!
//! A terminal may stand still: Ctrl-S, a closed lid, a pipe that nobody reads. Whoever has
//! something to say must not stand still with it, least of all a run in its window or Ctrl-C.

use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How much may wait to be written, in bytes: some thousand lines.
const ROOM: usize = 256 * 1024;

/// The writing end; clones share the thread, which ends with the last of them.
#[derive(Debug, Clone)]
pub(super) struct Writer(Arc<Owner>);

#[derive(Debug)]
struct Owner(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<u8>,
    writing: bool,
    closed: bool,
}

impl Writer {
    /// Starts the thread that writes to this stream.
    pub(super) fn start(stream: Box<dyn Write + Send>) -> Self {
        let shared = Arc::new(Shared::default());
        let theirs = shared.clone();
        std::thread::spawn(move || theirs.write_to(stream));
        Self(Arc::new(Owner(shared)))
    }

    /// Has it written some time; never waits. Callers look at [`Writer::has_room`] before they
    /// say what may be left out.
    pub(super) fn push(&self, bytes: &[u8]) {
        let shared = self.shared();
        shared.lock().waiting.extend_from_slice(bytes);
        shared.changed.notify_all();
    }

    /// Whether something is not written yet, so that another frame of an animation would only
    /// make it later.
    pub(super) fn is_behind(&self) -> bool {
        self.shared().lock().is_behind()
    }

    /// Whether a line more is no flood.
    pub(super) fn has_room(&self) -> bool {
        self.shared().lock().waiting.len() < ROOM
    }

    /// Waits until everything is written.
    pub(super) fn settle(&self) {
        let shared = self.shared();
        let behind = |queue: &mut Queue| queue.is_behind();
        // Poisoned or not, nothing more can be waited for.
        drop(shared.changed.wait_while(shared.lock(), behind));
    }

    /// Waits until everything is written, or for so long.
    pub(super) fn settle_within(&self, bound: Duration) {
        let shared = self.shared();
        let behind = |queue: &mut Queue| queue.is_behind();
        drop(
            shared
                .changed
                .wait_timeout_while(shared.lock(), bound, behind),
        );
    }

    fn shared(&self) -> &Shared {
        &self.0.0
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.changed.notify_all();
    }
}

impl Shared {
    fn write_to(&self, mut stream: Box<dyn Write + Send>) {
        while let Some(bytes) = self.next() {
            // A terminal that is gone cannot be told so.
            let _ = stream.write_all(&bytes).and_then(|()| stream.flush());
            self.lock().writing = false;
            self.changed.notify_all();
        }
    }

    /// What is to be written next; nothing at the end.
    fn next(&self) -> Option<Vec<u8>> {
        let idle = |queue: &mut Queue| queue.waiting.is_empty() && !queue.closed;
        let mut queue = self
            .changed
            .wait_while(self.lock(), idle)
            .unwrap_or_else(PoisonError::into_inner);
        if queue.waiting.is_empty() {
            return None;
        }
        queue.writing = true;
        Some(std::mem::take(&mut queue.waiting))
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn is_behind(&self) -> bool {
        self.writing || !self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stands still until it is let go.
    struct Stalled {
        gate: std::sync::mpsc::Receiver<()>,
        written: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Stalled {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let _ = self.gate.recv();
            self.written.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_stalled_stream_holds_nobody_up_and_loses_nothing() {
        let (go, gate) = std::sync::mpsc::channel();
        let written = Arc::new(Mutex::new(Vec::new()));
        let stream = Stalled {
            gate,
            written: written.clone(),
        };
        let writer = Writer::start(Box::new(stream));
        assert!(!writer.is_behind());
        for word in ["one ", "two ", "three"] {
            writer.push(word.as_bytes());
        }
        assert!(writer.is_behind() && writer.has_room());
        writer.settle_within(Duration::from_millis(1));
        writer.push(&vec![b'.'; ROOM]);
        assert!(!writer.has_room());
        drop(go);
        writer.settle();
        assert!(!writer.is_behind() && writer.has_room());
        assert!(written.lock().unwrap().starts_with(b"one two three..."));
    }
}
