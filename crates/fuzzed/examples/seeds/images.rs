//! Tiny images of every family but TIFF, and what the worker is asked about them.

use std::io::{Cursor, Write as _};
use std::ops::ControlFlow;

use image::{DynamicImage, ExtendedColorType, ImageEncoder as _, ImageFormat};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use vaultmark_media::{Limits, OpenedImage, fuzzing, pyramid};

use crate::{Seed, seed};

/// A number as bytes of the file's order.
type Two = fn(u16) -> [u8; 2];
/// The same, of four bytes.
type Four = fn(u32) -> [u8; 4];

pub fn seeds() -> Vec<Seed> {
    let jpeg = jpeg(9, 7, ColorType::Rgb, |_| {});
    let mut all = vec![
        seed("jpeg", "rgb", jpeg.clone()),
        seed("jpeg", "gray", self::jpeg(8, 8, ColorType::Luma, |_| {})),
        seed("jpeg", "cmyk", self::jpeg(8, 8, ColorType::Cmyk, |_| {})),
        seed("jpeg", "ycck", self::jpeg(8, 8, ColorType::CmykAsYcck, |_| {})),
        seed("jpeg", "progressive", self::jpeg(17, 9, ColorType::Rgb, |e| e.set_progressive(true))),
        seed("jpeg", "restart", self::jpeg(40, 20, ColorType::Rgb, |e| e.set_restart_interval(2))),
        seed(
            "jpeg",
            "420",
            self::jpeg(20, 20, ColorType::Rgb, |e| {
                e.set_sampling_factor(SamplingFactor::F_2_2);
            }),
        ),
        seed("jpeg", "turned", with_exif(&jpeg, &exif(true, 6))),
    ];
    for (name, big, value) in [("little", false, 8), ("big", true, 3), ("nonsense", false, 77)] {
        all.push(seed("exif", name, exif(big, value)));
        all.push(seed(
            "exif",
            format!("{name}-prefixed"),
            [b"Exif\0\0", &exif(big, value)[..]].concat(),
        ));
    }
    for (name, color, bytes) in COLORS {
        let pixels: Vec<u8> = (0..5 * 4 * bytes).map(|i| (i * 37 % 251) as u8).collect();
        let mut png = Vec::new();
        image::codecs::png::PngEncoder::new(&mut png)
            .write_image(&pixels, 5, 4, *color)
            .expect("memory takes it");
        all.push(seed("png", *name, png));
        let mut webp = Vec::new();
        let made = image::codecs::webp::WebPEncoder::new_lossless(&mut webp);
        if made.write_image(&pixels, 5, 4, *color).is_ok() {
            all.push(seed("webp", *name, webp));
        }
    }
    for (name, depth, color, interlaced) in [
        ("bit", 1, 0, 0),
        ("bit-interlaced", 1, 0, 1),
        ("palette", 4, 3, 0),
        ("palette-interlaced", 8, 3, 1),
        ("deep-interlaced", 16, 6, 1),
    ] {
        all.push(seed("png", name, png(depth, color, interlaced)));
    }
    let picture = DynamicImage::new_rgba8(6, 5);
    for (target, format) in [("gif", ImageFormat::Gif), ("bmp", ImageFormat::Bmp)] {
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), format).expect("memory takes it");
        all.push(seed(target, "plain", bytes));
    }
    all.push(seed("gif", "animated", animated()));
    all.extend(bitmaps());
    for (name, text) in [
        ("bits", &b"P1\n# a comment\n3 2\n0 1 0\n1 0 1\n"[..]),
        ("gray", b"P2 3 1 9 0 4 9 "),
        ("colour", b"P3\n1 2\n255\n1 2 3 4 5 6\n"),
        ("packed", b"P4 9 2\n\xaa\x80\x55\x00"),
        ("bytes", b"P5 2 2 255\n\0\x40\x80\xff"),
        ("wide", b"P5 2 1 65535\n\0\x40\x80\xff"),
        ("rgb", b"P6 1 2 255 abcdef"),
        (
            "pam",
            b"P7\nWIDTH 2\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\nabcdefgh",
        ),
    ] {
        all.push(seed("pnm", name, text.to_vec()));
    }
    let lossless = png(8, 2, 0);
    for (name, image) in [("lossy", &jpeg), ("lossless", &lossless)] {
        all.push(seed("tile_pack", name, pack(image)));
        for (at, bytes) in fuzzing::request_seeds(image).into_iter().enumerate() {
            all.push(seed("worker_requests", format!("{name}-{at}"), bytes));
        }
        for (at, bytes) in fuzzing::reply_seeds(image).into_iter().enumerate() {
            all.push(seed("worker_replies", format!("{name}-{at}"), bytes));
        }
    }
    all
}

const COLORS: &[(&str, ExtendedColorType, usize)] = &[
    ("l8", ExtendedColorType::L8, 1),
    ("la8", ExtendedColorType::La8, 2),
    ("rgb8", ExtendedColorType::Rgb8, 3),
    ("rgba8", ExtendedColorType::Rgba8, 4),
    ("l16", ExtendedColorType::L16, 2),
    ("rgba16", ExtendedColorType::Rgba16, 8),
];

/// A small baseline JPEG, changed by `set`.
pub fn jpeg(
    width: u16,
    height: u16,
    color: ColorType,
    set: impl FnOnce(&mut Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let bands = match color {
        ColorType::Luma => 1,
        ColorType::Rgb => 3,
        _ => 4,
    };
    let pixels: Vec<u8> = (0..usize::from(width) * usize::from(height) * bands)
        .map(|i| (i * 11 % 256) as u8)
        .collect();
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 50);
    set(&mut encoder);
    encoder.encode(&pixels, width, height, color).expect("memory takes it");
    out
}

fn exif(big: bool, orientation: u16) -> Vec<u8> {
    let (two, four): (Two, Four) = if big {
        (u16::to_be_bytes, u32::to_be_bytes)
    } else {
        (u16::to_le_bytes, u32::to_le_bytes)
    };
    let mut out = if big { b"MM".to_vec() } else { b"II".to_vec() };
    out.extend([&two(42)[..], &four(8), &two(1), &two(0x112), &two(3), &four(1)].concat());
    out.extend([&two(orientation)[..], &[0; 6]].concat());
    out
}

fn with_exif(jpeg: &[u8], block: &[u8]) -> Vec<u8> {
    let length = u16::try_from(block.len() + 8).expect("a short block");
    [&jpeg[..2], &[0xff, 0xe1], &length.to_be_bytes(), b"Exif\0\0", block, &jpeg[2..]].concat()
}

/// A PNG of 5 x 4 pixels by hand: depths, palettes and interlacing that the encoder has not.
fn png(depth: u8, color: u8, interlaced: u8) -> Vec<u8> {
    let chunk = |name: &[u8; 4], body: &[u8]| {
        let named = [&name[..], body].concat();
        let length = u32::try_from(body.len()).expect("a short chunk");
        [&length.to_be_bytes()[..], &named, &crc32fast::hash(&named).to_be_bytes()].concat()
    };
    let samples = match color {
        2 => 3,
        6 => 4,
        _ => 1,
    };
    let row = |width: usize| (width * samples * usize::from(depth)).div_ceil(8) + 1;
    // Widths and heights of the seven passes of 5 x 4 (PNG, 8.2); passes without pixels have none.
    let passes: &[(usize, usize)] = if interlaced == 1 {
        &[(1, 1), (1, 1), (2, 0), (1, 1), (3, 1), (2, 2), (5, 2)]
    } else {
        &[(5, 4)]
    };
    let raw: usize = passes.iter().map(|(width, height)| row(*width) * height).sum();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(&vec![0; raw]).expect("memory takes it");
    let data = zlib.finish().expect("memory takes it");
    let header = [0, 0, 0, 5, 0, 0, 0, 4, depth, color, 0, 0, interlaced];
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    out.extend(chunk(b"IHDR", &header));
    if color == 3 {
        out.extend(chunk(b"PLTE", &[1, 2, 3, 4, 5, 6]));
        out.extend(chunk(b"tRNS", &[7]));
    }
    out.extend([chunk(b"IDAT", &data), chunk(b"IEND", &[])].concat());
    out
}

fn animated() -> Vec<u8> {
    let mut bytes = Vec::new();
    {
        let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
        for side in [4, 3] {
            let frame = image::Frame::from_parts(
                image::RgbaImage::from_pixel(side, side, image::Rgba([9, 8, 7, 0])),
                1,
                0,
                image::Delay::from_numer_denom_ms(10, 1),
            );
            encoder.encode_frame(frame).expect("memory takes it");
        }
    }
    bytes
}

/// Bitmaps by hand: palettes, bit fields, run lengths, top down.
fn bitmaps() -> Vec<Seed> {
    let file = |height: i32, bits: u16, compression: u32, extra: &[u8], data: &[u8]| {
        let start = u32::try_from(54 + extra.len()).expect("short");
        let mut out = b"BM\0\0\0\0\0\0\0\0".to_vec();
        out.extend(start.to_le_bytes());
        out.extend(40u32.to_le_bytes());
        out.extend(4i32.to_le_bytes());
        out.extend(height.to_le_bytes());
        out.extend([1, 0]);
        out.extend(bits.to_le_bytes());
        out.extend(compression.to_le_bytes());
        out.extend([0; 12]);
        out.extend((if bits <= 8 { 2u32 } else { 0 }).to_le_bytes());
        out.extend([0; 4]);
        out.extend([extra, data].concat());
        out
    };
    let palette = [1, 2, 3, 0, 4, 5, 6, 0];
    let fields = [0x00, 0xf8, 0, 0, 0xe0, 0x07, 0, 0, 0x1f, 0, 0, 0];
    vec![
        seed("bmp", "bit", file(2, 1, 0, &palette, &[0x50, 0, 0, 0, 0xa0, 0, 0, 0])),
        seed("bmp", "nibble-top-down", file(-2, 4, 0, &palette, &[1, 0, 0, 0, 0x10, 0, 0, 0])),
        seed("bmp", "rle8", file(2, 8, 1, &palette, &[4, 1, 0, 0, 0, 3, 1, 0, 1, 0, 1, 1, 0, 1])),
        seed("bmp", "rle4", file(2, 4, 2, &palette, &[4, 0x10, 0, 0, 0, 2, 1, 0, 4, 1, 0, 1])),
        seed("bmp", "fields", file(1, 16, 3, &fields, &[1, 2, 3, 4, 5, 6, 7, 8])),
        seed("bmp", "wide", file(1, 32, 0, &[], &[9; 16])),
    ]
}

fn pack(image: &[u8]) -> Vec<u8> {
    let mut opened = OpenedImage::open(Box::new(image.to_vec()), &Limits::default())
        .expect("a seed of ours opens");
    let mut out = Vec::new();
    pyramid::build(&mut opened, &mut out, &mut |_, _| ControlFlow::Continue(()))
        .expect("memory takes it");
    out
}
