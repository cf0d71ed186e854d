//! One bare annotation file, through the same door as a bundle.

use std::io::{self, Write};
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use vaultmark_crypto::Sha512Hasher;
use vaultmark_formats::{Counting, Format, FormatError, Output, WriteOptions};
use vaultmark_model::Digest;
use vaultmark_model::work::{Progress, Work};

use super::dataset::ProjectDataset;
use super::{Checked, Report, losses};
use crate::AppError;
use crate::outbox::{Outgoing, Whole};

/// Bytes handed to the writing thread at once; no fewer than its file's buffer has, so that they
/// are not copied into it.
const PIECE: usize = 1 << 20;
/// Pieces on their way; the bound on memory.
const UNDER_WAY: usize = 4;
/// Bytes that may wait to reach the medium.
const UNSETTLED: usize = 8 << 20;

pub(super) fn write(
    checked: &Checked,
    format: &dyn Format,
    out: Outgoing,
    to: &Path,
    work: Work<'_>,
) -> Result<(Whole, Report), AppError> {
    std::thread::scope(|scope| {
        let mut dataset = ProjectDataset::new(Arc::clone(&checked.project), false);
        let mut dataset = Counting::new(&mut dataset);
        let mut single = Single { file: Outward::start(scope, out, work), begun: false };
        let written = format.write(&mut dataset, &mut single, &WriteOptions::default());
        if work.cancel.is_cancelled() {
            return Err(AppError::Cancelled);
        }
        let bytes = single.file.bytes;
        // Where the file can't be written, the format knows no more than that.
        let Written { out, sha512 } = single.file.finish().map_err(AppError::io("writing", to))?;
        written?;
        checked.is_as_agreed()?;
        let census = dataset.finish()?;
        let report = Report {
            path: to.to_owned(),
            bytes,
            bundle: None,
            sha512: sha512.to_hex(),
            fingerprint: None,
            audit_code: String::new(),
            losses: losses(&checked.form, &census)?,
            census,
            read_back: false,
        };
        Ok((out.complete()?, report))
    })
}

/// An output that takes exactly one file.
struct Single<'s> {
    file: Outward<'s>,
    begun: bool,
}

impl Output for Single<'_> {
    fn file(&mut self, path: &str) -> Result<Box<dyn Write + '_>, FormatError> {
        if std::mem::replace(&mut self.begun, true) {
            return Err(FormatError::Output {
                file: path.to_owned(),
                source: io::Error::other(
                    "this format makes several files; create a bundle with it instead",
                ),
            });
        }
        Ok(Box::new(&mut self.file))
    }
}

/// What went out, all of it hashed.
struct Written {
    out: Outgoing,
    sha512: Digest,
}

/// Counts what goes out and hands it to a thread that hashes and writes it: making the bytes takes
/// about as long as that.
struct Outward<'s> {
    piece: Vec<u8>,
    pieces: SyncSender<Vec<u8>>,
    /// Pieces that were written; their memory serves for the next.
    emptied: Receiver<Vec<u8>>,
    writing: ScopedJoinHandle<'s, io::Result<Written>>,
    bytes: u64,
    work: Work<'s>,
}

impl<'s> Outward<'s> {
    fn start(scope: &'s Scope<'s, '_>, out: Outgoing, work: Work<'s>) -> Self {
        let (pieces, received) = sync_channel(UNDER_WAY);
        let (give_back, emptied) = channel();
        let writing = scope.spawn(move || hash_and_write(out, &received, &give_back));
        Self { piece: Vec::with_capacity(PIECE), pieces, emptied, writing, bytes: 0, work }
    }

    fn hand_over(&mut self) -> io::Result<()> {
        let next = self.emptied.try_recv().unwrap_or_else(|_| Vec::with_capacity(PIECE));
        let full = std::mem::replace(&mut self.piece, next);
        // Nobody takes it where writing has failed; `finish` says how.
        self.pieces.send(full).map_err(|_| io::Error::other("it can't be written"))
    }

    /// Waits until everything is hashed and written.
    fn finish(mut self) -> io::Result<Written> {
        let handed = self.hand_over();
        drop(self.pieces);
        let written = self.writing.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        handed.map(|()| written)
    }
}

impl Write for Outward<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.work.cancel.is_cancelled() {
            return Err(io::Error::other("cancelled"));
        }
        // A record may have megabytes; a piece has not.
        let taken = &bytes[..bytes.len().min(PIECE - self.piece.len())];
        self.piece.extend_from_slice(taken);
        if self.piece.len() == PIECE {
            self.hand_over()?;
        }
        self.bytes += taken.len() as u64;
        (self.work.report)(Progress { bytes_done: self.bytes, ..Progress::default() });
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        // `finish` hands over the rest, so that one place tells how writing went.
        Ok(())
    }
}

/// Takes pieces until no more can come. What it has taken is on the medium from time to time.
fn hash_and_write(
    mut out: Outgoing,
    pieces: &Receiver<Vec<u8>>,
    give_back: &Sender<Vec<u8>>,
) -> io::Result<Written> {
    let mut sha512 = Sha512Hasher::new();
    let mut unsettled = 0;
    for mut piece in pieces {
        out.write_all(&piece)?;
        sha512.update(&piece);
        unsettled += piece.len();
        if unsettled >= UNSETTLED {
            out.settle()?;
            unsettled = 0;
        }
        piece.clear();
        // Nobody may want it any more.
        let _ = give_back.send(piece);
    }
    Ok(Written { out, sha512: sha512.finish() })
}
