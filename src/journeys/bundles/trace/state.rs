//! The state that the shown changes give, of each thing no more than its digests, and of annotations
//! those of one share at a time.

use std::collections::{BTreeMap, HashMap};

use vaultmark_bundle::provenance::{CHANGES, ProvenLeaf};
use vaultmark_bundle::{BundleError, Refusal};
use vaultmark_crypto::{CryptoError, Entropy as _, Sha512Hasher, SystemEntropy};
use vaultmark_formats::NewAnnotation;
use vaultmark_model::annotation::{AnnotationBody, Source};
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Field, Header, Part, Share, Subject, Value};
use vaultmark_model::item::ItemBody;
use vaultmark_model::label::LabelBody;
use vaultmark_model::{AnnotationId, Digest, ImageFacts, Item, ItemId, Label, LabelId};

use super::{NATIVE, untraced};
use crate::journeys::bundles::{ITEMS, LABELS};

/// The most bytes of items and annotations, together with what is known of the archive's entries.
const BYTES: usize = 320 << 20;
/// Bytes of an entry: its record, name and digest.
const ENTRY: usize = 170;
/// Bytes of an item and of an annotation, in nodes that are half full.
const ITEM: usize = 2 * size_of::<(ItemId, ItemState)>();
const ANNOTATION: usize = 2 * size_of::<(AnnotationId, AnnotationState)>();
/// Annotations that are looked at together in any case.
const LEAST: usize = 100_000;

/// Tells values apart.
type Short = [u8; 16];

/// Makes digests by a secret of this run: whoever made a bundle can't look for two values of one.
struct Digests([u8; 32]);

impl Digests {
    fn of(&self, pieces: &[&[u8]]) -> Short {
        let mut hasher = Sha512Hasher::new();
        hasher.update(&self.0);
        for piece in pieces {
            hasher.update(&(piece.len() as u64).to_be_bytes());
            hasher.update(piece);
        }
        let mut short = Short::default();
        short.copy_from_slice(&hasher.finish().as_bytes()[..16]);
        short
    }

    /// An empty text is the same as none.
    fn text(&self, text: &str) -> Option<Short> {
        (!text.is_empty()).then(|| self.of(&[text.as_bytes()]))
    }

    /// What an annotation keeps for good.
    fn origin(&self, number: u64, item: &ItemId, source: &Source) -> Short {
        self.of(&[&number.to_be_bytes(), item.as_bytes(), &source.to_bytes()])
    }
}

struct LabelState {
    label: Label,
    present: bool,
    seen: bool,
}

struct ItemState {
    body: Short,
    content: Short,
    number: u32,
    facts: ImageFacts,
    note: Option<Short>,
    flagged: bool,
    done: bool,
    present: bool,
    seen: bool,
}

struct AnnotationState {
    origin: Short,
    label: LabelId,
    shape: Short,
    note: Option<Short>,
    z_order: i32,
    /// Flagged, occluded, truncated, locked, hidden.
    flags: [bool; 5],
    present: bool,
    seen: bool,
}

/// How much there is room for.
pub(super) struct Room {
    /// Bytes of items and annotations.
    pub bytes: usize,
    /// As many annotations are looked at together in any case.
    pub least: usize,
}

impl Room {
    /// Beside a bundle of so many entries.
    pub(super) fn beside(entries: usize) -> Self {
        Self { bytes: BYTES.saturating_sub(entries * ENTRY), least: LEAST }
    }
}

/// What the changes say.
pub(super) struct State {
    digests: Digests,
    labels: HashMap<LabelId, LabelState>,
    items: BTreeMap<ItemId, ItemState>,
    annotations: BTreeMap<AnnotationId, AnnotationState>,
    /// Whose annotations are looked at, and whose are still to be.
    share: Share,
    others: Vec<Share>,
    /// Whether it is the first share: with it all but the annotations of others is settled.
    first: bool,
    /// Leaves so far, by which annotations are numbered.
    leaves: u64,
    room: Room,
    /// Annotations of former shares that are there.
    counted: u64,
}

impl State {
    /// Nothing is known yet.
    ///
    /// # Errors
    /// Where the system has no randomness.
    pub(super) fn new(room: Room) -> Result<Self, CryptoError> {
        let mut secret = [0; 32];
        SystemEntropy.fill(&mut secret)?;
        Ok(Self {
            digests: Digests(secret),
            labels: HashMap::new(),
            items: BTreeMap::new(),
            annotations: BTreeMap::new(),
            share: Share::all(),
            others: Vec::new(),
            first: true,
            leaves: 0,
            room,
            counted: 0,
        })
    }

    /// Turns to the next share of annotations, for which the changes are to be applied again; false
    /// where there is none.
    pub(super) fn turn(&mut self) -> bool {
        let there = self.annotations.values().filter(|one| one.present).count();
        self.counted += there as u64;
        self.annotations.clear();
        (self.first, self.leaves) = (false, 0);
        let Some(next) = self.others.pop() else { return false };
        self.share = next;
        true
    }

    /// Applies the next leaf; one that is withheld says nothing.
    pub(super) fn apply(&mut self, header: &Header, leaf: &ProvenLeaf) -> Result<(), BundleError> {
        self.leaves += 1;
        let Some(field) = &leaf.field else { return Ok(()) };
        if !self.first && !matches!(field.subject, Subject::Annotation(_)) {
            return Ok(());
        }
        self.set(field).map_err(|why| refuse(header, why))?;
        if self.first {
            for content in &header.content {
                let drawn_on = self.digests.of(&[content.digest.as_bytes()]);
                if self.items.get(&content.item).is_some_and(|item| item.content != drawn_on) {
                    return Err(refuse(header, "it was made on other pixels than its item has"));
                }
            }
        }
        self.keep_within_bounds()
    }

    fn keep_within_bounds(&mut self) -> Result<(), BundleError> {
        let too_many = |what, found: usize, limit| match found as u64 > limit {
            true => Err(BundleError::TooMuch { what, limit }),
            false => Ok(()),
        };
        too_many("labels", self.labels.len(), LABELS)?;
        too_many("items", self.items.len(), ITEMS)?;
        while self.annotations.len() > self.room.least
            && self.items.len() * ITEM + self.annotations.len() * ANNOTATION > self.room.bytes
        {
            self.others.push(self.share.halve());
            let share = &self.share;
            self.annotations.retain(|id, _| share.has(&Subject::Annotation(*id)));
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
                    item.set(&self.digests, field.part, value);
                }
                Ok(())
            }
            (Subject::Annotation(id), value) => {
                if let Some(annotation) = self.annotations.get_mut(id) {
                    annotation.set(&self.digests, field.part, value);
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
            body: self.digests.of(&[&body.to_bytes()]),
            content: self.digests.of(&[body.content.as_bytes()]),
            number: body.number,
            facts: body.facts,
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
        if self.first && !self.items.contains_key(&body.item) {
            return Err("it makes an annotation on an item that no change shows");
        }
        if !self.share.has(&Subject::Annotation(id)) {
            return Ok(());
        }
        let annotation = AnnotationState {
            origin: self.digests.origin(self.leaves, &body.item, &body.source),
            label: body.label,
            shape: self.digests.of(&[&body.shape.to_bytes()]),
            note: None,
            z_order: body.z_order,
            flags: [false; 5],
            present: true,
            seen: false,
        };
        let known = self.annotations.insert(id, annotation);
        known.map_or(Ok(()), |_| Err("it makes an annotation that is there already"))
    }

    /// Items, and annotations of all shares that were looked at, that are there.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.items.values().filter(|item| item.present).count() as u64, self.counted)
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
            (
                "path, content or properties",
                known.body == self.digests.of(&[&item.body.to_bytes()]),
            ),
            ("flag", known.flagged == item.flagged),
            ("done", known.done == item.done),
            ("note", known.note == self.digests.text(&item.note)),
        ])
    }

    /// Whether an annotation of the native file is as the changes say, where it belongs to the share;
    /// gives the number of its item.
    pub(super) fn see_annotation(&mut self, one: &NewAnnotation) -> Result<u32, String> {
        let unknown = "no signed change makes this annotation";
        let id = one.id.ok_or(unknown)?;
        let number = self.items.get(&one.item).map_or(0, |item| item.number);
        if !self.share.has(&Subject::Annotation(id)) {
            return Ok(number);
        }
        let known = self.annotations.get_mut(&id).filter(|known| known.present).ok_or(unknown)?;
        known.seen = true;
        let digests = &self.digests;
        let origin = one.number.map(|number| digests.origin(number, &one.item, &one.source));
        let flags = [one.flagged, one.occluded, one.truncated, one.locked, one.hidden];
        differs(&[
            ("label", known.label == one.label),
            ("shape", known.shape == digests.of(&[&one.shape.to_bytes()])),
            ("item, number or source", origin == Some(known.origin)),
            ("order", known.z_order == one.z_order),
            ("flags", known.flags == flags),
            ("note", known.note == digests.text(&one.note)),
        ])?;
        Ok(number)
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

    /// Number and pixels of an item that is there.
    pub(super) fn item(&self, id: &ItemId) -> Option<(u32, ImageFacts)> {
        let item = self.items.get(id).filter(|item| item.present)?;
        Some((item.number, item.facts))
    }

    /// Whether a medium is that of the item, which is there.
    pub(super) fn is_content(&self, id: &ItemId, digest: &Digest) -> bool {
        let found = self.digests.of(&[digest.as_bytes()]);
        self.items.get(id).is_some_and(|item| item.content == found)
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
    fn set(&mut self, digests: &Digests, part: Part, value: &Value) {
        match (part, value) {
            (Part::Presence, Value::Flag(present)) => self.present = *present,
            (Part::Flagged, Value::Flag(on)) => self.flagged = *on,
            (Part::Done, Value::Flag(on)) => self.done = *on,
            (Part::Note, Value::Text(note)) => self.note = digests.text(note),
            _ => {}
        }
    }
}

impl AnnotationState {
    fn set(&mut self, digests: &Digests, part: Part, value: &Value) {
        match (part, value) {
            (Part::Presence, Value::Flag(present)) => self.present = *present,
            (Part::Geometry, Value::Shape(shape)) => self.shape = digests.of(&[&shape.to_bytes()]),
            (Part::Label, Value::LabelRef(label)) => self.label = *label,
            (Part::Note, Value::Text(note)) => self.note = digests.text(note),
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
