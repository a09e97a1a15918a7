//! The two servers together.

use tempfile::TempDir;
use tokio::sync::Mutex;

use super::account::Account;
use super::binaries::find_installation;
use super::cluster::Cluster;
use super::database::Server;
use super::directory;
use super::error::ServerError;
use super::watchdog::Watchdog;

/// Which of the two servers a database belongs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// Databases that were there before the sandbox's clients came.
    Old,
    /// Databases created through the API: never on the same server as an old one.
    New,
}

/// Both servers. Dropping it stops them and removes their files.
#[derive(Debug)]
pub struct ServerPair {
    // In the order of dropping: the watchdog is called off, the servers stop, the files go.
    _watchdog: Watchdog,
    old: Mutex<Cluster>,
    new: Mutex<Cluster>,
    _directory: TempDir,
    servers: [Server; 2],
}

impl ServerPair {
    /// Initialises and starts both servers side by side.
    ///
    /// # Errors
    /// [`ServerError`]: no programs, no account to run as, or a server that does not come up.
    pub async fn start(password: &str) -> Result<Self, ServerError> {
        Self::start_with(password, &[]).await
    }

    /// The same with further settings for both, as `name=value`.
    ///
    /// # Errors
    /// As [`ServerPair::start`]; a server does not come up with a setting that it does not know.
    pub async fn start_with(password: &str, settings: &[String]) -> Result<Self, ServerError> {
        let installation = find_installation()?;
        let account = Account::to_drop_to()?;
        let directory = directory::create(account)?;
        let watchdog = Watchdog::start(directory.path())?;
        let path = |name: &str| directory.path().join(name);
        let (old_path, new_path) = (path("old"), path("new"));
        let (old, new) = tokio::join!(
            Cluster::create(&installation, &old_path, account, password, settings),
            Cluster::create(&installation, &new_path, account, password, settings),
        );
        let (old, new) = (old?, new?);
        Ok(Self {
            servers: [old.server.clone(), new.server.clone()],
            _watchdog: watchdog,
            old: Mutex::new(old),
            new: Mutex::new(new),
            _directory: directory,
        })
    }

    /// The server for databases of `generation`.
    #[must_use]
    pub fn server(&self, generation: Generation) -> &Server {
        match generation {
            Generation::Old => &self.servers[0],
            Generation::New => &self.servers[1],
        }
    }

    pub(super) fn cluster(&self, generation: Generation) -> &Mutex<Cluster> {
        match generation {
            Generation::Old => &self.old,
            Generation::New => &self.new,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::SecretString;

    #[tokio::test]
    async fn an_add_ons_role_owns_its_database_and_little_else() {
        let pair = ServerPair::start("adminsecret").await.unwrap();
        let password = SecretString::from("secret1");
        let database = pair
            .server(Generation::New)
            .create_database("d1", "u1", password)
            .await
            .unwrap();
        let client = database.connect("test").await.unwrap();
        client
            .batch_execute("CREATE SCHEMA shop; CREATE TABLE t (n int); CREATE EXTENSION hstore")
            .await
            .unwrap();
        let refused = client
            .batch_execute("SET session_replication_role = replica")
            .await;
        assert!(refused.is_err(), "a database owner is no superuser");
        let row = client
            .query_one(
                "SELECT rolsuper, rolcreaterole, rolreplication, \
                 pg_has_role('u1', 'pg_signal_backend', 'MEMBER') FROM pg_roles \
                 WHERE rolname = current_user",
                &[],
            )
            .await
            .unwrap();
        let flags = (0..4).map(|i| row.get::<_, bool>(i)).collect::<Vec<_>>();
        assert_eq!(flags, [false, false, false, true]);

        let ports = [Generation::Old, Generation::New].map(|g| pair.server(g).port());
        assert_ne!(ports[0], ports[1]);
        database.server.drop_database(&database).await.unwrap();
        assert!(database.connect("test").await.is_err());
    }

    #[tokio::test]
    async fn stopping_leaves_neither_process_nor_file() {
        let pair = ServerPair::start("adminsecret").await.unwrap();
        let directory = pair._directory.path().to_path_buf();
        let server = pair.server(Generation::Old).clone();
        drop(pair);
        assert!(!directory.exists());
        assert!(server.admin("postgres").await.is_err());
    }
}
