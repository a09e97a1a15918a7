//! The person at the keyboard: reads how a command ended, does what it says, and runs the next one.

use std::sync::Arc;

use crate::auditor;
use crate::command::{Command, Ending, run};
use crate::report::Outcome;
use crate::script::{Script, Wish};
use crate::stage::Stage;
use crate::start::{Look, addons};

/// After so many commands a person gives up and calls for help.
const PATIENCE: usize = 24;
/// After so many endings that ask a person to decide, the swap is given up.
const DECISIONS: usize = 6;

/// Runs the swap to an end; what was wrong on the way comes with it.
pub(crate) async fn swap(
    stage: &Arc<Stage>,
    script: &Script,
    before: &Look,
) -> (Outcome, Vec<String>) {
    let mut operator = Operator {
        stage,
        wish: script.wish,
        complaints: Vec::new(),
        decisions: 0,
        stuck: false,
        cut_off: false,
        confirmed: Vec::new(),
    };
    let outcome = operator.until_its_end(before).await;
    (outcome, operator.complaints)
}

struct Operator<'a> {
    stage: &'a Arc<Stage>,
    wish: Wish,
    complaints: Vec<String>,
    decisions: usize,
    /// Whether the last command was stuck.
    stuck: bool,
    /// Whether a cleanup was cut off.
    cut_off: bool,
    /// What the commands have asked to be confirmed by name.
    confirmed: Vec<String>,
}

impl Operator<'_> {
    async fn until_its_end(&mut self, before: &Look) -> Outcome {
        let mut command = Command::Prep;
        for _ in 0..PATIENCE {
            let ending = self.run(command, before).await;
            match self.next(command, &ending).await {
                Next::Run(next) => command = next,
                Next::Ended(outcome) => return outcome,
            }
        }
        self.complaints
            .push(format!("no end after {PATIENCE} commands"));
        Outcome::Wrong
    }

    async fn run(&mut self, command: Command, before: &Look) -> Ending {
        let all = addons(&self.stage.servers.sandbox, &self.stage.app).await;
        let there = all.into_iter().map(|addon| addon.name);
        let names: Vec<String> = there.chain(self.confirmed.iter().cloned()).collect();
        let ending = run(self.stage, command, &names).await;
        let wrong = auditor::after_a_command(self.stage, before, &ending).await;
        self.complaints.extend(wrong);
        self.stuck = ending.code == Some(8);
        self.cut_off |=
            command == Command::Cleanup && matches!(ending.code, None | Some(129 | 130 | 143));
        ending
    }

    /// What a person does next, who reads the exit code and little else.
    async fn next(&mut self, command: Command, ending: &Ending) -> Next {
        let state = ending.text("/state").to_owned();
        match (ending.code, command) {
            (Some(0), Command::Prep) if self.wish == Wish::Abandon => Next::Run(Command::Cleanup),
            (Some(0), Command::Prep) => Next::Run(Command::Cutover),
            (Some(0), Command::Cutover) if self.wish == Wish::SwapAndCleanUp => {
                self.stage.amend().await;
                Next::Run(Command::Cleanup)
            }
            (Some(0), Command::Cutover) => Next::Ended(Outcome::Swapped),
            (Some(0), Command::Rollback) => Next::Run(Command::Cleanup),
            (Some(0), Command::Cleanup) => Next::Ended(self.cleaned_up().await),
            // Killed after its last step: the journal names the swap that is over, or went with it.
            (Some(3), Command::Cleanup) if self.cut_off && state == "none" => {
                Next::Ended(self.cleaned_up().await)
            }
            // Another command on the other machine has finished the swap.
            (Some(3 | 11), Command::Prep | Command::Cutover) if state == "swapped" => {
                Next::Ended(Outcome::Swapped)
            }
            (Some(7), Command::Cutover) if self.wish == Wish::RollBackWhatStops => {
                Next::Run(Command::Cleanup)
            }
            (Some(5 | 8), Command::Cutover)
                if self.wish == Wish::RollBackWhatStops && state == "cutting-over" =>
            {
                Next::Run(Command::Rollback)
            }
            // The exact flags are named.
            (Some(4), _) if self.decisions < DECISIONS => {
                self.decisions += 1;
                self.confirmed.extend(ending.wanted_confirmations());
                Next::Run(command)
            }
            // Killed, paused, rolled back, or somebody else is at it: the same again.
            (None | Some(5 | 7 | 9 | 129 | 130 | 143), _) => {
                if matches!(ending.code, Some(5 | 7)) {
                    self.decide().await;
                }
                if self.decisions > DECISIONS {
                    self.give_up(command, &state)
                } else {
                    Next::Run(command)
                }
            }
            // Something stands in the way, the databases differ, or the world has changed: a person sees to it.
            (Some(1 | 3 | 6 | 8 | 11), _) => {
                self.decide().await;
                if self.decisions > DECISIONS / 2 {
                    self.give_up(command, &state)
                } else {
                    Next::Run(command)
                }
            }
            (code, _) => {
                let code = code.map_or("a signal".to_owned(), |code| code.to_string());
                self.complaints.push(format!(
                    "{} ended with {code}: {}",
                    command.name(),
                    ending.stderr
                ));
                Next::Ended(Outcome::Wrong)
            }
        }
    }

    async fn decide(&mut self) {
        self.decisions += 1;
        self.stage.amend().await;
    }

    /// The way out of a swap that does not come to its end.
    fn give_up(&mut self, command: Command, state: &str) -> Next {
        self.stage.say(&format!("gives up, the swap is {state}"));
        self.decisions = 0;
        match (command, state) {
            (Command::Prep, _) | (Command::Cutover, "ready" | "preparing") => {
                Next::Run(Command::Cleanup)
            }
            (Command::Cutover, _) => Next::Run(Command::Rollback),
            _ if self.stuck => Next::Ended(Outcome::Stuck),
            _ => {
                self.complaints.push(format!("no way out of {state}"));
                Next::Ended(Outcome::Wrong)
            }
        }
    }

    /// Which pair is left. That nothing of the other one is, the auditor sees to.
    async fn cleaned_up(&self) -> Outcome {
        if self.is_swapped().await {
            Outcome::SwappedAndCleaned
        } else {
            Outcome::Back
        }
    }

    async fn is_swapped(&self) -> bool {
        let database = self
            .stage
            .servers
            .sandbox
            .database(&self.stage.app, "DATABASE");
        let new = self
            .stage
            .servers
            .sandbox
            .server(connect_swap_sandbox::servers::Generation::New)
            .port();
        database.is_some_and(|database| database.server.port() == new)
    }
}

enum Next {
    Run(Command),
    Ended(Outcome),
}
