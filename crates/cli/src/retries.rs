//! Requests that are tried again: said to the operator, and given up at Ctrl-C.

use std::sync::Arc;

use async_trait::async_trait;
use connect_swap_engine::{Control, Event, Level, Sink};
use connect_swap_heroku::{Retry, RetryReason, RetryWatcher};

use crate::ui::{Ui, length};

/// Who watches the client's retries.
pub(crate) struct Retries {
    pub(crate) sink: Arc<dyn Sink>,
    pub(crate) control: Control,
    pub(crate) ui: Arc<Ui>,
}

#[async_trait]
impl RetryWatcher for Retries {
    fn retrying(&self, retry: &Retry) {
        self.sink.emit(Event::Notice {
            level: Level::Warning,
            text: words(retry),
        });
    }

    async fn given_up(&self) {
        self.control.interrupted().await;
        // Going back is how a run stops: there it has to be as patient as it can.
        if self.ui.situation().going_back {
            std::future::pending().await
        }
    }
}

/// What is waited for, in words. The call has no query and no body, so no secret.
fn words(retry: &Retry) -> String {
    let Retry {
        call, attempt, of, ..
    } = retry;
    let wait = length(retry.wait.max(std::time::Duration::from_secs(1)));
    let tries = format!("trying again in {wait} ({attempt} of {of})");
    match &retry.reason {
        RetryReason::RateLimited { asked } => {
            let asks = match asked {
                Some(asked) if *asked > retry.wait => format!(
                    "Heroku asks to wait {}, longer than this waits for one request",
                    length(*asked)
                ),
                Some(asked) => format!("Heroku asks to wait {}", length(*asked)),
                None => "Heroku asks to wait (too many requests)".to_owned(),
            };
            format!("{asks}: {tries}, {call}")
        }
        RetryReason::ServerFailed { status } => {
            format!("the server failed (status {status}), {tries}: {call}")
        }
        RetryReason::NoAnswer => format!("no answer, {tries}: {call}"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use connect_swap_heroku::Call;

    use super::*;

    fn retry(reason: RetryReason, seconds: u64) -> Retry {
        Retry {
            call: Call {
                method: "GET".to_owned(),
                target: "api.heroku.com/apps/demo".to_owned(),
            },
            reason,
            wait: Duration::from_secs(seconds),
            attempt: 2,
            of: 5,
        }
    }

    #[test]
    fn why_how_long_and_which_attempt() {
        assert_eq!(
            words(&retry(RetryReason::NoAnswer, 0)),
            "no answer, trying again in 1s (2 of 5): GET api.heroku.com/apps/demo"
        );
        assert_eq!(
            words(&retry(RetryReason::ServerFailed { status: 503 }, 4)),
            "the server failed (status 503), trying again in 4s (2 of 5): GET \
             api.heroku.com/apps/demo"
        );
        let asked = |seconds| RetryReason::RateLimited {
            asked: Some(Duration::from_secs(seconds)),
        };
        assert_eq!(
            words(&retry(asked(30), 33)),
            "Heroku asks to wait 30s: trying again in 33s (2 of 5), GET api.heroku.com/apps/demo"
        );
        assert_eq!(
            words(&retry(asked(3600), 120)),
            "Heroku asks to wait 1h 0m, longer than this waits for one request: trying again in \
             2m 0s (2 of 5), GET api.heroku.com/apps/demo"
        );
    }
}
