//! What a person sees: one printer that owns stdout and stderr.
//!
//! stdout carries the result and nothing else; everything conversational goes to stderr. Text
//! that came from outside (names, API messages) is escaped where a line is made of it, and once more
//! at the only door to the terminal (`door.rs`).

mod door;
mod error_screen;
mod escape;
mod findings;
mod fold;
mod frames;
mod look;
mod mode;
mod palette;
mod printer;
mod region;
mod result;
mod situation;
mod story;
mod words;
mod writer;

pub(crate) use error_screen::error_screen;
pub(crate) use escape::{json, line};
pub(crate) use fold::fold;
#[cfg(test)]
pub(crate) use fold::on_terminals;
pub(crate) use look::{Look, Terminals, Wishes};
pub(crate) use palette::{Paint, Palette};
pub(crate) use printer::Ui;
pub(crate) use result::result_text;
pub(crate) use situation::Situation;
#[cfg(feature = "sandbox")]
pub(crate) use words::grouped;
pub(crate) use words::length;
