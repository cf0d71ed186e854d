//! Verifying a bundle in full; against reading and hashing the same bytes with as many threads.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use ring::digest::{Context, SHA512};
use vaultmark::journeys::bundles;
use vaultmark::model::work::Work;

use crate::bundle_create::create;
use crate::desk::{Desk, Outcome, contest, in_parallel, passphrase, timed};
use crate::made::{FILE_BYTES, FILES};
use crate::table::Row;

/// Bytes read at once.
const AT_ONCE: usize = 512 * 1024;

/// Measures it.
pub fn run(desk: &Desk) -> Outcome<Vec<Row>> {
    let bundle = desk.path("verified.bag.zip");
    let media = desk.media()?;
    create(media, media.session.confirm(&passphrase())?, &bundle)?;
    let ours = |_| {
        let (found, time) =
            timed(|| Ok(Work::quiet(|work| bundles::verify(&bundle, Vec::new(), work))?))?;
        if found.media == FILES { Ok(time) } else { Err(format!("{} media", found.media).into()) }
    };
    let baseline = |_| timed(|| hash(&bundle)).map(|((), time)| time);
    let (ours, baseline) = contest(5, ours, baseline)?;
    Ok(vec![Row::Ratio { work: "verify it", ours, baseline, bound: 1.2 }])
}

/// Hashes it in parts as large as its files.
fn hash(bundle: &Path) -> Outcome<()> {
    let file = File::open(bundle)?;
    let bytes = file.metadata()?.len();
    let parts = usize::try_from(bytes.div_ceil(FILE_BYTES))?;
    in_parallel(parts, |n| {
        let mut sha512 = Context::new(&SHA512);
        let mut buffer = vec![0; AT_ONCE];
        let (mut at, end) = (n as u64 * FILE_BYTES, ((n as u64 + 1) * FILE_BYTES).min(bytes));
        while at < end {
            let count = usize::try_from(end - at)?.min(AT_ONCE);
            file.read_exact_at(&mut buffer[..count], at)?;
            sha512.update(&buffer[..count]);
            at += count as u64;
        }
        std::hint::black_box(sha512.finish());
        Ok(())
    })
}
