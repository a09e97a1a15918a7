//! Sessions that are lent again. Most steps ask a database one or two things, and to open a session
//! takes some eight journeys to the server and back: in the window they add up to seconds.
//!
//! Only sessions that read are kept. They are made as new before they are lent, and are kept for a
//! short time: what the name of the server leads to may have changed since.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use connect_swap_heroku::AddonId;
use connect_swap_postgres::{Purpose, Session};
use tokio::time::Instant;

/// How long a session is kept while nobody uses it.
const KEPT: Duration = Duration::from_secs(20);
/// How long a kept session may take to answer; a new one is opened then.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many are kept for a database.
const AT_MOST: usize = 2;

type Shelf = Arc<Mutex<BTreeMap<AddonId, Vec<(Session, Instant)>>>>;

/// Sessions that wait to be lent again.
#[derive(Debug, Default)]
pub struct IdleSessions(Shelf);

/// A session that goes back when it is dropped.
#[derive(Debug)]
pub struct Lent {
    session: Option<Session>,
    addon: AddonId,
    shelf: Shelf,
}

impl IdleSessions {
    /// A kept session to an add-on's database that answers.
    pub(super) async fn take(&self, addon: &AddonId) -> Option<Lent> {
        loop {
            let (session, since) = self
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_mut(addon)?
                .pop()?;
            if since.elapsed() < KEPT && session.renew(PATIENCE).await {
                return Some(self.lend(addon, session));
            }
        }
    }

    /// Lends a session.
    pub(super) fn lend(&self, addon: &AddonId, session: Session) -> Lent {
        Lent {
            session: Some(session),
            addon: addon.clone(),
            shelf: self.0.clone(),
        }
    }
}

impl Lent {
    /// The session itself; it does not go back.
    ///
    /// # Panics
    /// Never: a session is there until this value is gone.
    #[must_use]
    pub fn keep(mut self) -> Session {
        self.session.take().expect("a lent session")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else {
            return;
        };
        if session.purpose() != Purpose::ReadOnly || session.is_closed() {
            return;
        }
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = shelf.entry(self.addon.clone()).or_default();
        if kept.len() < AT_MOST {
            kept.push((session, Instant::now()));
        }
    }
}

impl Deref for Lent {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session.as_ref().expect("a lent session")
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut Session {
        self.session.as_mut().expect("a lent session")
    }
}
