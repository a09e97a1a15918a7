//! `rehearse`.

use clap::Args;

use super::World;

/// play a whole swap on this machine: nothing on Heroku or Salesforce is touched
///
/// Starts servers that play Heroku, Connect and Salesforce over real PostgreSQL, with an app that
/// writes all the time, runs prep and cutover here with the real prompts, then shows what was
/// proven. Needs PostgreSQL's server programs, and neither an app nor a login.
#[derive(Debug, Clone, Args)]
pub struct Rehearse {
    /// What to play with.
    #[command(flatten)]
    pub world: World,
    /// column to add to a mapping (default: one that fits the mappings)
    #[arg(long, value_name = "OBJECT.FIELD[,FIELD...]", value_parser = super::values::columns)]
    pub add: Vec<String>,
    /// keep the servers running afterwards, until Ctrl-C
    #[arg(long)]
    pub keep: bool,
}
