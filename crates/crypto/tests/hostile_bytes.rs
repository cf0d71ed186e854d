//! Nothing that reads foreign bytes panics on them or takes them for good.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;
use vaultmark_crypto::testing::FixedEntropy;
use vaultmark_crypto::{
    BundleRole, Identity, KdfParameters, Key, OpenReader, Recipient, SigningKey,
    allowed_signers_line, open_record, parse_allowed_signers, verify_bundle, wrap,
};
use vaultmark_model::canonical::Canonical;

fn key() -> Key {
    Key::from_slice(&[1; 32]).unwrap()
}

proptest! {
    #[test]
    fn random_bytes_open_nothing(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(open_record(&key(), "slot", b"", &bytes).is_err());
        prop_assert!(OpenReader::new(&bytes[..], &key(), b"", bytes.len() as u64).is_err());
        let identity = Identity::generate(&FixedEntropy::new(1)).unwrap();
        prop_assert!(wrap::unwrap(&bytes, &identity).is_err());
        let armored = String::from_utf8_lossy(&bytes);
        prop_assert!(verify_bundle(&armored, BundleRole::Creator, b"").is_err());
        if let Ok(parameters) = KdfParameters::from_bytes(&bytes) {
            prop_assert_eq!(parameters.to_bytes(), bytes);
        }
    }

    #[test]
    fn a_length_that_lies_is_an_error(length: u64, bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        prop_assert!(OpenReader::new(&bytes[..], &key(), b"", length).is_err());
    }

    #[test]
    fn random_text_is_no_key_and_no_trust(text in "\\PC{0,200}") {
        prop_assert!(text.parse::<Recipient>().is_err());
        prop_assert!(Identity::from_secret_string(&text).is_err());
        if let Ok(signers) = parse_allowed_signers(&text) {
            prop_assert!(signers.is_empty());
        }
    }

    #[test]
    fn an_altered_trust_line_is_refused_or_names_the_same_key(at: prop::sample::Index, with: char) {
        let public = SigningKey::generate(&FixedEntropy::new(1)).unwrap().public();
        let line = allowed_signers_line("alice", &public, &[BundleRole::Creator]).unwrap();
        let place = at.index(line.len());
        let altered = format!("{}{with}{}", &line[..place], &line[place + 1..]);
        for signer in parse_allowed_signers(&altered).unwrap_or_default() {
            prop_assert!(signer.key == public || place > line.rfind(' ').unwrap());
        }
    }
}
