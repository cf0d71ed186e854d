//! Bundles, their frame's texts, and their provenance.

use vaultmark_bundle::provenance::{ChangeWriter, write_statement};
use vaultmark_bundle::{BagInfo, Draft, Entry, Oxum, Signatures, Volume};
use vaultmark_crypto::chain::{Leaf, OwnedLeaf, header_hash, leaf_digest, sign_header};
use vaultmark_crypto::commitment::Root;
use vaultmark_crypto::{BundleRole, Namespace, sha512, sign_bundle};
use vaultmark_fuzzed::{PROJECT, identity, put_part, signing_key};
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Field, Header, Intent, Part, PartRef, Parts, Subject, Tool, Value};
use vaultmark_model::label::LabelBody;
use vaultmark_model::membership::{Saying, Statement};
use vaultmark_model::policy::ExportPolicy;
use vaultmark_model::work::Work;
use vaultmark_model::{
    BundleId, ChangeId, Color, Digest, LabelId, Marking, PersonId, ReplicaId, Role, StatementId,
    Timestamp, VaultId,
};

use crate::{Seed, seed};

const VAULT: VaultId = VaultId::from_bytes([2; 16]);

/// A statement of the project's list: the founder's first, then a grant to another.
pub fn statement(person: u64, seq: u64, previous: Digest) -> Statement {
    let identity = identity().recipient().to_string();
    Statement {
        id: StatementId::from_bytes([1; 16]),
        vault: VAULT,
        project: Some(PROJECT),
        epoch: 1,
        seq,
        previous,
        time: Timestamp::from_millis(0),
        author: signing_key(1).public(),
        person: PersonId::from_bytes([u8::try_from(person).expect("few people"); 16]),
        saying: Saying::Grant {
            name: format!("person {person}"),
            signing: signing_key(person).public(),
            recipient: identity,
            roles: vec![Role::Annotator, Role::Manager],
        },
    }
}

/// A change of the founder's, with these fields.
pub fn header(seq: u64, membership_seq: u64, previous: Digest, fields: &[Field]) -> Header {
    let mut root = Root::new();
    for field in fields {
        root.push(leaf_digest(&disclosed(field).as_leaf()));
    }
    let parts = fields.iter().map(|f| PartRef { subject: f.subject, part: f.part, base: f.base });
    Header {
        id: ChangeId::from_bytes([u8::try_from(seq).expect("few changes"); 16]),
        project: PROJECT,
        replica: ReplicaId::from_bytes([1; 16]),
        seq,
        previous,
        author: signing_key(1).public(),
        membership: statements(membership_seq).1,
        time: Timestamp::from_millis(7),
        tool: Tool { program: "vaultmark".into(), gesture: "box".into(), model: None },
        intent: Intent::Edit,
        content: vec![],
        parts: Parts::Listed(parts.collect()),
        leaves: u32::try_from(fields.len()).expect("few fields"),
        root: root.finish(),
    }
}

fn disclosed(field: &Field) -> OwnedLeaf {
    OwnedLeaf::Disclosed { salt: [5; 16], field: field.to_bytes() }
}

/// The first statements of the list, and the hash of the last of them.
fn statements(count: u64) -> (Vec<u8>, Digest) {
    let (mut out, mut last) = (Vec::new(), Digest::ZERO);
    for seq in 0..count {
        let bytes = statement(seq + 1, seq, last).to_bytes();
        let signature = signing_key(1).sign(Namespace::Membership, &bytes);
        write_statement(&mut out, &bytes, signature.bytes()).expect("memory takes it");
        last = sha512(&bytes);
    }
    (out, last)
}

/// A label made and renamed; the second field withheld where that is asked.
fn changes(withheld: bool) -> Vec<u8> {
    let subject = Subject::Label(LabelId::from_bytes([9; 16]));
    let body = LabelBody { name: "tree".into(), color: Color([1, 2, 3]), key: None, number: 1 };
    let field = |part, value| Field { index: 0, subject, part, base: None, value };
    let mut writer = ChangeWriter::new(Vec::new());
    let mut previous = Digest::ZERO;
    for (seq, field) in [
        (1, field(Part::Whole, Value::Label(Box::new(body)))),
        (2, field(Part::Name, Value::Text("bush".into()))),
    ] {
        let made = header(seq, 1, previous, std::slice::from_ref(&field));
        let link = sign_header(&made, &signing_key(1));
        previous = header_hash(&link.header);
        writer.change(&link, 1).expect("memory takes it");
        let leaf = disclosed(&field);
        let part = PartRef { subject, part: field.part, base: None };
        let hidden = Leaf::Withheld { part, digest: leaf_digest(&leaf.as_leaf()) };
        let shown = if withheld && seq == 2 { hidden } else { leaf.as_leaf() };
        writer.leaf(&shown).expect("memory takes it");
    }
    writer.finish().expect("memory takes it")
}

fn info() -> BagInfo {
    BagInfo {
        bundle: BundleId::from_bytes([1; 16]),
        marking: Marking::new("UNCLASSIFIED").expect("a marking"),
        vault: VAULT,
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

fn bundle() -> Vec<u8> {
    let entries = vec![
        Entry::bytes("data/README.txt", b"read me\n".to_vec()),
        Entry::bytes("data/provenance/changes.cborseq", changes(false)),
        Entry::bytes("data/provenance/members.cborseq", statements(1).0),
    ];
    let frozen = Draft { info: info(), entries }.freeze().expect("a draft");
    let creator = sign_bundle(&signing_key(1), BundleRole::Creator, frozen.tagmanifest());
    let signatures = Signatures { creator: creator.expect("a signature"), approver: None };
    let mut out = Vec::new();
    Work::quiet(|work| frozen.write(&mut out, &signatures, work)).expect("memory takes it");
    out
}

pub fn seeds() -> Vec<Seed> {
    let (members, _) = statements(2);
    let mut all = vec![seed("bundle", "whole", bundle())];
    for (kind, name, bytes) in [
        (0, "members", &members),
        (2, "members-resigned", &members),
        (1, "changes", &changes(false)),
        (3, "changes-resigned", &changes(false)),
        (3, "withheld", &changes(true)),
    ] {
        all.push(seed("provenance", name, [&[kind], &bytes[..]].concat()));
    }
    let name = b"data/media/0011.png";
    let read_me = b"read me\n".len() as u64;
    for (at, (flags, changes, members, text)) in [
        (0, changes(false), statements(1).0, &b""[..]),
        (0, Vec::new(), Vec::new(), b""),
        (8, changes(true), members, b""),
        (1, Vec::new(), Vec::new(), b"00  data/README.txt\n"),
        (2, Vec::new(), Vec::new(), b"00  bag-info.txt\n"),
        (4, Vec::new(), Vec::new(), b"-----BEGIN SSH SIGNATURE-----\n"),
    ]
    .into_iter()
    .enumerate()
    {
        let parts = [read_me, changes.len() as u64, members.len() as u64, 4];
        let oxum = Oxum {
            bytes: parts.iter().sum(),
            files: parts.iter().filter(|size| **size > 0).count() as u64,
        };
        let mut bytes = vec![flags];
        put_part(&mut bytes, &info().to_bytes(oxum).expect("a frame"));
        put_part(&mut bytes, &changes);
        put_part(&mut bytes, &members);
        put_part(&mut bytes, name);
        put_part(&mut bytes, b"\x89PNG");
        put_part(&mut bytes, text);
        all.push(seed("bundle_content", format!("{at}"), bytes));
    }
    all
}
