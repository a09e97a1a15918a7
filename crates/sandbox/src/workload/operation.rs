//! One operation of the app: a transaction, or a single statement.

use tokio_postgres::{Client, Error};

use super::schema::{ManagedWrites, Workload};
use crate::connect::ddl::quote;

/// What the app does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// An order, its items and an audit entry, in one transaction.
    PlaceOrder {
        reference: String,
        items: Vec<String>,
        total: i32,
        note: String,
    },
    /// A new total, with an audit entry, in one transaction.
    ChangeOrder {
        reference: String,
        total: i32,
        note: String,
    },
    /// The order goes, and its items with it.
    CancelOrder {
        reference: String,
        items: Vec<String>,
    },
    /// A new row of a managed table.
    Create {
        writes: ManagedWrites,
        key: String,
        value: String,
    },
    /// A changed row of a managed table.
    Change {
        writes: ManagedWrites,
        key: String,
        value: String,
    },
}

/// What one operation leaves behind in one row: `value` is `None` where the row is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Write {
    pub(crate) table: String,
    pub(crate) key: String,
    pub(crate) value: Option<String>,
}

/// The rows that a dyno made and may still change: nobody else touches them, so the last
/// acknowledged value of each is what must be found later.
#[derive(Debug, Default)]
pub(super) struct OwnRows {
    orders: Vec<(String, Vec<String>)>,
    managed: Vec<(ManagedWrites, String)>,
}

impl Operation {
    /// Decides what comes next.
    pub(super) fn next(
        rng: &mut fastrand::Rng,
        workload: &Workload,
        own: &OwnRows,
    ) -> Option<Self> {
        let managed = !workload.managed.is_empty() && (!workload.orders || rng.u8(..4) == 0);
        if managed {
            return Some(Self::managed(rng, workload, own));
        }
        workload.orders.then(|| Self::order(rng, own))
    }

    fn managed(rng: &mut fastrand::Rng, workload: &Workload, own: &OwnRows) -> Self {
        let value = format!("Sandbox {}", rng.u32(..));
        if !own.managed.is_empty() && rng.u8(..3) == 0 {
            let (writes, key) = own.managed[rng.usize(..own.managed.len())].clone();
            return Self::Change { writes, key, value };
        }
        let writes = workload.managed[rng.usize(..workload.managed.len())].clone();
        Self::Create {
            writes,
            key: key(rng),
            value,
        }
    }

    fn order(rng: &mut fastrand::Rng, own: &OwnRows) -> Self {
        let total = rng.i32(1..100_000);
        let note = key(rng);
        match (rng.u8(..8), own.orders.len()) {
            (0 | 1, 1..) => {
                let (reference, _) = own.orders[rng.usize(..own.orders.len())].clone();
                Self::ChangeOrder {
                    reference,
                    total,
                    note,
                }
            }
            (2, 1..) => {
                let (reference, items) = own.orders[rng.usize(..own.orders.len())].clone();
                Self::CancelOrder { reference, items }
            }
            _ => {
                let items = (0..rng.usize(1..4)).map(|_| key(rng)).collect();
                Self::PlaceOrder {
                    reference: key(rng),
                    items,
                    total,
                    note,
                }
            }
        }
    }

    /// The rows it touches and what they hold afterwards.
    pub(super) fn writes(&self) -> Vec<Write> {
        let write = |table: &str, key: &str, value: Option<String>| Write {
            table: table.to_owned(),
            key: key.to_owned(),
            value,
        };
        let item = |key: &String| write("public.order_items", key, Some("1".to_owned()));
        let no_item = |key: &String| write("public.order_items", key, None);
        match self {
            Self::PlaceOrder {
                reference,
                items,
                total,
                note,
            } => {
                let mut all = vec![write("public.orders", reference, Some(total.to_string()))];
                all.extend(items.iter().map(item));
                all.push(write("public.audit_log", note, Some("placed".to_owned())));
                all
            }
            Self::ChangeOrder {
                reference,
                total,
                note,
            } => vec![
                write("public.orders", reference, Some(total.to_string())),
                write("public.audit_log", note, Some("changed".to_owned())),
            ],
            Self::CancelOrder { reference, items } => {
                let mut all = vec![write("public.orders", reference, None)];
                all.extend(items.iter().map(no_item));
                all
            }
            Self::Create { writes, key, value } | Self::Change { writes, key, value } => {
                let table = format!("{}.{}", writes.schema, writes.table);
                vec![write(&table, key, Some(value.clone()))]
            }
        }
    }

    /// Takes note of an acknowledged operation, so that later ones may build on it.
    pub(super) fn note(&self, own: &mut OwnRows) {
        match self {
            Self::PlaceOrder {
                reference, items, ..
            } => {
                own.orders.push((reference.clone(), items.clone()));
            }
            Self::CancelOrder { reference, .. } => own.forget(reference),
            Self::Create { writes, key, .. } => own.managed.push((writes.clone(), key.clone())),
            Self::ChangeOrder { .. } | Self::Change { .. } => {}
        }
    }

    /// After an unknown outcome the app leaves those rows alone.
    pub(super) fn leave_alone(&self, own: &mut OwnRows) {
        for write in self.writes() {
            own.forget(&write.key);
        }
    }

    /// Does it. The error of a commit is returned apart: its outcome is unknown.
    pub(super) async fn execute(&self, client: &mut Client) -> Result<(), Failure> {
        match self {
            Self::PlaceOrder {
                reference,
                items,
                total,
                note,
            } => {
                let transaction = client.transaction().await.map_err(Failure::Before)?;
                let row = transaction
                    .query_one(
                        "INSERT INTO public.orders (reference, total) VALUES ($1, $2) RETURNING id",
                        &[reference, total],
                    )
                    .await
                    .map_err(Failure::Before)?;
                let order = row.get::<_, i64>(0);
                for item in items {
                    transaction
                        .execute(
                            "INSERT INTO public.order_items (order_id, reference) VALUES ($1, $2)",
                            &[&order, item],
                        )
                        .await
                        .map_err(Failure::Before)?;
                }
                transaction
                    .execute(AUDIT, &[note, &"placed"])
                    .await
                    .map_err(Failure::Before)?;
                transaction.commit().await.map_err(Failure::AtCommit)
            }
            Self::ChangeOrder {
                reference,
                total,
                note,
            } => {
                let transaction = client.transaction().await.map_err(Failure::Before)?;
                transaction
                    .execute(
                        "UPDATE public.orders SET total = $2 WHERE reference = $1",
                        &[reference, total],
                    )
                    .await
                    .map_err(Failure::Before)
                    .and_then(exactly_one)?;
                transaction
                    .execute(AUDIT, &[note, &"changed"])
                    .await
                    .map_err(Failure::Before)?;
                transaction.commit().await.map_err(Failure::AtCommit)
            }
            Self::CancelOrder { reference, .. } => client
                .execute(
                    "DELETE FROM public.orders WHERE reference = $1",
                    &[reference],
                )
                .await
                .map_err(Failure::AtCommit)
                .and_then(exactly_one),
            Self::Create { writes, key, value } => client
                .execute(&insert(writes), &[key, value])
                .await
                .map_err(Failure::AtCommit)
                .and_then(exactly_one),
            Self::Change { writes, key, value } => client
                .execute(&update(writes), &[key, value])
                .await
                .map_err(Failure::AtCommit)
                .and_then(exactly_one),
        }
    }
}

/// Where an operation failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// Before its commit: nothing was written.
    Before(Error),
    /// In its commit, or in a statement that commits itself.
    AtCommit(Error),
    /// The row that the app made is not there: nothing was written.
    RowMissing,
}

const AUDIT: &str = "INSERT INTO public.audit_log (reference, note) VALUES ($1, $2)";

fn exactly_one(rows: u64) -> Result<(), Failure> {
    if rows == 1 {
        Ok(())
    } else {
        Err(Failure::RowMissing)
    }
}

impl OwnRows {
    fn forget(&mut self, key: &str) {
        self.orders.retain(|(reference, _)| reference != key);
        self.managed.retain(|(_, own)| own != key);
    }
}

fn key(rng: &mut fastrand::Rng) -> String {
    format!("{:016x}", rng.u64(..))
}

fn table(writes: &ManagedWrites) -> String {
    format!("{}.{}", quote(&writes.schema), quote(&writes.table))
}

fn insert(writes: &ManagedWrites) -> String {
    let mut columns = vec![quote(&writes.key_column), quote(&writes.value_column)];
    let mut values = vec!["$1".to_owned(), "$2".to_owned()];
    for (column, value) in &writes.fixed {
        columns.push(quote(column));
        values.push(format!("'{}'", value.replace('\'', "''")));
    }
    let (table, columns, values) = (table(writes), columns.join(", "), values.join(", "));
    format!("INSERT INTO {table} ({columns}) VALUES ({values})")
}

fn update(writes: &ManagedWrites) -> String {
    let (value, key) = (quote(&writes.value_column), quote(&writes.key_column));
    format!("UPDATE {} SET {value} = $2 WHERE {key} = $1", table(writes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dyno_changes_only_rows_of_its_own() {
        let mut rng = fastrand::Rng::with_seed(5);
        let mut own = OwnRows::default();
        let mut made = Vec::<String>::new();
        for _ in 0..500 {
            let operation = Operation::next(&mut rng, &Workload::default(), &own).unwrap();
            match &operation {
                Operation::PlaceOrder { reference, .. } => made.push(reference.clone()),
                Operation::ChangeOrder { reference, .. } => assert!(made.contains(reference)),
                Operation::CancelOrder { reference, .. } => {
                    assert!(made.contains(reference));
                    made.retain(|each| each != reference);
                }
                other => panic!("no managed tables, but {other:?}"),
            }
            operation.note(&mut own);
        }
        assert!(!made.is_empty());
    }

    #[test]
    fn nothing_to_write_means_no_operation() {
        let idle = Workload {
            orders: false,
            ..Workload::default()
        };
        let next = Operation::next(&mut fastrand::Rng::with_seed(1), &idle, &OwnRows::default());
        assert_eq!(next, None);
    }
}
