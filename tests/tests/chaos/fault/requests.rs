//! API requests that fail.

use std::sync::Arc;

use connect_swap_sandbox::FaultKind;
use secrecy::SecretString;
use serde_json::json;

use crate::stage::Stage;

/// Some of the next requests.
#[derive(Clone, Debug)]
pub(crate) struct RequestFault {
    what: What,
    method: &'static str,
    /// How many pass first.
    skip: u32,
    /// How many it then hits.
    times: u32,
}

#[derive(Clone, Copy, Debug)]
enum What {
    ErrorBefore(u16, &'static str),
    ErrorAfter(u16, &'static str),
    HangBefore,
    HangAfter,
    ResetBefore,
    ResetAfter,
    Truncated,
    Malformed,
    RateLimited,
    NotFound,
    /// Heroku is in trouble for a while: every request.
    Burst(u16),
    /// The token is no longer good until the operator logs in again.
    TokenExpired,
}

/// Heroku's ids for what it refuses with (Platform API reference, "Errors").
const REFUSALS: [(u16, &str); 8] = [
    (401, "unauthorized"),
    (403, "two_factor"),
    (404, "not_found"),
    (409, "conflict"),
    (422, "invalid_params"),
    (423, "locked"),
    (500, "internal_server_error"),
    (503, "service_unavailable"),
];

impl RequestFault {
    pub(crate) fn any(rng: &mut fastrand::Rng) -> Self {
        let (status, id) = REFUSALS[rng.usize(0..REFUSALS.len())];
        // After the effect only a server in trouble answers so.
        let broken = [500, 502, 503, 504][rng.usize(0..4)];
        let what = match rng.u8(0..14) {
            0..=2 => What::ErrorBefore(status, id),
            3 => What::ErrorAfter(broken, "internal_server_error"),
            4 => What::HangBefore,
            5 => What::HangAfter,
            6 => What::ResetBefore,
            7 => What::ResetAfter,
            8 => What::Truncated,
            9 => What::Malformed,
            10 => What::RateLimited,
            11 => What::NotFound,
            12 => What::Burst(broken),
            _ => What::TokenExpired,
        };
        Self {
            what,
            method: ["GET", "POST", "PATCH", "DELETE", "GET", "POST"][rng.usize(0..6)],
            skip: rng.u32(0..4),
            times: rng.u32(1..=3),
        }
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self.what {
            What::ErrorBefore(401, _) => "401",
            What::ErrorBefore(403, _) => "403 second factor",
            What::ErrorBefore(404, _) | What::NotFound => "404 for a while",
            What::ErrorBefore(409, _) => "409",
            What::ErrorBefore(422, _) => "422",
            What::ErrorBefore(423, _) => "423",
            What::ErrorBefore(..) => "5xx before the effect",
            What::ErrorAfter(..) => "5xx after the effect",
            What::HangBefore => "no answer, no effect",
            What::HangAfter => "no answer after the effect",
            What::ResetBefore => "reset before the effect",
            What::ResetAfter => "reset after the effect",
            What::Truncated => "answer cut short",
            What::Malformed => "answer that is no JSON",
            What::RateLimited => "429",
            What::Burst(_) => "a burst of 5xx",
            What::TokenExpired => "token expired",
        }
    }

    pub(crate) fn strike(&self, stage: &Arc<Stage>) {
        let body = |id: &str| json!({"id": id, "message": "something is wrong here"});
        let (kind, times) = match self.what {
            What::ErrorBefore(status, id) => (
                FaultKind::ErrorBefore {
                    status,
                    body: body(id),
                },
                self.times,
            ),
            What::ErrorAfter(status, id) => (
                FaultKind::ErrorAfter {
                    status,
                    body: body(id),
                },
                1,
            ),
            What::HangBefore => (FaultKind::HangBefore, 1),
            What::HangAfter => (FaultKind::HangAfter, 1),
            What::ResetBefore => (FaultKind::ResetBefore, self.times),
            What::ResetAfter => (FaultKind::ResetAfter, 1),
            What::Truncated => (FaultKind::TruncatedBody, 1),
            What::Malformed => (FaultKind::MalformedJson, 1),
            What::RateLimited => (FaultKind::RateLimited, self.times * 3),
            What::NotFound => (FaultKind::NotFound, self.times),
            What::Burst(status) => return burst(stage, status, self.times * 12),
            What::TokenExpired => return stage.servers.sandbox.revoke_token(&token(stage)),
        };
        let fault = connect_swap_sandbox::Fault::once(self.method, ".", kind);
        let fault = fault.after(self.skip).times(times);
        stage
            .servers
            .sandbox
            .add_fault(fault)
            .expect("an expression");
    }

    pub(crate) fn amend(&self, stage: &Arc<Stage>) {
        if let What::TokenExpired = self.what {
            stage
                .servers
                .sandbox
                .add_token(SecretString::from(token(stage)));
        }
    }
}

fn burst(stage: &Arc<Stage>, status: u16, times: u32) {
    let fault = connect_swap_sandbox::Fault {
        id: 0,
        method: None,
        path: ".".into(),
        skip: 0,
        times: Some(times),
        kind: FaultKind::ErrorBefore {
            status,
            body: json!({"id": "service_unavailable", "message": "try again"}),
        },
    };
    stage
        .servers
        .sandbox
        .add_fault(fault)
        .expect("an expression");
}

fn token(stage: &Arc<Stage>) -> String {
    let environment = stage.servers.sandbox.environment();
    let token = environment
        .into_iter()
        .find(|(name, _)| name == "HEROKU_API_KEY");
    token.expect("a token").1
}
