//! Relays rows: `COPY … TO STDOUT` into `COPY … FROM STDIN`, without looking
//! into them (PostgreSQL manual, "COPY").

use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use futures_util::{SinkExt, TryStreamExt};
use tokio_postgres::CopyInSink;

use super::columns::{self, Column};
use super::pieces::Piece;
use super::throttle::Throttle;
use crate::Error;
use crate::ident::TableRef;
use crate::session::Session;

/// Progress is told again after this many bytes.
const TELL_EVERY: u64 = 1 << 20;
/// What one message to the new side holds. The old side sends a message for each row: small ones
/// are put together, which spares both sides' processors, and large ones are cut, which bounds the
/// memory. Neither side sees a difference (PostgreSQL manual, "COPY Operations").
const MESSAGE: usize = 128 << 10;

/// A message of this many bytes is let go before the next one is read.
const LARGE: usize = 1 << 20;

/// How a table's rows travel.
#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) table: TableRef,
    /// The columns that are copied.
    pub(super) columns: Vec<Column>,
    /// In binary form; else as text.
    pub(super) binary: bool,
    /// Row-level security is forced on the table's owner.
    pub(super) forced: bool,
    /// The file that its rows were in when it was cut.
    pub(super) file: u32,
}

impl Route {
    fn format(&self) -> &'static str {
        if self.binary { "binary" } else { "text" }
    }

    fn out(&self, piece: &Piece) -> String {
        let (name, list, format) = (
            self.table.sql(),
            columns::list(&self.columns),
            self.format(),
        );
        match piece.condition() {
            Some(condition) => format!(
                "COPY (SELECT {list} FROM ONLY {name} WHERE {condition}) TO STDOUT (FORMAT {format})"
            ),
            None => format!("COPY {name} {} TO STDOUT (FORMAT {format})", parens(&list)),
        }
    }

    /// Rows of a table that was emptied in the same transaction are written as
    /// frozen: nobody has to visit them again to find out that they are visible.
    fn into(&self, piece: &Piece) -> String {
        let list = parens(&columns::list(&self.columns));
        let freeze = if piece.pages.is_none() {
            ", FREEZE"
        } else {
            ""
        };
        format!(
            "COPY {} {list} FROM STDIN (FORMAT {}{freeze})",
            self.table.sql(),
            self.format()
        )
    }
}

fn parens(list: &str) -> String {
    if list.is_empty() {
        String::new()
    } else {
        format!("({list})")
    }
}

/// What went over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Relayed {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

/// Sends a piece's rows from one open transaction into another; neither is
/// ended here.
pub(super) async fn relay(
    old: &Session,
    new: &Session,
    route: &Route,
    piece: &Piece,
    throttle: &Throttle,
    tell: impl Fn(u64),
) -> Result<Relayed, Error> {
    pipe(
        (old, &route.out(piece)),
        (new, &route.into(piece)),
        throttle,
        tell,
    )
    .await
}

/// Whether a range that was read is one of the table that was cut. `VACUUM
/// FULL` and `CLUSTER` move rows to other pages, without a trigger; each reader
/// keeps them away from when it has read its first range, but not when the
/// sessions of all were lost (PostgreSQL manual, "Explicit Locking").
pub(super) async fn is_as_cut(old: &Session, route: &Route) -> Result<bool, Error> {
    let name = route.table.sql();
    let row = old
        .query_one(
            "SELECT coalesce(pg_catalog.pg_relation_filenode(pg_catalog.to_regclass($1)), 0) = $2",
            &[&name, &route.file],
        )
        .await?;
    Ok(row.try_get(0)?)
}

/// Sends what a `COPY … TO STDOUT` on one side gives into a `COPY … FROM STDIN`
/// on the other.
pub(crate) async fn pipe(
    (old, out): (&Session, &str),
    (new, into): (&Session, &str),
    throttle: &Throttle,
    tell: impl Fn(u64),
) -> Result<Relayed, Error> {
    let (source, sink) = tokio::try_join!(
        async { old.copy_out(out).await.map_err(Error::from) },
        async { new.copy_in::<_, Bytes>(into).await.map_err(Error::from) }
    )?;
    futures_util::pin_mut!(source, sink);
    let mut out = Outgoing {
        sink: sink.as_mut(),
        waiting: BytesMut::with_capacity(MESSAGE),
    };
    let (mut bytes, mut told) = (0, 0);
    while let Some(chunk) = source.try_next().await? {
        // Until it has gone on, nothing more is read.
        let _held = (chunk.len() >= LARGE).then(|| old.reading().hold());
        throttle.take(chunk.len()).await;
        bytes += chunk.len() as u64;
        out.put(chunk).await?;
        if bytes - told >= TELL_EVERY {
            told = bytes;
            tell(bytes);
        }
    }
    out.flush().await?;
    let rows = sink.finish().await?;
    Ok(Relayed { rows, bytes })
}

/// What goes to the new side, in messages of about one size.
struct Outgoing<'a> {
    sink: Pin<&'a mut CopyInSink<Bytes>>,
    waiting: BytesMut,
}

impl Outgoing<'_> {
    async fn put(&mut self, mut chunk: Bytes) -> Result<(), tokio_postgres::Error> {
        if self.waiting.len() + chunk.len() <= MESSAGE {
            self.waiting.extend_from_slice(&chunk);
            return Ok(());
        }
        self.flush().await?;
        while chunk.len() > MESSAGE {
            self.sink.feed(chunk.split_to(MESSAGE)).await?;
        }
        self.waiting.extend_from_slice(&chunk);
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), tokio_postgres::Error> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.sink.feed(self.waiting.split().freeze()).await
    }
}

/// Triggers must not fire on copied rows, and a foreign key would forbid to
/// empty a table: both are made after the rows.
pub(crate) async fn ready(new: &Session, tables: &[TableRef]) -> Result<(), Error> {
    let names: Vec<String> = tables.iter().map(TableRef::sql).collect();
    let obstacle = new
        .query_opt(
            "SELECT w.at, x.obstacle FROM unnest($1::text[]) WITH ORDINALITY AS w (relation, at) \
             JOIN LATERAL (SELECT 'trigger ' || tgname::text AS obstacle FROM pg_catalog.pg_trigger \
                   WHERE tgrelid = pg_catalog.to_regclass(w.relation) AND NOT tgisinternal AND tgenabled IN ('O', 'A') \
                   UNION ALL \
                   SELECT 'foreign key ' || conname::text FROM pg_catalog.pg_constraint \
                   WHERE contype = 'f' AND pg_catalog.to_regclass(w.relation) IN (conrelid, confrelid)) x ON true \
             ORDER BY 1, 2 LIMIT 1",
            &[&names],
        )
        .await?;
    let Some(row) = obstacle else { return Ok(()) };
    let at: i64 = row.try_get(0)?;
    let table = usize::try_from(at - 1).ok().and_then(|at| tables.get(at));
    Err(Error::NotReady {
        table: table.cloned().unwrap_or_else(|| TableRef::new("", "")),
        why: format!("it has {} already", row.try_get::<_, String>(1)?),
    })
}
