//! Labels: the classes of a project's schema.

use minicbor::{Decoder, Encoder};

use crate::canonical::{Canonical, DecodeResult, EncodeResult, expect_array, invalid};
use crate::text::check_name;
use crate::{Color, LabelId, ModelError};

/// A class of the schema. Annotations refer to it by id, so renaming it changes no annotation.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Label {
    /// Its identifier.
    pub id: LabelId,
    /// Its name, unique within the project.
    pub name: String,
    /// How it is drawn.
    pub color: Color,
    /// The digit 0-9 that selects it (with Ctrl in the CVAT keys), if any.
    pub key: Option<u8>,
    /// The integer of COCO's `category_id`: given once per project, from 1, and never reused.
    pub number: u32,
}

/// What a label is made of when it is created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelBody {
    /// Its name.
    pub name: String,
    /// How it is drawn.
    pub color: Color,
    /// The digit that selects it.
    pub key: Option<u8>,
    /// COCO's integer.
    pub number: u32,
}

impl LabelBody {
    /// Checks the name and the key.
    ///
    /// # Errors
    /// [`ModelError::InvalidText`].
    pub fn validate(&self) -> Result<(), ModelError> {
        check_name("label name", &self.name)?;
        if self.key.is_some_and(|key| key > 9) {
            return Err(ModelError::InvalidText {
                field: "label key",
                why: "it is not a digit from 0 to 9".into(),
            });
        }
        Ok(())
    }
}

impl Canonical for LabelBody {
    const WHAT: &'static str = "label";
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(4)?.str(&self.name)?;
        self.color.encode(e)?;
        match self.key {
            Some(key) => e.u8(key)?,
            None => e.null()?,
        };
        e.u32(self.number)?;
        Ok(())
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 4)?;
        let name = d.str()?.to_owned();
        let color = Color::decode(d)?;
        let key = decode_key(d)?;
        let body = Self { name, color, key, number: d.u32()? };
        body.validate().map_err(|_| invalid("the label's name or key is out of bounds"))?;
        Ok(body)
    }
}

/// Reads `null` or a digit.
pub(crate) fn decode_key(d: &mut Decoder<'_>) -> DecodeResult<Option<u8>> {
    if d.datatype()? == minicbor::data::Type::Null {
        d.null()?;
        return Ok(None);
    }
    match d.u8()? {
        key @ 0..=9 => Ok(Some(key)),
        _ => Err(invalid("a label's key is a digit")),
    }
}
