//! Decoded pixels at the depth they were stored in.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::error::MediaError;
use crate::limits::Limits;

/// How one sample is stored. Narrower integers are widened on decoding: below 8 bits to the full
/// range of `u8` (palettes to 8-bit RGB), 9-15 bits to `u16` and 17-31 to `u32` with their values
/// kept, `i8` to `i16`, half floats to `f32`, 64-bit integers to `f64`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cbor(index_only)]
pub enum SampleFormat {
    /// 8-bit unsigned.
    #[n(0)]
    U8,
    /// 16-bit unsigned.
    #[n(1)]
    U16,
    /// 32-bit unsigned.
    #[n(2)]
    U32,
    /// 16-bit signed.
    #[n(3)]
    I16,
    /// 32-bit signed.
    #[n(4)]
    I32,
    /// 32-bit float.
    #[n(5)]
    F32,
    /// 64-bit float.
    #[n(6)]
    F64,
}

impl SampleFormat {
    /// Bytes of one sample.
    pub fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// The range that display without a stretch maps to black and white: the type's own for
    /// unsigned integers, 0 to its maximum for signed ones, 0 to 1 for floats.
    pub fn natural_range(self) -> (f64, f64) {
        match self {
            Self::U8 => (0.0, 255.0),
            Self::U16 => (0.0, 65_535.0),
            Self::U32 => (0.0, f64::from(u32::MAX)),
            Self::I16 => (0.0, f64::from(i16::MAX)),
            Self::I32 => (0.0, f64::from(i32::MAX)),
            Self::F32 | Self::F64 => (0.0, 1.0),
        }
    }
}

/// A sample type. Sealed by being private: rasters hold exactly the types of [`SampleFormat`].
pub(crate) trait Sample: Copy + Default + PartialEq + 'static {
    const FORMAT: SampleFormat;
    fn to_f64(self) -> f64;
    /// Rounds and saturates.
    fn from_f64(value: f64) -> Self;
    fn wrap(samples: Vec<Self>) -> Samples;
    fn slice(samples: &Samples) -> Option<&[Self]>;
}

macro_rules! sample {
    ($type:ty, $variant:ident, $round:expr) => {
        impl Sample for $type {
            const FORMAT: SampleFormat = SampleFormat::$variant;
            #[inline]
            fn to_f64(self) -> f64 {
                self as f64
            }
            #[inline]
            fn from_f64(value: f64) -> Self {
                $round(value) as Self
            }
            fn wrap(samples: Vec<Self>) -> Samples {
                Samples::$variant(samples)
            }
            fn slice(samples: &Samples) -> Option<&[Self]> {
                match samples {
                    Samples::$variant(samples) => Some(samples),
                    _ => None,
                }
            }
        }
    };
}
sample!(u8, U8, f64::round);
sample!(u16, U16, f64::round);
sample!(u32, U32, f64::round);
sample!(i16, I16, f64::round);
sample!(i32, I32, f64::round);
sample!(f32, F32, std::convert::identity);
sample!(f64, F64, std::convert::identity);

/// Samples of a raster, typed.
#[derive(Debug, Clone, PartialEq)]
pub enum Samples {
    /// 8-bit unsigned.
    U8(Vec<u8>),
    /// 16-bit unsigned.
    U16(Vec<u16>),
    /// 32-bit unsigned.
    U32(Vec<u32>),
    /// 16-bit signed.
    I16(Vec<i16>),
    /// 32-bit signed.
    I32(Vec<i32>),
    /// 32-bit float.
    F32(Vec<f32>),
    /// 64-bit float.
    F64(Vec<f64>),
}

/// Runs one expression for whichever type a [`Samples`] holds.
macro_rules! for_samples {
    ($samples:expr, $name:ident => $body:expr) => {
        match $samples {
            $crate::raster::Samples::U8($name) => $body,
            $crate::raster::Samples::U16($name) => $body,
            $crate::raster::Samples::U32($name) => $body,
            $crate::raster::Samples::I16($name) => $body,
            $crate::raster::Samples::I32($name) => $body,
            $crate::raster::Samples::F32($name) => $body,
            $crate::raster::Samples::F64($name) => $body,
        }
    };
}
pub(crate) use for_samples;

impl Samples {
    /// `count` zeros.
    pub(crate) fn zeros(format: SampleFormat, count: usize) -> Self {
        match format {
            SampleFormat::U8 => Self::U8(vec![0; count]),
            SampleFormat::U16 => Self::U16(vec![0; count]),
            SampleFormat::U32 => Self::U32(vec![0; count]),
            SampleFormat::I16 => Self::I16(vec![0; count]),
            SampleFormat::I32 => Self::I32(vec![0; count]),
            SampleFormat::F32 => Self::F32(vec![0.0; count]),
            SampleFormat::F64 => Self::F64(vec![0.0; count]),
        }
    }

    /// The type of the samples.
    pub fn format(&self) -> SampleFormat {
        match self {
            Self::U8(_) => SampleFormat::U8,
            Self::U16(_) => SampleFormat::U16,
            Self::U32(_) => SampleFormat::U32,
            Self::I16(_) => SampleFormat::I16,
            Self::I32(_) => SampleFormat::I32,
            Self::F32(_) => SampleFormat::F32,
            Self::F64(_) => SampleFormat::F64,
        }
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        for_samples!(self, v => v.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One sample as a number.
    pub fn get(&self, index: usize) -> Option<f64> {
        for_samples!(self, v => v.get(index).map(|s| s.to_f64()))
    }

    /// Little-endian bytes, as in a pyramid's lossless tiles.
    pub(crate) fn to_le_bytes(&self) -> Vec<u8> {
        match self {
            Self::U8(v) => v.clone(),
            Self::U16(v) => v.iter().flat_map(|s| s.to_le_bytes()).collect(),
            Self::U32(v) => v.iter().flat_map(|s| s.to_le_bytes()).collect(),
            Self::I16(v) => v.iter().flat_map(|s| s.to_le_bytes()).collect(),
            Self::I32(v) => v.iter().flat_map(|s| s.to_le_bytes()).collect(),
            Self::F32(v) => v.iter().flat_map(|s| s.to_le_bytes()).collect(),
            Self::F64(v) => v.iter().flat_map(|s| s.to_le_bytes()).collect(),
        }
    }

    /// The inverse of [`Samples::to_le_bytes`]; a trailing part of a sample is ignored.
    pub(crate) fn from_le_bytes(format: SampleFormat, bytes: Vec<u8>) -> Self {
        macro_rules! typed {
            ($type:ty, $size:literal) => {
                <$type>::wrap(
                    bytes
                        .chunks_exact($size)
                        .map(|b| {
                            let mut array = [0; $size];
                            array.copy_from_slice(b);
                            <$type>::from_le_bytes(array)
                        })
                        .collect(),
                )
            };
        }
        match format {
            SampleFormat::U8 => Self::U8(bytes),
            SampleFormat::U16 => typed!(u16, 2),
            SampleFormat::U32 => typed!(u32, 4),
            SampleFormat::I16 => typed!(i16, 2),
            SampleFormat::I32 => typed!(i32, 4),
            SampleFormat::F32 => typed!(f32, 4),
            SampleFormat::F64 => typed!(f64, 8),
        }
    }
}

/// Decoded pixels: rows from the top, pixels from the left, bands interleaved. The length of
/// `samples` is `width * height * bands`.
#[derive(Debug, Clone, PartialEq)]
pub struct Raster {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Samples of a pixel, alpha included.
    pub bands: u16,
    /// Whether the last band is alpha (full range is opaque).
    pub alpha: bool,
    /// The value that stands for "no data" (GeoTIFF), next to NaN in floats.
    pub nodata: Option<f64>,
    /// The samples.
    pub samples: Samples,
}

impl Raster {
    /// A raster of zeros, refused beyond the limit on decoded bytes.
    pub(crate) fn zeros(
        width: u32,
        height: u32,
        bands: u16,
        format: SampleFormat,
        limits: &Limits,
    ) -> Result<Self, MediaError> {
        let bytes = decoded_bytes(width, height, bands, format);
        let count = limits.check_decoded(bytes)? / format.bytes();
        Ok(Self {
            width,
            height,
            bands,
            alpha: false,
            nodata: None,
            samples: Samples::zeros(format, count),
        })
    }

    /// Everything but the samples taken from `self`.
    pub(crate) fn with(&self, width: u32, height: u32, samples: Samples) -> Self {
        Self { width, height, samples, bands: self.bands, alpha: self.alpha, nodata: self.nodata }
    }

    /// The type of the samples.
    pub fn format(&self) -> SampleFormat {
        self.samples.format()
    }

    /// Bands that carry imagery (without alpha).
    pub fn color_bands(&self) -> u16 {
        self.bands - u16::from(self.alpha)
    }

    /// The part at (`x`, `y`) of the given size, cut at the edges.
    pub(crate) fn crop(&self, x: u32, y: u32, width: u32, height: u32) -> Self {
        let x = x.min(self.width);
        let y = y.min(self.height);
        let width = width.min(self.width - x);
        let height = height.min(self.height - y);
        let bands = usize::from(self.bands);
        let samples = for_samples!(&self.samples, v => {
            let mut out = Vec::with_capacity(width as usize * height as usize * bands);
            for row in y..y + height {
                let start = (row as usize * self.width as usize + x as usize) * bands;
                out.extend_from_slice(&v[start..start + width as usize * bands]);
            }
            Sample::wrap(out)
        });
        self.with(width, height, samples)
    }
}

/// Bytes that a raster of this shape takes.
pub(crate) fn decoded_bytes(width: u32, height: u32, bands: u16, format: SampleFormat) -> u64 {
    u64::from(width)
        .saturating_mul(u64::from(height))
        .saturating_mul(u64::from(bands))
        .saturating_mul(format.bytes() as u64)
}
