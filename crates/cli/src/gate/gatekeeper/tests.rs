//! Prompts answered by a script.

use std::collections::VecDeque;
use std::sync::Mutex;

use connect_swap_engine::{Description, Effect, Interruption, SystemClock};

use super::*;
use crate::ui::{Look, Palette};

/// Answers in order, then the end of input.
struct Script(Mutex<VecDeque<&'static str>>);

#[async_trait]
impl Answers for Script {
    async fn line(&self) -> Option<String> {
        self.0.lock().unwrap().pop_front().map(str::to_owned)
    }
}

/// Never answers.
struct Silence;

#[async_trait]
impl Answers for Silence {
    async fn line(&self) -> Option<String> {
        std::future::pending().await
    }
}

fn gate(answers: Option<Arc<dyn Answers>>, consents: Consents) -> Gatekeeper {
    on_screen(Box::new(std::io::sink()), answers, consents)
}

fn on_screen(
    screen: Box<dyn std::io::Write + Send>,
    answers: Option<Arc<dyn Answers>>,
    consents: Consents,
) -> Gatekeeper {
    let look = Look {
        live: false,
        out: Palette::none(),
        err: Palette::none(),
        out_columns: None,
        err_columns: None,
    };
    let clock = Arc::new(SystemClock::new(1.0));
    let ui = Arc::new(Ui::on(look, screen, clock));
    Gatekeeper {
        app: "demo".into(),
        consents,
        answers,
        ui,
        control: Control::default(),
        presses: Presses::default(),
    }
}

fn typed(lines: &[&'static str]) -> Gatekeeper {
    let script = Script(Mutex::new(lines.iter().copied().collect()));
    gate(Some(Arc::new(script)), Consents::default())
}

fn request(effect: Effect) -> ConsentRequest {
    let description = Description {
        confirm_with: "demo".into(),
        ..Description::default()
    };
    ConsentRequest {
        step: "promote".into(),
        effect,
        description,
        covers: vec![],
    }
}

async fn given(gate: &Gatekeeper, effect: Effect) -> bool {
    matches!(gate.ask(&request(effect)).await, Answer::Given { .. })
}

#[tokio::test]
async fn level_one_takes_yes_and_nothing_else() {
    for (line, expected) in [
        ("y", true),
        (" YES ", true),
        ("", false),
        ("n", false),
        ("demo", false),
    ] {
        assert_eq!(
            given(&typed(&[line]), Effect::CostsMoney).await,
            expected,
            "{line:?}"
        );
    }
}

#[tokio::test]
async fn level_two_takes_the_exact_name() {
    for (line, expected) in [("demo", true), ("Demo", false), ("y", false), ("", false)] {
        assert_eq!(
            given(&typed(&[line]), Effect::NoReturn).await,
            expected,
            "{line:?}"
        );
    }
}

#[tokio::test]
async fn a_slip_is_asked_about_again_and_three_are_a_refusal() {
    assert!(given(&typed(&["yy", "y"]), Effect::Reversible).await);
    assert!(given(&typed(&["dmeo", "demo"]), Effect::NoReturn).await);
    assert!(!given(&typed(&["a", "b", "c", "demo"]), Effect::NoReturn).await);
    // In the window a refusal goes all the way back: a stray Enter is none.
    assert!(given(&typed(&["", "demo"]), Effect::NoReturn).await);
}

#[tokio::test]
async fn a_question_mark_explains_and_asks_again() {
    assert!(given(&typed(&["?", "?", "demo"]), Effect::Downtime).await);
}

#[tokio::test]
async fn the_end_of_input_is_a_refusal() {
    assert!(!given(&typed(&[]), Effect::Reversible).await);
    assert!(!given(&typed(&["?"]), Effect::Downtime).await);
}

#[tokio::test]
async fn ctrl_c_at_a_prompt_is_no_consent_and_left_to_the_runner() {
    let gate = gate(Some(Arc::new(Silence)), Consents::default());
    for wish in [Interruption::Ask, Interruption::Pause] {
        gate.control.interrupt(wish);
        let answer = gate.ask(&request(Effect::Downtime)).await;
        assert_eq!(answer, Answer::Interrupted);
        assert_eq!(gate.control.interruption(), wish);
    }
}

#[tokio::test]
async fn flags_answer_before_anyone_is_asked() {
    let consents = Consents {
        yes: true,
        confirm: vec!["demo".into()],
    };
    let gate = gate(Some(Arc::new(Silence)), consents);
    assert!(given(&gate, Effect::CostsMoney).await);
    assert!(given(&gate, Effect::NoReturn).await);
}

#[tokio::test]
async fn without_a_terminal_only_flags_count() {
    let gate = gate(
        None,
        Consents {
            yes: true,
            confirm: vec![],
        },
    );
    let requests = [request(Effect::Reversible), request(Effect::Downtime)];
    assert_eq!(gate.missing(&requests), ["--confirm demo"]);
    assert!(!given(&gate, Effect::Downtime).await);
    assert_eq!(gate.interrupted("drain", true).await, Choice::Pause);
    assert!(typed(&[]).missing(&requests).is_empty());
}

#[tokio::test]
async fn the_menu_in_the_window() {
    let chosen = async |lines: &[&'static str], back| typed(lines).interrupted("drain", back).await;
    assert_eq!(chosen(&[""], true).await, Choice::Continue);
    assert_eq!(chosen(&["R"], true).await, Choice::RollBack);
    assert_eq!(chosen(&["r", "p"], false).await, Choice::Pause);
    assert_eq!(chosen(&["what", "c"], true).await, Choice::Continue);
    assert_eq!(chosen(&[], true).await, Choice::Pause);
}

/// What was written to a screen.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Seen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_question_that_is_dropped_is_told_and_leaves_the_screen_to_what_follows() {
    for menu in [false, true] {
        let seen = Seen::default();
        let gate = on_screen(
            Box::new(seen.clone()),
            Some(Arc::new(Silence)),
            Consents::default(),
        );
        let request = request(Effect::NoReturn);
        tokio::select! {
            biased;
            () = async { drop(gate.ask(&request).await) }, if !menu => panic!("nobody answered"),
            _ = gate.interrupted("promote", true), if menu => panic!("nobody answered"),
            () = std::future::ready(()) => {}
        }
        gate.ui.say("going back");
        gate.ui.settle();
        let seen = String::from_utf8(seen.0.lock().unwrap().clone()).unwrap();
        let ends = "\n     Not answered in time: the question is withdrawn\ngoing back\n";
        assert!(seen.ends_with(ends), "{seen:?}");
    }
}
