//! Recognising a format by its first bytes.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// Image formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cbor(index_only)]
pub enum Format {
    /// JPEG (ITU-T T.81), baseline and progressive.
    #[n(0)]
    Jpeg,
    /// PNG; of an APNG its default image.
    #[n(1)]
    Png,
    /// TIFF 6.0, BigTIFF, GeoTIFF, cloud-optimised GeoTIFF.
    #[n(2)]
    Tiff,
    /// Windows bitmap.
    #[n(3)]
    Bmp,
    /// GIF; the first frame.
    #[n(4)]
    Gif,
    /// WebP; of an animation the first frame.
    #[n(5)]
    WebP,
    /// Portable anymap: PBM, PGM, PPM, PAM.
    #[n(6)]
    Pnm,
}

impl Format {
    /// Recognises a format from the first bytes of a file (32 are enough).
    pub fn recognise(start: &[u8]) -> Option<Self> {
        match start {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(Self::Tiff),
            // The DIB header's size keeps texts that start with "BM" out (12 to 124 bytes).
            [b'B', b'M', _, _, _, _, _, _, _, _, _, _, _, _, 12..=124, 0, 0, 0, ..] => {
                Some(Self::Bmp)
            }
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            [b'P', b'1'..=b'7', separator, ..]
                if separator.is_ascii_whitespace() || *separator == b'#' =>
            {
                Some(Self::Pnm)
            }
            _ => None,
        }
    }

    /// The registered media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Tiff => "image/tiff",
            Self::Bmp => "image/bmp",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
            Self::Pnm => "image/x-portable-anymap",
        }
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Tiff => "TIFF",
            Self::Bmp => "BMP",
            Self::Gif => "GIF",
            Self::WebP => "WebP",
            Self::Pnm => "PNM",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides() {
        let cases: &[(&[u8], Option<Format>)] = &[
            (b"\xff\xd8\xff\xe0", Some(Format::Jpeg)),
            (b"\x89PNG\r\n\x1a\n", Some(Format::Png)),
            (b"II*\0", Some(Format::Tiff)),
            (b"MM\0+", Some(Format::Tiff)),
            (b"BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0", Some(Format::Bmp)),
            (b"BMW sells cars, and more of them", None),
            (b"GIF89a", Some(Format::Gif)),
            (b"RIFF\0\0\0\0WEBP", Some(Format::WebP)),
            (b"RIFF\0\0\0\0WAVE", None),
            (b"P6\n3 3", Some(Format::Pnm)),
            (b"P9\n3 3", None),
            (b"PK\x03\x04", None),
            (b"", None),
        ];
        for (start, expected) in cases {
            assert_eq!(Format::recognise(start), *expected, "{start:?}");
        }
    }
}
