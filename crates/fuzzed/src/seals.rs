//! What cryptography reads: trust lists, signatures, sealed files, and a vault's folder.

use std::io::Read as _;

use vaultmark_crypto::testing::FixedEntropy;
use vaultmark_crypto::{
    AgeReader, BundleRole, Identity, Key, OpenReader, SealWriter, SigningKey, allowed_signers_line,
    open_record, padme, parse_allowed_signers, plain_len, seal_record, sealed_len, sha512,
    sign_bundle, verify_bundle, verify_program, wrap,
};

use crate::cut::Cut;

/// What the signature among the seeds is over.
pub const SIGNED: &[u8] = b"the tag manifest";
/// What the age file among the seeds holds.
pub const SEALED: &[u8] = b"sealed to a recipient";
const CONTEXT: &[u8] = b"project and blob";

/// The key of a person, the same in every run.
pub fn signing_key(seed: u64) -> SigningKey {
    SigningKey::generate(&FixedEntropy::new(seed)).expect("a key")
}

/// An identity of age, the same in every run.
pub fn identity() -> Identity {
    Identity::generate(&FixedEntropy::new(1)).expect("an identity")
}

/// OpenSSH's list of allowed signers. A plain name that is read is written and read as the same.
pub fn allowed_signers(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(signers) = parse_allowed_signers(text) else { return };
    assert!(signers.len() <= text.lines().count());
    for signer in signers {
        assert!(!signer.principal.is_empty());
        let roles: Vec<_> =
            BundleRole::ALL.into_iter().filter(|role| signer.allows(*role)).collect();
        let Ok(line) = allowed_signers_line(&signer.principal, &signer.key, &roles) else {
            continue;
        };
        let again = parse_allowed_signers(&line).expect("our own line reads back");
        assert_eq!((again.len(), &again[0].key), (1, &signer.key));
        assert_eq!(again[0].principal, signer.principal);
        assert!(BundleRole::ALL.iter().all(|role| again[0].allows(*role) == signer.allows(*role)));
    }
}

/// An armored signature. Only the one that the key made passes, in its one form.
pub fn sshsig(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let key = signing_key(1);
    for role in BundleRole::ALL {
        if let Ok(found) = verify_bundle(text, role, SIGNED) {
            let made = sign_bundle(&key, role, SIGNED).expect("a signature");
            assert_eq!(found, key.public(), "a signature by nobody");
            assert_eq!(text.replace("\r\n", "\n").trim_end(), made.trim_end(), "another form");
        }
    }
    let program = verify_program(text, &sha512(SIGNED));
    assert!(program.is_err(), "a signature that nobody made on a program");
}

/// A file sealed with age. What opens to the end is what was sealed.
pub fn age_file(bytes: &[u8]) {
    let identity = identity();
    let mut plain = Vec::new();
    let read =
        AgeReader::new(bytes, &identity).map(|mut reader| reader.read_to_end(&mut plain).is_ok());
    assert!(plain.len() <= bytes.len());
    if matches!(read, Ok(true)) {
        assert_eq!(plain, SEALED, "another plaintext than was sealed");
    }
    assert_eq!(wrap::unwrap(bytes, &identity).is_ok(), matches!(read, Ok(true)));
}

/// A sealed blob and a sealed record, altered: `length (2) ‖ cut (2) ‖ (place (2) ‖ flip (1)) …`.
/// Every range reads as it was sealed or not at all. The same bytes as a whole file open nothing.
pub fn sealed_stream(bytes: &[u8]) {
    let key = Key::from_slice(&[1; 32]).expect("a key");
    let mut cut = Cut(bytes);
    let plain: Vec<u8> = (0..cut.number()).map(|i| (i ^ (i >> 7)).to_le_bytes()[0]).collect();
    let entropy = FixedEntropy::new(2);
    let mut writer = SealWriter::new(Vec::new(), &key, CONTEXT, &entropy).expect("a writer");
    std::io::Write::write_all(&mut writer, &plain).expect("memory takes it");
    let mut sealed = writer.finish().expect("memory takes it");
    let mut record = seal_record(&key, "slot", CONTEXT, &plain, &entropy).expect("a record");
    assert_eq!(sealed.len() as u64, sealed_len(plain.len() as u64));
    assert!(padme(plain.len() as u64) >= plain.len() as u64);
    let (whole, whole_record) = (sealed.clone(), record.clone());
    let drop = usize::from(cut.number());
    sealed.truncate(sealed.len().saturating_sub(drop));
    record.truncate(record.len().saturating_sub(drop));
    while !cut.0.is_empty() {
        let (at, flip) = (usize::from(cut.number()), cut.byte());
        for bytes in [&mut sealed, &mut record] {
            let length = bytes.len().max(1);
            if let Some(byte) = bytes.get_mut(at % length) {
                *byte ^= flip;
            }
        }
    }
    let opened = open_record(&key, "slot", CONTEXT, &record);
    assert_eq!(opened.is_ok(), record == whole_record, "a record that was altered opens");
    ranges(&key, &sealed, &plain, sealed == whole);
    ranges(&key, bytes, &[], false);
    assert!(open_record(&key, "slot", CONTEXT, bytes).is_err());
    if let Some(length) = plain_len(bytes.len() as u64) {
        assert_eq!(sealed_len(length), bytes.len() as u64);
    }
}

fn ranges(key: &Key, sealed: &[u8], plain: &[u8], intact: bool) {
    let Ok(open) = OpenReader::new(sealed.to_vec(), key, CONTEXT, sealed.len() as u64) else {
        assert!(!intact, "what was not altered opens");
        return;
    };
    let end = open.authenticate_end();
    if end.is_ok() {
        assert_eq!(open.len(), plain.len() as u64, "a stream that was cut is taken for whole");
    }
    for (offset, length) in [(0, 10), (16_380, 40), (open.len() / 2, 20_000), (open.len(), 5)] {
        let mut buffer = vec![0; length];
        let Ok(read) = open.read_at(offset, &mut buffer) else {
            assert!(!intact);
            continue;
        };
        let start = usize::try_from(offset).expect("a small stream");
        let there = plain.get(start..).unwrap_or_default();
        assert_eq!(Some(&buffer[..read]), there.get(..read), "other bytes");
    }
    let mut all = Vec::new();
    if open.reader().read_to_end(&mut all).is_ok() {
        assert!(intact || end.is_ok());
        assert_eq!(all, plain);
    }
}

/// Headers, slots, pins, wrapped keys and the audit log: `kind (1) ‖ content`.
pub fn vault_file(bytes: &[u8]) {
    vaultmark_store::vault::fuzzing::vault_file(bytes);
}
