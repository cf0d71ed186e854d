//! Doors for fuzzing, behind the feature of that name: every parser of what lies in a vault's
//! folder, below its checksums, signatures and seals. Each panics where a promise does not hold.

use minicbor::{Decoder, Encoder};
use vaultmark_crypto::{Namespace, Secret, SigningKey, sha512};
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::Heads;
use vaultmark_model::policy::{ExportPolicy, Policy};
use vaultmark_model::{Digest, Marking, PersonId, ProjectId, ReplicaId, Timestamp, VaultId};

use super::decision::Decision;
use super::header::{Front, Header};
use super::membership::MembershipPin;
use super::pins::{Pins, ProjectPin};
use super::slot::{Content, SlotFile};
use super::wrap_record::WrapRecord;
use crate::audit::AuditPin;
use crate::audit::entry::{Beginning, Entry, Kind, frame, read_frame};
use crate::audit::event::{Body, Event, Outcome};
use crate::audit::state::{Mark, State};

/// The target's name, and an input.
pub type Seed = (&'static str, Vec<u8>);

/// Reads `kind (1) ‖ content` as what lies in a vault's folder. Nothing panics, and what is taken
/// has the one form in which it is written.
pub fn vault_file(bytes: &[u8]) {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    match kind {
        0 => drop(Header::from_file(bytes)),
        1 => signed_header(bytes),
        2 => drop(SlotFile::from_file(bytes)),
        3 => drop(SlotFile::from_file(&checked(bytes))),
        4 => drop(Content::from_bytes(bytes)),
        5 => drop(Beginning::read(bytes)),
        6 => framed(bytes),
        7 => stable::<Pins>(bytes),
        8 => stable::<WrapRecord>(bytes),
        9 => stable::<Body>(bytes),
        10 => stable::<Decision>(bytes),
        11 => stable::<State>(bytes),
        12 => stable::<Header>(bytes),
        13 => stable::<SlotFile>(bytes),
        _ => stable::<Entry>(bytes),
    }
}

/// What a decoder takes is written in one form, which reads back as the same; and only that form
/// passes [`Canonical::from_bytes`].
pub fn stable<T: Canonical>(bytes: &[u8]) {
    let mut d = Decoder::new(bytes);
    let Ok(value) = T::decode(&mut d) else {
        assert!(T::from_bytes(bytes).is_err(), "{} is taken and can't be decoded", T::WHAT);
        return;
    };
    let written = value.to_bytes();
    let taken = T::from_bytes(bytes).is_ok();
    assert_eq!(taken, written == bytes, "{}: another form is taken, or the one is not", T::WHAT);
    let again = T::from_bytes(&written);
    assert!(again.is_ok_and(|again| again.to_bytes() == written), "{} is not stable", T::WHAT);
}

/// A body that an officer with this key signed.
fn signed_header(body: &[u8]) {
    let Ok(file) = sealed_header(body) else { return };
    if let Ok(header) = Header::from_file(&file) {
        assert_eq!(header.to_bytes(), body, "a header of another form is taken");
    }
}

fn key() -> Result<SigningKey, vaultmark_crypto::CryptoError> {
    SigningKey::from_seed(Secret::from_slice(&[1; 32])?)
}

fn sealed_header(body: &[u8]) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let signature = key()?.sign(Namespace::Policy, body);
    let mut e = Encoder::new(Vec::new());
    e.array(4)?.str("vaultmark-vault")?.u32(1)?.bytes(body)?.bytes(signature.bytes())?;
    Ok(e.into_writer())
}

/// A slot file with its checksum.
fn checked(body: &[u8]) -> Vec<u8> {
    [body, &sha512(body).as_bytes()[..32]].concat()
}

fn framed(mut log: &[u8]) {
    while let Some(found) = read_frame(log) {
        let (whole, rest) = log.split_at(found.len());
        assert_eq!(frame(&found.entry.to_bytes(), &found.tag), whole, "another frame is read");
        log = rest;
    }
}

/// One input of each kind.
///
/// # Errors
/// Where a key can't be made.
pub fn seeds() -> Result<Vec<Seed>, Box<dyn std::error::Error>> {
    let (digest, time) = (Digest::from_bytes([5; 64]), Timestamp::from_millis(1_700_000_000_000));
    let (vault, project) = (VaultId::from_bytes([2; 16]), ProjectId::from_bytes([3; 16]));
    let author = key()?.public();
    let identity = vaultmark_crypto::Identity::from_seed(&Secret::from_slice(&[4; 32])?)?;
    let recipient = identity.recipient().to_string();
    let header = Header {
        front: Front {
            vault,
            created: time,
            marking: Marking::new("SECRET")?,
            consent_banner: "Use is recorded.".into(),
        },
        salt: [2; 32],
        failures_before_lock: 3,
        policy_version: 1,
        kdf: vaultmark_crypto::KdfParameters::floor_argon2id(),
        auditors: vec![recipient.clone()],
        recovery: recipient.clone(),
        recovery_wrap: vec![3; 20],
        author: author.clone(),
    };
    let pin = MembershipPin { genesis: digest, seq: 2, head: digest };
    let heads: Heads = vec![(ReplicaId::from_bytes([7; 16]), 9, digest)];
    let pins = Pins {
        generation: 4,
        membership: pin,
        decisions: pin,
        audit: Some(AuditPin { seq: 8, digest, offset: 300 }),
        last_sign_in: Some(time),
        projects: [(
            project,
            ProjectPin { membership: pin, epoch: 1, fingerprint: digest, heads: heads.clone() },
        )]
        .into(),
    };
    let wrap = WrapRecord {
        project,
        epoch: 1,
        recipient: recipient.clone(),
        fingerprint: digest,
        author: author.clone(),
        ciphertext: vec![6; 40],
    };
    let event = Event::new("item.open")
        .outcome(Outcome::Refused)
        .project(project)
        .subject("a")
        .detail("b", "two");
    let body = Body { event, heads: vec![(project, heads)] };
    let entry = Entry {
        seq: 3,
        previous: digest,
        time,
        kind: Kind::Checkpoint,
        account: Some("abc".into()),
        sealed: vec![1, 2, 3],
        signature: Some(vec![4; 64]),
    };
    let state = State {
        next: 4,
        head: digest,
        last_offset: 100,
        length: 400,
        time,
        key: Secret::from_slice(&[8; 32])?,
        checkpoint: Some(Mark { seq: 3, digest, offset: 100, time }),
        attempts: Canonical::from_bytes(&[0x80])?,
    };
    let policy = Policy::new(Marking::new("SECRET")?, ExportPolicy::Two);
    let content = slot_content(&identity.secret_string(), &pins.to_bytes())?;
    let slot = slot_body(&header.kdf)?;
    let first = Beginning { vault, first: Secret::from_slice(&[9; 32])? };
    let one = frame(&entry.to_bytes(), &[7; 32]);
    Ok(vec![
        ("header-file", with(0, &sealed_header(&header.to_bytes())?)),
        ("header-body", with(1, &header.to_bytes())),
        ("slot-file", with(2, &checked(&slot))),
        ("slot-body", with(3, &slot)),
        ("slot-content", with(4, &content)),
        ("audit-first", with(5, &first.to_secret_bytes())),
        ("audit-log", with(6, &[one.clone(), one].concat())),
        ("pins", with(7, &pins.to_bytes())),
        ("wrap", with(8, &wrap.to_bytes())),
        ("audit-body", with(9, &body.to_bytes())),
        ("decision", with(10, &decision(vault, author, time, &policy)?)),
        ("audit-state", with(11, &state.to_bytes())),
        ("header", with(12, &header.to_bytes())),
        ("slot", with(13, &slot)),
        ("audit-entry", with(14, &entry.to_bytes())),
    ])
}

fn with(kind: u8, bytes: &[u8]) -> Vec<u8> {
    [&[kind], bytes].concat()
}

fn slot_content(identity: &str, pins: &[u8]) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut e = Encoder::new(Vec::new());
    e.array(6)?.u8(1)?.bytes(PersonId::from_bytes([1; 16]).as_bytes())?.bytes(&[1; 32])?;
    e.str(identity)?.bytes(&[2; 32])?.bytes(pins)?;
    Ok(e.into_writer())
}

fn slot_body(kdf: &vaultmark_crypto::KdfParameters) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut e = Encoder::new(Vec::new());
    e.array(5)?.str("vaultmark-slot")?.u32(1)?;
    kdf.encode(&mut e)?;
    e.bytes(&[3; 32])?.bytes(&[4; 60])?;
    Ok(e.into_writer())
}

fn decision(
    vault: VaultId,
    author: vaultmark_model::PublicKey,
    time: Timestamp,
    policy: &Policy,
) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut e = Encoder::new(Vec::new());
    e.array(9)?.str("decision")?.u8(1)?;
    vault.encode(&mut e)?;
    e.u64(0)?;
    Digest::ZERO.encode(&mut e)?;
    Digest::ZERO.encode(&mut e)?;
    time.encode(&mut e)?;
    author.encode(&mut e)?;
    e.array(2)?.u8(1)?;
    policy.encode(&mut e)?;
    Ok(e.into_writer())
}
