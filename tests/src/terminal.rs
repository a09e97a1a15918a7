//! A program on a pseudo-terminal: what is typed, and what stands on the screen.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

const ROWS: NonZeroU16 = NonZeroU16::new(40).expect("not zero");
const COLUMNS: NonZeroU16 = NonZeroU16::new(100).expect("not zero");
/// How long a text may take to appear. Longer than anything here should take.
const BOUND: Duration = Duration::from_secs(120);

/// A terminal of 100 by 40 with a program on it.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    seen: String,
    read_to: usize,
    screen: vt100::Parser,
    master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Starts a program.
    ///
    /// # Panics
    /// When there is no pseudo-terminal or no such program.
    pub fn start(command: CommandBuilder) -> Self {
        let size = PtySize {
            rows: ROWS.get(),
            cols: COLUMNS.get(),
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system()
            .openpty(size)
            .expect("a pseudo-terminal");
        let child = pair
            .slave
            .spawn_command(command)
            .expect("the program starts");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0_u8; 4096];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            writer,
            output,
            seen: String::new(),
            read_to: 0,
            screen: vt100::Parser::new(ROWS, COLUMNS, 0),
            master: pair.master,
        }
    }

    /// Waits until a text appears that was not waited for before.
    ///
    /// # Panics
    /// When it does not within the bound.
    pub fn wait_for(&mut self, text: &str) {
        let deadline = Instant::now() + BOUND;
        loop {
            if let Some(at) = self.seen[self.read_to..].find(text) {
                self.read_to += at + text.len();
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(_) => panic!("{text:?} did not appear:\n{}", self.seen),
            }
        }
    }

    /// Types a line.
    ///
    /// # Panics
    /// When the program is gone.
    pub fn type_line(&mut self, line: &str) {
        self.writer
            .write_all(format!("{line}\r").as_bytes())
            .expect("the program reads");
        self.writer.flush().expect("the program reads");
    }

    /// Presses Ctrl-C.
    ///
    /// # Panics
    /// When the program is gone.
    pub fn ctrl_c(&mut self) {
        self.writer.write_all(&[3]).expect("the program reads");
        self.writer.flush().expect("the program reads");
    }

    /// The program's process id.
    ///
    /// # Panics
    /// When it was never started.
    pub fn process(&self) -> u32 {
        self.child.process_id().expect("a process")
    }

    /// Waits for the program's end; its exit code.
    ///
    /// # Panics
    /// When it does not end within the bound.
    pub fn end(&mut self) -> u32 {
        let deadline = Instant::now() + BOUND;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                    panic!("the program did not end:\n{}", self.seen)
                }
            }
        }
        self.child.wait().expect("the program ends").exit_code()
    }

    /// Everything that was written so far, escape sequences included.
    pub fn seen(&self) -> &str {
        &self.seen
    }

    /// Whether the cursor is to be seen.
    pub fn shows_cursor(&self) -> bool {
        !self.screen.screen().hide_cursor()
    }

    /// Whether the terminal edits lines and echoes them, as it did at the start.
    ///
    /// # Panics
    /// When its mode cannot be read.
    pub fn is_cooked(&self) -> bool {
        let mode = self.master.get_termios().expect("a mode");
        let flags = format!("{:?}", mode.local_flags);
        flags.contains("ICANON") && flags.contains("ECHO") && flags.contains("ISIG")
    }

    fn take(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        self.seen.push_str(&String::from_utf8_lossy(bytes));
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Only the program that was started here, by its handle.
        let _ = self.child.kill();
    }
}
