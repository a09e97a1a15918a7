//! The one line every command ends with: what to run next.

use super::stage::Stage;
use crate::operator::PrepArgs;

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

/// The prep command with the same flags.
pub(super) fn prep_line(args: &PrepArgs) -> String {
    let mut line = format!("heroku connect:swap:prep -a {}", args.target.app);
    let mut add = |flag: &str, value: &str| {
        line.push_str(&format!(" {flag} {value}"));
    };
    if let Some(resource) = &args.target.resource {
        add("--resource", resource.as_str());
    }
    args.add.iter().for_each(|value| add("--add", value));
    args.index.iter().for_each(|value| add("--index", value));
    if let Some(path) = &args.mappings {
        add("--mappings", &path.display().to_string());
    }
    args.acks.iter().for_each(|value| add("--ack", value));
    line
}
