//! The one line every command ends with: what to run next.

use super::stage::Stage;
use crate::operator::{CutoverArgs, Pace, PrepArgs, Target};

/// The default of `--as`.
const ATTACHED_AS: &str = "NEW_DATABASE";

/// The next command for a swap that stands there; an app without one may begin one.
pub(super) fn line(app: &str, stage: Option<Stage>) -> String {
    let verb = match stage {
        None | Some(Stage::Closed) => {
            return format!("heroku connect:swap:plan -a {app} --add OBJECT.FIELD");
        }
        Some(Stage::Ready) => {
            return format!("heroku connect:swap:cutover -a {app} --ack manual-settings");
        }
        Some(Stage::Swapped) => {
            return format!(
                "heroku connect:swap:cleanup -a {app}   # once you trust the new pair; until then both are billed"
            );
        }
        Some(Stage::Preparing) => "prep",
        Some(Stage::CuttingOver | Stage::Promoted) => "cutover",
        Some(Stage::RollingBack) => "rollback",
        Some(Stage::CleaningUp) => "cleanup",
    };
    format!("heroku connect:swap:{verb} -a {app}")
}

/// A line that names the same Connect add-on as this run did.
pub(super) fn of_target(line: &str, target: &Target) -> String {
    let resource = target.resource.iter();
    with(line, resource.map(|name| ("--resource", name.to_string())))
}

/// A line that goes on with a cutover keeps what it was told: without `--max-downtime` the window would
/// have no bound any more, without `--ack` the same command would be refused.
pub(super) fn of_cutover(line: &str, args: &CutoverArgs) -> String {
    if !line.starts_with("heroku connect:swap:cutover ") {
        return line.to_owned();
    }
    let acks = args.acks.iter().map(|code| ("--ack", code.clone()));
    let budget = args.max_downtime.map(|budget| {
        let seconds = budget.as_secs_f64().ceil();
        let words = match seconds % 60.0 == 0.0 {
            true => format!("{:.0}m", seconds / 60.0),
            false => format!("{seconds:.0}s"),
        };
        ("--max-downtime", words)
    });
    let line = with(line, acks.chain(budget).chain(of_pace(&args.pace)));
    if args.refresh_in_window {
        with_switch(&line, "--refresh-in-window")
    } else {
        line
    }
}

/// A line that goes on with prep keeps how hard rows are to be copied; everything else is in the
/// journal.
pub(super) fn of_prep(line: &str, args: &PrepArgs) -> String {
    if !line.starts_with("heroku connect:swap:prep ") {
        return line.to_owned();
    }
    with(line, of_pace(&args.pace))
}

fn of_pace(pace: &Pace) -> impl Iterator<Item = (&'static str, String)> {
    let jobs = pace.jobs.map(|jobs| ("--jobs", jobs.to_string()));
    let throttle = pace
        .throttle
        .map(|rate| ("--throttle", format!("{rate}B/s")));
    let limit = pace.capture_limit;
    let limit = limit.map(|bytes| ("--capture-limit", format!("{bytes}B")));
    jobs.into_iter().chain(throttle).chain(limit)
}

/// Adds flags before the line's comment; what stands there already is not said twice.
fn with(line: &str, flags: impl Iterator<Item = (&'static str, String)>) -> String {
    let (command, comment) = line.split_at(line.find("   #").unwrap_or(line.len()));
    let mut command = command.to_owned();
    for (flag, value) in flags {
        let given = format!(" {flag} {value}");
        if !format!("{command} ").contains(&format!("{given} ")) {
            command.push_str(&given);
        }
    }
    command + comment
}

/// Adds a flag without a value in the same way.
fn with_switch(line: &str, flag: &str) -> String {
    let (command, comment) = line.split_at(line.find("   #").unwrap_or(line.len()));
    if command.split(' ').any(|word| word == flag) {
        return line.to_owned();
    }
    format!("{command} {flag}{comment}")
}

/// The prep command with the same flags.
pub(super) fn prep_line(args: &PrepArgs) -> String {
    let mut line = format!("heroku connect:swap:prep -a {}", args.target.app);
    let mut add = |flag: &str, value: &str| {
        line.push_str(&format!(" {flag} {}", quoted(value)));
    };
    if let Some(resource) = &args.target.resource {
        add("--resource", resource.as_str());
    }
    args.add.iter().for_each(|value| add("--add", value));
    args.index.iter().for_each(|value| add("--index", value));
    if let Some(path) = &args.mappings {
        add("--mappings", &path.display().to_string());
    }
    let overrides = &args.overrides;
    overrides.skip.iter().for_each(|value| add("--skip", value));
    overrides
        .include
        .iter()
        .for_each(|value| add("--include", value));
    if let Some(plan) = &args.plan {
        add("--plan", plan);
    }
    if args.attach_as != *ATTACHED_AS {
        add("--as", args.attach_as.as_str());
    }
    args.acks.iter().for_each(|value| add("--ack", value));
    of_prep(&line, args)
}

/// A word of a command line, in quotes where a shell would take it apart.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-:,/=@%+".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use connect_swap_postgres::Overrides;

    fn args() -> CutoverArgs {
        CutoverArgs {
            target: Target {
                app: "demo".try_into().unwrap(),
                resource: Some("herokuconnect-flat-1".try_into().unwrap()),
            },
            acks: vec!["manual-settings".into(), "odata".into()],
            max_downtime: Some(Duration::from_secs(600)),
            refresh_in_window: false,
            pace: Pace::default(),
        }
    }

    #[test]
    fn a_prep_that_has_not_begun_is_told_everything_again() {
        let mut args = PrepArgs {
            target: args().target,
            add: vec!["Account.Industry".into()],
            index: vec![],
            mappings: None,
            attach_as: "FRESH".try_into().unwrap(),
            plan: None,
            overrides: Overrides::default(),
            acks: vec![],
            pace: Pace {
                jobs: Some(2),
                throttle: None,
                capture_limit: Some(2_000_000_000),
            },
            picker: None,
        };
        assert_eq!(
            prep_line(&args),
            "heroku connect:swap:prep -a demo --resource herokuconnect-flat-1 \
             --add Account.Industry --as FRESH --jobs 2 --capture-limit 2000000000B"
        );
        args.attach_as = ATTACHED_AS.try_into().unwrap();
        args.pace = Pace::default();
        let begun = "heroku connect:swap:prep -a demo";
        assert_eq!(of_prep(begun, &args), begun);
        assert!(!prep_line(&args).contains("--as"), "{}", prep_line(&args));
    }

    #[test]
    fn hostile_names_stay_one_word() {
        assert_eq!(quoted("table:public.events"), "table:public.events");
        assert_eq!(quoted("index:it's; rm"), "'index:it'\\''s; rm'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn the_next_line_keeps_the_flags() {
        let args = args();
        let on = |line: &str| of_cutover(&of_target(line, &args.target), &args);
        assert_eq!(
            on(&line("demo", Some(Stage::Ready))),
            "heroku connect:swap:cutover -a demo --ack manual-settings \
             --resource herokuconnect-flat-1 --ack odata --max-downtime 10m"
        );
        assert_eq!(
            on("heroku connect:swap:cutover -a demo   # once the cause is mended"),
            "heroku connect:swap:cutover -a demo --resource herokuconnect-flat-1 \
             --ack manual-settings --ack odata --max-downtime 10m   # once the cause is mended"
        );
        let refreshing = CutoverArgs {
            refresh_in_window: true,
            ..args.clone()
        };
        let once = of_cutover("heroku connect:swap:cutover -a demo   # again", &refreshing);
        assert!(
            once.ends_with(" --max-downtime 10m --refresh-in-window   # again"),
            "{once}"
        );
        assert_eq!(of_cutover(&once, &refreshing), once);
        assert_eq!(
            on(&line("demo", Some(Stage::RollingBack))),
            "heroku connect:swap:rollback -a demo --resource herokuconnect-flat-1"
        );
    }
}
