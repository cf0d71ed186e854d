//! The plain functions on files that other people made, good and bad.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use image::{ColorType, ImageDecoder as _, ImageReader};
use support::{data, files, name, read};
use tiff::decoder::DecodingResult;
use tiff::tags::Tag;
use vaultmark_media::{
    Format, Limits, MediaError, OpenedImage, Raster, Rendering, Samples, THUMBNAIL_SIDE, decode,
    import, probe,
};

fn bytes_of(samples: &Samples) -> Vec<u8> {
    match samples {
        Samples::U8(v) => v.clone(),
        Samples::U16(v) => v.iter().flat_map(|s| s.to_ne_bytes()).collect(),
        Samples::U32(v) => v.iter().flat_map(|s| s.to_ne_bytes()).collect(),
        Samples::I16(v) => v.iter().flat_map(|s| s.to_ne_bytes()).collect(),
        Samples::I32(v) => v.iter().flat_map(|s| s.to_ne_bytes()).collect(),
        Samples::F32(v) => v.iter().flat_map(|s| s.to_ne_bytes()).collect(),
        Samples::F64(v) => v.iter().flat_map(|s| s.to_ne_bytes()).collect(),
    }
}

fn decoded(path: &Path) -> Result<Raster, MediaError> {
    decode(&read(path), &Limits::default()).map(|(_, raster)| raster)
}

#[test]
fn png_suite() {
    let Some(data) = data() else { return };
    let (mut good, mut bad) = (0, 0);
    for path in files(&data.join("pngsuite")) {
        let file = name(&path);
        if !file.ends_with(".png") {
            continue;
        }
        let ours = import(Box::new(read(&path)), &Limits::default());
        if file.starts_with('x') {
            let error = ours.expect_err(&file);
            assert!(
                error.to_string().contains("skip it") || error.to_string().contains("Skip it"),
                "{file}: {error}"
            );
            bad += 1;
            continue;
        }
        let ours = ours.unwrap_or_else(|error| panic!("{file}: {error}"));
        let raster = decoded(&path).unwrap();
        // The same file through the whole of the `image` crate, which finds its own way to it.
        let theirs =
            ImageReader::open(&path).unwrap().with_guessed_format().unwrap().decode().unwrap();
        assert_eq!(
            (ours.probe.width, ours.probe.height),
            (theirs.width(), theirs.height()),
            "{file}"
        );
        assert_eq!(bytes_of(&raster.samples), theirs.as_bytes(), "{file}");
        assert!(ours.thumbnail_jpeg.starts_with(&[0xff, 0xd8]), "{file}");
        assert!(ours.probe.lossless && ours.probe.format == Format::Png, "{file}");
        good += 1;
    }
    assert_eq!((good, bad), (161, 14));
}

/// Every file that its makers call bad, and the reason for which it is refused.
#[test]
fn bad_files_are_refused_by_name() {
    let Some(data) = data() else { return };
    let expected: BTreeMap<&str, &str> = [
        ("Bad_badbitcount.bmp", "media-damaged"),
        ("Bad_clrsUsed.bmp", "media-damaged"),
        ("Bad_height.bmp", "media-too-many-pixels"),
        ("Bad_reallybig.bmp", "media-too-many-pixels"),
        ("Bad_shortfile.bmp", "media-truncated"),
        ("Bad_unusual_extend_buffer_usage.bmp", "media-damaged"),
        ("Bad_width.bmp", "media-too-many-pixels"),
        ("Bad_smile-incorrect-image-length.ico", "media-not-recognised"),
        ("TODO hpredict_cmyk.tiff", "media-unsupported"),
    ]
    .into();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for path in files(&data.join("image_rs/bad")) {
        let file = name(&path);
        let begin = Instant::now();
        let kind = match import(Box::new(read(&path)), &Limits::default()) {
            Ok(_) => "decodes",
            Err(error) => {
                println!("{file}: {error}");
                error.kind()
            }
        };
        assert!(begin.elapsed().as_millis() < 1000, "{file} took {:?}", begin.elapsed());
        if expected.get(file.as_str()) != Some(&kind) {
            wrong.push(format!("{file}: {kind}"));
        }
        seen += 1;
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(seen, expected.len());
}

/// What the makers call good, of all formats, ours and not ours: decoded, or refused for a reason
/// of the listed kinds.
#[test]
fn foreign_collection() {
    let Some(data) = data() else { return };
    // Formats that are not imported.
    let other = [".ico", ".tga", ".exr", ".hdr", ".ff", ".qoi", ".txt", "LICENSE"];
    // Files of our formats that are refused, and why that is right.
    let refused: BTreeMap<&str, &str> = [
        // Violations of the format that its makers keep to test lenient readers.
        ("badpalettesize.bmp", "media-damaged"),
        ("badplanes.bmp", "media-damaged"),
        ("badrle.bmp", "media-damaged"),
        ("pal8oversizepal.bmp", "media-damaged"),
        ("rgb16-880.bmp", "media-damaged"),
        ("rle_overflow.bmp", "media-damaged"),
        ("rletopdown.bmp", "media-damaged"),
        // Variants that the decoder does not know: an OS/2 2.x header, BI_ALPHABITFIELDS.
        ("rgb24rle24.bmp", "media-unsupported"),
        ("rgba32abf.bmp", "media-damaged"),
    ]
    .into();
    let mut wrong = Vec::new();
    let mut good = 0;
    for path in files(&data.join("image_rs/images")) {
        let file = name(&path);
        let kind = match import(Box::new(read(&path)), &Limits::default()) {
            Ok(_) => "decodes",
            Err(error) => {
                println!("{file}: {error}");
                error.kind()
            }
        };
        let foreign = other.iter().any(|end| file.ends_with(end));
        let expected = if foreign {
            "media-not-recognised"
        } else {
            refused.get(file.as_str()).copied().unwrap_or("decodes")
        };
        if kind != expected {
            wrong.push(format!("{file}: {kind}, expected {expected}"));
        }
        good += u32::from(kind == "decodes");
    }
    println!("{good} decoded");
    assert_eq!(wrong, Vec::<String>::new());
}

/// Our TIFF reader against the `tiff` crate, sample for sample, where that crate can read a file.
#[test]
fn tiffs_agree_with_an_independent_reader() {
    let Some(data) = data() else { return };
    let mut compared = Vec::new();
    for folder in ["image_rs", "large", "overhead"] {
        for path in files(&data.join(folder)) {
            let file = name(&path);
            if !(file.ends_with(".tif") || file.ends_with(".tiff")) || file.contains("25312") {
                continue;
            }
            let open = std::fs::File::open(&path).unwrap();
            let mut theirs = match tiff::decoder::Decoder::new(open) {
                Ok(theirs) => theirs.with_limits(tiff::decoder::Limits::unlimited()),
                Err(error) => {
                    println!("{file}: not read by the other reader: {error}");
                    continue;
                }
            };
            let (Ok(colour), Ok((width, _))) = (theirs.colortype(), theirs.dimensions()) else {
                println!("{file}: colours that the other reader does not read");
                continue;
            };
            let planar =
                theirs.find_tag_unsigned::<u16>(Tag::PlanarConfiguration).unwrap() == Some(2);
            let mut result = DecodingResult::U8(Vec::new());
            if let Err(error) = theirs.read_image_to_buffer(&mut result) {
                println!("{file}: not decoded by the other reader: {error}");
                continue;
            }
            let Some(theirs) = expected_samples(result, colour, width, planar) else {
                println!("{file}: {colour:?} is not compared");
                continue;
            };
            let ours = decoded(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert!(
                bytes_of(&ours.samples) == bytes_of(&theirs),
                "{file}: {colour:?}, planar {planar}"
            );
            compared.push(file);
        }
    }
    println!("equal: {compared:?}");
    assert!(compared.len() >= 14, "{compared:?}");
}

/// What our reader should make of what the other one gives: planes interleaved, bits widened,
/// colours converted by the formulas of the specification.
fn expected_samples(
    result: DecodingResult,
    colour: tiff::ColorType,
    width: u32,
    planar: bool,
) -> Option<Samples> {
    use tiff::ColorType as C;
    let samples = match result {
        DecodingResult::U8(v) => Samples::U8(v),
        DecodingResult::U16(v) => Samples::U16(v),
        DecodingResult::U32(v) => Samples::U32(v),
        DecodingResult::I16(v) => Samples::I16(v),
        DecodingResult::I32(v) => Samples::I32(v),
        DecodingResult::F32(v) => Samples::F32(v),
        DecodingResult::F64(v) => Samples::F64(v),
        _ => return None,
    };
    match (colour, samples) {
        (C::Gray(1), Samples::U8(v)) => {
            let bits = v.chunks((width as usize).div_ceil(8)).flat_map(|row| {
                (0..width as usize)
                    .map(move |x| if row[x / 8] >> (7 - x % 8) & 1 == 1 { 255 } else { 0 })
            });
            Some(Samples::U8(bits.collect()))
        }
        (C::CMYK(8), Samples::U8(v)) => {
            let ink =
                |ink: u8, black: u8| (u32::from(255 - ink) * u32::from(255 - black) / 255) as u8;
            Some(Samples::U8(
                v.chunks(4)
                    .flat_map(|p| [ink(p[0], p[3]), ink(p[1], p[3]), ink(p[2], p[3])])
                    .collect(),
            ))
        }
        (C::YCbCr(8), Samples::U8(v)) => {
            let byte = |v: f32| v.round().clamp(0.0, 255.0) as u8;
            let rgb = |p: &[u8]| {
                let (y, b, r) = (f32::from(p[0]), f32::from(p[1]) - 128.0, f32::from(p[2]) - 128.0);
                [byte(y + 1.402 * r), byte(y - 0.344_136 * b - 0.714_136 * r), byte(y + 1.772 * b)]
            };
            Some(Samples::U8(v.chunks(3).flat_map(rgb).collect()))
        }
        (C::RGB(8), Samples::U8(v)) if planar => {
            let plane = v.len() / 3;
            Some(Samples::U8(
                (0..plane).flat_map(|at| [v[at], v[plane + at], v[2 * plane + at]]).collect(),
            ))
        }
        (C::Gray(8..) | C::RGB(_) | C::RGBA(_) | C::Multiband { .. }, samples) => Some(samples),
        _ => None,
    }
}

#[test]
fn every_orientation_comes_upright() {
    let Some(data) = data() else { return };
    for shape in ["Landscape", "Portrait"] {
        let reference = decoded(&data.join(format!("exif_orientation/{shape}_1.jpg"))).unwrap();
        for value in 0..=8u8 {
            let path = data.join(format!("exif_orientation/{shape}_{value}.jpg"));
            let found = probe(&read(&path), &Limits::default()).unwrap();
            assert_eq!(found.orientation.exif(), value.max(1), "{shape}_{value}");
            assert_eq!(
                (found.width, found.height),
                (reference.width, reference.height),
                "{shape}_{value}"
            );
            let raster = decoded(&path).unwrap();
            let (Samples::U8(ours), Samples::U8(theirs)) = (&raster.samples, &reference.samples)
            else {
                panic!("8 bits")
            };
            let sum: u64 = ours.iter().zip(theirs).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
            let mean = sum as f64 / ours.len() as f64;
            // The pictures were compressed again after each turn, and bear their number.
            assert!(mean < 6.0, "{shape}_{value} differs by {mean:.2} a sample");
        }
    }
}

#[test]
fn geotiffs_and_deep_images_display() {
    let Some(data) = data() else { return };
    for file in [
        "large/float32.tif",
        "large/cogeo.tif",
        "large/RGB.byte.tif",
        "overhead/OSBS_029.tif",
        "overhead/australia.tif",
    ] {
        let mut image =
            OpenedImage::open(Box::new(read(&data.join(file))), &Limits::default()).unwrap();
        let rendering = Rendering::default_for(image.probe());
        println!("{file}: {:?}", image.probe());
        let top = image.levels().len() as u32 - 1;
        let tile = image.tile(top, 0, 0, &rendering).unwrap();
        let shown = image::load_from_memory(&tile.bytes).unwrap().to_rgb8();
        assert_eq!((shown.width(), shown.height()), (tile.width, tile.height), "{file}");
        let (low, high) = shown
            .as_raw()
            .iter()
            .fold((255, 0), |(l, h), v| (v.min(&l).to_owned(), v.max(&h).to_owned()));
        assert!(high - low > 40, "{file} shows only {low} to {high}");
        let thumbnail = image::load_from_memory(&image.thumbnail().unwrap()).unwrap();
        assert!(thumbnail.width().max(thumbnail.height()) <= THUMBNAIL_SIDE, "{file}");
    }
}

#[test]
fn the_large_cog_opens_through_its_overviews() {
    let Some(data) = data() else { return };
    let bytes = read(&data.join("large/rgb_25312x22976_cog.tif"));
    let begin = Instant::now();
    let found = probe(&bytes, &Limits::default()).unwrap();
    println!("probe {:?}: {found:?}", begin.elapsed());
    assert_eq!((found.width, found.height, found.bands), (25_312, 22_976, 3));
    assert!(found.tiled && !found.overviews.is_empty());
    assert!(!vaultmark_media::wants_pyramid(&found));
    let mut image = OpenedImage::open(Box::new(bytes), &Limits::default()).unwrap();
    let rendering = Rendering::default_for(&found);
    let top = image.levels().len() as u32 - 1;
    let first = image.tile(top, 0, 0, &rendering).unwrap();
    println!("first pixels {:?}", begin.elapsed());
    assert_eq!((first.width, first.height), (396, 359));
    let thumbnail = image::load_from_memory(&image.thumbnail().unwrap()).unwrap();
    println!("thumbnail {:?}", begin.elapsed());
    assert_eq!((thumbnail.width(), thumbnail.height()), (256, 232));
    let full = image.tile(0, 20, 20, &rendering).unwrap();
    println!("a full-resolution tile {:?}", begin.elapsed());
    assert_eq!((full.width, full.height), (512, 512));
    // The same place seen from further away is the same place.
    let near = image.tile_raster(0, 20, 20).unwrap();
    let far = image.tile_raster(1, 10, 10).unwrap();
    let mean = |raster: &Raster, side: usize| {
        let Samples::U8(v) = &raster.samples else { panic!("8 bits") };
        let rows = v.chunks_exact(raster.width as usize * 3).take(side);
        let sum: u64 = rows.flat_map(|row| &row[..side * 3]).map(|v| u64::from(*v)).sum();
        sum as f64 / (side * side * 3) as f64
    };
    assert!((mean(&near, 512) - mean(&far, 256)).abs() < 3.0);
}

#[test]
fn claimed_sizes_are_refused_before_anything_is_allocated() {
    let mut bmp = vec![0; 54];
    bmp[..2].copy_from_slice(b"BM");
    bmp[10] = 54;
    bmp[14] = 40;
    bmp[18..22].copy_from_slice(&3_000_000i32.to_le_bytes());
    bmp[22..26].copy_from_slice(&2_000_000i32.to_le_bytes());
    bmp[26] = 1;
    bmp[28] = 24;
    let begin = Instant::now();
    let error = import(Box::new(bmp.clone()), &Limits::default()).unwrap_err();
    assert!(begin.elapsed().as_millis() < 100);
    assert_eq!(
        error,
        MediaError::TooManyPixels { width: 3_000_000, height: 2_000_000, limit: 2_000_000_000 }
    );
    // Within the limit on pixels, beyond the one on memory.
    bmp[18..22].copy_from_slice(&40_000i32.to_le_bytes());
    bmp[22..26].copy_from_slice(&40_000i32.to_le_bytes());
    let error = import(Box::new(bmp.clone()), &Limits::default()).unwrap_err();
    assert_eq!(error, MediaError::DecodedTooLarge { bytes: 4_800_000_000, limit: 1 << 30 });
    let small = Limits { max_file_bytes: 10, ..Limits::default() };
    assert_eq!(probe(&bmp, &small).unwrap_err(), MediaError::FileTooLarge { bytes: 54, limit: 10 });
    assert_eq!(probe(&Vec::new(), &small).unwrap_err(), MediaError::Empty);
    assert_eq!(
        probe(&b"just a text".to_vec(), &Limits::default()).unwrap_err(),
        MediaError::NotRecognised
    );
}

#[test]
fn a_jpeg_is_the_reference_decoders() {
    let Some(data) = data() else { return };
    for file in ["large/osd_6976x5074.jpg", "overhead/2019_BLAN_3_751000_4330000_image_crop.jpg"] {
        let path = data.join(file);
        let ours = decoded(&path).unwrap();
        let mut theirs = ImageReader::open(&path).unwrap().into_decoder().unwrap();
        assert_eq!(theirs.color_type(), ColorType::Rgb8);
        let _ = theirs.orientation();
        let mut pixels = vec![0; theirs.total_bytes() as usize];
        theirs.read_image(&mut pixels).unwrap();
        assert_eq!(bytes_of(&ours.samples), pixels, "{file}");
    }
}
