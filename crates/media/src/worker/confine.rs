//! What the worker gives up before it reads the first foreign byte.

use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Bounds that a worker process puts on itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confinement {
    /// Address space in bytes (`RLIMIT_AS`). Default 4 GiB: twice the default limit on decoded
    /// bytes (turning an image upright holds it twice), and room for what decoders hold besides.
    pub address_space: u64,
}

impl Default for Confinement {
    fn default() -> Self {
        Self { address_space: 4 << 30 }
    }
}

/// The largest file (in fact memfd) that a worker may make.
const FILE_BYTES: u64 = 512 << 20;
/// Descriptors at once: the socket, a source, an answer, and slack.
const DESCRIPTORS: u64 = 64;

impl Confinement {
    /// Applies the bounds to this process, for good: nobody else of the account reads its memory
    /// or descriptors, it uses no more than its share, and it reaches nothing but its socket
    /// ([`vaultmark_contain::wall_decoder`]).
    pub fn apply(self) -> io::Result<()> {
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
        let bound = |resource, value: u64| {
            // Never above what the process was given.
            let hard =
                rustix::process::getrlimit(resource).maximum.map_or(value, |hard| hard.min(value));
            setrlimit(resource, Rlimit { current: Some(hard), maximum: Some(hard) })
        };
        bound(Resource::Core, 0)?;
        bound(Resource::As, self.address_space)?;
        bound(Resource::Fsize, FILE_BYTES)?;
        bound(Resource::Nofile, DESCRIPTORS)?;
        rustix::thread::set_no_new_privs(true)?;
        vaultmark_contain::wall_decoder().map_err(io::Error::other)?;
        Ok(())
    }
}

/// Lets the process use `seconds` more of processor time; the kernel ends it beyond that, even
/// when nobody waits for it any more.
pub(super) fn renew_processor_time(seconds: u32) -> io::Result<()> {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime).tv_sec;
    let soft = u64::try_from(used).unwrap_or(0) + u64::from(seconds) + 2;
    let hard = rustix::process::getrlimit(Resource::Cpu).maximum;
    let soft = hard.map_or(soft, |hard| hard.min(soft));
    Ok(setrlimit(Resource::Cpu, Rlimit { current: Some(soft), maximum: hard })?)
}
