//! One way to send a request and to hear the answer.

mod answer;
mod budget;
#[cfg(test)]
mod certificates;
mod paging;
#[cfg(test)]
mod properties;
mod reconcile;
mod request;
mod retry;
mod send;
mod tls;

pub(crate) use answer::Answer;
pub(crate) use reconcile::once_or_found;
pub(crate) use request::{Effect, Request};
pub(crate) use send::Transport;
