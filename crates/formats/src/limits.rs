//! What an annotation file may cost, whatever is in it: its size is bounded by who opens it, its
//! memory by these. `tests/bounds.rs` reads files that meet the bounds on records, images, classes and
//! objects and holds the memory that it takes; by reckoning, all at once take less than 600 MiB.
//!
//! A bound on one record refuses that record or, where the record can't be told from the rest, the
//! file; a bound on what is kept for the whole file refuses the file. Each names itself in the report.

/// The most bytes of one record: a polygon with a million vertices has about 40 MiB.
pub(crate) const RECORD_BYTES: usize = 64 << 20;
/// The most values (numbers, texts, brackets) of one record. Parsed, a value takes many times the two
/// bytes that it may have in the file. A polygon of a million vertices has three million values where
/// each vertex has brackets of its own.
pub(crate) const RECORD_VALUES: usize = 4 << 20;
/// The most bytes of one text of a record, but for the runs of a pixel mask.
pub(crate) const RECORD_TEXT_BYTES: usize = 1 << 20;
/// The most runs of one pixel mask.
pub(crate) const RUNS: usize = 4 << 20;
/// The most keys of one record that are not known and are named in the report.
pub(crate) const UNKNOWN_KEYS: usize = 256;

/// The most images of one COCO file; public data sets have up to 1.75 million.
pub(crate) const IMAGES: usize = 1_800_000;
/// The most items of one file in the native format.
pub(crate) const ITEMS: usize = 3_600_000;
/// The most classes of one import; public data sets have up to 22,000.
pub(crate) const CLASSES: usize = 50_000;
/// The most bytes of names of images that are kept to be looked for by their base names.
pub(crate) const PENDING_NAMES: usize = 64 << 20;
/// The most bytes that are kept to tell integers of annotations apart: numbers that follow each other
/// take two bits each, scattered ones up to 60 bytes.
pub(crate) const ID_BYTES: usize = 96 << 20;
/// The most identifiers of the native format that are kept to tell annotations apart. A double one
/// beyond them is met by the project, which then takes nothing.
pub(crate) const IDENTIFIERS: usize = 7_000_000;

/// The most objects of one VOC file, which describes one image.
pub(crate) const OBJECTS: usize = 200_000;
/// The most bytes of text in one element that is read.
pub(crate) const TEXT_BYTES: usize = 64 << 10;
/// The most bytes of an element's name.
pub(crate) const ELEMENT_BYTES: usize = 256;
/// The most kinds of elements that are not read and are named in the report.
pub(crate) const UNREAD_ELEMENTS: usize = 256;
