//! One target of the fuzzing: how it is built and run, and where what fails is kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::paths;
use crate::run::{self, Outcome, cargo};

/// The release of cargo-fuzz that is installed where there is none.
const CARGO_FUZZ: &str = "0.13.1";
/// The most bytes of an input.
const MAX_LEN: &str = "65536";

/// What of other people's files begins which targets beside the committed seeds.
pub(super) const FOREIGN: &[(&str, &[&str])] = &[
    ("image_rs", &["tiff", "jpeg", "png", "bmp", "gif", "webp", "pnm"]),
    ("pngsuite", &["png"]),
    ("bccd/BCCD/Annotations", &["voc"]),
    ("datumaro", &["coco", "voc"]),
    ("zip_failures", &["bundle"]),
    ("zipslip", &["bundle"]),
];

/// A target with its folders.
pub struct Target {
    /// Its name.
    pub name: String,
    /// What it has learnt, in the target directory.
    grown: PathBuf,
    /// Where the fuzzer leaves what fails.
    artifacts: PathBuf,
    /// Where that is kept for the tests.
    kept: PathBuf,
}

/// The targets by their files.
pub fn names() -> Outcome<Vec<String>> {
    let folder = paths::root().join("fuzz").join("fuzz_targets");
    let mut names: Vec<String> = files(&folder)?
        .iter()
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}

/// Builds all of them.
pub fn build() -> Outcome {
    if !answers() {
        run::run(&mut cargo(&["install", "cargo-fuzz", "--locked", "--version", CARGO_FUZZ]))?;
    }
    let mut command = cargo(&["fuzz", "build", "--fuzz-dir", ".", "--sanitizer", "none"]);
    command.current_dir(paths::root().join("fuzz"));
    // The coverage flags are unstable; the toolchain that builds the program takes them all the same.
    command.env("RUSTC_BOOTSTRAP", "1");
    run::run(&mut command)
}

fn answers() -> bool {
    let version = Command::new("cargo")
        .args(["fuzz", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    version.is_ok_and(|status| status.success())
}

impl Target {
    /// The target of that name, its folders made and empty of former failures.
    pub fn new(name: &str) -> Outcome<Self> {
        let place = |folder: &str| paths::target().join(folder).join(name);
        let this = Self {
            name: name.to_owned(),
            grown: place("fuzz-corpus"),
            artifacts: place("fuzz-artifacts"),
            kept: paths::root().join("fuzz").join("findings").join(name),
        };
        for folder in [&this.grown, &this.artifacts] {
            fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        // A failure of an earlier run is no failure of this one.
        for old in files(&this.artifacts)? {
            fs::remove_file(&old).map_err(|error| format!("{}: {error}", old.display()))?;
        }
        Ok(this)
    }

    /// The built target, for so many seconds.
    pub fn command(&self, seconds: u64) -> Command {
        let built = paths::target().join(paths::host()).join("release").join(&self.name);
        let mut command = Command::new(built);
        command.current_dir(paths::root().join("fuzz")).args([
            format!("-max_total_time={seconds}"),
            format!("-max_len={MAX_LEN}"),
            "-rss_limit_mb=1024".into(),
            "-timeout=10".into(),
            "-print_final_stats=1".into(),
            format!("-artifact_prefix={}/", self.artifacts.display()),
        ]);
        command.arg(&self.grown).arg(paths::root().join("fuzz").join("corpus").join(&self.name));
        if self.kept.is_dir() {
            command.arg(&self.kept);
        }
        command.args(foreign(&self.name));
        command
    }

    /// Keeps what failed in a run that ended like this; the files.
    pub fn findings(&self, outcome: Outcome) -> Outcome<Vec<PathBuf>> {
        let mut kept = Vec::new();
        for found in files(&self.artifacts)? {
            let Some(name) = found.file_name() else { continue };
            // An input that was slow and still in time is a remark, not a failure.
            if name.to_string_lossy().starts_with("slow-unit-") {
                continue;
            }
            let place = self.kept.join(name);
            fs::create_dir_all(&self.kept)
                .and_then(|()| fs::copy(&found, &place))
                .map_err(|error| format!("{}: {error}", place.display()))?;
            kept.push(place);
        }
        match outcome {
            Err(failure) if kept.is_empty() => Err(failure),
            _ => Ok(kept),
        }
    }
}

/// Folders of other people's files for a target, where they are there.
fn foreign(target: &str) -> Vec<PathBuf> {
    let data = paths::root().join("../shared/data");
    let for_it = FOREIGN.iter().filter(|(_, targets)| targets.contains(&target));
    for_it.map(|(folder, _)| data.join(folder)).filter(|folder| folder.is_dir()).collect()
}

fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    fs::read_dir(folder)
        .map_err(failed)?
        .map(|entry| entry.map(|entry| entry.path()).map_err(failed))
        .collect()
}
