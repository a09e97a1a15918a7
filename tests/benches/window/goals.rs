//! What the window is to be.

use crate::report::{Results, Window};
use crate::shared::goal::Asked::{self, AtLeast, AtMost, Nothing};

/// A figure and what it should be.
pub(crate) struct Goal {
    words: &'static str,
    asked: Asked,
    measured: fn(&Results) -> Option<f64>,
}

impl Goal {
    pub(crate) fn row(&self, results: &Results) -> [String; 4] {
        self.asked.row(self.words, (self.measured)(results))
    }
}

/// All goals, in the order in which they are shown.
pub(crate) fn all() -> impl Iterator<Item = Goal> {
    [
        Goal {
            words: "window, with the most data to the least",
            asked: AtMost(1.1),
            measured: |results| growth(results, |window| window.wall.as_secs_f64()),
        },
        Goal {
            words: "its database part, with the most data to the least",
            asked: Nothing,
            measured: |results| growth(results, |window| window.database().as_secs_f64()),
        },
        Goal {
            words: "database part: times as fast as by hand, with the most data",
            asked: AtLeast(20.0),
            measured: |results| faster(results, results.amounts().last().copied()?),
        },
        Goal {
            words: "database part: times as fast as by hand, with the least data",
            asked: Nothing,
            measured: |results| faster(results, results.amounts().first().copied()?),
        },
    ]
    .into_iter()
}

fn growth(results: &Results, figure: fn(&Window) -> f64) -> Option<f64> {
    let amounts = results.amounts();
    let (least, most) = (amounts.first()?, amounts.get(1)?);
    Some(results.median(*most, figure)? / results.median(*least, figure)?)
}

fn faster(results: &Results, gigabytes: f64) -> Option<f64> {
    let by_hand = results.median(gigabytes, |window| window.by_hand.as_secs_f64())?;
    Some(by_hand / results.median(gigabytes, |window| window.database().as_secs_f64())?)
}
