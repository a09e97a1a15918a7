//! What is to be done, what is under way, and what may be begun: pieces of
//! tables, and what is built on a table once all its rows are there.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use tokio::sync::Notify;

use super::pieces::Piece;
use crate::ident::TableRef;

/// Something that is made after rows: an index, a key, statistics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Build {
    /// What it is, for people.
    pub(super) words: String,
    /// The SQL, statement by statement.
    pub(super) statements: Vec<String>,
    /// The table in the list whose rows must be there.
    pub(super) table: Option<usize>,
    /// Builds that must be done before.
    pub(super) after: Vec<usize>,
    /// The relation that it locks.
    pub(super) relation: Option<TableRef>,
    /// Whether it suffers no other build on that relation beside it: `ALTER
    /// TABLE` and `ANALYZE` do not, `CREATE INDEX` does (PostgreSQL manual,
    /// "Explicit Locking").
    pub(super) alone: bool,
}

/// What a worker does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    Piece(usize),
    Build(usize),
}

/// What a worker may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Appetite {
    Anything,
    Small,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    Running,
    Done,
}

#[derive(Default)]
struct Locked {
    shared: usize,
    alone: bool,
}

struct State {
    pieces: VecDeque<usize>,
    /// Pieces of each table that are not done.
    left: Vec<usize>,
    builds: Vec<Stage>,
    locked: BTreeMap<TableRef, Locked>,
    running: usize,
}

/// The list that all workers share.
pub(super) struct Board<'a> {
    pieces: &'a [Piece],
    builds: &'a [Build],
    state: Mutex<State>,
    changed: Notify,
}

impl<'a> Board<'a> {
    pub(super) fn new(pieces: &'a [Piece], builds: &'a [Build], tables: usize) -> Self {
        let mut left = vec![0; tables];
        for piece in pieces {
            left[piece.table] += 1;
        }
        Self {
            pieces,
            builds,
            state: Mutex::new(State {
                pieces: (0..pieces.len()).collect(),
                left,
                builds: vec![Stage::Waiting; builds.len()],
                locked: BTreeMap::new(),
                running: 0,
            }),
            changed: Notify::new(),
        }
    }

    /// The next task, once there is one; nothing when no more will come.
    pub(super) async fn next(&self, appetite: Appetite) -> Option<Task> {
        loop {
            let changed = self.changed.notified();
            futures_util::pin_mut!(changed);
            changed.as_mut().enable();
            {
                let mut state = self.state.lock().ok()?;
                if let Some(task) = self.pick(&mut state, appetite) {
                    return Some(task);
                }
                if state.running == 0 || !self.more(&state, appetite) {
                    return None;
                }
            }
            changed.await;
        }
    }

    /// Tells that a task is done.
    pub(super) fn done(&self, task: Task) {
        let Ok(mut state) = self.state.lock() else {
            return;
        };
        state.running -= 1;
        match task {
            Task::Piece(at) => state.left[self.pieces[at].table] -= 1,
            Task::Build(at) => {
                state.builds[at] = Stage::Done;
                let build = &self.builds[at];
                if let Some(locked) = build
                    .relation
                    .as_ref()
                    .and_then(|relation| state.locked.get_mut(relation))
                {
                    if build.alone {
                        locked.alone = false;
                    } else {
                        locked.shared -= 1;
                    }
                }
            }
        }
        self.changed.notify_waiters();
    }

    fn pick(&self, state: &mut State, appetite: Appetite) -> Option<Task> {
        let build = (0..self.builds.len())
            .find(|at| self.fits_build(*at, appetite) && self.may_begin(state, *at));
        if let Some(at) = build {
            state.builds[at] = Stage::Running;
            let build = &self.builds[at];
            if let Some(relation) = &build.relation {
                let locked = state.locked.entry(relation.clone()).or_default();
                if build.alone {
                    locked.alone = true;
                } else {
                    locked.shared += 1;
                }
            }
            state.running += 1;
            return Some(Task::Build(at));
        }
        let place = state
            .pieces
            .iter()
            .position(|at| appetite == Appetite::Anything || self.pieces[*at].is_small())?;
        let at = state.pieces.remove(place)?;
        state.running += 1;
        Some(Task::Piece(at))
    }

    fn may_begin(&self, state: &State, at: usize) -> bool {
        let build = &self.builds[at];
        let free = build
            .relation
            .as_ref()
            .and_then(|relation| state.locked.get(relation))
            .is_none_or(|locked| !locked.alone && (locked.shared == 0 || !build.alone));
        state.builds[at] == Stage::Waiting
            && free
            && build.table.is_none_or(|table| state.left[table] == 0)
            && build
                .after
                .iter()
                .all(|before| state.builds[*before] == Stage::Done)
    }

    /// Whether a worker of this appetite may find something later.
    fn more(&self, state: &State, appetite: Appetite) -> bool {
        let builds = (0..self.builds.len())
            .any(|at| state.builds[at] == Stage::Waiting && self.fits_build(at, appetite));
        builds
            || state
                .pieces
                .iter()
                .any(|at| appetite == Appetite::Anything || self.pieces[*at].is_small())
    }

    fn fits_build(&self, at: usize, appetite: Appetite) -> bool {
        appetite == Appetite::Anything
            || self.builds[at].table.is_some_and(|table| {
                self.pieces
                    .iter()
                    .filter(|piece| piece.table == table)
                    .all(Piece::is_small)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(table: usize, bytes: u64) -> Piece {
        Piece {
            table,
            pages: None,
            bytes,
        }
    }

    fn build(table: usize, alone: bool, after: &[usize]) -> Build {
        Build {
            words: String::new(),
            statements: Vec::new(),
            table: Some(table),
            after: after.to_vec(),
            relation: Some(TableRef::new("public", table.to_string())),
            alone,
        }
    }

    #[tokio::test]
    async fn builds_come_after_all_pieces_of_their_table_and_before_other_rows() {
        let pieces = [piece(0, 1 << 30), piece(0, 1 << 30), piece(1, 1)];
        let builds = [
            build(0, true, &[]),
            build(0, false, &[]),
            build(0, false, &[]),
        ];
        let board = Board::new(&pieces, &builds, 2);
        let next = || board.next(Appetite::Anything);
        assert_eq!(next().await, Some(Task::Piece(0)));
        assert_eq!(next().await, Some(Task::Piece(1)));
        board.done(Task::Piece(0));
        assert_eq!(next().await, Some(Task::Piece(2)));
        board.done(Task::Piece(1));
        assert_eq!(next().await, Some(Task::Build(0)));
        // The others wait for it, and then run side by side.
        board.done(Task::Build(0));
        assert_eq!(next().await, Some(Task::Build(1)));
        assert_eq!(next().await, Some(Task::Build(2)));
        board.done(Task::Build(1));
        board.done(Task::Build(2));
        board.done(Task::Piece(2));
        assert_eq!(next().await, None);
    }

    #[tokio::test]
    async fn a_worker_for_small_things_takes_nothing_else() {
        let pieces = [piece(0, 1 << 30), piece(1, 1)];
        let builds = [build(0, true, &[]), build(1, true, &[])];
        let board = Board::new(&pieces, &builds, 2);
        assert_eq!(board.next(Appetite::Small).await, Some(Task::Piece(1)));
        board.done(Task::Piece(1));
        assert_eq!(board.next(Appetite::Small).await, Some(Task::Build(1)));
        board.done(Task::Build(1));
        assert_eq!(board.next(Appetite::Small).await, None);
        assert_eq!(board.next(Appetite::Anything).await, Some(Task::Piece(0)));
    }

    #[tokio::test]
    async fn a_worker_waits_for_what_another_one_makes_possible() {
        let pieces = [piece(0, 1)];
        let builds = [build(0, true, &[]), build(0, true, &[0])];
        let board = Board::new(&pieces, &builds, 1);
        assert_eq!(board.next(Appetite::Anything).await, Some(Task::Piece(0)));
        let other = async {
            let first = board.next(Appetite::Anything).await;
            board.done(Task::Build(0));
            (first, board.next(Appetite::Anything).await)
        };
        let (got, ()) = tokio::join!(other, async { board.done(Task::Piece(0)) });
        assert_eq!(got, (Some(Task::Build(0)), Some(Task::Build(1))));
    }
}
