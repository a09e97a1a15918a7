//! What goes wrong before the domain is reached.

use connect_swap_swap::{ExitCode, Problem, Report};

use crate::env::{EnvError, TOKEN};

/// A failure of the command line itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// No app was named.
    #[error("no app was named")]
    NoApp,
    /// A git remote was named to a program that does not look at git.
    #[error("the git remote {0:?} can only be resolved by the Heroku CLI")]
    Remote(String),
    /// There is no token.
    #[error("there is no login: {TOKEN} is not set")]
    NoToken,
    /// A variable cannot be used.
    #[error(transparent)]
    Environment(#[from] EnvError),
    /// An app was named for a rehearsal.
    #[cfg(feature = "sandbox")]
    #[error("a rehearsal has an app of its own, so --app and --resource have no meaning here")]
    AppOfRehearsal,
    /// There is no place for exports and logs.
    #[error("there is no directory for exports and logs: neither HOME nor XDG_STATE_HOME is set")]
    NoStateDirectory,
    /// The place for exports and logs cannot be made.
    #[error("the directory for exports and logs cannot be made: {path}")]
    StateDirectory {
        /// Where it would be.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The client could not be made.
    #[error("the client of Heroku's APIs could not be made")]
    Client(#[source] connect_swap_heroku::Error),
    /// The rehearsal could not be played.
    #[cfg(feature = "sandbox")]
    #[error("the rehearsal could not be played")]
    Rehearsal(#[from] RehearsalError),
    /// The servers of a rehearsal were left out of this build.
    #[cfg(not(feature = "sandbox"))]
    #[error("this build holds no rehearsal servers (feature \"sandbox\")")]
    NoSandbox,
}

/// A failure of the rehearsal's own parts.
#[cfg(feature = "sandbox")]
#[derive(Debug, thiserror::Error)]
pub(crate) enum RehearsalError {
    /// The servers did not start.
    #[error("the servers could not be started")]
    Start(#[from] connect_swap_sandbox::StartError),
    /// The app could not be made.
    #[error("the app could not be made")]
    Seed(#[from] connect_swap_sandbox::SeedError),
    /// The export is not there.
    #[error("the export {path} cannot be read")]
    ExportUnreadable {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The export is no JSON.
    #[error("the export {path} is no JSON")]
    ExportMalformed {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The audit could not be made.
    #[error("the audit could not be made")]
    Audit(#[from] connect_swap_sandbox::AuditError),
    /// The app has no database.
    #[error("the app has no database any more")]
    NoDatabase,
    /// The new database does not answer.
    #[error("the new database does not answer")]
    Database(#[source] connect_swap_sandbox::servers::ServerError),
    /// A query failed.
    #[error("a query for the proof failed")]
    Query(#[source] tokio_postgres::Error),
    /// The login page cannot be opened.
    #[error("the login page of the rehearsal cannot be opened")]
    Login(#[source] reqwest::Error),
}

#[cfg(feature = "sandbox")]
impl RehearsalError {
    fn exit(&self) -> ExitCode {
        match self {
            Self::ExportUnreadable { .. } | Self::ExportMalformed { .. } => ExitCode::Usage,
            _ => ExitCode::Unexpected,
        }
    }
}

impl CliError {
    /// The exit code: what a person can mend by typing something else is a usage error.
    pub(crate) fn exit(&self) -> ExitCode {
        match self {
            Self::StateDirectory { .. } | Self::Client(_) => ExitCode::Unexpected,
            #[cfg(feature = "sandbox")]
            Self::Rehearsal(error) => error.exit(),
            _ => ExitCode::Usage,
        }
    }

    /// The failure as a command's document, so that `--json` and `--events` have their end.
    pub(crate) fn report(&self, command: &str, app: &str, next: &str) -> Report {
        let mut causes = Vec::new();
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            causes.push(cause.to_string());
            source = cause.source();
        }
        let problem = Problem {
            message: self.to_string(),
            causes,
            app_state: "nothing was asked of Heroku, and nothing was changed".to_owned(),
            hints: self.hints(),
            by_hand: Vec::new(),
        };
        Report {
            next: next.to_owned(),
            state: "unknown".to_owned(),
            error: Some(problem),
            exit: self.exit(),
            ..Report::new(command, app)
        }
    }

    fn hints(&self) -> Vec<String> {
        let hints: &[&str] = match self {
            Self::NoApp => &["name it with --app, or set HEROKU_APP"],
            Self::Remote(_) => &[
                "run it as heroku connect:swap, which resolves --remote",
                "or name the app with --app",
            ],
            Self::NoToken => &[
                "log in with heroku login and run it as heroku connect:swap, which hands the \
                 token over",
                "or set HEROKU_API_KEY to what heroku auth:token prints",
            ],
            #[cfg(feature = "sandbox")]
            Self::AppOfRehearsal => &["leave them out"],
            _ => &[],
        };
        hints.iter().map(|hint| (*hint).to_owned()).collect()
    }
}
