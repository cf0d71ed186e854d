//! The window as it ships, which no WebDriver can drive: sealed, without the starter's variables,
//! without a console, driven by the keyboard alone; and nothing of it readable on disk, in the
//! tables of processes or, once it is locked, in memory.
//!
//! Skipped, with a line that says so, where Xvfb, xdotool or the program is missing.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::print_stderr, clippy::print_stdout)] // a skipped test says why, another what remains

mod crash;
mod desk;
mod idle;
mod leaving;
mod look;
mod marked;
#[path = "../memory_search/mod.rs"]
mod memory_search;
mod remains;
mod replaced;
mod sealed;
mod side_doors;
mod starter;
// The searcher for marks and the places with folders of their own.
#[allow(dead_code)]
#[path = "../journeys/support/mod.rs"]
mod support;
mod traced;
#[path = "../window/mod.rs"]
mod window;
