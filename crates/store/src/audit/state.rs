//! Where the log stands: the key of its next MAC, its head and its length.
//!
//! The MAC key must work before anyone signs in, so it lies on the disk; what protects the past is
//! that each key is overwritten once its successor is durable. Hence two fixed places in one file,
//! written in turn and in place: the new state goes to the free place and is made durable, then the
//! old place is overwritten. A crash leaves at least one whole state. The record is sealed under a
//! key that the vault's header gives away, which finds damage and hides nothing.

use std::fs::File;
use std::path::{Path, PathBuf};

use minicbor::{Decoder, Encoder};
use vaultmark_crypto::{Key, SecretBytes, open_record, seal_record};
use vaultmark_model::canonical::{
    Canonical, DecodeResult, EncodeResult, decode_option, encode_option, expect_array, invalid,
};
use vaultmark_model::{Digest, Timestamp};

use super::attempts::Attempts;
use super::place;
use crate::{Ambient, StoreError, atomic};

/// Bytes of one of the two places.
const PLACE: usize = 32 * 1024;
/// Generation (8, big-endian) and length (4, big-endian) before the record.
const PREFIX: usize = 12;
const LABEL: &str = "audit/state";
const WHAT: &str = "audit log's state";

/// A checkpoint's place in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub seq: u64,
    pub digest: Digest,
    pub offset: u64,
    pub time: Timestamp,
}

impl Canonical for Mark {
    const WHAT: &'static str = "checkpoint's place";
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(4)?.u64(self.seq)?;
        self.digest.encode(e)?;
        e.u64(self.offset)?;
        self.time.encode(e)
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 4)?;
        Ok(Self {
            seq: d.u64()?,
            digest: Digest::decode(d)?,
            offset: d.u64()?,
            time: Timestamp::decode(d)?,
        })
    }
}

/// Where the log stands.
#[derive(Debug)]
pub(crate) struct State {
    /// The number of the next entry.
    pub next: u64,
    /// The hash of the last entry.
    pub head: Digest,
    /// Where the last entry's frame begins in the file.
    pub last_offset: u64,
    /// Bytes of the file that are known to be whole.
    pub length: u64,
    /// The time of the last entry.
    pub time: Timestamp,
    /// The MAC key of the next entry.
    pub key: Key,
    /// The last signed checkpoint.
    pub checkpoint: Option<Mark>,
    /// Failed sign-ins.
    pub attempts: Attempts,
}

impl Canonical for State {
    const WHAT: &'static str = WHAT;
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(9)?.u8(1)?.u64(self.next)?;
        self.head.encode(e)?;
        e.u64(self.last_offset)?.u64(self.length)?;
        self.time.encode(e)?;
        e.bytes(self.key.expose())?;
        encode_option(e, self.checkpoint.as_ref())?;
        self.attempts.encode(e)
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 9)?;
        if d.u8()? != 1 {
            return Err(invalid("the state is of a format that this version does not know"));
        }
        Ok(Self {
            next: d.u64()?,
            head: Digest::decode(d)?,
            last_offset: d.u64()?,
            length: d.u64()?,
            time: Timestamp::decode(d)?,
            key: Key::from_slice(d.bytes()?).map_err(minicbor::decode::Error::message)?,
            checkpoint: decode_option(d)?,
            attempts: Attempts::decode(d)?,
        })
    }
}

/// The file with the two places.
#[derive(Debug)]
pub(crate) struct StateFile {
    file: File,
    path: PathBuf,
    key: Key,
    generation: u64,
    /// Bytes that the present record takes, to be overwritten when it is superseded.
    used: usize,
}

impl StateFile {
    /// Makes the file with its first state.
    pub fn create(
        path: &Path,
        key: Key,
        state: &State,
        ambient: &Ambient,
    ) -> Result<Self, StoreError> {
        let fail = |source| StoreError::io("the audit log's state", path, source);
        atomic::write("the audit log's state", path, &vec![0; 2 * PLACE])?;
        let file = File::options().read(true).write(true).open(path).map_err(fail)?;
        let mut made = Self { file, path: path.to_path_buf(), key, generation: 0, used: 0 };
        made.write(state, ambient)?;
        Ok(made)
    }

    /// Opens the file and reads the newest whole state.
    pub fn open(path: &Path, key: Key) -> Result<(Self, State), StoreError> {
        let fail = |source| StoreError::io("reading", path, source);
        let file =
            File::options().read(true).write(true).open(path).map_err(|source| {
                match source.kind() {
                    std::io::ErrorKind::NotFound => {
                        StoreError::damaged(WHAT, "the file is missing")
                    }
                    std::io::ErrorKind::PermissionDenied => {
                        StoreError::ReadOnly { path: path.to_path_buf() }
                    }
                    _ => fail(source),
                }
            })?;
        let mut places = [vec![0; PLACE], vec![0; PLACE]];
        for (index, bytes) in places.iter_mut().enumerate() {
            place::read_up_to(&file, bytes, (index * PLACE) as u64).map_err(fail)?;
        }
        let mut newest: Option<(u64, usize, State)> = None;
        for (index, bytes) in places.iter().enumerate() {
            if let Some((generation, used, state)) = Self::read(&key, index, bytes)
                && newest.as_ref().is_none_or(|(other, ..)| *other < generation)
            {
                newest = Some((generation, used, state));
            }
        }
        let (generation, used, state) =
            newest.ok_or_else(|| StoreError::damaged(WHAT, "neither of its two records opens"))?;
        Ok((Self { file, path: path.to_path_buf(), key, generation, used }, state))
    }

    /// Makes a new state durable, then overwrites the one before.
    pub fn write(&mut self, state: &State, ambient: &Ambient) -> Result<(), StoreError> {
        let fail = |source| StoreError::io("the audit log's state", &self.path, source);
        let generation = self.generation + 1;
        let plain = SecretBytes::new(state.to_bytes());
        let context = generation.to_be_bytes();
        let record = seal_record(&self.key, LABEL, &context, &plain, ambient.entropy.as_ref())?;
        let used = PREFIX + record.len();
        if used > PLACE {
            return Err(StoreError::refused("recording", "the audit log's state is too large"));
        }
        let length = u32::try_from(record.len()).unwrap_or(u32::MAX);
        let bytes = [&context[..], &length.to_be_bytes(), &record].concat();
        place::write_all(&self.file, &bytes, Self::offset(generation)).map_err(fail)?;
        self.file.sync_data().map_err(fail)?;
        // From here on the new state counts. The old one goes to the disk with the next flush; its
        // key made no entry after this moment.
        let zeros = vec![0; self.used];
        place::write_all(&self.file, &zeros, Self::offset(self.generation)).map_err(fail)?;
        (self.generation, self.used) = (generation, used);
        Ok(())
    }

    fn offset(generation: u64) -> u64 {
        (generation % 2) * PLACE as u64
    }

    fn read(key: &Key, index: usize, bytes: &[u8]) -> Option<(u64, usize, State)> {
        let (generation, rest) = bytes.split_first_chunk::<8>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let record = rest.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        let plain = open_record(key, LABEL, generation, record).ok()?;
        let state = State::from_bytes(&plain).ok()?;
        let number = u64::from_be_bytes(*generation);
        (Self::offset(number) == (index * PLACE) as u64)
            .then(|| (number, PREFIX + record.len(), state))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(next: u64) -> State {
        State {
            next,
            head: Digest::ZERO,
            last_offset: 0,
            length: next * 100,
            time: Timestamp::from_millis(1),
            key: Key::from_slice(&[u8::try_from(next).unwrap(); 32]).unwrap(),
            checkpoint: None,
            attempts: Attempts::default(),
        }
    }

    fn key() -> Key {
        Key::from_slice(&[9; 32]).unwrap()
    }

    #[test]
    fn the_newest_whole_state_is_read_and_older_keys_are_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let ambient = Ambient::system();
        let mut file = StateFile::create(&path, key(), &state(0), &ambient).unwrap();
        for next in 1..5 {
            file.write(&state(next), &ambient).unwrap();
            let (_, read) = StateFile::open(&path, key()).unwrap();
            assert_eq!(read.next, next);
            // One of the two places holds nothing.
            let bytes = std::fs::read(&path).unwrap();
            assert!(bytes.chunks(PLACE).filter(|p| p.iter().all(|b| *b == 0)).count() == 1);
        }
    }

    #[test]
    fn a_torn_write_leaves_the_state_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let ambient = Ambient::system();
        let mut file = StateFile::create(&path, key(), &state(1), &ambient).unwrap();
        let before = std::fs::read(&path).unwrap();
        file.write(&state(2), &ambient).unwrap();
        let after = std::fs::read(&path).unwrap();
        // The crash: half of the new record, and the old one not yet overwritten.
        let used = PREFIX + 40;
        let mut torn = before.clone();
        torn[..used].copy_from_slice(&after[..used]);
        std::fs::write(&path, &torn).unwrap();
        assert_eq!(StateFile::open(&path, key()).unwrap().1.next, 1);
    }

    #[test]
    fn every_flipped_byte_is_damage_and_not_another_state() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let mut file = StateFile::create(&path, key(), &state(1), &Ambient::system()).unwrap();
        file.write(&state(2), &Ambient::system()).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let used = file.used;
        for at in 0..used {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            std::fs::write(&path, &flipped).unwrap();
            assert!(matches!(StateFile::open(&path, key()), Err(StoreError::Damaged { .. })));
        }
    }
}
