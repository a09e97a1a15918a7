//! Decides whether consent is there, and asks where a person can be asked.

use std::sync::Arc;

use async_trait::async_trait;
use connect_swap_engine::{Answer, Choice, ConsentRequest, Control, Gate};

use super::answers::Answers;
use super::consents::{Consents, name_to_type};
use super::prompt::{consent_text, explanation, menu, menu_question, question};
use crate::signals::Presses;
use crate::ui::{Ui, fold, line};

/// The gate of this process.
pub(crate) struct Gatekeeper {
    pub(crate) app: String,
    pub(crate) consents: Consents,
    /// Where a person can be asked; `None` without a terminal.
    pub(crate) answers: Option<Arc<dyn Answers>>,
    pub(crate) ui: Arc<Ui>,
    pub(crate) control: Control,
    /// The signals so far: a choice to go on makes the next one a first one.
    pub(crate) presses: Presses,
}

/// What came back from a prompt.
enum Reply {
    Line(String),
    End,
    Interrupted,
}

#[async_trait]
impl Gate for Gatekeeper {
    fn missing(&self, requests: &[ConsentRequest]) -> Vec<String> {
        match self.answers {
            Some(_) => Vec::new(),
            None => self.consents.missing(requests, &self.app),
        }
    }

    async fn ask(&self, request: &ConsentRequest) -> Answer {
        if let Some(how) = self.consents.covering(request, &self.app) {
            return Answer::Given { how };
        }
        let Some(answers) = &self.answers else {
            let missing = self
                .consents
                .missing(std::slice::from_ref(request), &self.app);
            return declined(format!(
                "no terminal to ask at, and no {}",
                missing.join(" ")
            ));
        };
        let _terminal = self.ui.suspend();
        answers.forget_typed_ahead();
        let downtime = self.ui.downtime();
        let text = consent_text(request, &self.app, downtime.as_deref(), self.ui.err);
        self.ui.say(&fold(&text, self.ui.err_columns));
        let mut tries = 0;
        loop {
            self.ui.question(&question(request, &self.app, self.ui.err));
            match self.reply(answers.as_ref()).await {
                Reply::Line(text) if text.trim() == "?" => self.ui.say(&explanation(request)),
                Reply::Line(text) => {
                    tries += 1;
                    match self.judge(request, text.trim()) {
                        Verdict::Answered(answer) => return answer,
                        Verdict::Unclear(why) if tries < TRIES => {
                            self.ui.say(&format!("     {why}"));
                        }
                        Verdict::Unclear(why) => {
                            self.ui.say(&format!("     {why} Aborted."));
                            return declined(why);
                        }
                    }
                }
                Reply::End => {
                    self.ui.say("\n     End of input: that is a refusal");
                    return declined("the input ended at the prompt".to_owned());
                }
                Reply::Interrupted => {
                    self.ui.say("\n     Interrupted: nothing was agreed to");
                    return Answer::Interrupted;
                }
            }
        }
    }

    async fn interrupted(&self, step: &str, can_roll_back: bool) -> Choice {
        let Some(answers) = &self.answers else {
            return Choice::Pause;
        };
        let _terminal = self.ui.suspend();
        answers.forget_typed_ahead();
        let downtime = self.ui.downtime();
        let text = menu(step, can_roll_back, downtime.as_deref(), self.ui.err);
        self.ui.say(&fold(&text, self.ui.err_columns));
        loop {
            self.ui.question(&menu_question(can_roll_back, self.ui.err));
            let text = match self.reply(answers.as_ref()).await {
                Reply::Line(text) => text.trim().to_lowercase(),
                // Nobody is there to answer, or someone wants out: nothing more is done.
                Reply::End | Reply::Interrupted => return Choice::Pause,
            };
            match text.as_str() {
                "" | "c" | "continue" => {
                    self.presses.forget();
                    return Choice::Continue;
                }
                "r" | "roll back" | "rollback" if can_roll_back => return Choice::RollBack,
                "p" | "pause" => return Choice::Pause,
                _ => self.ui.say("     Type one of the letters"),
            }
        }
    }
}

impl Gatekeeper {
    /// Waits for a line, or for Ctrl-C.
    async fn reply(&self, answers: &dyn Answers) -> Reply {
        let mut open = OpenQuestion {
            ui: &self.ui,
            answered: false,
        };
        let reply = tokio::select! {
            biased;
            () = self.control.interrupted() => Reply::Interrupted,
            line = answers.line() => line.map_or(Reply::End, Reply::Line),
        };
        open.answered = true;
        reply
    }

    /// A slip of the finger is no answer: in the window a refusal goes all the way back.
    fn judge(&self, request: &ConsentRequest, text: &str) -> Verdict {
        let given = || {
            Verdict::Answered(Answer::Given {
                how: "terminal".to_owned(),
            })
        };
        if request.effect.level() < 2 {
            return match text.to_lowercase().as_str() {
                "y" | "yes" => given(),
                "" | "n" | "no" => {
                    Verdict::Answered(declined("answered no at the prompt".to_owned()))
                }
                _ => Verdict::Unclear("Type y or n.".to_owned()),
            };
        }
        let name = name_to_type(request, &self.app);
        match text {
            text if text == name => given(),
            "" => Verdict::Unclear(format!("Type {name} to go on, or press Ctrl-C.")),
            _ => Verdict::Unclear(format!("Confirmation {} did not match {name}.", line(text))),
        }
    }
}

/// A question with the cursor behind it. Dropped without an answer, it says that it stands no more.
struct OpenQuestion<'a> {
    ui: &'a Ui,
    answered: bool,
}

impl Drop for OpenQuestion<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.ui
                .say("\n     Not answered in time: the question is withdrawn");
        }
    }
}

/// How often an unclear answer may be given.
const TRIES: u32 = 3;

/// What a typed line means.
enum Verdict {
    Answered(Answer),
    Unclear(String),
}

fn declined(why: String) -> Answer {
    Answer::Declined { why }
}

#[cfg(test)]
mod tests;
