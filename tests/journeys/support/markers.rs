//! The searcher for leaks: finds a text in bytes as UTF-8, UTF-16, base64, hexadecimal, deflated, and
//! finds a colour pattern as raw pixels or in a picture that lies anywhere in a file.

use std::fmt;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use flate2::read::{DeflateDecoder, ZlibDecoder};
use vaultmark::media::{Limits, Samples, decode};

use super::made;

/// The most bytes that are inflated from one place.
const INFLATED: u64 = 1 << 20;
/// The most bytes of a picture that is looked at inside a file.
const PICTURE: usize = 1 << 20;
/// How far a colour may be off after lossy compression and shrinking.
const OFF: i32 = 40;

/// Colours of the pattern's quadrants, clockwise from the top left.
const COLOURS: [[u8; 3]; 4] = [[255, 0, 255], [0, 255, 0], [0, 64, 255], [255, 200, 0]];

/// What was found, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub file: PathBuf,
    pub marker: String,
    pub form: &'static str,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} as {} in {}", self.marker, self.form, self.file.display())
    }
}

/// A picture that shows the pattern.
pub fn marked_picture(side: u32) -> Vec<u8> {
    made::png(side, side, |x, y| match (x < side / 2, y < side / 2) {
        (true, true) => COLOURS[0],
        (false, true) => COLOURS[1],
        (false, false) => COLOURS[2],
        (true, false) => COLOURS[3],
    })
}

/// The texts to look for, in all the forms in which they may lie in a file.
pub struct Searcher {
    needles: Vec<(String, &'static str, Vec<u8>)>,
}

impl Searcher {
    pub fn new(markers: &[&str]) -> Self {
        let mut needles = Vec::new();
        for marker in markers {
            let mut add = |form, bytes| needles.push(((*marker).to_owned(), form, bytes));
            add("UTF-8", marker.as_bytes().to_vec());
            add("UTF-16LE", marker.encode_utf16().flat_map(u16::to_le_bytes).collect());
            add("UTF-16BE", marker.encode_utf16().flat_map(u16::to_be_bytes).collect());
            add("hexadecimal", vaultmark::model::id::to_hex(marker.as_bytes()).into_bytes());
            for shift in 0..3 {
                add("base64", base64_core(marker.as_bytes(), shift));
            }
        }
        Self { needles }
    }

    /// Everything found in all files below a folder, and in their names.
    pub fn search(&self, folder: &Path) -> Vec<Found> {
        let mut found = Vec::new();
        for entry in walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok) {
            let path = entry.path();
            let inner = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            self.look(inner.as_bytes(), path, "a file name", &mut found);
            if entry.file_type().is_file() {
                self.search_bytes(&fs::read(path).unwrap(), path, &mut found);
            }
        }
        found
    }

    fn search_bytes(&self, bytes: &[u8], path: &Path, found: &mut Vec<Found>) {
        self.look(bytes, path, "", found);
        for at in 0..bytes.len().saturating_sub(2) {
            let rest = &bytes[at..];
            // RFC 1950: deflate with a window of 32 KiB, and a check that makes it a multiple of 31.
            if rest[0] == 0x78 && (u16::from(rest[0]) * 256 + u16::from(rest[1])) % 31 == 0 {
                let mut inflated = Vec::new();
                let _ = ZlibDecoder::new(rest).take(INFLATED).read_to_end(&mut inflated);
                self.look(&inflated, path, "deflated", found);
            }
            // APPNOTE 4.3.7: a local header of a compressed entry.
            if rest.starts_with(b"PK\x03\x04") && rest.len() > 30 && rest[8] == 8 {
                let start = 30
                    + usize::from(rest[26])
                    + 256 * usize::from(rest[27])
                    + usize::from(rest[28]);
                let mut inflated = Vec::new();
                let _ = DeflateDecoder::new(rest.get(start..).unwrap_or_default())
                    .take(INFLATED)
                    .read_to_end(&mut inflated);
                self.look(&inflated, path, "deflated", found);
            }
            let magic = rest.starts_with(b"\xff\xd8\xff")
                || rest.starts_with(b"\x89PNG")
                || rest.starts_with(b"BM");
            if magic && shows_pattern(&rest[..rest.len().min(PICTURE)]) {
                found.push(Found {
                    file: path.into(),
                    marker: "the picture".into(),
                    form: "picture",
                });
            }
        }
    }

    fn look(&self, bytes: &[u8], path: &Path, form: &'static str, found: &mut Vec<Found>) {
        for (marker, encoding, needle) in &self.needles {
            if holds(bytes, needle) {
                let form = if form.is_empty() { encoding } else { form };
                found.push(Found { file: path.into(), marker: marker.clone(), form });
            }
        }
        for colour in &COLOURS[..2] {
            let rgb: Vec<u8> = colour.iter().copied().cycle().take(48).collect();
            let rgba: Vec<u8> = [colour[0], colour[1], colour[2], 255].repeat(12);
            let planes: Vec<u8> = colour.iter().flat_map(|value| [*value; 16]).collect();
            if [rgb, rgba, planes].iter().any(|needle| holds(bytes, needle)) {
                let form = if form.is_empty() { "pixels" } else { form };
                found.push(Found { file: path.into(), marker: "the picture".into(), form });
            }
        }
    }
}

/// Whether `bytes` hold `needle`; the first byte is looked for quickly.
fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == needle[0]) {
        rest = &rest[at..];
        if rest.starts_with(needle) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

/// The characters of base64 that depend on the text alone where it begins `shift` bytes into a
/// group of three.
fn base64_core(text: &[u8], shift: usize) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let padded = [&vec![0; shift][..], text].concat();
    let sextet = |n: usize| {
        let bit = |b: usize| padded.get(b / 8).map_or(0, |byte| byte >> (7 - b % 8) & 1);
        (0..6).fold(0, |value, b| value << 1 | bit(n * 6 + b))
    };
    let first = (shift * 8).div_ceil(6);
    let end = padded.len() * 8 / 6;
    (first..end).map(|n| LETTERS[usize::from(sextet(n))]).collect()
}

/// Whether a picture of any size shows the four colours in their quadrants.
fn shows_pattern(file: &[u8]) -> bool {
    let Ok((_, raster)) = decode(&file.to_vec(), &Limits::default()) else { return false };
    let Samples::U8(samples) = &raster.samples else { return false };
    let bands = usize::from(raster.bands);
    if bands < 3 || raster.width < 8 || raster.height < 8 {
        return false;
    }
    let colour = |x: u32, y: u32| {
        let at = (y as usize * raster.width as usize + x as usize) * bands;
        [samples[at], samples[at + 1], samples[at + 2]]
    };
    let (w, h) = (raster.width, raster.height);
    let places = [(w / 4, h / 4), (w * 3 / 4, h / 4), (w * 3 / 4, h * 3 / 4), (w / 4, h * 3 / 4)];
    places.iter().zip(COLOURS).all(|((x, y), wanted)| {
        let near = |(a, b): (&u8, u8)| (i32::from(*a) - i32::from(b)).abs() <= OFF;
        colour(*x, *y).iter().zip(wanted).all(near)
    })
}
