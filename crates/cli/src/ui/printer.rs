//! The one printer.

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use connect_swap_engine::{Clock, Event, Sink};
use indicatif::ProgressDrawTarget;
use jiff::Timestamp;

use super::look::Look;
use super::palette::Palette;
use super::region::Region;
use super::story::{Line, Story, since};

/// How long a screen without a live region may stay silent.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// Owns stdout and stderr; shows events, talk and results without mixing them up.
pub(crate) struct Ui {
    state: Mutex<State>,
    /// The colours of stdout.
    pub(crate) out: Palette,
    /// The colours of stderr.
    pub(crate) err: Palette,
    /// The operator's clock: what lines and the downtime are dated by.
    clock: Arc<dyn Clock>,
    /// The clock on the wall: what silence is measured by.
    wall: Arc<dyn Clock>,
}

struct State {
    stdout: Box<dyn Write + Send>,
    stderr: Box<dyn Write + Send>,
    region: Option<Region>,
    story: Story,
    spoke: Timestamp,
    prompts: u32,
}

impl Ui {
    /// A printer for the process's own streams.
    pub(crate) fn new(look: Look, clock: Arc<dyn Clock>, wall: Arc<dyn Clock>) -> Self {
        let region = look
            .live
            .then(|| Region::new(ProgressDrawTarget::stderr(), look.err));
        let streams = (
            Box::new(std::io::stdout()) as _,
            Box::new(std::io::stderr()) as _,
        );
        Self::with(look, streams, region, clock, wall)
    }

    /// A printer that shows nothing.
    #[cfg(test)]
    pub(crate) fn silent(look: Look, clock: Arc<dyn Clock>) -> Self {
        let streams = (
            Box::new(std::io::sink()) as _,
            Box::new(std::io::sink()) as _,
        );
        Self::with(look, streams, None, clock.clone(), clock)
    }

    fn with(
        look: Look,
        (stdout, stderr): (Box<dyn Write + Send>, Box<dyn Write + Send>),
        region: Option<Region>,
        clock: Arc<dyn Clock>,
        wall: Arc<dyn Clock>,
    ) -> Self {
        let spoke = wall.now();
        let state = State {
            stdout,
            stderr,
            region,
            story: Story::default(),
            spoke,
            prompts: 0,
        };
        Self {
            state: Mutex::new(state),
            out: look.out,
            err: look.err,
            clock,
            wall,
        }
    }

    /// Prints a part of the result on stdout.
    pub(crate) fn result(&self, text: &str) {
        let mut state = self.lock();
        state.hide();
        // A reader that went away (`| head`) is no failure of the command.
        let _ = writeln!(state.stdout, "{text}").and_then(|()| state.stdout.flush());
        state.show();
    }

    /// Says something on stderr, above the live region.
    pub(crate) fn say(&self, text: &str) {
        let now = self.wall.now();
        self.lock().print(text, now);
    }

    /// Draws the live region anew, or breaks a long silence. Called about ten times a second.
    pub(crate) fn tick(&self) {
        let (now, wall) = (self.clock.now(), self.wall.now());
        let mut state = self.lock();
        let state = &mut *state;
        if let Some(region) = &mut state.region {
            region.draw(&state.story, now);
        } else if state.prompts == 0
            && since(state.spoke, wall) >= HEARTBEAT
            && let Some(line) = state.story.heartbeat(now)
        {
            let text = self.dated(&line, now);
            state.print(&text, wall);
        }
    }

    /// Hands the terminal over, for a prompt: nothing is drawn until the guard is dropped.
    pub(crate) fn suspend(&self) -> Suspended<'_> {
        let mut state = self.lock();
        state.prompts += 1;
        state.hide();
        Suspended { ui: self }
    }

    /// Writes a question to stderr and leaves the cursor behind it.
    pub(crate) fn question(&self, text: &str) {
        let mut state = self.lock();
        // A terminal that is gone cannot be asked; the end of input will say so.
        let _ = write!(state.stderr, "{text}").and_then(|()| state.stderr.flush());
    }

    /// Whether a prompt has the terminal.
    pub(crate) fn is_prompting(&self) -> bool {
        self.lock().prompts > 0
    }

    /// Takes the live region off the screen for good and lets the cursor be seen.
    pub(crate) fn restore_terminal(&self) {
        let mut state = self.lock();
        state.hide();
        if state.region.is_some() {
            // A terminal that is gone needs no cursor.
            let _ = console::Term::stderr().show_cursor();
        }
    }

    /// The id of the step under way.
    pub(crate) fn step_under_way(&self) -> Option<String> {
        self.lock()
            .story
            .current
            .as_ref()
            .map(|current| current.id.clone())
    }

    /// Whether users are turned away at this moment.
    pub(crate) fn window_is_open(&self) -> bool {
        self.lock().story.window.is_some()
    }

    fn dated(&self, line: &Line, now: Timestamp) -> String {
        let word = self.err.paint(line.paint, &format!("{:<8}", line.word));
        format!("{now:.0} {word} {}", line.text)
    }

    fn undated(&self, line: &Line) -> String {
        let word = self.err.paint(line.paint, &format!("{:>8}", line.word));
        format!("{word}  {}", line.text)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while printing leaves nothing half done that matters to the next line.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Ui {
    fn emit(&self, event: Event) {
        let (now, wall) = (self.clock.now(), self.wall.now());
        let mut state = self.lock();
        let lines = state.story.tell(event, now);
        let live = state.region.is_some();
        for line in lines.iter().filter(|line| !(live && line.live_shows_it)) {
            let text = if live {
                self.undated(line)
            } else {
                self.dated(line, now)
            };
            state.print(&text, wall);
        }
        let state = &mut *state;
        if let Some(region) = &mut state.region {
            region.draw(&state.story, now);
        }
    }
}

impl State {
    fn print(&mut self, text: &str, wall: Timestamp) {
        self.spoke = wall;
        match &self.region {
            Some(region) if !region.is_hidden() => region.print(text),
            _ => {
                // A terminal that is gone cannot be told so.
                let _ = writeln!(self.stderr, "{text}").and_then(|()| self.stderr.flush());
            }
        }
    }

    fn hide(&mut self) {
        if let Some(region) = &mut self.region {
            region.hide();
        }
    }

    fn show(&mut self) {
        if let Some(region) = &mut self.region {
            region.show();
        }
    }
}

/// While it lives, the terminal belongs to a prompt.
pub(crate) struct Suspended<'a> {
    ui: &'a Ui,
}

impl Drop for Suspended<'_> {
    fn drop(&mut self) {
        let mut state = self.ui.lock();
        state.prompts = state.prompts.saturating_sub(1);
        state.show();
    }
}

#[cfg(test)]
mod tests;
