//! What the tests of this crate share: keys, a small draft, signed bytes, stock tools.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use vaultmark_bundle::{
    BagInfo, BundleError, Draft, Entry, Frozen, Limits, Quarantined, Refusal, Signatures, Trust,
    Verified, Volume,
};
use vaultmark_crypto::testing::FixedEntropy;
use vaultmark_crypto::{BundleRole, SigningKey, sign_bundle};
use vaultmark_model::policy::ExportPolicy;
use vaultmark_model::work::Work;
use vaultmark_model::{BundleId, Marking, ProjectId, Timestamp, VaultId};

pub const PROJECT: ProjectId = ProjectId::from_bytes([3; 16]);

pub fn key(seed: u64) -> SigningKey {
    SigningKey::generate(&FixedEntropy::new(seed)).unwrap()
}

pub fn info() -> BagInfo {
    BagInfo {
        bundle: BundleId::from_bytes([1; 16]),
        marking: Marking::new("UNCLASSIFIED").unwrap(),
        vault: VaultId::from_bytes([2; 16]),
        project: PROJECT,
        recipients: vec!["Room 4".into()],
        policy: ExportPolicy::Single,
        policy_version: 1,
        program: "vaultmark 0.1.0".into(),
        justification: Some("a test".into()),
        audit_checkpoint: "k3v9-22aa".into(),
        created: Timestamp::from_millis(1_767_225_599_000),
        volume: Volume::ONLY,
    }
}

pub fn entries() -> Vec<Entry> {
    vec![
        Entry::bytes("data/schema.json", b"{}\n".to_vec()),
        Entry::bytes("data/README.txt", b"read me\n".to_vec()),
        Entry::bytes("data/media/00ff.png", (0..=255).collect()),
        Entry::bytes("data/annotations/coco.json", b"[]\n".to_vec()),
        Entry::bytes("data/empty.txt", vec![]),
    ]
}

pub fn draft() -> Draft {
    Draft { info: info(), entries: entries() }
}

pub fn sign(frozen: &Frozen) -> Signatures {
    let creator = sign_bundle(&key(1), BundleRole::Creator, frozen.tagmanifest()).unwrap();
    Signatures { creator, approver: None }
}

pub fn write(frozen: &Frozen, signatures: &Signatures) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = Work::quiet(|work| frozen.write(&mut bytes, signatures, work)).unwrap();
    assert_eq!(written.bytes, bytes.len() as u64);
    assert_eq!(written.bytes, frozen.size(signatures));
    bytes
}

pub fn signed(draft: Draft) -> Vec<u8> {
    let frozen = draft.freeze().unwrap();
    let signatures = sign(&frozen);
    write(&frozen, &signatures)
}

pub fn verify(bytes: &[u8]) -> Result<Verified, BundleError> {
    verify_with(bytes, &Trust::nobody())
}

pub fn verify_with(bytes: &[u8], trust: &Trust) -> Result<Verified, BundleError> {
    let source = Arc::new(bytes.to_vec());
    Quarantined::open(source, bytes.len() as u64, &Limits::default())?
        .check_signatures(trust)?
        .check_tags()
        .and_then(|tagged| Work::quiet(|work| tagged.check_payload(work)))
}

/// The rule for which the bytes are refused.
pub fn refusal(bytes: &[u8]) -> Refusal {
    match verify(bytes) {
        Ok(_) => panic!("accepted"),
        Err(BundleError::Refused(refusal)) => refusal,
        Err(other) => panic!("no refusal: {other}"),
    }
}

/// The variant's name.
pub fn kind(refusal: &Refusal) -> String {
    format!("{refusal:?}").split([' ', '{']).next().unwrap_or_default().to_owned()
}

/// The folder of other people's files, if it is there.
pub fn shared(folder: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: ../shared/data/{folder} is not there");
    None
}

/// Whether a stock tool is there.
pub fn has_tool(tool: &str) -> bool {
    let found = Command::new("sh").args(["-c", &format!("command -v {tool}")]).output();
    if found.is_ok_and(|output| output.status.success()) {
        return true;
    }
    eprintln!("skipped: {tool} is not installed");
    false
}

/// Whether Python and the one package of the page's verifier are there.
pub fn has_python() -> bool {
    let found = Command::new("python3").args(["-c", "import cryptography"]).output();
    if found.is_ok_and(|output| output.status.success()) {
        return true;
    }
    eprintln!("skipped: python3 with `cryptography` is not installed");
    false
}
