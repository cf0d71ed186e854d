//! How fast: our figure, a baseline measured in the same run, their ratio, and the bound that it
//! must keep. A ratio is steady on a busy machine; an absolute time is not.
//!
//! `cargo xtask bench [NAME…]` runs all or some and ends with a failure where a bound is broken.
//! Figures are the least of a few rounds in which ours and the baseline take turns (a median where
//! it says so), all files from a warm page cache, on the disk that the target directory lies on.

#![allow(clippy::print_stdout, clippy::print_stderr)] // a table is what it is for

mod allocator;
mod boxes;
mod bundle_create;
mod bundle_verify;
mod cipher;
mod cold_start;
mod containment;
mod desk;
mod edit;
mod export_coco;
mod import_coco;
mod import_images;
mod made;
mod read_blob;
mod screen;
mod sealed;
mod table;
mod walls;
mod worker;

use std::process::ExitCode;

use desk::{Desk, Outcome};
use table::Row;

type Bench = fn(&Desk) -> Outcome<Vec<Row>>;

/// Every bench by its name on the command line.
const BENCHES: &[(&str, Bench)] = &[
    ("import-images", import_images::run),
    ("read-blob", read_blob::run),
    ("import-coco", import_coco::run),
    ("export-coco", export_coco::run),
    ("bundle-create", bundle_create::run),
    ("bundle-verify", bundle_verify::run),
    ("cold-start", cold_start::run),
    ("containment", containment::run),
    ("walls", walls::run),
    ("edit", edit::run),
];

fn main() -> ExitCode {
    // `cargo bench` adds `--bench`.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let outcome = match words.split_first() {
        Some((word, rest)) if word == worker::WORD => worker::serve(rest).map(|()| true),
        _ => table(&words),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs what was asked for; whether every bound holds.
fn table(names: &[String]) -> Outcome<bool> {
    if let Some(unknown) = names.iter().find(|name| BENCHES.iter().all(|(known, _)| known != name))
    {
        let known: Vec<_> = BENCHES.iter().map(|(name, _)| *name).collect();
        return Err(format!("`{unknown}` is no bench; there are: {}", known.join(", ")).into());
    }
    let desk = Desk::new()?;
    table::head();
    let mut fine = true;
    for (name, bench) in BENCHES {
        if names.is_empty() || names.iter().any(|asked| asked == name) {
            for row in bench(&desk).map_err(|error| format!("{name}: {error}"))? {
                fine &= row.print();
            }
        }
    }
    Ok(fine)
}
