//! TIFFs that no folder of samples has, made here byte by byte: one of each coding the reader
//! claims, with pixels that are known.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::ops::ControlFlow;
use std::time::Instant;

use vaultmark_media::pyramid::{self, PackReader};
use vaultmark_media::{
    Limits, MediaError, OpenedImage, Raster, Rendering, SampleFormat, Samples, decode, import,
    probe, wants_pyramid,
};

/// A directory's entries (tag, type, values), chunks, byte order and kind of a file to be.
struct Made {
    big_endian: bool,
    big_tiff: bool,
    entries: Vec<(u16, u16, Vec<u64>)>,
    chunks: Vec<Vec<u8>>,
    tiled: bool,
}

const SHORT: u16 = 3;
const LONG: u16 = 4;

fn made(width: u64, height: u64) -> Made {
    let mut made = Made {
        big_endian: false,
        big_tiff: false,
        entries: Vec::new(),
        chunks: Vec::new(),
        tiled: false,
    };
    made.set(256, LONG, &[width]).set(257, LONG, &[height]);
    made
}

impl Made {
    fn set(&mut self, tag: u16, kind: u16, values: &[u64]) -> &mut Self {
        self.entries.retain(|(other, ..)| *other != tag);
        self.entries.push((tag, kind, values.to_vec()));
        self
    }

    fn tiles(&mut self, width: u64, height: u64) -> &mut Self {
        self.tiled = true;
        self.set(322, SHORT, &[width]).set(323, SHORT, &[height])
    }

    fn chunk(&mut self, bytes: &[u8]) -> &mut Self {
        self.chunks.push(bytes.to_vec());
        self
    }

    fn number(&self, value: u64, size: usize) -> Vec<u8> {
        let bytes = value.to_be_bytes()[8 - size..].to_vec();
        if self.big_endian { bytes } else { bytes.into_iter().rev().collect() }
    }

    fn build(&mut self) -> Vec<u8> {
        let word = if self.big_tiff { 8 } else { 4 };
        let mut out = if self.big_endian { b"MM".to_vec() } else { b"II".to_vec() };
        if self.big_tiff {
            out.extend([self.number(43, 2), self.number(8, 2), self.number(0, 2)].concat());
        } else {
            out.extend(self.number(42, 2));
        }
        let pointer_at = out.len();
        out.extend(vec![0; word]);
        let (mut offsets, mut counts) = (Vec::new(), Vec::new());
        for chunk in self.chunks.clone() {
            // An empty chunk is one that was never written.
            offsets.push(if chunk.is_empty() { 0 } else { out.len() as u64 });
            counts.push(chunk.len() as u64);
            out.extend(chunk);
        }
        let tags = if self.tiled { (324, 325) } else { (273, 279) };
        self.set(tags.0, LONG, &offsets).set(tags.1, LONG, &counts);
        self.entries.sort_by_key(|(tag, ..)| *tag);
        let mut directory =
            self.number(self.entries.len() as u64, if self.big_tiff { 8 } else { 2 });
        for (tag, kind, values) in self.entries.clone() {
            let size = match kind {
                1 | 2 => 1,
                SHORT => 2,
                _ => 4,
            };
            directory
                .extend([self.number(u64::from(tag), 2), self.number(u64::from(kind), 2)].concat());
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
        out[pointer_at..pointer_at + word].copy_from_slice(&at);
        out.extend(directory);
        out.extend(vec![0; word]);
        out
    }
}

fn pixels(file: &[u8]) -> Raster {
    decode(&file, &Limits::default()).unwrap_or_else(|error| panic!("{error}")).1
}

#[test]
fn depths_orders_and_kinds() {
    for (big_endian, big_tiff) in [(false, false), (true, false), (false, true), (true, true)] {
        // (bits, sample format tag, raw values, what they become)
        let cases: [(u64, u64, &[u64], Samples); 10] = [
            (8, 1, &[0, 200], Samples::U8(vec![0, 200])),
            (8, 2, &[0xff, 5], Samples::I16(vec![-1, 5])),
            (16, 1, &[1, 65_000], Samples::U16(vec![1, 65_000])),
            (16, 2, &[0xfffe, 7], Samples::I16(vec![-2, 7])),
            (16, 3, &[0x3c00, 0xc000], Samples::F32(vec![1.0, -2.0])),
            (32, 1, &[9, 4_000_000_000], Samples::U32(vec![9, 4_000_000_000])),
            (32, 2, &[0xffff_ffff, 3], Samples::I32(vec![-1, 3])),
            (32, 3, &[0x3fc0_0000, 0], Samples::F32(vec![1.5, 0.0])),
            (64, 3, &[1.25f64.to_bits(), (-3f64).to_bits()], Samples::F64(vec![1.25, -3.0])),
            (64, 1, &[1 << 40, 2], Samples::F64(vec![(1u64 << 40) as f64, 2.0])),
        ];
        for (bits, kind, raw, expected) in cases {
            let mut file = made(2, 1);
            (file.big_endian, file.big_tiff) = (big_endian, big_tiff);
            let bytes: Vec<u8> =
                raw.iter().flat_map(|value| file.number(*value, bits as usize / 8)).collect();
            file.set(258, SHORT, &[bits])
                .set(262, SHORT, &[1])
                .set(339, SHORT, &[kind])
                .chunk(&bytes);
            assert_eq!(
                pixels(&file.build()).samples,
                expected,
                "{bits} bits, kind {kind}, {big_endian} {big_tiff}"
            );
        }
    }
}

#[test]
fn few_bits_palettes_and_negatives() {
    let check =
        |file: &mut Made, expected: Samples| assert_eq!(pixels(&file.build()).samples, expected);
    check(
        made(5, 2).set(258, SHORT, &[1]).set(262, SHORT, &[1]).chunk(&[0b1010_1000, 0b0100_0000]),
        Samples::U8(vec![255, 0, 255, 0, 255, 0, 255, 0, 0, 0]),
    );
    check(
        made(3, 1).set(258, SHORT, &[4]).set(262, SHORT, &[0]).chunk(&[0x0f, 0x10]),
        Samples::U8(vec![255, 0, 238]),
    );
    check(
        made(2, 1).set(258, SHORT, &[12]).set(262, SHORT, &[1]).chunk(&[0x12, 0x3f, 0xff]),
        Samples::U16(vec![0x123, 0xfff]),
    );
    check(
        made(2, 1).set(258, SHORT, &[16]).set(262, SHORT, &[0]).chunk(&[1, 0, 0xff, 0xff]),
        Samples::U16(vec![65_534, 0]),
    );
    let mut palette = vec![0; 12];
    (palette[1], palette[4 + 1], palette[8 + 2]) = (0xff00, 0x8000, 0x1234);
    let mut file = made(3, 1);
    file.set(258, SHORT, &[2])
        .set(262, SHORT, &[3])
        .set(320, SHORT, &palette)
        .chunk(&[0b0001_1000]);
    check(&mut file, Samples::U8(vec![0, 0, 0, 255, 128, 0, 0, 0, 0x12]));
    // Bits from the other end of each byte.
    check(
        made(8, 1)
            .set(258, SHORT, &[1])
            .set(262, SHORT, &[1])
            .set(266, SHORT, &[2])
            .chunk(&[0b0000_0001]),
        Samples::U8(vec![255, 0, 0, 0, 0, 0, 0, 0]),
    );
}

#[test]
fn bands_planes_tiles_and_holes() {
    // Five bands of 16 bits, interleaved.
    let raw: Vec<u16> = (0..2 * 2 * 5).map(|i| i * 1000).collect();
    let bytes: Vec<u8> = raw.iter().flat_map(|v| v.to_le_bytes()).collect();
    let mut file = made(2, 2);
    file.set(258, SHORT, &[16; 5]).set(277, SHORT, &[5]).set(262, SHORT, &[1]).chunk(&bytes);
    let raster = pixels(&file.build());
    assert_eq!((raster.bands, raster.samples), (5, Samples::U16(raw)));
    // RGB and a band of something else, which is no alpha.
    let mut file = made(1, 1);
    file.set(258, SHORT, &[8; 4])
        .set(277, SHORT, &[4])
        .set(262, SHORT, &[2])
        .set(338, SHORT, &[0])
        .chunk(&[1, 2, 3, 4]);
    let raster = pixels(&file.build());
    assert_eq!((raster.bands, raster.alpha), (4, false));
    file.set(338, SHORT, &[2]);
    assert!(pixels(&file.build()).alpha);
    // Three planes of 16 x 16 tiles over 20 x 18 pixels; the last tile of the last plane is a hole.
    let mut file = made(20, 18);
    file.set(258, SHORT, &[8; 3])
        .set(277, SHORT, &[3])
        .set(262, SHORT, &[2])
        .set(284, SHORT, &[2])
        .tiles(16, 16);
    file.set(42113, 2, &b"77\0".map(u64::from));
    for tile in 0..12u8 {
        file.chunk(&if tile == 11 { Vec::new() } else { vec![tile; 256] });
    }
    let raster = pixels(&file.build());
    let at = |x: usize, y: usize| {
        [0, 1, 2].map(|band| raster.samples.get((y * 20 + x) * 3 + band).unwrap())
    };
    assert_eq!(at(0, 0), [0.0, 4.0, 8.0]);
    assert_eq!(at(16, 0), [1.0, 5.0, 9.0]);
    assert_eq!(at(15, 17), [2.0, 6.0, 10.0]);
    assert_eq!(at(19, 17), [3.0, 7.0, 77.0]);
    assert_eq!(raster.nodata, Some(77.0));
}

#[test]
fn predictors() {
    // Horizontal differences of 16-bit RGB, big-endian.
    let mut file = made(2, 1);
    file.big_endian = true;
    file.set(258, SHORT, &[16; 3]).set(277, SHORT, &[3]).set(262, SHORT, &[2]).set(
        317,
        SHORT,
        &[2],
    );
    file.chunk(&[1, 0, 2, 0, 3, 0, 0, 1, 0, 2, 0xff, 0xff]);
    assert_eq!(
        pixels(&file.build()).samples,
        Samples::U16(vec![0x100, 0x200, 0x300, 0x101, 0x202, 0x2ff])
    );
    // The float predictor: bytes of equal weight together, then differences.
    let floats = [1.5f32, -2.25, 1e10];
    let mut planes: Vec<u8> =
        (0..4).flat_map(|plane| floats.map(|f| f.to_be_bytes()[plane])).collect();
    for at in (1..planes.len()).rev() {
        planes[at] = planes[at].wrapping_sub(planes[at - 1]);
    }
    let mut file = made(3, 1);
    file.set(258, SHORT, &[32])
        .set(339, SHORT, &[3])
        .set(262, SHORT, &[1])
        .set(317, SHORT, &[3])
        .chunk(&planes);
    assert_eq!(pixels(&file.build()).samples, Samples::F32(floats.to_vec()));
}

#[test]
fn stored_orientation_turns_tiles_too() {
    // 900 x 600 stored; each pixel knows its column and row.
    let stored = |x: u32, y: u32| ((x * 7 + y * 13) % 251) as u8;
    let rows: Vec<u8> = (0..600).flat_map(|y| (0..900).map(move |x| stored(x, y))).collect();
    for orientation in 1..=8 {
        let mut file = made(900, 600);
        file.set(258, SHORT, &[8])
            .set(262, SHORT, &[1])
            .set(274, SHORT, &[orientation])
            .chunk(&rows);
        let mut image = OpenedImage::open(Box::new(file.build()), &Limits::default()).unwrap();
        let turn = image.probe().orientation;
        let tile = image.tile_raster(0, 1, 1).unwrap();
        for (x, y) in [(0, 0), (tile.width - 1, tile.height - 1), (3, 5)] {
            let (sx, sy) = turn.stored_pixel(512 + x, 512 + y, 900, 600);
            let found = tile.samples.get((y * tile.width + x) as usize).unwrap();
            assert_eq!(found, f64::from(stored(sx, sy)), "orientation {orientation}, {x}, {y}");
        }
    }
}

/// 10,000 x 8,000 pixels in half a megabyte: all tiles but two are holes.
fn huge(orientation: u64) -> Vec<u8> {
    let mut file = made(10_000, 8_000);
    file.set(258, SHORT, &[8])
        .set(262, SHORT, &[1])
        .set(274, SHORT, &[orientation])
        .tiles(512, 512);
    for tile in 0..20 * 16 {
        file.chunk(&if tile == 0 || tile == 20 * 7 + 9 {
            vec![200; 512 * 512]
        } else {
            Vec::new()
        });
    }
    file.build()
}

#[test]
fn a_large_tiff_without_overviews_is_read_in_parts() {
    for orientation in [1, 6] {
        // Less memory than the decoded image would take.
        let limits = Limits { max_decoded_bytes: 16 << 20, ..Limits::default() };
        let begin = Instant::now();
        let mut image = OpenedImage::open(Box::new(huge(orientation)), &limits).unwrap();
        assert!(wants_pyramid(image.probe()));
        assert!(begin.elapsed().as_millis() < 300, "opened in {:?}", begin.elapsed());
        let full = image.tile_raster(0, 0, 0).unwrap();
        // Upright, the bright corner of orientation 6 is at the top right.
        let corner = if orientation == 1 { 200.0 } else { 0.0 };
        assert_eq!(full.samples.get(0), Some(corner));
        let top = image.levels().len() as u32 - 1;
        let rendering = Rendering::default_for(image.probe());
        let small = image.tile(top, 0, 0, &rendering).unwrap();
        assert!(small.width.max(small.height) <= 512);
        // Level 1 is made from full resolution, level 3 from the preview; they show the same spot.
        let (x, y) = image.probe().orientation.upright_size(9 * 512 + 256, 7 * 512 + 256);
        let x = if orientation == 6 { image.probe().width - x } else { x };
        for level in [0, 1, 3, 5] {
            let (x, y) = (x >> level, y >> level);
            let tile = image.tile_raster(level, x / 512, y / 512).unwrap();
            assert_eq!(
                tile.samples.get((y % 512 * tile.width + x % 512) as usize),
                Some(200.0),
                "level {level}"
            );
        }
    }
}

#[test]
fn a_pack_of_a_large_tiff_is_built_in_bounded_memory() {
    let limits = Limits { max_decoded_bytes: 16 << 20, ..Limits::default() };
    let mut image = OpenedImage::open(Box::new(huge(1)), &limits).unwrap();
    let mut pack = Vec::new();
    let mut last = 0;
    let summary = pyramid::build(&mut image, &mut pack, &mut |done, total| {
        assert!(last <= done && done <= total);
        last = done;
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(summary.bytes, pack.len() as u64);
    let reader = PackReader::open(pack).unwrap();
    for (level, x, y) in [(0, 0, 0), (0, 9, 7), (1, 4, 3), (0, 19, 15)] {
        let stored = reader.tile(level, x, y).unwrap().decode().unwrap();
        assert!(stored == image.tile_raster(level, x, y).unwrap(), "level {level}, {x}, {y}");
    }
}

#[test]
fn claims_that_can_not_be_true() {
    let base = || {
        let mut file = made(100, 100);
        file.set(258, SHORT, &[8]).set(262, SHORT, &[1]).chunk(&[0; 10_000]);
        file
    };
    let kind = |file: &mut Made| match import(Box::new(file.build()), &Limits::default()) {
        Ok(_) => "decodes",
        Err(error) => error.kind(),
    };
    assert_eq!(kind(&mut base()), "decodes");
    assert_eq!(kind(base().set(256, LONG, &[4_000_000_000])), "media-too-many-pixels");
    assert_eq!(kind(base().set(256, LONG, &[0])), "media-damaged");
    assert_eq!(kind(base().set(257, LONG, &[101])), "media-truncated");
    assert_eq!(kind(base().set(277, SHORT, &[60_000])), "media-too-many-bands");
    assert_eq!(kind(base().set(258, SHORT, &[0])), "media-unsupported");
    assert_eq!(kind(base().set(339, SHORT, &[5])), "media-unsupported");
    assert_eq!(kind(base().set(259, SHORT, &[50_000])), "media-unsupported");
    assert_eq!(kind(base().set(278, LONG, &[1])), "media-damaged");
    assert_eq!(kind(base().set(278, LONG, &[0])), "media-damaged");
    // Tiles larger than memory, tiles of one pixel, tiles that are not there.
    let (mut file, sides) = (base(), [60_000, 60_000]);
    assert_eq!(kind(file.tiles(sides[0], sides[1])), "media-decoded-too-large");
    assert_eq!(kind(base().tiles(1, 1)), "media-damaged");
    let mut many = made(40_000, 40_000);
    assert_eq!(kind(many.set(258, SHORT, &[8]).tiles(1, 1).chunk(&[0])), "media-unsupported");
    // A chunk that claims to lie beyond the file.
    let mut bytes = base().build();
    let cut = bytes.len() - 5000;
    bytes.truncate(cut);
    assert!(probe(&bytes, &Limits::default()).is_err());
    // A directory that points to itself is read once.
    let mut looped = base().build();
    let (end, at) = (looped.len(), u32::from_le_bytes(looped[4..8].try_into().unwrap()));
    looped[end - 4..].copy_from_slice(&at.to_le_bytes());
    assert_eq!(probe(&looped, &Limits::default()).unwrap().overviews, []);
}

#[test]
fn deep_pixels_survive_a_pack_exactly() {
    let raw: Vec<u16> = (0..700u32 * 600 * 2).map(|i| (i.wrapping_mul(7919) >> 3) as u16).collect();
    let bytes: Vec<u8> = raw.iter().flat_map(|v| v.to_le_bytes()).collect();
    let mut file = made(700, 600);
    file.set(258, SHORT, &[16; 2]).set(277, SHORT, &[2]).set(262, SHORT, &[1]).chunk(&bytes);
    let mut image = OpenedImage::open(Box::new(file.build()), &Limits::default()).unwrap();
    assert_eq!((image.probe().sample, image.probe().lossless), (SampleFormat::U16, true));
    let mut pack = Vec::new();
    pyramid::build(&mut image, &mut pack, &mut |_, _| ControlFlow::Continue(())).unwrap();
    let reader = PackReader::open(pack.clone()).unwrap();
    for level in 0..image.levels().len() as u32 {
        let (across, down) = image.levels()[level as usize].tiles();
        for (x, y) in (0..down).flat_map(|y| (0..across).map(move |x| (x, y))) {
            assert!(
                reader.tile(level, x, y).unwrap().decode().unwrap()
                    == image.tile_raster(level, x, y).unwrap()
            );
        }
    }
    let missing = reader.tile(0, 2, 0).unwrap_err();
    assert_eq!(missing, MediaError::NoSuchTile { level: 0, x: 2, y: 0 });
    for cut in [0, 7, 31, pack.len() / 2, pack.len() - 1] {
        assert!(PackReader::open(pack[..cut].to_vec()).is_err(), "cut at {cut}");
    }
}
