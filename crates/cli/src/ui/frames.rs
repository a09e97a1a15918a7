//! The terminal as the live region draws on it: whole frames, handed to the writing thread.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::TermLike;

use super::writer::Writer;

/// A terminal at the other end of a [`Writer`].
#[derive(Debug)]
pub(super) struct Frames {
    size: console::Term,
    writer: Writer,
    frame: Mutex<String>,
}

impl Frames {
    /// Draws on stderr's terminal by way of this writer.
    pub(super) fn new(writer: Writer) -> Self {
        Self {
            size: console::Term::stderr(),
            writer,
            frame: Mutex::default(),
        }
    }

    fn frame(&self) -> MutexGuard<'_, String> {
        self.frame.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, text: &str) -> io::Result<()> {
        self.frame().push_str(text);
        Ok(())
    }

    /// Moves the cursor (ECMA-48, CUU, CUD, CUF and CUB).
    fn move_cursor(&self, n: usize, direction: char) -> io::Result<()> {
        match n {
            0 => Ok(()),
            n => self.add(&format!("\x1b[{n}{direction}")),
        }
    }
}

impl TermLike for Frames {
    fn width(&self) -> u16 {
        self.size.size().1
    }

    fn height(&self) -> u16 {
        self.size.size().0
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.add(text)?;
        self.add("\n")
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.add(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.add("\r\x1b[2K")
    }

    fn flush(&self) -> io::Result<()> {
        let frame = std::mem::take(&mut *self.frame());
        self.writer.push(frame.as_bytes());
        Ok(())
    }
}
