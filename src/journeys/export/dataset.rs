//! A project as the data set of a format's writer.

use std::collections::HashMap;
use std::sync::Arc;

use vaultmark_formats::{AnnotationRecord, Dataset, FormatError, ItemRecord, ProjectFacts};
use vaultmark_model::{ImageFacts, ItemId, Label, MediaFormat};
use vaultmark_store::StoreError;
use vaultmark_store::project::Project;

/// Streams a project; the same each time as long as nothing is edited in between, which the
/// bundle's writer notices.
pub(super) struct ProjectDataset {
    project: Arc<Project>,
    media: bool,
    /// What is known of the pixels of every item, once a walk over the items has come by: it never
    /// changes.
    facts: HashMap<ItemId, ImageFacts>,
}

impl ProjectDataset {
    /// With media paths where media go along.
    pub(super) fn new(project: Arc<Project>, media: bool) -> Self {
        Self { project, media, facts: HashMap::new() }
    }
}

/// Where an item's medium lies in a bundle.
pub(in crate::journeys) fn media_path(item: ItemId, format: MediaFormat) -> String {
    format!("data/media/{item}.{}", format.extension())
}

/// What ends a walk: the store below it, or the writer that it feeds.
enum Ended {
    Store(StoreError),
    Writer(FormatError),
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Ended {
    fn into_format(self) -> FormatError {
        match self {
            Self::Store(error) => FormatError::dataset(error),
            Self::Writer(error) => error,
        }
    }
}

impl Dataset for ProjectDataset {
    fn project(&mut self) -> Result<ProjectFacts, FormatError> {
        let project = &self.project;
        let heads = self.project.heads().map_err(FormatError::dataset)?;
        Ok(ProjectFacts {
            id: project.id(),
            name: project.name().to_owned(),
            marking: project.marking().clone(),
            heads,
        })
    }

    fn labels(&mut self) -> Result<Vec<Label>, FormatError> {
        self.project.labels().map_err(FormatError::dataset)
    }

    fn each_item(
        &mut self,
        each: &mut dyn FnMut(&ItemRecord) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        let Self { project, media, facts } = self;
        let walked = project.each_item(&mut |item| {
            facts.insert(item.id, item.body.facts);
            let media_path = if *media && project.has_media(item.id)? {
                Some(media_path(item.id, item.body.facts.format))
            } else {
                None
            };
            each(&ItemRecord { item, media_path }).map_err(Ended::Writer)
        });
        walked.map_err(Ended::into_format)
    }

    fn each_annotation(
        &mut self,
        each: &mut dyn FnMut(&AnnotationRecord) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        if self.facts.is_empty() {
            self.each_item(&mut |_| Ok(()))?;
        }
        let project = &self.project;
        let known = |id: ItemId| match self.facts.get(&id) {
            Some(facts) => Ok(*facts),
            // It came after the walk.
            None => match project.item(id)? {
                Some(item) => Ok(item.body.facts),
                None => Err(StoreError::NotFound { what: "item", id: id.to_string() }),
            },
        };
        // Annotations come item by item.
        let mut last: Option<(ItemId, ImageFacts)> = None;
        let walked = project.each_annotation(&mut |item_number, number, annotation| {
            let facts = match last {
                Some((item, facts)) if item == annotation.item => facts,
                _ => known(annotation.item)?,
            };
            last = Some((annotation.item, facts));
            each(&AnnotationRecord { annotation, number, item_number, facts })
                .map_err(Ended::Writer)
        });
        walked.map_err(Ended::into_format)
    }
}
