//! `strace`: which files a run writes, and what a run does when the disk fails it.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::Command;

use super::trace::calls_in;
use super::{Done, Place, has_tool};

/// Whether tracing is there and allowed; says that it is skipped where it is not.
pub fn is_allowed() -> bool {
    if !has_tool("strace") {
        return false;
    }
    let works = Command::new("strace").args(["-f", "-qq", "-e", "trace=none", "true"]).output();
    let works = works.is_ok_and(|output| output.status.success());
    if !works {
        eprintln!("skipped: this machine does not let `strace` trace");
    }
    works
}

/// Runs the program with a fault at the `n`-th call (of each thread) of the named system calls, and
/// tells whether the fault happened.
pub fn with_fault(
    place: &Place,
    calls: &str,
    fault: &str,
    n: u32,
    words: &[&OsStr],
) -> (Done, bool) {
    let log = place.out("strace.log");
    let inject = OsString::from(format!("inject={calls}:error={fault}:when={n}"));
    let trace = OsString::from(format!("trace={calls}"));
    let wrapper = ["strace", "-f", "-qq", "-e", "signal=none", "-o"]
        .map(OsStr::new)
        .into_iter()
        .chain([log.as_os_str()]);
    let wrapper: Vec<&OsStr> =
        wrapper.chain([OsStr::new("-e"), &trace, OsStr::new("-e"), &inject]).collect();
    let done = place.finish(place.command_through(&wrapper, words));
    let happened = std::fs::read_to_string(&log).unwrap().contains("(INJECTED)");
    std::fs::remove_file(log).unwrap();
    (done, happened)
}

/// Runs the program and gives every path that it opened for writing, made, renamed or removed. None
/// where the names can't be seen: the program lets nobody but root look into its memory.
pub fn written(place: &Place, words: &[&OsStr]) -> (Done, Option<Vec<PathBuf>>) {
    let log = place.out("strace.log");
    let calls = "trace=open,openat,openat2,creat,rename,renameat,renameat2,mkdir,mkdirat,link,linkat,\
                 symlink,symlinkat,mknod,mknodat,truncate,unlink,unlinkat";
    let wrapper =
        ["strace", "-f", "-qq", "-y", "-s", "4096", "-e", "signal=none", "-e", calls, "-o"];
    let wrapper: Vec<&OsStr> = wrapper.iter().map(OsStr::new).chain([log.as_os_str()]).collect();
    let done = place.finish(place.command_through(&wrapper, words));
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::remove_file(log).unwrap();
    if text.lines().any(|line| line.contains("O_CREAT") && !line.contains('"')) {
        eprintln!("skipped: only root sees the names of the files that the program opens");
        return (done, None);
    }
    (done, Some(calls_in(&text).flat_map(|call| call.written()).collect()))
}
