//! Somebody or something interferes at a chosen moment of a run.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use connect_swap_engine::{Answer, Choice, ConsentRequest, Event, Gate, Sink};

type Act = Box<dyn FnOnce() + Send>;

type Wanted = fn(&Event, &str) -> bool;

/// Does something, once, the moment a step begins or tells how far it is; passes every event on.
pub struct AtStep {
    /// The step's id, or the words.
    key: &'static str,
    wanted: Wanted,
    act: Mutex<Option<Act>>,
    inner: Arc<dyn Sink>,
}

impl AtStep {
    /// Before the step of this id looks at the world.
    pub fn new(
        step: &'static str,
        inner: Arc<dyn Sink>,
        act: impl FnOnce() + Send + 'static,
    ) -> Self {
        let wanted: Wanted =
            |event, of| matches!(event, Event::StepStarted { step, .. } if step == of);
        Self {
            key: step,
            wanted,
            act: Mutex::new(Some(Box::new(act))),
            inner,
        }
    }

    /// When the step of this id tells for the first time how far it is.
    pub fn waiting(
        step: &'static str,
        inner: Arc<dyn Sink>,
        act: impl FnOnce() + Send + 'static,
    ) -> Self {
        Self {
            wanted: |event, of| matches!(event, Event::StepProgress { step, .. } if step == of),
            ..Self::new(step, inner, act)
        }
    }

    /// When a notice holds these words for the first time.
    pub fn told(
        words: &'static str,
        inner: Arc<dyn Sink>,
        act: impl FnOnce() + Send + 'static,
    ) -> Self {
        Self {
            wanted: |event, words| matches!(event, Event::Notice { text, .. } if text.contains(words)),
            ..Self::new(words, inner, act)
        }
    }

    /// Whether it was done.
    pub fn is_done(&self) -> bool {
        self.act.lock().expect("no panic while acting").is_none()
    }
}

impl Sink for AtStep {
    fn emit(&self, event: Event) {
        if (self.wanted)(&event, self.key)
            && let Some(act) = self.act.lock().expect("no panic while acting").take()
        {
            act();
        }
        self.inner.emit(event);
    }
}

type Deed = Box<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Consents to everything, after something was done while the operator thought about one step.
pub struct AtConsent {
    step: &'static str,
    deed: Deed,
}

impl AtConsent {
    /// When consent to the step of this id is asked for.
    pub fn new<F>(step: &'static str, deed: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self {
            step,
            deed: Box::new(move || Box::pin(deed())),
        }
    }
}

#[async_trait]
impl Gate for AtConsent {
    fn missing(&self, _requests: &[ConsentRequest]) -> Vec<String> {
        Vec::new()
    }

    async fn ask(&self, request: &ConsentRequest) -> Answer {
        if request.step == self.step {
            (self.deed)().await;
        }
        Answer::Given {
            how: "script".into(),
        }
    }

    async fn interrupted(&self, _step: &str, _can_roll_back: bool) -> Choice {
        Choice::RollBack
    }
}
