//! The runner over toy steps: order, unwinding, going forward, and what a crash leaves.

mod bounded;
mod going_back;
mod interrupted;
mod journals;
mod lost;
mod order;
mod toy;
