//! Turns the clients' errors into the engine's: what failed, why, what a person can do.

use connect_swap_engine::{ErrorKind, StepError};

/// Adds what was being done to a client's error.
pub(crate) trait During<T> {
    /// The error as a step's, with what was being done as its message: a fragment such as
    /// `reading the formation`.
    fn during(self, what: &str) -> Result<T, StepError>;
}

impl<T> During<T> for Result<T, connect_swap_heroku::Error> {
    fn during(self, what: &str) -> Result<T, StepError> {
        self.map_err(|error| from_heroku(what, &error))
    }
}

impl<T> During<T> for Result<T, connect_swap_postgres::Error> {
    fn during(self, what: &str) -> Result<T, StepError> {
        self.map_err(|error| from_postgres(what, &error))
    }
}

impl<T> During<T> for Result<T, tokio_postgres::Error> {
    fn during(self, what: &str) -> Result<T, StepError> {
        self.map_err(connect_swap_postgres::Error::from)
            .during(what)
    }
}

fn from_heroku(what: &str, error: &connect_swap_heroku::Error) -> StepError {
    use connect_swap_heroku::Error;
    let kind = if error.needs_login() {
        ErrorKind::NeedsLogin
    } else if error.is_given_up() {
        ErrorKind::Interrupted
    } else {
        ErrorKind::Failed
    };
    let trouble = StepError::new(kind, format!("{what} failed")).because(error);
    match error {
        Error::Unauthorized(_) => trouble
            .hint("log in again with `heroku login`, then run the same command")
            .hint("outside the Heroku CLI: put a valid token into HEROKU_API_KEY"),
        Error::TwoFactorRequired(_) => trouble
            .hint("run `heroku apps:info` for this app and enter the second factor, then run the same command"),
        Error::Forbidden(_) => trouble.hint("ask for the permission, or run this as a user who has it"),
        Error::Suspended(_) | Error::Delinquent(_) => {
            trouble.hint("settle this with Heroku first; then run the same command")
        }
        Error::RateLimited(_) => trouble.hint(
            "the account's hourly request limit is used up; wait some minutes, then run the same command",
        ),
        Error::Network { .. } | Error::Timeout { .. } | Error::Server(_) => {
            trouble.hint("look at https://status.heroku.com, then run the same command")
        }
        Error::Untrusted { .. } => trouble.hint(
            "somebody between this machine and Heroku may be listening: use another network, or, \
             where a proxy of yours does that, name its certificate with SSL_CERT_FILE",
        ),
        Error::ForeignHost { .. } => {
            trouble.hint("do not go on: report this answer to Heroku's support")
        }
        _ => trouble,
    }
}

/// Both sides are not the same, and where.
pub(crate) fn mismatch(differences: Vec<String>) -> StepError {
    let mut error = StepError::new(
        ErrorKind::Mismatch,
        format!(
            "the new database differs from the old one in {} places",
            differences.len()
        ),
    );
    error.causes = differences.into_iter().take(20).collect();
    error.hint(
        "trying again helps only where this was mended: find out who writes to the new database; \
         `heroku connect:swap:cleanup` gives it up, and prep makes another",
    )
}

fn from_postgres(what: &str, error: &connect_swap_postgres::Error) -> StepError {
    use connect_swap_postgres::Error;
    if let Error::NotEqual { .. } = error {
        return mismatch(vec![error.to_string()]);
    }
    let kind = if error.is_lost_session() {
        ErrorKind::Lost
    } else {
        ErrorKind::Failed
    };
    let trouble = StepError::new(kind, format!("{what} failed")).because(error);
    match error {
        Error::CannotConnect { .. } | Error::Disconnected { .. } => {
            trouble.hint("check the database with `heroku pg:info`, then run the same command")
        }
        Error::DiskFull { .. } => {
            trouble.hint("the database's plan is too small; make room or choose a larger --plan")
        }
        Error::ReadOnly { .. } => trouble
            .hint("is this database a follower, or fenced by an earlier run? see `heroku pg:info`"),
        Error::Locked { .. } => trouble
            .hint("let that transaction end (`heroku pg:ps`, `heroku pg:kill`), then run the same command"),
        Error::Io { .. } => trouble.hint("check space and permissions of this machine's disk"),
        _ => trouble,
    }
}
