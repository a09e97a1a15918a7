//! Plans and what they cost.

use serde::{Deserialize, Serialize};

use super::Platform;
use crate::error::Error;
use crate::wire;

/// A plan, as an add-on refers to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRef {
    /// Its identifier.
    pub id: String,
    /// Its name with the service's in front (`heroku-postgresql:standard-0`).
    pub name: String,
}

/// What a plan or an add-on costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// US cents for each [`unit`](Self::unit).
    #[serde(default, deserialize_with = "wire::or_default")]
    pub cents: u64,
    /// Whether it is priced by contract; the cents say nothing then.
    #[serde(default, deserialize_with = "wire::or_default")]
    pub contract: bool,
    /// The period: `month`.
    #[serde(default, deserialize_with = "wire::text")]
    pub unit: Option<String>,
}

#[derive(Deserialize)]
struct Plan {
    price: Option<Price>,
}

impl Platform {
    /// What a plan costs (`GET /plans/{plan}`); nothing where there is no such plan or no price.
    ///
    /// # Errors
    /// Whatever Heroku refuses.
    pub async fn plan_price(&self, plan: &str) -> Result<Option<Price>, Error> {
        match self.transport.send(&self.get(&["plans", plan])).await {
            Ok(answer) => Ok(answer.json::<Plan>("a plan")?.price),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
