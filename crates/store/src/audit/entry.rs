//! The open part of an audit entry: what anyone with the folder may see, chained and authenticated.
//!
//! ```text
//! log    = "vaultmark-audit" ‖ format (1) ‖ frame*
//! frame  = length (4, big-endian) ‖ entry (length) ‖ MAC (32)
//! entry  = [1, seq, previous, time, kind, account / null, sealed, signature / null]
//! ```
//! `previous` is SHA-512 of the entry before (zero for the first). The MAC is the evolving one of the
//! crypto crate over the entry, so that an entry is authenticated before anyone signs in and can't
//! be rewritten later. `sealed` is an age file for the auditors. A checkpoint's signature is over
//! the same entry with `null` in the signature's place. `account` is the slot's file name, which is
//! a keyed hash and names no person.

use minicbor::{Decoder, Encoder};
use vaultmark_crypto::{Key, sha512};
use vaultmark_model::canonical::{Canonical, DecodeResult, EncodeResult, expect_array, invalid};
use vaultmark_model::{Digest, Timestamp, VaultId};

/// What the file begins with; the last byte is the format.
pub(crate) const MAGIC: [u8; 16] = *b"vaultmark-audit\x01";
/// Bytes of a frame's MAC.
pub(crate) const TAG: usize = 32;
/// Bytes of a frame's length.
pub(crate) const LENGTH: usize = 4;
/// The most bytes of one entry.
pub(crate) const MOST_ENTRY: usize = 1 << 20;

/// What kind an entry is, as far as it must be known without opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The first entry: it carries the MAC's first key, sealed.
    Begin = 0,
    /// Something happened.
    Event = 1,
    /// A signed checkpoint.
    Checkpoint = 2,
    /// Someone signed in.
    SignIn = 3,
    /// Someone failed to sign in.
    SignInFailed = 4,
}

impl Kind {
    const ALL: [Self; 5] =
        [Self::Begin, Self::Event, Self::Checkpoint, Self::SignIn, Self::SignInFailed];
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub seq: u64,
    pub previous: Digest,
    pub time: Timestamp,
    pub kind: Kind,
    pub account: Option<String>,
    pub sealed: Vec<u8>,
    pub signature: Option<Vec<u8>>,
}

impl Entry {
    /// The bytes that a checkpoint's signature is over.
    pub fn signed_bytes(&self) -> Vec<u8> {
        Self { signature: None, ..self.clone() }.to_bytes()
    }
}

/// A frame around an entry's bytes.
pub(crate) fn frame(entry: &[u8], tag: &[u8; TAG]) -> Vec<u8> {
    let length = u32::try_from(entry.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes()[..], entry, tag].concat()
}

/// A frame as it was read.
#[derive(Debug)]
pub(crate) struct Framed<'a> {
    pub entry: Entry,
    pub bytes: &'a [u8],
    pub tag: [u8; TAG],
}

impl Framed<'_> {
    /// The entry's hash, as the next one names it.
    pub fn hash(&self) -> Digest {
        sha512(self.bytes)
    }

    /// Bytes that the frame takes in the file.
    pub fn len(&self) -> usize {
        LENGTH + self.bytes.len() + TAG
    }
}

/// Reads the frame at the start of `bytes`; none where there is no whole and well-formed one.
pub(crate) fn read_frame(bytes: &[u8]) -> Option<Framed<'_>> {
    let (length, rest) = bytes.split_first_chunk::<LENGTH>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    if length > MOST_ENTRY {
        return None;
    }
    let body = rest.get(..length)?;
    let tag = rest.get(length..length + TAG)?;
    let entry = Entry::from_bytes(body).ok()?;
    Some(Framed { entry, bytes: body, tag: tag.try_into().ok()? })
}

impl Canonical for Entry {
    const WHAT: &'static str = "audit entry";

    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(8)?.u8(1)?.u64(self.seq)?;
        self.previous.encode(e)?;
        self.time.encode(e)?;
        e.u8(self.kind as u8)?;
        match &self.account {
            Some(account) => e.str(account)?,
            None => e.null()?,
        };
        e.bytes(&self.sealed)?;
        match &self.signature {
            Some(signature) => e.bytes(signature)?,
            None => e.null()?,
        };
        Ok(())
    }

    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 8)?;
        if d.u8()? != 1 {
            return Err(invalid("the entry is of a format that this version does not know"));
        }
        let seq = d.u64()?;
        let previous = Digest::decode(d)?;
        let time = Timestamp::decode(d)?;
        let kind = *Kind::ALL
            .get(usize::from(d.u8()?))
            .ok_or_else(|| invalid("an unknown kind of entry"))?;
        let account = if is_null(d)? { None } else { Some(d.str()?.to_owned()) };
        let sealed = d.bytes()?.to_vec();
        let signature = if is_null(d)? { None } else { Some(d.bytes()?.to_vec()) };
        Ok(Self { seq, previous, time, kind, account, sealed, signature })
    }
}

/// Takes a `null` where there is one.
fn is_null(d: &mut Decoder<'_>) -> DecodeResult<bool> {
    let null = d.datatype()? == minicbor::data::Type::Null;
    if null {
        d.null()?;
    }
    Ok(null)
}

/// What the first entry seals: `[1, vault, the MAC's first key]`.
pub(crate) struct Beginning {
    pub vault: VaultId,
    pub first: Key,
}

impl Beginning {
    /// The plaintext; the caller lets it be overwritten.
    pub fn to_secret_bytes(&self) -> vaultmark_crypto::SecretBytes {
        let mut e = Encoder::new(Vec::with_capacity(128));
        let written = e
            .array(3)
            .and_then(|e| e.u8(1))
            .and_then(|e| e.bytes(self.vault.as_bytes()))
            .and_then(|e| e.bytes(self.first.expose()))
            .map(|_| ());
        vaultmark_crypto::SecretBytes::new(match written {
            Ok(()) => e.into_writer(),
            // Memory is the writer and its error type has no values.
            Err(_) => Vec::new(),
        })
    }

    /// Reads the plaintext.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut d = Decoder::new(bytes);
        expect_array(&mut d, 3).ok()?;
        if d.u8().ok()? != 1 {
            return None;
        }
        let vault = VaultId::decode(&mut d).ok()?;
        let first = Key::from_slice(d.bytes().ok()?).ok()?;
        (d.position() == bytes.len()).then_some(Self { vault, first })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_round_trip_and_no_prefix_passes_for_one() {
        let entry = Entry {
            seq: 3,
            previous: Digest::ZERO,
            time: Timestamp::from_millis(9),
            kind: Kind::SignInFailed,
            account: Some("abc".into()),
            sealed: vec![1, 2, 3],
            signature: Some(vec![4; 64]),
        };
        let bytes = frame(&entry.to_bytes(), &[7; TAG]);
        let read = read_frame(&bytes).unwrap();
        assert_eq!((&read.entry, read.len()), (&entry, bytes.len()));
        for cut in 0..bytes.len() {
            assert!(read_frame(&bytes[..cut]).is_none());
        }
        let mut unsigned = entry.clone();
        unsigned.signature = None;
        assert_eq!(entry.signed_bytes(), unsigned.to_bytes());
    }

    #[test]
    fn the_first_key_round_trips() {
        let vault = VaultId::from_bytes([5; 16]);
        let first = Key::from_slice(&[6; 32]).unwrap();
        let bytes = Beginning { vault, first: first.duplicate().unwrap() }.to_secret_bytes();
        let read = Beginning::read(&bytes).unwrap();
        assert!(read.vault == vault && read.first.same_as(&first));
        assert!(Beginning::read(&bytes[1..]).is_none());
    }
}
