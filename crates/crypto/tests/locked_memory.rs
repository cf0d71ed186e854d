//! The arena as the kernel sees it: locked where allowed, left out of dumps, and working all the
//! same where the lock is refused.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use std::process::Command;

use vaultmark_crypto::testing::FixedEntropy;
use vaultmark_crypto::{Key, arena_status, reserve_arena};

/// The flags (`VmFlags` of `/proc/self/smaps`) of the mapping that holds `address`.
fn flags_of(address: usize) -> String {
    let smaps = std::fs::read_to_string("/proc/self/smaps").unwrap();
    let mut inside = false;
    for line in smaps.lines() {
        if let Some((from, to)) = range(line) {
            inside = (from..to).contains(&address);
        } else if inside && line.starts_with("VmFlags:") {
            return format!("{line} ");
        }
    }
    String::new()
}

/// The addresses of a line that begins a mapping.
fn range(line: &str) -> Option<(usize, usize)> {
    let (from, to) = line.split_once(' ')?.0.split_once('-')?;
    Some((usize::from_str_radix(from, 16).ok()?, usize::from_str_radix(to, 16).ok()?))
}

/// Runs in a process of its own, under the limit that the other test sets.
#[test]
fn keys_work_whatever_the_limit() {
    let status = reserve_arena(128 * 1024).unwrap();
    assert_eq!(status, arena_status());
    let key = Key::random(&FixedEntropy::new(1)).unwrap();
    assert!(key.same_as(&key.duplicate().unwrap()));
    let flags = flags_of(key.expose().as_ptr() as usize);
    // Some sandboxes give no flags; where there are some they must agree with the status.
    if !flags.is_empty() {
        assert_eq!(flags.contains(" lo "), status.locked, "{flags}");
        assert_eq!(flags.contains(" dd "), status.undumpable, "{flags}");
        assert!(status.undumpable);
    }
    if std::env::var_os("EXPECT_UNLOCKED").is_some() {
        assert!(!status.locked);
    }
}

/// Root may lock whatever the limit, unless it gives that privilege up.
fn without_privilege(program: &str) -> Option<Command> {
    if !rustix::process::geteuid().is_root() {
        return Some(Command::new(program));
    }
    let give_up = "--bounding-set=-ipc_lock";
    let able = Command::new("setpriv").args([give_up, "true"]).status();
    able.is_ok_and(|status| status.success()).then(|| {
        let mut command = Command::new("setpriv");
        command.args([give_up, program]);
        command
    })
}

#[test]
fn a_refused_lock_is_told_and_survived() {
    let Some(mut command) = without_privilege("sh") else {
        eprintln!("skipped: this root can't give up its privilege to lock memory");
        return;
    };
    let limited = format!(
        "ulimit -l 0; exec '{}' keys_work_whatever_the_limit --exact",
        std::env::current_exe().unwrap().display()
    );
    let output = command.args(["-c", &limited]).env("EXPECT_UNLOCKED", "1").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
