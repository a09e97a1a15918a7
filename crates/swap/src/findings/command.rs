//! Command lines for a person to copy.

use connect_swap_heroku::AddonName;

use crate::topology::Snapshot;
use crate::words;

/// `heroku VERB … -a APP`.
pub(super) fn heroku(snapshot: &Snapshot, words: &str) -> String {
    format!("heroku {words} -a {}", snapshot.app.name)
}

/// `heroku connect:VERB … -a APP --resource ADDON` (heroku-connect-plugin: with two Connect
/// add-ons on an app its commands fail without `--resource`).
pub(super) fn connect(snapshot: &Snapshot, words: &str, addon: &AddonName) -> String {
    format!(
        "heroku connect:{words} -a {} --resource {addon}",
        snapshot.app.name
    )
}

/// Opens an add-on's dashboard.
pub(super) fn dashboard(snapshot: &Snapshot, addon: &AddonName) -> String {
    heroku(snapshot, &format!("addons:open {addon}"))
}

/// `heroku pg:psql OLD_DATABASE -c "SQL" -a APP`.
pub(super) fn psql(snapshot: &Snapshot, sql: &str) -> String {
    words::psql(
        snapshot.old_database.name.as_str(),
        sql,
        snapshot.app.name.as_str(),
    )
}

/// A name that is no checked type, safe as one word of a command line.
pub(super) fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::healthy;

    #[test]
    fn app_and_add_on_are_named() {
        let snapshot = healthy();
        assert_eq!(heroku(&snapshot, "pg:info"), "heroku pg:info -a demo");
        assert_eq!(
            connect(&snapshot, "resume", &snapshot.old_connect.name),
            "heroku connect:resume -a demo --resource herokuconnect-round-1"
        );
        assert_eq!(
            dashboard(&snapshot, &snapshot.old_connect.name),
            "heroku addons:open herokuconnect-round-1 -a demo"
        );
    }
    #[test]
    fn nothing_in_a_name_means_something_to_the_shell() {
        let line = psql(&healthy(), "select 'x' from \"$(a)`b`\"");
        assert_eq!(
            line,
            r#"heroku pg:psql postgresql-flat-1 -c "select 'x' from \"\$(a)\`b\`\"" -a demo"#
        );
        assert_eq!(word("run.12"), "run.12");
        assert_eq!(word("a'; b"), r"'a'\''; b'");
    }
}
