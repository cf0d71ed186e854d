//! One strip or tile: bytes of the file to typed samples.
//!
//! Decompressors write into buffers of exactly the size that the directory implies; what a stream
//! holds beyond that is never looked at, what it lacks is an error.

use std::io::Read as _;

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::error::MediaError;
use crate::format::Format;
use crate::headers::{self, cut_or_failed};
use crate::raster::{SampleFormat, Samples};
use crate::source::ReadAt;
use crate::tiff::layout::{Compression, Kind, Layout, Predictor};

fn damaged(detail: impl std::fmt::Display) -> MediaError {
    MediaError::damaged(Format::Tiff, detail)
}

const CUT: MediaError = MediaError::Truncated { format: Format::Tiff };

/// Decodes chunk `index`: `chunk_rows * chunk_width * chunk_samples` samples. A chunk that was
/// never written (sparse files) is filled with `nodata` or zero.
pub(super) fn decode(
    source: &dyn ReadAt,
    layout: &Layout,
    index: u32,
    nodata: Option<f64>,
) -> Result<Samples, MediaError> {
    let rows = layout.chunk_rows(index);
    let count = rows as usize * layout.chunk_width as usize * usize::from(layout.chunk_samples());
    let (offset, length) = layout.chunk(index).ok_or(CUT)?;
    if length == 0 {
        return Ok(filled(layout.raw_format(), count, nodata));
    }
    if offset.checked_add(length).is_none_or(|end| end > source.size()) {
        return Err(CUT);
    }
    // The stored form of a chunk is bounded by the file; a generous bound by its decoded size keeps
    // one entry from claiming a whole large file.
    let most = layout.chunk_bytes(rows).saturating_mul(2).saturating_add(1 << 20);
    let mut stored = vec![0; usize::try_from(length.min(most)).map_err(damaged)?];
    source
        .read_exact_at(offset, &mut stored)
        .map_err(|error| cut_or_failed(Format::Tiff, &error))?;
    if layout.reversed_bits {
        stored.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
    }
    let bytes = decompress(layout, stored, rows)?;
    Ok(unpack(layout, bytes, rows))
}

fn filled(format: SampleFormat, count: usize, nodata: Option<f64>) -> Samples {
    let mut samples = Samples::zeros(format, count);
    if let Some(value) = nodata {
        crate::raster::for_samples!(&mut samples, v => {
            v.fill(crate::raster::Sample::from_f64(value));
        });
    }
    samples
}

fn decompress(layout: &Layout, stored: Vec<u8>, rows: u32) -> Result<Vec<u8>, MediaError> {
    let size = usize::try_from(layout.chunk_bytes(rows)).map_err(damaged)?;
    match layout.compression {
        Compression::None => {
            let mut bytes = stored;
            if bytes.len() < size {
                return Err(CUT);
            }
            bytes.truncate(size);
            Ok(bytes)
        }
        Compression::Deflate => {
            let mut bytes = vec![0; size];
            flate2::read::ZlibDecoder::new(&stored[..]).read_exact(&mut bytes).map_err(
                |error| match error.kind() {
                    std::io::ErrorKind::UnexpectedEof => {
                        damaged("a strip or tile holds too few pixels")
                    }
                    _ => damaged(format_args!("a deflate stream: {error}")),
                },
            )?;
            Ok(bytes)
        }
        Compression::Lzw => lzw(&stored, size),
        Compression::PackBits => pack_bits(&stored, size),
        Compression::Fax4 => fax4(&stored, layout.chunk_width, rows),
        Compression::Jpeg => jpeg(layout, &stored, rows),
    }
}

fn lzw(stored: &[u8], size: usize) -> Result<Vec<u8>, MediaError> {
    let mut decoder = weezl::decode::Decoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8);
    let mut bytes = vec![0; size];
    let (mut read, mut written) = (0, 0);
    while written < size {
        let step = decoder.decode_bytes(&stored[read..], &mut bytes[written..]);
        read += step.consumed_in;
        written += step.consumed_out;
        match step.status {
            Ok(weezl::LzwStatus::Ok) if step.consumed_in + step.consumed_out > 0 => {}
            Ok(_) if written == size => {}
            Ok(_) => return Err(damaged("a strip or tile holds too few pixels")),
            Err(error) => return Err(damaged(format_args!("an LZW stream: {error}"))),
        }
    }
    Ok(bytes)
}

/// PackBits (TIFF 6.0 section 9).
fn pack_bits(stored: &[u8], size: usize) -> Result<Vec<u8>, MediaError> {
    let mut bytes = Vec::with_capacity(size);
    let mut rest = stored;
    while bytes.len() < size {
        let [head, tail @ ..] = rest else {
            return Err(damaged("a strip or tile holds too few pixels"));
        };
        rest = tail;
        let left = size - bytes.len();
        match *head as i8 {
            -128 => {}
            literal @ 0.. => {
                let run = literal as usize + 1;
                let taken = rest.get(..run).ok_or_else(|| damaged("a PackBits run is cut"))?;
                bytes.extend_from_slice(&taken[..run.min(left)]);
                rest = &rest[run..];
            }
            repeat => {
                let run = 1 + usize::from(repeat.unsigned_abs());
                let [value, tail @ ..] = rest else { return Err(damaged("a PackBits run is cut")) };
                rest = tail;
                bytes.resize(bytes.len() + run.min(left), *value);
            }
        }
    }
    Ok(bytes)
}

/// CCITT group 4. Black runs are ones, as if photometric were white-is-zero.
fn fax4(stored: &[u8], width: u32, rows: u32) -> Result<Vec<u8>, MediaError> {
    let narrow = u16::try_from(width).map_err(|_| {
        MediaError::unsupported(Format::Tiff, "fax compression wider than 65,535 pixels")
    })?;
    let row_bytes = width.div_ceil(8) as usize;
    let mut bytes = vec![0; row_bytes * rows as usize];
    let mut target = bytes.chunks_exact_mut(row_bytes);
    let height = u16::try_from(rows).map_err(|_| {
        MediaError::unsupported(Format::Tiff, "fax compression higher than 65,535 pixels")
    })?;
    let ended =
        fax::decoder::decode_g4(stored.iter().copied(), narrow, Some(height), |transitions| {
            let Some(row) = target.next() else { return };
            let pixels = fax::decoder::pels(transitions, narrow);
            for (x, colour) in pixels.enumerate() {
                if colour == fax::Color::Black {
                    row[x / 8] |= 0x80 >> (x % 8);
                }
            }
        });
    if ended.is_none() {
        return Err(damaged("a fax stream can't be decoded"));
    }
    Ok(bytes)
}

/// A JPEG stream, completed by the tables that the directory shares between chunks (TIFF
/// Technical Note 2). Colours stay as stored; the photometric tag says what they are.
fn jpeg(layout: &Layout, stored: &[u8], rows: u32) -> Result<Vec<u8>, MediaError> {
    let joined;
    let stream = match &layout.jpeg_tables {
        // Tables end with an end-of-image marker, the chunk starts with a start-of-image marker.
        Some(tables) if tables.len() >= 4 && stored.len() >= 2 => {
            joined = [&tables[..tables.len() - 2], &stored[2..]].concat();
            &joined[..]
        }
        _ => stored,
    };
    headers::jpeg(&stream)
        .map_err(|_| damaged("a JPEG stream is of a kind that is not read, or is cut"))?;
    let failed =
        |error: zune_jpeg::errors::DecodeErrors| damaged(format_args!("a JPEG stream: {error}"));
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(layout.chunk_width as usize)
        .set_max_height(layout.chunk_height as usize);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(stream), options);
    decoder.decode_headers().map_err(failed)?;
    let space =
        decoder.input_colorspace().ok_or_else(|| damaged("a JPEG stream has no colours"))?;
    if space.num_components() != usize::from(layout.chunk_samples()) {
        return Err(damaged("a JPEG stream has another number of bands than its file"));
    }
    let Some((width, height)) = decoder.dimensions() else {
        return Err(damaged("a JPEG stream has no size"));
    };
    if width != layout.chunk_width as usize || height < rows as usize {
        return Err(damaged("a JPEG stream has another size than its strip or tile"));
    }
    decoder.set_options(options.jpeg_set_out_colorspace(space));
    let mut bytes = decoder.decode().map_err(failed)?;
    let size = usize::try_from(layout.chunk_bytes(rows)).map_err(damaged)?;
    if bytes.len() < size {
        return Err(damaged("a JPEG stream is too short"));
    }
    bytes.truncate(size);
    Ok(bytes)
}

/// Undoes byte order and predictor and widens to the raw sample type.
fn unpack(layout: &Layout, mut bytes: Vec<u8>, rows: u32) -> Samples {
    let row_bytes = layout.row_bytes() as usize;
    let step = usize::from(layout.chunk_samples());
    let row_samples = layout.chunk_width as usize * step;
    let horizontal = layout.predictor == Predictor::Horizontal;
    let mut big_endian = layout.big_endian;
    if layout.predictor == Predictor::Float {
        bytes
            .chunks_exact_mut(row_bytes)
            .for_each(|row| undo_float(row, step, usize::from(layout.bits / 8)));
        // The float predictor stores planes of bytes, most significant first.
        big_endian = true;
    }
    match layout.bits {
        8 => {
            if horizontal {
                for row in bytes.chunks_exact_mut(row_bytes) {
                    for at in step..row.len() {
                        row[at] = row[at].wrapping_add(row[at - step]);
                    }
                }
            }
            match layout.kind {
                Kind::Signed => {
                    Samples::I16(bytes.into_iter().map(|b| i16::from(b as i8)).collect())
                }
                _ => Samples::U8(bytes),
            }
        }
        16 => {
            let words = words(&bytes, big_endian, u16::from_be_bytes, u16::from_le_bytes);
            let words = undo_horizontal(words, horizontal, row_samples, step, u16::wrapping_add);
            match layout.kind {
                Kind::Unsigned => Samples::U16(words),
                Kind::Signed => Samples::I16(words.into_iter().map(|w| w as i16).collect()),
                Kind::Float => Samples::F32(words.into_iter().map(half_to_f32).collect()),
            }
        }
        32 => {
            let words = words(&bytes, big_endian, u32::from_be_bytes, u32::from_le_bytes);
            let words = undo_horizontal(words, horizontal, row_samples, step, u32::wrapping_add);
            match layout.kind {
                Kind::Unsigned => Samples::U32(words),
                Kind::Signed => Samples::I32(words.into_iter().map(|w| w as i32).collect()),
                Kind::Float => Samples::F32(words.into_iter().map(f32::from_bits).collect()),
            }
        }
        64 => {
            let words = words(&bytes, big_endian, u64::from_be_bytes, u64::from_le_bytes);
            let words = undo_horizontal(words, horizontal, row_samples, step, u64::wrapping_add);
            Samples::F64(match layout.kind {
                Kind::Unsigned => words.into_iter().map(|w| w as f64).collect(),
                Kind::Signed => words.into_iter().map(|w| w as i64 as f64).collect(),
                Kind::Float => words.into_iter().map(f64::from_bits).collect(),
            })
        }
        bits => {
            let mut out = Samples::zeros(layout.raw_format(), rows as usize * row_samples);
            crate::raster::for_samples!(&mut out, v => {
                for (row, target) in bytes.chunks_exact(row_bytes).zip(v.chunks_exact_mut(row_samples)) {
                    for (value, sample) in bit_fields(row, bits).zip(target) {
                        *sample = crate::raster::Sample::from_f64(f64::from(value));
                    }
                }
            });
            out
        }
    }
}

fn words<T, const N: usize>(
    bytes: &[u8],
    big_endian: bool,
    be: fn([u8; N]) -> T,
    le: fn([u8; N]) -> T,
) -> Vec<T> {
    let read = if big_endian { be } else { le };
    bytes
        .chunks_exact(N)
        .map(|chunk| {
            let mut array = [0; N];
            array.copy_from_slice(chunk);
            read(array)
        })
        .collect()
}

/// Horizontal differencing (TIFF 6.0 section 14).
fn undo_horizontal<T: Copy>(
    mut words: Vec<T>,
    wanted: bool,
    row: usize,
    step: usize,
    add: fn(T, T) -> T,
) -> Vec<T> {
    if wanted {
        for row in words.chunks_exact_mut(row) {
            for at in step..row.len() {
                row[at] = add(row[at], row[at - step]);
            }
        }
    }
    words
}

/// Floating-point predictor (TIFF Technical Note 3): byte differences over planes of equal
/// significance. Leaves big-endian numbers.
fn undo_float(row: &mut [u8], step: usize, size: usize) {
    for at in step..row.len() {
        row[at] = row[at].wrapping_add(row[at - step]);
    }
    let planes = row.to_vec();
    let count = row.len() / size;
    for (index, number) in row.chunks_exact_mut(size).enumerate() {
        for (plane, byte) in number.iter_mut().enumerate() {
            *byte = planes[plane * count + index];
        }
    }
}

/// Bit fields of 1-32 bits, most significant first.
fn bit_fields(row: &[u8], bits: u16) -> impl Iterator<Item = u32> + '_ {
    let bits = u32::from(bits);
    let mut held = 0u64;
    let mut have = 0;
    let mut bytes = row.iter();
    std::iter::from_fn(move || {
        while have < bits {
            held = (held << 8) | u64::from(*bytes.next()?);
            have += 8;
        }
        have -= bits;
        Some((held >> have) as u32 & (u32::MAX >> (32 - bits)))
    })
}

/// IEEE 754 binary16 to binary32.
fn half_to_f32(half: u16) -> f32 {
    let sign = if half & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from(half >> 10 & 0x1f);
    let fraction = f32::from(half & 0x3ff);
    match exponent {
        0 => sign * fraction * 2f32.powi(-24),
        31 if half & 0x3ff == 0 => sign * f32::INFINITY,
        31 => f32::NAN,
        _ => sign * (1.0 + fraction / 1024.0) * 2f32.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pack_bits_of_the_specification() {
        // The example of TIFF 6.0 section 9.
        let packed = [
            0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7,
            0xaa,
        ];
        let plain = [
            0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0xaa, 0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0x22,
            0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
        ];
        assert_eq!(pack_bits(&packed, plain.len()).unwrap(), plain);
        for cut in 0..packed.len() {
            assert!(pack_bits(&packed[..cut], plain.len()).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn bit_fields_cross_bytes() {
        assert_eq!(bit_fields(&[0b1011_0001], 1).collect::<Vec<_>>(), [1, 0, 1, 1, 0, 0, 0, 1]);
        assert_eq!(bit_fields(&[0x12, 0x34, 0x56], 12).collect::<Vec<_>>(), [0x123, 0x456]);
        assert_eq!(bit_fields(&[0xff; 7], 28).collect::<Vec<_>>(), [0x0fff_ffff, 0x0fff_ffff]);
    }

    #[test]
    fn halves() {
        let cases = [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0001, 2f32.powi(-24)),
            (0x0400, 2f32.powi(-14)),
        ];
        for (half, float) in cases {
            assert_eq!(half_to_f32(half), float, "{half:#x}");
        }
        assert!(half_to_f32(0x7e00).is_nan() && half_to_f32(0x7c00).is_infinite());
    }
}
