//! Trying what must not work, here and now.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Probe, raw};

/// What a refused call must answer.
const REFUSED: &str = "refused (EACCES)";
const ALLOWED: &str = "allowed";
const KILLED: &str = "ended by the kernel (SIGSYS)";

/// Sockets by family and kind, and whether they may be had.
const SOCKETS: &[(&str, i32, i32, bool)] = &[
    ("IPv4 stream socket", libc::AF_INET, libc::SOCK_STREAM, false),
    ("IPv4 datagram socket", libc::AF_INET, libc::SOCK_DGRAM, false),
    ("IPv6 stream socket", libc::AF_INET6, libc::SOCK_STREAM, false),
    ("raw packet socket", libc::AF_PACKET, libc::SOCK_RAW, false),
    ("Bluetooth socket", libc::AF_BLUETOOTH, libc::SOCK_SEQPACKET, false),
    ("virtual machine socket", libc::AF_VSOCK, libc::SOCK_STREAM, false),
    ("local socket", libc::AF_UNIX, libc::SOCK_STREAM, true),
];

/// Calls that end the process; the names are words of [`attempt_forbidden`].
#[cfg(target_arch = "x86_64")]
const FORBIDDEN: &[(&str, &str)] = &[("x32", "x32 system call"), ("i386", "32-bit system call")];
#[cfg(not(target_arch = "x86_64"))]
const FORBIDDEN: &[(&str, &str)] = &[];

/// Tries each. `helper` is a program of ours with the words that make it call
/// [`attempt_forbidden`] with one more word: what ends a process can be tried in another only.
#[must_use]
pub fn probe(helper: Option<(&Path, &str)>) -> Vec<Probe> {
    let sockets = SOCKETS.iter().map(|&(what, family, kind, may)| {
        let answer = answer(&raw::socket(family, kind));
        let expected = if may { ALLOWED } else { REFUSED };
        Probe { what, expected, held: answer == expected, seen: answer }
    });
    let ring = answer(&raw::io_uring());
    let ring = Probe { what: "io_uring", expected: REFUSED, held: ring == REFUSED, seen: ring };
    let mut found: Vec<Probe> = sockets.chain([ring]).collect();
    if let Some((program, verb)) = helper {
        found.extend(FORBIDDEN.iter().map(|&(name, what)| {
            let seen = ending(program, verb, name);
            Probe { what, expected: KILLED, held: seen == KILLED, seen }
        }));
    }
    found
}

/// Makes a call that must end this process; returns where it did not.
pub fn attempt_forbidden(name: &str) {
    #[cfg(target_arch = "x86_64")]
    match name {
        "x32" => raw::x32(),
        "i386" => raw::i386(),
        _ => {}
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = name;
}

fn answer(outcome: &io::Result<()>) -> String {
    match outcome {
        Ok(()) => ALLOWED.into(),
        Err(error) if error.raw_os_error() == Some(libc::EACCES) => REFUSED.into(),
        Err(error) => error.to_string(),
    }
}

fn ending(program: &Path, verb: &str, name: &str) -> String {
    let ended = Command::new(program)
        .args([verb, name])
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match ended {
        Ok(status) if status.signal() == Some(libc::SIGSYS) => KILLED.into(),
        Ok(status) => format!("the call returned ({status})"),
        Err(error) => format!("{} can't be started: {error}", program.display()),
    }
}
