//! Closing what a parent left open by mistake.
//!
//! The program opens everything close-on-exec, but it may itself have been started with
//! descriptors that are not (by a shell, a build tool, a desktop). A worker must not be able to
//! read them.
//!
//! The one unsafe module of this crate: descriptors that nobody in this process owns can only be
//! named by number. Sound because it runs first in the worker's `main`, when the process has one
//! thread and no object in it owns a descriptor beyond the standard three.
#![allow(unsafe_code)]

use std::os::fd::{BorrowedFd, FromRawFd as _, OwnedFd, RawFd};

/// Closes all descriptors but standard input, output and error.
///
/// Call only from [`crate::worker::main`], before anything else.
pub(super) fn close_inherited() {
    for number in open_numbers().into_iter().filter(|number| *number > 2) {
        // SAFETY: only asks whether the number is open; a closed one gives an error.
        let open = rustix::io::fcntl_getfd(unsafe { BorrowedFd::borrow_raw(number) }).is_ok();
        if open {
            // SAFETY: the number is open and, as said above, owned by nothing in this process.
            drop(unsafe { OwnedFd::from_raw_fd(number) });
        }
    }
}

/// The numbers that are open, and perhaps some that are not.
fn open_numbers() -> Vec<RawFd> {
    let Ok(listed) = std::fs::read_dir("/proc/self/fd") else {
        // Without /proc: all numbers that a process commonly may use.
        return (0..1024).collect();
    };
    listed.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}
