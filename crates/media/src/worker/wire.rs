//! Messages over a `SOCK_SEQPACKET` socket: a little CBOR and up to two descriptors each.
//!
//! A message is one byte of kind and a body. Kind 0: the body is the CBOR. Kind 1: the CBOR is too
//! long for a message and lies in sealed memory, the first descriptor; the body is its length (8
//! bytes, little-endian).

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags,
    SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg,
    sendmsg, socketpair,
};

use crate::error::MediaError;
use crate::worker::memory::SealedMemory;

/// CBOR up to this size travels in the message itself.
const INLINE: usize = 72 * 1024;
/// CBOR beyond this size is no message of ours.
const MAX_CBOR: u64 = 4 << 20;
/// Descriptors of one message.
const MAX_DESCRIPTORS: usize = 2;

/// One end of the pair.
#[derive(Debug)]
pub(super) struct Socket(OwnedFd);

/// A received message.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) cbor: Vec<u8>,
    pub(super) descriptors: Vec<OwnedFd>,
}

/// Why nothing was received.
#[derive(Debug)]
pub(super) enum RecvError {
    /// The other side is gone.
    Closed,
    /// The deadline passed.
    TimedOut,
    /// What came is not a message.
    Invalid(&'static str),
    /// The system failed.
    System(io::Error),
}

impl From<io::Error> for RecvError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl Socket {
    pub(super) fn pair() -> io::Result<(Self, Self)> {
        let (a, b) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        Ok((Self(a), Self(b)))
    }

    pub(super) fn from_descriptor(descriptor: OwnedFd) -> Self {
        Self(descriptor)
    }

    pub(super) fn into_descriptor(self) -> OwnedFd {
        self.0
    }

    /// Sends one message. Blocks while the other side's buffer is full, at most until `deadline`.
    pub(super) fn send(
        &self,
        cbor: &[u8],
        descriptors: &[BorrowedFd<'_>],
        deadline: Option<Instant>,
    ) -> Result<(), MediaError> {
        if cbor.len() <= INLINE {
            return self.send_parts(0, cbor, descriptors, deadline).map_err(|error| gone(&error));
        }
        let memory = SealedMemory::of(cbor)?;
        let mut all = vec![memory.as_fd()];
        all.extend_from_slice(descriptors);
        self.send_parts(1, &memory.size().to_le_bytes(), &all, deadline)
            .map_err(|error| gone(&error))
    }

    pub(super) fn send_parts(
        &self,
        kind: u8,
        body: &[u8],
        descriptors: &[BorrowedFd<'_>],
        deadline: Option<Instant>,
    ) -> io::Result<()> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
        loop {
            let mut ancillary = SendAncillaryBuffer::new(&mut space);
            if !descriptors.is_empty()
                && !ancillary.push(SendAncillaryMessage::ScmRights(descriptors))
            {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            self.wait(PollFlags::OUT, deadline).map_err(|error| match error {
                RecvError::System(error) => error,
                _ => io::ErrorKind::TimedOut.into(),
            })?;
            let parts = [IoSlice::new(std::slice::from_ref(&kind)), IoSlice::new(body)];
            match sendmsg(
                &self.0,
                &parts,
                &mut ancillary,
                SendFlags::NOSIGNAL | SendFlags::DONTWAIT,
            ) {
                Ok(_) => return Ok(()),
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Receives one message, waiting until `deadline` (for ever without one).
    pub(super) fn receive(&self, deadline: Option<Instant>) -> Result<Message, RecvError> {
        let mut buffer = vec![0; INLINE + 1];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
        let (length, flags, mut descriptors) = loop {
            self.wait(PollFlags::IN, deadline)?;
            let mut ancillary = RecvAncillaryBuffer::new(&mut space);
            let received = {
                let mut parts = [IoSliceMut::new(&mut buffer)];
                recvmsg(
                    &self.0,
                    &mut parts,
                    &mut ancillary,
                    RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT,
                )
            };
            match received {
                Ok(received) => {
                    let mut descriptors = Vec::new();
                    for message in ancillary.drain() {
                        if let RecvAncillaryMessage::ScmRights(found) = message {
                            descriptors.extend(found);
                        }
                    }
                    break (received.bytes, received.flags, descriptors);
                }
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                Err(rustix::io::Errno::CONNRESET) => return Err(RecvError::Closed),
                Err(error) => return Err(RecvError::System(error.into())),
            }
        };
        if flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC) {
            return Err(RecvError::Invalid("a message is too long"));
        }
        match buffer[..length].split_first() {
            None => Err(RecvError::Closed),
            Some((0, body)) => Ok(Message { cbor: body.to_vec(), descriptors }),
            Some((1, body)) if !descriptors.is_empty() => {
                let size = u64::from_le_bytes(
                    body.try_into().map_err(|_| RecvError::Invalid("a message has no length"))?,
                );
                let memory = SealedMemory::received(descriptors.remove(0), size);
                let cbor = memory.and_then(|memory| memory.read(MAX_CBOR));
                Ok(Message {
                    cbor: cbor
                        .map_err(|_| RecvError::Invalid("a long message is not sealed memory"))?,
                    descriptors,
                })
            }
            Some(_) => Err(RecvError::Invalid("a message is of no known kind")),
        }
    }

    fn wait(&self, flags: PollFlags, deadline: Option<Instant>) -> Result<(), RecvError> {
        loop {
            let left = match deadline {
                None => None,
                Some(deadline) => match deadline.checked_duration_since(Instant::now()) {
                    None | Some(Duration::ZERO) => return Err(RecvError::TimedOut),
                    Some(left) => Some(left),
                },
            };
            let timeout = left.map(|left| Timespec {
                tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: left.subsec_nanos().into(),
            });
            match poll(&mut [PollFd::new(&self.0, flags)], timeout.as_ref()) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return Ok(()),
                Err(error) => return Err(RecvError::System(error.into())),
            }
        }
    }
}

fn gone(error: &io::Error) -> MediaError {
    MediaError::WorkerDied { detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_short_and_long_with_descriptors() {
        let (a, b) = Socket::pair().unwrap();
        let extra = SealedMemory::of(b"extra").unwrap();
        for length in [0, 1, INLINE, INLINE + 1, 300_000] {
            let cbor: Vec<u8> = (0..length).map(|i| i as u8).collect();
            a.send(&cbor, &[extra.as_fd()], None).unwrap();
            let message = b.receive(None).unwrap();
            assert_eq!(message.cbor, cbor);
            let received =
                SealedMemory::received(message.descriptors.into_iter().next().unwrap(), 5).unwrap();
            assert_eq!(received.read(5).unwrap(), b"extra");
        }
    }

    #[test]
    fn silence_ends_at_the_deadline_and_a_closed_peer_is_seen() {
        let (a, b) = Socket::pair().unwrap();
        let soon = Instant::now() + Duration::from_millis(20);
        assert!(matches!(b.receive(Some(soon)), Err(RecvError::TimedOut)));
        drop(a);
        assert!(matches!(b.receive(None), Err(RecvError::Closed)));
        assert_eq!(b.send(b"x", &[], None).unwrap_err().kind(), "media-worker-died");
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let (a, b) = Socket::pair().unwrap();
        for (kind, body) in [(7, &b"x"[..]), (1, &b"12345678"[..])] {
            a.send_parts(kind, body, &[], None).unwrap();
            assert!(matches!(b.receive(None), Err(RecvError::Invalid(_))));
        }
        let unsealed = std::fs::File::open("/dev/null").unwrap();
        a.send_parts(1, &8u64.to_le_bytes(), &[unsealed.as_fd()], None).unwrap();
        assert!(matches!(b.receive(None), Err(RecvError::Invalid(_))));
    }
}
