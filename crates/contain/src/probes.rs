//! Trying what must not work, here and now.

use std::fs::File;
use std::io;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use crate::{Probe, Unavailable, decoder, raw};

/// What a refused call must answer.
const REFUSED: &str = "refused (EACCES)";
const ALLOWED: &str = "allowed";
const KILLED: &str = "ended by the kernel (SIGSYS)";

/// Sockets by family and kind, and whether they may be had.
pub(crate) const SOCKETS: &[(&str, i32, i32, bool)] = &[
    ("IPv4 stream socket", libc::AF_INET, libc::SOCK_STREAM, false),
    ("IPv4 datagram socket", libc::AF_INET, libc::SOCK_DGRAM, false),
    ("IPv6 stream socket", libc::AF_INET6, libc::SOCK_STREAM, false),
    ("raw packet socket", libc::AF_PACKET, libc::SOCK_RAW, false),
    ("Bluetooth socket", libc::AF_BLUETOOTH, libc::SOCK_SEQPACKET, false),
    ("virtual machine socket", libc::AF_VSOCK, libc::SOCK_STREAM, false),
    ("local socket", libc::AF_UNIX, libc::SOCK_STREAM, true),
];

/// What ends a process of ours, with the words of [`attempt_forbidden`] for it.
#[cfg(target_arch = "x86_64")]
const FORBIDDEN: &[(&str, &str)] = &[("x32", "x32 system call"), ("i386", "32-bit system call")];
#[cfg(not(target_arch = "x86_64"))]
const FORBIDDEN: &[(&str, &str)] = &[];

/// What a kernel without Landlock lets through, and only that.
pub const BEHIND_LANDLOCK: &str = "decoder: open a file, behind Landlock alone";

/// The same behind a decoder's walls, with what comes of it.
const WALLED: &[(&str, &str, &str)] = &[
    ("decoder-open", "decoder: open a file", REFUSED),
    ("decoder-landlock", BEHIND_LANDLOCK, REFUSED),
    ("decoder-socket", "decoder: local socket", KILLED),
    ("decoder-start", "decoder: start a process", KILLED),
    ("decoder-become", "decoder: run another program", KILLED),
    ("decoder-thread", "decoder: start a thread", KILLED),
    ("decoder-signal", "decoder: end another process", KILLED),
    ("decoder-owner", "decoder: have the kernel signal another process", KILLED),
    ("decoder-code", "decoder: executable memory", KILLED),
];

/// Tries what the network seal must refuse. `helper` is a program of ours with the verb that makes it
/// call [`attempt_forbidden`] with one more word and end with its answer: what ends a process can be
/// tried in another only.
#[must_use]
pub fn probe_network(helper: (&Path, &str)) -> Vec<Probe> {
    let sockets = SOCKETS.iter().map(|&(what, family, kind, may)| {
        let expected = if may { ALLOWED } else { REFUSED };
        compare(what, expected, answer(&raw::socket(family, kind)))
    });
    let ring = compare("io_uring", REFUSED, answer(&raw::io_uring()));
    let ends = FORBIDDEN.iter().map(|&(name, what)| compare(what, KILLED, ending(helper, name)));
    sockets.chain([ring]).chain(ends).collect()
}

/// Tries, from behind the walls around a decoder, what those must refuse; `helper` as above.
#[must_use]
pub fn probe_decoder(helper: (&Path, &str)) -> Vec<Probe> {
    let walled = WALLED.iter();
    walled.map(|&(name, what, expected)| compare(what, expected, ending(helper, name))).collect()
}

fn compare(what: &'static str, expected: &'static str, seen: String) -> Probe {
    Probe { what, expected, held: seen == expected, seen }
}

/// Makes a call that must end this process, or be refused to it; returns where it lives on, with the
/// status to end with.
#[must_use]
pub fn attempt_forbidden(name: &str) -> u8 {
    let outcome = match name {
        #[cfg(target_arch = "x86_64")]
        "x32" => returned(raw::x32),
        #[cfg(target_arch = "x86_64")]
        "i386" => returned(raw::i386),
        "decoder-landlock" => decoder::wall_files().map(|_| open_a_file()),
        _ => decoder::wall_decoder().map(|_| match name {
            "decoder-open" => open_a_file(),
            "decoder-socket" => raw::socket(libc::AF_UNIX, libc::SOCK_STREAM),
            "decoder-start" => Command::new("/proc/self/exe").spawn().map(drop),
            "decoder-become" => Err(Command::new("/proc/self/exe").exec()),
            "decoder-thread" => thread::Builder::new().spawn(|| {}).map(drop),
            "decoder-signal" => raw::abort_another(),
            "decoder-owner" => raw::have_another_signalled(),
            "decoder-code" => raw::executable_memory(),
            _ => Err(io::ErrorKind::Unsupported.into()),
        }),
    };
    match outcome.map(|answer| answer.map_err(|error| error.raw_os_error())) {
        Ok(Ok(())) => DONE,
        Ok(Err(Some(libc::EACCES))) => DENIED,
        Ok(Err(_)) | Err(_) => OTHERWISE,
    }
}

/// How a program of ours ends that was let through, refused, or could not try.
const DONE: u8 = 0;
const DENIED: u8 = 1;
const OTHERWISE: u8 = 2;

#[cfg(target_arch = "x86_64")]
fn returned(call: fn()) -> Result<io::Result<()>, Unavailable> {
    call();
    Ok(Ok(()))
}

/// One that is there for everybody.
fn open_a_file() -> io::Result<()> {
    File::open("/proc/self/status").map(drop)
}

fn answer(outcome: &io::Result<()>) -> String {
    match outcome {
        Ok(()) => ALLOWED.into(),
        Err(error) if error.raw_os_error() == Some(libc::EACCES) => REFUSED.into(),
        Err(error) => error.to_string(),
    }
}

fn ending((program, verb): (&Path, &str), name: &str) -> String {
    let ended = Command::new(program)
        .args([verb, name])
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let status = match ended {
        Ok(status) => status,
        Err(error) => return format!("{} can't be started: {error}", program.display()),
    };
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    match (status.signal(), code) {
        (Some(libc::SIGSYS), _) => KILLED.into(),
        (_, Some(DONE)) => ALLOWED.into(),
        (_, Some(DENIED)) => REFUSED.into(),
        _ => format!("could not be tried ({status})"),
    }
}
