//! A log that is flipped, cut, torn and rewritten.

use std::fs;
use std::sync::Arc;

use vaultmark_crypto::{Identity, SigningKey, SystemEntropy};
use vaultmark_model::{PersonId, PublicKey, VaultId};

use super::entry::MAGIC;
use super::walk::{Step, Walk};
use super::*;

struct Log {
    folder: tempfile::TempDir,
    identity: Arc<Identity>,
    signing: Arc<SigningKey>,
}

impl Log {
    /// A log with a few entries of every kind.
    fn new() -> Self {
        let log = Self {
            folder: tempfile::tempdir().unwrap(),
            identity: Arc::new(Identity::generate(&SystemEntropy).unwrap()),
            signing: Arc::new(SigningKey::generate(&SystemEntropy).unwrap()),
        };
        let mut audit = Audit::create(log.folder.path(), log.keys(), Ambient::system()).unwrap();
        audit.append(Event::new("one").detail("a", "b")).unwrap();
        audit.sign_in_failed("name", true).unwrap();
        audit.sign_in(log.officeholder());
        audit.sign_in_done("name").unwrap();
        audit.checkpoint("test", Vec::new()).unwrap();
        audit.append(Event::new("two")).unwrap();
        log
    }

    fn keys(&self) -> AuditKeys<'_> {
        AuditKeys {
            vault: VaultId::from_bytes([1; 16]),
            salt: &[2; 32],
            recipients: vec![self.identity.recipient()],
        }
    }

    fn officeholder(&self) -> Officeholder {
        Officeholder {
            person: PersonId::from_bytes([3; 16]),
            signing: Arc::clone(&self.signing),
            identity: Arc::clone(&self.identity),
        }
    }

    fn open(&self) -> Result<Audit, StoreError> {
        let mut audit = Audit::open(self.folder.path(), self.keys(), Ambient::system())?;
        audit.sign_in(self.officeholder());
        Ok(audit)
    }

    fn trusted(&self) -> Vec<PublicKey> {
        vec![self.signing.public()]
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("log")
    }

    /// Where each frame begins.
    fn offsets(&self) -> Vec<u64> {
        let file = fs::File::open(self.path()).unwrap();
        let end = file.metadata().unwrap().len();
        let mut walk = Walk::new(&file, MAGIC.len() as u64, end);
        let mut offsets = Vec::new();
        while let Some(step) = walk.step().unwrap() {
            match step {
                Step::Frame(offset, _) => offsets.push(offset),
                Step::Garbage(..) => panic!("the log is damaged"),
            }
        }
        offsets
    }
}

fn actions(audit: &Audit) -> Vec<String> {
    let mut seen = Vec::new();
    audit
        .entries(0, &mut |entry| {
            seen.push(entry.event.map(|event| event.action).unwrap_or_default());
            Ok(std::ops::ControlFlow::Continue(()))
        })
        .unwrap();
    seen
}

#[test]
fn an_honest_log_holds() {
    let log = Log::new();
    let audit = log.open().unwrap();
    let report = audit.verify(&log.trusted()).unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    assert_eq!((report.entries, report.checkpoints, report.unsigned), (6, 1, 1));
    assert!(report.macs_checked && audit.findings().is_empty());
    assert_eq!(actions(&audit), ["audit.begin", "one", "sign-in", "sign-in", "checkpoint", "two"]);
}

#[test]
fn every_flipped_byte_is_found() {
    let log = Log::new();
    let audit = log.open().unwrap();
    let whole = fs::read(log.path()).unwrap();
    for at in MAGIC.len()..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        fs::write(log.path(), &flipped).unwrap();
        let report = audit.verify(&log.trusted()).unwrap();
        assert!(!report.findings.is_empty(), "byte {at}");
    }
    drop(audit);
    for at in 0..MAGIC.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        fs::write(log.path(), &flipped).unwrap();
        assert!(log.open().is_err(), "byte {at}");
    }
}

#[test]
fn without_an_auditors_key_every_flip_but_of_the_codes_is_found() {
    let log = Log::new();
    let mut audit = log.open().unwrap();
    audit.sign_out();
    let whole = fs::read(log.path()).unwrap();
    let offsets = log.offsets();
    for (index, begin) in offsets.iter().enumerate() {
        let begin = usize::try_from(*begin).unwrap();
        let end = offsets.get(index + 1).map_or(whole.len(), |o| usize::try_from(*o).unwrap());
        for at in (begin..end - entry::TAG).step_by(7) {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            fs::write(log.path(), &flipped).unwrap();
            assert!(!audit.verify(&log.trusted()).unwrap().findings.is_empty(), "byte {at}");
        }
    }
}

#[test]
fn an_entry_that_is_taken_out_or_moved_is_named() {
    let log = Log::new();
    let audit = log.open().unwrap();
    let whole = fs::read(log.path()).unwrap();
    let offsets: Vec<usize> = log.offsets().iter().map(|o| usize::try_from(*o).unwrap()).collect();
    let without = [&whole[..offsets[2]], &whole[offsets[3]..]].concat();
    fs::write(log.path(), &without).unwrap();
    let report = audit.verify(&log.trusted()).unwrap();
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    assert_eq!(report.findings[0].place, "entry 2");
    let moved = [
        &whole[..offsets[1]],
        &whole[offsets[2]..offsets[3]],
        &whole[offsets[1]..offsets[2]],
        &whole[offsets[3]..],
    ]
    .concat();
    fs::write(log.path(), &moved).unwrap();
    assert!(!audit.verify(&log.trusted()).unwrap().findings.is_empty());
}

#[test]
fn a_log_that_is_cut_short_is_told_at_once_and_for_ever() {
    let whole = {
        let log = Log::new();
        fs::read(log.path()).unwrap().len()
    };
    for cut in [MAGIC.len(), whole / 3, whole - 1] {
        let log = Log::new();
        let bytes = fs::read(log.path()).unwrap();
        fs::write(log.path(), &bytes[..cut.min(bytes.len() - 1)]).unwrap();
        let audit = log.open().unwrap();
        assert_eq!(audit.findings().len(), 1);
        assert!(audit.findings()[0].problem.contains("cut off"));
        audit.append(Event::new("later")).unwrap();
        drop(audit);
        let audit = log.open().unwrap();
        assert!(audit.findings().is_empty());
        let report = audit.verify(&log.trusted()).unwrap();
        let missing = |finding: &Finding| finding.problem.contains("missing");
        assert_eq!(report.findings.iter().filter(|f| missing(f)).count(), 1);
        let seen = actions(&audit);
        assert_eq!(seen[seen.len() - 2..], ["audit.damaged", "later"]);
    }
}

#[test]
fn an_entry_that_a_crash_tore_is_removed_and_recorded() {
    // Bytes of the torn entry: within its length, after it, within the entry, all but the last.
    for cut in [1, 4, 30, usize::MAX] {
        let log = Log::new();
        let bytes = fs::read(log.path()).unwrap();
        let last = usize::try_from(*log.offsets().last().unwrap()).unwrap();
        let cut = cut.min(bytes.len() - last - 1);
        let torn = [&bytes[..], &bytes[last..last + cut]].concat();
        fs::write(log.path(), &torn).unwrap();
        let audit = log.open().unwrap();
        assert!(audit.findings().is_empty());
        let mut recovered = None;
        audit
            .entries(6, &mut |entry| {
                recovered = entry.event;
                Ok(std::ops::ControlFlow::Continue(()))
            })
            .unwrap();
        let event = recovered.unwrap();
        assert_eq!(event.action, "audit.recovered");
        assert_eq!(event.detail["unfinished_bytes"], cut.to_string());
        assert!(audit.verify(&log.trusted()).unwrap().findings.is_empty());
    }
}

#[test]
fn an_entry_that_was_durable_before_its_state_is_taken_in() {
    let log = Log::new();
    let state = log.folder.path().join("state");
    let before = fs::read(&state).unwrap();
    let audit = log.open().unwrap();
    audit.sign_in_failed("name", true).unwrap();
    audit.append(Event::new("last")).unwrap();
    drop(audit);
    fs::write(&state, before).unwrap();
    let audit = log.open().unwrap();
    assert!(audit.findings().is_empty());
    assert_eq!(actions(&audit).last().unwrap(), "last");
    assert!(audit.verify(&log.trusted()).unwrap().findings.is_empty());
    // The failed sign-in among them counts.
    assert_eq!(audit.sign_in_done("name").unwrap(), 1);
}

#[test]
fn foreign_entries_at_the_end_are_cut_off_and_recorded() {
    let log = Log::new();
    let mut bytes = fs::read(log.path()).unwrap();
    let other = fs::read(Log::new().path()).unwrap();
    bytes.extend_from_slice(&other[MAGIC.len()..]);
    fs::write(log.path(), bytes).unwrap();
    let audit = log.open().unwrap();
    assert_eq!(actions(&audit).last().unwrap(), "audit.recovered");
    assert!(audit.verify(&log.trusted()).unwrap().findings.is_empty());
}

#[test]
fn a_log_that_is_rewritten_with_todays_key_has_no_valid_past() {
    let log = Log::new();
    let audit = log.open().unwrap();
    // What a thief of the folder has: everything, and no one's signing key.
    let forged =
        Log { signing: Arc::new(SigningKey::generate(&SystemEntropy).unwrap()), ..Log::new() };
    let made = Audit::create(
        forged.folder.path(),
        AuditKeys { recipients: vec![log.identity.recipient()], ..forged.keys() },
        Ambient::system(),
    );
    let mut made = made.unwrap();
    made.sign_in(forged.officeholder());
    made.checkpoint("forged", Vec::new()).unwrap();
    let report = made.verify(&log.trusted()).unwrap();
    assert_eq!((report.checkpoints, report.findings.len()), (0, 1));
    assert!(audit.verify(&log.trusted()).unwrap().findings.is_empty());
}

#[test]
fn a_missing_state_or_log_is_damage_and_another_vaults_state_too() {
    for name in ["log", "state"] {
        let log = Log::new();
        fs::remove_file(log.folder.path().join(name)).unwrap();
        assert!(matches!(log.open(), Err(StoreError::Damaged { .. })));
    }
    let log = Log::new();
    let keys = AuditKeys { salt: &[3; 32], ..log.keys() };
    let result = Audit::open(log.folder.path(), keys, Ambient::system());
    assert!(matches!(result, Err(StoreError::Damaged { .. })));
    let newer = Log::new();
    let mut bytes = fs::read(newer.path()).unwrap();
    bytes[MAGIC.len() - 1] = 9;
    fs::write(newer.path(), bytes).unwrap();
    assert!(matches!(newer.open(), Err(StoreError::NewerVersion { found: 9, .. })));
}
