//! Every committed corpus and every input that once failed, again: what fuzzing walks stays walked.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use vaultmark_fuzzed::TARGETS;

/// All corpora together stay this small.
const MOST_BYTES: u64 = 2 << 20;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

/// The names in a folder; none where there is none.
fn names(folder: &Path) -> BTreeSet<String> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeSet::new() };
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn every_corpus_and_every_finding() {
    let mut failed = Vec::new();
    let mut ran = 0;
    for target in TARGETS {
        for kind in ["corpus", "findings"] {
            let folder = fuzz().join(kind).join(target.name);
            for name in names(&folder) {
                let bytes = fs::read(folder.join(&name)).unwrap();
                ran += 1;
                if catch_unwind(AssertUnwindSafe(|| (target.run)(&bytes))).is_err() {
                    failed.push(format!("{kind}/{}/{name}", target.name));
                }
            }
        }
    }
    assert!(ran > TARGETS.len(), "{ran} inputs");
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn every_target_has_its_file_its_program_and_its_corpus() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    let files: BTreeSet<String> = names(&fuzz().join("fuzz_targets"))
        .into_iter()
        .map(|name| name.strip_suffix(".rs").unwrap().to_owned())
        .collect();
    assert_eq!(files, targets);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for target in &targets {
        assert!(manifest.contains(&format!("name = \"{target}\"\n")), "{target} is not built");
        let file = fuzz().join("fuzz_targets").join(format!("{target}.rs"));
        let call = format!("vaultmark_fuzzed::{target}(bytes)");
        assert!(fs::read_to_string(file).unwrap().contains(&call), "{target} runs another");
        assert!(!names(&fuzz().join("corpus").join(target)).is_empty(), "{target} has no seeds");
    }
    for kind in ["corpus", "findings"] {
        let strange: Vec<_> =
            names(&fuzz().join(kind)).into_iter().filter(|name| !targets.contains(name)).collect();
        assert!(strange.is_empty(), "{kind} of no target: {strange:?}");
    }
}

#[test]
fn the_corpora_are_small() {
    let bytes: u64 = TARGETS
        .iter()
        .map(|target| fuzz().join("corpus").join(target.name))
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    assert!(bytes < MOST_BYTES, "{bytes} bytes");
}
