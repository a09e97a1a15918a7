//! What the sweeps over a plan share: faults at a step, and whether they struck.

use connect_swap_engine::{Event, Injection, StepState, Where};
use connect_swap_heroku::AttachmentName;

use crate::Scene;

/// A fault before and one after the effect of a step, each with its name in words.
pub fn faults(step: &str) -> [(&'static str, Injection); 2] {
    let at = || Where::Step(step.to_owned());
    [
        (
            "before",
            Injection {
                fail_before: at(),
                ..Injection::default()
            },
        ),
        (
            "after",
            Injection {
                fail_after: at(),
                ..Injection::default()
            },
        ),
    ]
}

/// Faults that do every step, or every undo, twice.
pub fn twice() -> Injection {
    Injection {
        twice: Where::Everywhere,
        undo_twice: Where::Everywhere,
        ..Injection::default()
    }
}

impl Scene {
    /// Whether a step has failed since the recorder held so many events. It does not where it is
    /// found done: then no fault can strike.
    pub fn failed_since(&self, events: usize, wanted: &str) -> bool {
        let mut since = self.events.all().into_iter().skip(events);
        since.any(|event| {
            matches!(event, Event::StepEnded { step, state: StepState::Failed, .. } if step == wanted)
        })
    }

    /// Gives the old database a connection pool, so that moving it has something to do.
    ///
    /// # Panics
    /// When the sandbox refuses.
    pub async fn attach_pooler(&self) {
        let (heroku, app) = (self.somebody(), self.target().app);
        let platform = heroku.platform();
        let attachments = platform.attachments(&app).await.expect("attachments");
        let mut attachments = attachments.iter();
        let database = attachments.find(|attachment| attachment.name == *"DATABASE");
        let database = &database.expect("DATABASE").addon.name;
        let name = AttachmentName::try_from("DATABASE_CONNECTION_POOL").expect("a name");
        let pool = Some("connection-pooling:default");
        platform
            .attach(&app, database, Some(&name), pool, true)
            .await
            .expect("a pool");
    }
}
