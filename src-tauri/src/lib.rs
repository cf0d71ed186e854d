//! The desktop shell: one window over the application layer, and nothing of its own.
//!
//! Promises: commands only check what arrives and hand it on ([`commands`]); what crosses to the
//! window are the types of [`views`], never the domain's; every command is a row of [`registry`],
//! with the operation that the policy is asked about; pixels cross as encoded pictures under
//! addresses that die when the vault locks ([`media`]); the window can reach nothing else
//! ([`window`], `capabilities/`, `tauri.conf.json`); whose hand it is and what leaves by it is asked
//! where no page reaches ([`idle`], [`sign_in_again`]).

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod arguments;
mod bindings;
mod browse;
pub mod commands;
mod engine;
mod events;
mod idle;
mod media;
mod place;
mod registry;
mod shell;
mod side_doors;
mod sign_in_again;
mod start;
#[cfg(test)]
mod tests;
#[cfg(target_os = "linux")]
mod toolkit;
pub mod views;
mod window;

pub use bindings::bindings;
pub use registry::{Needs, ROWS, Row};
pub use shell::Shell;
pub use start::{Start, StartError, run};
