//! Both ends of the worker's socket in one process: a program that sends anything, and a worker
//! that answers anything. Sealed memory and messages are the real ones; the walls are not built.

use std::os::fd::{AsFd as _, OwnedFd};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::net::Shutdown;

use crate::encode::Encoding;
use crate::error::MediaError;
use crate::limits::Limits;
use crate::pyramid::{Codec, StoredTile, TileShape};
use crate::raster::SampleFormat;
use crate::render::{Rendering, Stretch};
use crate::worker::confine::Confinement;
use crate::worker::memory::SealedMemory;
use crate::worker::open::OpenImage;
use crate::worker::pool::{MediaSource, Pool};
use crate::worker::process::{Process, Spec};
use crate::worker::protocol::{Operation, Origin, Range, Reply, Request, START};
use crate::worker::serve::Worker;
use crate::worker::wire::{RecvError, Socket};

pub(crate) use crate::worker::serve::answer_all;

/// Replies, each with the bytes of its descriptor.
type Said<'a> = Vec<(Reply, &'a [u8])>;

/// The most messages of one input: they wait in the socket's buffer.
const MESSAGES: usize = 16;

/// Small, so that a run takes no time.
fn limits() -> Limits {
    Limits {
        max_pixels: 1 << 18,
        max_file_bytes: 1 << 20,
        max_decoded_bytes: 8 << 20,
        max_bands: 32,
        seconds: 1_000_000,
        verify_pixels: 1 << 16,
    }
}

/// As long as one waits for room that only oneself could make.
fn soon() -> Option<Instant> {
    Some(Instant::now() + Duration::from_millis(1))
}

/// Takes `length (2, little-endian) ‖ bytes` off the front; what there is where it is cut short.
fn piece<'a>(input: &mut &'a [u8]) -> &'a [u8] {
    let Some((length, rest)) = input.split_first_chunk::<2>() else {
        return std::mem::take(input);
    };
    let (piece, rest) = rest.split_at(rest.len().min(usize::from(u16::from_le_bytes(*length))));
    *input = rest;
    piece
}

fn push_piece(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&bytes[..usize::from(length)]);
}

/// What a worker does with requests: `count (1) ‖ (length ‖ CBOR) … ‖ image`. It answers with
/// something that the program can read, or not at all.
pub fn requests(bytes: &[u8]) {
    let Some((count, mut input)) = bytes.split_first() else { return };
    let pieces: Vec<&[u8]> = (0..usize::from(*count).min(4)).map(|_| piece(&mut input)).collect();
    let image = input;
    let Ok((ours, theirs)) = Socket::pair() else { return };
    // The one block of a small image, for a worker that asks for ranges.
    for _ in 0..4 {
        let range = Range { bytes: Some(image.to_vec().into()) };
        let Ok(cbor) = minicbor::to_vec(&range) else { return };
        let _ = theirs.send(&cbor, &[], soon());
    }
    let Some(silent) = fallen_silent(theirs) else { return };
    std::thread::scope(|scope| {
        // A worker that sends a pyramid waits for whoever takes its pieces.
        let heard = Socket::from_descriptor(silent);
        scope.spawn(move || {
            let over = |heard| matches!(heard, Err(RecvError::Closed | RecvError::System(_)));
            while !over(heard.receive(None)) {}
        });
        answer(Worker { socket: Rc::new(ours), open: None }, &pieces, image);
    });
}

fn answer(mut worker: Worker, requests: &[&[u8]], image: &[u8]) {
    for cbor in requests {
        let Ok(request) = minicbor::decode::<Request>(cbor) else { return };
        let request = Request { limits: limits(), ..request };
        let memory = SealedMemory::of(image).ok();
        let descriptors: Vec<OwnedFd> =
            memory.into_iter().map(|memory| memory.into_file().into()).collect();
        if let Ok((reply, _)) = worker.answer(request, descriptors) {
            let told = minicbor::to_vec(&reply).unwrap_or_default();
            assert!(minicbor::decode::<Reply>(&told).is_ok(), "an answer that nobody can read");
        }
    }
}

/// Requests about an image, one input each.
pub fn request_seeds(image: &[u8]) -> Vec<Vec<u8>> {
    let size = image.len() as u64;
    let rendering = Rendering {
        bands: [0; 3],
        stretch: Stretch::Percentile { low: 2.0, high: 98.0 },
        brightness: 0.0,
        contrast: 0.0,
        gamma: 1.0,
        invert: false,
    };
    let range = Rendering { stretch: Stretch::Range { min: 1.0, max: 9.0 }, ..rendering };
    let tile = |rendering| Operation::Tile { level: 0, x: 0, y: 0, rendering };
    let ranges = |start: usize| {
        let start = Some(image[..image.len().min(start)].to_vec().into());
        Origin::Ranges { size, start }
    };
    let conversations = [
        vec![Operation::Probe(Origin::Memory { size })],
        vec![Operation::Probe(Origin::Ranges { size, start: None })],
        vec![Operation::Probe(ranges(START))],
        vec![Operation::Probe(ranges(64))],
        vec![Operation::Import(Origin::Memory { size })],
        vec![Operation::Thumbnail(Origin::Memory { size })],
        vec![Operation::Open(Origin::Memory { size }), tile(rendering), Operation::Statistics],
        vec![Operation::Open(ranges(16)), Operation::Pyramid, Operation::Close],
        vec![Operation::Open(Origin::Memory { size }), tile(range), tile(rendering)],
    ];
    conversations.into_iter().map(|conversation| conversation_of(conversation, image)).collect()
}

fn conversation_of(operations: Vec<Operation>, image: &[u8]) -> Vec<u8> {
    let mut out = vec![u8::try_from(operations.len()).unwrap_or_default()];
    for operation in operations {
        let request = Request { limits: limits(), operation };
        push_piece(&mut out, &minicbor::to_vec(&request).unwrap_or_default());
    }
    out.extend_from_slice(image);
    out
}

/// What the program does with a worker's messages: `question (1) ‖ message …`, a message being
/// `kind and flags (1) ‖ (length ‖ body) ‖ (length ‖ sealed memory, where flag 4 is set)`.
/// What it takes is within the limits, and what it says of a refusal is one printable line.
pub fn replies(bytes: &[u8]) {
    let Some((question, mut input)) = bytes.split_first() else { return };
    let Ok((ours, theirs)) = Socket::pair() else { return };
    for _ in 0..MESSAGES {
        let Some((flags, rest)) = input.split_first() else { break };
        input = rest;
        let body = piece(&mut input);
        let memory = (flags & 4 != 0).then(|| SealedMemory::of(piece(&mut input)).ok()).flatten();
        let descriptors: Vec<_> = memory.iter().map(|memory| memory.as_fd()).collect();
        // What the buffer has no room for is left out: nobody reads yet.
        let _ = theirs.send_parts(flags & 3, body, &descriptors, soon());
    }
    let Some(_held) = fallen_silent(theirs) else { return };
    let process = Process::played(ours);
    let limits = limits();
    let file = b"II*\0\x08\0\0\0".to_vec();
    let source = if question & 0x80 == 0 {
        let Ok(source) = MediaSource::of(&file) else { return };
        source
    } else {
        MediaSource::Ranges(Arc::new(file))
    };
    let spec = Spec {
        program: PathBuf::from("/nonexistent"),
        arguments: Vec::new(),
        confinement: Confinement::default(),
    };
    if question & 0x7f == 4 {
        see(&limits, OpenImage::open_in(process, spec, source, limits).and_then(viewed));
        return;
    }
    let pool = Pool::of(spec, process);
    match question & 0x7f {
        0 => see(&limits, pool.probe(&source, &limits).map(|probe| (probe.width, probe.height))),
        1 => see(
            &limits,
            pool.import(&source, &limits).map(|found| (found.probe.width, found.probe.height)),
        ),
        2 => see(&limits, pool.thumbnail(&source, &limits).map(|_| (1, 1))),
        _ => {
            let statistics = crate::statistics::Statistics { bands: Vec::new() };
            let tile = StoredTile { shape: shape(), bytes: vec![1; 8] };
            let rendering = rendering();
            let shown = pool.render_stored_tile(&tile, &statistics, &rendering, &limits);
            see(&limits, shown.map(|tile| (tile.width, tile.height)));
        }
    }
}

/// Everything that is asked of an open image.
fn viewed(image: OpenImage) -> Result<(u32, u32), MediaError> {
    let size = (image.probe().width, image.probe().height);
    let tile = image.tile(0, 0, 0, &rendering());
    if let Ok(tile) = &tile {
        assert!(tile.width <= size.0 && tile.height <= size.1, "a tile larger than its image");
    }
    let mut pack = Vec::new();
    let mut calm = |done, total| {
        assert!(done <= total, "more tiles done than there are");
        std::ops::ControlFlow::Continue(())
    };
    if let Ok(summary) = image.build_pyramid(&mut pack, &mut calm) {
        assert_eq!(summary.bytes, pack.len() as u64);
    }
    tile.map(|_| size)
}

fn see(limits: &Limits, outcome: Result<(u32, u32), MediaError>) {
    match outcome {
        Ok((width, height)) => {
            let pixels = u64::from(width) * u64::from(height);
            assert!((1..=limits.max_pixels).contains(&pixels), "an image beyond the limits");
        }
        Err(error) => {
            let told = error.to_string();
            assert!(!told.chars().any(char::is_control), "{told:?} is not one line");
            assert!(told.len() < 4096, "{} bytes of reasons", told.len());
        }
    }
}

fn shape() -> TileShape {
    TileShape {
        width: 2,
        height: 2,
        bands: 1,
        alpha: false,
        sample: SampleFormat::U8,
        nodata: None,
        codec: Codec::Deflate,
        lossless: true,
    }
}

fn rendering() -> Rendering {
    Rendering {
        bands: [0; 3],
        stretch: Stretch::None,
        brightness: 0.0,
        contrast: 0.0,
        gamma: 1.0,
        invert: false,
    }
}

/// Answers that a worker gives about an image, one input each.
pub fn reply_seeds(image: &[u8]) -> Vec<Vec<u8>> {
    let Ok(found) = crate::import(Box::new(image.to_vec()), &limits()) else { return Vec::new() };
    let (probe, statistics) = (found.probe, found.statistics);
    let bytes = found.thumbnail_jpeg.len() as u64;
    let (width, height) = (probe.width, probe.height);
    let opened = Reply::Opened { probe: probe.clone(), statistics: statistics.clone() };
    let tile = |encoding, bytes| Reply::Tile { encoding, width, height, bytes };
    let refused = Reply::Refused(MediaError::DecoderBrokeOff { detail: "a\u{1b}[2J\n".into() });
    let jpeg = found.thumbnail_jpeg.as_slice();
    let said: Vec<(u8, Said<'_>)> = vec![
        (0, vec![(Reply::Probed(probe.clone()), &[])]),
        (0, vec![(refused, &[])]),
        (
            0x80,
            vec![(Reply::Need { offset: 0, length: 8 }, &[]), (Reply::Probed(probe.clone()), &[])],
        ),
        (1, vec![(Reply::Imported { probe, statistics, bytes }, jpeg)]),
        (2, vec![(Reply::Thumbnail { bytes }, jpeg)]),
        (3, vec![(tile(Encoding::Jpeg, bytes), jpeg)]),
        (
            4,
            vec![
                (opened, &[]),
                (tile(Encoding::Jpeg, bytes), jpeg),
                (Reply::Piece { bytes, done: 1, total: 1 }, jpeg),
                (Reply::PyramidDone { bytes, tiles: 1 }, &[]),
            ],
        ),
    ];
    said.into_iter()
        .map(|(question, messages)| {
            let mut out = vec![question];
            for (reply, memory) in messages {
                out.push(if memory.is_empty() { 0 } else { 4 });
                push_piece(&mut out, &minicbor::to_vec(&reply).unwrap_or_default());
                if !memory.is_empty() {
                    push_piece(&mut out, memory);
                }
            }
            out
        })
        .collect()
}

/// The other end after its last message: whoever waits for another one sees that none will come.
fn fallen_silent(socket: Socket) -> Option<OwnedFd> {
    let descriptor = socket.into_descriptor();
    rustix::net::shutdown(&descriptor, Shutdown::Write).ok()?;
    Some(descriptor)
}
