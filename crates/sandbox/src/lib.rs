//! Heroku, Heroku Connect and Salesforce played on this machine over real PostgreSQL servers.
//!
//! [`Sandbox::start`] brings up two PostgreSQL servers and one HTTP port on 127.0.0.1 that serves
//! the Platform API, the Data API, Connect's discovery and region APIs, and a control API. The
//! real `heroku` CLI works against it with [`Sandbox::environment`]. It shares no type with this
//! project's clients: both answer to Heroku's documentation.
//!
//! Apps are made with [`Sandbox::create_app`], or whole with [`Sandbox::seed_demo`]. Their dynos
//! write to the database they started with as long as they are up, and [`Sandbox::audit`] tells
//! what became of every write that was acknowledged to them.
//!
//! The control API stands under `/_sandbox/`, needs no token and is not logged:
//!
//! | request | what it does |
//! |---|---|
//! | `GET /_sandbox` | sandbox time, speed, apps |
//! | `GET`, `DELETE /_sandbox/requests` | the request log; clears it |
//! | `GET`, `POST`, `DELETE /_sandbox/faults` | lists, adds (a [`Fault`]) and clears faults |
//! | `DELETE /_sandbox/faults/{id}` | takes one away |
//! | `PUT /_sandbox/rate-limit` | `{remaining}` of the request budget |
//! | `POST`, `DELETE /_sandbox/tokens` | `{token}` becomes good, or expires |
//! | `GET /_sandbox/apps/{app}` | formation, dynos, releases, attachments, what users saw |
//! | `GET /_sandbox/apps/{app}/audit` | the [`Audit`] |
//! | `PUT /_sandbox/apps/{app}/release-phase` | `{seconds, outcome}`: `succeeds`, `fails`, `hangs` |
//! | `PUT /_sandbox/apps/{app}/provisioning` | `{seconds, outcome}` of the next add-ons |
//! | `PUT /_sandbox/apps/{app}/dyno-delays` | `{start, stop}` in seconds of sandbox time |
//! | `POST /_sandbox/apps/{app}/one-off` | `{type}`: somebody's one-off dyno |
//! | `POST /_sandbox/addons/{addon}/credentials` | `{name}`: a named credential |
//! | `PUT /_sandbox/addons/{addon}/following` | `{leader}`: a follower, or null for none |
//!
//! Faults count requests, never time. What others do through Heroku itself (scaling, config vars,
//! attachments to their own apps) is done through the Platform API. `/_sandbox/connect/` belongs
//! to [`connect`].

pub mod apps;
mod audit;
pub mod clock;
pub mod connect;
mod control;
mod data;
mod http;
mod options;
mod platform;
pub mod salesforce;
mod sandbox;
mod seed;
pub mod servers;
mod workload;
mod world;

pub use audit::{Acknowledged, Audit, AuditError, Finding, Unknown};
pub use http::{Fault, FaultError, FaultKind, LoggedRequest};
pub use options::{Delays, RateLimit, SandboxOptions};
pub use sandbox::{ControlError, Sandbox, StartError};
pub use seed::{DemoOptions, SeedError, demo_export};
pub use workload::{ManagedWrites, Workload, WrittenTable};
pub use world::{
    AppSpec, PostgresSpec, ProcessSpec, Provisioning, ProvisioningOutcome, Reason, ReleaseOutcome,
    ReleasePhase, SpecError, TurnedAway,
};
