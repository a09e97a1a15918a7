//! What kind of server this is, and how full it is.

use serde::Serialize;

use crate::Error;
use crate::session::Session;

/// Facts about a server, a database and the role that is logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServerInfo {
    /// `server_version_num`, such as 150018.
    pub version_num: i32,
    /// The major version, such as 15.
    pub major: u32,
    /// Whether it is a standby (a follower): `pg_is_in_recovery()`.
    pub in_recovery: bool,
    /// Size of the database in bytes.
    pub size_bytes: i64,
    /// The database's encoding, such as `UTF8`.
    pub encoding: String,
    /// The database's `LC_COLLATE`.
    pub collate: String,
    /// The database's `LC_CTYPE`.
    pub ctype: String,
    /// The role that is logged in.
    pub user: String,
    /// Whether that role is a superuser.
    pub is_superuser: bool,
    /// The server's `max_connections`.
    pub max_connections: i32,
    /// The role's own limit; `None` where it has none.
    pub role_connection_limit: Option<i32>,
    /// Client sessions open now on the whole server, as far as they are seen.
    pub connections_used: i64,
    /// Whether a plain new session of this role would be read-only: a standby,
    /// or `default_transaction_read_only` set for database or role.
    pub read_only: bool,
}

const QUERY: &str = "\
SELECT pg_catalog.current_setting('server_version_num')::int4,
       pg_catalog.pg_is_in_recovery(),
       pg_catalog.pg_database_size(d.oid),
       pg_catalog.pg_encoding_to_char(d.encoding)::text,
       d.datcollate::text, d.datctype::text,
       current_user::text, r.rolsuper,
       pg_catalog.current_setting('max_connections')::int4,
       r.rolconnlimit,
       (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE coalesce(backend_type, 'client backend') = 'client backend' AND datname IS NOT NULL)
FROM pg_catalog.pg_database d, pg_catalog.pg_roles r
WHERE d.datname = pg_catalog.current_database() AND r.rolname = current_user";

/// Reads the facts about the session's server and database.
///
/// # Errors
/// When the server cannot be asked.
pub async fn server_info(session: &Session) -> Result<ServerInfo, Error> {
    let row = session.query_one(QUERY, &[]).await?;
    let version_num: i32 = row.try_get(0)?;
    let in_recovery: bool = row.try_get(1)?;
    let limit: i32 = row.try_get(9)?;
    Ok(ServerInfo {
        version_num,
        major: u32::try_from(version_num / 10_000)
            .map_err(|_| Error::Protocol(format!("server version {version_num}")))?,
        in_recovery,
        size_bytes: row.try_get(2)?,
        encoding: row.try_get(3)?,
        collate: row.try_get(4)?,
        ctype: row.try_get(5)?,
        user: row.try_get(6)?,
        is_superuser: row.try_get(7)?,
        max_connections: row.try_get(8)?,
        role_connection_limit: (limit >= 0).then_some(limit),
        connections_used: row.try_get(10)?,
        read_only: in_recovery || crate::fence::is_fenced(session).await?,
    })
}

/// How many large objects the role may not read, and so not copy: those of
/// others that are not granted to it (`pg_largeobject_metadata`).
///
/// # Errors
/// When the server cannot be asked.
pub async fn unreadable_large_objects(session: &Session) -> Result<i64, Error> {
    let row = session
        .query_one(
            "SELECT count(*) FROM pg_catalog.pg_largeobject_metadata m \
             WHERE NOT pg_catalog.pg_has_role(current_user, m.lomowner, 'USAGE') \
               AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(m.lomacl) x WHERE x.privilege_type = 'SELECT' \
                     AND (x.grantee = 0 OR pg_catalog.pg_has_role(current_user, x.grantee, 'USAGE')))",
            &[],
        )
        .await?;
    Ok(row.try_get(0)?)
}

/// How many large objects there are, and the bytes that all of them take
/// (`pg_largeobject`, which itself may not be read).
///
/// # Errors
/// When the server cannot be asked.
pub async fn large_objects(session: &Session) -> Result<(u64, u64), Error> {
    let row = session
        .query_one(
            "SELECT count(*), pg_catalog.pg_total_relation_size('pg_catalog.pg_largeobject'::pg_catalog.regclass) \
             FROM pg_catalog.pg_largeobject_metadata",
            &[],
        )
        .await?;
    let number = |value: i64| u64::try_from(value).unwrap_or(0);
    Ok((number(row.try_get(0)?), number(row.try_get(1)?)))
}
