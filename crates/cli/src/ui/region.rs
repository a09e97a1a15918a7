//! The live region at the bottom of a terminal: the downtime clock, then the step under way.

use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;

use super::door::Door;
use super::frames::Frames;
use super::palette::{Paint, Palette};
use super::story::{Story, progress_text, since};
use super::words::length;
use super::writer::Writer;

/// Heroku's spinner (oclif's `dots2`), one frame every 100 ms.
const FRAMES: [&str; 9] = ["⣾", "⣽", "⣻", "⢿", "⡿", "⣟", "⣯", "⣷", " "];

/// The live region. Finished lines scroll up above it.
pub(super) struct Region {
    bars: MultiProgress,
    palette: Palette,
    downtime: Option<ProgressBar>,
    step: Option<(String, ProgressBar)>,
    hidden: u32,
}

/// Draws a second, at most.
const RATE: u8 = 20;

impl Region {
    /// A region on stderr's terminal, written by this writer.
    pub(super) fn on_screen(writer: Writer, palette: Palette) -> Self {
        let frames = Box::new(Frames::new(writer));
        Self::new(ProgressDrawTarget::term_like_with_hz(frames, RATE), palette)
    }

    pub(super) fn new(target: ProgressDrawTarget, palette: Palette) -> Self {
        let bars = MultiProgress::with_draw_target(target);
        Self {
            bars,
            palette,
            downtime: None,
            step: None,
            hidden: 0,
        }
    }

    /// Prints a line that stays.
    pub(super) fn print(&self, line: &str) {
        // A terminal that is gone cannot be told so.
        let _ = self.bars.println(line);
    }

    /// Takes the region off the screen until [`Region::show`] was called as often.
    pub(super) fn hide(&mut self) {
        self.hidden += 1;
        self.remove_all();
    }

    /// Lets the region be drawn again.
    pub(super) fn show(&mut self) {
        self.hidden = self.hidden.saturating_sub(1);
    }

    /// Whether something else owns the terminal now.
    pub(super) fn is_hidden(&self) -> bool {
        self.hidden > 0
    }

    /// Draws what the story says at this moment.
    pub(super) fn draw(&mut self, story: &Story, door: &Door, now: Timestamp) {
        if self.is_hidden() {
            return;
        }
        self.draw_downtime(story, now);
        self.draw_step(story, door, now);
    }

    fn draw_downtime(&mut self, story: &Story, now: Timestamp) {
        let Some(mut text) = story.downtime(now) else {
            if let Some(bar) = self.downtime.take() {
                self.bars.remove(&bar);
            }
            return;
        };
        let bar = self.downtime.get_or_insert_with(|| {
            self.bars.insert(
                0,
                ProgressBar::new_spinner().with_style(template("{wide_msg}")),
            )
        });
        if let Some(phase) = story.phase() {
            text = format!("{text}, now: {phase}");
        }
        bar.set_message(self.palette.paint(Paint::Warning, &format!("  {text}")));
        bar.tick();
    }

    fn draw_step(&mut self, story: &Story, door: &Door, now: Timestamp) {
        let Some(current) = story.current.as_ref() else {
            if let Some((_, bar)) = self.step.take() {
                self.bars.remove(&bar);
            }
            return;
        };
        if self.step.as_ref().is_some_and(|(id, _)| *id != current.id)
            && let Some((_, bar)) = self.step.take()
        {
            self.bars.remove(&bar);
        }
        let (_, bar) = self.step.get_or_insert_with(|| {
            (
                current.id.clone(),
                self.bars.add(ProgressBar::new_spinner()),
            )
        });
        let progress = current.progress.as_ref();
        let numbers = progress.and_then(|p| Some((p.done?, p.total.filter(|total| *total > 0)?)));
        let mut text = current.title.clone();
        if let Some(reason) = progress
            .map(progress_text)
            .filter(|reason| !reason.is_empty())
        {
            text = format!("{text}: {reason}");
        }
        let elapsed = since(current.since, now);
        // Apart from the text, so that a narrow terminal does not cut it off.
        bar.set_prefix(match elapsed >= Duration::from_secs(1) {
            true => self.palette.paint(Paint::Faint, &length(elapsed)),
            false => String::new(),
        });
        match numbers {
            Some((done, total)) => {
                bar.set_style(template(
                    "{spinner} [{bar:20}] {percent:>3}% {wide_msg} {prefix}",
                ));
                bar.set_length(total);
                bar.set_position(done.min(total));
            }
            None => bar.set_style(template("{spinner} {wide_msg} {prefix}")),
        }
        bar.set_message(door.text(&text));
        bar.tick();
    }

    fn remove_all(&mut self) {
        for bar in self
            .downtime
            .take()
            .into_iter()
            .chain(self.step.take().map(|(_, bar)| bar))
        {
            self.bars.remove(&bar);
        }
        // A terminal that is gone cannot be cleared.
        let _ = self.bars.clear();
    }
}

fn template(text: &str) -> ProgressStyle {
    ProgressStyle::with_template(text)
        .expect("the template is a constant of this file")
        .tick_strings(&FRAMES)
        .progress_chars("=> ")
}
