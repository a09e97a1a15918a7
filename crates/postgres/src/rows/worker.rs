//! One worker of a load: takes tasks until none is left, and goes on in the
//! piece it was in when a session is lost.

use std::sync::Mutex;
use std::time::Duration;

use super::board::{Appetite, Board, Build, Task};
use super::keeper::Keeper;
use super::ledger::Ledger;
use super::pieces::Piece;
use super::relay::{Relayed, Route, is_as_cut, relay};
use super::throttle::Throttle;
use super::writer::{Unsettled, Writer};
use crate::Error;
use crate::error::RestoreError;
use crate::schema::run_statement;
use crate::session::{DatabaseUrl, Session};

/// How often in a row lost sessions are opened again before the load gives up.
const RECONNECTS: u32 = 6;
/// The pause before the first of these; it doubles each time: half a minute in all.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// What an object that is there already is answered with: after a lost session
/// it is not known whether the statement had been done.
const THERE_ALREADY: [&str; 3] = ["42P07", "42710", "42P16"];

/// What all workers of a load share.
pub(super) struct Shared<'a> {
    pub(super) new: &'a DatabaseUrl,
    pub(super) keeper: &'a Keeper<'a>,
    pub(super) routes: &'a [Route],
    pub(super) pieces: &'a [Piece],
    pub(super) builds: &'a [Build],
    /// Statements that come first in every session that builds.
    pub(super) preamble: &'a [String],
    pub(super) board: &'a Board<'a>,
    pub(super) throttle: &'a Throttle,
    pub(super) ledger: &'a Ledger<'a>,
    /// Statements that the new server refused.
    pub(super) refused: &'a Mutex<Vec<RestoreError>>,
}

/// A worker with its sessions, as far as they are open.
pub(super) struct Worker<'a> {
    shared: &'a Shared<'a>,
    reader: Option<Session>,
    writer: Option<Writer>,
    /// The writer that was lost, with what it was about to commit.
    lost: Option<Unsettled>,
}

impl<'a> Worker<'a> {
    pub(super) fn new(shared: &'a Shared<'a>) -> Self {
        Self {
            shared,
            reader: None,
            writer: None,
            lost: None,
        }
    }

    /// Works until nothing is left for this appetite.
    pub(super) async fn work(mut self, appetite: Appetite) -> Result<(), Error> {
        let shared = self.shared;
        while let Some(task) = shared.board.next(appetite).await {
            match task {
                Task::Piece(at) => {
                    let relayed = self.piece(at).await?;
                    shared.ledger.copied(at, relayed);
                }
                Task::Build(at) => self.build(&shared.builds[at]).await?,
            }
            shared.board.done(task);
        }
        Ok(())
    }

    async fn piece(&mut self, at: usize) -> Result<Relayed, Error> {
        let mut tries = 0;
        loop {
            match self.try_piece(at).await {
                Ok(relayed) => return Ok(relayed),
                Err(error) => self.open_again(error, &mut tries).await?,
            }
        }
    }

    async fn try_piece(&mut self, at: usize) -> Result<Relayed, Error> {
        let shared = self.shared;
        let piece = &shared.pieces[at];
        let route = &shared.routes[piece.table];
        if let Some(relayed) = self.settle().await? {
            return Ok(relayed);
        }
        let forced;
        let reader = if route.forced {
            forced = shared.keeper.forced_reader(&route.table).await?;
            &forced
        } else {
            if self.reader.is_none() {
                self.reader = Some(shared.keeper.reader().await?);
            }
            self.reader.as_ref().ok_or_else(no_session)?
        };
        let writer = self.writer.as_mut().ok_or_else(no_session)?;
        writer.begin(route, piece).await?;
        let tell = |bytes| shared.ledger.on_the_way(at, bytes);
        tell(0);
        let session = writer.session();
        let relayed = relay(reader, session, route, piece, shared.throttle, tell).await?;
        if piece.pages.is_some() && !is_as_cut(reader, route).await? {
            return Err(Error::SnapshotLost);
        }
        writer.commit(relayed).await?;
        Ok(relayed)
    }

    async fn build(&mut self, build: &Build) -> Result<(), Error> {
        let shared = self.shared;
        shared.ledger.building(&build.words);
        let mut tries = 0;
        'again: loop {
            if let Err(error) = self.settle().await {
                self.open_again(error, &mut tries).await?;
                continue;
            }
            for statement in &build.statements {
                let writer = self.writer.as_ref().ok_or_else(no_session)?;
                match run_statement(writer.session(), statement).await {
                    Ok(None) => {}
                    Ok(Some(refused)) if tries > 0 && there_already(&refused) => {}
                    Ok(Some(refused)) => {
                        if let Ok(mut all) = shared.refused.lock() {
                            all.push(refused);
                        }
                        break 'again;
                    }
                    Err(error) => {
                        self.open_again(error, &mut tries).await?;
                        continue 'again;
                    }
                }
            }
            break;
        }
        shared.ledger.built();
        Ok(())
    }

    /// Opens the writer where none is open. What a lost one was committing when
    /// it was lost is returned where it was committed.
    async fn settle(&mut self) -> Result<Option<Relayed>, Error> {
        if self.writer.is_some() {
            return Ok(None);
        }
        let writer = Writer::open(self.shared.new, self.shared.preamble).await?;
        let settled = match &self.lost {
            Some(lost) => writer.settle(lost).await?,
            None => None,
        };
        self.lost = None;
        self.writer = Some(writer);
        Ok(settled)
    }

    /// After a lost session, or where somebody waits for a lock that keeps ours
    /// waiting: both sessions are given up, with their locks, and after a pause
    /// the task begins anew. Any other error ends the load.
    async fn open_again(&mut self, error: Error, tries: &mut u32) -> Result<(), Error> {
        let passes = error.is_lost_session() || error.is_lock_timeout();
        if !passes || *tries >= RECONNECTS {
            return Err(error);
        }
        self.shared.ledger.reconnecting(&error.to_string());
        self.reader = None;
        if let Some(writer) = self.writer.take() {
            self.lost = Some(writer.lose());
        }
        tokio::time::sleep(FIRST_PAUSE * 2_u32.pow(*tries)).await;
        *tries += 1;
        Ok(())
    }
}

fn there_already(refused: &RestoreError) -> bool {
    refused
        .sqlstate
        .as_deref()
        .is_some_and(|state| THERE_ALREADY.contains(&state))
}

fn no_session() -> Error {
    Error::Protocol("no session is open".into())
}
