//! Cuts the work of a copy into pieces: small tables whole, large ones by
//! ranges of pages.

use std::ops::Range;

use crate::Error;
use crate::ident::TableRef;
use crate::session::Session;

/// A range of pages is scanned without looking at the others since PostgreSQL
/// 14 (release notes: "TID range scans").
const RANGES_SINCE: i32 = 140_000;
/// Tables of this many bytes and more are cut into ranges.
pub(crate) const CUT_FROM: u64 = 128 << 20;
/// Below this many bytes a table is copied in the time of a few answers, so
/// that further sessions may take it beside the large ones.
pub(super) const SMALL_BELOW: u64 = 4 << 20;
/// How many pieces of the whole work each worker gets, at least: the last ones
/// to end then end together.
const PIECES_PER_WORKER: u64 = 6;
/// No range is smaller than this part of the size from which on tables are cut.
const SMALLEST_RANGE: u64 = 4;

/// A table as the old side has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Source {
    /// Pages of the table itself, without its TOAST table and indexes.
    pub(super) pages: u32,
    /// Bytes with its TOAST table.
    pub(super) bytes: u64,
    /// The planner's estimate of its rows; 0 where there is none.
    pub(super) rows: u64,
    /// Row-level security is forced on its owner too.
    pub(crate) forced: bool,
    /// The file that its rows are in; 0 where it has none.
    pub(super) file: u32,
}

/// What one transaction copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The table's place in the list.
    pub(crate) table: usize,
    /// Its pages; all of them where there is no range. The last range of a
    /// table has no end, as the table may have grown since.
    pub(super) pages: Option<Range<Option<u32>>>,
    /// About how many bytes of the table it is.
    pub(super) bytes: u64,
}

impl Piece {
    /// Whether it is done in the time of a few answers.
    pub(super) fn is_small(&self) -> bool {
        self.pages.is_none() && self.bytes < SMALL_BELOW
    }

    /// The condition that picks its rows, where it is not the whole table.
    pub(crate) fn condition(&self) -> Option<String> {
        let range = self.pages.as_ref()?;
        let ends = [(range.start, ">="), (range.end, "<")];
        let parts: Vec<String> = ends
            .into_iter()
            .filter_map(|(page, sign)| Some(format!("ctid {sign} '({},0)'::tid", page?)))
            .collect();
        Some(parts.join(" AND "))
    }
}

const SOURCES: &str = "\
SELECT c.oid IS NOT NULL,
       coalesce(pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::int8, 0),
       coalesce(pg_catalog.pg_table_size(c.oid), 0), greatest(coalesce(c.reltuples, 0), 0)::int8,
       coalesce(c.relrowsecurity AND c.relforcerowsecurity, false),
       coalesce(pg_catalog.pg_relation_filenode(c.oid), 0)
FROM unnest($1::text[]) WITH ORDINALITY AS w (relation, at)
LEFT JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(w.relation)
ORDER BY w.at";

/// Reads sizes and peculiarities of the tables; nothing of one that is not there.
pub(crate) async fn sources(
    session: &Session,
    tables: &[TableRef],
) -> Result<Vec<Option<Source>>, Error> {
    let names: Vec<String> = tables.iter().map(TableRef::sql).collect();
    let rows = session.query(SOURCES, &[&names]).await?;
    rows.iter()
        .map(|row| {
            if !row.try_get::<_, bool>(0)? {
                return Ok(None);
            }
            Ok(Some(Source {
                pages: u32::try_from(row.try_get::<_, i64>(1)?).unwrap_or(u32::MAX),
                bytes: u64::try_from(row.try_get::<_, i64>(2)?).unwrap_or(0),
                rows: u64::try_from(row.try_get::<_, i64>(3)?).unwrap_or(0),
                forced: row.try_get(4)?,
                file: row.try_get(5)?,
            }))
        })
        .collect()
}

/// The pieces, the largest first. Tables of at least so many bytes are cut, where
/// that lets workers work side by side.
pub(crate) fn cut(
    sources: &[Source],
    workers: usize,
    server_version: i32,
    cut_from: u64,
) -> Vec<Piece> {
    let total: u64 = sources.iter().map(|source| source.bytes).sum();
    let workers = workers as u64;
    let target = (total / (workers * PIECES_PER_WORKER).max(1))
        .max(cut_from / SMALLEST_RANGE)
        .max(1);
    let mut pieces: Vec<Piece> = Vec::new();
    for (table, source) in sources.iter().enumerate() {
        let may_cut = workers > 1 && server_version >= RANGES_SINCE && !source.forced;
        let count = source.bytes.div_ceil(target).min(u64::from(source.pages));
        if !may_cut || source.bytes < cut_from || count < 2 {
            pieces.push(Piece {
                table,
                pages: None,
                bytes: source.bytes,
            });
            continue;
        }
        let page = |n: u64| u32::try_from(u64::from(source.pages) * n / count).unwrap_or(u32::MAX);
        pieces.extend((0..count).map(|n| Piece {
            table,
            pages: Some((n > 0).then(|| page(n))..(n + 1 < count).then(|| page(n + 1))),
            bytes: source.bytes / count,
        }));
    }
    // Stable: the ranges of a table stay in their order.
    pieces.sort_by_key(|piece| std::cmp::Reverse(sources[piece.table].bytes));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(megabytes: u64) -> Source {
        Source {
            pages: u32::try_from(megabytes * 128).unwrap(),
            bytes: megabytes << 20,
            rows: 0,
            forced: false,
            file: 0,
        }
    }

    #[test]
    fn ranges_cover_every_page_once_and_the_last_has_no_end() {
        let pieces = cut(&[source(1), source(1000)], 2, 150_000, CUT_FROM);
        let ranges: Vec<_> = pieces
            .iter()
            .filter_map(|piece| piece.pages.clone())
            .collect();
        assert!(ranges.len() >= 12, "{ranges:?}");
        assert_eq!(ranges[0].start, None);
        assert_eq!(ranges.last().unwrap().end, None);
        assert!(ranges.windows(2).all(|two| two[0].end == two[1].start));
        assert!(
            ranges
                .iter()
                .filter_map(|range| Some(range.start? < range.end?))
                .all(|forward| forward)
        );
        assert_eq!(
            pieces.last().unwrap(),
            &Piece {
                table: 0,
                pages: None,
                bytes: 1 << 20
            }
        );
        assert_eq!(pieces[0].condition().unwrap().matches("ctid").count(), 1);
        assert_eq!(
            pieces[1].condition().unwrap(),
            format!(
                "ctid >= '({},0)'::tid AND ctid < '({},0)'::tid",
                ranges[1].start.unwrap(),
                ranges[1].end.unwrap()
            )
        );
    }

    #[test]
    fn nothing_is_cut_where_that_helps_nobody() {
        let forced = Source {
            forced: true,
            ..source(1000)
        };
        assert_eq!(cut(&[forced], 2, 150_000, CUT_FROM).len(), 1);
        assert_eq!(cut(&[source(1000)], 1, 150_000, CUT_FROM).len(), 1);
        assert_eq!(cut(&[source(1000)], 2, 130_000, CUT_FROM).len(), 1);
        assert_eq!(cut(&[source(100)], 2, 150_000, CUT_FROM).len(), 1);
        // A table whose rows are all in its TOAST table has few pages to cut at.
        let wide = Source {
            pages: 3,
            ..source(1000)
        };
        assert_eq!(cut(&[wide], 2, 150_000, CUT_FROM).len(), 3);
    }
}
