//! The plan: every file looked at by its headers, in a worker process, over all cores. Content is
//! hashed only where the size leaves a duplicate possible.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use vaultmark_media::{FileSource, Limits, MediaError, MediaSource, Pool};
use vaultmark_model::work::{Progress, Work};
use vaultmark_model::{Digest, ProjectId};

use super::{Plan, PlannedFile, Refused, files, source};
use crate::journeys::marks;
use crate::policy::Operation;
use crate::{AppError, Session};

/// Extensions that claim an image; such a file that is none is refused by name, others are ignored.
const IMAGE_NAMES: &[&str] = &[
    "jpg", "jpeg", "png", "apng", "tif", "tiff", "bmp", "gif", "webp", "pnm", "pbm", "pgm", "ppm",
    "pam", "dib", "jp2", "heic", "avif", "ntf", "nitf",
];

enum Seen {
    Fine,
    Ignored,
    Refused(String),
}

/// Looks at everything below the given files and folders.
///
/// # Errors
/// Where the policy refuses, the project can't be read, or the work is cancelled.
pub fn plan(
    session: &Session,
    id: ProjectId,
    paths: &[PathBuf],
    work: Work<'_>,
) -> Result<Plan, AppError> {
    let project = session.enter(Operation::ImportPlan, id)?;
    let found = files::walk(paths);
    let mut plan = Plan { refused: found.refused, ignored: found.ignored, ..Plan::default() };
    let pool = session.decoder();
    let limits = Limits::default();
    let total = found.files.len() as u64;
    let named: HashSet<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let done = AtomicU64::new(0);
    let seen: Vec<Seen> = found
        .files
        .par_iter()
        .map(|file| {
            if work.cancel.is_cancelled() {
                return Seen::Ignored;
            }
            let seen = look(&pool, &limits, &file.file, named.contains(file.file.as_path()));
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            (work.report)(Progress { done, total, ..Progress::default() });
            seen
        })
        .collect();
    if work.cancel.is_cancelled() {
        return Err(AppError::Cancelled);
    }
    let mut sizes: HashMap<u64, u32> = HashMap::new();
    let (mut paths_known, mut contents) = (HashSet::new(), HashSet::new());
    project.each_item(&mut |item| {
        *sizes.entry(item.body.size).or_default() += 1;
        contents.insert(marks::content(&item.body.content));
        paths_known.insert(marks::path(item.body.path.as_bytes()));
        Ok::<(), AppError>(())
    })?;
    let mut fine: Vec<PlannedFile> = Vec::new();
    for (file, seen) in found.files.into_iter().zip(seen) {
        match seen {
            Seen::Fine => {
                *sizes.entry(file.size).or_default() += 1;
                fine.push(file);
            }
            Seen::Ignored => plan.ignored += 1,
            Seen::Refused(reason) => plan.refused.push(Refused { file: file.file, reason }),
        }
    }
    let digests: Vec<Option<Digest>> = fine
        .par_iter()
        .map(|file| {
            let possible = sizes.get(&file.size).is_some_and(|n| *n > 1)
                || paths_known.contains(&marks::path(file.path.as_bytes()));
            possible
                .then(|| source::open(&file.file).ok().and_then(|f| source::digest(f).ok()))
                .flatten()
        })
        .collect();
    for (file, digest) in fine.into_iter().zip(digests) {
        match digest {
            Some(digest) if !contents.insert(marks::content(&digest)) => {
                plan.duplicates.push(file.file);
            }
            _ if !paths_known.insert(marks::path(file.path.as_bytes())) => {
                plan.refused.push(changed(file.file));
            }
            _ => plan.new.push(file),
        }
    }
    plan.refused.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(plan)
}

/// The refusal of a file whose path is taken by other content.
pub(super) fn changed(file: PathBuf) -> Refused {
    Refused {
        file,
        reason: "the project has another file with this path. Labels belong to exact pixels, so it is not replaced: import it from a folder of another name.".into(),
    }
}

/// `named`: a person named this file itself, so it is not passed over in silence.
fn look(pool: &Pool, limits: &Limits, path: &Path, named: bool) -> Seen {
    let file = match source::open(path) {
        Ok(file) => file,
        Err(reason) => return Seen::Refused(reason),
    };
    let source = match FileSource::new(file) {
        Ok(source) => MediaSource::Ranges(std::sync::Arc::new(source)),
        Err(error) => return Seen::Refused(format!("it can't be read: {error}.")),
    };
    match pool.probe(&source, limits) {
        Ok(_) => Seen::Fine,
        Err(MediaError::NotRecognised | MediaError::Empty) if !named && !claims_image(path) => {
            Seen::Ignored
        }
        Err(error) => Seen::Refused(error.to_string()),
    }
}

fn claims_image(path: &Path) -> bool {
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    extension.is_some_and(|e| IMAGE_NAMES.contains(&e.as_str()))
}
