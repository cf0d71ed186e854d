//! The walls around a decoder: what a single thread needs that reads from a socket and descriptors
//! it was handed, computes, and answers with sealed memory. Everything else ends it.

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _,
    RulesetStatus, Scope,
};
use seccompiler::{SeccompAction, SeccompCmpOp};

use crate::filter::{Rules, all, apply, argument, program};
use crate::{FileWall, Unavailable, raw};

/// The newest rules that are asked for; an older kernel gives what it has.
const NEWEST: ABI = ABI::V6;

/// `PR_GET_AUXV` of linux/prctl.h, which `libc` lacks.
const PR_GET_AUXV: u64 = 0x4155_5856;

/// Calls that a decoder makes with any argument.
const ALLOWED: &[libc::c_long] = &[
    // Its socket and the descriptors that came over it.
    libc::SYS_recvmsg,
    libc::SYS_sendmsg,
    libc::SYS_ppoll,
    libc::SYS_read,
    libc::SYS_pread64,
    libc::SYS_write,
    libc::SYS_pwrite64,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_statx,
    libc::SYS_lseek,
    // Memory, its own and the kind it answers with.
    libc::SYS_memfd_create,
    libc::SYS_ftruncate,
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_futex,
    // Time and chance: stopwatches, the seeds of hash tables.
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_getrandom,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    // Panics, and the end.
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// What a decoder may ask of a descriptor. Not among them: whom the kernel signals when something
/// happens to it, which reaches other processes.
const DESCRIPTOR: &[i32] = &[
    libc::F_GETFD,
    libc::F_SETFD,
    libc::F_GETFL,
    libc::F_DUPFD_CLOEXEC,
    libc::F_ADD_SEALS,
    libc::F_GET_SEALS,
];

/// Calls that libraries try and that are answered with an error instead of an end.
const REFUSED: &[libc::c_long] = &[
    libc::SYS_openat,
    libc::SYS_newfstatat,
    libc::SYS_readlinkat,
    libc::SYS_faccessat,
    libc::SYS_getcwd,
    libc::SYS_ioctl,
    libc::SYS_uname,
];

/// The file wall that this kernel offers, without putting it up.
#[must_use]
pub fn file_wall() -> FileWall {
    raw::landlock().map_or(FileWall::Missing, FileWall::Landlock)
}

/// Walls this process in, for good: no file can be opened, no process signalled, no program or
/// thread started, no memory made executable. What the process reads and answers with must be open
/// already or come over its socket.
///
/// # Errors
/// [`Unavailable::Filter`] where the kernel has no system call filters: such a process must not
/// read strangers' bytes. An old kernel without Landlock is no error, and told.
pub fn wall_decoder() -> Result<FileWall, Unavailable> {
    let files = wall_files()?;
    let refused = REFUSED.iter().map(|call| (*call, Vec::new())).collect();
    let errno = SeccompAction::Errno(libc::EACCES.unsigned_abs());
    apply(&program(refused, SeccompAction::Allow, errno)?)?;
    apply(&program(allowed()?, SeccompAction::KillProcess, SeccompAction::Allow)?)?;
    Ok(files)
}

/// No rule allows anything, so everything that this kernel's Landlock knows is denied.
pub(crate) fn wall_files() -> Result<FileWall, Unavailable> {
    let refused = |error: &dyn std::fmt::Display| Unavailable::Files(error.to_string());
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(NEWEST))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(NEWEST)))
        .and_then(|rules| rules.scope(Scope::from_all(NEWEST)))
        .and_then(landlock::Ruleset::create)
        .and_then(landlock::RulesetCreated::restrict_self)
        .map_err(|error| refused(&error))?;
    Ok(match status.ruleset {
        RulesetStatus::NotEnforced => FileWall::Missing,
        _ => file_wall(),
    })
}

fn allowed() -> Result<Rules, Unavailable> {
    let mut rules: Rules = ALLOWED
        .iter()
        // They are refused by the other filter; of two answers the kernel takes the stricter.
        .chain(REFUSED)
        .map(|call| (*call, Vec::new()))
        .collect();
    let never_executable = || {
        let executable = u64::from(libc::PROT_EXEC.unsigned_abs());
        all(vec![argument(2, SeccompCmpOp::MaskedEq(executable), 0)?])
    };
    rules.insert(libc::SYS_mmap, vec![never_executable()?]);
    rules.insert(libc::SYS_mprotect, vec![never_executable()?]);
    let asked = DESCRIPTOR.iter().map(|command| {
        all(vec![argument(1, SeccompCmpOp::Eq, u64::from(command.unsigned_abs()))?])
    });
    rules.insert(libc::SYS_fcntl, asked.collect::<Result<_, _>>()?);
    // Its own bound on processor time, renewed for each request (never above the hard limit).
    let cpu = u64::from(libc::RLIMIT_CPU);
    rules.insert(
        libc::SYS_prlimit64,
        vec![all(vec![argument(0, SeccompCmpOp::Eq, 0)?, argument(1, SeccompCmpOp::Eq, cpu)?])?],
    );
    // A library reads the auxiliary vector.
    rules.insert(libc::SYS_prctl, vec![all(vec![argument(0, SeccompCmpOp::Eq, PR_GET_AUXV)?])?]);
    // An abort signals a thread of this process, and nobody else's.
    let (own, abort) = (u64::from(std::process::id()), u64::from(libc::SIGABRT.unsigned_abs()));
    rules.insert(
        libc::SYS_tgkill,
        vec![all(vec![
            argument(0, SeccompCmpOp::Eq, own)?,
            argument(2, SeccompCmpOp::Eq, abort)?,
        ])?],
    );
    Ok(rules)
}
