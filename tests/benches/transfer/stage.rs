//! Both servers, the databases on the old one, and what a transfer must have
//! brought over.

use std::collections::BTreeMap;

use crate::contenders::{Contender, Target};
use crate::dataset::{Sizes, TABLES};
use crate::options::Options;
use crate::programs::Programs;
use crate::shared::Result;
use crate::shared::cluster::Cluster;
use crate::shared::say;

/// Indexes and keys of the customer's tables, by kind.
const KEYS: &str = "\
SELECT contype::text, count(*) FROM pg_constraint \
WHERE connamespace = 'public'::regnamespace AND convalidated GROUP BY 1 \
UNION ALL SELECT 'index', count(*) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid \
WHERE relnamespace = 'public'::regnamespace AND indisvalid";

/// How many of what: rows by table, keys by kind.
type Counts = BTreeMap<String, i64>;

/// Where everything takes place.
pub(crate) struct Stage {
    pub(crate) old: Cluster,
    pub(crate) new: Cluster,
    pub(crate) scale: f64,
    sizes: Sizes,
    sources: BTreeMap<&'static str, Source>,
    about: String,
}

/// A database that is transferred.
struct Source {
    /// With their sizes in bytes, the largest first.
    tables: Vec<(String, i64)>,
    rows: Counts,
    keys: Counts,
}

impl Stage {
    /// Starts the servers and fills the databases that will be needed.
    pub(crate) async fn set(options: &Options, programs: &Programs) -> Result<Self> {
        let bin = &programs.own.installation.bin;
        say("starting two servers");
        let (old, new) = tokio::try_join!(Cluster::start(bin), Cluster::start(bin))?;
        let sizes = Sizes::at(options.scale);
        let mut sources = BTreeMap::new();
        for contender in &options.contenders {
            let database = contender.source();
            if !sources.contains_key(database) {
                say(&format!("filling the database {database}"));
                sizes.make(&old, database).await?;
                sources.insert(database, Source::of(&old, database).await?);
            }
        }
        let session = old.admin("postgres").await?;
        let version: String = session
            .query_one("SHOW server_version", &[])
            .await?
            .try_get(0)?;
        let about = format!(
            "PostgreSQL {version}, pgcopydb {}, {} processors, scale {}",
            programs.pgcopydb_version().unwrap_or("not found"),
            std::thread::available_parallelism()?,
            options.scale
        );
        Ok(Self {
            old,
            new,
            scale: options.scale,
            sizes,
            sources,
            about,
        })
    }

    /// The circumstances, in a few lines.
    pub(crate) fn describe(&self) -> String {
        let sources = self.sources.iter().map(|(name, source)| {
            let rows: i64 = source.rows.values().sum();
            let bytes: i64 = source.tables.iter().map(|(_, bytes)| bytes).sum();
            format!(
                "database {name}: {} tables, {rows} rows, {} MB without indexes",
                source.tables.len(),
                bytes / 1_000_000
            )
        });
        std::iter::once(self.about.clone())
            .chain(sources)
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Where the databases are, for somebody who wants to look.
    pub(crate) fn places(&self) -> String {
        let place = |cluster: &Cluster, database: &str| cluster.place(database).url();
        let sources = self.sources.keys();
        sources
            .map(|name| format!("old: {}", place(&self.old, name)))
            .chain([format!("new: {}", place(&self.new, "postgres"))])
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The tables of a contender's source with their sizes, the largest first.
    pub(crate) fn tables(&self, contender: Contender) -> Result<&[(String, i64)]> {
        Ok(&self.source(contender)?.tables)
    }

    fn source(&self, contender: Contender) -> Result<&Source> {
        let found = self.sources.get(contender.source());
        found.ok_or_else(|| "the source was not made".into())
    }

    /// How many rows a contender has to bring over.
    pub(crate) fn rows(&self, contender: Contender) -> Result<i64> {
        Ok(self.source(contender)?.rows.values().sum())
    }

    /// A new database in the state that a contender needs; nothing is left to
    /// be written on either server.
    pub(crate) async fn target(&self, contender: Contender, database: &str) -> Result<()> {
        self.new.create(database).await?;
        if contender.target() == Target::Tables {
            let owner = self.new.owner(database).await?;
            owner
                .batch_execute(&self.sizes.tables(contender.source()))
                .await?;
        }
        tokio::try_join!(self.old.settle(), self.new.settle())?;
        Ok(())
    }

    /// Refuses a database that is not what the contender was to make.
    pub(crate) async fn check(&self, contender: Contender, database: &str) -> Result<()> {
        let (want, have) = (
            self.source(contender)?,
            Source::of(&self.new, database).await?,
        );
        same("rows", &want.rows, &have.rows)?;
        if contender.target() == Target::Empty {
            same("keys", &want.keys, &have.keys)?;
        }
        Ok(())
    }
}

impl Source {
    async fn of(cluster: &Cluster, database: &str) -> Result<Self> {
        let session = cluster.owner(database).await?;
        let mut source = Self {
            tables: Vec::new(),
            rows: Counts::new(),
            keys: Counts::new(),
        };
        for row in session.query(TABLES, &[]).await? {
            let table: String = row.try_get(0)?;
            let count = format!("SELECT count(*) FROM {table}");
            let rows = session.query_one(&count, &[]).await?.try_get(0)?;
            source.rows.insert(table.clone(), rows);
            source.tables.push((table, row.try_get(1)?));
        }
        for row in session.query(KEYS, &[]).await? {
            source.keys.insert(row.try_get(0)?, row.try_get(1)?);
        }
        Ok(source)
    }
}

fn same(what: &str, want: &Counts, have: &Counts) -> Result<()> {
    let differing = want
        .keys()
        .chain(have.keys())
        .find(|name| want.get(*name) != have.get(*name));
    match differing {
        None => Ok(()),
        Some(name) => {
            let number = |counts: &Counts| counts.get(name).copied().unwrap_or_default();
            let (want, have) = (number(want), number(have));
            Err(format!("wrong {what}: {name} has {have} instead of {want}").into())
        }
    }
}
