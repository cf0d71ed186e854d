//! The record of the long run: a line for each slice, with its day, the commit, and what it came to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use crate::fuzz;
use crate::paths;
use crate::run::Outcome;

/// The first line: what the columns are.
const HEAD: &str = "day\tcommit\ttarget\tprocessor seconds\texecutions\tfindings";

/// A slice that was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    pub target: String,
    pub seconds: u64,
    pub executions: u64,
    pub findings: u64,
}

/// All slices so far, and who is at work now.
pub struct Ledger {
    file: PathBuf,
    /// What the targets were built from.
    commit: String,
    /// Seconds and executions by target.
    sums: BTreeMap<String, (u64, u64)>,
    at_work: BTreeSet<String>,
    aside: BTreeSet<String>,
}

impl Ledger {
    /// Reads the record, or begins one, for targets that were built from `commit`.
    pub fn open(commit: String) -> Outcome<Self> {
        let folder = paths::root().join("tests").join("soak");
        let file = folder.join("fuzz.tsv");
        let failed = |error: std::io::Error| format!("{}: {error}", file.display());
        fs::create_dir_all(&folder).map_err(failed)?;
        if !file.exists() {
            fs::write(&file, format!("{HEAD}\n")).map_err(failed)?;
        }
        let text = fs::read_to_string(&file).map_err(failed)?;
        let names = fuzz::names()?;
        Ok(Self { commit, ..Self::read(file.clone(), &text, names) })
    }

    fn read(file: PathBuf, text: &str, names: Vec<String>) -> Self {
        let mut sums: BTreeMap<String, (u64, u64)> =
            names.into_iter().map(|name| (name, (0, 0))).collect();
        for line in text.lines().skip(1) {
            let columns: Vec<&str> = line.split('\t').collect();
            let number = |at: usize| columns.get(at).and_then(|text| text.parse::<u64>().ok());
            // Targets that are no more keep their lines.
            if let Some(sum) = columns.get(2).and_then(|name| sums.get_mut(*name)) {
                sum.0 += number(3).unwrap_or(0);
                sum.1 += number(4).unwrap_or(0);
            }
        }
        let (commit, at_work, aside) = (String::new(), BTreeSet::new(), BTreeSet::new());
        Self { file, commit, sums, at_work, aside }
    }

    /// The target that had the least so far, and less than `enough`; it is at work from here on.
    pub fn take(&mut self, enough: u64) -> Option<String> {
        let idle = self.sums.iter().filter(|(name, (seconds, _))| {
            *seconds < enough && !self.at_work.contains(*name) && !self.aside.contains(*name)
        });
        let name = idle.min_by_key(|(_, (seconds, _))| *seconds)?.0.clone();
        self.at_work.insert(name.clone());
        Some(name)
    }

    /// The target is free again.
    pub fn give_back(&mut self, name: &str) {
        self.at_work.remove(name);
    }

    /// The target is not taken any more in this run.
    pub fn set_aside(&mut self, name: &str) {
        self.aside.insert(name.to_owned());
    }

    /// Adds a slice; its line.
    pub fn add(&mut self, slice: &Slice) -> Outcome<String> {
        let Slice { target, seconds, executions, findings } = slice;
        let line = format!(
            "{}\t{}\t{target}\t{seconds}\t{executions}\t{findings}",
            said(Command::new("date").args(["-u", "+%Y-%m-%d"])),
            self.commit,
        );
        let sum = self.sums.entry(target.clone()).or_default();
        sum.0 += seconds;
        sum.1 += executions;
        OpenOptions::new()
            .append(true)
            .open(&self.file)
            .and_then(|mut file| writeln!(file, "{line}"))
            .map_err(|error| format!("{}: {error}", self.file.display()))?;
        Ok(line)
    }

    /// Where every target stands.
    pub fn summary(&self) -> String {
        let lines = self.sums.iter().map(|(name, (seconds, executions))| {
            format!("{name:<18} {:>5} min {executions:>12} executions", seconds / 60)
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// The commit that the tree stands on.
pub fn commit() -> String {
    let mut git = Command::new("git");
    said(git.args(["rev-parse", "--short=12", "HEAD"]).current_dir(paths::root()))
}

fn said(command: &mut Command) -> String {
    let output = command.output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&output).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_had_the_least_goes_next_until_all_had_enough() {
        let text =
            format!("{HEAD}\n2026-01-02\tabc\ta\t300\t9\t0\n2026-01-02\tabc\tgone\t1\t1\t0\n");
        let names = ["a", "b", "c"].map(str::to_owned).to_vec();
        let mut ledger = Ledger::read(PathBuf::new(), &text, names);
        assert_eq!(ledger.take(400).as_deref(), Some("b"));
        assert_eq!(ledger.take(400).as_deref(), Some("c"));
        assert_eq!(ledger.take(400).as_deref(), Some("a"));
        assert_eq!(ledger.take(400), None);
        ledger.give_back("a");
        assert_eq!(ledger.take(300), None);
        ledger.give_back("b");
        ledger.set_aside("b");
        assert_eq!(ledger.take(400).as_deref(), Some("a"));
    }
}
