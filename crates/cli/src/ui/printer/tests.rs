//! Screens, with and without a live region, on a clock that stands still.

use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use connect_swap_engine::{Effect, Expected, Level, Progress, StepState};
use indicatif::{InMemoryTerm, ProgressDrawTarget, TermLike};

use super::*;
use crate::ui::story::Current;
use crate::ui::{Palette, Terminals};

/// A clock that only moves when told to.
#[derive(Default)]
struct Standing(AtomicI64);

#[async_trait]
impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + self.0.load(Ordering::SeqCst)).expect("in range")
    }

    async fn sleep(&self, _duration: Duration) {
        unreachable!("the printer never sleeps");
    }
}

impl Standing {
    fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Captured {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

struct Screen {
    ui: Ui,
    clock: Arc<Standing>,
    out: Captured,
    err: Captured,
    terminal: InMemoryTerm,
}

impl Screen {
    /// What stands on stderr, once it is written.
    fn err(&self) -> String {
        self.ui.settle();
        self.err.text()
    }
}

fn screen(live: bool) -> Screen {
    screen_of(live, 130)
}

fn screen_of(live: bool, columns: u16) -> Screen {
    let clock = Arc::new(Standing::default());
    let (out, err) = (Captured::default(), Captured::default());
    let terminal = InMemoryTerm::new(20, columns);
    let look = Look {
        live,
        out: Palette::none(),
        err: Palette::none(),
        out_columns: None,
        err_columns: live.then_some(columns.into()),
    };
    let region = live.then(|| {
        let term: Box<dyn TermLike> = Box::new(terminal.clone());
        Region::new(ProgressDrawTarget::term_like(term), look.err)
    });
    let streams = (
        Box::new(out.clone()) as _,
        Writer::start(Box::new(err.clone())),
    );
    let ui = Ui::with(look, streams, region, clock.clone(), clock.clone());
    Screen {
        ui,
        clock,
        out,
        err,
        terminal,
    }
}

fn started(number: usize, step: &str, what: &str) -> Event {
    Event::StepStarted {
        step: step.into(),
        number,
        of: 3,
        what: what.into(),
        effect: Effect::Downtime,
    }
}

fn ended(step: &str, state: StepState, seconds: f64) -> Event {
    Event::StepEnded {
        step: step.into(),
        state,
        seconds,
        error: None,
    }
}

fn waiting(step: &str, message: &str) -> Event {
    Event::StepProgress {
        step: step.into(),
        progress: Progress::message(message),
    }
}

fn play(screen: &Screen) {
    let ui = &screen.ui;
    let steps = ["stop", "drain", "promote"].map(|id| (id.to_owned(), format!("{id} it")));
    let phase = "cutover".to_owned();
    ui.emit(Event::PhaseStarted {
        phase,
        steps: steps.to_vec(),
        resumed: false,
    });
    ui.emit(started(1, "stop", "stop writes"));
    ui.emit(Event::WindowOpened {
        at: screen.clock.now(),
        expected: Some(Expected {
            low: 20.0,
            high: 615.0,
        }),
    });
    screen.clock.pass(4);
    ui.emit(ended("stop", StepState::Done, 4.0));
    ui.emit(started(
        2,
        "drain",
        "wait until Connect has sent everything",
    ));
    ui.emit(waiting("drain", "3 writes pending"));
    ui.emit(Event::Notice {
        level: Level::Warning,
        text: "a \u{1b}[2J one-off dyno".into(),
    });
}

#[test]
fn lines_without_a_terminal() {
    let screen = screen(false);
    play(&screen);
    screen.clock.pass(29);
    screen.ui.tick();
    screen.clock.pass(1);
    screen.ui.emit(waiting("drain", "2 writes pending"));
    screen.ui.tick();
    screen.ui.tick();
    screen.clock.pass(30);
    screen.ui.tick();
    screen.ui.emit(ended("drain", StepState::Failed, 60.0));
    screen.ui.emit(Event::Unwinding {
        why: "no luck".into(),
    });
    screen.ui.emit(ended("stop", StepState::Undone, 5.0));
    screen.ui.emit(Event::WindowClosed {
        at: screen.clock.now(),
        seconds: 69.0,
    });
    insta::assert_snapshot!(screen.err());
    assert!(!screen.err().contains(['\r', '\u{1b}']));
    assert_eq!(screen.out.text(), "");
}

#[test]
fn a_live_region_below_finished_lines() {
    let screen = screen(true);
    play(&screen);
    screen.clock.pass(61);
    screen.ui.tick();
    insta::assert_snapshot!(screen.terminal.contents());
}

#[test]
fn a_live_region_on_terminals_of_any_width() {
    let screens = [60_u16, 80, 120].map(|columns| {
        let screen = screen_of(true, columns);
        play(&screen);
        let text = "the app answers slowly: 3 of 5 requests took longer than a second".into();
        screen.ui.emit(Event::Notice {
            level: Level::Info,
            text,
        });
        screen.clock.pass(61);
        screen.ui.tick();
        format!(
            "{}\n{}",
            "-".repeat(columns.into()),
            screen.terminal.contents()
        )
    });
    insta::assert_snapshot!(screens.join("\n\n"));
}

#[test]
fn a_bar_where_the_total_is_known() {
    let screen = screen(true);
    play(&screen);
    let progress = Progress {
        message: "copying orders".into(),
        done: Some(500),
        total: Some(2000),
        unit: Some("rows".into()),
        eta_seconds: Some(9),
    };
    screen.ui.emit(Event::StepProgress {
        step: "drain".into(),
        progress,
    });
    let text = screen.terminal.contents();
    assert!(text.contains("[=====>              ]  25%"), "{text}");
    assert!(
        text.contains("copying orders, 500 of 2,000 rows, about 9s left"),
        "{text}"
    );
}

#[test]
fn a_prompt_has_the_terminal_for_itself() {
    let screen = screen(true);
    play(&screen);
    let guard = screen.ui.suspend();
    let before = screen.terminal.contents();
    assert!(!before.contains("downtime 4s"), "{before}");
    screen.clock.pass(5);
    screen.ui.tick();
    screen.ui.say("to the stream behind");
    assert_eq!(screen.terminal.contents(), before);
    assert_eq!(screen.err(), "to the stream behind\n");
    drop(guard);
    screen.ui.tick();
    assert!(screen.terminal.contents().contains("downtime 9s"));
}

#[test]
fn the_result_is_alone_on_stdout() {
    for live in [false, true] {
        let screen = screen(live);
        play(&screen);
        screen.ui.result("{\"a\":1}");
        assert_eq!(screen.out.text(), "{\"a\":1}\n");
        assert!(!screen.err().contains("\"a\""));
    }
}

/// A stream that never takes anything.
struct Stalled(std::sync::mpsc::Receiver<()>);

impl Write for Stalled {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let _ = self.0.recv();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_terminal_that_stands_still_holds_up_neither_the_run_nor_its_end() {
    let (go, gate) = std::sync::mpsc::channel();
    let mut screen = screen(false);
    screen.ui.screen = Writer::start(Box::new(Stalled(gate)));
    screen.ui.lock().screen = screen.ui.screen.clone();
    play(&screen);
    for _ in 0..20_000 {
        screen.ui.say("a line that nobody sees for now");
    }
    screen.ui.tick();
    assert!(screen.ui.lock().left_out > 0);
    assert!(screen.ui.situation().window_open);
    let began = std::time::Instant::now();
    screen.ui.last_words(|_, _| vec!["stopped".to_owned()]);
    assert!(began.elapsed() < Duration::from_secs(10));
    drop(go);
    screen.ui.settle();
}

#[test]
fn a_reader_of_stdout_that_stands_still_silences_no_one_else() {
    let (go, gate) = std::sync::mpsc::channel();
    let mut screen = screen(false);
    screen.ui.stdout = Mutex::new(Box::new(Stalled(gate)));
    let ui = &screen.ui;
    std::thread::scope(|scope| {
        scope.spawn(|| ui.out_line(serde_json::json!({})));
        while ui.stdout.try_lock().is_ok() {
            std::thread::yield_now();
        }
        ui.say("still here");
        assert_eq!(ui.situation(), Situation::default());
        drop(go);
    });
    assert_eq!(screen.err(), "still here\n");
}

#[test]
fn terminals_are_asked_one_by_one() {
    let terminals = Terminals::detect();
    assert_eq!(terminals.can_prompt(), terminals.stdin && terminals.stderr);
}

/// Somebody forgot to clean what came from outside, in every place where something is printed.
#[test]
fn nothing_that_is_printed_commands_the_terminal_or_holds_a_secret() {
    const FOREIGN: &str = "\u{1b}[2J\u{1b}]52;c;aGk=\u{7}\u{9b}2J\u{202e}\u{0} HRKU-12345678 \
                           postgres://u:pw@h";
    for live in [false, true] {
        let mut screen = screen(live);
        screen
            .ui
            .keep_back(Redactor::new(Some("HRKU-12345678".into())));
        screen.ui.say(FOREIGN);
        screen.ui.question(FOREIGN);
        screen.ui.result(FOREIGN);
        screen.ui.document(serde_json::json!({ FOREIGN: FOREIGN }));
        screen.ui.out_line(serde_json::json!({ FOREIGN: FOREIGN }));
        screen.ui.emit(started(1, FOREIGN, FOREIGN));
        screen.ui.emit(waiting(FOREIGN, FOREIGN));
        screen.clock.pass(31);
        screen.ui.tick();
        if live {
            // A title that was never cleaned, on its way into the live region alone.
            screen.ui.state.get_mut().unwrap().story.current = Some(Current {
                id: "s".into(),
                title: FOREIGN.into(),
                since: screen.clock.now(),
                progress: None,
            });
            screen.ui.tick();
        }
        let drawn = screen.terminal.contents();
        screen.ui.last_words(|_, _| vec![FOREIGN.to_owned()]);
        let written = [screen.out.text(), screen.err(), drawn];
        for text in written {
            let text = text.replace("\u{1b}[?25h", "");
            assert!(!text.contains("HRKU") && !text.contains("u:pw"), "{text:?}");
            let commands = |c: char| c != '\n' && c.is_control() || c == '\u{202e}';
            assert!(!text.contains(commands), "{text:?}");
        }
        assert!(
            screen
                .out
                .text()
                .contains("[redacted] postgres://u:[redacted]@h")
        );
    }
}
