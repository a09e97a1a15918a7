//! What every command reads first: account, app, add-ons, and the app's swaps.

use connect_swap_engine::StepError;
use connect_swap_heroku::AppName;
use connect_swap_heroku::platform::{Account, Addon, App, Attachment, ConfigVars};

use super::stopped::{Stopped, other, usage};
use crate::operator::{Operator, Target};
use crate::steps::cleanup::ABANDONED;
use crate::topology::{Found, locate};
use crate::trouble::During;
use crate::world::application;

/// The app as every command finds it.
pub(super) struct Gathered {
    /// Who is acting.
    pub account: Account,
    /// The app.
    pub app: App,
    /// Its add-ons.
    pub addons: Vec<Addon>,
    /// Its attachments.
    pub attachments: Vec<Attachment>,
    /// Its config vars.
    pub vars: ConfigVars,
    /// Its swaps, newest first.
    pub runs: Vec<Found>,
    /// Databases that could not be asked for a journal, and why.
    pub silent: Vec<String>,
}

/// Reads it. Nothing is changed.
///
/// # Errors
/// When Heroku does not answer, the app is unknown (a matter of usage), or a journal cannot be
/// believed.
pub(super) async fn gather(
    operator: &Operator,
    target: &Target,
    command: &str,
) -> Result<Gathered, Stopped> {
    let heroku = operator.heroku.read_only();
    let platform = heroku.platform();
    let app = &target.app;
    let (account, app_now, addons, attachments, vars) = tokio::join!(
        platform.account(),
        platform.app(app),
        platform.addons(app),
        platform.attachments(app),
        platform.config_vars(app),
    );
    let account = account.during("reading the account").map_err(other)?;
    let app_now = known(app, app_now)?;
    let addons = addons.during("reading the app's add-ons").map_err(other)?;
    let attachments = attachments
        .during("reading the app's attachments")
        .map_err(other)?;
    let vars = vars
        .during("reading the app's config vars")
        .map_err(other)?;
    let application = application(command, &operator.identity);
    let (mut runs, silent) = locate(&app_now.name, &addons, &attachments, &vars, &application)
        .await
        .map_err(other)?;
    if let Some(resource) = &target.resource {
        runs.retain(|found| found.subject.old.connect.name == *resource);
    }
    Ok(Gathered {
        account,
        app: app_now,
        addons,
        attachments,
        vars,
        runs,
        silent,
    })
}

/// The app, where there is one of that name.
fn known(name: &AppName, answer: Result<App, connect_swap_heroku::Error>) -> Result<App, Stopped> {
    let unknown = matches!(answer, Err(connect_swap_heroku::Error::NotFound(_)));
    answer
        .during(&format!("reading app {name}"))
        .map_err(|error| {
            if unknown {
                usage(
                    error.hint(
                        "check the name with `heroku apps`, and the login with `heroku whoami`",
                    ),
                )
            } else {
                other(error)
            }
        })
}

impl Gathered {
    /// The swap that is under way, if there is one.
    ///
    /// # Errors
    /// When there are several and none was chosen.
    pub(super) fn open_run(&self) -> Result<Option<&Found>, StepError> {
        let open: Vec<&Found> = self
            .runs
            .iter()
            .filter(|found| found.run.closed_at.is_none())
            .collect();
        match open.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            several => {
                let names = several
                    .iter()
                    .map(|f| f.subject.old.connect.name.to_string());
                let names: Vec<_> = names.collect();
                Err(StepError::blocked(format!(
                    "several swaps are under way on {}: {}",
                    self.app.name,
                    names.join(", ")
                ))
                .hint("choose one with --resource NAME"))
            }
        }
    }

    /// The swap that is under way, which must be there.
    ///
    /// # Errors
    /// When there is none, or a database that may hold it does not answer.
    pub(super) fn required_run(&self) -> Result<&Found, StepError> {
        if let Some(found) = self.open_run()? {
            return Ok(found);
        }
        let app = &self.app.name;
        if self.silent.is_empty() {
            let mut error = StepError::blocked(format!("no swap is under way on {app}")).hint(
                format!("begin one: heroku connect:swap:prep -a {app} --add OBJECT.FIELD"),
            );
            error.causes.extend(self.last_closed());
            return Err(error);
        }
        let mut error = StepError::failed(format!(
            "whether a swap is under way on {app} is not known: a database did not answer, and its journal \
             could not be looked for"
        ))
        .hint("once it answers (`heroku pg:info`), run the same command");
        error.causes.clone_from(&self.silent);
        Err(error)
    }

    /// What became of the last swap whose journal is there, for someone whose command was cut off at its very end.
    fn last_closed(&self) -> Option<String> {
        let closed = self.runs.iter().filter_map(|found| {
            let word = found.run.closed_as.as_deref().unwrap_or_default();
            Some((found.run.closed_at?, word, found))
        });
        let (at, word, found) = closed.max_by_key(|(at, ..)| *at)?;
        let from = &found.subject.old.connect.name;
        let left = match word {
            ABANDONED => "`cleanup` takes its journal away",
            _ => "nothing of it is left to clean up",
        };
        Some(format!(
            "the last one that a journal tells of, of {from}, was closed as {word} at {at:.0}: {left}"
        ))
    }
}
