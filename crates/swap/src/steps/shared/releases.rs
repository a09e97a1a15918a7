//! The releases that a promotion makes, followed to their end.
//!
//! Dynos run the newest release that succeeded: while the one that moves DATABASE is pending, or when it
//! has failed, a dyno that is started gets the database of before. `heroku pg:promote` prints a failed
//! release phase and ends with 0 all the same (cli:src/commands/pg/promote.ts).

use std::time::Duration;

use connect_swap_engine::{Level, Progress, Scope, StepError};
use connect_swap_heroku::platform::{Release, ReleaseStatus};
use serde::{Deserialize, Serialize};

use crate::trouble::During;
use crate::world::World;

/// A release phase is the customer's own code; an hour is Heroku's limit for it.
const BOUND: Duration = Duration::from_secs(3600);
/// How long a release may take to be listed after the attachment was made.
const LISTED: Duration = Duration::from_secs(120);
/// How many releases are looked at: a promotion with a pooler makes four.
const NEWEST: u32 = 15;

/// What a promotion writes down.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Moved {
    /// The newest release before it; not in journals of earlier versions.
    #[serde(default)]
    pub(crate) after: Option<u64>,
}

impl Moved {
    /// What is to be written down before DATABASE is moved.
    pub(crate) async fn about_to(world: &World) -> Result<Self, StepError> {
        let newest = newest_first(world).await?.first().map(|each| each.version);
        Ok(Self {
            after: Some(newest.unwrap_or_default()),
        })
    }
}

/// Waits until every release has ended, one after `after` among them where that is known; the release
/// that put DATABASE in place, or a later one, must have succeeded.
pub(crate) async fn settled(
    scope: &Scope<'_, World>,
    after: Option<u64>,
) -> Result<Release, StepError> {
    let app = scope.world.subject.app.as_str();
    let releases = ended(scope, after).await?;
    let Some(newest) = releases.first() else {
        return Err(StepError::failed("the app has no release"));
    };
    in_force(app, newest, &releases).cloned()
}

/// As [`settled`], where it is not known whether this run has moved DATABASE at all.
pub(crate) async fn settled_if_moved(scope: &Scope<'_, World>) -> Result<(), StepError> {
    let app = scope.world.subject.app.as_str();
    let releases = ended(scope, None).await?;
    match (releases.first(), attach(&releases)) {
        (Some(newest), Some(_)) => in_force(app, newest, &releases).map(drop),
        _ => Ok(()),
    }
}

async fn newest_first(world: &World) -> Result<Vec<Release>, StepError> {
    let releases = world.heroku.platform().releases(&world.subject.app, NEWEST);
    releases.await.during("reading the releases")
}

async fn ended(scope: &Scope<'_, World>, after: Option<u64>) -> Result<Vec<Release>, StepError> {
    let wait = scope.world.wait(
        "the release phase to end",
        BOUND,
        "look at `heroku releases:output`; the same command goes on",
    );
    let begun = scope.clock.now();
    scope
        .wait_for(&wait, async || {
            let releases = newest_first(scope.world).await?;
            let newest = releases.first();
            if let Some(newest) = newest {
                let words = format!("v{}: {}", newest.version, newest.status);
                scope.progress(Progress::message(words));
            }
            let pending = releases.iter().any(|r| r.status == ReleaseStatus::Pending);
            let listed = newest.map(|newest| newest.version) > after || after.is_none();
            let waited = scope.clock.now().duration_since(begun).unsigned_abs();
            if !pending && !listed && waited >= LISTED {
                let text =
                    "Heroku lists no release for the attachment; the newest one is taken for it";
                scope.notice(Level::Warning, text);
                return Ok(Some(releases));
            }
            Ok((!pending && listed).then_some(releases))
        })
        .await
}

/// The release that moved DATABASE; not one of the pooler, whose name begins alike.
fn attach(releases: &[Release]) -> Option<&Release> {
    releases
        .iter()
        .find(|release| release.description.starts_with("Attach DATABASE ("))
}

/// The promotion's own release decides, or a later one that succeeded, such as somebody's retry.
fn in_force<'a>(
    app: &str,
    newest: &'a Release,
    releases: &'a [Release],
) -> Result<&'a Release, StepError> {
    if newest.status == ReleaseStatus::Succeeded {
        return Ok(newest);
    }
    let moved = attach(releases).and_then(|attach| succeeded_since(releases, attach.version));
    moved.ok_or_else(|| {
        StepError::failed(format!(
            "release v{} ({}) {}: dynos would still run on the release before it",
            newest.version, newest.description, newest.status
        ))
        .hint(format!("heroku releases:output -a {app}   # why"))
        .hint(format!(
            "heroku releases:retry -a {app}   # once that is mended"
        ))
    })
}

fn succeeded_since(releases: &[Release], version: u64) -> Option<&Release> {
    releases
        .iter()
        .find(|each| each.version >= version && each.status == ReleaseStatus::Succeeded)
}

/// What a person types where a release phase failed, to go on with a command.
pub(crate) fn by_hand(world: &World, command: &str) -> Vec<String> {
    let app = &world.subject.app;
    vec![
        format!("heroku releases -a {app}"),
        format!("heroku releases:output -a {app}   # why it failed"),
        format!("heroku releases:retry -a {app}   # once that is mended"),
        format!("heroku connect:swap:{command} -a {app}   # goes on from here"),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn releases(list: &[(u64, &str, &str)]) -> Vec<Release> {
        let release = |(version, description, status): &(u64, &str, &str)| {
            let id = format!("00000000-0000-4000-8000-{version:012}");
            serde_json::from_value(json!({
                "id": id, "version": version, "description": description, "status": status,
            }))
            .unwrap()
        };
        list.iter().map(release).collect()
    }

    fn decided(list: &[(u64, &str, &str)]) -> Option<u64> {
        let releases = releases(list);
        let release = in_force("demo", &releases[0], &releases);
        release.ok().map(|release| release.version)
    }

    #[test]
    fn the_release_that_moved_database_or_a_later_one_has_to_be_in_force() {
        const ATTACH: &str = "Attach DATABASE (@ref:postgresql-flat-1)";
        const POOLER: &str = "Attach DATABASE_CONNECTION_POOL (@ref:postgresql-flat-1)";
        assert_eq!(
            decided(&[(8, ATTACH, "succeeded"), (7, "Detach", "failed")]),
            Some(8)
        );
        assert_eq!(
            decided(&[(9, POOLER, "failed"), (8, ATTACH, "succeeded")]),
            Some(8)
        );
        assert_eq!(
            decided(&[(9, "Retry of v8", "succeeded"), (8, ATTACH, "failed")]),
            Some(9)
        );
        let later = [
            (10, "Set X", "failed"),
            (9, "Retry of v8", "succeeded"),
            (8, ATTACH, "failed"),
        ];
        assert_eq!(decided(&later), Some(9));
        assert_eq!(
            decided(&[(8, ATTACH, "failed"), (7, "Deploy", "succeeded")]),
            None
        );
        assert_eq!(
            decided(&[(9, POOLER, "succeeded"), (8, ATTACH, "failed")]),
            Some(9)
        );
        assert_eq!(decided(&[(8, "Deploy", "failed")]), None);
        assert_eq!(decided(&[(8, ATTACH, "expired")]), None);
    }
}
