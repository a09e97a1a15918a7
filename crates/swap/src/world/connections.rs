//! Live looks at both connections.

use connect_swap_engine::StepError;
use connect_swap_heroku::AddonName;
use connect_swap_heroku::connect::Connection;

use super::World;
use crate::topology::find_connection;
use crate::trouble::During;

/// Which of the two pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The live pair, until the swap.
    Old,
    /// The pair that replaces it.
    New,
}

impl Side {
    /// `old` or `new`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }
}

impl World {
    /// The Connect add-on of a side.
    pub fn connect_addon(&self, side: Side) -> &AddonName {
        match side {
            Side::Old => &self.subject.old.connect.name,
            Side::New => &self.subject.new.connect,
        }
    }

    /// The connection of a side as it is now.
    ///
    /// # Errors
    /// When it is not visible, or Connect does not answer.
    pub async fn connection(&self, side: Side) -> Result<Connection, StepError> {
        let addon = self.connect_addon(side);
        self.find_connection(side).await?.ok_or_else(|| {
            StepError::drifted(format!(
                "Heroku Connect shows no connection of {addon} any more"
            ))
            .hint(format!("look at `heroku addons -a {}`", self.subject.app))
        })
    }

    /// The connection of a side, or nothing where Connect shows none to this user.
    ///
    /// # Errors
    /// When Connect does not answer.
    pub async fn find_connection(&self, side: Side) -> Result<Option<Connection>, StepError> {
        find_connection(&self.heroku, &self.subject.app, self.connect_addon(side)).await
    }

    /// The same connection, read again.
    ///
    /// # Errors
    /// When Connect does not answer.
    pub async fn reread(&self, connection: &Connection) -> Result<Connection, StepError> {
        self.heroku
            .connect()
            .reread(connection)
            .await
            .during(&format!(
                "reading the connection of {}",
                connection.resource_name
            ))
    }
}

/// A connection's state in words, for progress lines.
pub fn state_words(connection: &Connection) -> String {
    let busy = connection
        .mappings
        .iter()
        .filter(|mapping| !mapping.is_quiet());
    let busy: Vec<_> = busy
        .map(|mapping| format!("{} {}", mapping.object_name, mapping.state))
        .collect();
    if busy.is_empty() {
        connection.state.to_string()
    } else {
        format!("{} ({})", connection.state, busy.join(", "))
    }
}
