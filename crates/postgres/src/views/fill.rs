//! Fills materialized views before users can see them.

use super::ViewsRefreshed;
use super::inputs::views;
use super::refresher::{Refresher, sql};
use crate::Error;
use crate::error::RestoreError;
use crate::inventory::Inventory;
use crate::schema::{self, LeftOver};
use crate::session::{DatabaseUrl, Session};
use crate::text::{Moves, follow};

/// Fills every materialized view that the old database has contents of, while
/// the app runs on the old database: each after those it reads. One that cannot
/// be filled yet is emptied and returned, so that
/// [`carry_schema`](crate::carry_schema) fills it in the window
/// ([`Part::InWindow`](crate::Part::InWindow)): its query fails without what
/// comes only there, or a policy that comes there hides rows of what it reads.
/// May be repeated.
///
/// # Errors
/// When a session is lost.
pub async fn fill_views(
    old: &Session,
    new: &DatabaseUrl,
    inventory: &Inventory,
    progress: impl Fn(&str, usize, usize) + Send + Sync,
) -> Result<ViewsRefreshed, Error> {
    let refresher = Refresher::connect(new).await?;
    let moves = schema::moves(old, &refresher.session).await?;
    let views = views(old, inventory).await?;
    let there = refresher.states().await?;
    let mut done = ViewsRefreshed::default();
    for (at, view) in views.iter().enumerate() {
        let name = follow(&view.object.identity, &moves);
        progress(&name, at, views.len());
        let statement = sql(&name, false);
        let why = if view.hidden_from {
            "row-level security is forced on what it reads, and comes in the window".into()
        } else {
            match refresher.run(&statement, &name).await? {
                None => {
                    done.refreshed.push(name);
                    continue;
                }
                Some(error) => error.message,
            }
        };
        if there.get(&name).is_some_and(|state| state.populated) {
            let emptied = format!("{statement} WITH NO DATA");
            if let Some(error) = schema::run_statement(&refresher.session, &emptied).await? {
                return Err(Error::Restore {
                    errors: vec![error],
                });
            }
        }
        done.left.push(LeftOver {
            object: schema::describe(view.object),
            why,
            sql: statement,
        });
    }
    Ok(done)
}

/// Fills those that have contents in the old database and none in the new one;
/// returns which.
pub(crate) async fn fill_unfilled(
    (old, new): (&Session, &DatabaseUrl),
    inventory: &Inventory,
    moves: &Moves,
    errors: &mut Vec<RestoreError>,
    progress: impl Fn(&str),
) -> Result<Vec<String>, Error> {
    let refresher = Refresher::connect(new).await?;
    let there = refresher.states().await?;
    let mut filled = Vec::new();
    for view in views(old, inventory).await? {
        let name = follow(&view.object.identity, moves);
        if there.get(&name).is_some_and(|state| state.populated) {
            continue;
        }
        progress(&name);
        match refresher.run(&sql(&name, false), &name).await? {
            Some(error) => errors.push(error),
            None => filled.push(name),
        }
    }
    Ok(filled)
}
