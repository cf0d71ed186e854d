//! Interchange: other programs' annotation formats to and from the model.
//!
//! Every format is one folder and one line in [`registry`]. Formats stream: they ask a [`Dataset`]
//! for records and write them to an [`Output`], or read [`Input`]s and hand records to a [`Sink`];
//! memory grows with the schema and the number of images, never with the number of annotations
//! times their size. They know neither keys nor databases nor the file system.
//!
//! Promises: before writing, [`Format::losses`] says what the target can't hold; after reading, the
//! [`ReadReport`] names every refused, repaired, guessed and skipped thing by file and line. Writers
//! are deterministic: the same content gives the same bytes. A bad record is refused and the good
//! ones go in; strict reading refuses everything before anything reaches the sink.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod census;
pub mod dataset;
pub mod error;
pub mod format;
pub mod frame;
pub mod input;
pub mod memory;
pub mod output;
pub mod registry;
pub mod report;
pub mod settings;
pub mod sink;

mod coco;
mod ids;
mod json;
mod limits;
mod lookup;
mod native;
mod text;
mod voc;

pub use census::{Census, Counting, Loss};
pub use dataset::{AnnotationRecord, Dataset, ItemRecord, ProjectFacts};
pub use error::FormatError;
pub use format::Format;
pub use frame::Frame;
pub use input::Input;
pub use output::Output;
pub use registry::{find, formats};
pub use report::{Note, Notes, ReadReport, WriteReport};
pub use settings::{Choice, Direction, ReadOptions, Setting, Settings, WriteOptions};
pub use sink::{HIGHEST_NUMBER, ItemRef, LabelHint, Lookup, NewAnnotation, Sink, SinkError};
