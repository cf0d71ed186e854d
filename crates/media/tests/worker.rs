//! The pool and its workers, good and bad.
//!
//! This test binary has no harness because it is also the worker: started with one of the verbs
//! below it serves, or does what a captured worker might do. Nothing of it is shipped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test")]

mod support;

use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use support::{data, files, read};
use vaultmark_media::pyramid::PackReader;
use vaultmark_media::{
    Confinement, Encoding, FileSource, Limits, MediaError, MediaSource, OpenedImage, Pool, ReadAt,
    Rendering, Stretch, import, memfd_from, pyramid, wants_pyramid, worker,
};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    match arguments.next().as_ref().and_then(|verb| verb.to_str()) {
        Some("decode-worker") => return worker::main(arguments),
        Some("bad-worker") => return bad_worker(&arguments.next().unwrap().into_string().unwrap()),
        _ => {}
    }
    // What test runners ask first.
    if std::env::args().any(|argument| argument == "--list") {
        if !std::env::args().any(|argument| argument == "--ignored") {
            println!("decoder_workers: test");
        }
        return ExitCode::SUCCESS;
    }
    let tests: &[(&str, fn())] = &[
        ("imports_equal_those_in_process", imports_equal_those_in_process),
        ("bad_files_cost_one_file_each", bad_files_cost_one_file_each),
        ("what_a_file_is_the_worker_says", what_a_file_is_the_worker_says),
        ("viewing", viewing),
        ("a_large_file_stays_where_it_is", a_large_file_stays_where_it_is),
        ("pyramids", pyramids),
        ("the_same_pack_in_and_out_of_process", the_same_pack_in_and_out_of_process),
        ("captured_workers", captured_workers),
        ("killed_while_viewing", killed_while_viewing),
        ("a_memory_bomb_ends_its_worker_only", a_memory_bomb_ends_its_worker_only),
        ("many_at_once", many_at_once),
        ("workers_see_nothing", workers_see_nothing),
    ];
    for (name, test) in tests {
        let begin = Instant::now();
        test();
        println!("test {name} ... ok ({:.2} s)", begin.elapsed().as_secs_f64());
    }
    ExitCode::SUCCESS
}

fn pool_of(arguments: &[&str], size: usize) -> Pool {
    let program = std::env::current_exe().unwrap();
    Pool::new(program, arguments.iter().map(Into::into).collect(), size, Confinement::default())
}

fn pool() -> Pool {
    pool_of(&["decode-worker"], 2)
}

/// A gray PNG of the given size: a ramp, so that places can be told apart.
fn ramp_png(width: u32, height: u32) -> Vec<u8> {
    let image =
        image::GrayImage::from_fn(width, height, |x, y| image::Luma([(x / 16 + y / 7) as u8]));
    let mut out = std::io::Cursor::new(Vec::new());
    image.write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}

fn imports_equal_those_in_process() {
    let Some(data) = data() else { return };
    let pool = pool();
    let mut all = files(&data.join("overhead"));
    all.extend(files(&data.join("exif_orientation")).into_iter().take(4));
    all.push(data.join("large/float32.tif"));
    for path in all {
        let bytes = read(&path);
        let Ok(here) = import(Box::new(bytes.clone()), &Limits::default()) else { continue };
        let memory = memfd_from(&mut &bytes[..], u64::MAX).unwrap();
        let there = pool.import(&MediaSource::Memory(memory), &Limits::default()).unwrap();
        assert_eq!(here, there, "{}", path.display());
        let source = MediaSource::of(&bytes).unwrap();
        assert_eq!(pool.probe(&source, &Limits::default()).unwrap(), here.probe);
        assert_eq!(pool.thumbnail(&source, &Limits::default()).unwrap(), here.thumbnail_jpeg);
    }
}

fn bad_files_cost_one_file_each() {
    let Some(data) = data() else { return };
    let pool = pool_of(&["decode-worker"], 1);
    let good = MediaSource::of(&ramp_png(30, 20)).unwrap();
    let bad = files(&data.join("pngsuite"))
        .into_iter()
        .filter(|path| support::name(path).starts_with('x'));
    for path in bad.chain(files(&data.join("image_rs/bad"))) {
        let source = MediaSource::of(&read(&path)).unwrap();
        let here = import(Box::new(read(&path)), &Limits::default()).map(|found| found.probe);
        let there = pool.import(&source, &Limits::default()).map(|found| found.probe);
        assert_eq!(here, there, "{}", path.display());
        pool.import(&good, &Limits::default()).unwrap();
    }
    let empty = MediaSource::of(&[]).unwrap();
    assert_eq!(pool.import(&empty, &Limits::default()).unwrap_err(), MediaError::Empty);
}

/// Bytes that stay with the program, and how many of them it read.
struct Kept {
    bytes: Vec<u8>,
    read: AtomicU64,
}

impl ReadAt for Kept {
    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        self.read.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        self.bytes[..].read_exact_at(offset, buffer)
    }
}

/// The program sends the beginning of a file and makes nothing of it: a worker is asked about every
/// file, and where headers are short it needs no more.
fn what_a_file_is_the_worker_says() {
    let kept = |bytes: Vec<u8>| Arc::new(Kept { bytes, read: AtomicU64::new(0) });
    let probe = |pool: &Pool, kept: &Arc<Kept>| {
        let source = MediaSource::Ranges(Arc::clone(kept) as Arc<dyn ReadAt + Send + Sync>);
        pool.probe(&source, &Limits::default())
    };
    let (good, text) = (kept(ramp_png(600, 400)), kept(vec![b'x'; 100_000]));
    let pool = pool();
    assert_eq!(probe(&pool, &good).unwrap().width, 600);
    assert_eq!(probe(&pool, &text).unwrap_err(), MediaError::NotRecognised);
    assert_eq!(probe(&pool, &kept(Vec::new())).unwrap_err(), MediaError::Empty);
    assert_eq!(text.read.load(Ordering::Relaxed), 4096);
    assert_eq!(good.read.load(Ordering::Relaxed), good.size().min(4096));
    // A worker that lies is asked about a text as about a picture.
    for file in [&good, &text] {
        let error = probe(&pool_of(&["bad-worker", "other"], 1), file).unwrap_err();
        assert_eq!(error.kind(), "media-worker-misbehaved", "{error}");
    }
}

fn viewing() {
    let image =
        pool().open(MediaSource::of(&ramp_png(1300, 700)).unwrap(), &Limits::default()).unwrap();
    assert_eq!(image.levels().len(), 3);
    let plain = Rendering::default_for(image.probe());
    let tile = image.tile(0, 2, 1, &plain).unwrap();
    assert_eq!((tile.width, tile.height, tile.encoding), (1300 - 1024, 700 - 512, Encoding::Png));
    let shown = image::load_from_memory(&tile.bytes).unwrap().to_luma8();
    assert_eq!(shown.get_pixel(5, 9).0[0], ((1029 / 16) + (521 / 7)) as u8);
    let inverted = image.tile(0, 2, 1, &Rendering { invert: true, ..plain }).unwrap();
    let inverted = image::load_from_memory(&inverted.bytes).unwrap().to_luma8();
    assert_eq!(inverted.get_pixel(5, 9).0[0], 255 - shown.get_pixel(5, 9).0[0]);
    for (level, x, y) in [(0, 3, 0), (0, 0, 2), (3, 0, 0), (u32::MAX, 0, 0)] {
        assert_eq!(
            image.tile(level, x, y, &plain).unwrap_err(),
            MediaError::NoSuchTile { level, x, y }
        );
    }
    let wrong = Rendering { bands: [0, 1, 2], ..plain };
    assert_eq!(image.tile(0, 0, 0, &wrong).unwrap_err().kind(), "media-bad-rendering");
    let range = Rendering { stretch: Stretch::Range { min: 10.0, max: 50.0 }, ..plain };
    assert_eq!(image.tile(2, 0, 0, &range).unwrap().height, 175);
}

/// Counts what is read of a file that stays with the program.
struct Counted {
    file: FileSource,
    read: AtomicU64,
}

impl ReadAt for Counted {
    fn size(&self) -> u64 {
        self.file.size()
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        self.read.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        self.file.read_exact_at(offset, buffer)
    }
}

fn a_large_file_stays_where_it_is() {
    let Some(data) = data() else { return };
    let file = std::fs::File::open(data.join("large/rgb_25312x22976_cog.tif")).unwrap();
    let counted =
        Arc::new(Counted { file: FileSource::new(file).unwrap(), read: AtomicU64::new(0) });
    let begin = Instant::now();
    let source = MediaSource::Ranges(Arc::clone(&counted) as Arc<dyn ReadAt + Send + Sync>);
    let image = pool().open(source, &Limits::default()).unwrap();
    let plain = Rendering::default_for(image.probe());
    image.tile(6, 0, 0, &plain).unwrap();
    println!("first pixels through the worker: {:?}", begin.elapsed());
    image.tile(0, 20, 20, &plain).unwrap();
    let read = counted.read.load(Ordering::Relaxed);
    println!("read {} of {} KiB", read / 1024, counted.size() / 1024);
    assert!(read < counted.size() / 4, "{read} of {} bytes were read", counted.size());
    assert!(!wants_pyramid(image.probe()));
    // The whole is 1.7 GB of pixels; what the worker held at most is far less.
    let worker = *children().last().expect("a worker runs");
    let status = std::fs::read_to_string(format!("/proc/{worker}/status")).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    println!("the worker held at most {} MiB", peak / 1024);
    assert!(peak < 200 * 1024, "{peak} KiB");
}

fn pyramids() {
    // Odd sides, so that every level has a partial row and column.
    let (width, height) = (4601, 2303);
    let image = pool()
        .open(MediaSource::of(&ramp_png(width, height)).unwrap(), &Limits::default())
        .unwrap();
    assert!(wants_pyramid(image.probe()));
    let mut pack = Vec::new();
    let mut seen = Vec::new();
    let summary = image
        .build_pyramid(&mut pack, &mut |done, total| {
            seen.push((done, total));
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(summary.bytes, pack.len() as u64);
    assert!(
        seen.windows(2).all(|pair| pair[0].0 <= pair[1].0)
            && seen.last() == Some(&(summary.tiles, summary.tiles))
    );
    let pool = pool();
    let reader = PackReader::open(pack).unwrap();
    assert_eq!(reader.levels(), image.levels());
    assert_eq!(reader.statistics(), image.statistics());
    let plain = Rendering { gamma: 1.5, ..Rendering::default_for(image.probe()) };
    for (level, size) in image.levels().to_vec().into_iter().enumerate() {
        let (across, down) = size.tiles();
        for (x, y) in [(0, 0), (across - 1, down - 1), (across / 2, down / 2)] {
            let stored = reader.tile(level as u32, x, y).unwrap();
            let rendered = pool
                .render_stored_tile(&stored, reader.statistics(), &plain, &Limits::default())
                .unwrap();
            assert_eq!(
                rendered,
                image.tile(level as u32, x, y, &plain).unwrap(),
                "level {level}, {x}, {y}"
            );
        }
    }
    // Breaking off ends the worker; the image works on with a new one.
    let cancelled = image.build_pyramid(&mut Vec::new(), &mut |_, _| ControlFlow::Break(()));
    assert_eq!(cancelled.unwrap_err(), MediaError::Cancelled);
    image.tile(0, 0, 0, &plain).unwrap();
    // A full disk is told as such.
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let full = image.build_pyramid(&mut Full, &mut |_, _| ControlFlow::Continue(()));
    assert_eq!(full.unwrap_err().kind(), "media-pack-write");
}

fn the_same_pack_in_and_out_of_process() {
    let bytes = ramp_png(1000, 1500);
    let go_on: fn(u64, u64) -> ControlFlow<()> = |_, _| ControlFlow::Continue(());
    let mut packs = Vec::new();
    for _ in 0..2 {
        let mut image = OpenedImage::open(Box::new(bytes.clone()), &Limits::default()).unwrap();
        let mut pack = Vec::new();
        pyramid::build(&mut image, &mut pack, &mut go_on.clone()).unwrap();
        packs.push(pack);
    }
    let mut there = Vec::new();
    let image = pool().open(MediaSource::of(&bytes).unwrap(), &Limits::default()).unwrap();
    image.build_pyramid(&mut there, &mut go_on.clone()).unwrap();
    assert!(packs[0] == packs[1] && packs[0] == there);
}

/// What a worker might do that a hostile file has taken over: each verb is one way to misbehave
/// after the first request came.
fn bad_worker(how: &str) -> ExitCode {
    use rustix::net::{RecvFlags, SendFlags, recv, send};
    let socket = std::io::stdin();
    let mut buffer = [0; 100_000];
    recv(&socket, &mut buffer, RecvFlags::empty()).unwrap();
    let say = |message: &[u8]| send(&socket, message, SendFlags::NOSIGNAL).map(drop);
    match how {
        "exit" => return ExitCode::from(7),
        "abort" => std::process::abort(),
        "hang" => std::thread::sleep(Duration::from_secs(3600)),
        "babble" => say(b"\0\xff\xff\xff").unwrap(),
        "empty" => say(b"").unwrap(),
        // An answer without the memory that it announces: [2, [1000000]] is Thumbnail.
        "no-memory" => say(b"\0\x82\x02\x81\x1a\x00\x0f\x42\x40").unwrap(),
        // [10, [0, 64]] is Need: of sealed memory nothing can be asked for.
        "ask" => say(b"\0\x82\x0a\x82\x00\x18\x40").unwrap(),
        // [8, []] is Closed, no answer to what was asked.
        "other" => say(b"\0\x82\x08\x80").unwrap(),
        // Requests for ever; the program answers none of them.
        _ => while say(b"\0\x82\x0a\x82\x00\x18\x40").is_ok() {},
    }
    std::thread::sleep(Duration::from_secs(3600));
    ExitCode::SUCCESS
}

fn captured_workers() {
    let cases = [
        ("exit", "media-worker-died", "with code 7"),
        ("abort", "media-worker-died", "signal 6"),
        ("hang", "media-timed-out", "limit of 1 s"),
        ("babble", "media-worker-misbehaved", "can't be read"),
        ("empty", "media-worker-died", ""),
        ("no-memory", "media-worker-misbehaved", "lacks the pixels"),
        ("ask", "media-worker-misbehaved", "may not have"),
        ("other", "media-worker-misbehaved", "another question"),
        ("flood", "media-worker-misbehaved", "may not have"),
    ];
    let source = MediaSource::of(&ramp_png(10, 10)).unwrap();
    let limits = Limits { seconds: 1, ..Limits::default() };
    for (how, kind, words) in cases {
        let pool = pool_of(&["bad-worker", how], 1);
        let begin = Instant::now();
        let error = pool.thumbnail(&source, &limits).unwrap_err();
        assert_eq!(error.kind(), kind, "{how}: {error}");
        assert!(error.to_string().contains(words), "{how}: {error}");
        assert!(begin.elapsed() < Duration::from_secs(4), "{how} took {:?}", begin.elapsed());
    }
    let nobody = Pool::new("/nonexistent/vaultmark".into(), Vec::new(), 1, Confinement::default());
    assert_eq!(nobody.probe(&source, &limits).unwrap_err().kind(), "media-worker-start");
}

/// The process ids of this process's children.
fn children() -> Vec<i32> {
    let path = format!("/proc/self/task/{}/children", rustix::thread::gettid().as_raw_nonzero());
    let listed = std::fs::read_to_string(path).unwrap_or_default();
    listed.split_whitespace().filter_map(|id| id.parse().ok()).collect()
}

fn killed_while_viewing() {
    let image =
        pool().open(MediaSource::of(&ramp_png(600, 600)).unwrap(), &Limits::default()).unwrap();
    let plain = Rendering::default_for(image.probe());
    let before = image.tile(0, 1, 1, &plain).unwrap();
    let worker = *children().last().expect("a worker runs");
    let worker = rustix::process::Pid::from_raw(worker).unwrap();
    rustix::process::kill_process(worker, rustix::process::Signal::KILL).unwrap();
    let error = image.tile(0, 1, 1, &plain).unwrap_err();
    assert_eq!(error.kind(), "media-worker-died");
    assert!(error.to_string().contains("signal 9"), "{error}");
    assert_eq!(image.tile(0, 1, 1, &plain).unwrap(), before);
    drop(image);
    assert_eq!(children(), Vec::<i32>::new(), "closing an image ends its worker");
}

fn a_memory_bomb_ends_its_worker_only() {
    // Limits raised far beyond what the worker may have: the kernel refuses, the worker gives up.
    let small = Confinement { address_space: 300 << 20 };
    let program = std::env::current_exe().unwrap();
    let pool = Pool::new(program, vec!["decode-worker".into()], 1, small);
    let mut bmp = vec![0; 54];
    bmp[..2].copy_from_slice(b"BM");
    (bmp[10], bmp[14], bmp[26], bmp[28]) = (54, 40, 1, 24);
    bmp[18..22].copy_from_slice(&20_000i32.to_le_bytes());
    bmp[22..26].copy_from_slice(&20_000i32.to_le_bytes());
    let limits = Limits { max_decoded_bytes: u64::MAX, ..Limits::default() };
    let error = pool.import(&MediaSource::of(&bmp).unwrap(), &limits).unwrap_err();
    assert_eq!(error.kind(), "media-worker-died", "{error}");
    pool.import(&MediaSource::of(&ramp_png(30, 20)).unwrap(), &limits).unwrap();
}

fn many_at_once() {
    let pool = pool();
    let bytes = ramp_png(200, 100);
    std::thread::scope(|scope| {
        for at in 0..8 {
            let (pool, bytes) = (pool.clone(), &bytes);
            scope.spawn(move || {
                for _ in 0..20 {
                    let cut = if at % 2 == 0 { bytes.len() } else { bytes.len() / 2 };
                    let result =
                        pool.import(&MediaSource::of(&bytes[..cut]).unwrap(), &Limits::default());
                    assert_eq!(result.is_ok(), at % 2 == 0);
                }
            });
        }
    });
}

/// The worker holds no environment and no descriptor but its socket, standard output to nowhere.
fn workers_see_nothing() {
    // A descriptor that is inheritable by mistake would be seen below.
    let image =
        pool().open(MediaSource::of(&ramp_png(20, 20)).unwrap(), &Limits::default()).unwrap();
    let worker = *children().last().expect("a worker runs");
    let environment = std::fs::read(format!("/proc/{worker}/environ")).unwrap();
    assert_eq!(environment, b"");
    let mut open: Vec<String> = std::fs::read_dir(format!("/proc/{worker}/fd"))
        .unwrap()
        .map(|entry| {
            std::fs::read_link(entry.unwrap().path()).unwrap().to_string_lossy().into_owned()
        })
        .collect();
    open.sort();
    open.dedup_by(|a, b| a == b);
    assert!(open.iter().all(|path| path == "/dev/null" || path.starts_with("socket:")), "{open:?}");
    let limits = std::fs::read_to_string(format!("/proc/{worker}/limits")).unwrap();
    assert!(
        limits
            .lines()
            .any(|line| line.starts_with("Max address space") && line.contains("4294967296"))
    );
    assert!(
        limits.lines().any(|line| line.starts_with("Max core file size") && line.contains(" 0 "))
    );
    drop(image);
}
