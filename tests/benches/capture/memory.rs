//! What a round over very many keys takes of memory.

use crate::options::Options;
use crate::report::Results;
use crate::shared::figures::megabytes;
use crate::shared::{Result, say};
use crate::stage::{DATABASE, Stage};
use crate::{client, ours};

/// At full size.
const KEYS: f64 = 10e6;
/// The keys are logged by as many statements.
const STATEMENTS: i64 = 20;

/// Lets every row of a table change, and looks at the round.
pub(crate) async fn measure(stage: &Stage, options: &Options, results: &mut Results) -> Result<()> {
    let keys = options.part(KEYS, 10_000.0);
    stage.old.create(DATABASE).await?;
    stage.new.create(DATABASE).await?;
    let owner = stage.old.owner(DATABASE).await?;
    let fill = format!(
        "CREATE TABLE counters (id bigint NOT NULL, value integer NOT NULL); \
         INSERT INTO counters SELECT n, 0 FROM generate_series(1, {keys}::bigint) n; \
         ALTER TABLE counters ADD PRIMARY KEY (id)"
    );
    owner.batch_execute(&fill).await?;
    owner.batch_execute("VACUUM (ANALYZE)").await?;
    let (old, new) = (stage.old.place(DATABASE), stage.new.place(DATABASE));
    ours::follow(&old, &new).await?;
    for part in 0..STATEMENTS {
        let change = format!("UPDATE counters SET value = 1 WHERE id % {STATEMENTS} = {part}");
        owner.batch_execute(&change).await?;
    }
    let waiting = ours::waiting(&old).await?;
    stage.settle().await?;
    let round = client::round(&old, &new).await?;
    if round.keys != waiting || i64::try_from(waiting) != Ok(keys) {
        return Err(format!("{keys} rows, {waiting} logged, {} brought", round.keys).into());
    }
    let memory = round.memory.ok_or("the system does not tell memory")?;
    say(&format!(
        "  {keys} keys in {:.0} s: {:.0} MB",
        round.wall.as_secs_f64(),
        megabytes(memory)
    ));
    results.memory = Some((round.keys, memory));
    Ok(())
}
