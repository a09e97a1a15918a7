//! Logins under way: from `authorize_url` to the operator's answer on the login page.

use uuid::Uuid;

use super::connection::{Authorised, Connection};
use super::options::Login;
use super::service::Connect;
use super::state::ConnectionState;

/// A login that waits for someone to press a button.
#[derive(Clone, Debug)]
pub(crate) struct PendingLogin {
    pub(crate) connection: Uuid,
    pub(crate) environment: String,
    pub(crate) domain: String,
    pub(crate) api_version: String,
    /// Where the browser goes afterwards.
    pub(crate) next: Option<String>,
}

impl Connect {
    /// Ends a login: with `Allow` the connection takes the app's organisation and becomes IDLE,
    /// with `WrongOrganisation` it takes another one, with `Refuse` nothing happens.
    pub(crate) fn finish_login(
        &self,
        connection: &Connection,
        login: &PendingLogin,
        answer: Login,
    ) {
        let app = &connection.addon.app_name;
        let organisation = match answer {
            Login::Allow => self.organisation_or_new(app),
            Login::WrongOrganisation => self.another_organisation(app),
            Login::Refuse => return,
        };
        let now = self.inner.clock.now();
        let mut data = connection.data();
        data.login = Some(Authorised {
            organisation,
            environment: login.environment.clone(),
            domain: login.domain.clone(),
            api_version: login.api_version.clone(),
            at: now,
        });
        if matches!(
            data.state,
            ConnectionState::NeedAuthentication | ConnectionState::Unauthorized
        ) {
            data.state = ConnectionState::Idle;
        }
        drop(data);
        connection.wake.notify_one();
    }
}
