//! The state that the shown changes give, of each thing no more than its digests.

use std::collections::HashMap;

use vaultmark_bundle::provenance::{CHANGES, ProvenLeaf};
use vaultmark_bundle::{BundleError, Refusal};
use vaultmark_crypto::sha512;
use vaultmark_formats::NewAnnotation;
use vaultmark_model::annotation::AnnotationBody;
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Field, Header, Part, Subject, Value};
use vaultmark_model::item::ItemBody;
use vaultmark_model::label::LabelBody;
use vaultmark_model::{AnnotationId, Digest, Item, ItemId, Label, LabelId};

use super::{NATIVE, untraced};

/// The most labels, which are kept whole.
const LABELS: usize = 100_000;
/// The most things that are kept account of, so that a hostile bundle does not fill the memory.
const SUBJECTS: usize = 20_000_000;

/// Half of a SHA-512: enough to tell values apart.
type Short = [u8; 32];

fn short(bytes: &[u8]) -> Short {
    let mut half = [0; 32];
    half.copy_from_slice(&sha512(bytes).as_bytes()[..32]);
    half
}

/// An empty text is the same as none.
fn text(text: &str) -> Option<Box<Short>> {
    (!text.is_empty()).then(|| Box::new(short(text.as_bytes())))
}

struct LabelState {
    label: Label,
    present: bool,
    seen: bool,
}

struct ItemState {
    body: Short,
    content: Digest,
    number: u32,
    extension: &'static str,
    note: Option<Box<Short>>,
    flagged: bool,
    done: bool,
    present: bool,
    seen: bool,
}

struct AnnotationState {
    number: u64,
    item: ItemId,
    label: LabelId,
    shape: Short,
    source: Short,
    note: Option<Box<Short>>,
    z_order: i32,
    /// Flagged, occluded, truncated, locked, hidden.
    flags: [bool; 5],
    present: bool,
    seen: bool,
}

/// What the changes say.
#[derive(Default)]
pub(super) struct State {
    labels: HashMap<LabelId, LabelState>,
    items: HashMap<ItemId, ItemState>,
    annotations: HashMap<AnnotationId, AnnotationState>,
    /// Leaves so far, by which annotations are numbered.
    leaves: u64,
}

impl State {
    /// Applies the next leaf; one that is withheld says nothing.
    pub(super) fn apply(&mut self, header: &Header, leaf: &ProvenLeaf) -> Result<(), BundleError> {
        self.leaves += 1;
        let Some(field) = &leaf.field else { return Ok(()) };
        self.set(field).map_err(|why| refuse(header, why))?;
        for content in &header.content {
            if self.items.get(&content.item).is_some_and(|item| item.content != content.digest) {
                return Err(refuse(header, "it was made on other pixels than its item has"));
            }
        }
        self.within_bounds()
    }

    fn within_bounds(&self) -> Result<(), BundleError> {
        let subjects = self.items.len() + self.annotations.len();
        if self.labels.len() > LABELS {
            return Err(BundleError::TooMuch { what: "labels", limit: LABELS as u64 });
        }
        if subjects > SUBJECTS {
            return Err(BundleError::TooMuch {
                what: "items and annotations",
                limit: SUBJECTS as u64,
            });
        }
        Ok(())
    }

    fn set(&mut self, field: &Field) -> Result<(), &'static str> {
        match (&field.subject, &field.value) {
            (Subject::Label(id), Value::Label(body)) => self.new_label(*id, body),
            (Subject::Item(id), Value::Item(body)) => self.new_item(*id, body),
            (Subject::Annotation(id), Value::Annotation(body)) => self.new_annotation(*id, body),
            (Subject::Label(id), value) => {
                if let Some(label) = self.labels.get_mut(id) {
                    label.set(field.part, value);
                }
                Ok(())
            }
            (Subject::Item(id), value) => {
                if let Some(item) = self.items.get_mut(id) {
                    item.set(field.part, value);
                }
                Ok(())
            }
            (Subject::Annotation(id), value) => {
                if let Some(annotation) = self.annotations.get_mut(id) {
                    annotation.set(field.part, value);
                }
                Ok(())
            }
        }
    }

    fn new_label(&mut self, id: LabelId, body: &LabelBody) -> Result<(), &'static str> {
        let LabelBody { name, color, key, number } = body.clone();
        let label = Label { id, name, color, key, number };
        let known = self.labels.insert(id, LabelState { label, present: true, seen: false });
        known.map_or(Ok(()), |_| Err("it makes a label that is there already"))
    }

    fn new_item(&mut self, id: ItemId, body: &ItemBody) -> Result<(), &'static str> {
        let item = ItemState {
            body: short(&body.to_bytes()),
            content: body.content,
            number: body.number,
            extension: body.facts.format.extension(),
            note: None,
            flagged: false,
            done: false,
            present: true,
            seen: false,
        };
        let known = self.items.insert(id, item);
        known.map_or(Ok(()), |_| Err("it makes an item that is there already"))
    }

    fn new_annotation(
        &mut self,
        id: AnnotationId,
        body: &AnnotationBody,
    ) -> Result<(), &'static str> {
        if !self.items.contains_key(&body.item) {
            return Err("it makes an annotation on an item that no change shows");
        }
        let annotation = AnnotationState {
            number: self.leaves,
            item: body.item,
            label: body.label,
            shape: short(&body.shape.to_bytes()),
            source: short(&body.source.to_bytes()),
            note: None,
            z_order: body.z_order,
            flags: [false; 5],
            present: true,
            seen: false,
        };
        let known = self.annotations.insert(id, annotation);
        known.map_or(Ok(()), |_| Err("it makes an annotation that is there already"))
    }

    /// Items and annotations that are there.
    pub(super) fn counts(&self) -> (u64, u64) {
        let items = self.items.values().filter(|item| item.present).count();
        let annotations = self.annotations.values().filter(|one| one.present).count();
        (items as u64, annotations as u64)
    }

    /// Whether a label of the native file is as the changes say.
    pub(super) fn see_label(&mut self, label: &Label) -> Result<(), String> {
        let known = self.labels.get_mut(&label.id).filter(|known| known.present);
        let known = known.ok_or("no signed change makes this label")?;
        known.seen = true;
        differs(&[
            ("name", known.label.name == label.name),
            ("color", known.label.color == label.color),
            ("key", known.label.key == label.key),
            ("number", known.label.number == label.number),
        ])
    }

    /// Whether an item of the native file is as the changes say.
    pub(super) fn see_item(&mut self, item: &Item) -> Result<(), String> {
        let known = self.items.get_mut(&item.id).filter(|known| known.present);
        let known = known.ok_or("no signed change brings this item in")?;
        known.seen = true;
        differs(&[
            ("path, content or properties", known.body == short(&item.body.to_bytes())),
            ("flag", known.flagged == item.flagged),
            ("done", known.done == item.done),
            ("note", known.note == text(&item.note)),
        ])
    }

    /// Whether an annotation of the native file is as the changes say; gives the number of its item.
    pub(super) fn see_annotation(&mut self, one: &NewAnnotation) -> Result<u32, String> {
        let known = one.id.and_then(|id| self.annotations.get_mut(&id));
        let known = known.filter(|known| known.present);
        let known = known.ok_or("no signed change makes this annotation")?;
        known.seen = true;
        let flags = [one.flagged, one.occluded, one.truncated, one.locked, one.hidden];
        differs(&[
            ("label", known.label == one.label),
            ("shape", known.shape == short(&one.shape.to_bytes())),
            ("item", known.item == one.item),
            ("number", one.number == Some(known.number)),
            ("order", known.z_order == one.z_order),
            ("flags", known.flags == flags),
            ("note", known.note == text(&one.note)),
            ("source", known.source == short(&one.source.to_bytes())),
        ])?;
        let item = self.items.get(&known.item);
        Ok(item.map_or(0, |item| item.number))
    }

    /// Something that the changes make and that the native file lacks.
    pub(super) fn all_seen(&self) -> Result<(), Refusal> {
        let labels = self.labels.iter().filter(|(_, one)| one.present && !one.seen);
        let items = self.items.iter().filter(|(_, one)| one.present && !one.seen);
        let annotations = self.annotations.iter().filter(|(_, one)| one.present && !one.seen);
        let missing = labels
            .map(|(id, _)| format!("label {id}"))
            .chain(items.map(|(id, _)| format!("item {id}")))
            .chain(annotations.map(|(id, _)| format!("annotation {id}")))
            .next();
        match missing {
            None => Ok(()),
            Some(what) => {
                Err(untraced(NATIVE, what, "the signed changes make it, but it is not there"))
            }
        }
    }

    /// Content and extension of an item that is there.
    pub(super) fn medium(&self, id: &ItemId) -> Option<(&Digest, &'static str)> {
        let item = self.items.get(id).filter(|item| item.present)?;
        Some((&item.content, item.extension))
    }
}

fn refuse(header: &Header, why: &str) -> BundleError {
    untraced(CHANGES, format!("change {}", header.id), why).into()
}

/// Names what does not agree.
fn differs(parts: &[(&str, bool)]) -> Result<(), String> {
    let wrong: Vec<&str> =
        parts.iter().filter(|(_, agrees)| !agrees).map(|(name, _)| *name).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("its {} is another than the signed changes say", wrong.join(", its ")))
}

impl LabelState {
    fn set(&mut self, part: Part, value: &Value) {
        match (part, value) {
            (Part::Presence, Value::Flag(present)) => self.present = *present,
            (Part::Name, Value::Text(name)) => self.label.name.clone_from(name),
            (Part::Color, Value::Color(color)) => self.label.color = *color,
            (Part::Key, Value::Key(key)) => self.label.key = *key,
            _ => {}
        }
    }
}

impl ItemState {
    fn set(&mut self, part: Part, value: &Value) {
        match (part, value) {
            (Part::Presence, Value::Flag(present)) => self.present = *present,
            (Part::Flagged, Value::Flag(on)) => self.flagged = *on,
            (Part::Done, Value::Flag(on)) => self.done = *on,
            (Part::Note, Value::Text(note)) => self.note = text(note),
            _ => {}
        }
    }
}

impl AnnotationState {
    fn set(&mut self, part: Part, value: &Value) {
        match (part, value) {
            (Part::Presence, Value::Flag(present)) => self.present = *present,
            (Part::Geometry, Value::Shape(shape)) => self.shape = short(&shape.to_bytes()),
            (Part::Label, Value::LabelRef(label)) => self.label = *label,
            (Part::Note, Value::Text(note)) => self.note = text(note),
            (Part::ZOrder, Value::Order(order)) => self.z_order = *order,
            (Part::Flagged, Value::Flag(on)) => self.flags[0] = *on,
            (Part::Occluded, Value::Flag(on)) => self.flags[1] = *on,
            (Part::Truncated, Value::Flag(on)) => self.flags[2] = *on,
            (Part::Locked, Value::Flag(on)) => self.flags[3] = *on,
            (Part::Hidden, Value::Flag(on)) => self.flags[4] = *on,
            _ => {}
        }
    }
}
