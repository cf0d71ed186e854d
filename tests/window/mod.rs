//! Driving the real window: a display of its own, WebKitWebDriver, the program, and a small client.
//!
//! Everything starts on free ports in folders of its own and ends with the value that started it:
//! processes are ended by their numbers, never by name.

#![allow(dead_code, unused_imports, clippy::unwrap_used, clippy::expect_used)] // each journey takes its part

mod client;
mod desk;
mod display;
mod keyboard;
mod page;
pub mod process;

pub use desk::Desk;
pub use display::{Display, Picture};
pub use keyboard::Keyboard;
pub use page::Page;
pub use process::Process;
