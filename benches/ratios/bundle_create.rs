//! Creating a bundle with a gigabyte of media, written, flushed and read back; against the same
//! bytes read, decrypted, hashed, checksummed, written and flushed by as many threads.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA512};
use vaultmark::FreshSignIn;
use vaultmark::journeys::export::{self, Form, Request};
use vaultmark::model::work::Work;

use crate::desk::{Desk, Outcome, contest, in_parallel, passphrase, timed};
use crate::made::{self, FILE_BYTES, FILES, Media};
use crate::sealed::{self, CHUNK, SEALED};
use crate::table::Row;

/// Chunks read at once.
const AT_ONCE: u64 = 16;

/// Measures it.
pub fn run(desk: &Desk) -> Outcome<Vec<Row>> {
    let media = desk.media()?;
    let plain: Vec<PathBuf> = (0..FILES).map(|n| desk.path(&format!("plain {n}.sealed"))).collect();
    in_parallel(plain.len(), |n| sealed::seal(&plain[n], made::noise(n as u64, FILE_BYTES)))?;

    let ours = |_| {
        let to = desk.path("created.bag.zip");
        let proof = media.session.confirm(&passphrase())?;
        let ((), time) = timed(|| create(media, proof, &to))?;
        fs::remove_file(&to)?;
        Ok(time)
    };
    let baseline = |_| {
        let to = desk.path("created.plain");
        let ((), time) = timed(|| pass(&plain, &to))?;
        fs::remove_file(&to)?;
        Ok(time)
    };
    let (ours, baseline) = contest(7, ours, baseline)?;
    plain.iter().try_for_each(fs::remove_file)?;
    Ok(vec![Row::Ratio { work: "create a bundle of 1 GB of media", ours, baseline, bound: 1.3 }])
}

/// Creates the bundle.
pub fn create(media: &Media, proof: FreshSignIn, to: &Path) -> Outcome<()> {
    let request = Request {
        project: media.project,
        form: Form::Bundle {
            formats: Vec::new(),
            media: true,
            history: false,
            seal_to: Vec::new(),
        },
        marking: None,
        justification: "a benchmark".into(),
        agreed: None,
    };
    let report = Work::quiet(|work| export::perform(&media.session, proof, &request, to, work))?;
    if report.bytes < FILES * FILE_BYTES {
        return Err(format!("the bundle has {} bytes", report.bytes).into());
    }
    Ok(())
}

/// One file after the other on each thread, into its place in one file.
fn pass(files: &[PathBuf], to: &Path) -> Outcome<()> {
    let out = File::create_new(to)?;
    let key = sealed::key()?;
    in_parallel(files.len(), |n| {
        let file = File::open(&files[n])?;
        let (mut sha512, mut crc32) = (Context::new(&SHA512), crc32fast::Hasher::new());
        let mut buffer = vec![0; AT_ONCE as usize * SEALED];
        let mut piece = Vec::with_capacity(AT_ONCE as usize * CHUNK);
        let (sealed, mut at) = (file.metadata()?.len(), n as u64 * FILE_BYTES);
        let chunks = sealed.div_ceil(SEALED as u64);
        for number in (0..chunks).step_by(AT_ONCE as usize) {
            let left = sealed - number * SEALED as u64;
            let count = usize::try_from(left.min(AT_ONCE * SEALED as u64))?;
            piece.clear();
            sealed::open(&file, &key, number, &mut buffer[..count], |plain| {
                piece.extend_from_slice(plain);
            })?;
            sha512.update(&piece);
            crc32.update(&piece);
            out.write_all_at(&piece, at)?;
            at += piece.len() as u64;
        }
        std::hint::black_box((sha512.finish(), crc32.finalize()));
        Ok(())
    })?;
    Ok(out.sync_all()?)
}
