//! What a seed decides: the app, what its operator is after, and what goes wrong when.

use std::time::Duration;

use crate::fault::Fault;

/// What the operator is after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Swap, and keep the old pair.
    Swap,
    /// Swap, and destroy the old pair.
    SwapAndCleanUp,
    /// Prepare, and think better of it.
    Abandon,
    /// Swap, but roll back what stops in the window.
    RollBackWhatStops,
}

/// The commands whose steps faults wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum During {
    Prep,
    Cutover,
    /// Whatever leads back or clears away.
    After,
}

/// A fault and its moment.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    /// The command.
    pub(crate) during: During,
    /// The how many-th of its steps to begin, counted over every attempt.
    pub(crate) step: u32,
    /// How much later, in real time.
    pub(crate) delay: Duration,
    pub(crate) fault: Fault,
}

/// One run.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) seed: u64,
    pub(crate) wish: Wish,
    pub(crate) release_phase: bool,
    pub(crate) one_off: bool,
    pub(crate) planned: Vec<Planned>,
}

/// About as many steps as a plan has.
const STEPS: [(During, u32); 3] = [
    (During::Prep, 24),
    (During::Cutover, 40),
    (During::After, 10),
];

impl Script {
    /// Always the same for the same seed.
    pub(crate) fn of(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let wish = match rng.u8(0..10) {
            0..=5 => Wish::Swap,
            6..=7 => Wish::SwapAndCleanUp,
            8 => Wish::Abandon,
            _ => Wish::RollBackWhatStops,
        };
        let faults = rng.usize(2..=6);
        Self {
            seed,
            wish,
            release_phase: rng.u8(0..4) == 0,
            one_off: rng.u8(0..4) == 0,
            planned: (0..faults).map(|_| planned(&mut rng)).collect(),
        }
    }
}

fn planned(rng: &mut fastrand::Rng) -> Planned {
    let (during, steps) = match rng.u8(0..10) {
        0..=3 => STEPS[0],
        4..=8 => STEPS[1],
        _ => STEPS[2],
    };
    Planned {
        during,
        step: rng.u32(1..=steps),
        delay: Duration::from_millis(rng.u64(0..250)),
        fault: Fault::any(rng),
    }
}
