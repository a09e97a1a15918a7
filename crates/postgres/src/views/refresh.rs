//! Refreshes materialized views whose inputs have changed since they were filled.

use std::collections::BTreeSet;

use super::ViewsRefreshed;
use super::inputs::{Changes, views};
use super::refresher::{Refresher, sql};
use crate::Error;
use crate::ident::TableRef;
use crate::inventory::Inventory;
use crate::schema::{self, LeftOver};
use crate::session::{DatabaseUrl, Session};
use crate::text::follow;

/// Whether anybody reads the views meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppIs {
    /// Nobody does: the quickest way is taken.
    Down,
    /// The app does: what can be refreshed beside readers is.
    Up,
}

/// Refreshes the materialized views that read, over any number of views, a
/// managed table or one of `changed`, or of which it is not known what they read:
/// each after those it reads. May be repeated.
///
/// # Errors
/// When a session is lost. A view that the server does not refresh is none: it
/// shows what it did, and is returned.
pub async fn refresh_views(
    old: &Session,
    new: &DatabaseUrl,
    inventory: &Inventory,
    changed: &BTreeSet<TableRef>,
    app: AppIs,
    progress: impl Fn(&str, usize, usize) + Send + Sync,
) -> Result<ViewsRefreshed, Error> {
    let refresher = Refresher::connect(new).await?;
    let moves = schema::moves(old, &refresher.session).await?;
    let changes = Changes::new(inventory, changed);
    let mut stale = views(old, inventory).await?;
    stale.retain(|view| changes.reach(view));
    let there = refresher.states().await?;
    let mut done = ViewsRefreshed::default();
    for (at, view) in stale.iter().enumerate() {
        let name = follow(&view.object.identity, &moves);
        // Dropped from the new side since, by a deploy.
        let Some(state) = there.get(&name) else {
            continue;
        };
        progress(&name, at, stale.len());
        let statement = sql(&name, app == AppIs::Up && state.beside_readers());
        match refresher.run(&statement, &name).await? {
            None => done.refreshed.push(name),
            Some(error) => done.left.push(LeftOver {
                object: schema::describe(view.object),
                why: error.message,
                sql: statement,
            }),
        }
    }
    Ok(done)
}
