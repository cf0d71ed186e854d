//! Denies the process's memory to debuggers and core dumps. Call it first thing, before any thread
//! starts and any secret is read.

/// What the operating system granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hardening {
    /// `RLIMIT_CORE` is zero: no core file is written.
    pub core_dumps_off: bool,
    /// `PR_SET_DUMPABLE` is zero: other processes of the same person can't attach or read memory.
    pub tracing_off: bool,
}

/// Turns core dumps and tracing off for this process, for good. What could not be turned off is
/// told, not hidden: the caller decides and shows it.
#[cfg(target_os = "linux")]
#[must_use]
pub fn harden_process() -> Hardening {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

    // Where the kernel hands crashes to a program the limit below does not hold, and only the choice of
    // what goes into a core does (core(5)). Children inherit it. Kernels without it have no such table.
    let _ = std::fs::write("/proc/self/coredump_filter", "0");
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    Hardening {
        core_dumps_off: setrlimit(Resource::Core, none).is_ok(),
        tracing_off: set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok(),
    }
}

/// Here the program can turn nothing off itself, and says so.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn harden_process() -> Hardening {
    Hardening { core_dumps_off: false, tracing_off: false }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_agrees() {
        assert_eq!(harden_process(), Hardening { core_dumps_off: true, tracing_off: true });
        let limit = rustix::process::getrlimit(rustix::process::Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
        assert_eq!(
            rustix::process::dumpable_behavior().unwrap(),
            rustix::process::DumpableBehavior::NotDumpable
        );
    }
}
