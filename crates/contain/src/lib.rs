//! What this program takes from itself, so that nobody has to trust it: the network, and for the
//! decoder nearly everything.
//!
//! * [`seal_network`] denies every socket family but `AF_UNIX` and `AF_NETLINK`, and `io_uring`, to
//!   all threads of this process and all that it starts. There is no way back. Call it first of all.
//! * [`standing`] says how that went; [`probe_network`] tries again what must not work and
//!   tells what happened, so that nobody has to believe a setting.
//! * [`wall_decoder`] leaves a process that parses strangers' files a short list of system calls,
//!   no file and nobody to signal; [`probe_decoder`] tries that too.
//! * [`can_wall_web_engine`] tells whether what draws pages can be walled in as well, and
//!   [`probe_web_engine`] whether it is.
//!
//! Linux only: elsewhere each says [`Unavailable`]. It limits this process, not its peers: a program
//! on the other end of an `AF_UNIX` socket (display server, message bus) has the network that it has.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod unavailable;

#[cfg(target_os = "linux")]
mod decoder;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod filter;
#[cfg(target_os = "linux")]
mod network;
#[cfg(target_os = "linux")]
mod probes;
#[cfg(target_os = "linux")]
mod raw;
#[cfg(target_os = "linux")]
mod web_engine;

use std::ffi::OsStr;
use std::sync::OnceLock;

#[cfg(target_os = "linux")]
pub use decoder::{file_wall, wall_decoder};
#[cfg(not(target_os = "linux"))]
pub use elsewhere::{
    BEHIND_LANDLOCK, attempt_forbidden, can_wall_web_engine, file_wall, probe_decoder,
    probe_network, probe_web_engine, wall_decoder,
};
#[cfg(target_os = "linux")]
pub use probes::{BEHIND_LANDLOCK, attempt_forbidden, probe_decoder, probe_network};
pub use unavailable::Unavailable;
#[cfg(target_os = "linux")]
pub use web_engine::{can_wall_web_engine, probe_web_engine};

/// How the network seal of this process stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has asked for it: no program of ours, but a test or another program that uses the
    /// library.
    Untried,
    /// In place, for good.
    Sealed,
    /// It could not be put in place.
    Open(Unavailable),
}

/// The wall between a decoder and the file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileWall {
    /// Landlock of this version.
    Landlock(u32),
    /// The kernel has none; the system call filter alone denies opening files.
    Missing,
}

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// What was tried.
    pub what: &'static str,
    /// What must come of it.
    pub expected: &'static str,
    /// What came of it.
    pub seen: String,
    /// Whether that is the same.
    pub held: bool,
}

static SEAL: OnceLock<Result<(), Unavailable>> = OnceLock::new();

/// Seals the network off. The first call decides; later ones tell what it came to.
///
/// # Errors
/// [`Unavailable`], with what the system said.
pub fn seal_network() -> Result<(), Unavailable> {
    #[cfg(target_os = "linux")]
    let seal = network::seal;
    #[cfg(not(target_os = "linux"))]
    let seal = elsewhere::seal;
    SEAL.get_or_init(seal).clone()
}

/// Sets a variable of the environment for libraries that read it later and for all that this process
/// starts. Call it at the start, before there is a display.
pub fn tell_libraries(name: &str, value: &OsStr) {
    #[cfg(target_os = "linux")]
    raw::tell_libraries(name, value);
    #[cfg(not(target_os = "linux"))]
    let _ = (name, value);
}

/// How the seal of this process stands.
#[must_use]
pub fn standing() -> Standing {
    match SEAL.get() {
        None => Standing::Untried,
        Some(Ok(())) => Standing::Sealed,
        Some(Err(why)) => Standing::Open(why.clone()),
    }
}
