//! Reading a sealed file of 256 MiB in chunks of 16 KiB, against AES-256-GCM by `ring` over a file
//! with the same reads.

use std::fs::File;
use std::hint::black_box;

use vaultmark::crypto::ReadAt as _;

use crate::desk::{Desk, Outcome, contest, timed};
use crate::made;
use crate::sealed::{self, CHUNK, SEALED};
use crate::table::Row;

const BYTES: u64 = 256 << 20;

/// Measures it.
pub fn run(desk: &Desk) -> Outcome<Vec<Row>> {
    let session = desk.vault("blob.vault")?;
    let project = made::project(&session, "blob")?;
    let batch = project.media_batch()?;
    let item = made::add_noise(&batch, "large.png", 1, BYTES)?;
    batch.commit()?;
    let plain = desk.path("blob.sealed");
    sealed::seal(&plain, made::noise(1, BYTES))?;

    let ours = |_| {
        let read = || {
            let blob = project.open_blob(item)?;
            let mut chunk = [0; CHUNK];
            for offset in (0..BYTES).step_by(CHUNK) {
                let read = blob.read_at(offset, &mut chunk)?;
                if read != CHUNK {
                    return Err("the blob is shorter than it was".into());
                }
                black_box(&chunk);
            }
            Ok(())
        };
        timed(read).map(|((), time)| time)
    };
    let baseline = |_| {
        let read = || {
            let (file, key) = (File::open(&plain)?, sealed::key()?);
            let mut chunk = [0; SEALED];
            for number in 0..BYTES / CHUNK as u64 {
                sealed::open(&file, &key, number, &mut chunk, |plain| {
                    black_box(plain);
                })?;
            }
            Ok(())
        };
        timed(read).map(|((), time)| time)
    };
    let (ours, baseline) = contest(7, ours, baseline)?;
    Ok(vec![Row::Ratio {
        work: "read a sealed 256 MiB blob by 16 KiB",
        ours,
        baseline,
        bound: 1.4,
    }])
}
