//! Heroku's refusals: status, id and message, as its error table has them.

/// An answer that is not the wanted one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{id}: {message}")]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) id: &'static str,
    pub(crate) message: String,
    /// Which kind of thing was not found.
    pub(crate) resource: Option<&'static str>,
    /// The app whose name must be sent as `confirm`.
    pub(crate) confirmation: Option<String>,
}

impl Refusal {
    pub(crate) fn new(status: u16, id: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            id,
            message: message.into(),
            resource: None,
            confirmation: None,
        }
    }

    pub(crate) fn not_found(resource: &'static str) -> Self {
        let what = match resource {
            "addon" => "add-on",
            "attachment" => "add-on attachment",
            other => other,
        };
        let message = format!("Couldn't find that {what}.");
        Self {
            resource: Some(resource),
            ..Self::new(404, "not_found", message)
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(422, "invalid_params", message)
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(403, "forbidden", message)
    }

    /// The name of `app` is to be sent as `confirm` (status 423 and the header
    /// `X-Confirmation-Required` as in the CLI's own tests).
    pub(crate) fn confirmation_required(app: &str, message: impl Into<String>) -> Self {
        let confirmation = Some(app.to_owned());
        Self {
            confirmation,
            ..Self::new(423, "confirmation_required", message)
        }
    }
}
