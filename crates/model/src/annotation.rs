//! Annotations: a shape with a label on an item.

use minicbor::{Decoder, Encoder};

use crate::canonical::{
    Canonical, DecodeResult, EncodeResult, decode_float, encode_float, expect_array, invalid,
};
use crate::text::NAME_BYTES;
use crate::{AnnotationId, ItemId, LabelId, Shape};

/// Where an annotation came from.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum Source {
    /// Drawn by a person.
    Person,
    /// Read from a file of another program.
    Import {
        /// The format's name.
        format: String,
    },
    /// Proposed by a model.
    Model {
        /// The model's name.
        name: String,
        /// The model's version.
        version: String,
        /// From 0 to 1.
        confidence: f64,
    },
}

impl Canonical for Source {
    const WHAT: &'static str = "source";
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        match self {
            Self::Person => {
                e.array(1)?.u8(0)?;
            }
            Self::Import { format } => {
                e.array(2)?.u8(1)?.str(format)?;
            }
            Self::Model { name, version, confidence } => {
                e.array(4)?.u8(2)?.str(name)?.str(version)?;
                encode_float(e, *confidence)?;
            }
        }
        Ok(())
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        let short = |text: &str| {
            if text.len() > NAME_BYTES {
                Err(invalid("a source's name is too long"))
            } else {
                Ok(text.to_owned())
            }
        };
        match (d.array()?, d.u8()?) {
            (Some(1), 0) => Ok(Self::Person),
            (Some(2), 1) => Ok(Self::Import { format: short(d.str()?)? }),
            (Some(4), 2) => Ok(Self::Model {
                name: short(d.str()?)?,
                version: short(d.str()?)?,
                confidence: decode_float(d)?,
            }),
            _ => Err(invalid("an unknown kind of source")),
        }
    }
}

/// What an annotation is made of when it is created; each part changes on its own afterwards.
#[derive(Debug, Clone, PartialEq)]
pub struct AnnotationBody {
    /// The item it lies on; never changes.
    pub item: ItemId,
    /// Its class.
    pub label: LabelId,
    /// Its geometry.
    pub shape: Shape,
    /// Drawing order: higher lies on top.
    pub z_order: i32,
    /// Where it came from; never changes.
    pub source: Source,
}

impl Canonical for AnnotationBody {
    const WHAT: &'static str = "annotation";
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(5)?;
        self.item.encode(e)?;
        self.label.encode(e)?;
        Canonical::encode(&self.shape, e)?;
        e.i32(self.z_order)?;
        self.source.encode(e)
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 5)?;
        Ok(Self {
            item: ItemId::decode(d)?,
            label: LabelId::decode(d)?,
            shape: <Shape as Canonical>::decode(d)?,
            z_order: d.i32()?,
            source: Source::decode(d)?,
        })
    }
}

/// The present state of an annotation.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Annotation {
    /// Its identifier.
    pub id: AnnotationId,
    /// The item it lies on.
    pub item: ItemId,
    /// Its class.
    pub label: LabelId,
    /// Its geometry.
    pub shape: Shape,
    /// Drawing order: higher lies on top.
    pub z_order: i32,
    /// Marked for attention.
    pub flagged: bool,
    /// Partly covered by something else.
    pub occluded: bool,
    /// Cut by the image's edge.
    pub truncated: bool,
    /// Protected from changes until unlocked.
    pub locked: bool,
    /// Not drawn.
    pub hidden: bool,
    /// Free text.
    pub note: String,
    /// Where it came from.
    pub source: Source,
}

impl Annotation {
    /// The annotation as it is right after its creation.
    #[must_use]
    pub fn new(id: AnnotationId, body: AnnotationBody) -> Self {
        Self {
            id,
            item: body.item,
            label: body.label,
            shape: body.shape,
            z_order: body.z_order,
            flagged: false,
            occluded: false,
            truncated: false,
            locked: false,
            hidden: false,
            note: String::new(),
            source: body.source,
        }
    }
}
