//! What a data set holds, counted once, so that each format can say beforehand what it would lose.

use std::collections::BTreeMap;
use std::mem::{Discriminant, discriminant};

use vaultmark_model::{Label, Shape, Source};

use crate::{AnnotationRecord, Dataset, FormatError, ItemRecord, ProjectFacts};

/// Something that a format can't hold.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Loss {
    /// The thing, in the glossary's words.
    pub what: String,
    /// How many there are.
    pub count: u64,
    /// What becomes of them, as a sentence.
    pub consequence: String,
}

impl Loss {
    /// A loss, or nothing where there is none to lose.
    #[must_use]
    pub fn of(what: &str, count: u64, consequence: &str) -> Option<Self> {
        (count > 0).then(|| Self { what: what.into(), count, consequence: consequence.into() })
    }
}

/// Counts of everything that some format can't hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Census {
    /// Items.
    pub items: u64,
    /// Items whose EXIF orientation is not 1.
    pub rotated_items: u64,
    /// Items whose path is not UTF-8.
    pub unreadable_paths: u64,
    /// Items that are flagged.
    pub flagged_items: u64,
    /// Items that are done.
    pub done_items: u64,
    /// Items with a note.
    pub item_notes: u64,
    /// Labels.
    pub labels: u64,
    /// Labels with a key.
    pub label_keys: u64,
    /// Annotations by shape kind.
    pub shapes: BTreeMap<&'static str, u64>,
    /// Those of them without an interior, by shape kind.
    pub without_area: BTreeMap<&'static str, u64>,
    /// Polygons with holes.
    pub holes: u64,
    /// Polygons with holes that reach outside their image.
    pub holes_outside: u64,
    /// Shapes that reach outside their image.
    pub outside: u64,
    /// Annotations that are flagged.
    pub flagged: u64,
    /// Annotations that are occluded.
    pub occluded: u64,
    /// Annotations that are truncated.
    pub truncated: u64,
    /// Annotations that are locked.
    pub locked: u64,
    /// Annotations that are hidden.
    pub hidden: u64,
    /// Annotations with a note.
    pub notes: u64,
    /// Annotations with a drawing order other than 0.
    pub ordered: u64,
    /// Annotations proposed by a model.
    pub proposed: u64,
}

impl Census {
    /// Counts a data set in one walk over items and annotations.
    ///
    /// # Errors
    /// Where the data set can't be read.
    pub fn take(dataset: &mut dyn Dataset) -> Result<Self, FormatError> {
        Counting::new(dataset).finish()
    }

    /// All annotations.
    #[must_use]
    pub fn annotations(&self) -> u64 {
        self.shapes.values().sum()
    }

    fn count_label(&mut self, label: &Label) {
        self.labels += 1;
        self.label_keys += u64::from(label.key.is_some());
    }

    fn count_item(&mut self, record: &ItemRecord) {
        let item = &record.item;
        self.items += 1;
        self.rotated_items += u64::from(item.body.facts.orientation != 1);
        self.unreadable_paths += u64::from(std::str::from_utf8(item.body.path.as_bytes()).is_err());
        self.flagged_items += u64::from(item.flagged);
        self.done_items += u64::from(item.done);
        self.item_notes += u64::from(!item.note.is_empty());
    }

    fn count_annotation(&mut self, record: &AnnotationRecord) {
        let annotation = &record.annotation;
        let bounds = annotation.shape.bounds();
        let outside = bounds.left < 0.0
            || bounds.top < 0.0
            || bounds.right > f64::from(record.facts.width())
            || bounds.bottom > f64::from(record.facts.height());
        self.outside += u64::from(outside);
        if matches!(&annotation.shape, Shape::Polygon(polygon) if !polygon.holes.is_empty()) {
            self.holes += 1;
            self.holes_outside += u64::from(outside);
        }
        self.flagged += u64::from(annotation.flagged);
        self.occluded += u64::from(annotation.occluded);
        self.truncated += u64::from(annotation.truncated);
        self.locked += u64::from(annotation.locked);
        self.hidden += u64::from(annotation.hidden);
        self.notes += u64::from(!annotation.note.is_empty());
        self.ordered += u64::from(annotation.z_order != 0);
        self.proposed += u64::from(matches!(annotation.source, Source::Model { .. }));
    }
}

/// A data set that is counted while a writer walks over it, so that a large project is read once.
pub struct Counting<'a> {
    dataset: &'a mut dyn Dataset,
    census: Census,
    /// Whether labels, items and annotations have been counted.
    counted: [bool; 3],
}

/// Annotations of one kind in a row, which most data sets are made of: looked up once.
#[derive(Default)]
struct Row(Option<Alike>);

struct Alike {
    kind: Discriminant<Shape>,
    name: &'static str,
    has_area: bool,
    count: u64,
}

impl Row {
    fn count(&mut self, shape: &Shape, census: &mut Census) {
        match &mut self.0 {
            Some(alike) if alike.kind == discriminant(shape) => alike.count += 1,
            _ => {
                self.end(census);
                self.0 = Some(Alike {
                    kind: discriminant(shape),
                    name: shape.kind(),
                    // The same for all of a kind.
                    has_area: shape.rings().is_some(),
                    count: 1,
                });
            }
        }
    }

    fn end(&mut self, census: &mut Census) {
        if let Some(Alike { name, has_area, count, .. }) = self.0.take() {
            *census.shapes.entry(name).or_default() += count;
            if !has_area {
                *census.without_area.entry(name).or_default() += count;
            }
        }
    }
}

impl<'a> Counting<'a> {
    /// Nothing is counted yet.
    pub fn new(dataset: &'a mut dyn Dataset) -> Self {
        Self { dataset, census: Census::default(), counted: [false; 3] }
    }

    /// What there is, once no walk has failed. What nobody walked over is walked over now.
    ///
    /// # Errors
    /// Where the data set can't be read.
    pub fn finish(mut self) -> Result<Census, FormatError> {
        if !self.counted[0] {
            self.labels()?;
        }
        if !self.counted[1] {
            self.each_item(&mut |_| Ok(()))?;
        }
        if !self.counted[2] {
            self.each_annotation(&mut |_| Ok(()))?;
        }
        Ok(self.census)
    }
}

impl Dataset for Counting<'_> {
    fn project(&mut self) -> Result<ProjectFacts, FormatError> {
        self.dataset.project()
    }

    fn labels(&mut self) -> Result<Vec<Label>, FormatError> {
        let labels = self.dataset.labels()?;
        if !std::mem::replace(&mut self.counted[0], true) {
            labels.iter().for_each(|label| self.census.count_label(label));
        }
        Ok(labels)
    }

    fn each_item(
        &mut self,
        each: &mut dyn FnMut(&ItemRecord) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        if std::mem::replace(&mut self.counted[1], true) {
            return self.dataset.each_item(each);
        }
        let census = &mut self.census;
        self.dataset.each_item(&mut |record| {
            census.count_item(record);
            each(record)
        })
    }

    fn each_annotation(
        &mut self,
        each: &mut dyn FnMut(&AnnotationRecord) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        if std::mem::replace(&mut self.counted[2], true) {
            return self.dataset.each_annotation(each);
        }
        let census = &mut self.census;
        let mut row = Row::default();
        let walked = self.dataset.each_annotation(&mut |record| {
            census.count_annotation(record);
            row.count(&record.annotation.shape, census);
            each(record)
        });
        row.end(census);
        walked
    }
}
