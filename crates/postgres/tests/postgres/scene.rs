//! The databases that the tests look at: an old one with Connect's and an
//! application's objects, and a new one in which Connect has made its own.

use connect_swap_postgres::{
    Access, CarryReport, CompareOptions, Comparison, CopyOptions, Error, Forced, Inventory,
    KeysValidated, LoadReport, ManagedIndex, ManagedSpec, ManagedTable, Part, Session, TableCopied,
    TableRef, Tools, Workers, Writers, carry_schema, compare_rows, copy_large_objects, copy_tables,
    inventory, load_tables, pg_tools, server_info, validate_keys,
};

use crate::cluster::Databases;

const CONNECT: &str = include_str!("connect.sql");
const CUSTOMER: &str = include_str!("customer.sql");

/// What the mappings of these databases own.
pub(crate) fn spec() -> ManagedSpec {
    let table = |name: &str, columns: &[&str], access| ManagedTable {
        name: name.into(),
        columns: columns.iter().map(|&column| column.to_owned()).collect(),
        indexes: vec![ManagedIndex {
            column: "systemmodstamp".into(),
            unique: false,
        }],
        access,
    };
    ManagedSpec {
        schema: "salesforce".into(),
        tables: vec![
            table(
                "account",
                &["name", "systemmodstamp", "isdeleted", "extid__c"],
                Access::ReadWrite,
            ),
            table(
                "contact",
                &["email", "systemmodstamp", "isdeleted"],
                Access::ReadOnly,
            ),
        ],
    }
}

pub(crate) struct Scene {
    pub databases: Databases,
    pub(crate) old: Session,
    pub(crate) new: Session,
}

impl Scene {
    /// Connect's objects on both sides; the new side has one more column.
    pub(crate) async fn connect_only() -> Self {
        let databases = Databases::make().await;
        let (old, new) = (databases.old_session().await, databases.new_session().await);
        old.batch_execute(CONNECT).await.unwrap();
        new.batch_execute(CONNECT).await.unwrap();
        new.batch_execute("ALTER TABLE salesforce.account ADD COLUMN industry varchar(255)")
            .await
            .unwrap();
        Self {
            databases,
            old,
            new,
        }
    }

    /// And an application's objects and rows on the old side.
    pub(crate) async fn full() -> Self {
        let scene = Self::connect_only().await;
        scene.old.batch_execute(CUSTOMER).await.unwrap();
        // The objects' own file changes this one; the sessions' setting is on.
        scene
            .old
            .batch_execute("SET check_function_bodies = on")
            .await
            .unwrap();
        scene
    }

    pub(crate) async fn inventory(&self) -> Inventory {
        inventory(&self.old, &spec()).await.unwrap()
    }

    pub(crate) async fn tools(&self) -> Tools {
        pg_tools(server_info(&self.old).await.unwrap().major).unwrap()
    }

    pub(crate) async fn carry(&self, part: Part) -> CarryReport {
        self.try_carry(part).await.unwrap()
    }

    pub(crate) async fn try_carry(&self, part: Part) -> Result<CarryReport, Error> {
        let (tools, inventory) = (self.tools().await, self.inventory().await);
        let (old, new) = (&self.databases.old, &self.databases.new);
        spawnable(carry_schema(&tools, old, new, &inventory, part, |_| {})).await
    }
}

/// Three workers for anything and one for small tables.
pub(crate) const COPY: CopyOptions = CopyOptions {
    workers: Workers { any: 3, small: 1 },
    throttle: None,
    cut_from: 128 << 20,
    writers: Writers::KeptOut,
};

impl Scene {
    pub(crate) async fn copy(&self, tables: &[TableRef]) -> Result<Vec<TableCopied>, Error> {
        let inventory = self.inventory().await;
        let (old, new) = (&self.databases.old, &self.databases.new);
        spawnable(copy_tables(old, new, &inventory, tables, COPY, |_| {})).await
    }

    pub(crate) async fn try_load(&self) -> Result<LoadReport, Error> {
        let (tools, inventory) = (self.tools().await, self.inventory().await);
        let (old, new) = (&self.databases.old, &self.databases.new);
        let tables = inventory.tables_to_copy();
        copy_large_objects(old, new).await?;
        spawnable(load_tables(
            &tools,
            old,
            new,
            &inventory,
            &tables,
            COPY,
            |_| {},
        ))
        .await
    }

    pub(crate) async fn load(&self) -> LoadReport {
        self.try_load().await.unwrap()
    }

    pub(crate) async fn validate(&self) -> KeysValidated {
        let inventory = self.inventory().await;
        let new = &self.databases.new;
        spawnable(validate_keys(&self.old, new, &inventory, |_, _, _| {}))
            .await
            .unwrap()
    }

    pub(crate) async fn compare(&self, tables: &[TableRef]) -> Comparison {
        let options = CompareOptions {
            workers: 3,
            forced: Forced::Lift,
        };
        let (old, new) = (&self.databases.old, &self.databases.new);
        spawnable(compare_rows(old, new, tables, options))
            .await
            .unwrap()
    }
}

/// A future that may run on any thread, as every future of the crate may.
pub(crate) fn spawnable<F: Future + Send>(future: F) -> F {
    future
}

/// The single value that a query gives, as text.
pub(crate) async fn value(session: &Session, sql: &str) -> String {
    let row = session
        .query_one(&format!("SELECT ({sql})::text"), &[])
        .await
        .unwrap();
    row.get::<_, Option<String>>(0)
        .unwrap_or_else(|| "NULL".into())
}
