//! Headers of JPEG, and the few fields of the other simple formats that must be checked before a
//! decoder sees them.

use crate::error::MediaError;
use crate::exif;
use crate::format::Format;
use crate::orient::Orientation;
use crate::source::ReadAt;

/// What the markers of a JPEG say before its first scan (ITU-T T.81, annex B).
#[derive(Debug)]
pub(crate) struct JpegHeader {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) components: u8,
    pub(crate) orientation: Orientation,
    /// Offset of the first byte after the first start-of-scan marker.
    pub(crate) scan: u64,
}

/// Bytes between marker segments that are skipped before the file counts as damaged.
const MAX_STRAY: u32 = 64 * 1024;

/// Walks the marker segments up to the first scan.
pub(crate) fn jpeg(source: &dyn ReadAt) -> Result<JpegHeader, MediaError> {
    let mut walk = Walk { source, at: 2 };
    let mut frame = None;
    let mut orientation = None;
    loop {
        match walk.marker()? {
            // Start of scan.
            0xda => {
                let Some((width, height, components)) = frame else {
                    return Err(MediaError::damaged(
                        Format::Jpeg,
                        "its scan comes before its frame header",
                    ));
                };
                let orientation = orientation.unwrap_or(Orientation::UPRIGHT);
                return Ok(JpegHeader { width, height, components, orientation, scan: walk.at });
            }
            // Baseline, extended sequential, progressive.
            0xc0..=0xc2 => frame = Some(frame_header(&walk.segment(64 * 1024)?)?),
            marker @ (0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf) => {
                let feature = match marker {
                    0xc3 => "lossless compression",
                    0xc9..=0xcb => "arithmetic coding",
                    _ => "a hierarchical or differential frame",
                };
                return Err(MediaError::unsupported(Format::Jpeg, feature));
            }
            0xd9 => return Err(MediaError::damaged(Format::Jpeg, "it ends before its first scan")),
            // APP1: EXIF, if it says so. Only the first block counts.
            0xe1 if orientation.is_none() => {
                let segment = walk.segment(64 * 1024)?;
                if segment.starts_with(b"Exif\0\0") {
                    orientation = Some(exif::orientation(&segment));
                }
            }
            // Markers without a segment.
            0x01 | 0xd0..=0xd8 => {}
            _ => walk.skip()?,
        }
    }
}

fn frame_header(segment: &[u8]) -> Result<(u32, u32, u8), MediaError> {
    let &[precision, h1, h0, w1, w0, components, ref sampling @ ..] = segment else {
        return Err(MediaError::damaged(Format::Jpeg, "its frame header is too short"));
    };
    let height = u32::from(u16::from_be_bytes([h1, h0]));
    let width = u32::from(u16::from_be_bytes([w1, w0]));
    if precision != 8 {
        return Err(MediaError::unsupported(Format::Jpeg, format_args!("{precision}-bit samples")));
    }
    if height == 0 {
        return Err(MediaError::unsupported(Format::Jpeg, "a height that follows the image"));
    }
    if width == 0 {
        return Err(MediaError::damaged(Format::Jpeg, "its width is zero"));
    }
    if !matches!(components, 1 | 3 | 4) {
        return Err(MediaError::unsupported(Format::Jpeg, format_args!("{components} components")));
    }
    check_sampling(sampling.chunks_exact(3).take(components.into()).map(|component| component[1]))?;
    Ok((width, height, components))
}

/// The decoder spreads every component over the first by whole factors; of other files it makes
/// wrong pixels, or breaks off.
fn check_sampling(mut factors: impl Iterator<Item = u8>) -> Result<(), MediaError> {
    let Some(first) = factors.next() else { return Ok(()) };
    let divides = |part: u8, whole: u8| part > 0 && whole.is_multiple_of(part);
    if factors.all(|other| divides(other >> 4, first >> 4) && divides(other & 15, first & 15)) {
        return Ok(());
    }
    Err(MediaError::unsupported(Format::Jpeg, "colours sampled finer than its brightness"))
}

/// Whether an end-of-image marker follows the first scan. In entropy-coded data 0xff is always
/// followed by zero or a restart marker, so the two bytes can't occur by chance there.
pub(crate) fn jpeg_ends(bytes: &[u8], scan: u64) -> bool {
    let scan = usize::try_from(scan).unwrap_or(usize::MAX).min(bytes.len());
    bytes[scan..].windows(2).rev().any(|pair| pair == [0xff, 0xd9])
}

struct Walk<'a> {
    source: &'a dyn ReadAt,
    at: u64,
}

impl Walk<'_> {
    fn read<const N: usize>(&mut self) -> Result<[u8; N], MediaError> {
        let mut buffer = [0; N];
        self.source
            .read_exact_at(self.at, &mut buffer)
            .map_err(|error| cut_or_failed(Format::Jpeg, &error))?;
        self.at += N as u64;
        Ok(buffer)
    }

    /// The next marker's code, after fill bytes and a bounded number of stray ones.
    fn marker(&mut self) -> Result<u8, MediaError> {
        let mut after_ff = false;
        for _ in 0..MAX_STRAY {
            let [byte] = self.read()?;
            match byte {
                0xff => after_ff = true,
                0x00 => after_ff = false,
                code if after_ff => return Ok(code),
                _ => {}
            }
        }
        Err(MediaError::damaged(Format::Jpeg, "its markers can't be found"))
    }

    fn length(&mut self) -> Result<u64, MediaError> {
        let length = u64::from(u16::from_be_bytes(self.read()?));
        length
            .checked_sub(2)
            .ok_or_else(|| MediaError::damaged(Format::Jpeg, "a marker segment has no length"))
    }

    fn segment(&mut self, most: u64) -> Result<Vec<u8>, MediaError> {
        let length = self.length()?.min(most);
        let mut buffer = vec![0; length as usize];
        self.source
            .read_exact_at(self.at, &mut buffer)
            .map_err(|error| cut_or_failed(Format::Jpeg, &error))?;
        self.at += length;
        Ok(buffer)
    }

    fn skip(&mut self) -> Result<(), MediaError> {
        let length = self.length()?;
        self.at += length;
        Ok(())
    }
}

/// The size that a header claims, for formats whose decoder we only build once the size is known
/// to be allowed. `None` where the decoder's own header reading is cheap and bounded.
pub(crate) fn claimed_size(format: Format, start: &[u8]) -> Option<(u64, u64)> {
    let le32 = |at: usize| Some(i32::from_le_bytes(start.get(at..at + 4)?.try_into().ok()?));
    let be32 = |at: usize| Some(u32::from_be_bytes(start.get(at..at + 4)?.try_into().ok()?));
    let le16 = |at: usize| Some(u16::from_le_bytes(start.get(at..at + 2)?.try_into().ok()?));
    match format {
        // BITMAPCOREHEADER has 16-bit sides, all later headers signed 32-bit ones.
        Format::Bmp if start.get(14) == Some(&12) => {
            Some((u64::from(le16(18)?), u64::from(le16(20)?)))
        }
        Format::Bmp => {
            Some((u64::from(le32(18)?.unsigned_abs()), u64::from(le32(22)?.unsigned_abs())))
        }
        Format::Png => Some((u64::from(be32(16)?), u64::from(be32(20)?))),
        Format::Gif => Some((u64::from(le16(6)?), u64::from(le16(8)?))),
        Format::Jpeg | Format::Tiff | Format::WebP | Format::Pnm => None,
    }
}

/// Whether a WebP's (first) image is VP8L. Unknown counts as lossy.
pub(crate) fn webp_is_lossless(source: &dyn ReadAt) -> bool {
    let mut at = 12;
    // VP8X, ICCP, ALPH, ANIM and a few unknown chunks may come first.
    for _ in 0..64 {
        let Some((kind, length)) = riff_chunk(source, at) else { return false };
        match &kind {
            b"VP8L" => return true,
            b"VP8 " => return false,
            // An animation frame: 16 bytes of its own, then chunks.
            b"ANMF" => at += 8 + 16,
            _ => at += 8 + length,
        }
    }
    false
}

/// Whether the first frame of an animated WebP is as large as its lossy picture (WebP Container
/// Specification, "Animation"; RFC 6386 section 9.1). The decoder takes that on trust where transparency
/// comes before the picture. What can't be read is the decoder's to refuse.
pub(crate) fn webp_frame_fits(source: &dyn ReadAt) -> bool {
    let mut at = 12;
    for _ in 0..64 {
        let Some((kind, length)) = riff_chunk(source, at) else { return true };
        match &kind {
            b"VP8L" | b"VP8 " => return true,
            b"ANMF" => {
                let mut frame = [0; 16];
                if source.read_exact_at(at + 8, &mut frame).is_err() {
                    return true;
                }
                let side =
                    |n: usize| 1 + u32::from_le_bytes([frame[n], frame[n + 1], frame[n + 2], 0]);
                let lossy = size_behind_transparency(source, at + 8 + 16);
                return lossy.is_none_or(|size| size == [side(6), side(9)]);
            }
            _ => at += 8 + length,
        }
    }
    true
}

/// The size in pixels of the picture after an `ALPH` chunk; none where there is no such chunk.
fn size_behind_transparency(source: &dyn ReadAt, at: u64) -> Option<[u32; 2]> {
    let (kind, length) = riff_chunk(source, at)?;
    if &kind != b"ALPH" {
        return None;
    }
    // Whatever the next chunk is called, it is decoded as a lossy picture.
    let mut start = [0; 10];
    source.read_exact_at(at + 8 + length + 8, &mut start).ok()?;
    let side = |n: usize| u32::from(u16::from_le_bytes([start[n], start[n + 1]]) & 0x3fff);
    Some([side(6), side(8)])
}

/// Name and padded length of the chunk there.
fn riff_chunk(source: &dyn ReadAt, at: u64) -> Option<([u8; 4], u64)> {
    let mut header = [0; 8];
    source.read_exact_at(at, &mut header).ok()?;
    let [a, b, c, d, length @ ..] = header;
    let length = u64::from(u32::from_le_bytes(length));
    Some(([a, b, c, d], length + length % 2))
}

/// An end of file is a truncated image; anything else is the medium's fault.
pub(crate) fn cut_or_failed(format: Format, error: &std::io::Error) -> MediaError {
    if error.kind() == std::io::ErrorKind::UnexpectedEof {
        MediaError::Truncated { format }
    } else {
        MediaError::read(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An animation of one frame of 8 x 4 pixels, with transparency before a picture of that size.
    fn animation(width: u16, height: u16) -> Vec<u8> {
        let chunk = |name: &[u8], body: &[u8]| {
            [name, &(body.len() as u32).to_le_bytes(), body, &[0][..body.len() % 2]].concat()
        };
        let mut picture = vec![0x10, 0, 0, 0x9d, 0x01, 0x2a];
        picture.extend(width.to_le_bytes());
        picture.extend(height.to_le_bytes());
        let mut frame = vec![0; 16];
        (frame[6], frame[9]) = (7, 3);
        frame.extend(chunk(b"ALPH", &[0; 3]));
        frame.extend(chunk(b"VP8 ", &picture));
        [b"RIFF\0\0\0\0WEBP".to_vec(), chunk(b"VP8X", &[0; 10]), chunk(b"ANMF", &frame)].concat()
    }

    #[test]
    fn a_frame_of_an_animation_is_as_large_as_its_picture() {
        for ((width, height), fits) in
            [((8, 4), true), ((8, 0), false), ((9, 4), false), ((8 | 0x4000, 4), true)]
        {
            assert_eq!(webp_frame_fits(&&animation(width, height)[..]), fits, "{width} x {height}");
        }
        // What is cut is left to the decoder.
        let whole = animation(8, 0);
        assert!(webp_frame_fits(&&whole[..whole.len() - 4]));
    }

    fn minimal(frame: &[u8]) -> Vec<u8> {
        let mut out = vec![0xff, 0xd8, 0xff, 0xc0];
        out.extend((frame.len() as u16 + 2).to_be_bytes());
        out.extend(frame);
        out.extend([0xff, 0xda, 0, 2]);
        out
    }

    #[test]
    fn frame_headers() {
        let good = minimal(&[8, 0, 2, 0, 3, 3, 0, 0, 0]);
        let header = jpeg(&good.as_slice()).unwrap();
        assert_eq!((header.width, header.height, header.components), (3, 2, 3));
        let cases: [(&[u8], &str); 6] = [
            (&[8, 0, 2, 0, 3, 3, 0, 0x11, 0, 1, 0x11, 0, 2, 0x21, 0], "media-unsupported"),
            (&[8, 0, 2, 0, 3, 3, 0, 0x21, 0, 1, 0x10, 0, 2, 0x11, 0], "media-unsupported"),
            (&[12, 0, 2, 0, 3, 3], "media-unsupported"),
            (&[8, 0, 0, 0, 3, 3], "media-unsupported"),
            (&[8, 0, 2, 0, 0, 3], "media-damaged"),
            (&[8, 0, 2], "media-damaged"),
        ];
        for (frame, kind) in cases {
            assert_eq!(jpeg(&minimal(frame).as_slice()).unwrap_err().kind(), kind, "{frame:?}");
        }
        for cut in 2..good.len() - 2 {
            assert!(jpeg(&&good[..cut]).is_err(), "cut at {cut}");
        }
    }
}
