//! What steps leave behind for later steps: recorded in the journal, so it survives a crash.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::StepError;

/// Outputs by step id.
#[derive(Debug, Clone, Default)]
pub struct Outputs {
    values: BTreeMap<String, Value>,
}

impl Outputs {
    /// Keeps the output of a step, in place of an earlier one.
    pub fn put(&mut self, step: &str, value: Value) {
        self.values.insert(step.to_owned(), value);
    }

    /// Forgets the output of a step that was undone.
    pub fn remove(&mut self, step: &str) {
        self.values.remove(step);
    }

    /// The raw output of a step.
    pub fn raw(&self, step: &str) -> Option<&Value> {
        self.values.get(step)
    }

    /// The output of a step, if it is there.
    ///
    /// # Errors
    /// When the journal holds something else under this step's id.
    pub fn find<T: DeserializeOwned>(&self, step: &str) -> Result<Option<T>, StepError> {
        let Some(value) = self.values.get(step) else {
            return Ok(None);
        };
        serde_json::from_value(value.clone())
            .map(Some)
            .map_err(|error| {
                StepError::unbelievable(format!(
                    "the journal's output of step {step} cannot be read"
                ))
                .because(&error)
            })
    }

    /// The output of a step that must have run.
    ///
    /// # Errors
    /// When it is not there or cannot be read.
    pub fn get<T: DeserializeOwned>(&self, step: &str) -> Result<T, StepError> {
        self.find(step)?
            .ok_or_else(|| StepError::failed(format!("the journal holds no output of step {step}")))
    }
}
