//! From samples of any depth to the 8 bits of a screen.
//!
//! A value goes: stretch to 0-1, contrast around the middle, brightness, gamma, invert, 0-255.
//! Transparent pixels and pixels without data are laid over a checker of two neutral grays (8 px
//! squares), so that they are told apart from black and white imagery; tiles join seamlessly
//! because a tile's side is a multiple of the checker's.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::error::MediaError;
use crate::probe::Probe;
use crate::raster::{Raster, Sample, SampleFormat, for_samples};
use crate::statistics::{MAX_BANDS, Statistics};

/// How the range of values is spread over the screen's.
#[derive(Debug, Clone, Copy, PartialEq, Encode, Decode, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Stretch {
    /// The sample type's own range ([`SampleFormat::natural_range`]).
    #[n(0)]
    None,
    /// From one percentile (0-100) of each band to another.
    #[n(1)]
    Percentile {
        /// Shown black.
        #[n(0)]
        low: f64,
        /// Shown white.
        #[n(1)]
        high: f64,
    },
    /// From one value to another, the same in all bands.
    #[n(2)]
    Range {
        /// Shown black.
        #[n(0)]
        min: f64,
        /// Shown white.
        #[n(1)]
        max: f64,
    },
}

/// Display settings of one image.
#[derive(Debug, Clone, Copy, PartialEq, Encode, Decode, Serialize, Deserialize)]
pub struct Rendering {
    /// Bands (from 0) shown as red, green and blue. Three times the same is shown as gray.
    #[n(0)]
    pub bands: [u16; 3],
    /// How values are spread.
    #[n(1)]
    pub stretch: Stretch,
    /// Added after the stretch, -1 to 1; 0 changes nothing.
    #[n(2)]
    pub brightness: f64,
    /// -1 (flat) to 1 (two tones); 0 changes nothing.
    #[n(3)]
    pub contrast: f64,
    /// Above 0, up to 10; 1 changes nothing, larger is lighter.
    #[n(4)]
    pub gamma: f64,
    /// Shows the negative.
    #[n(5)]
    pub invert: bool,
}

impl Rendering {
    /// What an image is shown with at first: 8-bit gray and RGB as they are, all else with a
    /// stretch from 2 to 98 percent; the first three bands, or the first where there are fewer.
    pub fn default_for(probe: &Probe) -> Self {
        let stretch = if probe.is_plain() {
            Stretch::None
        } else {
            Stretch::Percentile { low: 2.0, high: 98.0 }
        };
        let bands = if probe.color_bands() >= 3 { [0, 1, 2] } else { [0, 0, 0] };
        Self { bands, stretch, brightness: 0.0, contrast: 0.0, gamma: 1.0, invert: false }
    }

    /// Whether stored 8-bit pixels are shown as they are.
    pub fn is_identity(&self, probe: &Probe) -> bool {
        probe.is_plain() && !probe.alpha && *self == Self::default_for(probe)
    }

    fn check(&self, bands: u16) -> Result<(), MediaError> {
        let refuse = |detail: String| Err(MediaError::BadRendering { detail });
        if let Some(band) =
            self.bands.iter().find(|band| **band >= bands || usize::from(**band) >= MAX_BANDS)
        {
            return refuse(format!("band {} is chosen, it has {bands}", u32::from(*band) + 1));
        }
        if !(-1.0..=1.0).contains(&self.brightness) || !(-1.0..=1.0).contains(&self.contrast) {
            return refuse("brightness and contrast lie between -1 and 1".into());
        }
        if !(0.01..=10.0).contains(&self.gamma) {
            return refuse("gamma lies between 0.01 and 10".into());
        }
        let ordered = match self.stretch {
            Stretch::None => true,
            Stretch::Percentile { low, high } => 0.0 <= low && low < high && high <= 100.0,
            Stretch::Range { min, max } => min < max && min.is_finite() && max.is_finite(),
        };
        if ordered {
            Ok(())
        } else {
            refuse("the stretch must run from a smaller to a larger value".into())
        }
    }
}

/// Pixels for an encoder: 8 bits, 1 (gray) or 3 (RGB) channels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) channels: u8,
    pub(crate) pixels: Vec<u8>,
}

/// Renders a raster as 8-bit gray (`1` channel, where all three chosen bands are the same) or RGB:
/// `(channels, pixels)`, rows from the top.
pub fn render(
    raster: &Raster,
    statistics: &Statistics,
    rendering: &Rendering,
) -> Result<(u8, Vec<u8>), MediaError> {
    picture(raster, statistics, rendering).map(|picture| (picture.channels, picture.pixels))
}

pub(crate) fn picture(
    raster: &Raster,
    statistics: &Statistics,
    rendering: &Rendering,
) -> Result<Picture, MediaError> {
    rendering.check(raster.color_bands())?;
    let gray = rendering.bands == [rendering.bands[0]; 3];
    let chosen: &[u16] = if gray { &rendering.bands[..1] } else { &rendering.bands };
    let (width, height) = (raster.width, raster.height);
    let channels = chosen.len() as u8;
    let done = |pixels| Ok(Picture { width, height, channels, pixels });
    let plain = *rendering
        == Rendering {
            stretch: Stretch::None,
            brightness: 0.0,
            contrast: 0.0,
            gamma: 1.0,
            invert: false,
            bands: rendering.bands,
        };
    // The common case, 8-bit as stored, is a copy.
    if let (crate::raster::Samples::U8(v), true, false, None) =
        (&raster.samples, plain, raster.alpha, raster.nodata)
    {
        let in_order = chosen.iter().enumerate().all(|(at, band)| usize::from(*band) == at);
        if in_order && usize::from(raster.bands) == chosen.len() {
            return done(v.clone());
        }
    }
    let tones: Vec<Tone> =
        chosen.iter().map(|band| Tone::of(raster.format(), statistics, *band, rendering)).collect();
    done(for_samples!(&raster.samples, v => paint(raster, v, chosen, &tones)))
}

fn paint<T: Sample>(raster: &Raster, samples: &[T], chosen: &[u16], tones: &[Tone]) -> Vec<u8> {
    let bands = usize::from(raster.bands);
    let opaque = T::FORMAT.natural_range().1;
    let mut out = Vec::with_capacity(raster.width as usize * raster.height as usize * chosen.len());
    for (y, row) in samples.chunks_exact((raster.width as usize * bands).max(1)).enumerate() {
        for (x, pixel) in row.chunks_exact(bands).enumerate() {
            let alpha = if raster.alpha {
                (pixel[bands - 1].to_f64() / opaque).clamp(0.0, 1.0)
            } else {
                1.0
            };
            let missing = chosen.iter().all(|band| {
                let value = pixel[usize::from(*band)].to_f64();
                value.is_nan() || Some(value) == raster.nodata
            });
            let alpha = if missing { 0.0 } else { alpha };
            for (band, tone) in chosen.iter().zip(tones) {
                let value = if missing { 0 } else { tone.byte(pixel[usize::from(*band)].to_f64()) };
                out.push(if alpha >= 1.0 { value } else { blend(value, checker(x, y), alpha) });
            }
        }
    }
    out
}

/// Two neutral grays in squares of 8 pixels.
fn checker(x: usize, y: usize) -> u8 {
    if (x / 8 + y / 8).is_multiple_of(2) { 0x66 } else { 0x99 }
}

fn blend(over: u8, under: u8, alpha: f64) -> u8 {
    (f64::from(over) * alpha + f64::from(under) * (1.0 - alpha)).round() as u8
}

/// The way of one band's values to the screen.
struct Tone {
    low: f64,
    scale: f64,
    curve: Curve,
    /// All answers, where there are only 256 or 65,536 questions.
    table: Vec<u8>,
}

#[derive(Clone, Copy)]
struct Curve {
    contrast: f64,
    brightness: f64,
    gamma: f64,
    invert: bool,
}

impl Tone {
    fn of(format: SampleFormat, statistics: &Statistics, band: u16, rendering: &Rendering) -> Self {
        let natural = format.natural_range();
        let (low, high) = match rendering.stretch {
            Stretch::None => natural,
            Stretch::Range { min, max } => (min, max),
            Stretch::Percentile { low, high } => statistics
                .bands
                .get(usize::from(band))
                .and_then(|band| {
                    let chosen = (band.percentile(low)?, band.percentile(high)?);
                    // An image that is nearly all one value still shows its outliers.
                    if chosen.0 < chosen.1 { Some(chosen) } else { band.range() }
                })
                .unwrap_or(natural),
        };
        // A constant band is shown mid-gray rather than divided by zero.
        let (low, scale) = if high > low { (low, 1.0 / (high - low)) } else { (low - 0.5, 1.0) };
        // -1 … 0 … 1 becomes a slope of 0 … 1 … 100.
        let contrast = if rendering.contrast <= 0.0 {
            1.0 + rendering.contrast
        } else {
            1.0 / (1.0 - rendering.contrast * 0.99)
        };
        let curve = Curve {
            contrast,
            brightness: rendering.brightness,
            gamma: 1.0 / rendering.gamma,
            invert: rendering.invert,
        };
        let mut tone = Self { low, scale, curve, table: Vec::new() };
        let questions = match format {
            SampleFormat::U8 => 256,
            SampleFormat::U16 => 65_536,
            _ => 0,
        };
        tone.table = (0..questions).map(|value| tone.compute(f64::from(value))).collect();
        tone
    }

    #[inline]
    fn byte(&self, value: f64) -> u8 {
        if self.table.is_empty() {
            return self.compute(value);
        }
        self.table.get(value as usize).copied().unwrap_or(0)
    }

    fn compute(&self, value: f64) -> u8 {
        let spread = ((value - self.low) * self.scale).clamp(0.0, 1.0);
        let curve = self.curve;
        let shaped = ((spread - 0.5) * curve.contrast + 0.5 + curve.brightness).clamp(0.0, 1.0);
        let curved = if curve.gamma == 1.0 { shaped } else { shaped.powf(curve.gamma) };
        let turned = if curve.invert { 1.0 - curved } else { curved };
        // NaN casts to 0.
        (turned * 255.0).round() as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Samples;

    fn raster(bands: u16, samples: Samples) -> Raster {
        let width = (samples.len() / usize::from(bands)) as u32;
        Raster { width, height: 1, bands, alpha: false, nodata: None, samples }
    }

    fn plain(bands: [u16; 3]) -> Rendering {
        Rendering {
            bands,
            stretch: Stretch::None,
            brightness: 0.0,
            contrast: 0.0,
            gamma: 1.0,
            invert: false,
        }
    }

    fn check(raster: &Raster, rendering: Rendering, expected: &[u8]) {
        let (_, pixels) = render(raster, &Statistics::of(raster), &rendering).unwrap();
        assert_eq!(pixels, expected, "{rendering:?}");
    }

    #[test]
    fn eight_bits_pass_and_bands_are_chosen() {
        let rgb = raster(3, Samples::U8(vec![1, 2, 3, 250, 251, 252]));
        check(&rgb, plain([0, 1, 2]), &[1, 2, 3, 250, 251, 252]);
        check(&rgb, plain([2, 1, 0]), &[3, 2, 1, 252, 251, 250]);
        check(&rgb, plain([1, 1, 1]), &[2, 251]);
        check(&rgb, Rendering { invert: true, ..plain([0, 0, 0]) }, &[254, 5]);
    }

    #[test]
    fn stretches() {
        let deep = raster(1, Samples::U16(vec![1000, 1500, 2000]));
        let range = Stretch::Range { min: 1000.0, max: 2000.0 };
        check(&deep, Rendering { stretch: range, ..plain([0; 3]) }, &[0, 128, 255]);
        let percent = Stretch::Percentile { low: 0.0, high: 100.0 };
        check(&deep, Rendering { stretch: percent, ..plain([0; 3]) }, &[0, 128, 255]);
        let floats = raster(1, Samples::F32(vec![-10.0, 0.0, 10.0]));
        check(&floats, Rendering { stretch: percent, ..plain([0; 3]) }, &[0, 128, 255]);
        let flat = raster(1, Samples::F32(vec![7.0; 2]));
        check(&flat, Rendering { stretch: percent, ..plain([0; 3]) }, &[128, 128]);
    }

    #[test]
    fn tone_curve() {
        let one = raster(1, Samples::U8(vec![64]));
        check(&one, Rendering { brightness: 0.25, ..plain([0; 3]) }, &[128]);
        check(&one, Rendering { contrast: -1.0, ..plain([0; 3]) }, &[128]);
        check(&one, Rendering { contrast: 1.0, ..plain([0; 3]) }, &[0]);
        check(&one, Rendering { gamma: 2.0, ..plain([0; 3]) }, &[128]);
    }

    #[test]
    fn transparent_and_missing_pixels_show_the_checker() {
        let mut la = raster(2, Samples::U8(vec![255, 255, 255, 0]));
        la.alpha = true;
        check(&la, plain([0; 3]), &[255, 0x66]);
        let mut hole = raster(1, Samples::F32(vec![f32::NAN, -1.0, 1.0]));
        hole.nodata = Some(-1.0);
        check(&hole, plain([0; 3]), &[0x66, 0x66, 255]);
    }

    #[test]
    fn nonsense_is_refused() {
        let rgb = raster(3, Samples::U8(vec![1, 2, 3]));
        let statistics = Statistics::of(&rgb);
        for bad in [
            plain([0, 1, 3]),
            Rendering { gamma: 0.0, ..plain([0; 3]) },
            Rendering { brightness: f64::NAN, ..plain([0; 3]) },
            Rendering { contrast: 2.0, ..plain([0; 3]) },
            Rendering { stretch: Stretch::Percentile { low: 98.0, high: 2.0 }, ..plain([0; 3]) },
            Rendering { stretch: Stretch::Range { min: 0.0, max: f64::INFINITY }, ..plain([0; 3]) },
        ] {
            assert_eq!(
                render(&rgb, &statistics, &bad).unwrap_err().kind(),
                "media-bad-rendering",
                "{bad:?}"
            );
        }
    }
}
