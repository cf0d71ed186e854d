//! The worker's side: reads requests until the program closes the socket.

use std::ffi::OsString;
use std::io::Write;
use std::ops::ControlFlow;
use std::os::fd::{AsFd as _, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::rc::Rc;

use crate::error::MediaError;
use crate::import::import;
use crate::limits::Limits;
use crate::probe::probe;
use crate::pyramid::{self, StoredTile};
use crate::source::{Cached, FileSource, ReadAt, Started};
use crate::view::OpenedImage;
use crate::worker::confine::{Confinement, renew_processor_time};
use crate::worker::memory::SealedMemory;
use crate::worker::protocol::{Operation, Origin, PIECE, Reply, Request};
use crate::worker::remote::RemoteSource;
use crate::worker::wire::Socket;

/// Memory up to this size is kept between requests instead of going back to the system.
const KEPT: usize = 16 << 20;

/// The whole of the hidden verb: takes the socket from standard input, reads its arguments
/// (`--address-space BYTES`), confines the process and serves until the program is gone.
///
/// Call it first in `main`, before threads, logging or anything else exists.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    crate::worker::descriptors::close_inherited();
    let mut confinement = Confinement::default();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let value = arguments.next().and_then(|value| value.to_str()?.parse().ok());
        match (argument.to_str(), value) {
            (Some("--address-space"), Some(bytes)) => confinement.address_space = bytes,
            _ => return ExitCode::from(2),
        }
    }
    match std::io::stdin().as_fd().try_clone_to_owned() {
        Ok(socket) => serve(socket, confinement),
        Err(_) => ExitCode::FAILURE,
    }
}

/// Confines this process and answers requests on a `SOCK_SEQPACKET` socket until it is closed.
pub fn serve(socket: OwnedFd, confinement: Confinement) -> ExitCode {
    // A process that can't confine itself must not read foreign bytes.
    if confinement.apply().is_err() {
        return ExitCode::FAILURE;
    }
    answer_all(socket)
}

/// Answers until the program is gone.
pub(crate) fn answer_all(socket: OwnedFd) -> ExitCode {
    keep_memory();
    let mut worker = Worker { socket: Rc::new(Socket::from_descriptor(socket)), open: None };
    while let Ok(message) = worker.socket.receive(None) {
        let Ok(request) = minicbor::decode::<Request>(&message.cbor) else {
            return ExitCode::from(2);
        };
        if renew_processor_time(request.limits.seconds).is_err() {
            return ExitCode::FAILURE;
        }
        let result = catch_unwind(AssertUnwindSafe(|| worker.answer(request, message.descriptors)));
        let answered = match result {
            Ok(Ok((reply, bytes))) => worker.send(&reply, bytes.as_deref()),
            Ok(Err(error)) => worker.send(&Reply::Refused(error), None),
            Err(panic) => {
                // Whatever the decoder held is in an unknown state.
                worker.open = None;
                worker.send(&Reply::Refused(broke_off(panic.as_ref())), None)
            }
        };
        if answered.is_err() {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Makes the allocator keep what images of ordinary size need: their pages would else be given back
/// and cleared again for every image. glibc maps large blocks on their own and gives the end of the
/// heap back, both beyond a size that grows with the largest block that was ever freed (mallopt(3),
/// `M_MMAP_THRESHOLD`); this block is never touched and so costs nothing. Other allocators do as
/// they like.
fn keep_memory() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(KEPT)));
}

fn broke_off(panic: &(dyn std::any::Any + Send)) -> MediaError {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given");
    MediaError::DecoderBrokeOff { detail: text.to_owned() }.sanitised()
}

pub(super) struct Worker {
    pub(super) socket: Rc<Socket>,
    pub(super) open: Option<OpenedImage>,
}

type Answer = (Reply, Option<Vec<u8>>);

impl Worker {
    fn send(&self, reply: &Reply, bytes: Option<&[u8]>) -> Result<(), MediaError> {
        send(&self.socket, reply, bytes)
    }

    pub(super) fn answer(
        &mut self,
        request: Request,
        mut descriptors: Vec<OwnedFd>,
    ) -> Result<Answer, MediaError> {
        let limits = request.limits;
        let mut source = |origin| self.source(origin, descriptors.pop());
        match request.operation {
            Operation::Probe(origin) => {
                Ok((Reply::Probed(probe(&*source(origin)?, &limits)?), None))
            }
            Operation::Import(origin) => {
                let found = import(source(origin)?, &limits)?;
                let bytes = found.thumbnail_jpeg.len() as u64;
                let reply =
                    Reply::Imported { probe: found.probe, statistics: found.statistics, bytes };
                Ok((reply, Some(found.thumbnail_jpeg)))
            }
            Operation::Thumbnail(origin) => {
                let jpeg = OpenedImage::open(source(origin)?, &limits)?.thumbnail()?;
                Ok((Reply::Thumbnail { bytes: jpeg.len() as u64 }, Some(jpeg)))
            }
            Operation::Open(origin) => {
                let source = source(origin)?;
                self.open = None;
                let mut image = OpenedImage::open(source, &limits)?;
                let statistics = image.statistics()?.clone();
                let probe = image.probe().clone();
                self.open = Some(image);
                Ok((Reply::Opened { probe, statistics }, None))
            }
            Operation::Tile { level, x, y, rendering } => {
                let tile = self.image()?.tile(level, x, y, &rendering)?;
                let (width, height, bytes) = (tile.width, tile.height, tile.bytes.len() as u64);
                Ok((
                    Reply::Tile { encoding: tile.encoding, width, height, bytes },
                    Some(tile.bytes),
                ))
            }
            Operation::Statistics => {
                Ok((Reply::Statistics(self.image()?.statistics()?.clone()), None))
            }
            Operation::Pyramid => self.pyramid(&limits),
            Operation::StoredTile { size, shape, statistics, rendering } => {
                let source = self.source(Origin::Memory { size }, descriptors.pop())?;
                let bytes =
                    crate::source::read_all(&*source, limits.max_decoded_bytes)?.into_owned();
                let tile = StoredTile { shape, bytes }.render(&statistics, &rendering)?;
                let (width, height, bytes) = (tile.width, tile.height, tile.bytes.len() as u64);
                Ok((
                    Reply::Tile { encoding: tile.encoding, width, height, bytes },
                    Some(tile.bytes),
                ))
            }
            Operation::Close => {
                self.open = None;
                Ok((Reply::Closed, None))
            }
        }
    }

    fn image(&mut self) -> Result<&mut OpenedImage, MediaError> {
        self.open.as_mut().ok_or(MediaError::WorkerMisbehaved { detail: "no image is open".into() })
    }

    fn source(
        &self,
        origin: Origin,
        descriptor: Option<OwnedFd>,
    ) -> Result<Box<dyn ReadAt>, MediaError> {
        match origin {
            Origin::Memory { size } => {
                let descriptor =
                    descriptor.ok_or(MediaError::Read { detail: "no descriptor came".into() })?;
                let memory = SealedMemory::received(descriptor, size)?;
                let file = FileSource::new(memory.into_file())
                    .map_err(|error| MediaError::read(&error))?;
                Ok(Box::new(file))
            }
            Origin::Ranges { size, start } => {
                let rest = Cached::new(RemoteSource::new(Rc::clone(&self.socket), size));
                Ok(Box::new(Started::new(start.map(Into::into).unwrap_or_default(), rest)))
            }
        }
    }

    fn pyramid(&mut self, limits: &Limits) -> Result<Answer, MediaError> {
        let socket = Rc::clone(&self.socket);
        let image = self.image()?;
        // Both the writer and the progress report send; they share what waits to be sent.
        let pieces = std::cell::RefCell::new(Pieces { socket, held: Vec::with_capacity(PIECE) });
        let mut failed = None;
        let seconds = limits.seconds;
        let built = pyramid::build(image, &mut Out(&pieces), &mut |done, total| {
            // Each sign of progress is worth another span of processor time.
            let sent = pieces.borrow_mut().send(done, total);
            match sent.and_then(|()| {
                renew_processor_time(seconds).map_err(|error| MediaError::read(&error))
            }) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            }
        });
        let summary = match (built, failed) {
            (_, Some(error)) => return Err(error),
            (built, None) => built?,
        };
        pieces.borrow_mut().send(summary.tiles, summary.tiles)?;
        Ok((Reply::PyramidDone { bytes: summary.bytes, tiles: summary.tiles }, None))
    }
}

/// Bytes of a pack on their way to the program.
struct Pieces {
    socket: Rc<Socket>,
    held: Vec<u8>,
}

impl Pieces {
    fn send(&mut self, done: u64, total: u64) -> Result<(), MediaError> {
        let reply = Reply::Piece { bytes: self.held.len() as u64, done, total };
        send(&self.socket, &reply, Some(&self.held))?;
        self.held.clear();
        Ok(())
    }
}

struct Out<'a>(&'a std::cell::RefCell<Pieces>);

impl Write for Out<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut pieces = self.0.borrow_mut();
        let room = PIECE - pieces.held.len();
        let taken = &bytes[..bytes.len().min(room)];
        pieces.held.extend_from_slice(taken);
        if taken.len() == room {
            pieces.send(0, 0).map_err(std::io::Error::other)?;
        }
        Ok(taken.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn send(socket: &Socket, reply: &Reply, bytes: Option<&[u8]>) -> Result<(), MediaError> {
    let cbor = minicbor::to_vec(reply)
        .map_err(|error| MediaError::Encode { detail: error.to_string() })?;
    match bytes {
        None => socket.send(&cbor, &[], None),
        Some(bytes) => {
            let memory = SealedMemory::of(bytes)?;
            socket.send(&cbor, &[memory.as_fd()], None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_larger_than_a_piece_goes_in_several() {
        let (program, worker) = Socket::pair().unwrap();
        let pieces = std::cell::RefCell::new(Pieces { socket: Rc::new(worker), held: Vec::new() });
        let tile: Vec<u8> = (0..2 * PIECE + 1000).map(|at| at as u8).collect();
        Out(&pieces).write_all(&tile).unwrap();
        pieces.borrow_mut().send(1, 1).unwrap();
        drop(pieces);

        let (mut received, mut sizes) = (Vec::new(), Vec::new());
        while let Ok(mut message) = program.receive(None) {
            let Reply::Piece { bytes, .. } = minicbor::decode(&message.cbor).unwrap() else {
                panic!("something else was sent");
            };
            let memory = SealedMemory::received(message.descriptors.remove(0), bytes).unwrap();
            received.extend(memory.read(PIECE as u64).unwrap());
            sizes.push(bytes as usize);
        }
        assert_eq!(sizes, [PIECE, PIECE, 1000]);
        assert!(received == tile);
    }
}
