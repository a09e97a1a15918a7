//! Examples for the help of each command.

/// One example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// What it does, as a fragment.
    pub what: &'static str,
    /// What is typed after the command's name.
    pub args: &'static str,
}

const fn example(what: &'static str, args: &'static str) -> Example {
    Example { what, args }
}

/// The examples of a command; `None` is the command without a name, which lists the app's swaps.
pub fn examples(command: Option<&str>) -> &'static [Example] {
    const LIST: &[Example] = &[example("list the swaps of an app", "--app example-app")];
    const PLAN: &[Example] = &[
        example(
            "see what adding a column means",
            "--app example-app --add Account.Industry",
        ),
        example(
            "for a program",
            "--app example-app --add Account.Industry --json",
        ),
    ];
    const PREP: &[Example] = &[
        example("add a column", "--app example-app --add Account.Industry"),
        example(
            "add columns to two mappings, one of them indexed",
            "--app example-app --add Account.Industry,Rating --add Contact.Level__c \
             --index Contact.Level__c",
        ),
        example(
            "use an edited export",
            "--app example-app --mappings edited.json",
        ),
        example(
            "without a terminal",
            "--app example-app --add Account.Industry --yes",
        ),
    ];
    const FOLLOW: &[Example] = &[
        example(
            "keep the new database up to date until cutover",
            "--app example-app",
        ),
        example(
            "one round, as a scheduled job makes it",
            "--app example-app --once --json",
        ),
    ];
    const STATUS: &[Example] = &[
        example("see how far it is", "--app example-app"),
        example("keep looking", "--app example-app --watch"),
    ];
    const CUTOVER: &[Example] = &[
        example(
            "move the app over, asked before each destructive step",
            "--app example-app --ack manual-settings",
        ),
        example(
            "without a terminal, going back after ten minutes of downtime",
            "--app example-app --ack manual-settings --yes --confirm example-app \
             --max-downtime 10m",
        ),
    ];
    const VERIFY: &[Example] = &[example("check a finished swap", "--app example-app")];
    const ROLLBACK: &[Example] = &[example("go back to the old pair", "--app example-app")];
    const CLEANUP: &[Example] = &[
        example("destroy the pair that is not in use", "--app example-app"),
        example(
            "without a terminal",
            "--app example-app --yes --confirm postgresql-example-12345 \
             --confirm herokuconnect-example-12345",
        ),
    ];
    const REPORT: &[Example] = &[example(
        "keep the report of a swap",
        "--app example-app --json",
    )];
    const REHEARSE: &[Example] = &[
        example("answer the prompts yourself", ""),
        example("unattended", "--yes --confirm demo"),
        example(
            "with the mappings of a real connection",
            "--export connection.json",
        ),
    ];
    const SANDBOX: &[Example] = &[example(
        "start it and use it from another terminal",
        "--speed 20",
    )];
    match command {
        None => LIST,
        Some("plan") => PLAN,
        Some("prep") => PREP,
        Some("follow") => FOLLOW,
        Some("status") => STATUS,
        Some("cutover") => CUTOVER,
        Some("verify") => VERIFY,
        Some("rollback") => ROLLBACK,
        Some("cleanup") => CLEANUP,
        Some("report") => REPORT,
        Some("rehearse") => REHEARSE,
        Some("sandbox") => SANDBOX,
        Some(_) => &[],
    }
}
