//! Pictures that claim or inflate to more than they are, tables that point at themselves, files cut
//! short or full of holes.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::Outcome::{self, Bounded, Refused};
use super::bytes::{bmp, gif, gray, jpeg, png, progressive, tiff, webp, with};
use crate::support::{made, root};

/// The most that is inflated from one file, in bytes.
const INFLATED: usize = 256 << 20;

fn inflating_to(bytes: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..bytes.div_ceil(zeros.len()) {
        encoder.write_all(&zeros).unwrap();
    }
    encoder.finish().unwrap()
}

/// A small TIFF that is sound.
fn sound_tiff() -> Vec<u8> {
    tiff(&gray(16, 16, 1, 256), 0, &[7; 256])
}

/// Made-up pictures: name, bytes, what must come of each.
pub fn claiming() -> Vec<(&'static str, Vec<u8>, Outcome)> {
    let inflating = inflating_to(INFLATED);
    let profile = [b"p\0\0".as_slice(), &inflating].concat();
    let text = [b"Comment\0\0".as_slice(), &inflating].concat();
    let pixels = inflating_to(1 << 14);
    let noted: Vec<(&[u8; 4], &[u8])> =
        std::iter::repeat_n((b"tEXt", b"k\0".as_slice()), 500_000).collect();
    let strips = with(with(gray(60_000, 30_000, 1, 1), (278, 4, 1, 1)), (273, 4, u32::MAX, 8));
    let many = with(with(gray(1, 4_100_000, 1, 1), (278, 4, 1, 1)), (273, 4, 4_100_000, 8));
    let tiles = [
        with(gray(60_000, 30_000, 8, 9), (322, 3, 1, 65_535)),
        vec![(323, 3, 1, 65_535), (324, 4, 1, 8), (325, 4, 1, 9)],
    ];
    let mut tiles = tiles.concat();
    tiles.sort_unstable();
    let overview = with(gray(16, 16, 1, 256), (254, 4, 1, 1));
    vec![
        (
            "header.png",
            png(40_000, 40_000, 2, &[(b"IDAT", &pixels)]),
            Refused("4,800,000,000 bytes of memory"),
        ),
        (
            "sides.png",
            png(u32::MAX >> 1, u32::MAX >> 1, 0, &[]),
            Refused("more than the limit of 2,000,000,000 pixels"),
        ),
        ("more-pixels.png", png(100, 100, 0, &[(b"IDAT", &inflating)]), Bounded),
        ("fewer-pixels.png", png(20_000, 20_000, 0, &[(b"IDAT", &pixels)]), Refused("PNG")),
        ("profile.png", png(8, 8, 0, &[(b"iCCP", &profile), (b"IDAT", &pixels)]), Bounded),
        ("text.png", png(8, 8, 0, &[(b"zTXt", &text), (b"IDAT", &pixels)]), Bounded),
        ("chunks.png", png(8, 8, 0, &[&noted[..], &[(b"IDAT", &pixels)]].concat()), Bounded),
        ("heavy.png", png(16_000, 16_000, 0, &[(b"IDAT", &inflating)]), Bounded),
        (
            "screen.gif",
            gif((65_535, 65_535), (65_535, 65_535), b"\x02D\x01"),
            Refused("more than the limit of 2,000,000,000 pixels"),
        ),
        ("frame.gif", gif((40_000, 40_000), (1, 1), b"\x02D\x01"), Refused("bytes of memory")),
        ("outside.gif", gif((1, 1), (65_535, 65_535), b"\x02D\x01"), Bounded),
        ("cut.gif", gif((12_000, 12_000), (12_000, 12_000), b"\x02D\x01"), Refused("GIF")),
        ("canvas.webp", webp(b"VP8X", b"\0\0\0\0\xff\xff\xff\xff\xff\xff"), Refused("WebP")),
        ("lossless.webp", webp(b"VP8L", b"\x2f\xff\xff\xff\x0f\0\0\0\0\0\0\0\0"), Refused("WebP")),
        ("strips.tif", tiff(&strips, 0, &[0; 64]), Refused("TIFF")),
        ("many-strips.tif", tiff(&many, 0, &[0; 64]), Refused("4100000 strips")),
        ("tiles.tif", tiff(&tiles, 0, &[0; 64]), Refused("bytes of memory")),
        ("loop.tif", tiff(&gray(16, 16, 1, 256), 8, &[7; 256]), Bounded),
        ("overview-loop.tif", tiff(&overview, 8, &[7; 256]), Bounded),
        ("self.tif", tiff(&with(gray(16, 16, 1, 256), (330, 4, 1, 8)), 0, &[7; 256]), Bounded),
        (
            "values.tif",
            tiff(&with(gray(16, 16, 1, 256), (258, 3, 60_000, 8)), 0, &[7; 256]),
            Refused("TIFF"),
        ),
        (
            "bands.tif",
            tiff(&with(gray(16, 16, 1, 256), (277, 3, 1, 65_535)), 0, &[7; 256]),
            Refused("65535 bands"),
        ),
        (
            "beyond.tif",
            tiff(&with(gray(16, 16, 1, 256), (273, 4, 1, u32::MAX)), 0, &[7; 256]),
            Refused("ends before"),
        ),
        ("inflating.tif", tiff(&gray(16, 16, 8, inflating.len() as u32), 0, &inflating), Bounded),
        (
            "heavy.tif",
            tiff(&gray(16_000, 16_000, 8, inflating.len() as u32), 0, &inflating),
            Bounded,
        ),
        ("directory.tif", b"II*\0\x08\0\0\0\xff\xff".to_vec(), Refused("65535 entries")),
        ("big.tif", b"II+\0\x08\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f".to_vec(), Refused("TIFF")),
        ("sides.jpg", jpeg(65_535, 65_535), Refused("more than the limit of 2,000,000,000 pixels")),
        ("pixels.jpg", jpeg(44_000, 44_000), Refused("bytes of memory")),
        ("scans.jpg", progressive(2_000, 3_000), Refused("oo many scans")),
        ("no-tables.jpg", jpeg(8_000, 8_000), Refused("JPEG")),
        ("runs.bmp", bmp(40_000, 40_000, 8, 1, b"\0\x01"), Refused("bytes of memory")),
        ("few-runs.bmp", bmp(12_000, 12_000, 8, 1, b"\0\x01"), Bounded),
        ("deltas.bmp", bmp(64, 64, 8, 1, &b"\0\x02\xff\xff".repeat(100_000)), Refused("BMP")),
        ("negative.bmp", bmp(i32::MIN, i32::MIN, 24, 0, &[]), Refused("2,000,000,000 pixels")),
        ("sides.ppm", b"P6 4000000000 4000000000 255\n".to_vec(), Refused("PNM")),
        ("pixels.pgm", b"P5 40000 40000 255\n\0".to_vec(), Refused("bytes of memory")),
        (
            "text.pbm",
            [b"P1 9000 9000\n".as_slice(), &b"# ".repeat(1 << 20)].concat(),
            Refused("PNM"),
        ),
    ]
}

/// One sound picture of each format that is read, as far as it is at hand: its extension and bytes.
pub fn sound() -> Vec<(&'static str, Vec<u8>)> {
    let mut all = vec![
        ("png", made::noise(40, 30, 1)),
        ("tif", sound_tiff()),
        ("bmp", bmp(16, 16, 24, 0, &[9; 16 * 48])),
        ("gif", gif((1, 1), (1, 1), b"\x02D\x01")),
        ("ppm", [b"P6 4 4 255\n".as_slice(), &[5; 48]].concat()),
    ];
    let shared = root().join("../shared/data");
    for (extension, path) in [
        ("jpg", "bccd/BCCD/JPEGImages/BloodImage_00000.jpg"),
        ("webp", "image_rs/images/webp/lossy_images/simple-rgb.webp"),
    ] {
        all.extend(fs::read(shared.join(path)).ok().map(|bytes| (extension, bytes)));
    }
    all
}

/// Files of that size without content, that begin like images: name and reason. They take no room
/// on the disk.
pub fn sparse(folder: &Path, bytes: u64) -> Vec<(PathBuf, Outcome)> {
    let starts: [(&str, Vec<u8>, Outcome); 4] = [
        ("sparse.png", png(8, 8, 0, &[]), Refused("2,147,483,648 bytes, more than the limit")),
        ("sparse.jpg", jpeg(8, 8), Refused("2,147,483,648 bytes, more than the limit")),
        // What the directory says of the strip lies in the hole.
        (
            "sparse.tif",
            tiff(&with(gray(16, 16, 1, 256), (257, 3, 60_000, 1 << 20)), 0, &[]),
            Refused("zero"),
        ),
        ("sparse.bmp", bmp(8, 8, 24, 0, &[]), Refused("2,147,483,648 bytes, more than the limit")),
    ];
    let lay = |(name, start, outcome): (&str, Vec<u8>, Outcome)| {
        let path = folder.join(name);
        let mut file = File::create(&path).unwrap();
        file.write_all(&start).unwrap();
        file.set_len(bytes).unwrap();
        (path, outcome)
    };
    starts.into_iter().map(lay).collect()
}

/// A sound TIFF of that many bytes, nearly all of them without meaning.
pub fn long_tiff(path: &Path, bytes: u64) {
    fs::write(path, sound_tiff()).unwrap();
    File::options().write(true).open(path).unwrap().set_len(bytes).unwrap();
}
