//! The signed header of a change.

use minicbor::{Decoder, Encoder};

use super::{LISTED_PARTS, PartRef};
use crate::canonical::{Canonical, DecodeResult, EncodeResult, array_up_to, expect_array, invalid};
use crate::text::NAME_BYTES;
use crate::{ChangeId, Digest, ItemId, ProjectId, PublicKey, ReplicaId, Timestamp};

/// The header's format number.
pub const FORMAT: u8 = 1;
/// The suite: Ed25519 signatures over SHA-512 commitments.
pub const SUITE: u8 = 1;
/// The most heads that a merge names.
const HEADS: u64 = 4096;

/// With what a change was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// Program and version, `vaultmark 0.1.0`.
    pub program: String,
    /// The gesture or command: `box`, `select`, `annotations import coco`.
    pub gesture: String,
    /// The model and its version, where a model proposed it.
    pub model: Option<String>,
}

/// Heads of a project: the last (seq, hash) of each replica's chain, by replica.
pub type Heads = Vec<(ReplicaId, u64, Digest)>;

/// Why a change was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// One gesture: code 0.
    Edit,
    /// Restores what the named change found: code 1.
    Undo(ChangeId),
    /// Restores what the named undo took back: code 2.
    Redo(ChangeId),
    /// Many edits that belong together (an import, a bulk edit): code 3.
    Batch,
    /// Joins chains, naming their heads: code 4.
    Merge(Heads),
}

/// The bytes that an annotation was drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// The item.
    pub item: ItemId,
    /// SHA-512 of its file.
    pub digest: Digest,
}

/// The parts that a change touches with their bases, in leaf order. Either way a leaf that is not
/// shown still says what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parts {
    /// One by one; at most [`LISTED_PARTS`].
    Listed(Vec<PartRef>),
    /// SHA-512 of their canonical bytes, one after the other, where there are more.
    Digest(Digest),
}

impl Parts {
    /// The list, where it is one.
    #[must_use]
    pub fn listed(&self) -> Option<&[PartRef]> {
        match self {
            Self::Listed(parts) => Some(parts),
            Self::Digest(_) => None,
        }
    }
}

/// The small signed part of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Its identifier.
    pub id: ChangeId,
    /// The project.
    pub project: ProjectId,
    /// The copy of the project that wrote it.
    pub replica: ReplicaId,
    /// Position in that copy's chain, from 1.
    pub seq: u64,
    /// SHA-512 of the previous header's bytes in that chain; zero for the first.
    pub previous: Digest,
    /// The author's key.
    pub author: PublicKey,
    /// SHA-512 of the newest statement of the project's membership that the author knew: by it the
    /// author had the right to make the change. It never goes back along a chain.
    pub membership: Digest,
    /// Claimed time.
    pub time: Timestamp,
    /// With what it was made.
    pub tool: Tool,
    /// Why it was made.
    pub intent: Intent,
    /// The exact media that it touches, sorted by item; empty for a batch.
    pub content: Vec<Content>,
    /// The parts that it touches with their bases, in leaf order.
    pub parts: Parts,
    /// Number of leaves.
    pub leaves: u32,
    /// Merkle root over the leaves.
    pub root: Digest,
}

impl Canonical for Header {
    const WHAT: &'static str = "change header";

    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(16)?.u8(FORMAT)?.u8(SUITE)?;
        self.id.encode(e)?;
        self.project.encode(e)?;
        self.replica.encode(e)?;
        e.u64(self.seq)?;
        self.previous.encode(e)?;
        self.author.encode(e)?;
        self.membership.encode(e)?;
        self.time.encode(e)?;
        e.array(3)?.str(&self.tool.program)?.str(&self.tool.gesture)?;
        match &self.tool.model {
            Some(model) => e.str(model)?,
            None => e.null()?,
        };
        encode_intent(&self.intent, e)?;
        e.array(self.content.len() as u64)?;
        for content in &self.content {
            e.array(2)?;
            content.item.encode(e)?;
            content.digest.encode(e)?;
        }
        match &self.parts {
            Parts::Listed(parts) => {
                e.array(parts.len() as u64)?;
                parts.iter().try_for_each(|part| part.encode(e))?;
            }
            Parts::Digest(digest) => digest.encode(e)?,
        }
        e.u32(self.leaves)?;
        self.root.encode(e)
    }

    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 16)?;
        if (d.u8()?, d.u8()?) != (FORMAT, SUITE) {
            return Err(invalid(
                "the change is of a format or suite that this version does not know",
            ));
        }
        let header = Self {
            id: ChangeId::decode(d)?,
            project: ProjectId::decode(d)?,
            replica: ReplicaId::decode(d)?,
            seq: d.u64()?,
            previous: Digest::decode(d)?,
            author: PublicKey::decode(d)?,
            membership: Digest::decode(d)?,
            time: Timestamp::decode(d)?,
            tool: decode_tool(d)?,
            intent: decode_intent(d)?,
            content: decode_content(d)?,
            parts: decode_parts(d)?,
            leaves: d.u32()?,
            root: Digest::decode(d)?,
        };
        if header.seq == 0 {
            return Err(invalid("a chain counts from 1"));
        }
        let (leaves, most) = (u64::from(header.leaves), LISTED_PARTS as u64);
        if header.parts.listed().map_or(leaves <= most, |parts| parts.len() as u64 != leaves) {
            return Err(invalid("the header lists another number of parts than it has leaves"));
        }
        Ok(header)
    }
}

fn decode_tool(d: &mut Decoder<'_>) -> DecodeResult<Tool> {
    let short = |text: &str| {
        if text.len() > NAME_BYTES {
            Err(invalid("a tool's name is too long"))
        } else {
            Ok(text.to_owned())
        }
    };
    expect_array(d, 3)?;
    let program = short(d.str()?)?;
    let gesture = short(d.str()?)?;
    let model = if d.datatype()? == minicbor::data::Type::Null {
        d.null()?;
        None
    } else {
        Some(short(d.str()?)?)
    };
    Ok(Tool { program, gesture, model })
}

fn encode_intent(intent: &Intent, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
    match intent {
        Intent::Edit => {
            e.array(1)?.u8(0)?;
        }
        Intent::Undo(of) => {
            e.array(2)?.u8(1)?;
            of.encode(e)?;
        }
        Intent::Redo(of) => {
            e.array(2)?.u8(2)?;
            of.encode(e)?;
        }
        Intent::Batch => {
            e.array(1)?.u8(3)?;
        }
        Intent::Merge(heads) => {
            e.array(2)?.u8(4)?.array(heads.len() as u64)?;
            for (replica, seq, digest) in heads {
                e.array(3)?;
                replica.encode(e)?;
                e.u64(*seq)?;
                digest.encode(e)?;
            }
        }
    }
    Ok(())
}

fn decode_intent(d: &mut Decoder<'_>) -> DecodeResult<Intent> {
    match (d.array()?, d.u8()?) {
        (Some(1), 0) => Ok(Intent::Edit),
        (Some(2), 1) => ChangeId::decode(d).map(Intent::Undo),
        (Some(2), 2) => ChangeId::decode(d).map(Intent::Redo),
        (Some(1), 3) => Ok(Intent::Batch),
        (Some(2), 4) => {
            let mut heads = Heads::new();
            for _ in 0..array_up_to(d, HEADS)? {
                expect_array(d, 3)?;
                heads.push((ReplicaId::decode(d)?, d.u64()?, Digest::decode(d)?));
            }
            if !heads.is_sorted_by(|a, b| a.0 < b.0) {
                return Err(invalid("heads stand in the order of their replicas, once each"));
            }
            Ok(Intent::Merge(heads))
        }
        _ => Err(invalid("an unknown intent")),
    }
}

fn decode_content(d: &mut Decoder<'_>) -> DecodeResult<Vec<Content>> {
    let mut content = Vec::new();
    for _ in 0..array_up_to(d, LISTED_PARTS as u64)? {
        expect_array(d, 2)?;
        content.push(Content { item: ItemId::decode(d)?, digest: Digest::decode(d)? });
    }
    if !content.is_sorted_by(|a, b| a.item < b.item) {
        return Err(invalid("content stands in the order of its items, once each"));
    }
    Ok(content)
}

fn decode_parts(d: &mut Decoder<'_>) -> DecodeResult<Parts> {
    if d.datatype()? == minicbor::data::Type::Bytes {
        return Digest::decode(d).map(Parts::Digest);
    }
    let mut parts = Vec::new();
    for _ in 0..array_up_to(d, LISTED_PARTS as u64)? {
        parts.push(PartRef::decode(d)?);
    }
    Ok(Parts::Listed(parts))
}

/// A header as it is kept and sent: its signed bytes, and the signature over them in the namespace
/// of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chained {
    /// The canonical bytes of the header.
    pub header: Vec<u8>,
    /// The author's signature over them.
    pub signature: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::{Part, Subject};
    use crate::{AnnotationId, ModelError};

    fn header() -> Header {
        Header {
            id: ChangeId::from_bytes([1; 16]),
            project: ProjectId::from_bytes([2; 16]),
            replica: ReplicaId::from_bytes([3; 16]),
            seq: 1,
            previous: Digest::ZERO,
            author: PublicKey::new(1, vec![4; 32]),
            membership: Digest::ZERO,
            time: Timestamp::from_millis(5),
            tool: Tool { program: "vaultmark 0".into(), gesture: "box".into(), model: None },
            intent: Intent::Edit,
            content: vec![],
            parts: Parts::Listed(vec![PartRef {
                subject: Subject::Annotation(AnnotationId::from_bytes([6; 16])),
                part: Part::Geometry,
                base: None,
            }]),
            leaves: 1,
            root: Digest::ZERO,
        }
    }

    #[test]
    fn headers_round_trip_and_every_other_encoding_is_refused() {
        let mut one = header();
        for intent in [
            Intent::Edit,
            Intent::Undo(ChangeId::from_bytes([7; 16])),
            Intent::Batch,
            Intent::Merge(vec![(ReplicaId::from_bytes([1; 16]), 3, Digest::ZERO)]),
        ] {
            one.intent = intent;
            let bytes = one.to_bytes();
            assert_eq!(Header::from_bytes(&bytes).unwrap(), one);
            for cut in 0..bytes.len() {
                assert!(Header::from_bytes(&bytes[..cut]).is_err());
            }
        }
    }

    #[test]
    fn a_header_that_miscounts_its_parts_is_refused() {
        let refused = |one: &Header| {
            let read = Header::from_bytes(&one.to_bytes());
            assert!(matches!(read, Err(ModelError::NotCanonical { .. })));
        };
        let mut one = header();
        one.leaves = 2;
        refused(&one);
        // A digest stands only for what is too long to be listed.
        one.parts = Parts::Digest(Digest::ZERO);
        refused(&one);
        one.leaves = 257;
        assert_eq!(Header::from_bytes(&one.to_bytes()).unwrap(), one);
    }
}
