//! Databases and their roles on one server.

use secrecy::{ExposeSecret, SecretString};
use tokio_postgres::{Client, NoTls};

use super::error::ServerError;

/// The superuser of the sandbox's servers. The add-ons' roles are never superusers.
pub(super) const ADMIN: &str = "sandbox";

/// Where a server listens, and how the sandbox itself gets in.
#[derive(Clone, Debug)]
pub struct Server {
    port: u16,
    password: SecretString,
    major: u32,
}

/// A database with the one role that owns it, as a Heroku Postgres add-on has.
#[derive(Clone, Debug)]
pub struct Database {
    /// The server.
    pub server: Server,
    /// The database's name.
    pub name: String,
    /// The role that owns it and logs in.
    pub role: String,
    /// That role's password.
    pub password: SecretString,
}

impl Server {
    pub(super) fn new(port: u16, password: &str, major: u32) -> Self {
        Self {
            port,
            password: SecretString::from(password),
            major,
        }
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The server's major version.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.major
    }

    /// A session of the superuser, for what Heroku's own hands would do.
    ///
    /// # Errors
    /// [`ServerError::Sql`] where the server does not answer.
    pub async fn admin(&self, database: &str) -> Result<Client, ServerError> {
        connect(
            self.port,
            database,
            ADMIN,
            &self.password,
            "heroku-postgres",
        )
        .await
    }

    /// Makes a database and its role.
    ///
    /// The role is what Heroku's `default` credential is: owner of the database, no superuser, no
    /// replication, no role creation, member of the monitoring roles and `pg_signal_backend`
    /// (devcenter, heroku-postgresql-credentials).
    ///
    /// # Errors
    /// [`ServerError::Sql`].
    pub async fn create_database(
        &self,
        name: &str,
        role: &str,
        password: SecretString,
    ) -> Result<Database, ServerError> {
        let admin = self.admin("postgres").await?;
        create_role(&admin, role, &password).await?;
        let statements = [
            format!("CREATE DATABASE {name} OWNER {role}"),
            format!("REVOKE CONNECT, TEMPORARY ON DATABASE {name} FROM PUBLIC"),
        ];
        for statement in &statements {
            admin
                .batch_execute(statement)
                .await
                .map_err(sql("creating a database"))?;
        }
        Ok(Database {
            server: self.clone(),
            name: name.to_owned(),
            role: role.to_owned(),
            password,
        })
    }

    /// The same database with another password of its role.
    ///
    /// # Errors
    /// [`ServerError::Sql`].
    pub(crate) async fn rotate(
        &self,
        database: &Database,
        password: SecretString,
    ) -> Result<Database, ServerError> {
        let admin = self.admin("postgres").await?;
        admin
            .batch_execute(&format!(
                "ALTER ROLE {} PASSWORD '{}'",
                database.role,
                password.expose_secret()
            ))
            .await
            .map_err(sql("changing a password"))?;
        Ok(Database {
            password,
            ..database.clone()
        })
    }

    /// Ends every session of the database's role.
    ///
    /// # Errors
    /// [`ServerError::Sql`].
    pub(crate) async fn end_sessions(&self, database: &Database) -> Result<(), ServerError> {
        let admin = self.admin("postgres").await?;
        admin
            .batch_execute(&format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{}'",
                database.role
            ))
            .await
            .map_err(sql("ending sessions"))
    }

    /// Drops a database with everyone still in it, and its role.
    ///
    /// # Errors
    /// [`ServerError::Sql`].
    pub async fn drop_database(&self, database: &Database) -> Result<(), ServerError> {
        let admin = self.admin("postgres").await?;
        for statement in [
            format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", database.name),
            format!("DROP ROLE IF EXISTS {}", database.role),
        ] {
            admin
                .batch_execute(&statement)
                .await
                .map_err(sql("dropping a database"))?;
        }
        Ok(())
    }

    /// Makes another role that may log in to `database`, as a named credential is.
    ///
    /// # Errors
    /// [`ServerError::Sql`].
    pub async fn create_credential(
        &self,
        database: &Database,
        role: &str,
        password: &SecretString,
    ) -> Result<(), ServerError> {
        let admin = self.admin("postgres").await?;
        admin
            .batch_execute(&format!(
                "CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB PASSWORD '{}';
                 GRANT CONNECT ON DATABASE {} TO {role}",
                password.expose_secret(),
                database.name
            ))
            .await
            .map_err(sql("creating a credential"))
    }
}

async fn create_role(
    admin: &Client,
    role: &str,
    password: &SecretString,
) -> Result<(), ServerError> {
    // Names and passwords are made by the sandbox from letters and digits alone.
    let statement = format!(
        "CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION \
         IN ROLE pg_signal_backend, pg_monitor, pg_read_all_settings, pg_read_all_stats \
         PASSWORD '{}'",
        password.expose_secret()
    );
    admin
        .batch_execute(&statement)
        .await
        .map_err(sql("creating a role"))
}

impl Database {
    /// The URL as a config var holds it, password included.
    #[must_use]
    pub fn url(&self) -> SecretString {
        self.url_for(&self.role, &self.password)
    }

    /// The URL of another role of this database.
    #[must_use]
    pub fn url_for(&self, role: &str, password: &SecretString) -> SecretString {
        SecretString::from(format!(
            "postgres://{role}:{}@127.0.0.1:{}/{}",
            password.expose_secret(),
            self.server.port,
            self.name
        ))
    }

    /// `host:port/database`: which physical database this is.
    #[must_use]
    pub fn location(&self) -> String {
        format!("127.0.0.1:{}/{}", self.server.port, self.name)
    }

    /// A session of the owning role.
    ///
    /// # Errors
    /// [`ServerError::Sql`] where the database does not answer.
    pub async fn connect(&self, application: &str) -> Result<Client, ServerError> {
        connect(
            self.server.port,
            &self.name,
            &self.role,
            &self.password,
            application,
        )
        .await
    }

    /// A session of the superuser in this database.
    ///
    /// # Errors
    /// [`ServerError::Sql`] where the database does not answer.
    pub async fn admin(&self) -> Result<Client, ServerError> {
        self.server.admin(&self.name).await
    }
}

async fn connect(
    port: u16,
    database: &str,
    role: &str,
    password: &SecretString,
    application: &str,
) -> Result<Client, ServerError> {
    let (client, connection) = tokio_postgres::Config::new()
        .host("127.0.0.1")
        .port(port)
        .dbname(database)
        .user(role)
        .password(password.expose_secret())
        .application_name(application)
        .connect(NoTls)
        .await
        .map_err(sql("connecting"))?;
    tokio::spawn(async move {
        // The error reaches whoever uses the client.
        let _ = connection.await;
    });
    Ok(client)
}

fn sql(what: &'static str) -> impl Fn(tokio_postgres::Error) -> ServerError {
    move |source| ServerError::Sql { what, source }
}
