//! The records of version 1, as they stand in the file. Frozen: a change of the model that shows
//! here needs a new version.

use std::borrow::Cow;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use vaultmark_model::id::{from_hex, to_hex};
use vaultmark_model::item::ItemBody;
use vaultmark_model::text::{check_name, check_note};
use vaultmark_model::{
    AnnotationId, Color, Digest, ImageFacts, Item, ItemId, ItemPath, Label, LabelId, Marking,
    ProjectId, ReplicaId, Shape, Source,
};

use crate::sink::HIGHEST_NUMBER;
use crate::{AnnotationRecord, ProjectFacts};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Project<'a> {
    id: ProjectId,
    name: Cow<'a, str>,
    marking: Cow<'a, str>,
    heads: Vec<Head>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    replica: ReplicaId,
    seq: u64,
    hash: String,
}

impl<'a> Project<'a> {
    pub(super) fn of(facts: &'a ProjectFacts) -> Self {
        let heads = facts
            .heads
            .iter()
            .map(|(replica, seq, hash)| Head { replica: *replica, seq: *seq, hash: hash.to_hex() })
            .collect();
        Self {
            id: facts.id,
            name: Cow::Borrowed(&facts.name),
            marking: Cow::Borrowed(facts.marking.text()),
            heads,
        }
    }

    pub(super) fn facts(self) -> Result<ProjectFacts, String> {
        check_name("project name", &self.name).map_err(|e| e.to_string())?;
        let marking = Marking::new(&self.marking).map_err(|e| e.to_string())?;
        let mut heads = Vec::with_capacity(self.heads.len());
        for head in self.heads {
            heads.push((head.replica, head.seq, digest("hash", &head.hash)?));
        }
        if !heads.is_sorted_by(|a, b| a.0 < b.0) {
            return Err("`heads` do not stand in the order of their replicas, once each".into());
        }
        Ok(ProjectFacts { id: self.id, name: self.name.into_owned(), marking, heads })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LabelRecord<'a> {
    id: LabelId,
    number: u32,
    name: Cow<'a, str>,
    color: Color,
    key: Option<u8>,
}

impl<'a> LabelRecord<'a> {
    pub(super) fn of(label: &'a Label) -> Self {
        Self {
            id: label.id,
            number: label.number,
            name: Cow::Borrowed(&label.name),
            color: label.color,
            key: label.key,
        }
    }

    pub(super) fn label(self) -> Result<Label, String> {
        check_name("label name", &self.name).map_err(|e| e.to_string())?;
        if self.key.is_some_and(|key| key > 9) {
            return Err("`key` is not a digit from 0 to 9".into());
        }
        if self.number == 0 {
            return Err("`number` is 0; numbers begin at 1".into());
        }
        Ok(Label {
            id: self.id,
            name: self.name.into_owned(),
            color: self.color,
            key: self.key,
            number: self.number,
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemRecord<'a> {
    id: ItemId,
    number: u32,
    /// Where the path is UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<Cow<'a, str>>,
    /// Where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path_hex: Option<String>,
    sha512: String,
    crc32: u32,
    size: u64,
    image: ImageFacts,
    flagged: bool,
    done: bool,
    note: Cow<'a, str>,
}

impl<'a> ItemRecord<'a> {
    pub(super) fn of(item: &'a Item) -> Self {
        let body = &item.body;
        let path = std::str::from_utf8(body.path.as_bytes()).ok();
        Self {
            id: item.id,
            number: body.number,
            path: path.map(Cow::Borrowed),
            path_hex: path.is_none().then(|| to_hex(body.path.as_bytes())),
            sha512: body.content.to_hex(),
            crc32: body.crc32,
            size: body.size,
            image: body.facts,
            flagged: item.flagged,
            done: item.done,
            note: Cow::Borrowed(&item.note),
        }
    }

    pub(super) fn item(self) -> Result<Item, String> {
        check_note("note", &self.note).map_err(|e| e.to_string())?;
        let path = match (self.path, self.path_hex) {
            (Some(path), None) => path.into_owned().into_bytes(),
            (None, Some(hex)) => bytes_of(&hex).ok_or("`path_hex` is not hexadecimal")?,
            _ => return Err("exactly one of `path` and `path_hex` is expected".into()),
        };
        let path = ItemPath::new(path).map_err(|e| e.to_string())?;
        if !(1..=8).contains(&self.image.orientation) {
            return Err("`orientation` is not from 1 to 8".into());
        }
        if self.number == 0 {
            return Err("`number` is 0; numbers begin at 1".into());
        }
        let body = ItemBody {
            path,
            content: digest("sha512", &self.sha512)?,
            crc32: self.crc32,
            size: self.size,
            facts: self.image,
            number: self.number,
        };
        Ok(Item {
            id: self.id,
            body,
            flagged: self.flagged,
            done: self.done,
            note: self.note.into_owned(),
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnnotationLine<'a> {
    pub id: AnnotationId,
    pub number: u64,
    pub item: ItemId,
    pub label: LabelId,
    #[serde(deserialize_with = "shape")]
    pub shape: Cow<'a, Shape>,
    pub z_order: i32,
    pub flagged: bool,
    pub occluded: bool,
    pub truncated: bool,
    pub locked: bool,
    pub hidden: bool,
    pub note: Cow<'a, str>,
    #[serde(deserialize_with = "source")]
    pub source: Cow<'a, Source>,
}

/// Reads a shape in two steps, first its kind. In one, serde would keep every value before it aside, in
/// many times the bytes that it has in the file.
fn shape<'de, 's, D: Deserializer<'de>>(d: D) -> Result<Cow<'s, Shape>, D::Error> {
    #[derive(Deserialize)]
    struct Kind {
        kind: String,
    }
    let text = <&RawValue>::deserialize(d)?.get();
    let read = || {
        let Kind { kind } = serde_json::from_str(text)?;
        Shape::deserialize_as(&kind, &mut serde_json::Deserializer::from_str(text))
    };
    read().map(Cow::Owned).map_err(D::Error::custom)
}

/// The most bytes of a source in the file: three names with every character escaped.
const SOURCE_BYTES: usize = 8192;

/// Reads a source, which serde keeps aside until it knows of which kind it is.
fn source<'de, 's, D: Deserializer<'de>>(d: D) -> Result<Cow<'s, Source>, D::Error> {
    let text = <&RawValue>::deserialize(d)?.get();
    if text.len() > SOURCE_BYTES {
        let why = format_args!("`source` has more than {SOURCE_BYTES} bytes");
        return Err(D::Error::custom(why));
    }
    serde_json::from_str(text).map(Cow::Owned).map_err(D::Error::custom)
}

impl<'a> AnnotationLine<'a> {
    pub(super) fn of(record: &'a AnnotationRecord) -> Self {
        let annotation = &record.annotation;
        Self {
            id: annotation.id,
            number: record.number,
            item: annotation.item,
            label: annotation.label,
            shape: Cow::Borrowed(&annotation.shape),
            z_order: annotation.z_order,
            flagged: annotation.flagged,
            occluded: annotation.occluded,
            truncated: annotation.truncated,
            locked: annotation.locked,
            hidden: annotation.hidden,
            note: Cow::Borrowed(&annotation.note),
            source: Cow::Borrowed(&annotation.source),
        }
    }

    /// Checks the bounds of what was read.
    pub(super) fn check(&self) -> Result<(), String> {
        self.shape.validate().map_err(|e| e.to_string())?;
        check_note("note", &self.note).map_err(|e| e.to_string())?;
        if !(1..=HIGHEST_NUMBER).contains(&self.number) {
            return Err(format!("`number` is not from 1 to {HIGHEST_NUMBER}"));
        }
        let name = |text: &str| check_name("source", text).map_err(|e| e.to_string());
        match self.source.as_ref() {
            Source::Person => Ok(()),
            Source::Import { format } => name(format),
            Source::Model { name: model, version, confidence } => {
                name(model)?;
                name(version)?;
                if (0.0..=1.0).contains(confidence) {
                    return Ok(());
                }
                Err(format!("`confidence` is {confidence}, from 0 to 1 is expected"))
            }
        }
    }
}

fn digest(field: &str, hex: &str) -> Result<Digest, String> {
    from_hex(hex)
        .map(Digest::from_bytes)
        .ok_or_else(|| format!("`{field}` is not 128 hexadecimal digits"))
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    if !hex.len().is_multiple_of(2) || !hex.is_ascii() {
        return None;
    }
    (0..hex.len()).step_by(2).map(|at| from_hex::<1>(&hex[at..at + 2]).map(|[byte]| byte)).collect()
}
