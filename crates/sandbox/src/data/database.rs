//! What the Data API tells about a database.

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::wait;
use crate::servers::{Database, ServerError};
use crate::world::{Addon, World};

/// What only the database itself knows.
struct Measured {
    bytes: i64,
    tables: i64,
    sessions: i64,
    version: String,
}

async fn measure(database: &Database) -> Result<Measured, ServerError> {
    let sql = |source| ServerError::Sql {
        what: "measuring a database",
        source,
    };
    let admin = database.admin().await?;
    let row = admin
        .query_one(
            "SELECT pg_database_size(current_database()),
                    (SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p')
                        AND relnamespace NOT IN (SELECT oid FROM pg_namespace
                            WHERE nspname IN ('pg_catalog', 'information_schema', 'pg_toast'))),
                    (SELECT count(*) FROM pg_stat_activity
                        WHERE datname = current_database() AND usename <> current_user),
                    split_part(current_setting('server_version'), ' ', 1)",
            &[],
        )
        .await
        .map_err(sql)?;
    Ok(Measured {
        bytes: row.get(0),
        tables: row.get(1),
        sessions: row.get(2),
        version: row.get(3),
    })
}

pub(super) async fn info(world: &World, addon: &Addon) -> Value {
    let measured = match &addon.database {
        Some(database) => measure(database).await.ok(),
        None => None,
    };
    let database = addon.database.as_ref();
    let waiting = wait::is_waiting(world, addon);
    let (server_id, id) = (addon.app.to_string(), addon.id.to_string());
    json!({
        "addon_id": id,
        "name": addon.name,
        "heroku_resource_id": id,
        "created_at": addon.created_at.strftime("%Y-%m-%d %H:%M:%S +0000").to_string(),
        "formation": { "id": server_id, "primary": id },
        "metaas_source": addon.name,
        "metaas_server_source": addon.name,
        "plan": addon.plan.short_name(),
        "port": database.map_or(5432, |database| database.server.port()),
        "database_name": database.map(|database| database.name.clone()),
        "database_user": database.map(|database| database.role.clone()),
        "database_password": database.map_or("", |database| database.password.expose_secret()),
        "target_transaction": null,
        "available_for_ingress": !waiting,
        "resource_url": database.map(|database| database.url().expose_secret().to_owned()),
        "waiting?": waiting,
        "credentials": 1 + addon.credentials.len(),
        "following": addon.following,
        "leader": null,
        "info": rows(addon, measured.as_ref(), waiting),
        "valid": "true",
        "num_bytes": measured.map_or(0, |measured| measured.bytes),
    })
}

fn rows(addon: &Addon, measured: Option<&Measured>, waiting: bool) -> Value {
    let row = |name: &str, value: String| json!({ "name": name, "values": [value] });
    let mut rows = vec![
        row("Plan", addon.plan.human_name.to_owned()),
        row(
            "Status",
            if waiting { "Preparing" } else { "Available" }.to_owned(),
        ),
    ];
    if let Some(measured) = measured {
        let megabytes = measured.bytes / (1 << 20);
        rows.extend([
            row(
                "Data Size",
                format!("{megabytes} MB / 64 GB (0.00%) (In compliance)"),
            ),
            row("Tables", measured.tables.to_string()),
            row("PG Version", measured.version.clone()),
            row("Connections", format!("{}/120", measured.sessions)),
        ]);
    }
    rows.extend([
        row("Connection Pooling", "Available".to_owned()),
        row("Credentials", (1 + addon.credentials.len()).to_string()),
        row(
            "Fork/Follow",
            if waiting { "Unavailable" } else { "Available" }.to_owned(),
        ),
        row("Rollback", "earliest from a day ago".to_owned()),
        row(
            "Created",
            addon.created_at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        ),
        row("Region", "us".to_owned()),
        row("Maintenance", "not required".to_owned()),
    ]);
    if let Some(leader) = &addon.following {
        rows.push(json!({ "name": "Following", "values": [leader], "resolve_db_name": true }));
    }
    rows.into()
}

/// The default credential first, then the named ones.
pub(super) fn credentials(addon: &Addon) -> Vec<Value> {
    let Some(database) = &addon.database else {
        return Vec::new();
    };
    let one = |name: &str, role: &str, password: &secrecy::SecretString| {
        json!({
            "uuid": addon.id,
            "name": name,
            "state": "active",
            "database": database.name,
            "host": "127.0.0.1",
            "port": database.server.port(),
            "credentials": [
                { "user": role, "password": password.expose_secret(), "state": "active" }
            ],
        })
    };
    let default = one("default", &database.role, &database.password);
    let named = addon
        .credentials
        .iter()
        .map(|each| one(&each.name, &each.role, &each.password));
    std::iter::once(default).chain(named).collect()
}
