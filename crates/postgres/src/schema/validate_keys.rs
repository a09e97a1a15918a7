//! Holds foreign keys against the rows when the app is up again.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::apply::run_statement;
use super::select::describe;
use crate::catalog::{self, Key};
use crate::ident::quote_ident;
use crate::inventory::{Class, Inventory, Object, ObjectKind, When};
use crate::session::{DatabaseUrl, Purpose, Session, connect};
use crate::text::follow;
use crate::{Error, schema};

/// A statement that the new server refused when the app was up again: nothing
/// is lost by it, and a person has to see to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOver {
    /// What it is about, in words.
    pub object: String,
    /// The server's message.
    pub why: String,
    /// The SQL to run once that is mended.
    pub sql: String,
}

/// What became of the keys.
#[must_use]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysValidated {
    /// Keys that are valid now, in words.
    pub validated: Vec<String>,
    /// Keys that stay `NOT VALID`: they hold for what is written from now on,
    /// and rows that were there break them, or they could not be looked at.
    pub left: Vec<LeftOver>,
}

/// Validates the customer's foreign keys that are valid in the old database and
/// `NOT VALID` in the new one, one at a time, while the app reads and writes
/// (PostgreSQL manual, "ALTER TABLE": `SHARE UPDATE EXCLUSIVE`). May be repeated;
/// what is valid, or gone, is left alone.
///
/// # Errors
/// When a session is lost. A key that cannot be validated is none.
pub async fn validate_keys(
    old: &Session,
    new: &DatabaseUrl,
    inventory: &Inventory,
    progress: impl Fn(&str, usize, usize) + Send + Sync,
) -> Result<KeysValidated, Error> {
    let new = connect(new, Purpose::Work, "validate").await?;
    // Better refused than held against those rows only that a policy shows.
    new.batch_execute("SET row_security = off").await?;
    let keys = pending(old, &new, inventory).await?;
    let mut done = KeysValidated::default();
    for (at, key) in keys.iter().enumerate() {
        let Some(table) = &key.table else { continue };
        let words = describe(key);
        progress(&words, at, keys.len());
        let sql = format!(
            "ALTER TABLE {} VALIDATE CONSTRAINT {}",
            table.sql(),
            quote_ident(&key.name)
        );
        match run_statement(&new, &sql).await? {
            None => done.validated.push(words),
            Some(error) => done.left.push(LeftOver {
                object: words,
                why: error.message,
                sql,
            }),
        }
    }
    Ok(done)
}

/// The keys that the new side has as `NOT VALID`, and the old side has not.
async fn pending<'a>(
    old: &Session,
    new: &Session,
    inventory: &'a Inventory,
) -> Result<Vec<&'a Object>, Error> {
    let moves = schema::moves(old, new).await?;
    let not_valid: BTreeSet<Key> = catalog::objects(new)
        .await?
        .into_iter()
        .filter(|object| object.kind == ObjectKind::ForeignKey && object.has("not_valid"))
        .map(|object| object.key)
        .collect();
    let keys = inventory.objects.iter().filter(|object| {
        let key = object.key();
        object.class == Class::Unmanaged
            && object.kind == ObjectKind::ForeignKey
            && object.when == When::Window
            && !object.has("not_valid")
            && not_valid.contains(&Key {
                identity: follow(&key.identity, &moves),
                ..key
            })
    });
    Ok(keys.collect())
}
