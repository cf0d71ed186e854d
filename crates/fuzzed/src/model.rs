//! The canonical records of which everything that is signed is made.

use vaultmark_crypto::KdfParameters;
use vaultmark_model::annotation::AnnotationBody;
use vaultmark_model::change::{Field, Header, PartRef};
use vaultmark_model::item::ItemBody;
use vaultmark_model::label::LabelBody;
use vaultmark_model::membership::Statement;
use vaultmark_model::policy::Policy;
use vaultmark_model::{Color, Digest, PublicKey, Shape, Source, Timestamp};
use vaultmark_store::vault::fuzzing::stable;

/// Reads `kind (1) ‖ record`.
pub fn canonical(bytes: &[u8]) {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    match kind {
        0 => stable::<Header>(bytes),
        1 => stable::<Statement>(bytes),
        2 => stable::<Field>(bytes),
        3 => stable::<PartRef>(bytes),
        4 => stable::<ItemBody>(bytes),
        5 => stable::<AnnotationBody>(bytes),
        6 => stable::<LabelBody>(bytes),
        7 => stable::<Shape>(bytes),
        8 => stable::<Policy>(bytes),
        9 => stable::<KdfParameters>(bytes),
        10 => stable::<PublicKey>(bytes),
        11 => stable::<Source>(bytes),
        12 => stable::<Color>(bytes),
        13 => stable::<Timestamp>(bytes),
        _ => stable::<Digest>(bytes),
    }
}
