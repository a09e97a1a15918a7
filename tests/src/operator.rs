//! A gate that answers from a script.

use std::sync::Mutex;

use async_trait::async_trait;
use connect_swap_engine::{Answer, Choice, ConsentRequest, Gate};

/// How a scripted gate answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Script {
    /// Consents to everything.
    ConsentAll,
    /// Consents to everything but these steps.
    DeclineSteps(Vec<String>),
    /// Nobody can be asked and no flag was given.
    NoTerminal,
}

/// Answers from a script and remembers what it was asked.
pub struct ScriptedGate {
    script: Script,
    choice: Choice,
    asked: Mutex<Vec<ConsentRequest>>,
}

impl ScriptedGate {
    /// A gate with this script that rolls back when interrupted in the window.
    pub fn new(script: Script) -> Self {
        Self {
            script,
            choice: Choice::RollBack,
            asked: Mutex::default(),
        }
    }

    /// What it was asked for.
    pub fn asked(&self) -> Vec<ConsentRequest> {
        self.asked.lock().expect("no panic while asking").clone()
    }
}

/// A gate that consents to everything.
pub fn consenting() -> ScriptedGate {
    ScriptedGate::new(Script::ConsentAll)
}

#[async_trait]
impl Gate for ScriptedGate {
    fn missing(&self, requests: &[ConsentRequest]) -> Vec<String> {
        if self.script == Script::NoTerminal && !requests.is_empty() {
            vec!["--yes".into()]
        } else {
            Vec::new()
        }
    }

    async fn ask(&self, request: &ConsentRequest) -> Answer {
        self.asked
            .lock()
            .expect("no panic while asking")
            .push(request.clone());
        match &self.script {
            Script::DeclineSteps(steps) if steps.contains(&request.step) => Answer::Declined {
                why: "declined by the script".into(),
            },
            _ => Answer::Given {
                how: "script".into(),
            },
        }
    }

    async fn interrupted(&self, _step: &str, _can_roll_back: bool) -> Choice {
        self.choice
    }
}
