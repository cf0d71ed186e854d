//! Files cut or changed at random: an answer or a refusal, never a panic.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test")]

mod support;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use support::{data, files, read};
use vaultmark_media::{Limits, OpenedImage, Rendering, import, pyramid};

/// One small file of each format and of each TIFF coding.
fn seeds() -> Vec<Vec<u8>> {
    let Some(data) = data() else { return Vec::new() };
    let mut seeds: Vec<_> = files(&data.join("image_rs/images"))
        .into_iter()
        .chain(files(&data.join("pngsuite")))
        .map(|path| read(&path))
        .filter(|bytes| bytes.len() < 60_000)
        .collect();
    seeds.push(read(&data.join("large/float32.tif")));
    seeds.push(read(&data.join("bccd/BCCD/JPEGImages/BloodImage_00000.jpg")));
    seeds
}

fn limits() -> Limits {
    // Small, so that a changed size costs no time.
    Limits { max_pixels: 4_000_000, max_decoded_bytes: 32 << 20, ..Limits::default() }
}

fn try_it(bytes: Vec<u8>) {
    if let Ok(found) = import(Box::new(bytes.clone()), &limits()) {
        let mut image = OpenedImage::open(Box::new(bytes), &limits()).expect("what imports opens");
        let rendering = Rendering::default_for(&found.probe);
        image.tile(0, 0, 0, &rendering).expect("what imports has a first tile");
    }
}

fn runner(cases: u32) -> TestRunner {
    // A fixed seed: the same cases in every run. Long runs belong to fuzzing.
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    )
}

#[test]
fn cut_files() {
    let seeds = seeds();
    if seeds.is_empty() {
        return;
    }
    let strategy = (any::<prop::sample::Index>(), any::<prop::sample::Index>());
    let result = runner(600).run(&strategy, |(which, at)| {
        let seed = which.get(&seeds);
        try_it(seed[..at.index(seed.len())].to_vec());
        Ok(())
    });
    result.unwrap();
}

#[test]
fn changed_files() {
    let seeds = seeds();
    if seeds.is_empty() {
        return;
    }
    let change = (any::<prop::sample::Index>(), any::<u8>());
    // Most changes near the start, where headers are.
    let strategy =
        (any::<prop::sample::Index>(), prop::collection::vec(change, 1..6), any::<bool>());
    let result = runner(1500).run(&strategy, |(which, changes, early)| {
        let mut bytes = which.get(&seeds).clone();
        let reach = if early { bytes.len().min(300) } else { bytes.len() };
        for (at, value) in changes {
            let at = at.index(reach);
            bytes[at] = value;
        }
        try_it(bytes);
        Ok(())
    });
    result.unwrap();
}

#[test]
fn changed_packs() {
    let seeds = seeds();
    let Some(seed) = seeds.last() else { return };
    let mut image = OpenedImage::open(Box::new(seed.clone()), &limits()).unwrap();
    let mut pack = Vec::new();
    pyramid::build(&mut image, &mut pack, &mut |_, _| std::ops::ControlFlow::Continue(())).unwrap();
    let strategy = (any::<bool>(), any::<prop::sample::Index>(), any::<u8>());
    let result = runner(600).run(&strategy, |(late, at, value)| {
        let mut bytes = pack.clone();
        // Half of the changes in the index at the end.
        let from = if late { bytes.len().saturating_sub(5000) } else { 0 };
        let at = from + at.index(bytes.len() - from);
        bytes[at] = value;
        if let Ok(tile) = pyramid::PackReader::open(bytes).and_then(|reader| reader.tile(0, 0, 0)) {
            let _ = tile.decode();
        }
        Ok(())
    });
    result.unwrap();
}
