//! What Connect and Salesforce do wrong.

use std::sync::Arc;

use connect_swap_sandbox::connect::{ConnectionState, Login, MappingFailure, MappingState};

use crate::stage::Stage;
use crate::start::{addons, reload_stopped_mappings};

#[derive(Clone, Copy, Debug)]
pub(crate) enum ConnectFault {
    /// The next pauses of a connection are refused.
    PauseRefused { new: bool, times: u32 },
    /// A mapping stops with an error, in a load after so many rows.
    MappingFails { new: bool, after_rows: u64 },
    /// A connection stops with an error.
    ConnectionFails { new: bool },
    /// A connection runs again that was paused: by itself, or by somebody at the dashboard.
    Resumed { new: bool },
    /// Loading is a hundred times slower.
    SlowLoad,
    /// The login leads to another organisation.
    WrongOrganisation,
    /// The login is refused.
    LoginRefused,
    /// Salesforce does not take a row.
    WriteError,
}

impl ConnectFault {
    pub(crate) fn any(rng: &mut fastrand::Rng) -> Self {
        let new = rng.bool();
        match rng.u8(0..10) {
            0 => Self::PauseRefused {
                new,
                times: rng.u32(1..4),
            },
            1..=3 => Self::MappingFails {
                new,
                after_rows: [0, 5, 30][rng.usize(0..3)],
            },
            4 => Self::ConnectionFails { new },
            5..=6 => Self::Resumed { new },
            7 => Self::SlowLoad,
            8 if new => Self::WrongOrganisation,
            8 => Self::LoginRefused,
            _ => Self::WriteError,
        }
    }

    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::PauseRefused { .. } => "pause refused",
            Self::MappingFails { .. } => "mapping stops",
            Self::ConnectionFails { .. } => "connection stops",
            Self::Resumed { .. } => "connection resumed",
            Self::SlowLoad => "slow load",
            Self::WrongOrganisation => "another organisation",
            Self::LoginRefused => "login refused",
            Self::WriteError => "write error",
        }
    }

    pub(crate) async fn strike(self, stage: &Arc<Stage>) {
        let connect = stage.servers.sandbox.connect();
        let app = stage.app.as_str();
        match self {
            Self::SlowLoad => connect.change_behaviour(app, |app| app.load_rows_per_second = 5.0),
            Self::WrongOrganisation => {
                connect.change_behaviour(app, |app| app.login = Login::WrongOrganisation);
            }
            Self::LoginRefused => connect.change_behaviour(app, |app| app.login = Login::Refuse),
            Self::WriteError => {
                // Where the mapping is not there (any more), it cannot fail either.
                let _ = connect.add_write_error(&stage.old.connect, "Account", "no such field");
            }
            Self::PauseRefused { new, times } => {
                if let Some(name) = connection(stage, new).await {
                    let _ = connect.refuse_pauses(&name, times);
                }
            }
            Self::MappingFails { new, after_rows } => {
                let failure = MappingFailure {
                    state: MappingState::BulkLoadError,
                    message: "InvalidBatch : Field name not found".into(),
                    after_rows,
                };
                if let Some(name) = connection(stage, new).await {
                    let _ = connect.fail_mapping(&name, "Account", failure);
                }
            }
            Self::ConnectionFails { new } => {
                if let Some(name) = connection(stage, new).await {
                    let _ = connect.set_state(&name, ConnectionState::DbUnavailable);
                }
            }
            Self::Resumed { new } => {
                if let Some(name) = connection(stage, new).await {
                    let _ = connect.unpause(&name);
                }
            }
        }
    }

    pub(crate) async fn amend(self, stage: &Arc<Stage>) {
        let connect = stage.servers.sandbox.connect();
        match self {
            Self::SlowLoad => {
                connect.change_behaviour(&stage.app, |app| app.load_rows_per_second = 500.0);
            }
            Self::WrongOrganisation | Self::LoginRefused => {
                connect.change_behaviour(&stage.app, |app| app.login = Login::Allow);
            }
            Self::PauseRefused { new, .. } => {
                if let Some(name) = connection(stage, new).await {
                    let _ = connect.refuse_pauses(&name, 0);
                }
            }
            Self::MappingFails { .. } => reload_stopped_mappings(stage).await,
            Self::ConnectionFails { .. } | Self::Resumed { .. } | Self::WriteError => {}
        }
    }
}

/// The add-on of the old or the new connection, where there is one.
async fn connection(stage: &Arc<Stage>, new: bool) -> Option<String> {
    if !new {
        return Some(stage.old.connect.clone());
    }
    let addons = addons(&stage.servers.sandbox, &stage.app).await;
    let mut of_connect = addons
        .into_iter()
        .filter(|addon| addon.service == "herokuconnect");
    of_connect
        .find(|addon| addon.name != stage.old.connect)
        .map(|addon| addon.name)
}

/// Resumes what has stopped with an error, as `heroku connect:recover` does.
pub(crate) async fn recover_connections(stage: &Arc<Stage>) {
    let connect = stage.servers.sandbox.connect();
    for new in [false, true] {
        if let Some(name) = connection(stage, new).await
            && connect.state(&name).is_ok_and(|state| {
                use ConnectionState::{DbUnavailable, SystemError};
                matches!(state, DbUnavailable | SystemError)
            })
        {
            let _ = connect.unpause(&name);
        }
    }
}
