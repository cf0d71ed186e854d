//! The native file of a bundle as the data set of a format's writer. It was compared before; every
//! walk reads it again.

use vaultmark_bundle::Verified;
use vaultmark_formats::{
    AnnotationRecord, Dataset, FormatError, ItemRecord, ItemRef, LabelHint, Lookup, NewAnnotation,
    ProjectFacts, Sink, SinkError,
};
use vaultmark_model::work::Work;
use vaultmark_model::{Annotation, AnnotationId, Item, ItemId, Label, LabelId};

use super::native::{Native, read};
use super::state::State;
use crate::journeys::export::media_path;

/// Streams the native file.
pub(super) struct NativeDataset<'a> {
    pub native: Native,
    pub state: State,
    pub verified: &'a Verified,
    pub work: Work<'a>,
}

impl NativeDataset<'_> {
    fn walk(&self, mut walk: Walk<'_>) -> Result<(), FormatError> {
        let read = read(&self.native.opener, &mut walk);
        if let Some(error) = walk.error {
            return Err(error);
        }
        if walk.enough { Ok(()) } else { read.map_err(FormatError::dataset) }
    }

    fn start(&self) -> Walk<'_> {
        Walk {
            state: &self.state,
            verified: self.verified,
            work: self.work,
            item: None,
            annotation: None,
            error: None,
            enough: false,
        }
    }
}

impl Dataset for NativeDataset<'_> {
    fn project(&mut self) -> Result<ProjectFacts, FormatError> {
        Ok(self.native.facts.clone())
    }

    fn labels(&mut self) -> Result<Vec<Label>, FormatError> {
        Ok(self.native.labels.clone())
    }

    fn each_item(
        &mut self,
        each: &mut dyn FnMut(&ItemRecord) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        self.walk(Walk { item: Some(each), ..self.start() })
    }

    fn each_annotation(
        &mut self,
        each: &mut dyn FnMut(&AnnotationRecord) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        self.walk(Walk { annotation: Some(each), ..self.start() })
    }
}

type EachItem<'w> = &'w mut dyn FnMut(&ItemRecord) -> Result<(), FormatError>;
type EachAnnotation<'w> = &'w mut dyn FnMut(&AnnotationRecord) -> Result<(), FormatError>;

/// A sink that hands records on to a writer.
struct Walk<'w> {
    state: &'w State,
    verified: &'w Verified,
    work: Work<'w>,
    item: Option<EachItem<'w>>,
    annotation: Option<EachAnnotation<'w>>,
    /// What the writer said.
    error: Option<FormatError>,
    /// Nothing further is wanted.
    enough: bool,
}

impl Walk<'_> {
    fn after(&mut self, done: Result<(), FormatError>) -> Result<(), SinkError> {
        let done = match done {
            Ok(()) if self.work.cancel.is_cancelled() => Err(FormatError::dataset("cancelled")),
            done => done,
        };
        done.map_err(|error| {
            self.error = Some(error);
            SinkError::failed("the writer stopped")
        })
    }
}

impl Sink for Walk<'_> {
    fn find_item(&mut self, _name: &str) -> Result<Lookup, SinkError> {
        Ok(Lookup::Missing)
    }

    fn find_id(&mut self, _id: ItemId) -> Result<Lookup, SinkError> {
        Ok(Lookup::Missing)
    }

    fn label(&mut self, _name: &str, _hint: LabelHint) -> Result<LabelId, SinkError> {
        Err(SinkError::Refused("it names a label that is not listed".into()))
    }

    fn restore_label(&mut self, label: &Label) -> Result<LabelId, SinkError> {
        Ok(label.id)
    }

    fn restore_item(&mut self, item: &Item) -> Result<Lookup, SinkError> {
        let found = Lookup::Found(ItemRef { id: item.id, facts: item.body.facts });
        let Some(each) = &mut self.item else { return Ok(found) };
        let path = media_path(item.id, item.body.facts.format);
        let media_path = self.verified.entry(&path).map(|_| path);
        let done = each(&ItemRecord { item: item.clone(), media_path });
        self.after(done).map(|()| found)
    }

    fn annotation(&mut self, new: NewAnnotation) -> Result<(), SinkError> {
        let Some(each) = &mut self.annotation else {
            self.enough = true;
            return Err(SinkError::failed("the items were wanted alone"));
        };
        let Some((item_number, facts)) = self.state.item(&new.item) else {
            return Err(SinkError::Refused("its item is not listed".into()));
        };
        let number = new.number.unwrap_or_default();
        let annotation = Annotation {
            id: new.id.unwrap_or(AnnotationId::from_bytes([0; 16])),
            item: new.item,
            label: new.label,
            shape: new.shape,
            z_order: new.z_order,
            flagged: new.flagged,
            occluded: new.occluded,
            truncated: new.truncated,
            locked: new.locked,
            hidden: new.hidden,
            note: new.note,
            source: new.source,
        };
        let done = each(&AnnotationRecord { annotation, number, item_number, facts });
        self.after(done)
    }
}
