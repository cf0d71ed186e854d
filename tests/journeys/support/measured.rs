//! What a run of the program cost: its time, the most memory that it held itself, and apart from that
//! what each process held that it started, and what lay in sealed memory between them.
//!
//! The kernel keeps the highest mark of resident memory for each process (`VmHWM`); it is read a
//! thousand times a second while they live.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Output};
use std::time::{Duration, Instant};

use super::{Done, Place};

/// Between two looks.
const STEP: Duration = Duration::from_millis(1);
/// No test waits longer for one command.
const PATIENCE: Duration = Duration::from_secs(400);

/// What a run cost.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cost {
    pub seconds: f64,
    /// The program itself, in KiB.
    pub own_kib: u64,
    /// The largest process that it started, in KiB.
    pub child_kib: u64,
    /// Sealed memory at once, in KiB; seen by root only.
    pub sealed_kib: u64,
    /// Processes that it started.
    pub children: usize,
}

impl Cost {
    /// The highest of both, figure by figure.
    pub fn worst(self, other: Self) -> Self {
        Self {
            seconds: self.seconds.max(other.seconds),
            own_kib: self.own_kib.max(other.own_kib),
            child_kib: self.child_kib.max(other.child_kib),
            sealed_kib: self.sealed_kib.max(other.sealed_kib),
            children: self.children.max(other.children),
        }
    }
}

impl std::fmt::Display for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:.2} s, itself {} MiB, a decoder {} MiB, sealed {} MiB",
            self.seconds,
            self.own_kib >> 10,
            self.child_kib >> 10,
            self.sealed_kib >> 10
        )
    }
}

/// Runs the program to its end and measures it.
pub fn run<I: AsRef<std::ffi::OsStr>>(
    place: &Place,
    words: impl IntoIterator<Item = I>,
) -> (Done, Cost) {
    watched(place, words, &mut |_, _| {})
}

/// The same; `look` is called with the process and those that it started, again and again.
pub fn watched<I: AsRef<std::ffi::OsStr>>(
    place: &Place,
    words: impl IntoIterator<Item = I>,
    look: &mut dyn FnMut(u32, &[u32]),
) -> (Done, Cost) {
    let mut command = place.command(words);
    let line = format!("{command:?}");
    let start = Instant::now();
    let mut child = command.spawn().unwrap();
    let _ = writeln!(child.stdin.take().unwrap(), "{}", place.passphrase);
    let said = [drained(child.stdout.take().unwrap()), drained(child.stderr.take().unwrap())];
    let mut watch = Watch { id: child.id(), cost: Cost::default(), peaks: BTreeMap::new() };
    let status = loop {
        let started = watch.look();
        look(watch.id, &started);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > PATIENCE {
            give_up(child, &line);
        }
        std::thread::sleep(STEP);
    };
    let seconds = start.elapsed().as_secs_f64();
    let [stdout, stderr] = said.map(|thread| thread.join().unwrap());
    let done = Done::new(&line, Output { status, stdout, stderr });
    assert_eq!(status.signal(), None, "{line} was ended by a signal");
    let child_kib = watch.peaks.values().copied().max().unwrap_or(0);
    (done, Cost { seconds, child_kib, children: watch.peaks.len(), ..watch.cost })
}

fn give_up(mut child: Child, line: &str) -> ! {
    let _ = child.kill();
    let _ = child.wait();
    panic!("{line} has not ended after {PATIENCE:?}");
}

fn drained(mut pipe: impl Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

struct Watch {
    id: u32,
    cost: Cost,
    /// The highest mark of each process that was started.
    peaks: BTreeMap<u32, u64>,
}

impl Watch {
    /// Looks once and gives the processes that the program has started.
    fn look(&mut self) -> Vec<u32> {
        self.cost.own_kib = self.cost.own_kib.max(peak_kib(self.id));
        self.cost.sealed_kib = self.cost.sealed_kib.max(sealed_kib(self.id));
        let started = children(self.id);
        for child in &started {
            let peak = self.peaks.entry(*child).or_default();
            *peak = (*peak).max(peak_kib(*child));
        }
        started
    }
}

/// The highest mark of a process's resident memory; zero where it has ended.
fn peak_kib(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// The processes that a process's threads have started and that live.
pub fn children(id: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
    let lists = threads.filter_map(|one| fs::read_to_string(one.path().join("children")).ok());
    lists
        .flat_map(|list| {
            list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>()
        })
        .collect()
}

/// The sizes of the anonymous files that a process holds, each counted once.
fn sealed_kib(id: u32) -> u64 {
    let open = fs::read_dir(format!("/proc/{id}/fd")).into_iter().flatten().flatten();
    let sealed = open.filter_map(|entry| {
        let name = fs::read_link(entry.path()).ok()?;
        let facts =
            name.to_string_lossy().starts_with("/memfd:").then(|| fs::metadata(entry.path()));
        let facts = facts?.ok()?;
        Some((facts.ino(), facts.blocks() / 2))
    });
    sealed.collect::<BTreeMap<_, _>>().into_values().sum()
}
