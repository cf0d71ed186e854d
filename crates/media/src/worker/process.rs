//! One worker process, seen from the program.

use std::ffi::OsString;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::error::MediaError;
use crate::limits::Limits;
use crate::source::read_start;
use crate::worker::confine::Confinement;
use crate::worker::memory::SealedMemory;
use crate::worker::pool::MediaSource;
use crate::worker::protocol::{MAX_RANGE, Operation, Origin, PIECE, Range, Reply, Request, START};
use crate::worker::wire::{Message, RecvError, Socket};

/// The largest tile that is taken from a worker: 1 MiB of pixels, and what PNG adds where they don't
/// shrink.
const MAX_TILE: u64 = 2 << 20;
/// The largest thumbnail that is taken from a worker: 192 KiB of pixels. An import holds many.
const MAX_THUMBNAIL: u64 = 512 << 10;

/// How workers are started.
#[derive(Debug, Clone)]
pub(super) struct Spec {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) confinement: Confinement,
}

/// A running worker. Dropping it ends the process.
#[derive(Debug)]
pub(super) struct Process {
    /// None where a test plays the worker.
    child: Option<Child>,
    socket: Socket,
    /// Requests answered so far.
    pub(super) answered: u32,
}

/// What the program does with the pieces of a pack.
pub(super) type PieceSink<'a> = dyn FnMut(&[u8], u64, u64) -> Result<(), MediaError> + 'a;

impl Process {
    pub(super) fn start(spec: &Spec) -> Result<Self, MediaError> {
        let failed = |error: std::io::Error| MediaError::WorkerStart { detail: error.to_string() };
        let began = Instant::now();
        let (ours, theirs) = Socket::pair().map_err(failed)?;
        let child = Command::new(&spec.program)
            .args(&spec.arguments)
            .arg("--address-space")
            .arg(spec.confinement.address_space.to_string())
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(theirs.into_descriptor()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl+C at a terminal asks the program to stop, not what works for it.
            .process_group(0)
            .spawn()
            .map_err(failed)?;
        let milliseconds = began.elapsed().as_millis();
        tracing::debug!(milliseconds, "decoder started");
        Ok(Self { child: Some(child), socket: ours, answered: 0 })
    }

    /// A worker that somebody plays at the other end of `socket`.
    #[cfg(feature = "fuzzing")]
    pub(super) fn played(socket: Socket) -> Self {
        Self { child: None, socket, answered: 0 }
    }

    /// Sends a request and waits for its last reply, answering questions about `source` and
    /// handing on pieces in between. An `Err` of [`Failure::Broken`] means that the process must
    /// not be used again.
    pub(super) fn request(
        &mut self,
        limits: &Limits,
        operation: Operation,
        attachment: Option<&SealedMemory>,
        source: Option<&MediaSource>,
        pieces: &mut PieceSink<'_>,
    ) -> Result<Answer, Failure> {
        let request = Request { limits: *limits, operation };
        let cbor = minicbor::to_vec(&request)
            .map_err(|e| Failure::Refused(MediaError::Encode { detail: e.to_string() }))?;
        let span = Duration::from_secs(u64::from(limits.seconds));
        let mut deadline = Instant::now() + span;
        let descriptors: Vec<_> =
            attachment.iter().map(|memory| std::os::fd::AsFd::as_fd(*memory)).collect();
        self.socket
            .send(&cbor, &descriptors, Some(deadline))
            .map_err(|error| self.broken(error))?;
        loop {
            let message =
                self.socket.receive(Some(deadline)).map_err(|error| self.lost(error, limits))?;
            let Message { cbor, mut descriptors } = message;
            let reply: Reply =
                minicbor::decode(&cbor).map_err(|_| misbehaved("its answer can't be read"))?;
            match reply {
                Reply::Need { offset, length } => {
                    let bytes = source
                        .filter(|source| {
                            matches!(source, MediaSource::Ranges(_)) && length <= MAX_RANGE
                        })
                        .ok_or_else(|| misbehaved("it asks for bytes that it may not have"))?
                        .range(offset, length);
                    let range = Range { bytes: bytes.map(Into::into) };
                    let cbor = minicbor::to_vec(&range)
                        .map_err(|_| misbehaved("a range can't be sent"))?;
                    self.socket
                        .send(&cbor, &[], Some(deadline))
                        .map_err(|error| self.broken(error))?;
                }
                Reply::Piece { bytes, done, total } => {
                    let memory = taken(descriptors.pop(), bytes)?;
                    let bytes = memory.read(PIECE as u64).map_err(Failure::Broken)?;
                    pieces(&bytes, done.min(total), total).map_err(Failure::Broken)?;
                    deadline = Instant::now() + span;
                }
                Reply::Refused(error) => {
                    self.answered += 1;
                    return Err(Failure::Refused(error.sanitised()));
                }
                reply => {
                    self.answered += 1;
                    let (bytes, limit) = match &reply {
                        Reply::Imported { bytes, .. } | Reply::Thumbnail { bytes } => {
                            (*bytes, MAX_THUMBNAIL)
                        }
                        Reply::Tile { bytes, .. } => (*bytes, MAX_TILE),
                        _ => return Ok(Answer { reply, bytes: Vec::new() }),
                    };
                    let memory = taken(descriptors.pop(), bytes)?;
                    let bytes = memory.read(limit).map_err(Failure::Broken)?;
                    return Ok(Answer { reply, bytes });
                }
            }
        }
    }

    /// Ends the process and says how it had ended before, if it had.
    fn lost(&mut self, error: RecvError, limits: &Limits) -> Failure {
        Failure::Broken(match error {
            RecvError::TimedOut => MediaError::TimedOut { seconds: limits.seconds },
            RecvError::Closed => self.died(),
            RecvError::Invalid(rule) => MediaError::WorkerMisbehaved { detail: rule.into() },
            RecvError::System(error) => MediaError::WorkerDied { detail: error.to_string() },
        })
    }

    fn broken(&mut self, error: MediaError) -> Failure {
        Failure::Broken(match error {
            MediaError::WorkerDied { .. } => self.died(),
            other => other,
        })
    }

    fn died(&mut self) -> MediaError {
        // Its end of the socket is closed, so it has ended or is about to.
        let detail = match self.child.as_mut().and_then(wait_briefly) {
            None => "it closed its socket".to_owned(),
            Some(status) => match status.signal() {
                Some(signal) => format!("{}, signal {signal}", signal_meaning(signal)),
                None => format!("with code {}", status.code().unwrap_or(-1)),
            },
        };
        tracing::debug!(answered = self.answered, "decoder ended by itself");
        MediaError::WorkerDied { detail }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only where the process is gone already.
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn wait_briefly(child: &mut Child) -> Option<std::process::ExitStatus> {
    let deadline = Instant::now() + Duration::from_millis(250);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(1)),
            _ => return None,
        }
    }
}

fn signal_meaning(signal: i32) -> &'static str {
    match signal {
        4 | 7 | 8 | 11 => "it crashed",
        6 => "it gave up, most likely for lack of memory",
        9 => "it was killed",
        24 => "it used too much processor time",
        25 => "it wrote too much",
        31 => "it tried what it may not",
        _ => "it was ended",
    }
}

/// The last reply and the bytes that came with it.
pub(super) struct Answer {
    pub(super) reply: Reply,
    pub(super) bytes: Vec<u8>,
}

/// Why there is no answer.
pub(super) enum Failure {
    /// The worker says why; it can go on.
    Refused(MediaError),
    /// The worker can't be used any more.
    Broken(MediaError),
}

impl Failure {
    pub(super) fn into_error(self) -> MediaError {
        match self {
            Self::Refused(error) | Self::Broken(error) => error,
        }
    }
}

fn misbehaved(detail: &str) -> Failure {
    Failure::Broken(MediaError::WorkerMisbehaved { detail: detail.into() })
}

fn taken(descriptor: Option<std::os::fd::OwnedFd>, size: u64) -> Result<SealedMemory, Failure> {
    let descriptor = descriptor.ok_or_else(|| misbehaved("its answer lacks the pixels"))?;
    SealedMemory::received(descriptor, size).map_err(Failure::Broken)
}

/// The origin and the attachment of a source. What the bytes are is for the worker to say: not even
/// its first ones are looked at here.
pub(super) fn origin(source: &MediaSource) -> Result<(Origin, Option<&SealedMemory>), MediaError> {
    Ok(match source {
        MediaSource::Memory(memory) => (Origin::Memory { size: memory.size() }, Some(memory)),
        MediaSource::Ranges(ranges) => {
            let start = read_start(&**ranges, START)?;
            (Origin::Ranges { size: ranges.size(), start: Some(start.into()) }, None)
        }
    })
}
