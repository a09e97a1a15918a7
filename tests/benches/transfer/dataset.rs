//! The databases that are transferred, made by the server itself and always the
//! same: one long narrow table, two hundred small ones, and wide rows; beside
//! them, in a database of its own, a few very large values.

use crate::documents;
use crate::shared::Result;
use crate::shared::cluster::Cluster;

/// The database of everything but the large values.
pub(crate) const SHOP: &str = "shop";
/// The database of the large values.
pub(crate) const ARCHIVE: &str = "archive";

const SMALL_ROWS: u32 = 1_000;
/// Every fourth small table refers to the one before it.
const REFERRING: u32 = 4;
/// Of one large value.
const VALUE_BYTES: u64 = 8 << 20;

/// How much there is of everything.
#[derive(Clone, Copy)]
pub(crate) struct Sizes {
    /// Rows of `events`.
    narrow: u64,
    /// Rows of `documents`, about 4 kB each.
    wide: u64,
    /// How many small tables.
    small: u32,
    /// How many large values.
    large: u64,
}

impl Sizes {
    /// The full size: 10 million rows, 200 tables, 2 GB, 3 GB.
    pub(crate) fn at(scale: f64) -> Self {
        let part = |full: f64, least: f64| (full * scale).round().max(least);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "small positive whole numbers"
        )]
        Self {
            narrow: part(10e6, 1_000.0) as u64,
            wide: part(documents::PER_2_GB, 100.0) as u64,
            small: part(200.0, 8.0) as u32,
            large: part(375.0, 4.0) as u64,
        }
    }

    /// The tables of a database, without indexes and keys.
    pub(crate) fn tables(self, database: &str) -> String {
        if database == ARCHIVE {
            return "CREATE TABLE attachments (id bigint NOT NULL, content text NOT NULL); \
                    ALTER TABLE attachments ALTER content SET STORAGE EXTERNAL"
                .into();
        }
        let events = "CREATE TABLE events (id bigint NOT NULL, account_id integer NOT NULL, \
                      quantity integer NOT NULL, happened_at timestamptz NOT NULL, \
                      amount double precision NOT NULL)";
        let small = (1..=self.small).map(|n| {
            format!(
                "CREATE TABLE list_{n:03} (id integer NOT NULL, label text NOT NULL, \
                 parent_id integer, changed_at timestamptz NOT NULL)"
            )
        });
        [events.to_owned(), documents::TABLE.to_owned()]
            .into_iter()
            .chain(small)
            .collect::<Vec<_>>()
            .join("; ")
    }

    fn fill_events(self) -> String {
        let rows = self.narrow;
        format!(
            "INSERT INTO events SELECT n, (hashint8extended(n, 1) & 65535)::integer, \
             (hashint8extended(n, 2) & 127)::integer, \
             timestamptz '2020-01-01 00:00:00+00' + n * interval '17 seconds', \
             (hashint8extended(n, 3) & 1048575) / 100.0 FROM generate_series(1, {rows}) n; \
             ALTER TABLE events ADD PRIMARY KEY (id); \
             CREATE INDEX ON events (account_id); CREATE INDEX ON events (happened_at)"
        )
    }

    fn fill_small(self) -> String {
        let fill = (1..=self.small).map(|n| {
            format!(
                "INSERT INTO list_{n:03} SELECT i, 'label ' || md5(i::text || '-{n}'), i, \
                 timestamptz '2024-01-01 00:00:00+00' + i * interval '1 minute' \
                 FROM generate_series(1, {SMALL_ROWS}) i; \
                 ALTER TABLE list_{n:03} ADD PRIMARY KEY (id); CREATE INDEX ON list_{n:03} (label)"
            )
        });
        let refer = (1..=self.small).filter(|n| n % REFERRING == 0).map(|n| {
            format!(
                "ALTER TABLE list_{n:03} ADD FOREIGN KEY (parent_id) REFERENCES list_{:03} (id)",
                n - 1
            )
        });
        fill.chain(refer).collect::<Vec<_>>().join("; ")
    }

    fn fill_archive(self) -> String {
        // 32 hexadecimal digits again and again; stored as they are, never compressed.
        let times = VALUE_BYTES / 32;
        format!(
            "INSERT INTO attachments SELECT n, repeat(md5(n::text), {times}) \
             FROM generate_series(1, {}) n; ALTER TABLE attachments ADD PRIMARY KEY (id)",
            self.large
        )
    }

    /// Makes and fills a database on a server, and leaves it as one that has
    /// been in use for a while: vacuumed, with statistics, in the cache.
    pub(crate) async fn make(self, cluster: &Cluster, database: &str) -> Result<()> {
        cluster.create(database).await?;
        let one = cluster.owner(database).await?;
        let other = cluster.owner(database).await?;
        one.batch_execute(&self.tables(database)).await?;
        if database == ARCHIVE {
            one.batch_execute(&self.fill_archive()).await?;
        } else {
            let (events, small) = (self.fill_events(), self.fill_small());
            let narrow = async {
                one.batch_execute(&events).await?;
                one.batch_execute(&small).await
            };
            let documents = documents::fill(self.wide);
            tokio::try_join!(narrow, other.batch_execute(&documents))?;
        }
        one.batch_execute("VACUUM (ANALYZE)").await?;
        cluster.settle().await?;
        read_once(cluster, database).await
    }
}

/// Reads every row as a copy does, so that all contenders find the files in the
/// operating system's cache.
async fn read_once(cluster: &Cluster, database: &str) -> Result<()> {
    let admin = cluster.admin(database).await?;
    for row in admin.query(TABLES, &[]).await? {
        let table: String = row.try_get(0)?;
        admin
            .batch_execute(&format!("COPY {table} TO '/dev/null' (FORMAT binary)"))
            .await?;
    }
    Ok(())
}

/// All tables with their sizes in bytes, the largest first.
pub(crate) const TABLES: &str = "\
SELECT oid::regclass::text, pg_table_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC, 1";
