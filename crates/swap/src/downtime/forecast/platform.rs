//! What Heroku itself takes: dynos, releases.

use connect_swap_heroku::platform::{DynoState, Release, ReleaseStatus};

use super::Known;
use crate::downtime::earlier::around;
use crate::downtime::{Expected, Phase};
use crate::words;

/// A dyno gets 30 seconds to end before it is killed (devcenter dynos, "Graceful shutdown"), and the
/// list of dynos may lag behind by a look.
const STOP: (f64, f64) = (2.0, 35.0);
/// Two releases without a slug to build, and a few looks before them.
const PROMOTION: (f64, f64) = (2.0, 15.0);
/// A release phase is the customer's own code; an hour is Heroku's limit (devcenter release-phase).
/// Where none was seen, minutes are assumed.
const RELEASE_PHASE: (f64, f64) = (5.0, 300.0);
/// See [`RELEASE_PHASE`].
const RELEASE_PHASE_LIMIT: f64 = 3600.0;
/// A web dyno has 60 seconds to bind its port (devcenter dynos, "Web dynos"); a slug is fetched
/// before that.
const BOOT: (f64, f64) = (5.0, 90.0);
/// What took longer was no boot; a window waits no longer for one (`formation::wait_up`).
const BOOT_LIMIT: f64 = 900.0;
/// Without a dyno to wait for there is only maintenance mode to turn off.
const NO_BOOT: (f64, f64) = (1.0, 5.0);
/// How many recent releases are looked at.
const RECENT: usize = 10;

pub(super) fn stop(known: &Known<'_>) -> Expected {
    let steps = ["maintenance-on", "scale-down", "wait-dynos"];
    let measured = known.earlier.all(&steps).map(around);
    Expected::new(
        Phase::Stop,
        measured.unwrap_or(STOP),
        "a dyno gets 30 seconds to end",
    )
}

pub(super) fn promotion(known: &Known<'_>) -> Expected {
    let measured = known.earlier.all(&["promote"]).map(around);
    let with_phase = has_release_phase(known);
    // Of a release with a phase the time is mostly the phase's, which counts below.
    let releases = if with_phase { None } else { recent(known) };
    let releases = releases.map(|(low, high, _)| (low * 2.0 + 1.0, high * 2.0 + 5.0));
    Expected::new(
        Phase::Promotion,
        measured.or(releases).unwrap_or(PROMOTION),
        "two releases",
    )
}

/// Nothing where the app has none.
pub(super) fn release_phase(known: &Known<'_>) -> Option<Expected> {
    if !has_release_phase(known) {
        return None;
    }
    if let Some(seconds) = known.earlier.all(&["release-phase"]) {
        let why = format!(
            "your own code; {} in an earlier attempt",
            words::duration(seconds)
        );
        return Some(Expected::new(Phase::ReleasePhase, around(seconds), why));
    }
    Some(match recent(known) {
        // Both releases of the promotion may run it, one after the other.
        Some((low, high, count)) => Expected::new(
            Phase::ReleasePhase,
            (low, high * 2.0),
            format!(
                "your own code, up to twice; the last {} took {}",
                words::count(count, "release"),
                words::range(low, high)
            ),
        ),
        None => Expected::new(
            Phase::ReleasePhase,
            RELEASE_PHASE,
            "your own code; no recent release tells how long it takes",
        ),
    })
}

pub(super) fn boot(known: &Known<'_>) -> Expected {
    let steps = ["restore-formation", "wait-up"];
    if let Some(seconds) = known.earlier.all(&steps) {
        return Expected::new(Phase::Boot, around(seconds), "your app's boot");
    }
    let formation = &known.snapshot.formation;
    let of_type = |wanted: fn(&str) -> bool| {
        formation
            .iter()
            .any(|process| process.quantity > 0 && wanted(&process.process_type))
    };
    if !of_type(|_| true) {
        return Expected::new(Phase::Boot, NO_BOOT, "no dyno is to be started");
    }
    let web = of_type(|name| name == "web");
    let waited_for = |name: &str| !web || name == "web";
    match slowest_boot(known, waited_for) {
        Some(seconds) => Expected::new(
            Phase::Boot,
            around(seconds),
            format!(
                "your app's boot: {} the last time",
                words::duration(seconds)
            ),
        ),
        None => Expected::new(Phase::Boot, BOOT, "your app's boot"),
    }
}

fn has_release_phase(known: &Known<'_>) -> bool {
    let mut formation = known.snapshot.formation.iter();
    formation.any(|process| process.process_type == "release")
}

/// Shortest and longest of the recent releases, and how many.
fn recent(known: &Known<'_>) -> Option<(f64, f64, usize)> {
    let releases = known.snapshot.releases.iter();
    let seconds: Vec<f64> = releases.filter_map(took).take(RECENT).collect();
    let low = seconds.iter().copied().reduce(f64::min)?;
    let high = seconds.iter().copied().reduce(f64::max)?;
    Some((low, high, seconds.len()))
}

/// From a release's making to its last change, which is the end of its phase (Platform API schema,
/// `release.updated_at`: "when release was updated"). Something else may have changed it later; what
/// took longer than a phase may is no phase.
fn took(release: &Release) -> Option<f64> {
    if release.status != ReleaseStatus::Succeeded {
        return None;
    }
    let (from, to) = release.created_at.zip(release.updated_at)?;
    let seconds = to.duration_since(from).as_secs_f64();
    (0.0..=RELEASE_PHASE_LIMIT)
        .contains(&seconds)
        .then_some(seconds)
}

/// From a dyno's making to the change of its state to `up` (Platform API schema, `dyno.updated_at`:
/// "when process last changed state").
fn slowest_boot(known: &Known<'_>, wanted: impl Fn(&str) -> bool) -> Option<f64> {
    let dynos = known.snapshot.dynos.iter();
    let up = dynos.filter(|dyno| dyno.state == DynoState::Up && wanted(&dyno.process_type));
    let seconds = up.filter_map(|dyno| {
        let (from, to) = dyno.created_at.zip(dyno.updated_at)?;
        Some(to.duration_since(from).as_secs_f64())
    });
    let sane = seconds.filter(|seconds| (0.0..=BOOT_LIMIT).contains(seconds));
    sane.reduce(f64::max)
}
