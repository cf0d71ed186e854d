//! Images, and the two sides of the decoder's socket.

use std::ops::ControlFlow;

use vaultmark_media::pyramid::PackReader;
use vaultmark_media::{
    Format, Limits, MediaError, OpenedImage, Rendering, THUMBNAIL_SIDE, fuzzing, import, probe,
    pyramid,
};

/// As a worker gets them, but small, so that a run takes no time.
fn limits() -> Limits {
    Limits {
        max_pixels: 1 << 18,
        max_file_bytes: 1 << 20,
        max_decoded_bytes: 8 << 20,
        max_bands: 32,
        seconds: 10,
        verify_pixels: 1 << 16,
    }
}

macro_rules! families {
    ($($(#[$doc:meta])* $name:ident, $format:ident;)*) => {
        $($(#[$doc])* pub fn $name(bytes: &[u8]) { image(Format::$format, bytes); })*
    };
}

families! {
    /// TIFF, BigTIFF and GeoTIFF: directories, layouts and codings.
    tiff, Tiff;
    /// JPEG with its markers and EXIF.
    jpeg, Jpeg;
    /// PNG.
    png, Png;
    /// Windows bitmaps.
    bmp, Bmp;
    /// GIF.
    gif, Gif;
    /// WebP, lossy and lossless.
    webp, WebP;
    /// PBM, PGM, PPM, PAM.
    pnm, Pnm;
}

/// Import, and everything that is shown of what was imported.
fn image(format: Format, bytes: &[u8]) {
    if Format::recognise(bytes) != Some(format) {
        return;
    }
    let limits = limits();
    let headers = probe(&bytes, &limits);
    let found = match import(Box::new(bytes.to_vec()), &limits) {
        Ok(found) => found,
        Err(error) => return told(&error),
    };
    let headers = headers.expect("headers that are refused are not imported");
    assert_eq!(headers, found.probe, "import and probe see different headers");
    let pixels = u64::from(headers.width) * u64::from(headers.height);
    assert!((1..=limits.max_pixels).contains(&pixels));
    assert!(headers.color_bands() > 0 && headers.bands <= limits.max_bands);
    assert!(fuzzing::is_sound(&found), "statistics that the program would not take");
    let thumbnail = probe(&found.thumbnail_jpeg, &limits).expect("a thumbnail is a JPEG");
    assert_eq!(thumbnail.format, Format::Jpeg);
    assert!(thumbnail.width.max(thumbnail.height) <= THUMBNAIL_SIDE);
    shown(bytes, &limits);
}

/// Every corner of every level, rendered and at its own depth; of a small one its pack too.
fn shown(bytes: &[u8], limits: &Limits) {
    let mut image =
        OpenedImage::open(Box::new(bytes.to_vec()), limits).expect("what imports opens");
    let rendering = Rendering::default_for(image.probe());
    let levels = image.levels().to_vec();
    for (level, size) in (0..).zip(&levels) {
        let (across, down) = size.tiles();
        let (x, y) = (across - 1, down - 1);
        let [_, _, width, height] = size.tile_rect(x, y).expect("a corner is inside");
        let raw = image.tile_raster(level, x, y).expect("what imports has all its tiles");
        assert_eq!((raw.width, raw.height), (width, height));
        if level == 0 {
            let tile = image.tile(level, x, y, &rendering).expect("a tile can be shown");
            assert_eq!((tile.width, tile.height), (width, height));
        }
        assert!(image.tile_raster(level, across, 0).is_err(), "a tile outside the image");
    }
    if levels[0].width.max(levels[0].height) <= 256 {
        packed(&mut image);
    }
}

fn packed(image: &mut OpenedImage) {
    let mut pack = Vec::new();
    let summary = pyramid::build(image, &mut pack, &mut |_, _| ControlFlow::Continue(()))
        .expect("what imports has a pack");
    assert_eq!(summary.bytes, pack.len() as u64);
    let lossless = image.probe().lossless;
    let reader = PackReader::open(pack).expect("our own pack opens");
    let stored = reader.tile(0, 0, 0).and_then(|tile| tile.decode()).expect("a tile decodes");
    let raw = image.tile_raster(0, 0, 0).expect("a first tile");
    assert_eq!((stored.width, stored.height, stored.bands), (raw.width, raw.height, raw.bands));
    if lossless {
        assert!(fuzzing::same_samples(&stored, &raw), "a lossless tile changes in its pack");
    }
}

/// A refusal is one printable line.
fn told(error: &MediaError) {
    let text = error.to_string();
    assert!(!text.chars().any(char::is_control), "{text:?} is not one line");
    assert!(text.len() < 4096, "{} bytes of reasons", text.len());
}

/// The orientation in a block of EXIF: one of eight, with or without its prefix.
pub fn exif(block: &[u8]) {
    let orientation = fuzzing::exif_orientation(block);
    assert!((1..=8).contains(&orientation));
    if !block.starts_with(b"Exif\0\0") {
        let prefixed = [b"Exif\0\0", block].concat();
        assert_eq!(orientation, fuzzing::exif_orientation(&prefixed));
    }
}

/// A tile pack that somebody altered: read like one of ours.
pub fn tile_pack(bytes: &[u8]) {
    let Ok(reader) = PackReader::open(bytes.to_vec()) else { return };
    let statistics = reader.statistics().clone();
    let rendering = Rendering {
        bands: [0; 3],
        stretch: vaultmark_media::Stretch::Percentile { low: 2.0, high: 98.0 },
        brightness: 0.0,
        contrast: 0.0,
        gamma: 1.0,
        invert: false,
    };
    for (level, size) in (0..).zip(reader.levels()) {
        let (across, down) = size.tiles();
        for (x, y) in [(0, 0), (across - 1, down - 1)] {
            let Ok(tile) = reader.tile(level, x, y) else { continue };
            assert!(tile.bytes.len() <= bytes.len(), "a tile larger than its pack");
            if let Ok(raster) = tile.decode() {
                assert_eq!((raster.width, raster.height), (tile.shape.width, tile.shape.height));
            }
            if let Ok(shown) = tile.render(&statistics, &rendering) {
                assert_eq!((shown.width, shown.height), (tile.shape.width, tile.shape.height));
            }
        }
    }
}

/// What a decoder does with requests of a program.
pub fn worker_requests(bytes: &[u8]) {
    fuzzing::requests(bytes);
}

/// What the program does with answers of a worker.
pub fn worker_replies(bytes: &[u8]) {
    fuzzing::replies(bytes);
}
