//! How fast changes are brought over: by one round of ours, and by logical
//! replication of the same ones.

use std::time::Instant;

use crate::client;
use crate::options::Options;
use crate::ours;
use crate::replication::Replication;
use crate::report::{Rate, Results};
use crate::shared::cluster::Cluster;
use crate::shared::{Result, say};
use crate::stage::{DATABASE, Stage};

/// At full size.
const ROWS: f64 = 2e6;
/// See [`ROWS`].
const CHANGES: f64 = 1e6;

/// The last transaction of the changes: who sees it has them all.
const LAST: &str = "INSERT INTO marker VALUES (1)";
const LAST_IS_THERE: &str = "SELECT EXISTS (SELECT FROM marker)";

const TABLES: &str = "\
CREATE TABLE marker (id integer PRIMARY KEY); \
CREATE TABLE items (id bigint NOT NULL, account integer NOT NULL, label text NOT NULL, \
amount double precision NOT NULL, changed_at timestamptz NOT NULL)";

const KEYS: &str = "ALTER TABLE items ADD PRIMARY KEY (id); CREATE INDEX ON items (account)";

const SUM: &str =
    "SELECT count(*), sum(hashtextextended(items::text, 0)::numeric)::text FROM items";

/// The rows of numbers from a query `k`.
fn rows(numbers: &str) -> String {
    format!(
        "SELECT k, (hashint8extended(k, 1) & 65535)::integer, 'item ' || md5(k::text), \
         (hashint8extended(k, 2) & 1048575) / 100.0, timestamptz '2024-01-01 00:00:00+00' + k * interval '1 second' \
         FROM {numbers} AS k"
    )
}

/// Changes rows in transactions of 100 to 1000, always the same ones: three
/// fifths are updates and one tenth deletes of rows anywhere in the table, the
/// rest inserts.
fn changes(rows: i64, changes: i64) -> String {
    let anywhere = |salt: u32, share: &str| {
        format!(
            "ARRAY(SELECT 1 + (hashint8extended(n * 1000 + k, {salt}) & 9223372036854775807) % {rows} \
             FROM generate_series(1, {share}) k)"
        )
    };
    format!(
        "DO $$
DECLARE
  made bigint := 0; n bigint := 0; part bigint; size integer; next bigint := {rows};
BEGIN
  WHILE made < {changes} LOOP
    n := n + 1;
    size := 100 + (hashint8extended(n, 3) & 1023)::integer * 900 / 1023;
    UPDATE items SET amount = amount + 1, changed_at = changed_at + interval '1 day' WHERE id = ANY ({updated});
    GET DIAGNOSTICS part = ROW_COUNT; made := made + part;
    INSERT INTO items {inserted};
    GET DIAGNOSTICS part = ROW_COUNT; made := made + part; next := next + part;
    DELETE FROM items WHERE id = ANY ({deleted});
    GET DIAGNOSTICS part = ROW_COUNT; made := made + part;
    PERFORM set_config('bench.made', made::text, false);
    COMMIT;
  END LOOP;
END $$",
        updated = anywhere(4, "size * 6 / 10"),
        inserted = self::rows("generate_series(next + 1, next + size * 3 / 10)"),
        deleted = anywhere(5, "size / 10"),
    )
}

/// Measures both, in turns.
pub(crate) async fn measure(stage: &Stage, options: &Options, results: &mut Results) -> Result<()> {
    for _ in 0..options.repeat {
        let ours = ours(stage, options).await?;
        stage.clear().await?;
        say(&format!("  connect-swap: {:.0} rows/s", ours.per_second()));
        let theirs = replication(stage, options).await?;
        stage.clear().await?;
        say(&format!(
            "  logical replication: {:.0} rows/s",
            theirs.per_second()
        ));
        results.rates.push((ours, theirs));
    }
    Ok(())
}

async fn ours(stage: &Stage, options: &Options) -> Result<Rate> {
    fill(&stage.old, options).await?;
    stage.new.create(DATABASE).await?;
    let (old, new) = (stage.old.place(DATABASE), stage.new.place(DATABASE));
    ours::follow(&old, &new).await?;
    let rows = change(&stage.old, options).await?;
    stage.settle().await?;
    let round = client::round(&old, &new).await?;
    same(&stage.old, &stage.new).await?;
    Ok(Rate {
        rows,
        wall: round.wall,
    })
}

async fn replication(stage: &Stage, options: &Options) -> Result<Rate> {
    fill(&stage.publisher, options).await?;
    fill(&stage.new, options).await?;
    Replication::subscribe(stage, false).await?;
    let rows = change(&stage.publisher, options).await?;
    stage.settle().await?;
    let started = Instant::now();
    Replication::enable(stage).await?;
    Replication::applied(stage, LAST_IS_THERE).await?;
    let wall = started.elapsed();
    same(&stage.publisher, &stage.new).await?;
    Ok(Rate { rows, wall })
}

async fn fill(cluster: &Cluster, options: &Options) -> Result<()> {
    cluster.create(DATABASE).await?;
    let owner = cluster.owner(DATABASE).await?;
    let numbers = format!("generate_series(1, {}::bigint)", options.part(ROWS, 2000.0));
    let all = [
        TABLES,
        &format!("INSERT INTO items {}", rows(&numbers)),
        KEYS,
    ];
    owner.batch_execute(&all.join("; ")).await?;
    Ok(owner.batch_execute("VACUUM (ANALYZE)").await?)
}

/// Makes the changes, and gives how many rows changed.
async fn change(cluster: &Cluster, options: &Options) -> Result<i64> {
    let owner = cluster.owner(DATABASE).await?;
    let (rows, wanted) = (options.part(ROWS, 2000.0), options.part(CHANGES, 1000.0));
    owner.batch_execute(&changes(rows, wanted)).await?;
    owner.batch_execute(LAST).await?;
    let made = "SELECT current_setting('bench.made')::bigint";
    Ok(owner.query_one(made, &[]).await?.try_get(0)?)
}

async fn same(one: &Cluster, other: &Cluster) -> Result<()> {
    let mut sums = Vec::new();
    for cluster in [one, other] {
        let row = cluster.owner(DATABASE).await?.query_one(SUM, &[]).await?;
        sums.push((row.try_get::<_, i64>(0)?, row.try_get::<_, String>(1)?));
    }
    match sums.windows(2).all(|pair| pair[0] == pair[1]) {
        true => Ok(()),
        false => Err(format!("the rows are not the same afterwards: {sums:?}").into()),
    }
}
