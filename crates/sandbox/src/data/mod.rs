//! The Data API, as far as Heroku Postgres' commands use it.

mod database;
mod routes;
mod wait;

pub(crate) use routes::router;
