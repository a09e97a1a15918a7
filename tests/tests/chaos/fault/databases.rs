//! Database servers that go away, are slow, full or crowded, and networks that drop everything.

use std::sync::Arc;
use std::time::Duration;

use connect_swap_sandbox::servers::{Database, Generation, Shutdown};
use connect_swap_tests::databases::{
    EMPTY_DISK, EMPTY_DISK_UNDER_JOURNAL, FILL_DISK, FILL_DISK_UNDER_JOURNAL, end_sessions,
    limit_connections,
};

use crate::stage::Stage;

/// Which server, and for how long in real time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DatabaseFault {
    what: What,
    side: Generation,
    lasts: Duration,
}

#[derive(Clone, Copy, Debug)]
enum What {
    /// It restarts, as at a maintenance.
    Restart,
    /// It fails, and recovers.
    Crash,
    /// The command's sessions hear nothing for a while.
    Silence,
    /// The command's sessions hear a little now and then.
    Slow,
    /// The command's sessions are ended.
    Cut,
    /// The app's sessions are ended.
    AppCut,
    /// Nobody else gets in.
    NoConnections,
    /// Nothing new fits on the server's disk: no definition on the new one, no entry in the journal
    /// on the old one, where a trigger on anything else would be a definition of the customer's.
    DiskFull,
    /// Somebody holds a transaction open that has written.
    LongTransaction,
}

impl What {
    const ALL: [Self; 9] = [
        Self::Restart,
        Self::Crash,
        Self::Silence,
        Self::Slow,
        Self::Cut,
        Self::AppCut,
        Self::NoConnections,
        Self::DiskFull,
        Self::LongTransaction,
    ];
}

impl DatabaseFault {
    pub(crate) fn any(rng: &mut fastrand::Rng) -> Self {
        let what = What::ALL[rng.usize(0..What::ALL.len())];
        Self {
            what,
            side: [Generation::Old, Generation::New][rng.usize(0..2)],
            lasts: Duration::from_millis(rng.u64(50..2500)),
        }
    }

    pub(crate) fn kind(self) -> &'static str {
        match self.what {
            What::Restart => "database restarts",
            What::Crash => "database crashes",
            What::Silence => "database silent",
            What::Slow => "database slow",
            What::Cut => "sessions cut",
            What::AppCut => "the app's sessions cut",
            What::NoConnections => "no connections left",
            What::DiskFull => match self.side {
                Generation::Old => "disk full under the journal",
                Generation::New => "disk full",
            },
            What::LongTransaction => "a long transaction",
        }
    }

    /// Lasts as long as it lasts; whoever stops waiting must amend it.
    pub(crate) async fn strike(self, stage: &Arc<Stage>) {
        let sandbox = &stage.servers.sandbox;
        match self.what {
            What::Restart | What::Crash => {
                let how = match self.what {
                    What::Crash => Shutdown::Crash,
                    _ => Shutdown::Fast,
                };
                sandbox.stop_server(self.side, how).await;
                tokio::time::sleep(self.lasts).await;
                sandbox
                    .start_server(self.side)
                    .await
                    .expect("the server starts again");
            }
            What::Silence => {
                let frozen = sandbox.server(self.side).freeze("connect-swap").await;
                tokio::time::sleep(self.lasts).await;
                drop(frozen);
            }
            What::Slow => self.slow_down(stage).await,
            What::Cut => self.end_sessions(stage, "connect-swap").await,
            What::AppCut => self.end_sessions(stage, "app ").await,
            What::NoConnections => {
                self.limit_connections(stage, 0).await;
                tokio::time::sleep(self.lasts).await;
                self.limit_connections(stage, -1).await;
            }
            What::DiskFull => {
                let fill = match self.side {
                    Generation::Old => FILL_DISK_UNDER_JOURNAL,
                    Generation::New => FILL_DISK,
                };
                self.as_heroku(stage, fill).await;
                tokio::time::sleep(self.lasts).await;
                self.amend(stage).await;
            }
            What::LongTransaction => self.hold_transaction(stage).await,
        }
    }

    pub(crate) async fn amend(self, stage: &Arc<Stage>) {
        let sandbox = &stage.servers.sandbox;
        match self.what {
            What::Restart | What::Crash => {
                sandbox
                    .start_server(self.side)
                    .await
                    .expect("the server starts again");
            }
            What::NoConnections => self.limit_connections(stage, -1).await,
            What::DiskFull => {
                let empty = match self.side {
                    Generation::Old => EMPTY_DISK_UNDER_JOURNAL,
                    Generation::New => EMPTY_DISK,
                };
                self.as_heroku(stage, empty).await;
            }
            What::Silence | What::Slow | What::Cut | What::AppCut | What::LongTransaction => {}
        }
    }

    /// The app's database on this server, where there is one.
    fn database(self, stage: &Arc<Stage>) -> Option<Database> {
        let wanted = stage.servers.sandbox.server(self.side).port();
        let names = ["DATABASE", "NEW_DATABASE", "OLD_DATABASE"];
        let mut databases = names
            .iter()
            .filter_map(|name| stage.servers.sandbox.database(&stage.app, name));
        databases.find(|database| database.server.port() == wanted)
    }

    /// As over a network that loses most of what is sent.
    async fn slow_down(self, stage: &Arc<Stage>) {
        let server = stage.servers.sandbox.server(self.side);
        let until = tokio::time::Instant::now() + self.lasts * 2;
        while tokio::time::Instant::now() < until {
            let frozen = server.freeze("connect-swap").await;
            tokio::time::sleep(Duration::from_millis(120)).await;
            drop(frozen);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn end_sessions(self, stage: &Arc<Stage>, application: &str) {
        if let Some(database) = self.database(stage) {
            let statement = end_sessions(&database, application);
            self.as_heroku(stage, &statement).await;
        }
    }

    async fn limit_connections(self, stage: &Arc<Stage>, limit: i32) {
        if let Some(database) = self.database(stage) {
            let statement = limit_connections(&database, limit);
            self.as_heroku(stage, &statement).await;
        }
    }

    async fn hold_transaction(self, stage: &Arc<Stage>) {
        let Some(database) = self.database(stage) else {
            return;
        };
        let Ok(session) = database.connect("somebody").await else {
            return;
        };
        let write = "BEGIN; UPDATE public.orders SET id = id WHERE id = (SELECT min(id) FROM public.orders)";
        if session.batch_execute(write).await.is_ok() {
            tokio::time::sleep(self.lasts).await;
            let _ = session.batch_execute("ROLLBACK").await;
        }
    }

    /// Where the server is down at the moment, nothing can be done on it.
    async fn as_heroku(self, stage: &Arc<Stage>, statement: &str) {
        if let Some(database) = self.database(stage)
            && let Ok(session) = database.admin().await
        {
            let _ = session.batch_execute(statement).await;
        }
    }
}
