//! System call filters: building and applying them.
//!
//! Every filter begins with two checks that the builder's own arch check does not cover together:
//! another architecture's calls end the process (seccompiler), and so do x32 calls, which carry the
//! same architecture with bit 30 of the number set (seccomp(2), "Architecture support").

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, sock_filter,
};

use crate::Unavailable;

/// The first number of the x32 calls (`__X32_SYSCALL_BIT`, asm/unistd.h).
const X32: u32 = 0x4000_0000;
/// What a tracer leaves of a call that it suppresses; the kernel answers it itself (seccomp(2)).
const SUPPRESSED: u32 = u32::MAX;

/// Which calls, and with which arguments: any of the rules, or no rule for all of that call.
pub(crate) type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// A call's argument, compared as the 32 bits that the kernel looks at.
pub(crate) fn argument(
    number: u8,
    comparison: SeccompCmpOp,
    value: u64,
) -> Result<SeccompCondition, Unavailable> {
    SeccompCondition::new(number, SeccompCmpArgLen::Dword, comparison, value).map_err(refused)
}

/// All of these conditions together.
pub(crate) fn all(conditions: Vec<SeccompCondition>) -> Result<SeccompRule, Unavailable> {
    SeccompRule::new(conditions).map_err(refused)
}

/// The program of a filter.
pub(crate) fn program(
    rules: Rules,
    otherwise: SeccompAction,
    matched: SeccompAction,
) -> Result<BpfProgram, Unavailable> {
    let arch = std::env::consts::ARCH.try_into().map_err(refused)?;
    let filter = SeccompFilter::new(rules, otherwise, matched, arch).map_err(refused)?;
    let built: BpfProgram = filter.try_into().map_err(refused)?;
    Ok(without_x32().into_iter().chain(built).collect())
}

/// Load the number; from [`X32`] on end the process, but for [`SUPPRESSED`]; else go on.
fn without_x32() -> [sock_filter; 4] {
    let statement = |code: u32, k| sock_filter { code: code as u16, jt: 0, jf: 0, k };
    let jump = |code: u32, k, jt, jf| sock_filter { code: code as u16, jt, jf, k };
    [
        // The number is the first field of `struct seccomp_data`.
        statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0),
        jump(libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K, X32, 0, 2),
        jump(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, SUPPRESSED, 1, 0),
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_KILL_PROCESS),
    ]
}

/// Applies a program to all threads of this process, for good.
pub(crate) fn apply(program: &BpfProgram) -> Result<(), Unavailable> {
    seccompiler::apply_filter_all_threads(program).map_err(refused)
}

pub(crate) fn refused(error: impl std::fmt::Display) -> Unavailable {
    Unavailable::Filter(error.to_string())
}
