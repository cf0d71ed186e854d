//! Items: one medium each. Files stay bit for bit as they came; what is known of them is here.

use minicbor::{Decoder, Encoder};

use crate::canonical::{Canonical, DecodeResult, EncodeResult, expect_array, invalid};
use crate::{Digest, ItemId, ModelError};

/// The most bytes of an item's path.
pub const PATH_BYTES: usize = 4096;

/// An item's path inside its project: the file's path relative to the folder that was imported,
/// parts joined by `/`. Kept as bytes, because file names need not be UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemPath(Vec<u8>);

impl ItemPath {
    /// Checks and wraps a relative path: parts are not empty, `.` or `..`, and hold no NUL.
    ///
    /// # Errors
    /// [`ModelError::InvalidText`] names the rule.
    pub fn new(bytes: Vec<u8>) -> Result<Self, ModelError> {
        let refuse =
            |why: &str| Err(ModelError::InvalidText { field: "item path", why: why.into() });
        if bytes.is_empty() || bytes.len() > PATH_BYTES {
            return refuse("it is empty or longer than 4096 bytes");
        }
        if bytes.contains(&0) {
            return refuse("it holds a NUL byte");
        }
        if bytes.split(|b| *b == b'/').any(|part| matches!(part, b"" | b"." | b"..")) {
            return refuse("a part of it is empty, `.` or `..`");
        }
        Ok(Self(bytes))
    }

    /// The exact bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// For people: bytes that are not UTF-8 show as U+FFFD.
    #[must_use]
    pub fn display(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    /// The last part, for people.
    #[must_use]
    pub fn file_name(&self) -> String {
        let start = self.0.iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
        String::from_utf8_lossy(&self.0[start..]).into_owned()
    }

    /// The folder, `""` at the top: the item's dataset path.
    #[must_use]
    pub fn folder(&self) -> String {
        let end = self.0.iter().rposition(|b| *b == b'/').unwrap_or(0);
        String::from_utf8_lossy(&self.0[..end]).into_owned()
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// The word that stands for it in files.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = ModelError;
            fn from_str(word: &str) -> Result<Self, ModelError> {
                match word {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(ModelError::UnknownWord {
                        what: $what,
                        word: word.chars().take(64).collect(),
                        known: [$($word),*].join(", "),
                    }),
                }
            }
        }
    };
}

words! {
    /// The container format, as recognised from the content.
    MediaFormat, "media format" {
        /// JPEG (ISO/IEC 10918-1).
        Jpeg = "jpeg",
        /// PNG (W3C PNG, third edition).
        Png = "png",
        /// TIFF 6.0 and `BigTIFF`.
        Tiff = "tiff",
        /// Windows bitmap.
        Bmp = "bmp",
        /// GIF 87a, 89a.
        Gif = "gif",
        /// WebP (RFC 9649).
        WebP = "webp",
        /// Portable anymap: PBM, PGM, PPM, PAM.
        Pnm = "pnm",
    }
}

impl MediaFormat {
    /// The extension that names the format in a bundle, without a dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Tiff => "tif",
            Self::Bmp => "bmp",
            Self::Gif => "gif",
            Self::WebP => "webp",
            Self::Pnm => "pnm",
        }
    }
}

words! {
    /// How one sample of one band is stored.
    SampleFormat, "sample format" {
        /// Unsigned 8 bits (also 1, 2 and 4 bits, widened).
        U8 = "u8",
        /// Unsigned 16 bits.
        U16 = "u16",
        /// Unsigned 32 bits.
        U32 = "u32",
        /// Signed 8 bits.
        I8 = "i8",
        /// Signed 16 bits.
        I16 = "i16",
        /// Signed 32 bits.
        I32 = "i32",
        /// IEEE 754 32 bits.
        F32 = "f32",
        /// IEEE 754 64 bits.
        F64 = "f64",
    }
}

/// What is known of an image's pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ImageFacts {
    /// Container format.
    pub format: MediaFormat,
    /// Width of the stored raster, before orientation, in pixels.
    pub stored_width: u32,
    /// Height of the stored raster, before orientation, in pixels.
    pub stored_height: u32,
    /// EXIF orientation (Exif 2.32 section 4.6.4, tag 274), 1 to 8; 1 where there is none.
    pub orientation: u8,
    /// Bands per pixel.
    pub bands: u16,
    /// Sample format of the bands.
    pub sample: SampleFormat,
}

impl ImageFacts {
    /// Whether upright and stored frames have width and height exchanged.
    #[must_use]
    pub fn is_transposed(&self) -> bool {
        self.orientation >= 5
    }

    /// Upright (displayed) width in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        if self.is_transposed() { self.stored_height } else { self.stored_width }
    }

    /// Upright (displayed) height in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        if self.is_transposed() { self.stored_width } else { self.stored_height }
    }
}

/// What an item is when it is brought in; never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemBody {
    /// Path inside the project.
    pub path: ItemPath,
    /// SHA-512 of the file.
    pub content: Digest,
    /// CRC-32 (ISO 3309) of the file, for ZIP entries.
    pub crc32: u32,
    /// Bytes of the file.
    pub size: u64,
    /// What is known of the pixels.
    pub facts: ImageFacts,
    /// The integer of COCO's `image_id`: given once per project, from 1, and never reused.
    pub number: u32,
}

impl Canonical for ItemBody {
    const WHAT: &'static str = "item";
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(11)?.bytes(self.path.as_bytes())?;
        self.content.encode(e)?;
        e.u32(self.crc32)?.u64(self.size)?.str(self.facts.format.word())?;
        e.u32(self.facts.stored_width)?.u32(self.facts.stored_height)?;
        e.u8(self.facts.orientation)?.u16(self.facts.bands)?.str(self.facts.sample.word())?;
        e.u32(self.number)?;
        Ok(())
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 11)?;
        let wrong = minicbor::decode::Error::message::<ModelError>;
        let path = ItemPath::new(d.bytes()?.to_vec()).map_err(wrong)?;
        let content = Digest::decode(d)?;
        let (crc32, size) = (d.u32()?, d.u64()?);
        let format = d.str()?.parse().map_err(wrong)?;
        let (stored_width, stored_height) = (d.u32()?, d.u32()?);
        let (orientation, bands) = (d.u8()?, d.u16()?);
        let sample = d.str()?.parse().map_err(wrong)?;
        if !(1..=8).contains(&orientation) {
            return Err(invalid("an orientation is from 1 to 8"));
        }
        let facts = ImageFacts { format, stored_width, stored_height, orientation, bands, sample };
        Ok(Self { path, content, crc32, size, facts, number: d.u32()? })
    }
}

/// The present state of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its identifier.
    pub id: ItemId,
    /// What it is.
    pub body: ItemBody,
    /// Marked for attention.
    pub flagged: bool,
    /// Set by the annotator when every object is labelled, also where there is none.
    pub done: bool,
    /// Free text.
    pub note: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_climb_or_are_absolute_are_refused() {
        for wrong in ["", "/a", "a//b", "a/../b", ".", "a/.", "a\0b"] {
            assert!(ItemPath::new(wrong.as_bytes().to_vec()).is_err(), "{wrong:?}");
        }
        let path = ItemPath::new(b"train/\xff.png".to_vec()).unwrap();
        assert_eq!(path.folder(), "train");
        assert_eq!(path.file_name(), "\u{fffd}.png");
    }
}
