//! The part of a probe that an item keeps for ever, in the model's words.

use vaultmark_model::{ImageFacts, MediaFormat, SampleFormat as Stored};

use crate::format::Format;
use crate::probe::Probe;
use crate::raster::SampleFormat;

impl From<Format> for MediaFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Jpeg => Self::Jpeg,
            Format::Png => Self::Png,
            Format::Tiff => Self::Tiff,
            Format::Bmp => Self::Bmp,
            Format::Gif => Self::Gif,
            Format::WebP => Self::WebP,
            Format::Pnm => Self::Pnm,
        }
    }
}

impl From<SampleFormat> for Stored {
    fn from(sample: SampleFormat) -> Self {
        match sample {
            SampleFormat::U8 => Self::U8,
            SampleFormat::U16 => Self::U16,
            SampleFormat::U32 => Self::U32,
            SampleFormat::I16 => Self::I16,
            SampleFormat::I32 => Self::I32,
            SampleFormat::F32 => Self::F32,
            SampleFormat::F64 => Self::F64,
        }
    }
}

impl From<&Probe> for ImageFacts {
    fn from(probe: &Probe) -> Self {
        Self {
            format: probe.format.into(),
            stored_width: probe.stored_width,
            stored_height: probe.stored_height,
            orientation: probe.orientation.exif(),
            bands: probe.bands,
            sample: probe.sample.into(),
        }
    }
}
