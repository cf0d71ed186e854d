//! Imagery: recognise, check, decode, turn upright, render for the screen, shrink, cut into tiles,
//! and the worker process that does all of it away from the keys.
//!
//! Two doors lead in:
//!
//! * **[`Pool`]** is what the program uses. Every foreign byte is parsed in a worker process that
//!   gets a descriptor and answers with sealed memory: no paths, no keys, no environment. A file
//!   that kills, stalls or fools its worker costs one typed [`MediaError`].
//! * **The plain functions** ([`probe`], [`decode`], [`import`], [`OpenedImage`], [`pyramid`]) do
//!   the same work in this process. The worker calls them; so do benches and tests.
//!
//! Promises: a file is recognised by content, never by its name; every limit is checked against
//! what the headers claim *before* anything of that size is allocated; the stored file is never
//! changed, orientation is applied to pixels on the way to the screen only; equal input gives equal
//! bytes (thumbnails, tiles, packs).
//!
//! The crate knows neither keys nor databases, prints nothing and reads no environment variable.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod decode;
mod encode;
mod error;
mod exif;
mod facts;
mod format;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod headers;
mod import;
mod levels;
mod limits;
mod orient;
mod probe;
pub mod pyramid;
mod raster;
mod render;
mod scale;
mod source;
mod statistics;
mod thumbnail;
mod tiff;
mod view;
pub mod worker;

pub use decode::decode;
pub use encode::{Encoded, Encoding};
pub use error::MediaError;
pub use format::Format;
pub use import::{Imported, import};
pub use levels::{LevelSize, TILE, levels_of};
pub use limits::Limits;
pub use orient::Orientation;
pub use probe::{Probe, probe};
pub use pyramid::wants_pyramid;
pub use raster::{Raster, SampleFormat, Samples};
pub use render::{Rendering, Stretch, render};
pub use source::{FileSource, ReadAt};
pub use statistics::{BandStatistics, Statistics};
pub use thumbnail::{THUMBNAIL_SIDE, thumbnail};
pub use view::OpenedImage;
pub use worker::confine::Confinement;
pub use worker::{MediaSource, OpenImage, Pool, SealedMemory, memfd_from};
