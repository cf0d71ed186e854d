//! Workers kept ready, one request at a time each.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::encode::{Encoded, Encoding};
use crate::error::MediaError;
use crate::import::Imported;
use crate::levels::TILE;
use crate::limits::Limits;
use crate::probe::Probe;
use crate::pyramid::StoredTile;
use crate::render::Rendering;
use crate::source::ReadAt;
use crate::statistics::Statistics;
use crate::worker::confine::Confinement;
use crate::worker::memory::SealedMemory;
use crate::worker::open::OpenImage;
use crate::worker::process::{Answer, Failure, Process, Spec, origin};
use crate::worker::protocol::{Operation, Reply};

/// A worker is replaced after this many requests: whatever a file may have left behind in it does
/// not stay for long.
const REQUESTS_PER_WORKER: u32 = 512;

/// The bytes of one image, for a worker.
pub enum MediaSource {
    /// All of them, in sealed memory: the usual way.
    Memory(SealedMemory),
    /// Read where they are when the worker asks for them, at most 64 KiB at once: for large TIFFs,
    /// of which viewing needs a small part. Reads run on the thread that waits for the answer.
    Ranges(Arc<dyn ReadAt + Send + Sync>),
}

impl MediaSource {
    /// Copies bytes into sealed memory.
    pub fn of(bytes: &[u8]) -> Result<Self, MediaError> {
        SealedMemory::of(bytes).map(Self::Memory)
    }

    /// Size in bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Memory(memory) => memory.size(),
            Self::Ranges(ranges) => ranges.size(),
        }
    }

    /// Bytes for a worker that asks; sealed memory it reads itself.
    pub(super) fn range(&self, offset: u64, length: u32) -> Option<Vec<u8>> {
        let Self::Ranges(ranges) = self else { return None };
        if offset.checked_add(u64::from(length))? > ranges.size() {
            return None;
        }
        let mut bytes = vec![0; length as usize];
        ranges.read_exact_at(offset, &mut bytes).ok()?;
        Some(bytes)
    }
}

impl std::fmt::Debug for MediaSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MediaSource({} bytes)", self.size())
    }
}

/// A number of worker processes, started when first needed, replaced when they fail. Requests
/// beyond that number wait. Open images have workers of their own and do not count.
///
/// Clones share the workers. All methods block; call them from threads.
#[derive(Clone)]
pub struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    spec: Spec,
    size: usize,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    idle: VecDeque<Process>,
    busy: usize,
}

impl Pool {
    /// Describes a pool of at most `size` (at least one) workers: `program arguments…
    /// --address-space BYTES`, which must end up in [`crate::worker::main`]. Starts nothing yet.
    pub fn new(
        program: PathBuf,
        arguments: Vec<OsString>,
        size: usize,
        confinement: Confinement,
    ) -> Self {
        let spec = Spec { program, arguments, confinement };
        let shared =
            Shared { spec, size: size.max(1), state: Mutex::default(), freed: Condvar::new() };
        Self { shared: Arc::new(shared) }
    }

    /// A pool of one worker that runs already.
    #[cfg(feature = "fuzzing")]
    pub(super) fn of(spec: Spec, process: Process) -> Self {
        let state = Mutex::new(State { idle: VecDeque::from([process]), busy: 0 });
        let shared = Shared { spec, size: 1, state, freed: Condvar::new() };
        Self { shared: Arc::new(shared) }
    }

    /// Reads headers only. Also what does not begin like an image is for a worker to say.
    pub fn probe(&self, source: &MediaSource, limits: &Limits) -> Result<Probe, MediaError> {
        match self.source_request(source, limits, Operation::Probe)?.reply {
            Reply::Probed(probe) => sound_probe(probe, limits),
            _ => Err(unexpected()),
        }
    }

    /// All that import needs, in one round trip: headers, proof that the image decodes, thumbnail,
    /// statistics.
    pub fn import(&self, source: &MediaSource, limits: &Limits) -> Result<Imported, MediaError> {
        let answer = self.source_request(source, limits, Operation::Import)?;
        match answer.reply {
            Reply::Imported { probe, statistics, .. } => {
                let probe = sound_probe(probe, limits)?;
                let statistics = sound_statistics(statistics, &probe)?;
                Ok(Imported { probe, thumbnail_jpeg: sound_jpeg(answer.bytes)?, statistics })
            }
            _ => Err(unexpected()),
        }
    }

    /// A thumbnail: JPEG, longest side at most 256 px.
    pub fn thumbnail(&self, source: &MediaSource, limits: &Limits) -> Result<Vec<u8>, MediaError> {
        let answer = self.source_request(source, limits, Operation::Thumbnail)?;
        match answer.reply {
            Reply::Thumbnail { .. } => sound_jpeg(answer.bytes),
            _ => Err(unexpected()),
        }
    }

    /// Opens an image for viewing, in a worker of its own that ends when the image is dropped.
    pub fn open(&self, source: MediaSource, limits: &Limits) -> Result<OpenImage, MediaError> {
        // A fresh worker: nothing that another file may have left behind.
        OpenImage::open(self.shared.spec.clone(), source, *limits)
    }

    /// Renders one tile of a pack ([`crate::pyramid::PackReader::tile`]).
    pub fn render_stored_tile(
        &self,
        tile: &StoredTile,
        statistics: &Statistics,
        rendering: &Rendering,
        limits: &Limits,
    ) -> Result<Encoded, MediaError> {
        let memory = SealedMemory::of(&tile.bytes)?;
        let operation = Operation::StoredTile {
            size: memory.size(),
            shape: tile.shape,
            statistics: statistics.clone(),
            rendering: *rendering,
        };
        let answer = self.request(limits, operation, Some(&memory), None)?;
        sound_tile(answer, (tile.shape.width, tile.shape.height))
    }

    fn source_request(
        &self,
        source: &MediaSource,
        limits: &Limits,
        operation: impl Fn(crate::worker::protocol::Origin) -> Operation,
    ) -> Result<Answer, MediaError> {
        limits.check_file(source.size())?;
        let (origin, attachment) = origin(source)?;
        self.request(limits, operation(origin), attachment, Some(source))
    }

    fn request(
        &self,
        limits: &Limits,
        operation: Operation,
        attachment: Option<&SealedMemory>,
        source: Option<&MediaSource>,
    ) -> Result<Answer, MediaError> {
        let mut place = self.place();
        let mut process = match place.process.take() {
            Some(process) => process,
            None => Process::start(&self.shared.spec)?,
        };
        let unwanted: &mut crate::worker::process::PieceSink<'_> = &mut |_, _, _| Err(unexpected());
        let result = process.request(limits, operation, attachment, source, unwanted);
        if !matches!(result, Err(Failure::Broken(_))) && process.answered < REQUESTS_PER_WORKER {
            place.process = Some(process);
        }
        result.map_err(Failure::into_error)
    }

    /// Waits for one of the places.
    fn place(&self) -> Place<'_> {
        let mut state = lock(&self.shared.state);
        while state.busy >= self.shared.size {
            state = self.shared.freed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.busy += 1;
        // The most recently used one: its memory is warm.
        Place { shared: &self.shared, process: state.idle.pop_back() }
    }
}

/// The right to use one worker; given back on drop, together with the worker if it is still good.
struct Place<'a> {
    shared: &'a Shared,
    process: Option<Process>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.shared.state);
        state.busy -= 1;
        state.idle.extend(self.process.take());
        self.shared.freed.notify_one();
    }
}

/// The state is counters and idle processes: whole at every step, so a panic elsewhere does not
/// spoil it.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn unexpected() -> MediaError {
    MediaError::WorkerMisbehaved { detail: "it answers another question".into() }
}

fn misbehaved(detail: &str) -> MediaError {
    MediaError::WorkerMisbehaved { detail: detail.into() }
}

/// Holds a worker's description of a file against the limits and against itself.
pub(super) fn sound_probe(probe: Probe, limits: &Limits) -> Result<Probe, MediaError> {
    let upright = probe.orientation.upright_size(probe.stored_width, probe.stored_height);
    let inside = |size: &(u32, u32)| {
        size.0 > 0 && size.1 > 0 && size.0 <= probe.width && size.1 <= probe.height
    };
    let sound = (1..=8).contains(&probe.orientation.exif())
        && upright == (probe.width, probe.height)
        && inside(&upright)
        && limits.check_pixels(u64::from(probe.width), u64::from(probe.height)).is_ok()
        && probe.color_bands() > 0
        && probe.bands <= limits.max_bands
        && probe.overviews.len() <= 64
        && probe.overviews.iter().all(inside);
    if sound {
        Ok(probe)
    } else {
        Err(misbehaved("its description of the image contradicts itself"))
    }
}

pub(super) fn sound_statistics(
    statistics: Statistics,
    probe: &Probe,
) -> Result<Statistics, MediaError> {
    if statistics.is_sound(probe.color_bands()) {
        Ok(statistics)
    } else {
        Err(misbehaved("its statistics contradict themselves"))
    }
}

fn sound_jpeg(bytes: Vec<u8>) -> Result<Vec<u8>, MediaError> {
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        Ok(bytes)
    } else {
        Err(misbehaved("its thumbnail is no JPEG"))
    }
}

/// A tile of the size that was asked for, that is what it says it is.
pub(super) fn sound_tile(answer: Answer, size: (u32, u32)) -> Result<Encoded, MediaError> {
    let Reply::Tile { encoding, width, height, .. } = answer.reply else {
        return Err(unexpected());
    };
    let start: &[u8] = match encoding {
        Encoding::Jpeg => &[0xff, 0xd8, 0xff],
        Encoding::Png => b"\x89PNG\r\n\x1a\n",
    };
    if (width, height) != size || width > TILE || height > TILE || !answer.bytes.starts_with(start)
    {
        return Err(misbehaved("its tile is not the one that was asked for"));
    }
    Ok(Encoded { encoding, width, height, bytes: answer.bytes })
}

/// Progress of a pyramid, as callers see it: tiles done, tiles in all; may break off.
pub type Progress<'a> = dyn FnMut(u64, u64) -> ControlFlow<()> + 'a;
