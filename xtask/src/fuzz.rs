//! Fuzzing: every target in turn, or one, each for a while.
//!
//! What is learnt on the way grows in the target directory; the committed corpus in `fuzz/corpus`
//! and small files of other people beside the project are where it begins. An input that fails is
//! kept in `fuzz/findings`, where the tests run it again for ever.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::paths;
use crate::run::{self, Outcome, cargo};

/// The release of cargo-fuzz that is installed where there is none.
const CARGO_FUZZ: &str = "0.13.1";
/// Seconds for each target.
const SECONDS: u64 = 60;
/// The most bytes of an input.
const MAX_LEN: &str = "65536";

/// What of other people's files begins which targets beside the committed seeds.
const FOREIGN: &[(&str, &[&str])] = &[
    ("image_rs", &["tiff", "jpeg", "png", "bmp", "gif", "webp", "pnm"]),
    ("pngsuite", &["png"]),
    ("bccd/BCCD/Annotations", &["voc"]),
    ("datumaro", &["coco", "voc"]),
    ("zip_failures", &["bundle"]),
    ("zipslip", &["bundle"]),
];

/// `[TARGET] [SECONDS]`: builds and runs; fails where an input fails.
pub fn run(words: &[String]) -> Outcome {
    let (targets, seconds) = wanted(words, targets()?)?;
    install()?;
    let mut failed = Vec::new();
    for target in &targets {
        failed.extend(fuzz(target, seconds)?);
    }
    if failed.is_empty() {
        println!("\n{} targets, {seconds} s each: nothing found", targets.len());
        return Ok(());
    }
    println!("\nFound, and kept in fuzz/findings:");
    failed.iter().for_each(|path| println!("  {}", path.display()));
    println!(
        "\nMend what it shows, then `cargo test -p vaultmark-fuzzed` runs it again. Commit the file \
         with the mend;\nit stays as the test. To see it fail by itself: `cargo xtask fuzz TARGET 1`."
    );
    Err(format!("{} inputs fail", failed.len()))
}

/// Which targets, and how long each.
fn wanted(words: &[String], all: Vec<String>) -> Outcome<(Vec<String>, u64)> {
    let (name, seconds) = match words {
        [] => (None, None),
        [one] if one.bytes().all(|b| b.is_ascii_digit()) => (None, Some(one)),
        [name] => (Some(name), None),
        [name, seconds] => (Some(name), Some(seconds)),
        _ => return Err("say at most a target and seconds".into()),
    };
    let seconds = match seconds {
        None => SECONDS,
        Some(text) => text.parse().map_err(|_| format!("{text} is no number of seconds"))?,
    };
    match name {
        None => Ok((all, seconds)),
        Some(name) if all.contains(name) => Ok((vec![name.clone()], seconds)),
        Some(name) => Err(format!("there is no target {name}; there are {}", all.join(", "))),
    }
}

/// The targets by their files.
fn targets() -> Outcome<Vec<String>> {
    let folder = paths::root().join("fuzz").join("fuzz_targets");
    let mut names: Vec<String> = files(&folder)?
        .iter()
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}

fn install() -> Outcome {
    let there = Command::new("cargo")
        .args(["fuzz", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if there {
        return Ok(());
    }
    run::run(&mut cargo(&["install", "cargo-fuzz", "--locked", "--version", CARGO_FUZZ]))
}

/// Runs one target; the inputs that fail, in their place among the findings.
fn fuzz(target: &str, seconds: u64) -> Outcome<Vec<PathBuf>> {
    let home = paths::root().join("fuzz");
    let grown = paths::target().join("fuzz-corpus").join(target);
    let artifacts = paths::target().join("fuzz-artifacts").join(target);
    let findings = home.join("findings").join(target);
    for folder in [&grown, &artifacts] {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    // A failure of an earlier run is no failure of this one.
    for old in files(&artifacts)? {
        fs::remove_file(&old).map_err(|error| format!("{}: {error}", old.display()))?;
    }
    let mut command = cargo(&["fuzz", "run", "--fuzz-dir", ".", "--sanitizer", "none", target]);
    command.current_dir(&home);
    // The coverage flags are unstable; the toolchain that builds the program takes them all the same.
    command.env("RUSTC_BOOTSTRAP", "1");
    command.arg(&grown).arg(home.join("corpus").join(target));
    if findings.is_dir() {
        command.arg(&findings);
    }
    command.args(foreign(target));
    command.arg("--").args([
        format!("-max_total_time={seconds}"),
        format!("-max_len={MAX_LEN}"),
        "-rss_limit_mb=1024".into(),
        "-timeout=10".into(),
        "-print_final_stats=1".into(),
        format!("-artifact_prefix={}/", artifacts.display()),
    ]);
    let outcome = run::run(&mut command);
    let mut kept = Vec::new();
    for found in files(&artifacts)? {
        let Some(name) = found.file_name() else { continue };
        // An input that was slow and still in time is a remark, not a failure.
        if name.to_string_lossy().starts_with("slow-unit-") {
            continue;
        }
        let place = findings.join(name);
        fs::create_dir_all(&findings)
            .and_then(|()| fs::copy(&found, &place))
            .map_err(|error| format!("{}: {error}", place.display()))?;
        kept.push(place);
    }
    match outcome {
        Err(failure) if kept.is_empty() => Err(failure),
        _ => Ok(kept),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_seconds_both_or_neither() {
        let all = || vec!["coco".to_owned(), "voc".to_owned()];
        let ask = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            wanted(&words, all())
        };
        assert_eq!(ask(&[]), Ok((all(), SECONDS)));
        assert_eq!(ask(&["90"]), Ok((all(), 90)));
        assert_eq!(ask(&["voc"]), Ok((vec!["voc".to_owned()], SECONDS)));
        assert_eq!(ask(&["voc", "5"]), Ok((vec!["voc".to_owned()], 5)));
        assert!(ask(&["tiff"]).is_err() && ask(&["voc", "long"]).is_err());
    }

    #[test]
    fn the_targets_are_found_and_foreign_files_are_for_targets() {
        let targets = targets().expect("the project's own folder");
        assert!(targets.len() > 20);
        let named = FOREIGN.iter().flat_map(|(_, names)| *names);
        assert!(named.into_iter().all(|name| targets.iter().any(|target| target == name)));
    }
}
