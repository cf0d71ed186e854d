//! Every other file of the payload: media against the digests that the changes name, and what is
//! made from the native file against what is made of it here.

use std::io::{self, BufReader, Read, Write};

use vaultmark_bundle::{BundleError, EntryReader, Verified, frame};
use vaultmark_formats::{Dataset, Format, FormatError, Output, WriteOptions, formats};
use vaultmark_model::work::Work;
use vaultmark_model::{ImageFacts, ItemId};

use super::dataset::NativeDataset;
use super::native::{self, Native};
use super::state::State;
use super::{NATIVE, refused, untraced};
use crate::AppError;
use crate::journeys::bundles::item_of;
use crate::journeys::bundles::lists::{self, ANNOTATIONS, ITEMS, SCHEMA, annotation_path};

/// Every medium is that of an item, and has the digest that the item was brought in with. Gives
/// their number.
pub(super) fn media(verified: &Verified, state: &State) -> Result<u64, AppError> {
    let mut count = 0;
    for entry in verified.entries().filter(|entry| entry.path.starts_with(frame::MEDIA)) {
        let item = item_of(entry.path)?;
        let why = match state.item(&item) {
            None => "no signed change brings its item in",
            Some((_, facts)) if entry.path != medium_path(&item, &facts) => {
                "its name does not fit its item"
            }
            Some(_) if !state.is_content(&item, entry.sha512) => {
                "its SHA-512 is another than that of the file that was brought in"
            }
            Some(_) => {
                count += 1;
                continue;
            }
        };
        return Err(refused(untraced(entry.path, format!("item {item}"), why)));
    }
    Ok(count)
}

fn medium_path(item: &ItemId, facts: &ImageFacts) -> String {
    format!("{}{item}.{}", frame::MEDIA, facts.format.extension())
}

/// Makes every file that is made from the native one again, and compares.
pub(super) fn derived(
    verified: &Verified,
    native: Native,
    state: State,
    work: Work<'_>,
) -> Result<(), AppError> {
    let marking = native.facts.marking.clone();
    let mut dataset = NativeDataset { native, state, verified, work };
    let compared = |path: &str, make: &mut dyn FnMut(&mut Compare) -> Result<(), FormatError>| {
        let mut compare = Compare::new(verified.read(path)?);
        let made = make(&mut compare);
        if work.cancel.is_cancelled() {
            return Err(AppError::Cancelled);
        }
        compare.finish(path, made)
    };
    // The native file itself stands in the one way of writing it, so that no reader sees more in it
    // than was compared.
    let native = native::format()?;
    compared(NATIVE, &mut |out| write(native, &mut dataset, out))?;
    let schema = lists::schema(&dataset.native.labels);
    compared(SCHEMA, &mut |out| {
        out.write_all(&schema).map_err(|source| FormatError::Output { file: SCHEMA.into(), source })
    })?;
    compared(ITEMS, &mut |out| lists::items(&mut dataset, &marking, out))?;
    let paths: Vec<&str> = verified.entries().map(|entry| entry.path).collect();
    for path in paths.into_iter().filter(|path| path.starts_with(ANNOTATIONS) && *path != NATIVE) {
        let known =
            formats().iter().copied().find(|one| one.can_write() && annotation_path(*one) == path);
        let Some(format) = known else {
            let why = "this version does not know the format, so it can't be compared with the signed changes; verify it with a newer version";
            return Err(refused(untraced(path, "all of it", why)));
        };
        compared(path, &mut |out| write(format, &mut dataset, out))?;
    }
    Ok(())
}

fn write(
    format: &dyn Format,
    dataset: &mut dyn Dataset,
    out: &mut Compare,
) -> Result<(), FormatError> {
    format.write(dataset, &mut Single(out), &WriteOptions::default()).map(|_| ())
}

/// The one file of a format.
struct Single<'a>(&'a mut Compare);

impl Output for Single<'_> {
    fn file(&mut self, _path: &str) -> Result<Box<dyn Write + '_>, FormatError> {
        Ok(Box::new(&mut *self.0))
    }
}

/// Compares what is written with what is there.
struct Compare {
    there: BufReader<EntryReader>,
    buffer: Vec<u8>,
    /// Line feeds passed.
    lines: u64,
    /// The line, from 1, in which they differ.
    differs: Option<u64>,
    /// What reading said.
    broken: Option<io::Error>,
}

impl Compare {
    fn new(there: EntryReader) -> Self {
        let there = BufReader::with_capacity(256 * 1024, there);
        Self { there, buffer: vec![0; 64 * 1024], lines: 0, differs: None, broken: None }
    }

    /// Settles it once all is written.
    fn finish(mut self, path: &str, made: Result<(), FormatError>) -> Result<(), AppError> {
        if let Some(error) = self.broken {
            return Err(BundleError::from_io(format!("reading `{path}`"), error).into());
        }
        if self.differs.is_none() {
            made?;
            match self.there.read(&mut [0]) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) => {
                    return Err(BundleError::from_io(format!("reading `{path}`"), error).into());
                }
            }
        }
        let place = format!("line {}", self.differs.unwrap_or(self.lines + 1));
        let why = match path {
            NATIVE => "it is not written in the one way that the format has".to_owned(),
            _ => format!("it is not what follows from `{NATIVE}`"),
        };
        Err(refused(untraced(path, place, why)))
    }
}

impl Write for Compare {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(self.buffer.len());
        let (ours, there) = (&bytes[..count], &mut self.buffer[..count]);
        match self.there.read_exact(there) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                self.differs = Some(self.lines + 1);
                return Err(io::Error::other("it ends before"));
            }
            Err(error) => {
                self.broken = Some(error);
                return Err(io::Error::other("it can't be read"));
            }
        }
        let same = ours.iter().zip(there.iter()).take_while(|(a, b)| a == b).count();
        let line_feeds = ours[..same].iter().filter(|byte| **byte == b'\n').count() as u64;
        self.lines += line_feeds;
        if same < count {
            self.differs = Some(self.lines + 1);
            return Err(io::Error::other("it differs"));
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
