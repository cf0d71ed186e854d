//! What the walls cost: the network seal at the start of a program, and a walled decoder from its
//! start to its first answer.

use std::path::Path;
use std::time::{Duration, Instant};

use vaultmark::contain;
use vaultmark::media::worker::confine::Confinement;
use vaultmark::media::{Limits, MediaSource, Pool};

use crate::desk::{Desk, Outcome, median, program};
use crate::table::Row;
use crate::worker;

const ROUNDS: usize = 31;
/// The smallest picture that is one: a PNM of a pixel.
const PIXEL: &[u8] = b"P5\n1 1\n255\n\x80";

/// Measures both.
pub fn run(_desk: &Desk) -> Outcome<Vec<Row>> {
    let nothing: &[&Path] = &[];
    let seals: Outcome<Vec<Duration>> =
        (0..ROUNDS).map(|_| Ok(worker::ask("seal", nothing)?.time)).collect();
    let starts: Outcome<Vec<Duration>> = (0..ROUNDS).map(|_| start()).collect();
    Ok(vec![
        Row::Time {
            work: "network seal at the start (median of 31)",
            ours: median(seals?),
            bound: Duration::from_millis(5),
        },
        Row::Time {
            work: "a walled decoder starts and answers (median)",
            ours: median(starts?),
            bound: Duration::from_millis(10),
        },
    ])
}

/// The time of one seal, in a process that has none yet.
pub fn seal() -> Outcome<Duration> {
    let start = Instant::now();
    contain::seal_network()?;
    Ok(start.elapsed())
}

fn start() -> Outcome<Duration> {
    let source = MediaSource::of(PIXEL)?;
    let words = vec![vaultmark::DECODE_WORKER.into()];
    let start = Instant::now();
    let pool = Pool::new(program(), words, 1, Confinement::default());
    pool.probe(&source, &Limits::default())?;
    Ok(start.elapsed())
}
