//! Copies large objects under their own numbers, so that columns that refer to
//! them stay right (PostgreSQL manual, "Large Objects").

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use tokio_postgres::types::Oid;

use super::keeper::{Keeper, Moment};
use super::large_object_marks::mark;
use crate::Error;
use crate::session::{DatabaseUrl, Purpose, Session, connect, refuse_same};

/// Contents are read and written in bites of this many bytes.
const BITE: i32 = 1 << 20;
/// Objects that are asked for at once.
const AT_ONCE: usize = 64;

/// Large objects that were copied.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LargeObjectsCopied {
    /// How many.
    pub objects: u64,
    /// Bytes in all.
    pub bytes: u64,
    /// Grants to roles that the new side has not, in words.
    #[serde(default)]
    pub grants_left_out: Vec<String>,
}

/// Large objects on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LargeObjectsComparison {
    /// How many the old side has.
    pub old: u64,
    /// How many the new side has.
    pub new: u64,
    /// The numbers of some that differ or are on one side only.
    pub differing: Vec<u32>,
    /// Whether all are equal.
    pub equal: bool,
}

/// Replaces the new side's large objects by the old side's, with comments and
/// grants. Memory is bounded
/// by a bite for each of a few objects. May be repeated.
///
/// # Errors
/// What the servers answer, such as that an object may not be read.
pub async fn copy_large_objects(
    old: &DatabaseUrl,
    new: &DatabaseUrl,
) -> Result<LargeObjectsCopied, Error> {
    let reader = Keeper::new(old, Moment::Any).reader().await?;
    let writer = connect(new, Purpose::Work, "copy").await?;
    refuse_same(&reader, &writer).await?;
    let wanted = oids(&reader).await?;
    let stale: Vec<Oid> = oids(&writer).await?;
    if wanted.is_empty() && stale.is_empty() {
        return Ok(LargeObjectsCopied::default());
    }
    let mut copied = LargeObjectsCopied::default();
    for some in stale.chunks(AT_ONCE) {
        writer
            .execute(
                "SELECT pg_catalog.lo_unlink(oid) FROM unnest($1::oid[]) AS w (oid)",
                &[&some],
            )
            .await?;
    }
    for some in wanted.chunks(AT_ONCE) {
        writer.batch_execute("BEGIN").await?;
        copied.bytes += copy_some(&reader, &writer, some).await?;
        writer.batch_execute("COMMIT").await?;
        copied.objects += some.len() as u64;
    }
    copied.grants_left_out = mark(&reader, &writer).await?;
    Ok(copied)
}

async fn copy_some(reader: &Session, writer: &Session, some: &[Oid]) -> Result<u64, Error> {
    let (mut bytes, mut long) = (0, Vec::new());
    let beginnings = reader
        .query_raw(
            "SELECT oid, pg_catalog.lo_get(oid, 0, $2::int4) FROM unnest($1::oid[]) AS w (oid)",
            [
                &some as &(dyn tokio_postgres::types::ToSql + Sync),
                &BITE as &(dyn tokio_postgres::types::ToSql + Sync),
            ],
        )
        .await?;
    futures_util::pin_mut!(beginnings);
    while let Some(row) = beginnings.try_next().await? {
        let (oid, data): (Oid, &[u8]) = (row.try_get(0)?, row.try_get(1)?);
        writer
            .execute("SELECT pg_catalog.lo_from_bytea($1, $2)", &[&oid, &data])
            .await?;
        bytes += data.len() as u64;
        if i32::try_from(data.len()) == Ok(BITE) {
            long.push(oid);
        }
    }
    for oid in long {
        bytes += copy_rest(reader, writer, oid).await?;
    }
    Ok(bytes)
}

async fn copy_rest(reader: &Session, writer: &Session, oid: Oid) -> Result<u64, Error> {
    let mut at = i64::from(BITE);
    loop {
        let row = reader
            .query_one("SELECT pg_catalog.lo_get($1, $2, $3)", &[&oid, &at, &BITE])
            .await?;
        let data: &[u8] = row.try_get(0)?;
        if !data.is_empty() {
            writer
                .execute("SELECT pg_catalog.lo_put($1, $2, $3)", &[&oid, &at, &data])
                .await?;
            at += i64::try_from(data.len()).unwrap_or(i64::from(BITE));
        }
        if i32::try_from(data.len()) != Ok(BITE) {
            return Ok(u64::try_from(at - i64::from(BITE)).unwrap_or(0));
        }
    }
}

/// Compares the contents of all large objects by checksums that the servers
/// make.
///
/// # Errors
/// When a server cannot be asked.
pub async fn compare_large_objects(
    old: &Session,
    new: &Session,
) -> Result<LargeObjectsComparison, Error> {
    let (here, there) = tokio::try_join!(checksums(old), checksums(new))?;
    let differing: Vec<u32> = here
        .iter()
        .filter(|(oid, sums)| there.get(oid) != Some(sums))
        .map(|(oid, _)| *oid)
        .chain(there.keys().filter(|oid| !here.contains_key(oid)).copied())
        .take(20)
        .collect();
    Ok(LargeObjectsComparison {
        old: here.len() as u64,
        new: there.len() as u64,
        equal: differing.is_empty(),
        differing,
    })
}

/// The checksum of each bite of each large object.
async fn checksums(session: &Session) -> Result<BTreeMap<Oid, Vec<String>>, Error> {
    let mut sums: BTreeMap<Oid, Vec<String>> = BTreeMap::new();
    let mut left = oids(session).await?;
    let mut at = 0_i64;
    while !left.is_empty() {
        let mut more = Vec::new();
        for some in left.chunks(AT_ONCE) {
            let rows = session
                .query(
                    "SELECT w.oid, pg_catalog.length(b.data), pg_catalog.md5(b.data) FROM unnest($1::oid[]) AS w (oid) \
                     CROSS JOIN LATERAL (SELECT pg_catalog.lo_get(w.oid, $2, $3) AS data) AS b",
                    &[&some, &at, &BITE],
                )
                .await?;
            for row in rows {
                let (oid, length, sum): (Oid, i32, String) =
                    (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
                sums.entry(oid).or_default().push(sum);
                if length == BITE {
                    more.push(oid);
                }
            }
        }
        left = more;
        at += i64::from(BITE);
    }
    Ok(sums)
}

async fn oids(session: &Session) -> Result<Vec<Oid>, Error> {
    let rows = session
        .query(
            "SELECT oid FROM pg_catalog.pg_largeobject_metadata ORDER BY oid",
            &[],
        )
        .await?;
    Ok(rows
        .iter()
        .map(|row| row.try_get(0))
        .collect::<Result<_, _>>()?)
}
