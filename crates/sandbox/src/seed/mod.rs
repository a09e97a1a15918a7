//! A demo app that has been in production for a while: its Connect tables are full, and around
//! them stands everything that Connect does not manage.

mod anchors;
mod demo;
mod mappings;
mod options;
mod sql;
mod unmanaged;
mod writers;

pub use demo::SeedError;
pub use mappings::demo_export;
pub use options::DemoOptions;
