//! A label's colour.

use std::fmt;
use std::str::FromStr;

use minicbor::{Decoder, Encoder};

use crate::ModelError;
use crate::canonical::{Canonical, DecodeResult, EncodeResult, invalid};
use crate::id::{from_hex, to_hex};

/// 8-bit sRGB, written `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Color(pub [u8; 3]);

/// Twelve hues that stay apart for colour-blind eyes and on dark imagery; labels without a colour
/// of their own take them in turn. After P. Green-Armytage, "A Colour Alphabet and the Limits of
/// Colour Coding" (2010), brightened for dark grounds.
const PALETTE: [Color; 12] = [
    Color([0x4c, 0xc9, 0xf0]),
    Color([0xff, 0xb7, 0x03]),
    Color([0xf7, 0x5c, 0x8d]),
    Color([0x7a, 0xe5, 0x82]),
    Color([0xb3, 0x8b, 0xfa]),
    Color([0xff, 0x7b, 0x42]),
    Color([0x2e, 0xd3, 0xb7]),
    Color([0xe9, 0xe3, 0x5f]),
    Color([0xff, 0x9c, 0xee]),
    Color([0x6b, 0x9b, 0xff]),
    Color([0xc2, 0xa8, 0x7a]),
    Color([0xd0, 0xf0, 0xc0]),
];

impl Color {
    /// The palette's colour for the `index`-th label.
    #[must_use]
    pub fn for_index(index: usize) -> Self {
        PALETTE[index % PALETTE.len()]
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", to_hex(&self.0))
    }
}

impl FromStr for Color {
    type Err = ModelError;
    fn from_str(text: &str) -> Result<Self, ModelError> {
        text.strip_prefix('#').and_then(from_hex).map(Self).ok_or_else(|| ModelError::InvalidText {
            field: "colour",
            why: "it is not of the form #rrggbb".into(),
        })
    }
}

impl Canonical for Color {
    const WHAT: &'static str = "colour";
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.bytes(&self.0)?;
        Ok(())
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        <[u8; 3]>::try_from(d.bytes()?).map(Self).map_err(|_| invalid("a colour is 3 bytes"))
    }
}

impl serde::Serialize for Color {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Color {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
