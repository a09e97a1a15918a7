//! Bearer tokens that are good.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use secrecy::{ExposeSecret, SecretString};

/// The tokens that the sandbox accepts now. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Tokens(Arc<Mutex<Vec<SecretString>>>);

impl Tokens {
    pub(crate) fn new(token: SecretString) -> Self {
        Self(Arc::new(Mutex::new(vec![token])))
    }

    pub(crate) fn add(&self, token: SecretString) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(token);
    }

    /// As when a login expires. Requests with it get 401 from now on.
    pub(crate) fn revoke(&self, token: &str) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|known| known.expose_secret() != token);
    }

    /// Takes `Bearer TOKEN`, and `Basic` with an empty user and the token as password, which the
    /// CLI uses for the credentials of a database.
    pub(crate) fn accept(&self, headers: &HeaderMap) -> bool {
        let presented = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let Some(presented) = presented.and_then(token_of) else {
            return false;
        };
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens
            .iter()
            .any(|known| known.expose_secret() == presented)
    }
}

fn token_of(header: &str) -> Option<String> {
    let (scheme, rest) = header.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = base64::engine::general_purpose::STANDARD
        .decode(rest.trim())
        .ok()?;
    let pair = String::from_utf8(decoded).ok()?;
    pair.split_once(':')
        .map(|(_, password)| password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())])
    }

    #[test]
    fn the_token_is_taken_in_both_forms() {
        let tokens = Tokens::new("tok".into());
        assert!(tokens.accept(&headers("Bearer tok")));
        assert!(tokens.accept(&headers("Basic OnRvaw==")));
        assert!(!tokens.accept(&headers("Bearer other")));
        assert!(!tokens.accept(&headers("tok")));
        assert!(!tokens.accept(&HeaderMap::new()));
        tokens.revoke("tok");
        assert!(!tokens.accept(&headers("Bearer tok")));
    }
}
