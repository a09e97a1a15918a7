//! The one printer.

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use connect_swap_engine::{Clock, Event, Sink};
use jiff::Timestamp;
use serde_json::Value;

use super::door::Door;
use super::fold::fold;
use super::look::{Look, Terminals};
use super::mode::Mode;
use super::palette::Palette;
use super::region::Region;
use super::situation::{Situation, situation};
use super::story::{Line, Story, since};
use super::words::count;
use super::writer::Writer;
use crate::redact::Redactor;

/// How long a screen without a live region may stay silent.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// How long the end of a process may wait for the screen.
const LAST_WORDS: Duration = Duration::from_millis(300);
/// How long a list to pick from waits for the screen to be its own.
const HANDED_OVER: Duration = Duration::from_secs(2);
/// Lets the cursor be seen (DECTCEM).
const SHOW_CURSOR: &[u8] = b"\x1b[?25h";

/// Owns stdout and stderr; shows events, talk and results without mixing them up.
///
/// Nobody is held up by a screen that stands still: stderr is written by a thread of its own, and
/// stdout, whose reader may hold up what is told there, has a lock of its own.
pub(crate) struct Ui {
    state: Mutex<State>,
    screen: Writer,
    stdout: Mutex<Box<dyn Write + Send>>,
    door: Door,
    /// Whether both streams may be one terminal, where the order of what they say matters.
    one_terminal: bool,
    /// The colours of stdout.
    pub(crate) out: Palette,
    /// The colours of stderr.
    pub(crate) err: Palette,
    /// Where lines of stdout are folded.
    pub(crate) out_columns: Option<usize>,
    /// Where lines of stderr are folded.
    pub(crate) err_columns: Option<usize>,
    /// The operator's clock: what lines and the downtime are dated by.
    clock: Arc<dyn Clock>,
    /// The clock on the wall: what silence is measured by.
    wall: Arc<dyn Clock>,
}

struct State {
    screen: Writer,
    door: Door,
    region: Option<Region>,
    story: Story,
    spoke: Timestamp,
    prompts: u32,
    /// The terminal's own mode, while a list to pick from changes it.
    mode: Option<Mode>,
    /// Lines that a screen which stands still had no room for.
    left_out: u64,
}

impl Ui {
    /// A printer for the process's own streams.
    pub(crate) fn new(look: Look, clock: Arc<dyn Clock>, wall: Arc<dyn Clock>) -> Self {
        let screen = Writer::start(Box::new(std::io::stderr()));
        let region = look
            .live
            .then(|| Region::on_screen(screen.clone(), look.err));
        let stdout = Box::new(std::io::stdout());
        let one_terminal = Terminals::detect().stdout;
        Self {
            one_terminal,
            ..Self::with(look, (stdout, screen), region, clock, wall)
        }
    }

    /// A printer without a result, whose screen is this one.
    #[cfg(test)]
    pub(crate) fn on(look: Look, screen: Box<dyn Write + Send>, clock: Arc<dyn Clock>) -> Self {
        let streams = (Box::new(std::io::sink()) as _, Writer::start(screen));
        Self::with(look, streams, None, clock.clone(), clock)
    }

    fn with(
        look: Look,
        (stdout, screen): (Box<dyn Write + Send>, Writer),
        region: Option<Region>,
        clock: Arc<dyn Clock>,
        wall: Arc<dyn Clock>,
    ) -> Self {
        let door = Door::default();
        let state = State {
            screen: screen.clone(),
            door: door.clone(),
            region,
            story: Story::default(),
            spoke: wall.now(),
            prompts: 0,
            mode: None,
            left_out: 0,
        };
        Self {
            state: Mutex::new(state),
            screen,
            stdout: Mutex::new(stdout),
            door,
            one_terminal: false,
            out: look.out,
            err: look.err,
            out_columns: look.out_columns,
            err_columns: look.err_columns,
            clock,
            wall,
        }
    }

    /// Tells it the secrets of this run, none of which is shown from here on.
    pub(crate) fn keep_back(&self, secrets: Redactor) {
        self.door.learn(secrets);
    }

    /// Prints a part of the result on stdout, after everything that was said before.
    pub(crate) fn result(&self, text: &str) {
        self.print_result(&self.door.text(text));
    }

    /// Prints a document on stdout, after everything that was said before.
    pub(crate) fn document(&self, document: Value) {
        self.print_result(&self.door.pretty(document));
    }

    /// Prints a line of a stream on stdout, whatever the screen is at. Waits for its reader.
    pub(crate) fn out_line(&self, document: Value) {
        self.out(&self.door.compact(document));
    }

    fn print_result(&self, text: &str) {
        self.lock().hide();
        if self.one_terminal {
            self.screen.settle();
        }
        self.out(text);
        self.lock().show();
    }

    fn out(&self, text: &str) {
        let mut stdout = self.stdout.lock().unwrap_or_else(PoisonError::into_inner);
        // A reader that went away (`| head`) is no failure of the command.
        let _ = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
    }

    /// Says something on stderr, above the live region.
    pub(crate) fn say(&self, text: &str) {
        let now = self.wall.now();
        self.lock().print(text, now);
    }

    /// Waits until everything that was said is on the screen.
    pub(crate) fn settle(&self) {
        self.screen.settle();
    }

    /// Draws the live region anew, or breaks a long silence. Called about ten times a second.
    pub(crate) fn tick(&self) {
        let (now, wall) = (self.clock.now(), self.wall.now());
        let mut state = self.lock();
        if state.region.is_some() {
            state.draw(now);
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

    /// Hands the terminal over, for a list that writes to it by itself and changes its mode.
    pub(crate) fn hand_over(&self) -> Suspended<'_> {
        let suspended = self.suspend();
        self.lock().mode = Some(Mode::now());
        self.screen.settle_within(HANDED_OVER);
        suspended
    }

    /// Writes a question to stderr and leaves the cursor behind it.
    pub(crate) fn question(&self, text: &str) {
        self.screen.push(self.door.text(text).as_bytes());
    }

    /// What a run is at, for whoever has no time to wait: nothing where it cannot be told.
    pub(crate) fn situation(&self) -> Situation {
        self.try_lock(LAST_WORDS)
            .map(|state| situation(&state.story, state.prompts > 0))
            .unwrap_or_default()
    }

    /// How long users have been turned away, beside what is expected; nothing while they are not.
    pub(crate) fn downtime(&self) -> Option<String> {
        let now = self.clock.now();
        self.lock().story.downtime(now)
    }

    /// Takes the live region off the screen for good and lets the cursor be seen.
    pub(crate) fn restore_terminal(&self) {
        self.lock().leave();
    }

    /// Says the last words of a process that is about to be ended, with the terminal as it was
    /// found. Waits for the screen no longer than a moment.
    pub(crate) fn last_words(&self, words: impl FnOnce(&Situation, Palette) -> Vec<String>) {
        if let Some(mut state) = self.try_lock(LAST_WORDS) {
            state.leave();
            let at = situation(&state.story, false);
            for line in words(&at, self.err) {
                state.write_line(&line);
            }
        }
        self.screen.settle_within(LAST_WORDS);
    }

    fn dated(&self, line: &Line, now: Timestamp) -> String {
        let word = self.err.paint(line.paint, &format!("{:<8}", line.word));
        format!("{now:.0} {word} {}", line.text)
    }

    fn undated(&self, line: &Line) -> String {
        let word = self.err.paint(line.paint, &format!("{:>8}", line.word));
        fold(&format!("{word}  {}", line.text), self.err_columns)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while printing leaves nothing half done that matters to the next line.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_lock(&self, bound: Duration) -> Option<MutexGuard<'_, State>> {
        let deadline = std::time::Instant::now() + bound;
        loop {
            match self.state.try_lock() {
                Ok(state) => return Some(state),
                Err(std::sync::TryLockError::Poisoned(state)) => return Some(state.into_inner()),
                Err(_) if std::time::Instant::now() >= deadline => return None,
                Err(_) => std::thread::sleep(Duration::from_millis(2)),
            }
        }
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
        state.draw(now);
    }
}

impl State {
    /// Prints a line that stays. Where a screen stands still for so long that there is no room,
    /// lines are counted; the log file has them.
    fn print(&mut self, text: &str, wall: Timestamp) {
        self.spoke = wall;
        if !self.screen.has_room() {
            self.left_out += 1;
            return;
        }
        if self.left_out > 0 {
            let lines = count(std::mem::take(&mut self.left_out), "line");
            self.write_line(&format!("(the screen stood still: {lines} left out)"));
        }
        self.write_line(text);
    }

    fn write_line(&self, text: &str) {
        let text = self.door.text(text);
        match &self.region {
            Some(region) if !region.is_hidden() => region.print(&text),
            _ => self.screen.push(format!("{text}\n").as_bytes()),
        }
    }

    /// Draws the live region, unless the screen is not through with what it has.
    fn draw(&mut self, now: Timestamp) {
        if self.screen.is_behind() {
            return;
        }
        if let Some(region) = &mut self.region {
            region.draw(&self.story, &self.door, now);
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

    /// Leaves the terminal as it was found.
    fn leave(&mut self) {
        self.hide();
        self.take_back();
        if self.region.is_some() {
            self.screen.push(SHOW_CURSOR);
        }
    }

    /// Takes the terminal back from a list to pick from, which may have left it as it used it.
    fn take_back(&mut self) {
        if let Some(mode) = self.mode.take() {
            mode.restore();
            self.screen.push(SHOW_CURSOR);
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
        state.take_back();
        state.prompts = state.prompts.saturating_sub(1);
        state.show();
    }
}

#[cfg(test)]
mod tests;
