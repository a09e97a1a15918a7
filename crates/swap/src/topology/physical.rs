//! Which database an address and a connection really lead to.

use connect_swap_heroku::connect::Connection;
use connect_swap_postgres::DatabaseUrl;

use super::subject::Physical;

/// Where an address leads.
pub fn physical(url: &DatabaseUrl) -> Physical {
    Physical {
        host: url.host().to_owned(),
        port: url.port(),
        database: url.database().to_owned(),
    }
}

/// Which database a connection syncs with at this moment, as Connect itself says.
pub fn target(connection: &Connection) -> Option<Physical> {
    connection.database.as_ref().map(|database| Physical {
        host: database.host.clone(),
        port: database.port,
        database: database.database.clone(),
    })
}
