//! The network seal: no socket of a family that leads off this computer, and no `io_uring`, which
//! opens sockets past any filter.

use seccompiler::{SeccompAction, SeccompCmpOp};

use crate::filter::{Rules, all, apply, argument, program};
use crate::{Unavailable, raw};

/// The families that stay: programs on this computer, and the kernel's own messages.
const KEPT: [i32; 2] = [libc::AF_UNIX, libc::AF_NETLINK];

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
    apply(&program(rules, SeccompAction::Allow, denied)?)
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
