//! Where a reader's records go.

use vaultmark_model::text::check_name;
use vaultmark_model::{
    AnnotationId, Color, ImageFacts, Item, ItemId, Label, LabelId, Shape, Source,
};

use crate::ProjectFacts;
use crate::error::Cause;

/// An item of the receiving project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemRef {
    /// Its identifier there.
    pub id: ItemId,
    /// What is known of its pixels.
    pub facts: ImageFacts,
}

/// What looking for an item found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// Exactly one.
    Found(ItemRef),
    /// None.
    Missing,
    /// Several; their number.
    Ambiguous(u64),
}

/// What a file says of a class beside its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LabelHint {
    /// Its colour.
    pub color: Option<Color>,
    /// Its integer, to be kept where the project has not given it away.
    pub number: Option<u32>,
}

/// An annotation to make.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAnnotation {
    /// The item, as the sink named it.
    pub item: ItemId,
    /// The label, as the sink named it.
    pub label: LabelId,
    /// The geometry, valid and in the upright frame.
    pub shape: Shape,
    /// Drawing order.
    pub z_order: i32,
    /// Marked for attention.
    pub flagged: bool,
    /// Partly covered.
    pub occluded: bool,
    /// Cut by the image's edge.
    pub truncated: bool,
    /// Protected from changes.
    pub locked: bool,
    /// Not drawn.
    pub hidden: bool,
    /// Free text.
    pub note: String,
    /// Where it came from.
    pub source: Source,
    /// Its identifier, where the format keeps it.
    pub id: Option<AnnotationId>,
    /// Its integer in the file, from 1 to [`HIGHEST_NUMBER`], to be kept where the project has not
    /// given it away.
    pub number: Option<u64>,
}

/// The highest integer of an annotation: what every reader of JSON holds exactly, 2^53 - 1.
pub const HIGHEST_NUMBER: u64 = (1 << 53) - 1;

impl NewAnnotation {
    /// A plain annotation read by `format`.
    #[must_use]
    pub fn new(item: ItemId, label: LabelId, shape: Shape, format: &str) -> Self {
        Self {
            item,
            label,
            shape,
            z_order: 0,
            flagged: false,
            occluded: false,
            truncated: false,
            locked: false,
            hidden: false,
            note: String::new(),
            source: Source::Import { format: format.to_owned() },
            id: None,
            number: None,
        }
    }
}

/// Why a sink did not take something.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// This one record is not acceptable; the report names it and reading goes on.
    #[error("{0}")]
    Refused(String),
    /// The project failed; reading ends.
    #[error(transparent)]
    Failed(Cause),
}

impl SinkError {
    /// Wraps an error that ends the import.
    pub fn failed(cause: impl Into<Cause>) -> Self {
        Self::Failed(cause.into())
    }
}

/// A project that takes records. Looking up changes nothing.
pub trait Sink {
    /// The item whose path is `name`, or the only one whose path ends in `/name`.
    ///
    /// # Errors
    /// [`SinkError::Failed`].
    fn find_item(&mut self, name: &str) -> Result<Lookup, SinkError>;

    /// The item with that identifier: [`Lookup::Found`] or [`Lookup::Missing`].
    ///
    /// # Errors
    /// [`SinkError::Failed`].
    fn find_id(&mut self, id: ItemId) -> Result<Lookup, SinkError>;

    /// The label of that name, made where there is none.
    ///
    /// # Errors
    /// [`SinkError`].
    fn label(&mut self, name: &str, hint: LabelHint) -> Result<LabelId, SinkError>;

    /// Takes an annotation.
    ///
    /// # Errors
    /// [`SinkError`].
    fn annotation(&mut self, annotation: NewAnnotation) -> Result<(), SinkError>;

    /// What the file says of the project it came from (native format only).
    ///
    /// # Errors
    /// [`SinkError`].
    fn project(&mut self, _facts: &ProjectFacts) -> Result<(), SinkError> {
        Ok(())
    }

    /// The item that a lossless file describes, without changing anything: by identifier, else by
    /// content, else by path. A sink that can make items without media answers as if it had.
    ///
    /// # Errors
    /// [`SinkError::Failed`].
    fn match_item(&mut self, item: &Item) -> Result<Lookup, SinkError> {
        match self.find_id(item.id)? {
            Lookup::Missing => self.find_item(&item.body.path.display()),
            found => Ok(found),
        }
    }

    /// Takes over a whole item (flag, done, note; the item itself where the sink can make one) and
    /// says which item of the project stands for it.
    ///
    /// # Errors
    /// [`SinkError`].
    fn restore_item(&mut self, item: &Item) -> Result<Lookup, SinkError> {
        self.match_item(item)
    }

    /// Takes over a whole label with identifier, colour, key and number as far as the project
    /// allows, and says which label of the project stands for it.
    ///
    /// # Errors
    /// [`SinkError`].
    fn restore_label(&mut self, label: &Label) -> Result<LabelId, SinkError> {
        self.label(&label.name, LabelHint { color: Some(label.color), number: Some(label.number) })
    }
}

/// Looks up in the sink and keeps everything else from it: the rehearsal of strict reading.
pub(crate) struct DryRun<'a> {
    sink: &'a mut dyn Sink,
    labels: u128,
}

impl<'a> DryRun<'a> {
    pub(crate) fn new(sink: &'a mut dyn Sink) -> Self {
        Self { sink, labels: 0 }
    }
}

impl Sink for DryRun<'_> {
    fn find_item(&mut self, name: &str) -> Result<Lookup, SinkError> {
        self.sink.find_item(name)
    }
    fn find_id(&mut self, id: ItemId) -> Result<Lookup, SinkError> {
        self.sink.find_id(id)
    }
    fn match_item(&mut self, item: &Item) -> Result<Lookup, SinkError> {
        self.sink.match_item(item)
    }
    fn restore_item(&mut self, item: &Item) -> Result<Lookup, SinkError> {
        self.sink.match_item(item)
    }
    fn label(&mut self, name: &str, _hint: LabelHint) -> Result<LabelId, SinkError> {
        // What every project refuses is refused in the rehearsal already.
        check_name("label name", name).map_err(|e| SinkError::Refused(e.to_string()))?;
        self.labels += 1;
        Ok(LabelId::from_bytes(self.labels.to_be_bytes()))
    }
    fn restore_label(&mut self, label: &Label) -> Result<LabelId, SinkError> {
        Ok(label.id)
    }
    fn annotation(&mut self, _annotation: NewAnnotation) -> Result<(), SinkError> {
        Ok(())
    }
}
