//! What the values of an image are like: ranges and quantiles for stretches, a histogram to draw.
//!
//! Taken once from an even sample of at most 32,768 pixels. NaN, infinities and the no-data value
//! are left out.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::raster::{Raster, Sample, Samples, for_samples};

/// Pixels looked at, at most.
const SAMPLE_PIXELS: u64 = 32_768;
/// Quantiles kept: every half percent, both ends included.
pub(crate) const QUANTILES: usize = 201;
/// Bins of the histogram.
pub(crate) const BINS: usize = 256;
/// Bands that statistics are taken of.
pub(crate) const MAX_BANDS: usize = 64;

/// The values of one band.
#[derive(Debug, Clone, PartialEq, Encode, Decode, Serialize, Deserialize)]
pub struct BandStatistics {
    /// Values at 0 %, 0.5 % … 100 %, ascending; 201 of them, or none where the band has no data.
    #[n(0)]
    pub quantiles: Vec<f64>,
    /// Mean value.
    #[n(1)]
    pub mean: f64,
    /// Counts in 256 equal steps from the smallest to the largest value.
    #[n(2)]
    pub histogram: Vec<u32>,
}

/// The values of an image, band by band (alpha left out, and bands beyond the 64th).
#[derive(Debug, Clone, PartialEq, Encode, Decode, Serialize, Deserialize)]
pub struct Statistics {
    /// One entry a band.
    #[n(0)]
    pub bands: Vec<BandStatistics>,
}

impl BandStatistics {
    /// The value below which `percent` of the sampled values lie, between neighbours linearly.
    pub fn percentile(&self, percent: f64) -> Option<f64> {
        let last = self.quantiles.len().checked_sub(1)?;
        let at = (percent.clamp(0.0, 100.0) / 100.0) * last as f64;
        let (low, part) = (at.floor() as usize, at.fract());
        let (a, b) = (self.quantiles[low.min(last)], self.quantiles[(low + 1).min(last)]);
        Some(a + (b - a) * part)
    }

    /// Smallest and largest value.
    pub fn range(&self) -> Option<(f64, f64)> {
        Some((*self.quantiles.first()?, *self.quantiles.last()?))
    }
}

impl Statistics {
    /// Samples a raster.
    pub(crate) fn of(raster: &Raster) -> Self {
        let bands = usize::from(raster.color_bands()).min(MAX_BANDS);
        let pixels = u64::from(raster.width) * u64::from(raster.height);
        let mut step = pixels.div_ceil(SAMPLE_PIXELS).max(1);
        // A step that shares a factor with the width would look at a few columns only.
        while step > 1 && common_factor(step, u64::from(raster.width)) > 1 {
            step += 1;
        }
        if let (Samples::U8(v), None) = (&raster.samples, raster.nodata) {
            let counts = counts(v, raster, bands, step as usize);
            return Self { bands: counts.iter().map(counted).collect() };
        }
        let bands = (0..bands)
            .map(|band| {
                let values =
                    for_samples!(&raster.samples, v => values(v, raster, band, step as usize));
                band_statistics(values)
            })
            .collect();
        Self { bands }
    }

    /// Whether these can be the statistics of anything: an answer of a worker is not trusted.
    pub(crate) fn is_sound(&self, color_bands: u16) -> bool {
        self.bands.len() == usize::from(color_bands).min(MAX_BANDS)
            && self.bands.iter().all(|band| {
                matches!(band.quantiles.len(), 0 | QUANTILES)
                    && band.histogram.len() == BINS
                    && band.mean.is_finite()
                    && band.quantiles.iter().all(|q| q.is_finite())
                    && band.quantiles.windows(2).all(|pair| pair[0] <= pair[1])
            })
    }
}

fn common_factor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { common_factor(b, a % b) }
}

fn values<T: Sample>(samples: &[T], raster: &Raster, band: usize, step: usize) -> Vec<f64> {
    samples
        .chunks_exact(usize::from(raster.bands))
        .step_by(step)
        .map(|pixel| pixel[band].to_f64())
        .filter(|value| value.is_finite() && Some(*value) != raster.nodata)
        .collect()
}

fn band_statistics(mut values: Vec<f64>) -> BandStatistics {
    let mut histogram = vec![0; BINS];
    if values.is_empty() {
        return BandStatistics { quantiles: Vec::new(), mean: 0.0, histogram };
    }
    let count = values.len();
    // Scaled before summing, so that values near the largest float can't overflow.
    let mean = values.iter().map(|v| v / count as f64).sum();
    let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
    let width = (high / 2.0 - low / 2.0) * 2.0 / BINS as f64;
    for value in &values {
        let bin = if width > 0.0 { ((value - low) / width) as usize } else { 0 };
        histogram[bin.min(BINS - 1)] += 1;
    }
    let last = count - 1;
    values.sort_unstable_by(f64::total_cmp);
    let quantiles = quantiles(last, |at| values[at]);
    BandStatistics { quantiles, mean, histogram }
}

/// The quantiles of `last + 1` ascending values.
fn quantiles(last: usize, value: impl Fn(usize) -> f64) -> Vec<f64> {
    (0..QUANTILES)
        .map(|q| {
            let at = q as f64 / (QUANTILES - 1) as f64 * last as f64;
            let (low, part) = (at.floor() as usize, at.fract());
            let (a, b) = (value(low), value((low + 1).min(last)));
            // Halved, so that the difference of the largest floats can't overflow.
            (a + (b / 2.0 - a / 2.0) * 2.0 * part).clamp(a, b)
        })
        .collect()
}

/// How often each 8-bit value occurs in each band: the common case, without sorting and in one pass.
fn counts(samples: &[u8], raster: &Raster, bands: usize, step: usize) -> Vec<[u32; 256]> {
    let mut counts = vec![[0; 256]; bands];
    for pixel in samples.chunks_exact(usize::from(raster.bands)).step_by(step) {
        for (value, counts) in pixel.iter().zip(&mut counts) {
            counts[usize::from(*value)] += 1;
        }
    }
    counts
}

/// The same statistics as [`band_statistics`], from counts.
fn counted(counts: &[u32; 256]) -> BandStatistics {
    let total: u32 = counts.iter().sum();
    let mut ends = [0; 256];
    let mut end = 0;
    for (count, slot) in counts.iter().zip(&mut ends) {
        end += count;
        *slot = end;
    }
    let Some(last) = (total as usize).checked_sub(1) else {
        return BandStatistics { quantiles: Vec::new(), mean: 0.0, histogram: vec![0; BINS] };
    };
    let value = |at: usize| ends.partition_point(|end| *end as usize <= at);
    let sum: f64 =
        counts.iter().enumerate().map(|(value, count)| value as f64 * f64::from(*count)).sum();
    let (low, high) = (value(0), value(last));
    let width = (high - low) as f64 / BINS as f64;
    let mut histogram = vec![0; BINS];
    for (value, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let bin = if width > 0.0 { ((value - low) as f64 / width) as usize } else { 0 };
        histogram[bin.min(BINS - 1)] += count;
    }
    BandStatistics {
        quantiles: quantiles(last, |at| value(at) as f64),
        mean: sum / f64::from(total),
        histogram,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: Vec<f64>, nodata: Option<f64>) -> Statistics {
        let width = values.len() as u32;
        Statistics::of(&Raster {
            width,
            height: 1,
            bands: 1,
            alpha: false,
            nodata,
            samples: Samples::F64(values),
        })
    }

    #[test]
    fn percentiles_of_a_ramp() {
        let ramp = of((0..=1000).map(f64::from).collect(), None);
        assert!(ramp.is_sound(1));
        let band = &ramp.bands[0];
        for percent in [0.0, 2.0, 50.0, 98.0, 100.0] {
            assert!((band.percentile(percent).unwrap() - percent * 10.0).abs() < 1e-9, "{percent}");
        }
        assert!((band.mean - 500.0).abs() < 1e-9);
        assert_eq!(band.histogram.iter().sum::<u32>(), 1001);
    }

    #[test]
    fn counting_equals_sorting() {
        let bytes: Vec<u8> = (0..5000u32).map(|i| ((i * i) >> 7) as u8 / 2 + 20).collect();
        let wide = bytes.iter().map(|b| f64::from(*b)).collect();
        let raster = Raster {
            width: 5000,
            height: 1,
            bands: 1,
            alpha: false,
            nodata: None,
            samples: Samples::U8(bytes),
        };
        let (counted, sorted) = (&Statistics::of(&raster).bands[0], &of(wide, None).bands[0]);
        assert_eq!(
            (&counted.quantiles, &counted.histogram),
            (&sorted.quantiles, &sorted.histogram)
        );
        assert!((counted.mean - sorted.mean).abs() < 1e-9);
    }

    #[test]
    fn what_is_no_data_does_not_count() {
        let band = &of(vec![f64::NAN, -9999.0, 5.0, f64::INFINITY, 7.0], Some(-9999.0)).bands[0];
        assert_eq!(band.range(), Some((5.0, 7.0)));
        let none = of(vec![f64::NAN; 3], None);
        assert!(none.is_sound(1));
        assert_eq!(none.bands[0].percentile(50.0), None);
        assert!(of(vec![f64::MAX, f64::MIN, 0.0], None).is_sound(1));
    }
}
