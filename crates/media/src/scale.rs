//! Making rasters smaller at their own depth, and 8-bit pictures to an exact size.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::error::MediaError;
use crate::raster::{Raster, Sample, Samples, for_samples};
use crate::render::Picture;

/// Averages blocks of `factor` x `factor` pixels; sides round up, blocks at the right and bottom
/// edge average what they have. NaN and no-data values are left out of an average, and stay where
/// a block has nothing else.
pub(crate) fn shrink(raster: &Raster, factor: u32) -> Raster {
    if factor <= 1 {
        return raster.clone();
    }
    let (width, height) = (raster.width.div_ceil(factor), raster.height.div_ceil(factor));
    let samples = match &raster.samples {
        // 255 * 4096 * 4096 fits 32 bits: sums of integers need no rounding and vectorise.
        Samples::U8(v) if raster.nodata.is_none() && factor == 2 => {
            Samples::U8(halve_u8(raster, v))
        }
        Samples::U8(v) if raster.nodata.is_none() && factor < 4096 => {
            Samples::U8(shrink_u8(raster, v, factor))
        }
        samples => for_samples!(samples, v => Sample::wrap(shrink_any(raster, v, factor))),
    };
    raster.with(width, height, samples)
}

fn halve_u8(raster: &Raster, source: &[u8]) -> Vec<u8> {
    match raster.bands {
        1 => halve_bands::<1>(raster, source),
        3 => halve_bands::<3>(raster, source),
        4 => halve_bands::<4>(raster, source),
        _ => shrink_u8(raster, source, 2),
    }
}

/// With the number of bands known, the compiler makes fast code of this.
fn halve_bands<const BANDS: usize>(raster: &Raster, source: &[u8]) -> Vec<u8> {
    let row = raster.width as usize * BANDS;
    let out_row = raster.width.div_ceil(2) as usize * BANDS;
    let even = raster.width as usize / 2 * 2 * BANDS;
    let mut out = vec![0; out_row * raster.height.div_ceil(2) as usize];
    for (two, out) in source.chunks(2 * row).zip(out.chunks_exact_mut(out_row)) {
        // A last single row stands for itself twice; so does a last single column.
        let (upper, lower) = if two.len() == 2 * row { two.split_at(row) } else { (two, two) };
        let blocks =
            upper[..even].chunks_exact(2 * BANDS).zip(lower[..even].chunks_exact(2 * BANDS));
        for ((a, b), out) in blocks.zip(out.chunks_exact_mut(BANDS)) {
            for band in 0..BANDS {
                let sum = u16::from(a[band])
                    + u16::from(a[band + BANDS])
                    + u16::from(b[band])
                    + u16::from(b[band + BANDS]);
                out[band] = ((sum + 2) / 4) as u8;
            }
        }
        if raster.width % 2 == 1 {
            for band in 0..BANDS {
                let sum = u16::from(upper[even + band]) + u16::from(lower[even + band]);
                out[out_row - BANDS + band] = sum.div_ceil(2) as u8;
            }
        }
    }
    out
}

fn shrink_u8(raster: &Raster, source: &[u8], factor: u32) -> Vec<u8> {
    let bands = usize::from(raster.bands);
    let row = raster.width as usize * bands;
    let width = raster.width.div_ceil(factor) as usize;
    let mut out = Vec::with_capacity(width * raster.height.div_ceil(factor) as usize * bands);
    // First down, one running sum a column, then across. Up to 256 rows fit sums of 16 bits, which
    // are twice as fast.
    let mut narrow = vec![0u16; row];
    let mut columns = vec![0u32; row];
    for rows in source.chunks(factor as usize * row) {
        columns.fill(0);
        for some in rows.chunks(256 * row) {
            narrow.fill(0);
            for line in some.chunks_exact(row) {
                for (sum, sample) in narrow.iter_mut().zip(line) {
                    *sum += u16::from(*sample);
                }
            }
            for (sum, part) in columns.iter_mut().zip(&narrow) {
                *sum += u32::from(*part);
            }
        }
        let deep = (rows.len() / row) as u32;
        match bands {
            1 => across::<1>(&columns, factor, deep, &mut out),
            3 => across::<3>(&columns, factor, deep, &mut out),
            4 => across::<4>(&columns, factor, deep, &mut out),
            _ => {
                for part in columns.chunks(factor as usize * bands) {
                    let area = deep * (part.len() / bands) as u32;
                    for band in 0..bands {
                        let sum: u32 = part[band..].iter().step_by(bands).sum();
                        out.push(((sum + area / 2) / area) as u8);
                    }
                }
            }
        }
    }
    out
}

/// Sums of `deep` rows to means of blocks.
fn across<const BANDS: usize>(columns: &[u32], factor: u32, deep: u32, out: &mut Vec<u8>) {
    for part in columns.chunks(factor as usize * BANDS) {
        let mut sums = [0; BANDS];
        for pixel in part.chunks_exact(BANDS) {
            for (sum, column) in sums.iter_mut().zip(pixel) {
                *sum += column;
            }
        }
        let area = deep * (part.len() / BANDS) as u32;
        out.extend(sums.map(|sum| ((sum + area / 2) / area) as u8));
    }
}

fn shrink_any<T: Sample>(raster: &Raster, source: &[T], factor: u32) -> Vec<T> {
    let bands = usize::from(raster.bands);
    let row = raster.width as usize * bands;
    let width = raster.width.div_ceil(factor) as usize;
    let nodata = raster.nodata;
    let mut out = Vec::with_capacity(width * raster.height.div_ceil(factor) as usize * bands);
    let mut sums = vec![(0.0, 0u32); width * bands];
    for rows in source.chunks(factor as usize * row) {
        sums.fill((0.0, 0));
        for line in rows.chunks_exact(row) {
            for (block, sums) in
                line.chunks(factor as usize * bands).zip(sums.chunks_exact_mut(bands))
            {
                for pixel in block.chunks_exact(bands) {
                    for (sample, (sum, count)) in pixel.iter().zip(sums.iter_mut()) {
                        let value = sample.to_f64();
                        if !value.is_nan() && Some(value) != nodata {
                            *sum += value;
                            *count += 1;
                        }
                    }
                }
            }
        }
        let empty = T::from_f64(nodata.unwrap_or(f64::NAN));
        out.extend(sums.iter().map(|(sum, count)| match count {
            0 => empty,
            count => T::from_f64(sum / f64::from(*count)),
        }));
    }
    out
}

/// Bilinear sampling to an exact size, for the rare overview whose size is no halving. Where a
/// neighbour has no data, the nearest pixel decides.
pub(crate) fn resample(raster: &Raster, width: u32, height: u32) -> Raster {
    if (width, height) == (raster.width, raster.height) {
        return raster.clone();
    }
    let samples =
        for_samples!(&raster.samples, v => Sample::wrap(bilinear(raster, v, width, height)));
    raster.with(width, height, samples)
}

fn bilinear<T: Sample>(raster: &Raster, source: &[T], width: u32, height: u32) -> Vec<T> {
    let bands = usize::from(raster.bands);
    let step_x = f64::from(raster.width) / f64::from(width);
    let step_y = f64::from(raster.height) / f64::from(height);
    let missing = |value: f64| value.is_nan() || Some(value) == raster.nodata;
    let mut out = Vec::with_capacity(width as usize * height as usize * bands);
    for y in 0..height {
        let (top, bottom, down) = between(y, step_y, raster.height);
        for x in 0..width {
            let (left, right, across) = between(x, step_x, raster.width);
            for band in 0..bands {
                let at =
                    |x: usize, y: usize| source[(y * raster.width as usize + x) * bands + band];
                let corners = [at(left, top), at(right, top), at(left, bottom), at(right, bottom)];
                let [a, b, c, d] = corners.map(T::to_f64);
                out.push(if [a, b, c, d].into_iter().any(missing) {
                    corners[usize::from(across >= 0.5) + 2 * usize::from(down >= 0.5)]
                } else {
                    let upper = a + (b - a) * across;
                    let lower = c + (d - c) * across;
                    T::from_f64(upper + (lower - upper) * down)
                });
            }
        }
    }
    out
}

/// The two source pixels around the centre of output pixel `at`, and how far between them it lies.
fn between(at: u32, step: f64, length: u32) -> (usize, usize, f64) {
    let last = length.saturating_sub(1) as usize;
    let centre = ((f64::from(at) + 0.5) * step - 0.5).max(0.0);
    let low = (centre.floor() as usize).min(last);
    (low, (low + 1).min(last), centre - centre.floor())
}

/// Repeats the last row and column until the raster has the given size.
pub(crate) fn pad(raster: Raster, width: u32, height: u32) -> Raster {
    if (raster.width, raster.height) == (width, height) || raster.width == 0 || raster.height == 0 {
        return raster;
    }
    let bands = usize::from(raster.bands);
    let samples = for_samples!(&raster.samples, v => {
        let mut out = Vec::with_capacity(width as usize * height as usize * bands);
        for y in 0..height {
            let row = y.min(raster.height - 1) as usize * raster.width as usize;
            for x in 0..width {
                let at = (row + x.min(raster.width - 1) as usize) * bands;
                out.extend_from_slice(&v[at..at + bands]);
            }
        }
        Sample::wrap(out)
    });
    raster.with(width, height, samples)
}

/// Shrinks 8-bit pixels (1 or 3 channels) so that the longest side is at most `side`. Never
/// enlarges.
pub(crate) fn fit(
    width: u32,
    height: u32,
    channels: u8,
    pixels: &[u8],
    side: u32,
) -> Result<Picture, MediaError> {
    let longest = width.max(height);
    if longest <= side {
        return Ok(Picture { width, height, channels, pixels: pixels.to_vec() });
    }
    let scaled = |length: u32| {
        let exact = u64::from(length) * u64::from(side);
        (((exact + u64::from(longest) / 2) / u64::from(longest)) as u32).max(1)
    };
    let kind = if channels == 1 { PixelType::U8 } else { PixelType::U8x3 };
    let failed = |detail: String| MediaError::Encode { detail };
    let source = ImageRef::new(width, height, pixels, kind).map_err(|e| failed(e.to_string()))?;
    let mut target = Image::new(scaled(width), scaled(height), kind);
    let options =
        ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Box)).use_alpha(false);
    Resizer::new().resize(&source, &mut target, &options).map_err(|e| failed(e.to_string()))?;
    Ok(Picture {
        width: target.width(),
        height: target.height(),
        channels,
        pixels: target.into_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raster(width: u32, height: u32, bands: u16, samples: Samples) -> Raster {
        Raster { width, height, bands, alpha: false, nodata: None, samples }
    }

    #[test]
    fn blocks_are_averaged_and_edges_average_what_they_have() {
        let ramp: Vec<u8> = (0..5 * 3 * 3).map(|i| (i * 5) as u8).collect();
        for factor in [2, 3, 4] {
            let small = shrink(&raster(5, 3, 3, Samples::U8(ramp.clone())), factor);
            let wide: Vec<f64> = ramp.iter().map(|v| f64::from(*v)).collect();
            let exact = shrink(&raster(5, 3, 3, Samples::F64(wide)), factor);
            assert_eq!((small.width, small.height), (5u32.div_ceil(factor), 3u32.div_ceil(factor)));
            for at in 0..small.samples.len() {
                let (a, b) = (small.samples.get(at).unwrap(), exact.samples.get(at).unwrap());
                assert!((a - b).abs() <= 0.5, "factor {factor}, sample {at}: {a} for {b}");
            }
        }
    }

    #[test]
    fn missing_values_do_not_spread() {
        let mut with = raster(2, 2, 1, Samples::F32(vec![1.0, f32::NAN, 3.0, -9999.0]));
        with.nodata = Some(-9999.0);
        assert_eq!(shrink(&with, 2).samples, Samples::F32(vec![2.0]));
        with.samples = Samples::F32(vec![-9999.0; 4]);
        assert_eq!(shrink(&with, 2).samples, Samples::F32(vec![-9999.0]));
    }

    #[test]
    fn a_constant_stays_constant_at_any_size() {
        let flat = raster(7, 5, 2, Samples::U16(vec![1234; 70]));
        let other = resample(&flat, 3, 4);
        assert_eq!(other.samples, Samples::U16(vec![1234; 24]));
        assert_eq!(pad(flat, 9, 6).samples, Samples::U16(vec![1234; 108]));
    }
}
