//! Relays one table's rows: `COPY … TO STDOUT` into `COPY … FROM STDIN`,
//! without looking into them (PostgreSQL manual, "COPY").

use bytes::Bytes;
use futures_util::{SinkExt, TryStreamExt};

use super::columns;
use crate::Error;
use crate::ident::TableRef;
use crate::session::Session;

/// Progress is told again after this many bytes.
const TELL_EVERY: u64 = 1 << 20;

/// What went over.
pub(super) struct Relayed {
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

/// Replaces the new side's rows by the old side's, in one transaction on the
/// new side: dropped half-way, it leaves the table as it was.
pub(super) async fn relay(
    old: &Session,
    new: &mut Session,
    table: &TableRef,
    tell: impl Fn(u64),
) -> Result<Relayed, Error> {
    let (here, there) = tokio::try_join!(columns::read(old, table), columns::read(new, table))?;
    ready(new, table).await?;
    let format = if columns::binary(&here, &there) {
        "binary"
    } else {
        "text"
    };
    let (name, list) = (table.sql(), columns::list(&here));

    let transaction = new.transaction().await?;
    transaction
        .batch_execute(&format!("TRUNCATE ONLY {name}"))
        .await?;
    let source = old
        .copy_out(&format!("COPY {name} {list} TO STDOUT (FORMAT {format})"))
        .await?;
    let sink = transaction
        .copy_in::<_, Bytes>(&format!("COPY {name} {list} FROM STDIN (FORMAT {format})"))
        .await?;
    futures_util::pin_mut!(source, sink);
    let (mut bytes, mut told) = (0, 0);
    while let Some(chunk) = source.try_next().await? {
        bytes += chunk.len() as u64;
        sink.feed(chunk).await?;
        if bytes - told >= TELL_EVERY {
            told = bytes;
            tell(bytes);
        }
    }
    let rows = sink.finish().await?;
    transaction.commit().await?;
    Ok(Relayed { rows, bytes })
}

/// Triggers must not fire on copied rows, and a foreign key would forbid to
/// empty the table: both are made after the rows.
async fn ready(new: &Session, table: &TableRef) -> Result<(), Error> {
    let obstacle = new
        .query_opt(
            "SELECT 'trigger ' || tgname::text FROM pg_catalog.pg_trigger \
             WHERE tgrelid = $1::text::regclass AND NOT tgisinternal AND tgenabled IN ('O', 'A') \
             UNION ALL \
             SELECT 'foreign key ' || conname::text FROM pg_catalog.pg_constraint \
             WHERE contype = 'f' AND (conrelid = $1::text::regclass OR confrelid = $1::text::regclass) \
             LIMIT 1",
            &[&table.sql()],
        )
        .await?;
    match obstacle {
        None => Ok(()),
        Some(row) => Err(Error::NotReady {
            table: table.clone(),
            why: format!("it has {} already", row.try_get::<_, String>(0)?),
        }),
    }
}
