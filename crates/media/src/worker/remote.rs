//! The worker's view of a source that stays with the program.

use std::io;
use std::os::fd::OwnedFd;
use std::rc::Rc;

use crate::source::ReadAt;
use crate::worker::protocol::{MAX_RANGE, Range, Reply};
use crate::worker::wire::Socket;

/// Asks the program for each range. Behind a cache, because each one is a round trip.
pub(super) struct RemoteSource {
    socket: Rc<Socket>,
    size: u64,
}

impl RemoteSource {
    pub(super) fn new(socket: Rc<Socket>, size: u64) -> Self {
        Self { socket, size }
    }

    fn ask(&self, offset: u64, length: u32) -> io::Result<Vec<u8>> {
        let ask = minicbor::to_vec(Reply::Need { offset, length }).map_err(io::Error::other)?;
        self.socket.send(&ask, &[], None).map_err(io::Error::other)?;
        let message =
            self.socket.receive(None).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        let _: Vec<OwnedFd> = message.descriptors;
        let range: Range = minicbor::decode(&message.cbor).map_err(io::Error::other)?;
        match range.bytes {
            Some(bytes) if bytes.len() == length as usize => Ok(bytes.into()),
            _ => Err(io::Error::other("the bytes could not be read from the vault")),
        }
    }
}

impl ReadAt for RemoteSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        if offset.checked_add(buffer.len() as u64).is_none_or(|end| end > self.size) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut at = offset;
        for part in buffer.chunks_mut(MAX_RANGE as usize) {
            part.copy_from_slice(&self.ask(at, part.len() as u32)?);
            at += part.len() as u64;
        }
        Ok(())
    }
}
