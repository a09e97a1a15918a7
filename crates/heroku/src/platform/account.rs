//! Who is acting.

use serde::{Deserialize, Serialize};

use super::Platform;
use crate::error::Error;

/// The account that the token belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its identifier.
    pub id: String,
    /// Its e-mail address.
    pub email: String,
}

impl Platform {
    /// The account that the token belongs to (`GET /account`).
    ///
    /// # Errors
    /// [`Error::Unauthorized`] for a token that is not accepted, and whatever the transport meets.
    pub async fn account(&self) -> Result<Account, Error> {
        self.transport
            .send(&self.get(&["account"]))
            .await?
            .json("an account")
    }
}
