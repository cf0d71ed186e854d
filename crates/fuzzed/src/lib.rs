//! What fuzzing runs: for every parser of foreign bytes one function that hands it any bytes and
//! panics where a promise does not hold. `fuzz/` drives them with libFuzzer; `tests/replay.rs` runs
//! them over the committed corpora and over every input that once failed.
//!
//! A promise is more than "no panic": what is accepted comes out again as the same bytes, sizes stay
//! within the limits, the same input gives the same answer. Nothing of this crate is shipped.

#![allow(clippy::expect_used, reason = "an expectation that fails is what is looked for")]

mod annotations;
mod bundles;
mod cut;
mod images;
mod model;
mod queries;
mod seals;

pub use bundles::PROJECT;
pub use cut::put_part;
pub use seals::{SEALED, SIGNED, identity, signing_key};

/// A function that fuzzing drives.
pub struct Target {
    /// Its name: that of its file in `fuzz/fuzz_targets` and of its corpus.
    pub name: &'static str,
    /// Panics where a promise does not hold.
    pub run: fn(&[u8]),
}

macro_rules! targets {
    ($($(#[$doc:meta])* $module:ident :: $name:ident,)*) => {
        /// All of them.
        pub const TARGETS: &[Target] =
            &[$(Target { name: stringify!($name), run: $module::$name },)*];
        $($(#[$doc])* pub use $module::$name;)*
    };
}

targets! {
    images::tiff,
    images::jpeg,
    images::png,
    images::bmp,
    images::gif,
    images::webp,
    images::pnm,
    images::exif,
    images::tile_pack,
    images::worker_requests,
    images::worker_replies,
    annotations::coco,
    annotations::voc,
    annotations::native,
    bundles::bundle,
    bundles::bundle_content,
    bundles::provenance,
    seals::allowed_signers,
    seals::sshsig,
    seals::age_file,
    seals::sealed_stream,
    seals::vault_file,
    model::canonical,
    queries::arguments,
    queries::manual_search,
    queries::library_filter,
}
