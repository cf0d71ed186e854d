//! The network seal: no socket of a family that leads off this computer, and no `io_uring`, which
//! opens sockets past any filter.

use std::io;

use seccompiler::{SeccompAction, SeccompCmpOp};

use crate::filter::{Rules, all, apply, argument, program};
use crate::probes::SOCKETS;
use crate::{Unavailable, raw};

/// The families that stay: programs on this computer, and the kernel's own messages.
const KEPT: [i32; 2] = [libc::AF_UNIX, libc::AF_NETLINK];

/// Filters of which no more is needed.
const ENOUGH: u32 = 16;

pub(crate) fn seal() -> Result<(), Unavailable> {
    if let Some(descriptor) = inherited() {
        return Err(Unavailable::Inherited(descriptor));
    }
    let mut rules = Rules::new();
    for call in [libc::SYS_socket, libc::SYS_socketpair] {
        let mut others = Vec::new();
        for family in KEPT {
            others.push(argument(0, SeccompCmpOp::Ne, u64::from(family.unsigned_abs()))?);
        }
        rules.insert(call, vec![all(others)?]);
    }
    for call in [libc::SYS_io_uring_setup, libc::SYS_io_uring_enter, libc::SYS_io_uring_register] {
        rules.insert(call, Vec::new());
    }
    let denied = SeccompAction::Errno(libc::EACCES.unsigned_abs());
    // A program that starts anew in its own place keeps its filters, of which the kernel takes some
    // hundreds (seccomp(2), ENOMEM), its decoders' and the web engine's among them. So many that refuse
    // everything are this program's own, and one more would do the same.
    if filters() >= ENOUGH && is_sealed() {
        return Ok(());
    }
    apply(&program(rules, SeccompAction::Allow, denied)?)
}

/// How many filters this process has (proc_pid_status(5), since Linux 5.10).
fn filters() -> u32 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("Seccomp_filters:"));
    line.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}

/// Whether everything that must be refused is.
fn is_sealed() -> bool {
    let refused =
        |outcome: io::Result<()>| outcome.is_err_and(|e| e.raw_os_error() == Some(libc::EACCES));
    let mut forbidden = SOCKETS.iter().filter(|(.., may)| !may);
    forbidden.all(|&(_, family, kind, _)| refused(raw::socket(family, kind)))
        && refused(raw::io_uring())
}

/// A descriptor of this process that is a socket of another family: a filter on making sockets
/// does not see those that were there before.
pub(crate) fn inherited() -> Option<i32> {
    let listed = std::fs::read_dir("/proc/self/fd").ok()?;
    let numbers: Vec<i32> =
        listed.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    numbers
        .into_iter()
        .find(|number| raw::family(*number).is_some_and(|family| !KEPT.contains(&family)))
}
