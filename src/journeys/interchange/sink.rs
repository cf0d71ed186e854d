//! A project as the sink of a format's reader: names are looked up in memory, everything made goes
//! into one Change.

use std::collections::{HashMap, HashSet};

use vaultmark_formats::{LabelHint, Lookup, NewAnnotation, Sink, SinkError};
use vaultmark_model::annotation::AnnotationBody;
use vaultmark_model::change::{Edit, Part, Subject, Value};
use vaultmark_model::label::LabelBody;
use vaultmark_model::work::{Progress, Work};
use vaultmark_model::{AnnotationId, Color, Item, ItemId, Label, LabelId};
use vaultmark_store::Ambient;
use vaultmark_store::project::Project;

use super::items::{Items, Known};
use super::writing::Edits;
use crate::AppError;
use crate::journeys::bundles::LABELS;

/// Identifiers drawn from the random source at once.
const IDS: usize = 1024;

pub(super) struct ProjectSink<'a> {
    edits: Edits,
    ambient: &'a Ambient,
    items: Items,
    labels: HashMap<String, LabelId>,
    label_ids: HashSet<LabelId>,
    next_label: u32,
    made_labels: Vec<String>,
    annotations: u64,
    ids: Vec<[u8; 16]>,
    work: Work<'a>,
}

impl<'a> ProjectSink<'a> {
    pub(super) fn new(
        project: &Project,
        ambient: &'a Ambient,
        edits: Edits,
        work: Work<'a>,
    ) -> Result<Self, AppError> {
        let mut all = Vec::new();
        project.each_item(&mut |item| {
            all.push(Known::of(&item));
            Ok::<(), AppError>(())
        })?;
        let labels: HashMap<_, _> =
            project.labels()?.into_iter().map(|label| (label.name, label.id)).collect();
        Ok(Self {
            label_ids: labels.values().copied().collect(),
            next_label: project.next_numbers()?.label,
            edits,
            ambient,
            items: Items::of(all),
            labels,
            made_labels: Vec::new(),
            annotations: 0,
            ids: Vec::new(),
            work,
        })
    }

    /// Asks for all of it to be made durable: (annotations, names of labels made).
    pub(super) fn finish(self) -> (u64, Vec<String>) {
        self.edits.finish();
        (self.annotations, self.made_labels)
    }

    fn random_id(&mut self) -> Result<[u8; 16], SinkError> {
        if let Some(id) = self.ids.pop() {
            return Ok(id);
        }
        let mut bytes = vec![0; IDS * 16];
        self.ambient.entropy.fill(&mut bytes).map_err(SinkError::failed)?;
        self.ids = bytes.chunks_exact(16).filter_map(|chunk| chunk.try_into().ok()).collect();
        self.ids.pop().ok_or_else(|| SinkError::Refused("no identifier could be made".into()))
    }

    fn push(&mut self, subject: Subject, part: Part, value: Value) -> Result<(), SinkError> {
        value.validate(part).map_err(|e| SinkError::Refused(e.to_string()))?;
        self.edits.push(Edit { subject, part, value })
    }

    fn make_label(
        &mut self,
        name: &str,
        color: Option<Color>,
        key: Option<u8>,
    ) -> Result<LabelId, SinkError> {
        let id = LabelId::from_bytes(self.random_id()?);
        self.make_label_as(id, name, color, key)
    }

    fn make_label_as(
        &mut self,
        id: LabelId,
        name: &str,
        color: Option<Color>,
        key: Option<u8>,
    ) -> Result<LabelId, SinkError> {
        if self.labels.len() as u64 >= LABELS {
            let why =
                format!("the project would have more than {LABELS} labels; import parts of it");
            return Err(SinkError::Refused(why));
        }
        let number = self.next_label;
        let index = usize::try_from(number).unwrap_or(1).saturating_sub(1);
        let color = color.unwrap_or_else(|| Color::for_index(index));
        let body = LabelBody { name: name.to_owned(), color, key, number };
        self.push(Subject::Label(id), Part::Whole, Value::Label(Box::new(body)))?;
        self.next_label += 1;
        self.labels.insert(name.to_owned(), id);
        self.label_ids.insert(id);
        self.made_labels.push(name.to_owned());
        Ok(id)
    }
}

impl Sink for ProjectSink<'_> {
    fn find_item(&mut self, name: &str) -> Result<Lookup, SinkError> {
        Ok(self.items.find(name))
    }

    fn find_id(&mut self, id: ItemId) -> Result<Lookup, SinkError> {
        Ok(self.items.with_id(id).map_or(Lookup::Missing, Lookup::Found))
    }

    fn match_item(&mut self, item: &Item) -> Result<Lookup, SinkError> {
        let items = &self.items;
        let known = items.with_id(item.id).or_else(|| items.with_content(&item.body.content));
        Ok(known.map_or_else(|| items.find(&item.body.path.display()), Lookup::Found))
    }

    fn label(&mut self, name: &str, hint: LabelHint) -> Result<LabelId, SinkError> {
        match self.labels.get(name) {
            Some(id) => Ok(*id),
            None => self.make_label(name, hint.color, None),
        }
    }

    fn restore_label(&mut self, label: &Label) -> Result<LabelId, SinkError> {
        if let Some(id) = self.labels.get(&label.name) {
            return Ok(*id);
        }
        if self.label_ids.contains(&label.id) {
            // The same label under another name: the project's name stands.
            return Ok(label.id);
        }
        self.make_label_as(label.id, &label.name, Some(label.color), label.key)
    }

    fn restore_item(&mut self, item: &Item) -> Result<Lookup, SinkError> {
        let lookup = self.match_item(item)?;
        if let Lookup::Found(found) = lookup {
            let subject = Subject::Item(found.id);
            for (part, on) in [(Part::Flagged, item.flagged), (Part::Done, item.done)] {
                if on {
                    self.push(subject, part, Value::Flag(true))?;
                }
            }
            if !item.note.is_empty() {
                self.push(subject, Part::Note, Value::Text(item.note.clone()))?;
            }
        }
        Ok(lookup)
    }

    fn annotation(&mut self, new: NewAnnotation) -> Result<(), SinkError> {
        if self.work.cancel.is_cancelled() {
            return Err(SinkError::failed(AppError::Cancelled));
        }
        let id = match new.id {
            Some(id) => id,
            None => AnnotationId::from_bytes(self.random_id()?),
        };
        let subject = Subject::Annotation(id);
        let body = AnnotationBody {
            item: new.item,
            label: new.label,
            shape: new.shape,
            z_order: new.z_order,
            source: new.source,
        };
        self.push(subject, Part::Whole, Value::Annotation(Box::new(body)))?;
        let flags = [
            (Part::Flagged, new.flagged),
            (Part::Occluded, new.occluded),
            (Part::Truncated, new.truncated),
            (Part::Hidden, new.hidden),
            // Last: a locked annotation takes no more edits.
            (Part::Locked, new.locked),
        ];
        if !new.note.is_empty() {
            self.push(subject, Part::Note, Value::Text(new.note))?;
        }
        for (part, on) in flags {
            if on {
                self.push(subject, part, Value::Flag(true))?;
            }
        }
        self.annotations += 1;
        (self.work.report)(Progress { done: self.annotations, ..Progress::default() });
        Ok(())
    }
}
