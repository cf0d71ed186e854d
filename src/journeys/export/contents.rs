//! What lies in a bundle: the datasheet, the schema, the items, annotations in each format, media,
//! provenance.

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::sync::Arc;

use vaultmark_bundle::datasheet::{ClassCount, Frame, Lost};
use vaultmark_bundle::{BagInfo, BundleError, Datasheet, Entry};
use vaultmark_formats::{Census, Format, FormatError, Loss, Output, WriteOptions};
use vaultmark_model::policy::ExportPolicy;
use vaultmark_model::work::Work;
use vaultmark_model::{ItemId, Label, LabelId};
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
    media: bool,
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
        items(project, media)?,
    ];
    for name in &names {
        if work.cancel.is_cancelled() {
            return Err(AppError::Cancelled);
        }
        entries.push(annotations(project, writable(name)?, media)?);
    }
    entries.extend(provenance::entries(project, history)?);
    if media {
        entries.extend(media_entries(project)?);
    }
    Ok(entries)
}

fn datasheet(
    checked: &Checked,
    info: &BagInfo,
    census: &Census,
    losses: &[(String, Loss)],
    formats: &[&str],
    media: bool,
    signer: &Signer,
) -> Result<Entry, AppError> {
    let project = &checked.project;
    let counts = project.label_counts()?;
    let mut items: HashMap<LabelId, HashSet<ItemId>> = HashMap::new();
    project.each_annotation(&mut |_, _, annotation| {
        items.entry(annotation.label).or_default().insert(annotation.item);
        Ok::<(), AppError>(())
    })?;
    let mut with_media = 0;
    if media {
        project.each_item(&mut |item| {
            with_media += u64::from(project.has_media(item.id)?);
            Ok::<(), AppError>(())
        })?;
    }
    let class = |label: &Label| ClassCount {
        label: label.name.clone(),
        annotations: counts.get(&label.id).copied().unwrap_or(0),
        items: items.get(&label.id).map_or(0, |items| items.len() as u64),
    };
    Ok(Datasheet {
        bundle: info.bundle,
        project: project.name().to_owned(),
        marking: info.marking.clone(),
        created: info.created,
        program: info.program.clone(),
        items: census.items,
        media: media.then_some(with_media),
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
fn media_entries(project: &Arc<Project>) -> Result<Vec<Entry>, AppError> {
    let mut entries = Vec::new();
    project.each_item(&mut |item| {
        if !project.has_media(item.id)? {
            return Ok(());
        }
        let path = media_path(&item);
        let (project, id, wrap) = (Arc::clone(project), item.id, source(&path));
        let open = move || {
            let blob = project.open_blob(id).map_err(|e| wrap(e.into()))?;
            Ok(Box::new(blob) as Box<dyn vaultmark_crypto::ReadAt>)
        };
        let body = &item.body;
        entries.push(Entry::opened(path, body.size, body.crc32, body.content, Box::new(open)));
        Ok::<(), AppError>(())
    })?;
    Ok(entries)
}
