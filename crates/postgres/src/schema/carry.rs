//! Carries the customer's schema objects over, in two parts.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::archive::Archive;
use super::restore::{Sides, restore};
use super::select::{Present, Selector};
use super::{
    concurrently, default_privileges, extension_parts, extensions, grants, managed_alterations,
    managed_security, policy_roles, settings,
};
use crate::compare::{Difference, differences};
use crate::error::RestoreError;
use crate::inventory::{Class, Inventory, Object, ObjectKind, When};
use crate::session::{DatabaseUrl, Purpose, Session, connect};
use crate::text::Moves;
use crate::views::fill_unfilled;
use crate::{Error, Tools, catalog};

/// Which part of the schema is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// While the app runs: everything that holds no row back and fires on
    /// nothing. Tables come empty, materialized views unpopulated.
    BeforeWindow,
    /// As soon as a table's rows are there: keys, indexes, exclusion constraints.
    /// [`load_tables`](crate::load_tables) makes them.
    AfterRows,
    /// When all rows are there: foreign keys, as far as possible `NOT VALID`,
    /// checks that were never validated, triggers with their enabled state,
    /// rules, policies, publications, default privileges, the contents of
    /// materialized views that have none yet ([`fill_views`](crate::fill_views)).
    InWindow,
    /// When the app is up again: foreign keys are valid.
    /// [`validate_keys`](crate::validate_keys) sees to it.
    AfterWindow,
}

impl Part {
    /// Whether an object belongs to this part.
    pub(crate) fn has(self, object: &Object) -> bool {
        match self {
            Self::BeforeWindow => object.when == When::Prep,
            Self::AfterRows => object.when == When::AfterRows,
            Self::InWindow => object.when == When::Window,
            Self::AfterWindow => object.when == When::AfterWindow,
        }
    }

    /// Whether an object is there once this part is done.
    pub(crate) fn has_by_then(self, object: &Object) -> bool {
        let before: &[Self] = match self {
            Self::BeforeWindow => &[],
            Self::AfterRows => &[Self::BeforeWindow],
            Self::InWindow => &[Self::BeforeWindow, Self::AfterRows],
            Self::AfterWindow => &[Self::BeforeWindow, Self::AfterRows, Self::InWindow],
        };
        self.has(object) || before.iter().any(|part| part.has(object))
    }
}

/// How far a transfer is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CarryProgress {
    /// The old database's schema is being read.
    Dumping,
    /// Statements run on the new database.
    Restoring {
        /// How many are done.
        done: usize,
        /// How many there are.
        of: usize,
    },
    /// A materialized view is being filled.
    Refreshing {
        /// Its identity.
        view: String,
    },
}

impl std::fmt::Display for CarryProgress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Dumping => f.write_str("reading the old schema"),
            Self::Restoring { done, of } => write!(f, "{done} of {of} statements"),
            Self::Refreshing { view } => write!(f, "filling {view}"),
        }
    }
}

/// An extension that the old database has, on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionCarried {
    /// Its name.
    pub name: String,
    /// Its schema in the old database.
    pub old_schema: String,
    /// Its schema in the new database.
    pub new_schema: String,
    /// Its version in the old database.
    pub old_version: String,
    /// Its version in the new database.
    pub new_version: String,
}

/// What a transfer did.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarryReport {
    /// Objects that were made, in words.
    pub restored: Vec<String>,
    /// How many objects the new side had already.
    pub already_there: usize,
    /// Extensions; those that this transfer did not have to make, too.
    pub extensions: Vec<ExtensionCarried>,
    /// Materialized views that were filled.
    pub refreshed: Vec<String>,
    /// Grants that the new side has not, such as those to roles that are not
    /// there, in words.
    pub grants_left_out: Vec<String>,
    /// Settings of the database or its role that the new server refused.
    #[serde(default)]
    pub settings_left_out: Vec<String>,
    /// Columns of managed tables that have another type than on the old side:
    /// Connect makes them, and nothing is done about it.
    #[serde(default)]
    pub other_types: Vec<String>,
    /// Objects of this part that are missing or different on the new side now.
    /// Not empty means that the transfer is not done.
    pub differing: Vec<Difference>,
}

/// Carries the unmanaged objects of `inventory` from the old database to the
/// new one. May be repeated: what the new side has is left alone, and compared.
///
/// The inventory is one of the old database, taken just before. Connect must
/// have made its managed tables in the new database, as views, indexes and
/// triggers depend on them. `pg_dump` writes an archive into a private
/// temporary directory; what is managed is left out by catalog oids; the
/// statements run one by one in a session of this crate.
///
/// # Errors
/// [`Error::Restore`] with every statement that the new server refused (the
/// others are done), [`Error::Changed`] when the old database has objects that
/// the inventory does not know, and whatever ends a session.
pub async fn carry_schema(
    tools: &Tools,
    old: &DatabaseUrl,
    new: &DatabaseUrl,
    inventory: &Inventory,
    part: Part,
    progress: impl Fn(CarryProgress) + Send + Sync,
) -> Result<CarryReport, Error> {
    let old_session = connect(old, Purpose::ReadOnly, "schema").await?;
    let new_session = connect(new, Purpose::Work, "schema").await?;
    progress(CarryProgress::Dumping);
    let archive = Archive::dump(tools, old, &out_of_reach(inventory)).await?;
    let entries = archive.list().await?;

    let mut errors = Vec::new();
    let before = part == Part::BeforeWindow;
    let extensions = if before {
        extensions::create(&old_session, &new_session, &mut errors).await?
    } else {
        extensions::pairs(&old_session, &new_session).await?
    };
    let moves = extensions::moves(&old_session, &new_session).await?;
    if before {
        policy_roles::refuse_unknown(&old_session, &new_session, inventory, &mut errors).await?;
        concurrently::drop_broken(&new_session, inventory, &moves).await?;
    }
    let present = present(&new_session).await?;
    let selection = Selector::new(inventory, &present, &moves, part).select(&entries);
    selection.is_known()?;
    let sides = Sides {
        old: &old_session,
        new: &new_session,
        inventory,
        moves: &moves,
    };
    let made = restore(
        &sides,
        &archive,
        &entries,
        &selection,
        &mut errors,
        &progress,
    )
    .await?;
    let mut restored = selection.restored.clone();
    restored.extend(made);

    let run = Run {
        old: &old_session,
        new: &new_session,
        url: new,
        inventory,
        moves: &moves,
        part,
    };
    let finished = run.finish(&mut errors, &progress).await?;
    if !errors.is_empty() {
        return Err(Error::Restore { errors });
    }
    restored.extend(finished.restored);
    Ok(CarryReport {
        extensions,
        restored,
        already_there: selection.already_there,
        ..finished
    })
}

/// Schemas that are not the customer's, and that it may not even be allowed to
/// look into.
pub(super) fn out_of_reach(inventory: &Inventory) -> Vec<&str> {
    inventory
        .objects
        .iter()
        .filter(|object| object.kind == ObjectKind::Schema)
        .filter(|object| matches!(object.class, Class::Provider | Class::Ours))
        .map(|object| object.name.as_str())
        .collect()
}

/// Both sides of a transfer that is under way.
struct Run<'a> {
    old: &'a Session,
    new: &'a Session,
    url: &'a DatabaseUrl,
    inventory: &'a Inventory,
    moves: &'a Moves,
    part: Part,
}

impl Run<'_> {
    /// What no archive holds: grants, settings, default privileges, the contents
    /// of materialized views; and the comparison.
    async fn finish(
        &self,
        errors: &mut Vec<RestoreError>,
        progress: &(impl Fn(CarryProgress) + Send + Sync),
    ) -> Result<CarryReport, Error> {
        let (inventory, part) = (self.inventory, self.part);
        let mut restored =
            extension_parts::add(self.old, self.new, inventory, self.moves, part, errors).await?;
        let (mut refreshed, mut other_types) = (Vec::new(), Vec::new());
        let (mut grants_left_out, mut settings_left_out) = (Vec::new(), Vec::new());
        match part {
            Part::BeforeWindow => {
                let altered =
                    managed_alterations::make(self.old, self.new, inventory, self.moves, errors)
                        .await?;
                restored.extend(altered.made);
                other_types = altered.other_types;
                let settings = settings::carry(self.old, self.new, errors).await?;
                restored.extend(settings.set);
                settings_left_out = settings.left_out;
                let left_out =
                    grants::carry(self.old, self.new, inventory, self.moves, errors).await?;
                grants_left_out.extend(left_out);
            }
            Part::AfterRows | Part::AfterWindow => {}
            Part::InWindow => {
                restored.extend(managed_security::force(self.new, self.inventory, errors).await?);
                let refreshing = |view: &str| {
                    progress(CarryProgress::Refreshing {
                        view: view.to_owned(),
                    });
                };
                refreshed = fill_unfilled(
                    (self.old, self.url),
                    self.inventory,
                    self.moves,
                    errors,
                    refreshing,
                )
                .await?;
                // Last, so that nothing made here is granted by them.
                let left_out = default_privileges::carry(self.old, self.new, errors).await?;
                grants_left_out.extend(left_out);
            }
        }
        let differing = differences(self.old, self.new, self.inventory, part, |object| {
            part.has(object)
        })
        .await?;
        Ok(CarryReport {
            restored,
            already_there: 0,
            extensions: Vec::new(),
            refreshed,
            grants_left_out,
            settings_left_out,
            other_types,
            differing,
        })
    }
}

pub(super) async fn present(new: &Session) -> Result<Present, Error> {
    let keys = catalog::objects(new)
        .await?
        .into_iter()
        .map(|object| object.key)
        .collect();
    let rows = new
        .query(
            "SELECT (pg_catalog.pg_identify_object('pg_class'::regclass, oid, 0)).identity \
             FROM pg_catalog.pg_class WHERE relispartition AND relkind IN ('r', 'p', 'f')",
            &[],
        )
        .await?;
    let attached = rows
        .iter()
        .map(|row| row.try_get(0))
        .collect::<Result<BTreeSet<String>, _>>()?;
    Ok(Present { keys, attached })
}
