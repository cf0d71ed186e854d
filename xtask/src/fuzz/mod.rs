//! Fuzzing: every target in turn, or one, each for a while.
//!
//! What is learnt on the way grows in the target directory; the committed corpus in `fuzz/corpus`
//! and small files of other people beside the project are where it begins. An input that fails is
//! kept in `fuzz/findings`, where the tests run it again for ever.

mod target;

pub use target::{Target, build, names};

use crate::run::{self, Outcome};

/// Seconds for each target.
const SECONDS: u64 = 60;

/// `[TARGET] [SECONDS]`: builds and runs; fails where an input fails.
pub fn run(words: &[String]) -> Outcome {
    let (targets, seconds) = wanted(words, target::names()?)?;
    build()?;
    let mut failed = Vec::new();
    for name in &targets {
        let target = Target::new(name)?;
        let mut command = target.command(seconds);
        failed.extend(target.findings(run::run(&mut command))?);
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
        let targets = target::names().expect("the project's own folder");
        assert!(targets.len() > 20);
        let named = target::FOREIGN.iter().flat_map(|(_, names)| *names);
        assert!(named.into_iter().all(|name| targets.iter().any(|target| target == name)));
    }
}
