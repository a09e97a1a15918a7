//! What can go wrong. Every kind can be drawn, strikes once, and can be amended: what a person does
//! about it afterwards. Amending what has ended by itself changes nothing.

mod connect;
mod databases;
mod people;
mod platform;
mod process;
mod requests;

use std::sync::Arc;

pub(crate) use connect::{ConnectFault, recover_connections};
pub(crate) use databases::DatabaseFault;
pub(crate) use people::{Deed, stop_one_off_dynos};
pub(crate) use platform::{PlatformFault, retry_release};
pub(crate) use process::ProcessFault;
pub(crate) use requests::RequestFault;

use crate::stage::Stage;

/// One thing that goes wrong.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// What becomes of API requests.
    Request(RequestFault),
    /// Heroku's own work.
    Platform(PlatformFault),
    /// Connect's and Salesforce's.
    Connect(ConnectFault),
    /// The database servers and the ways to them.
    Database(DatabaseFault),
    /// The command itself.
    Process(ProcessFault),
    /// What somebody else does.
    Person(Deed),
}

impl Fault {
    /// Any.
    pub(crate) fn any(rng: &mut fastrand::Rng) -> Self {
        match rng.u8(0..20) {
            0..=5 => Self::Request(RequestFault::any(rng)),
            6..=7 => Self::Platform(PlatformFault::any(rng)),
            8..=10 => Self::Connect(ConnectFault::any(rng)),
            11..=14 => Self::Database(DatabaseFault::any(rng)),
            15..=17 => Self::Process(ProcessFault::any(rng)),
            _ => Self::Person(Deed::any(rng)),
        }
    }

    /// Its name in the report.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Request(fault) => fault.kind(),
            Self::Platform(fault) => fault.kind(),
            Self::Connect(fault) => fault.kind(),
            Self::Database(fault) => fault.kind(),
            Self::Process(fault) => fault.kind(),
            Self::Person(deed) => deed.kind(),
        }
    }

    /// Lets it happen; returns when it is over, where it ends by itself.
    pub(crate) async fn strike(&self, stage: &Arc<Stage>) {
        match self {
            Self::Request(fault) => fault.strike(stage),
            Self::Platform(fault) => fault.strike(stage).await,
            Self::Connect(fault) => fault.strike(stage).await,
            Self::Database(fault) => fault.strike(stage).await,
            Self::Process(fault) => fault.strike(stage).await,
            Self::Person(deed) => deed.strike(stage).await,
        }
    }

    /// Ends it, or puts right what it left.
    pub(crate) async fn amend(&self, stage: &Arc<Stage>) {
        match self {
            Self::Request(fault) => fault.amend(stage),
            Self::Platform(fault) => fault.amend(stage).await,
            Self::Connect(fault) => fault.amend(stage).await,
            Self::Database(fault) => fault.amend(stage).await,
            Self::Process(_) => {}
            Self::Person(deed) => deed.amend(stage).await,
        }
    }
}
