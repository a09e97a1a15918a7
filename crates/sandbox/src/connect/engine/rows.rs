//! Rows on their way into a table.

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::SinkExt;
use serde_json::{Map, Value};
use tokio_postgres::Client;

use crate::connect::ddl::{Column, quote};
use crate::connect::error::ConnectError;

/// A row's values in the order of its columns.
pub(crate) type Row = Vec<Option<String>>;

/// Copies rows into a table that has none of them.
pub(crate) async fn copy_in(
    client: &Client,
    table: &str,
    columns: &[Column],
    rows: &[Row],
) -> Result<u64, ConnectError> {
    let names = column_list(columns, "");
    let sink = client
        .copy_in::<_, Bytes>(&format!("COPY {table} ({names}) FROM STDIN"))
        .await?;
    let mut sink = std::pin::pin!(sink);
    let mut buffer = BytesMut::with_capacity(1 << 16);
    for row in rows {
        encode(row, &mut buffer);
        if buffer.len() > 60_000 {
            sink.send(buffer.split().freeze()).await?;
        }
    }
    sink.send(buffer.freeze()).await?;
    Ok(sink.as_mut().finish().await?)
}

/// Inserts rows, or updates those whose `sfid` is there. A row that the app inserted and that has
/// no `sfid` yet is recognised by the upsert field.
pub(crate) async fn merge(
    client: &Client,
    table: &str,
    columns: &[Column],
    upsert_column: Option<&str>,
    rows: &[Row],
) -> Result<(), ConnectError> {
    let json = as_json(columns, rows);
    let source = format!("jsonb_populate_recordset(NULL::{table}, ($1::text)::jsonb) AS r");
    if let Some(key) = upsert_column.map(quote) {
        let adopt = format!(
            "UPDATE {table} t SET sfid = r.sfid FROM {source} WHERE t.sfid IS NULL AND t.{key} = r.{key}"
        );
        client.execute(&adopt, &[&json]).await?;
    }
    let names = column_list(columns, "");
    let values = column_list(columns, "r.");
    let sets = assignments(columns, "EXCLUDED.");
    let sql = format!(
        "INSERT INTO {table} ({names}) SELECT {values} FROM {source} ON CONFLICT (sfid) DO UPDATE SET {sets}"
    );
    client.execute(&sql, &[&json]).await?;
    Ok(())
}

/// Fills some columns of rows that are there; the first of `columns` is `sfid`.
pub(crate) async fn fill(
    client: &Client,
    table: &str,
    columns: &[Column],
    rows: &[Row],
) -> Result<(), ConnectError> {
    let sets = assignments(&columns[1..], "r.");
    let sql = format!(
        "UPDATE {table} t SET {sets} FROM jsonb_populate_recordset(NULL::{table}, ($1::text)::jsonb) AS r \
         WHERE t.sfid = r.sfid"
    );
    client.execute(&sql, &[&as_json(columns, rows)]).await?;
    Ok(())
}

fn column_list(columns: &[Column], prefix: &str) -> String {
    columns
        .iter()
        .map(|column| format!("{prefix}{}", quote(&column.name)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn assignments(columns: &[Column], prefix: &str) -> String {
    let set = |column: &Column| format!("{0} = {prefix}{0}", quote(&column.name));
    columns.iter().map(set).collect::<Vec<_>>().join(", ")
}

fn as_json(columns: &[Column], rows: &[Row]) -> String {
    let object = |row: &Row| {
        let pairs = columns.iter().zip(row);
        Value::Object(
            pairs
                .map(|(column, value)| (column.name.clone(), value.clone().into()))
                .collect::<Map<_, _>>(),
        )
    };
    Value::Array(rows.iter().map(object).collect()).to_string()
}

/// One line of COPY's text format.
fn encode(row: &Row, buffer: &mut BytesMut) {
    for (n, value) in row.iter().enumerate() {
        if n > 0 {
            buffer.put_u8(b'\t');
        }
        match value {
            None => buffer.put_slice(b"\\N"),
            Some(text) => escape(text.as_bytes(), buffer),
        }
    }
    buffer.put_u8(b'\n');
}

fn escape(bytes: &[u8], buffer: &mut BytesMut) {
    for byte in bytes {
        match byte {
            b'\\' => buffer.put_slice(b"\\\\"),
            b'\n' => buffer.put_slice(b"\\n"),
            b'\r' => buffer.put_slice(b"\\r"),
            b'\t' => buffer.put_slice(b"\\t"),
            other => buffer.put_u8(*other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_escaped_and_null_is_not_text() {
        let mut buffer = BytesMut::new();
        encode(&vec![Some("a\tb\\N\n".to_owned()), None], &mut buffer);
        assert_eq!(&buffer[..], b"a\\tb\\\\N\\n\t\\N\n");
    }
}
