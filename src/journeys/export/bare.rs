//! One bare annotation file, through the same door as a bundle.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use vaultmark_crypto::Sha512Hasher;
use vaultmark_formats::{Counting, Format, FormatError, Output, WriteOptions};
use vaultmark_model::work::{Progress, Work};

use super::dataset::ProjectDataset;
use super::{Checked, Report, losses};
use crate::outbox::{self, Outgoing};
use crate::{AppError, Session};

pub(super) fn write(
    _session: &Session,
    checked: &Checked,
    format: &dyn Format,
    to: &Path,
    work: Work<'_>,
) -> Result<Report, AppError> {
    let mut dataset = ProjectDataset::new(Arc::clone(&checked.project), false);
    let mut dataset = Counting::new(&mut dataset);
    let mut single = Single {
        file: Hashed { out: outbox::start(to)?, hasher: Sha512Hasher::new(), bytes: 0, work },
        begun: false,
    };
    let written = format.write(&mut dataset, &mut single, &WriteOptions::default());
    if work.cancel.is_cancelled() {
        return Err(AppError::Cancelled);
    }
    written?;
    let census = dataset.finish()?;
    let Hashed { out, hasher, bytes, .. } = single.file;
    let path = out.finish()?;
    Ok(Report {
        path,
        bytes,
        bundle: None,
        sha512: hasher.finish().to_hex(),
        fingerprint: None,
        audit_code: String::new(),
        losses: losses(&checked.form, &census)?,
        census,
        read_back: false,
    })
}

/// An output that takes exactly one file.
struct Single<'a> {
    file: Hashed<'a>,
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

/// Hashes and counts what goes out.
struct Hashed<'a> {
    out: Outgoing,
    hasher: Sha512Hasher,
    bytes: u64,
    work: Work<'a>,
}

impl Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.work.cancel.is_cancelled() {
            return Err(io::Error::other("cancelled"));
        }
        self.out.write_all(bytes)?;
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
        (self.work.report)(Progress { bytes_done: self.bytes, ..Progress::default() });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
