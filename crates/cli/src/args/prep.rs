//! `prep`.

use std::path::PathBuf;

use clap::Args;
use connect_swap_heroku::AttachmentName;

use super::values;

/// build the new database and Connect add-on and get them ready, while the app runs
///
/// Creates a database and a Connect add-on like the live ones, carries the mappings over with the
/// columns you add, waits until everything has loaded, and copies what Connect does not manage.
/// That may take hours: Ctrl-C pauses, the same command goes on, from any machine. The live
/// database gets triggers that note which rows change from then on.
#[derive(Debug, Clone, Args)]
pub struct Prep {
    /// What the new pair is to be like.
    #[command(flatten)]
    pub wanted: Wanted,
    /// disk space that the logs of changed rows may take in the live database
    ///
    /// A table whose log would go beyond its share is copied anew instead. By default 5 GB, or a
    /// tenth of what the plan leaves free where that is less.
    #[arg(long, value_name = "SIZE", value_parser = values::size)]
    pub capture_limit: Option<u64>,
}

/// What the new pair is to be like.
#[derive(Debug, Clone, Args)]
pub struct Wanted {
    /// column to add to a mapping (repeatable)
    #[arg(long, value_name = "OBJECT.FIELD[,FIELD...]", value_parser = values::columns)]
    pub add: Vec<String>,
    /// column to index (repeatable)
    #[arg(long, value_name = "OBJECT.FIELD", value_parser = values::column)]
    pub index: Vec<String>,
    /// edited export of the mappings to use instead of the live one
    #[arg(long, value_name = "FILE", conflicts_with_all = ["add", "index"])]
    pub mappings: Option<PathBuf>,
    /// name under which the new database is attached until the cutover
    #[arg(long = "as", value_name = "NAME", default_value = "NEW_DATABASE")]
    pub attach_as: AttachmentName,
    /// object to leave out, by a kind and name that plan shows (repeatable)
    #[arg(long, value_name = "KIND:NAME", value_parser = values::object)]
    pub skip: Vec<String>,
    /// object to carry over though it would be left out (repeatable)
    #[arg(long, value_name = "KIND:NAME", value_parser = values::object)]
    pub include: Vec<String>,
    /// plan of the new database (default: the plan of the live one)
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<String>,
}
