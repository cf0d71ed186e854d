//! Writes the seeds of the corpora, all of them made by code: `cargo run -p vaultmark-fuzzed
//! --example seeds`. What fuzzing found beside them stays where it is.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a tool for developers")]

mod bundles;
mod images;
mod records;
mod texts;
mod tiffs;

use std::fs;
use std::path::Path;

/// A target, a file's name, and its bytes.
type Seed = (&'static str, String, Vec<u8>);

fn main() -> std::io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let seeds =
        [images::seeds(), tiffs::seeds(), texts::seeds(), records::seeds(), bundles::seeds()]
            .concat();
    for (target, name, bytes) in &seeds {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)?;
    }
    println!(
        "{} seeds, {} bytes",
        seeds.len(),
        seeds.iter().map(|seed| seed.2.len()).sum::<usize>()
    );
    Ok(())
}

/// A seed.
fn seed(target: &'static str, name: impl Into<String>, bytes: Vec<u8>) -> Seed {
    (target, name.into(), bytes)
}
