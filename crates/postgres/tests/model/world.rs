//! An old and a new database with the model's tables.

use connect_swap_postgres::{
    Error, Inventory, ManagedSpec, Part, Purpose, Session, Tools, carry_schema, connect, inventory,
    pg_tools, server_info,
};

use crate::cluster::{Cluster, Databases, pair};

const TABLES: &str = include_str!("tables.sql");

/// The tables that rows are in, and whose rows must be the same in the end.
pub(crate) const EQUAL: [&str; 23] = [
    "m.account",
    "m.audit",
    "m.slot",
    "m.deferred_key",
    "\"Other \"\"one\"\"\".\"It's\"",
    "m.by_uuid",
    "m.insensitive",
    "m.nondeterministic",
    "m.number",
    "m.computed",
    "m.ranged_1",
    "m.ranged_2a",
    "m.ranged_2b",
    "m.ranged_rest",
    "m.hashed_0",
    "m.hashed_1",
    "m.animal",
    "m.dog",
    "m.owner",
    "m.pet",
    "m.toy_0",
    "m.toy_1",
    FLEETING,
];

/// Emptied by a crash of its server.
pub(crate) const FLEETING: &str = "m.fleeting";
/// Not followed row by row.
pub(crate) const KEYLESS: &str = "m.keyless";

/// One of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Old,
    New,
}

impl Side {
    pub(crate) fn server(self) -> &'static Cluster {
        match self {
            Self::Old => &pair().0,
            Self::New => &pair().1,
        }
    }
}

/// The databases, with what the crate must know of them.
pub(crate) struct World {
    pub(crate) databases: Databases,
    pub(crate) tools: Tools,
}

impl World {
    /// Makes the tables on the old side and carries them to the new one.
    pub(crate) async fn make() -> Self {
        let databases = Databases::make().await;
        for (side, url) in [(Side::Old, &databases.old), (Side::New, &databases.new)] {
            prepare(side, url.database()).await;
        }
        let old = databases.old_session().await;
        old.batch_execute(TABLES).await.unwrap();
        let inventory = of_customer(&old).await.unwrap();
        let tools = pg_tools(server_info(&old).await.unwrap().major).unwrap();
        let carry = carry_schema(
            &tools,
            &databases.old,
            &databases.new,
            &inventory,
            Part::BeforeWindow,
            |_| {},
        );
        let _ = carry.await.unwrap();
        Self { databases, tools }
    }

    /// An ordinary session of the app. It waits for no lock for long: others
    /// wait behind it, and a round is looked at from a session of its own.
    pub(crate) async fn app(&self) -> Session {
        again(async || {
            let session = connect(&self.databases.old, Purpose::AsApp, "app")
                .await
                .ok()?;
            session
                .batch_execute("SET lock_timeout = '50ms'")
                .await
                .ok()?;
            Some(session)
        })
        .await
    }

    pub(crate) fn url(&self, side: Side) -> &connect_swap_postgres::DatabaseUrl {
        match side {
            Side::Old => &self.databases.old,
            Side::New => &self.databases.new,
        }
    }
}

/// What is in the database; no mapping owns any of it.
pub(crate) async fn of_customer(session: &Session) -> Result<Inventory, Error> {
    let spec = ManagedSpec {
        schema: "salesforce".into(),
        tables: Vec::new(),
    };
    inventory(session, &spec).await
}

/// What makes faults likely: commits that nobody waits for stay in memory for
/// long, on the new side all of them; deadlocks are found at once.
async fn prepare(side: Side, database: &str) {
    let boss = side.server().superuser("postgres").await;
    for setting in ["wal_writer_delay = '10s'", "autovacuum = off"] {
        boss.batch_execute(&format!("ALTER SYSTEM SET {setting}"))
            .await
            .unwrap();
    }
    boss.batch_execute(&format!(
        "SELECT pg_reload_conf(); ALTER DATABASE {database} SET deadlock_timeout = '20ms'"
    ))
    .await
    .unwrap();
    if side == Side::New {
        boss.batch_execute(&format!(
            "ALTER DATABASE {database} SET synchronous_commit = off"
        ))
        .await
        .unwrap();
    }
}

/// Asks until there is an answer, as while a server starts again: for a minute
/// at most.
pub(crate) async fn again<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(
            std::time::Instant::now() < until,
            "no answer within a minute"
        );
        tokio::task::yield_now().await;
    }
}
