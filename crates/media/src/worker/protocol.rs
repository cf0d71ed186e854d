//! The messages between program and worker.
//!
//! A request is followed by any number of [`Reply::Need`] (each answered by a [`Range`]) and
//! [`Reply::Piece`], and ended by exactly one of the other replies.

use minicbor::{Decode, Encode};

use crate::encode::Encoding;
use crate::error::MediaError;
use crate::limits::Limits;
use crate::probe::Probe;
use crate::pyramid::TileShape;
use crate::render::Rendering;
use crate::statistics::Statistics;

/// The longest range that is asked for at once.
pub(super) const MAX_RANGE: u32 = 64 * 1024;
/// The most bytes of a pack that are sent at once.
pub(super) const PIECE: usize = 8 << 20;
/// So many bytes of the beginning travel with a request about a source that stays with the program:
/// all that most headers need, so that looking at a file takes one round trip.
pub(super) const START: usize = crate::probe::HEADER;

/// What the program wants.
#[derive(Debug, Encode, Decode)]
pub(super) struct Request {
    #[n(0)]
    pub(super) limits: Limits,
    #[n(1)]
    pub(super) operation: Operation,
}

/// Where the bytes of an image are.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(super) enum Origin {
    /// In sealed memory, the message's descriptor.
    #[n(0)]
    Memory {
        #[n(0)]
        size: u64,
    },
    /// With the program, which is asked for ranges. It sends the first [`START`] bytes unasked and
    /// makes nothing of them itself.
    #[n(1)]
    Ranges {
        #[n(0)]
        size: u64,
        #[n(1)]
        start: Option<minicbor::bytes::ByteVec>,
    },
}

#[derive(Debug, Encode, Decode)]
pub(super) enum Operation {
    #[n(0)]
    Probe(#[n(0)] Origin),
    /// Probe, decode everything, thumbnail, statistics: one round trip.
    #[n(1)]
    Import(#[n(0)] Origin),
    #[n(2)]
    Thumbnail(#[n(0)] Origin),
    /// Keeps the image for `Tile`, `Pyramid` and `Statistics`; replaces one that is open.
    #[n(3)]
    Open(#[n(0)] Origin),
    #[n(4)]
    Tile {
        #[n(0)]
        level: u32,
        #[n(1)]
        x: u32,
        #[n(2)]
        y: u32,
        #[n(3)]
        rendering: Rendering,
    },
    #[n(5)]
    Statistics,
    #[n(6)]
    Pyramid,
    /// Renders a tile of a pack, whose bytes are the message's descriptor.
    #[n(7)]
    StoredTile {
        #[n(0)]
        size: u64,
        #[n(1)]
        shape: TileShape,
        #[n(2)]
        statistics: Statistics,
        #[n(3)]
        rendering: Rendering,
    },
    #[n(8)]
    Close,
}

/// What the worker says. `bytes` are the size of the sealed memory that comes with the message.
#[derive(Debug, Encode, Decode)]
pub(super) enum Reply {
    #[n(0)]
    Probed(#[n(0)] Probe),
    #[n(1)]
    Imported {
        #[n(0)]
        probe: Probe,
        #[n(1)]
        statistics: Statistics,
        #[n(2)]
        bytes: u64,
    },
    #[n(2)]
    Thumbnail {
        #[n(0)]
        bytes: u64,
    },
    #[n(3)]
    Opened {
        #[n(0)]
        probe: Probe,
        #[n(1)]
        statistics: Statistics,
    },
    #[n(4)]
    Tile {
        #[n(0)]
        encoding: Encoding,
        #[n(1)]
        width: u32,
        #[n(2)]
        height: u32,
        #[n(3)]
        bytes: u64,
    },
    #[n(5)]
    Statistics(#[n(0)] Statistics),
    /// The next bytes of a pack, and how far it is.
    #[n(6)]
    Piece {
        #[n(0)]
        bytes: u64,
        #[n(1)]
        done: u64,
        #[n(2)]
        total: u64,
    },
    #[n(7)]
    PyramidDone {
        #[n(0)]
        bytes: u64,
        #[n(1)]
        tiles: u64,
    },
    #[n(8)]
    Closed,
    #[n(9)]
    Refused(#[n(0)] MediaError),
    /// Please send these bytes of the source.
    #[n(10)]
    Need {
        #[n(0)]
        offset: u64,
        #[n(1)]
        length: u32,
    },
}

/// The answer to [`Reply::Need`]. `None`: they could not be read.
#[derive(Debug, Encode, Decode)]
pub(super) struct Range {
    #[n(0)]
    pub(super) bytes: Option<minicbor::bytes::ByteVec>,
}
