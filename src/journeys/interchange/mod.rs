//! Bringing annotation files in: one file or a folder of them becomes one Change.

mod items;
mod sink;
mod writing;

use std::io::Read;
use std::path::{Path, PathBuf};

use vaultmark_formats::{Format, Input, ReadOptions, ReadReport};
use vaultmark_model::ProjectId;
use vaultmark_model::work::{Progress, Work};
use vaultmark_store::audit::Outcome;
use vaultmark_store::project::Project;
use vaultmark_store::regular::{self, Links};
use walkdir::WalkDir;

use crate::journeys::room::Room;
use crate::policy::Operation;
use crate::{AppError, Session};
use sink::ProjectSink;
use writing::Edits;

/// The most bytes of one annotation file.
const FILE_BYTES: u64 = 8 << 30;

/// What an import did.
#[derive(Debug, Clone)]
pub struct ImportedAnnotations {
    /// What was read, refused, repaired, by file and line.
    pub report: ReadReport,
    /// Annotations made.
    pub annotations: u64,
    /// Labels made, by name.
    pub labels: Vec<String>,
}

/// The format of that name, which must be readable.
///
/// # Errors
/// [`AppError::UnknownWord`] lists the readable ones.
pub fn readable(name: &str) -> Result<&'static dyn Format, AppError> {
    vaultmark_formats::find(name).filter(|format| format.can_read()).ok_or_else(|| {
        AppError::UnknownWord {
            what: "format to read",
            word: name.to_owned(),
            known: known(|format| format.can_read()),
        }
    })
}

/// The format of that name, which must be writable.
///
/// # Errors
/// [`AppError::UnknownWord`] lists the writable ones.
pub fn writable(name: &str) -> Result<&'static dyn Format, AppError> {
    vaultmark_formats::find(name).filter(|format| format.can_write()).ok_or_else(|| {
        AppError::UnknownWord {
            what: "format to write",
            word: name.to_owned(),
            known: known(|format| format.can_write()),
        }
    })
}

fn known(which: impl Fn(&dyn Format) -> bool) -> String {
    let names = vaultmark_formats::formats().iter().filter(|f| which(**f)).map(|f| f.name());
    names.collect::<Vec<_>>().join(", ")
}

/// Reads annotation files into a project, as one Change. In strict mode one bad record refuses the
/// whole import; otherwise it is reported and the rest goes in.
///
/// # Errors
/// Where the policy refuses, a file can't be read, or the database fails; nothing has then
/// happened.
pub fn read(
    session: &Session,
    id: ProjectId,
    format: &'static dyn Format,
    path: &Path,
    options: &ReadOptions,
    work: Work<'_>,
) -> Result<ImportedAnnotations, AppError> {
    // Said as it begins: an import that fails has its format in the log too.
    let facts = |_: &Project| vec![("format", format.name().to_owned())];
    let project = session.enter_stating(Operation::AnnotationsImport, id, facts)?;
    let ended = read_permitted(session, &project, format, path, options, work);
    let ended = ended.map_err(|error| match error {
        // Whatever the threads said of it.
        _ if work.cancel.is_cancelled() => AppError::Cancelled,
        error => error,
    });
    session.conclude(Operation::AnnotationsImport, Some(id), ended, |read| {
        let annotations = ("annotations", read.annotations.to_string());
        (Outcome::Done, vec![("format", format.name().to_owned()), annotations])
    })
}

fn read_permitted(
    session: &Session,
    project: &Project,
    format: &'static dyn Format,
    path: &Path,
    options: &ReadOptions,
    work: Work<'_>,
) -> Result<ImportedAnnotations, AppError> {
    let inputs = inputs(format, path)?;
    (work.report)(Progress { total: inputs.len() as u64, ..Progress::default() });
    let (edits, parcels) = Edits::channel();
    let mut sink = ProjectSink::new(project, session.ambient(), edits, work)?;
    let gesture = format!("annotations import {}", format.name());
    let outcome = std::thread::scope(|scope| {
        let writing = scope.spawn(|| writing::write(project, &gesture, parcels));
        let read = format.read(&inputs, &mut sink, options);
        let read = match read {
            Ok(report) if !work.cancel.is_cancelled() => Ok((report, sink.finish())),
            ended => {
                // Without the last word of `finish` the thread ends and nothing has happened.
                drop(sink);
                Err(ended.map_or_else(AppError::from, |_| AppError::Cancelled))
            }
        };
        let written = writing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        written.map_err(AppError::from).and(read)
    });
    let (report, (annotations, labels)) = outcome?;
    Ok(ImportedAnnotations { report, annotations, labels })
}

/// A file, or the files of a folder with the format's extensions, sorted by path.
fn inputs(format: &dyn Format, path: &Path) -> Result<Vec<Input>, AppError> {
    let facts = path.metadata().map_err(AppError::io("reading", path))?;
    if !facts.is_dir() {
        return Ok(vec![input(path.to_owned(), path.display().to_string(), Links::Followed)]);
    }
    let mut found: Vec<PathBuf> = Vec::new();
    let mut room = Room::default();
    for entry in WalkDir::new(path).follow_links(false) {
        let entry = entry.map_err(|e| AppError::Io {
            what: "reading the folder",
            path: path.to_owned(),
            source: e.into_io_error().unwrap_or_else(|| std::io::ErrorKind::Other.into()),
        })?;
        let extension = entry.path().extension().map(|e| e.to_string_lossy().to_lowercase());
        let wanted = extension.is_some_and(|e| format.extensions().contains(&e.as_str()));
        if entry.file_type().is_file() && wanted {
            if !room.take(entry.path()) {
                return Err(AppError::Invalid { what: "the folder", why: Room::why() });
            }
            found.push(entry.into_path());
        }
    }
    found.sort();
    if found.is_empty() {
        return Err(AppError::Invalid {
            what: "the folder",
            why: format!(
                "it holds no {} file (.{})",
                format.title(),
                format.extensions().join(", .")
            ),
        });
    }
    let shown = |file: &Path| file.strip_prefix(path).unwrap_or(file).display().to_string();
    Ok(found
        .into_iter()
        .map(|file| {
            let name = shown(&file);
            input(file, name, Links::Refused)
        })
        .collect())
}

fn input(path: PathBuf, name: String, links: Links) -> Input {
    Input::new(name, move || {
        let file = regular::open(&path, links)?;
        if file.metadata()?.len() > FILE_BYTES {
            return Err(std::io::Error::other(
                "it has more than 8 GiB, the most of an annotation file",
            ));
        }
        Ok(Box::new(file.take(FILE_BYTES)) as Box<dyn Read>)
    })
}
