//! What lies in a bundle: the datasheet, the schema, the items, annotations in each format, media,
//! provenance.

use std::io::Write;
use std::sync::Arc;

use vaultmark_bundle::datasheet::{ClassCount, Frame, Lost};
use vaultmark_bundle::{BagInfo, BundleError, Datasheet, Entry};
use vaultmark_formats::{Census, Format, FormatError, Loss, Output, WriteOptions};
use vaultmark_model::Label;
use vaultmark_model::policy::ExportPolicy;
use vaultmark_model::work::Work;
use vaultmark_store::project::Project;

use super::dataset::{ProjectDataset, media_path};
use super::{Checked, provenance};
use crate::AppError;
use crate::journeys::bundles::lists;
use crate::journeys::interchange::writable;

/// Who signs.
pub(super) struct Signer {
    /// The name on the receiver's list.
    pub principal: String,
    /// The key's fingerprint.
    pub fingerprint: String,
}

#[allow(clippy::too_many_arguments)] // each is a fact of the request; a struct would only rename them
pub(super) fn entries(
    checked: &Checked,
    info: &BagInfo,
    census: &Census,
    losses: &[(String, Loss)],
    formats: &[String],
    media: Option<Media>,
    history: bool,
    signer: &Signer,
    work: Work<'_>,
) -> Result<Vec<Entry>, AppError> {
    let project = &checked.project;
    let mut names: Vec<&str> = vec!["native"];
    names.extend(formats.iter().map(String::as_str).filter(|name| *name != "native"));
    names.dedup();
    let mut entries = vec![
        datasheet(checked, info, census, losses, &names, media, signer)?,
        Entry::bytes(lists::SCHEMA, lists::schema(&project.labels()?)),
        items(project, media.is_some())?,
    ];
    for name in &names {
        if work.cancel.is_cancelled() {
            return Err(AppError::Cancelled);
        }
        entries.push(annotations(project, writable(name)?, media.is_some())?);
    }
    entries.extend(provenance::entries(project, history)?);
    if let Some(media) = media {
        // At once: there may be a million.
        entries.reserve_exact(usize::try_from(media.files).unwrap_or(0));
        add_media(project, &mut entries)?;
    }
    Ok(entries)
}

/// The media that would go along.
#[derive(Debug, Clone, Copy)]
pub(super) struct Media {
    pub files: u64,
    pub bytes: u64,
}

impl Media {
    /// # Errors
    /// Where the database fails.
    pub(super) fn of(project: &Project) -> Result<Self, AppError> {
        let mut media = Self { files: 0, bytes: 0 };
        project.each_item(&mut |item| {
            if project.has_media(item.id)? {
                media.files += 1;
                media.bytes += item.body.size;
            }
            Ok::<(), AppError>(())
        })?;
        Ok(media)
    }
}

fn datasheet(
    checked: &Checked,
    info: &BagInfo,
    census: &Census,
    losses: &[(String, Loss)],
    formats: &[&str],
    media: Option<Media>,
    signer: &Signer,
) -> Result<Entry, AppError> {
    let project = &checked.project;
    let counts = project.label_counts()?;
    let items = project.label_items()?;
    let class = |label: &Label| ClassCount {
        label: label.name.clone(),
        annotations: counts.get(&label.id).copied().unwrap_or(0),
        items: items.get(&label.id).copied().unwrap_or(0),
    };
    Ok(Datasheet {
        bundle: info.bundle,
        project: project.name().to_owned(),
        marking: info.marking.clone(),
        created: info.created,
        program: info.program.clone(),
        items: census.items,
        media: media.map(|media| media.files),
        classes: project.labels()?.iter().map(class).collect(),
        frame: Frame::Upright,
        rotated_items: census.rotated_items,
        formats: formats.iter().map(|name| (*name).to_owned()).collect(),
        losses: losses
            .iter()
            .map(|(format, loss)| Lost {
                format: format.clone(),
                what: loss.what.clone(),
                count: loss.count,
                consequence: loss.consequence.clone(),
            })
            .collect(),
        creator: signer.principal.clone(),
        fingerprint: signer.fingerprint.clone(),
        two_person: info.policy == ExportPolicy::Two,
        sealed: !checked.recipients.is_empty(),
    }
    .entry())
}

/// Wraps an error of a producer, naming the entry.
fn source(entry: &str) -> impl Fn(Box<dyn std::error::Error + Send + Sync>) -> BundleError + use<> {
    let entry = entry.to_owned();
    move |source| BundleError::Source { entry: entry.clone(), source }
}

/// `data/items.jsonl`, produced anew each time it is needed.
fn items(project: &Arc<Project>, media: bool) -> Result<Entry, AppError> {
    let project = Arc::clone(project);
    let produce = move |out: &mut dyn Write| -> Result<(), BundleError> {
        let mut dataset = ProjectDataset::new(Arc::clone(&project), media);
        lists::items(&mut dataset, project.marking(), out)
            .map_err(|e| source(lists::ITEMS)(e.into()))
    };
    Ok(Entry::measured(lists::ITEMS, Box::new(produce))?)
}

/// `data/annotations/<format>.json`, produced anew each time it is needed; nothing is spooled.
fn annotations(
    project: &Arc<Project>,
    format: &'static dyn Format,
    media: bool,
) -> Result<Entry, AppError> {
    let path = lists::annotation_path(format);
    let project = Arc::clone(project);
    let wrap = source(&path);
    let produce = move |out: &mut dyn Write| -> Result<(), BundleError> {
        let mut dataset = ProjectDataset::new(Arc::clone(&project), media);
        format
            .write(&mut dataset, &mut Through(out), &WriteOptions::default())
            .map(|_| ())
            .map_err(|e| wrap(e.into()))
    };
    Ok(Entry::measured(path, Box::new(produce))?)
}

/// The one file of a format goes straight into its entry.
struct Through<'a>(&'a mut dyn Write);

impl Output for Through<'_> {
    fn file(&mut self, _path: &str) -> Result<Box<dyn Write + '_>, FormatError> {
        Ok(Box::new(&mut *self.0))
    }
}

/// The originals, bit for bit. Size and digests were taken at import.
fn add_media(project: &Arc<Project>, entries: &mut Vec<Entry>) -> Result<(), AppError> {
    project.each_item(&mut |item| {
        if !project.has_media(item.id)? {
            return Ok(());
        }
        let (project, body) = (Arc::clone(project), &item.body);
        let (id, format) = (item.id, body.facts.format);
        let open = move || {
            let blob = project.open_blob(id).map_err(|e| source(&media_path(id, format))(e.into()));
            Ok(Box::new(blob?) as Box<dyn vaultmark_crypto::ReadAt>)
        };
        let path = media_path(id, format);
        entries.push(Entry::opened(path, body.size, body.crc32, body.content, Box::new(open)));
        Ok::<(), AppError>(())
    })
}
