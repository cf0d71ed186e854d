//! TIFFs byte by byte: one of each byte order, layout and coding that the reader claims.

use std::io::Write as _;

use jpeg_encoder::ColorType;

use crate::images::jpeg;
use crate::{Seed, seed};

const SHORT: u16 = 3;
const LONG: u16 = 4;

/// What a file is to be.
#[derive(Clone, Default)]
struct Made {
    big_endian: bool,
    big_tiff: bool,
    entries: Vec<(u16, u16, Vec<u64>)>,
    chunks: Vec<Vec<u8>>,
    tiled: bool,
}

/// 4 x 4 pixels of `bands` bands of `bits` bits in one strip, or one tile of 16 x 16.
fn made(bits: u64, bands: u64, compression: u64, chunk: Vec<u8>) -> Made {
    let photometric = if bands >= 3 { 2 } else { 1 };
    let mut made = Made { chunks: vec![chunk], ..Made::default() };
    made.set(256, LONG, &[4]);
    made.set(257, LONG, &[4]);
    made.set(258, SHORT, &vec![bits; bands as usize]);
    made.set(259, SHORT, &[compression]);
    made.set(262, SHORT, &[photometric]);
    made.set(277, SHORT, &[bands]);
    made.set(278, LONG, &[4]);
    made
}

impl Made {
    fn set(&mut self, tag: u16, kind: u16, values: &[u64]) {
        self.entries.retain(|(other, ..)| *other != tag);
        self.entries.push((tag, kind, values.to_vec()));
    }

    fn with(mut self, tag: u16, kind: u16, values: &[u64]) -> Self {
        self.set(tag, kind, values);
        self
    }

    fn number(&self, value: u64, size: usize) -> Vec<u8> {
        let bytes = value.to_be_bytes()[8 - size..].to_vec();
        if self.big_endian { bytes } else { bytes.into_iter().rev().collect() }
    }

    fn build(mut self) -> Vec<u8> {
        let word = if self.big_tiff { 8 } else { 4 };
        let mut out = if self.big_endian { b"MM".to_vec() } else { b"II".to_vec() };
        if self.big_tiff {
            out.extend([self.number(43, 2), self.number(8, 2), self.number(0, 2)].concat());
        } else {
            out.extend(self.number(42, 2));
        }
        let pointer = out.len();
        out.extend(vec![0; word]);
        let (mut offsets, mut counts) = (Vec::new(), Vec::new());
        for chunk in std::mem::take(&mut self.chunks) {
            offsets.push(out.len() as u64);
            counts.push(chunk.len() as u64);
            out.extend(chunk);
        }
        let tags = if self.tiled { (324, 325) } else { (273, 279) };
        self.set(tags.0, LONG, &offsets);
        self.set(tags.1, LONG, &counts);
        self.entries.sort_by_key(|(tag, ..)| *tag);
        let count = self.entries.len() as u64;
        let mut directory = self.number(count, if self.big_tiff { 8 } else { 2 });
        for (tag, kind, values) in self.entries.clone() {
            let size = match kind {
                1 | 2 => 1,
                SHORT => 2,
                12 => 8,
                _ => 4,
            };
            directory.extend(self.number(u64::from(tag), 2));
            directory.extend(self.number(u64::from(kind), 2));
            directory.extend(self.number(values.len() as u64, word));
            let mut bytes: Vec<u8> =
                values.iter().flat_map(|value| self.number(*value, size)).collect();
            if bytes.len() > word {
                let at = out.len() as u64;
                out.extend(bytes);
                bytes = self.number(at, word);
            }
            bytes.resize(word, 0);
            directory.extend(bytes);
        }
        let at = self.number(out.len() as u64, word);
        out[pointer..pointer + word].copy_from_slice(&at);
        out.extend(directory);
        out.extend(vec![0; word]);
        out
    }
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(bytes).expect("memory takes it");
    zlib.finish().expect("memory takes it")
}

pub fn seeds() -> Vec<Seed> {
    let ramp: Vec<u8> = (0..=255).collect();
    let gray = made(8, 1, 1, ramp[..16].to_vec());
    let mut tiled = made(8, 1, 8, deflated(&ramp));
    tiled.tiled = true;
    let tiled = tiled.with(322, SHORT, &[16]).with(323, SHORT, &[16]);
    let mut jpegs = made(8, 3, 7, jpeg(16, 16, ColorType::Rgb, |_| {}));
    jpegs.tiled = true;
    let jpegs = jpegs.with(322, SHORT, &[16]).with(323, SHORT, &[16]).with(262, SHORT, &[6]);
    let mut planes = made(16, 2, 1, ramp[..32].to_vec());
    planes.chunks.push(ramp[..32].to_vec());
    let scale = [1.5f64, 1.5, 0.0].map(f64::to_bits);
    // 16 zero bytes, LZW with its clear and end codes (TIFF 6.0, section 13).
    let lzw = vec![0x80, 0x00, 0x20, 0x50, 0x38, 0x24, 0x16, 0x0d, 0x02, 0x02];
    let files = [
        ("gray", gray.clone()),
        ("big-endian", Made { big_endian: true, ..gray.clone() }),
        ("big-tiff", Made { big_tiff: true, ..gray.clone() }),
        ("bits", made(1, 1, 1, vec![0x50; 4])),
        (
            "palette",
            made(8, 1, 1, ramp[..16].to_vec()).with(262, SHORT, &[3]).with(
                320,
                SHORT,
                &vec![7; 768],
            ),
        ),
        ("rgb", made(8, 3, 1, ramp[..48].to_vec()).with(274, SHORT, &[6])),
        ("alpha", made(8, 4, 1, ramp[..64].to_vec()).with(338, SHORT, &[2])),
        ("float", made(32, 1, 1, ramp[..64].to_vec()).with(339, SHORT, &[3])),
        ("predictor", made(16, 1, 8, deflated(&ramp[..32])).with(317, SHORT, &[2])),
        (
            "float-predictor",
            made(32, 1, 8, deflated(&ramp[..64])).with(317, SHORT, &[3]).with(339, SHORT, &[3]),
        ),
        ("packbits", made(8, 1, 32773, vec![0xf1, 7])),
        ("lzw", made(8, 1, 5, lzw)),
        ("fax", made(1, 1, 4, vec![0x00, 0x10, 0x01, 0x00])),
        ("tiled", tiled),
        ("jpeg", jpegs),
        ("planes", planes.with(284, SHORT, &[2])),
        (
            "geo",
            gray.with(33550, 12, &scale).with(34735, SHORT, &[1, 1, 0, 0]).with(
                42113,
                2,
                &(*b"-9999\0").map(u64::from),
            ),
        ),
    ];
    files.into_iter().map(|(name, made)| seed("tiff", name, made.build())).collect()
}
