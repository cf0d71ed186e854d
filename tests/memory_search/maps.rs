//! What memory a process has (`/proc/[pid]/maps`, `pagemap`, `fd`; proc_pid_maps(5)).

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

const PAGE: u64 = 4096;
/// Either in memory or in swap (proc_pid_pagemap(5)).
const PRESENT: u64 = 0b11 << 62;
/// How many entries of the page map are read together.
const ENTRIES: usize = 1 << 13;

/// A stretch of addresses.
pub struct Mapping {
    pub start: u64,
    pub end: u64,
    /// Whether other processes see the same.
    pub shared: bool,
    /// Its rights, and what it is of.
    pub name: String,
}

/// What a process can read, but for what is the same as a file on disk.
pub fn readable(process: &Path) -> Vec<Mapping> {
    // Nothing where the process ended just now.
    let maps = fs::read_to_string(process.join("maps")).unwrap_or_default();
    maps.lines().filter_map(mapping).collect()
}

/// One line such as `7f00-7f80 rw-p 00000000 00:00 0    [heap]`.
fn mapping(line: &str) -> Option<Mapping> {
    let mut words = line.split_ascii_whitespace();
    let (range, rights) = (words.next()?, words.next()?);
    let of = words.skip(3).collect::<Vec<_>>().join(" ");
    let of = if of.is_empty() { "anonymous memory" } else { &of };
    let on_disk = of.starts_with('/') && !is_memory(of);
    if !rights.starts_with('r') || (on_disk && !rights.contains('w')) || of.starts_with("[v") {
        return None;
    }
    let (start, end) = range.split_once('-')?;
    Some(Mapping {
        start: u64::from_str_radix(start, 16).ok()?,
        end: u64::from_str_radix(end, 16).ok()?,
        shared: rights.ends_with('s'),
        name: format!("{rights} {range} {of}"),
    })
}

/// Whether a path is of a file that lies in memory.
fn is_memory(path: &str) -> bool {
    ["/memfd:", "/dev/shm/", "/SYSV", "/dev/zero"].iter().any(|start| path.starts_with(start))
}

/// Shared memory that a process holds by a descriptor, mapped or not.
pub fn held(process: &Path) -> Vec<(PathBuf, Mapping)> {
    let entries = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let target = fs::read_link(entry.path()).ok()?;
            let target = target.to_str().filter(|target| is_memory(target))?.to_owned();
            let end = fs::metadata(entry.path()).ok()?.len();
            let name = format!("descriptor {} {target}", entry.file_name().display());
            Some((entry.path(), Mapping { start: 0, end, shared: true, name }))
        })
        .collect()
}

/// Which pages of a process there are at all: engines reserve far more addresses than they use.
pub struct Presence(Option<File>);

impl Presence {
    pub fn of(process: &Path) -> Self {
        Self(File::open(process.join("pagemap")).ok())
    }

    /// The stretches of a mapping that exist. All of it where that can't be seen, and where others may
    /// have filled what this process has not touched. Nothing else may be read: reading would make
    /// pages that were not there.
    pub fn stretches(&self, mapping: &Mapping) -> Vec<(u64, u64)> {
        let (Some(file), false) = (&self.0, mapping.shared) else {
            return vec![(mapping.start, mapping.end)];
        };
        let (none, mut entries) = (vec![0; ENTRIES * 8], vec![0; ENTRIES * 8]);
        let mut stretches: Vec<(u64, u64)> = Vec::new();
        let mut page = mapping.start / PAGE;
        while page < mapping.end / PAGE {
            let count = usize::try_from(mapping.end / PAGE - page).unwrap().min(ENTRIES);
            let entries = &mut entries[..count * 8];
            if file.read_exact_at(entries, page * 8).is_err() {
                return vec![(mapping.start, mapping.end)];
            }
            if *entries != none[..count * 8] {
                for (at, entry) in (page..).zip(entries.as_chunks::<8>().0) {
                    if u64::from_le_bytes(*entry) & PRESENT == 0 {
                        continue;
                    }
                    match stretches.last_mut().filter(|(_, end)| *end == at * PAGE) {
                        Some((_, end)) => *end += PAGE,
                        None => stretches.push((at * PAGE, (at + 1) * PAGE)),
                    }
                }
            }
            page += count as u64;
        }
        stretches
    }
}
