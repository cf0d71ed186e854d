//! Memory: whether keys stay out of swap, whether others can read them, whether a crash or a sleep
//! would write them down.

use std::fs;

use vaultmark_crypto::arena_status;

use super::Finding;
use super::disk::is_encrypted;

pub(super) fn look() -> Vec<Finding> {
    let areas = swap_areas();
    vec![keys(), dumps(), debuggers(), swap(areas.as_deref()), hibernation(areas.as_deref())]
}

fn keys() -> Finding {
    let arena = arena_status();
    let seen = format!(
        "{} bytes of key memory, {}",
        arena.bytes,
        if arena.locked { "locked" } else { "not locked" }
    );
    if arena.locked {
        Finding::fine("keys-locked", seen)
    } else {
        let remedy = "Raise the limit of locked memory (`ulimit -l`) to 8 MiB or more.";
        Finding::warning("keys-locked", seen, remedy)
    }
}

/// Whether the kernel would write this process's memory to a core file.
fn dumps() -> Finding {
    const NAME: &str = "core-dumps";
    const REMEDY: &str = "Turn core dumps off for this account (`ulimit -c 0`).";
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max core file size"));
    match line.and_then(|line| line.split_whitespace().nth(4)) {
        Some("0") => Finding::fine(NAME, "core dumps are off"),
        Some(limit) => {
            Finding::warning(NAME, format!("core dumps up to {limit} bytes are allowed"), REMEDY)
        }
        None => Finding::unknown(NAME, "the limit of core dumps can't be read", REMEDY),
    }
}

/// Whether other programs of the account can read this process's memory.
fn debuggers() -> Finding {
    const NAME: &str = "debuggers";
    const REMEDY: &str = "Use this account for nothing else, or have the administrator set \
                          `kernel.yama.ptrace_scope` to 2.";
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, dumpable_behavior};
        match dumpable_behavior() {
            Ok(DumpableBehavior::NotDumpable) => {
                let seen = "other programs of this account can't attach to this one";
                Finding::fine(NAME, seen)
            }
            _ => {
                let seen = "other programs of this account can attach to this one";
                Finding::warning(NAME, seen, REMEDY)
            }
        }
    }
    #[cfg(not(target_os = "linux"))]
    Finding::unknown(NAME, "this system does not tell", REMEDY)
}

/// The devices and files that are swapped to; `None` where that can't be read.
fn swap_areas() -> Option<Vec<String>> {
    let swaps = fs::read_to_string("/proc/swaps").ok()?;
    let names = swaps.lines().skip(1).filter_map(|line| line.split_whitespace().next());
    Some(names.map(str::to_owned).collect())
}

/// Swap space may hold pages of decoded images; keys are locked in memory.
fn swap(areas: Option<&[String]>) -> Finding {
    const NAME: &str = "swap";
    const REMEDY: &str =
        "Encrypt or turn off swap: keys are locked in memory, pixels on screen are not.";
    let Some(areas) = areas else { return Finding::unknown(NAME, "swap can't be read", REMEDY) };
    let open = areas.iter().filter(|area| is_encrypted(area.as_ref()) != Some(true)).count();
    match (areas.len(), open) {
        (0, _) => Finding::fine(NAME, "no swap space"),
        (all, 0) => Finding::fine(NAME, format!("{all} swap areas, all encrypted")),
        (all, open) => {
            Finding::warning(NAME, format!("{open} of {all} swap areas not seen encrypted"), REMEDY)
        }
    }
}

/// Sleeping to disk writes all memory down, locked or not.
fn hibernation(areas: Option<&[String]>) -> Finding {
    const NAME: &str = "hibernation";
    const REMEDY: &str = "Turn hibernation off (`systemctl mask hibernate.target`), or encrypt the \
                          area that it writes to.";
    let Ok(states) = fs::read_to_string("/sys/power/state") else {
        return Finding::unknown(NAME, "the sleep states can't be read", REMEDY);
    };
    let possible = states.split_whitespace().any(|state| state == "disk");
    let open = areas
        .is_none_or(|areas| areas.iter().any(|area| is_encrypted(area.as_ref()) != Some(true)));
    match (possible, open) {
        (false, _) => Finding::fine(NAME, "this kernel does not sleep to disk"),
        (true, false) => Finding::fine(NAME, "nothing that is not encrypted to sleep to"),
        (true, true) => {
            Finding::warning(NAME, "this computer can sleep to a readable disk", REMEDY)
        }
    }
}
