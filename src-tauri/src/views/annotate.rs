//! An open item: its pixels' levels, its annotations, and the edits that come back.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use specta::Type;
use specta_typescript::Unknown;
use vaultmark::Session;
use vaultmark::crypto::fingerprint;
use vaultmark::journeys::annotate::OpenedItem;
use vaultmark::journeys::view::Pixels;
use vaultmark::media::{TILE, levels_of};
use vaultmark::model::annotation::AnnotationBody;
use vaultmark::model::change::{Edit, Intent, Part, Subject, Value};
use vaultmark::model::{
    Annotation, AnnotationId, ChangeId, Item, ItemId, SampleFormat, Shape, Source,
};
use vaultmark::store::project as store;

use super::Answer;
use crate::arguments::{self, invalid};

/// An annotation.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct AnnotationView {
    /// Its identifier.
    pub id: String,
    /// Its label's identifier.
    pub label: String,
    /// Its geometry, `{kind, …}` as the editor's shapes have it.
    #[specta(type = Unknown)]
    pub shape: Box<RawValue>,
    /// Higher lies on top.
    pub z_order: i32,
    /// Marked for attention.
    pub flagged: bool,
    /// Partly covered by something else.
    pub occluded: bool,
    /// Cut by the image's edge.
    pub truncated: bool,
    /// Protected from changes.
    pub locked: bool,
    /// Not drawn.
    pub hidden: bool,
    /// Free text.
    pub note: String,
    /// `person`, `import <format>`, `model <name> <version>`.
    pub source: String,
}

impl From<Annotation> for AnnotationView {
    fn from(one: Annotation) -> Self {
        Self {
            id: one.id.to_string(),
            label: one.label.to_string(),
            // Shapes are validated when they are read; finite numbers always serialise.
            shape: to_raw_value(&one.shape).unwrap_or_default(),
            z_order: one.z_order,
            flagged: one.flagged,
            occluded: one.occluded,
            truncated: one.truncated,
            locked: one.locked,
            hidden: one.hidden,
            note: one.note,
            source: match one.source {
                Source::Person => "person".into(),
                Source::Import { format } => format!("import {format}"),
                Source::Model { name, version, .. } => format!("model {name} {version}"),
            },
        }
    }
}

/// One level of an image's pyramid.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, Type)]
pub struct LevelView {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// An item with its annotations. A tile lies at
/// `<media_base>/tile/<project>/<item>/<level>/<x>/<y>?r=<Rendering as JSON>`.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct OpenItem {
    /// Its identifier.
    pub id: String,
    /// File name.
    pub name: String,
    /// Folder inside the project, empty at the top.
    pub folder: String,
    /// Free text.
    pub note: String,
    /// Marked for attention.
    pub flagged: bool,
    /// Every object is labelled.
    pub done: bool,
    /// Upright width in pixels.
    pub width: u32,
    /// Upright height in pixels.
    pub height: u32,
    /// Bands.
    pub bands: u16,
    /// Sample type of the bands: `u8`, `u16`, `f32` …
    pub sample: String,
    /// Format, as recognised from the content.
    pub format: String,
    /// Bytes of the file.
    pub size: u64,
    /// SHA-512 of the file.
    pub content: String,
    /// EXIF orientation, 1 to 8; already applied to width, height and pixels.
    pub orientation: u8,
    /// Levels, full resolution first; empty where the file is not in the vault.
    pub levels: Vec<LevelView>,
    /// Side of a tile in pixels.
    pub tile_size: u32,
    /// Whether the stored pixels are exact.
    pub lossless: bool,
    /// Whether it is shown with a percentile stretch at first.
    pub needs_stretch: bool,
    /// Whether the file is in the vault.
    pub has_media: bool,
    /// Bottom first.
    pub annotations: Vec<AnnotationView>,
    /// The place of its last change in the project's chain.
    pub revision: u64,
}

impl OpenItem {
    /// `pixels` are missing where the file is, or where it could not be decoded: the levels then
    /// come from what import saw, and each tile says what is wrong.
    pub(crate) fn of(opened: OpenedItem, pixels: Option<&Pixels>) -> Self {
        let OpenedItem { item, annotations, has_media, revision } = opened;
        let Item { id, body, flagged, done, note } = item;
        let facts = body.facts;
        let levels = match pixels {
            _ if !has_media => Vec::new(),
            Some(pixels) => pixels.levels.clone(),
            None => levels_of(facts.width(), facts.height()),
        };
        let levels =
            levels.iter().map(|level| LevelView { width: level.width, height: level.height });
        Self {
            id: id.to_string(),
            name: body.path.file_name(),
            folder: body.path.folder(),
            note,
            flagged,
            done,
            width: facts.width(),
            height: facts.height(),
            bands: facts.bands,
            sample: facts.sample.word().into(),
            format: facts.format.word().into(),
            size: body.size,
            content: body.content.to_hex(),
            orientation: facts.orientation,
            levels: levels.collect(),
            tile_size: TILE,
            lossless: pixels.is_some_and(|pixels| pixels.probe.lossless),
            needs_stretch: pixels
                .map_or(facts.sample != SampleFormat::U8, |pixels| !pixels.probe.is_plain()),
            has_media,
            annotations: annotations.into_iter().map(Into::into).collect(),
            revision,
        }
    }
}

/// A flag of an annotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum FlagName {
    /// Marked for attention.
    Flagged,
    /// Partly covered by something else.
    Occluded,
    /// Cut by the image's edge.
    Truncated,
    /// Protected from changes.
    Locked,
    /// Not drawn.
    Hidden,
}

impl FlagName {
    const fn part(self) -> Part {
        match self {
            Self::Flagged => Part::Flagged,
            Self::Occluded => Part::Occluded,
            Self::Truncated => Part::Truncated,
            Self::Locked => Part::Locked,
            Self::Hidden => Part::Hidden,
        }
    }
}

/// One part set to one value. `create` carries the whole annotation; its identifier is made by the
/// window, at random.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum EditRequest {
    /// A new annotation.
    Create {
        /// 32 random hexadecimal digits.
        id: String,
        /// Its label's identifier.
        label: String,
        /// Its geometry.
        #[specta(type = Unknown)]
        shape: serde_json::Value,
        /// Higher lies on top.
        z_order: i32,
    },
    /// Deletes or restores an annotation.
    Presence {
        /// Which one.
        id: String,
        /// Whether it is there.
        present: bool,
    },
    /// Gives an annotation another geometry.
    Geometry {
        /// Which one.
        id: String,
        /// Its geometry.
        #[specta(type = Unknown)]
        shape: serde_json::Value,
    },
    /// Gives an annotation another label.
    Label {
        /// Which one.
        id: String,
        /// The label's identifier.
        label: String,
    },
    /// Sets an annotation's note.
    Note {
        /// Which one.
        id: String,
        /// Free text.
        note: String,
    },
    /// Sets a flag of an annotation.
    Flag {
        /// Which one.
        id: String,
        /// Which flag.
        flag: FlagName,
        /// Whether it is set.
        on: bool,
    },
    /// Moves an annotation up or down.
    ZOrder {
        /// Which one.
        id: String,
        /// Higher lies on top.
        z_order: i32,
    },
    /// Sets the item's note.
    ItemNote {
        /// Free text.
        note: String,
    },
    /// Marks the item for attention.
    ItemFlagged {
        /// Whether it is set.
        on: bool,
    },
    /// Says that every object of the item is labelled.
    ItemDone {
        /// Whether it is set.
        on: bool,
    },
}

impl EditRequest {
    /// The edit on that item.
    pub(crate) fn checked(self, item: ItemId) -> Answer<Edit> {
        let annotation = |id: &str| -> Answer<Subject> {
            Ok(Subject::Annotation(arguments::id::<AnnotationId>("annotation", id)?))
        };
        let flag = |subject, part, on| Edit { subject, part, value: Value::Flag(on) };
        Ok(match self {
            Self::Create { id, label, shape, z_order } => {
                let body = AnnotationBody {
                    item,
                    label: arguments::id("label", &label)?,
                    shape: self::shape(shape)?,
                    z_order,
                    source: Source::Person,
                };
                Edit {
                    subject: annotation(&id)?,
                    part: Part::Whole,
                    value: Value::Annotation(Box::new(body)),
                }
            }
            Self::Presence { id, present } => flag(annotation(&id)?, Part::Presence, present),
            Self::Geometry { id, shape } => Edit {
                subject: annotation(&id)?,
                part: Part::Geometry,
                value: Value::Shape(self::shape(shape)?),
            },
            Self::Label { id, label } => Edit {
                subject: annotation(&id)?,
                part: Part::Label,
                value: Value::LabelRef(arguments::id("label", &label)?),
            },
            Self::Note { id, note } => self::note(annotation(&id)?, note)?,
            Self::Flag { id, flag: name, on } => flag(annotation(&id)?, name.part(), on),
            Self::ZOrder { id, z_order } => {
                Edit { subject: annotation(&id)?, part: Part::ZOrder, value: Value::Order(z_order) }
            }
            Self::ItemNote { note } => self::note(Subject::Item(item), note)?,
            Self::ItemFlagged { on } => flag(Subject::Item(item), Part::Flagged, on),
            Self::ItemDone { on } => flag(Subject::Item(item), Part::Done, on),
        })
    }
}

/// A geometry that keeps its own rules.
fn shape(json: serde_json::Value) -> Answer<Shape> {
    let shape: Shape = serde_json::from_value(json)
        .map_err(|error| invalid("shape", error.to_string().trim_end_matches('.')))?;
    shape.validate()?;
    Ok(shape)
}

fn note(subject: Subject, note: String) -> Answer<Edit> {
    arguments::text("note", &note, arguments::NOTE)?;
    Ok(Edit { subject, part: Part::Note, value: Value::Text(note) })
}

/// A step that undo or redo would take.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct StepView {
    /// The gesture or command that it takes back or brings back.
    pub gesture: String,
    /// The items that it touches.
    pub items: Vec<String>,
}

impl From<store::Step> for StepView {
    fn from(step: store::Step) -> Self {
        Self { gesture: step.gesture, items: step.items.iter().map(ToString::to_string).collect() }
    }
}

/// What undo and redo would do now.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct UndoStateView {
    /// What undo would take back.
    pub undo: Option<StepView>,
    /// What redo would bring back.
    pub redo: Option<StepView>,
}

impl From<store::UndoState> for UndoStateView {
    fn from(state: store::UndoState) -> Self {
        Self { undo: state.undo.map(Into::into), redo: state.redo.map(Into::into) }
    }
}

/// A change that is signed, chained and on the disk.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct Committed {
    /// Its identifier.
    pub change: String,
    /// Its place in this vault's chain.
    pub seq: u64,
    /// When it was saved.
    pub saved_at: String,
    /// The items that it touches.
    pub items: Vec<String>,
    /// What undo would now take back.
    pub undo: Option<StepView>,
    /// What redo would now bring back.
    pub redo: Option<StepView>,
}

/// A part of a batch that stays as it is.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct ExceptionView {
    /// Whose part: `item`, `annotation` or `label`.
    pub subject: String,
    /// Which part, as in the history.
    pub part: String,
    /// Why.
    pub reason: String,
}

/// What an undo or redo did.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct Undone {
    /// The new change.
    pub committed: Committed,
    /// What stays as it is; the first 256.
    pub exceptions: Vec<ExceptionView>,
    /// How many parts stay as they are.
    pub exception_count: u64,
}

impl Undone {
    /// The undo or redo, with its change as the window has it.
    pub(crate) fn of(
        committed: Committed,
        exceptions: Vec<store::Exception>,
        exception_count: u64,
    ) -> Self {
        Self {
            committed,
            exceptions: exceptions.into_iter().map(Into::into).collect(),
            exception_count,
        }
    }
}

impl From<store::Exception> for ExceptionView {
    fn from(one: store::Exception) -> Self {
        let subject = match one.subject {
            Subject::Item(_) => "item",
            Subject::Annotation(_) => "annotation",
            Subject::Label(_) => "label",
        };
        Self { subject: subject.into(), part: part(one.part).into(), reason: one.reason }
    }
}

/// A change in an item's history.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct HistoryRow {
    /// Its place in its chain.
    pub seq: u64,
    /// Claimed time.
    pub time: String,
    /// Its author.
    pub author: String,
    /// The gesture or command; of an undo or redo the one that it took back or brought back, empty
    /// where that is not among the rows.
    pub gesture: String,
    /// `edit`, `undo`, `redo`, `batch`, `merge`.
    pub intent: String,
    /// The parts that it touches, as words.
    pub parts: Vec<String>,
}

/// An item's history. Authors are named where they are known, else by their key's fingerprint.
pub(crate) fn history_rows(
    session: &Session,
    entries: Vec<store::HistoryEntry>,
) -> Answer<Vec<HistoryRow>> {
    let own = session.profile();
    let first: HashMap<ChangeId, (Intent, String)> = entries
        .iter()
        .map(|entry| (entry.change, (entry.intent.clone(), entry.gesture.clone())))
        .collect();
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        let key = fingerprint(&entry.author);
        let mut parts: Vec<String> = Vec::new();
        for (_, part) in &entry.parts {
            let word = self::part(*part);
            if !parts.iter().any(|known| known == word) {
                parts.push(word.into());
            }
        }
        rows.push(HistoryRow {
            seq: entry.seq,
            time: entry.time.to_iso(),
            author: if key == own.fingerprint { own.person.clone() } else { key },
            gesture: gesture(&first, entry.change),
            intent: intent(&entry.intent).into(),
            parts,
        });
    }
    Ok(rows)
}

/// The gesture that a change stands for: its own, or that of the change which it undid or redid.
fn gesture(changes: &HashMap<ChangeId, (Intent, String)>, mut change: ChangeId) -> String {
    while let Some((intent, gesture)) = changes.get(&change) {
        match intent {
            Intent::Undo(of) | Intent::Redo(of) => change = *of,
            _ => return gesture.clone(),
        }
    }
    String::new()
}

/// The word for why a change was made.
const fn intent(intent: &Intent) -> &'static str {
    match intent {
        Intent::Edit => "edit",
        Intent::Undo(_) => "undo",
        Intent::Redo(_) => "redo",
        Intent::Batch => "batch",
        Intent::Merge(_) => "merge",
    }
}

/// The word for a part.
const fn part(part: Part) -> &'static str {
    match part {
        Part::Whole => "whole",
        Part::Presence => "presence",
        Part::Geometry => "geometry",
        Part::Label => "label",
        Part::Note => "note",
        Part::Flagged => "flagged",
        Part::Occluded => "occluded",
        Part::Truncated => "truncated",
        Part::Locked => "locked",
        Part::Hidden => "hidden",
        Part::ZOrder => "z_order",
        Part::Name => "name",
        Part::Color => "color",
        Part::Key => "key",
        Part::Done => "done",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn checked(value: serde_json::Value) -> Answer<Edit> {
        let request: EditRequest = serde_json::from_value(value).unwrap();
        request.checked(ItemId::from_bytes([7; 16]))
    }

    #[test]
    fn a_drawn_box_becomes_a_whole_annotation_of_the_item() {
        let (id, label) = ("01".repeat(16), "02".repeat(16));
        let edit = checked(json!({"op": "create", "id": id, "label": label, "z_order": 0,
            "shape": {"kind": "box", "x": 1.5, "y": 2.0, "width": 10.0, "height": 4.0}}))
        .unwrap();
        let Value::Annotation(body) = edit.value else { panic!("{edit:?}") };
        assert_eq!(body.item, ItemId::from_bytes([7; 16]));
        assert_eq!(
            (edit.part, body.shape.kind(), body.source),
            (Part::Whole, "box", Source::Person)
        );
    }

    #[test]
    fn an_undo_is_named_after_what_it_took_back() {
        let id = |n: u8| ChangeId::from_bytes([n; 16]);
        let row = |intent, gesture: &str| (intent, gesture.to_owned());
        let changes = HashMap::from([
            (id(1), row(Intent::Edit, "move")),
            (id(2), row(Intent::Undo(id(1)), "undo")),
            (id(3), row(Intent::Redo(id(2)), "redo")),
            (id(4), row(Intent::Undo(id(9)), "undo")),
        ]);
        let names = [1, 2, 3, 4].map(|n| gesture(&changes, id(n)));
        assert_eq!(names, ["move", "move", "move", ""]);
    }

    #[test]
    fn garbage_is_refused_before_it_reaches_the_project() {
        let id = "01".repeat(16);
        for wrong in [
            json!({"op": "geometry", "id": id, "shape": null}),
            json!({"op": "geometry", "id": id, "shape": {"kind": "spiral"}}),
            json!({"op": "geometry", "id": id, "shape": {"kind": "box", "x": 0, "y": 0, "width": -1, "height": 1}}),
            json!({"op": "geometry", "id": "1", "shape": {"kind": "point", "x": 0, "y": 0}}),
            json!({"op": "label", "id": id, "label": "no"}),
            json!({"op": "note", "id": id, "note": "x".repeat(arguments::NOTE + 1)}),
        ] {
            assert_eq!(checked(wrong.clone()).unwrap_err().kind, "invalid", "{wrong}");
        }
    }
}
