//! Provenance: what is written reads back and verifies, what is erased leaves the chain whole, and
//! what is altered is refused by record.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::process::Command;

use common::{PROJECT, draft, has_python, key, kind, signed, verify};
use proptest::prelude::*;
use vaultmark_bundle::provenance::{
    self, CHANGES, ChangeReader, ChangeWriter, MEMBERS, Members, write_statement,
};
use vaultmark_bundle::{BundleError, Entry};
use vaultmark_crypto::chain::{OwnedLeaf, PartsDigest, header_hash, leaf_digest, sign_header};
use vaultmark_crypto::commitment::Root;
use vaultmark_crypto::{Namespace, SigningKey, sha512};
use vaultmark_model::annotation::AnnotationBody;
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{
    Chained, Content, Field, Header, Intent, Part, PartRef, Parts, RevisionId, Subject, Tool, Value,
};
use vaultmark_model::label::LabelBody;
use vaultmark_model::membership::{Saying, Statement};
use vaultmark_model::shape::{Point, Polygon};
use vaultmark_model::work::Work;
use vaultmark_model::{
    AnnotationId, ChangeId, Color, Digest, ItemId, LabelId, PersonId, ProjectId, ReplicaId, Role,
    Shape, Source, StatementId, Timestamp, VaultId,
};

type Signed = (Chained, Vec<OwnedLeaf>);

/// A chain in the making.
struct Author {
    key: SigningKey,
    replica: ReplicaId,
    membership: Digest,
    seq: u64,
    previous: Digest,
}

impl Author {
    fn new(seed: u64, replica: u8, membership: Digest) -> Self {
        let replica = ReplicaId::from_bytes([replica; 16]);
        Self { key: key(seed), replica, membership, seq: 0, previous: Digest::ZERO }
    }

    fn change(
        &mut self,
        intent: Intent,
        listed: bool,
        values: Vec<(Subject, Part, Value)>,
    ) -> Signed {
        self.seq += 1;
        let mut id = *self.replica.as_bytes();
        id[8..].copy_from_slice(&self.seq.to_be_bytes());
        let mut leaves = Vec::new();
        let mut parts = Vec::new();
        let mut root = Root::new();
        for (index, (subject, part, value)) in (0..).zip(values) {
            let base = (part != Part::Whole)
                .then_some(RevisionId { change: ChangeId::from_bytes([7; 16]), leaf: index });
            let field = Field { index, subject, part, base, value };
            let salt = [index as u8; 16];
            let leaf = OwnedLeaf::Disclosed { salt, field: field.to_bytes() };
            root.push(leaf_digest(&leaf.as_leaf()));
            leaves.push(leaf);
            parts.push(PartRef { subject, part, base });
        }
        let header = Header {
            id: ChangeId::from_bytes(id),
            project: PROJECT,
            replica: self.replica,
            seq: self.seq,
            previous: self.previous,
            author: self.key.public(),
            membership: self.membership,
            time: Timestamp::from_millis(-5 + i64::try_from(self.seq).unwrap()),
            tool: Tool { program: "vaultmark 0.1.0".into(), gesture: "box".into(), model: None },
            intent,
            content: vec![Content { item: ItemId::from_bytes([4; 16]), digest: sha512(b"image") }],
            parts: if listed { Parts::Listed(parts) } else { digest_of(&parts) },
            leaves: u32::try_from(leaves.len()).unwrap(),
            root: root.finish(),
        };
        let link = sign_header(&header, &self.key);
        self.previous = header_hash(&link.header);
        (link, leaves)
    }
}

fn digest_of(parts: &[PartRef]) -> Parts {
    let mut digest = PartsDigest::default();
    parts.iter().for_each(|part| digest.push(&[&part.to_bytes()]));
    Parts::Digest(digest.finish())
}

/// The leaf at `index` of a change, withheld.
fn withheld((link, leaves): &Signed, index: usize) -> OwnedLeaf {
    let leaf = leaves[index].as_leaf();
    let vaultmark_crypto::chain::Leaf::Disclosed { field, .. } = leaf else { panic!("shown") };
    let field = Field::from_bytes(field).unwrap();
    let part = PartRef { subject: field.subject, part: field.part, base: field.base };
    assert!(!link.header.is_empty());
    OwnedLeaf::Withheld { part, digest: leaf_digest(&leaf) }
}

const MARKER: &str = "MARKER-7319";

/// Two chains: a label and annotations made, changed and undone; a batch; a merge.
fn changes() -> Vec<Signed> {
    let founded = |list: Vec<(Vec<u8>, Vec<u8>)>| sha512(&list[0].0);
    let mut anna = Author::new(1, 1, founded(annas(vec![])));
    let mut bert = Author::new(2, 2, founded(berts()));
    let annotation = |n: u8| Subject::Annotation(AnnotationId::from_bytes([n; 16]));
    let label = LabelId::from_bytes([9; 16]);
    let body = |shape: Shape| {
        let (item, source) = (ItemId::from_bytes([4; 16]), Source::Person);
        Value::Annotation(Box::new(AnnotationBody { item, label, shape, z_order: -1, source }))
    };
    let point = Shape::Point(Point { x: 0.5, y: 1e-300 });
    let outer = vec![[0.0, 0.0], [10.0, 0.0], [10.0, 10.25]];
    let polygon = Shape::Polygon(Polygon { outer, holes: vec![] });
    let label_body = LabelBody {
        name: "tree — дерево".into(),
        color: Color([1, 2, 3]),
        key: Some(4),
        number: 1,
    };
    let mut all = vec![anna.change(
        Intent::Edit,
        true,
        vec![(Subject::Label(label), Part::Whole, Value::Label(Box::new(label_body)))],
    )];
    all.push(anna.change(
        Intent::Edit,
        true,
        vec![
            (annotation(1), Part::Whole, body(point)),
            (annotation(2), Part::Whole, body(polygon)),
        ],
    ));
    all.push(bert.change(Intent::Edit, true, vec![]));
    all.push(anna.change(
        Intent::Edit,
        true,
        vec![(annotation(1), Part::Note, Value::Text(MARKER.into()))],
    ));
    let undone = Header::from_bytes(&all[3].0.header).unwrap().id;
    all.push(anna.change(
        Intent::Undo(undone),
        true,
        vec![(annotation(1), Part::Note, Value::Text(String::new()))],
    ));
    let flags =
        (0..300).map(|n| (annotation((n % 250) as u8), Part::Flagged, Value::Flag(n % 2 == 0)));
    all.push(anna.change(Intent::Batch, false, flags.collect()));
    let heads = vec![(anna.replica, anna.seq, anna.previous)];
    all.push(bert.change(
        Intent::Merge(heads),
        true,
        vec![(annotation(2), Part::ZOrder, Value::Order(-70_000))],
    ));
    all
}

fn write(changes: &[Signed]) -> Vec<u8> {
    let mut writer = ChangeWriter::new(Vec::new());
    for (link, leaves) in changes {
        writer.change(link, u32::try_from(leaves.len()).unwrap()).unwrap();
        leaves.iter().for_each(|leaf| writer.leaf(&leaf.as_leaf()).unwrap());
    }
    writer.finish().unwrap()
}

fn read(bytes: &[u8]) -> Result<Vec<Signed>, BundleError> {
    let mut reader = ChangeReader::new(bytes, PROJECT);
    let mut all = Vec::new();
    while let Some(change) = reader.next_change()? {
        let mut leaves = Vec::new();
        while let Some(leaf) = reader.next_leaf()? {
            leaves.push(leaf.leaf);
        }
        all.push((change.link, leaves));
    }
    Ok(all)
}

/// Which leaves hold the marker, withheld.
fn without_marker() -> Vec<Signed> {
    let mut all = changes();
    for change in &mut all {
        for index in 0..change.1.len() {
            if let OwnedLeaf::Disclosed { field, .. } = &change.1[index]
                && field.windows(MARKER.len()).any(|window| window == MARKER.as_bytes())
            {
                change.1[index] = withheld(change, index);
            }
        }
    }
    all
}

#[test]
fn what_is_written_reads_back_and_verifies() {
    let bytes = write(&changes());
    assert_eq!(read(&bytes).unwrap(), changes());
    assert_eq!(write(&read(&bytes).unwrap()), bytes);
    let mut reader = ChangeReader::new(&bytes[..], PROJECT);
    let mut count = 0;
    while reader.next_change().unwrap().is_some() {
        count += 1; // leaves not asked for are verified all the same
    }
    assert_eq!(count, 7);
    let heads = reader.heads();
    assert_eq!(heads.iter().map(|(_, seq, _)| *seq).collect::<Vec<_>>(), [5, 2]);
}

#[test]
fn a_withheld_marker_is_gone_and_the_chain_verifies() {
    let has_marker = |bytes: &[u8]| bytes.windows(MARKER.len()).any(|w| w == MARKER.as_bytes());
    assert!(has_marker(&write(&changes())));
    let bytes = write(&without_marker());
    assert!(!has_marker(&bytes));
    let back = read(&bytes).unwrap();
    assert!(matches!(back[3].1[0], OwnedLeaf::Withheld { .. }));
}

#[test]
fn every_byte_flipped_and_every_cut_is_refused() {
    // Without the batch, to stay small.
    let all: Vec<_> = changes().into_iter().take(5).collect();
    let good = write(&all);
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 1 << (at % 8);
        assert!(matches!(read(&bytes), Err(BundleError::Refused(_))), "byte {at}");
    }
    let mut ends = vec![0];
    for count in 1..=all.len() {
        ends.push(write(&all[..count]).len());
    }
    for cut in 0..good.len() {
        assert_eq!(read(&good[..cut]).is_ok(), ends.contains(&cut), "{cut}");
    }
}

#[test]
fn records_left_out_moved_or_of_another_project_are_refused() {
    let all = changes();
    for left_out in 0..all.len() - 1 {
        let mut some = all.clone();
        some.remove(left_out);
        // Anna's last is named by the merge; only the merge itself may be left out.
        assert!(read(&write(&some)).is_err(), "{left_out}");
    }
    let mut moved = all.clone();
    moved.swap(3, 4);
    assert!(read(&write(&moved)).is_err());
    // The order of whole chains is free.
    let by_author = |all: &[Signed], one: bool| {
        let of = |link: &Chained| Header::from_bytes(&link.header).unwrap().replica.as_bytes()[0];
        all.iter().filter(|(link, _)| (of(link) == 1) == one).cloned().collect::<Vec<_>>()
    };
    read(&write(&[by_author(&all, false), by_author(&all, true)].concat())).unwrap();
    let mut leaves = all.clone();
    leaves[1].1.swap(0, 1);
    assert!(read(&write(&leaves)).is_err());
    let bytes = write(&all);
    let mut reader = ChangeReader::new(&bytes[..], ProjectId::from_bytes([8; 16]));
    let BundleError::Refused(refusal) = reader.next_change().unwrap_err() else { panic!() };
    assert!(refusal.to_string().contains("record 1"), "{refusal}");
}

#[test]
fn lengths_are_never_believed() {
    for head in [0x5b, 0x9b] {
        let mut bytes = vec![0x83, head];
        bytes.extend_from_slice(&u64::MAX.to_be_bytes());
        assert!(matches!(read(&bytes), Err(BundleError::Refused(_))));
    }
    for bytes in [&[0x9f][..], &[0x83, 0x5f], &[0x83, 0x58, 0x01, 0x00], &[0x98, 0x03], &[0xff]] {
        assert!(matches!(read(bytes), Err(BundleError::Refused(_))), "{bytes:x?}");
    }
}

#[test]
fn leaves_are_counted_while_writing() {
    let (link, leaves) = changes().remove(1);
    let mut writer = ChangeWriter::new(Vec::new());
    writer.change(&link, 2).unwrap();
    writer.leaf(&leaves[0].as_leaf()).unwrap();
    assert!(matches!(writer.change(&link, 2), Err(BundleError::ProvenanceOrder { .. })));
    writer.leaf(&leaves[1].as_leaf()).unwrap();
    assert!(matches!(writer.leaf(&leaves[1].as_leaf()), Err(BundleError::ProvenanceOrder { .. })));
}

proptest! {
    #[test]
    fn random_sequences_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = read(&bytes);
        let _ = Members::read(&bytes[..], PROJECT);
    }
}

/// Statements of one list, signed by the keys of the seeds.
fn list(vault: u8, project: bool, sayings: Vec<(u64, u8, Saying)>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut previous = Digest::ZERO;
    (0..)
        .zip(sayings)
        .map(|(seq, (signer, person, saying))| {
            let statement = Statement {
                id: StatementId::from_bytes([seq as u8; 16]),
                vault: VaultId::from_bytes([vault; 16]),
                project: project.then_some(PROJECT),
                epoch: 1,
                seq,
                previous,
                time: Timestamp::from_millis(1),
                author: key(signer).public(),
                person: PersonId::from_bytes([person; 16]),
                saying,
            };
            let bytes = statement.to_bytes();
            previous = sha512(&bytes);
            let signature = key(signer).sign(Namespace::Membership, &bytes).bytes().to_vec();
            (bytes, signature)
        })
        .collect()
}

fn grant(name: &str, seed: u64, roles: &[Role]) -> Saying {
    let (signing, recipient) = (key(seed).public(), "age1test".to_owned());
    Saying::Grant { name: name.into(), signing, recipient, roles: roles.to_vec() }
}

fn members(statements: &[(Vec<u8>, Vec<u8>)]) -> Result<Members, BundleError> {
    let mut bytes = Vec::new();
    for (statement, signature) in statements {
        write_statement(&mut bytes, statement, signature).unwrap();
    }
    Members::read(&bytes[..], PROJECT)
}

fn anna() -> Saying {
    grant("Anna", 1, &[Role::Annotator, Role::Manager])
}

#[test]
fn membership_names_the_holders_of_keys() {
    let mut all = list(
        1,
        true,
        vec![(1, 1, anna()), (1, 2, grant("Bert", 2, &[Role::Annotator])), (1, 2, Saying::Revoke)],
    );
    all.extend(list(2, true, vec![(3, 3, grant("Carl", 3, &[Role::Manager]))]));
    let members = members(&all).unwrap();
    assert_eq!(members.statements(), all);
    let name = |seed| members.holder(&key(seed).public()).map(|member| member.name.as_str());
    assert_eq!(
        [name(1), name(2), name(3), name(4)],
        [Some("Anna"), Some("Bert"), Some("Carl"), None]
    );
    assert!(members.holder(&key(2).public()).unwrap().roles.is_empty(), "revoked");
}

#[test]
fn membership_that_breaks_a_rule_is_refused() {
    let refused = |statements: Vec<(Vec<u8>, Vec<u8>)>| {
        let error = members(&statements).err().expect("refused");
        assert_eq!(kind(error.refusal().unwrap()), "Provenance");
    };
    let bert = |roles: &[Role]| grant("Bert", 2, roles);
    // A founder who is no manager, or whom another signs in.
    refused(list(1, true, vec![(1, 1, grant("Anna", 1, &[Role::Annotator]))]));
    refused(list(1, true, vec![(2, 1, anna())]));
    // An annotator, a stranger and a revoked manager make statements.
    refused(list(
        1,
        true,
        vec![(1, 1, anna()), (1, 2, bert(&[Role::Annotator])), (2, 2, bert(&[Role::Manager]))],
    ));
    refused(list(1, true, vec![(1, 1, anna()), (3, 2, bert(&[Role::Annotator]))]));
    refused(list(
        1,
        true,
        vec![
            (1, 1, anna()),
            (1, 2, bert(&[Role::Manager])),
            (1, 2, Saying::Revoke),
            (2, 1, Saying::Revoke),
        ],
    ));
    // A vault's role in a project, a key of two people, a stranger revoked.
    refused(list(1, true, vec![(1, 1, anna()), (1, 2, bert(&[Role::Officer]))]));
    refused(list(1, true, vec![(1, 1, anna()), (1, 2, grant("Bert", 1, &[Role::Annotator]))]));
    refused(list(1, true, vec![(1, 1, anna()), (1, 2, Saying::Revoke)]));
    // Left out, altered.
    let mut all = list(
        1,
        true,
        vec![(1, 1, anna()), (1, 2, bert(&[Role::Annotator])), (1, 2, Saying::Revoke)],
    );
    all.remove(1);
    refused(all);
    let mut all = list(1, true, vec![(1, 1, anna())]);
    all[0].1[0] ^= 1;
    refused(all);
    // A vault's officer may, where the vault's list stands before.
    let officer = list(1, false, vec![(5, 5, grant("Olga", 5, &[Role::Officer]))]);
    let project = list(1, true, vec![(1, 1, anna()), (5, 2, bert(&[Role::Annotator]))]);
    members(&[officer.clone(), project.clone()].concat()).unwrap();
    refused([project, officer].concat());
}

/// The list of the vault that sends, with Anna as its founder.
fn annas(more: Vec<(u64, u8, Saying)>) -> Vec<(Vec<u8>, Vec<u8>)> {
    list(2, true, [vec![(1, 1, anna())], more].concat())
}

/// The list of the vault that Bert's changes come from.
fn berts() -> Vec<(Vec<u8>, Vec<u8>)> {
    list(3, true, vec![(2, 2, bert_of(&[Role::Annotator, Role::Manager]))])
}

fn bert_of(roles: &[Role]) -> Saying {
    grant("Bert", 2, roles)
}

/// Berts's list, and the sender's that adopts it and his chain to its end.
fn statements(changes: &[Signed]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let lists = vec![(VaultId::from_bytes([3; 16]), 0, sha512(&berts()[0].0))];
    let replica = ReplicaId::from_bytes([2; 16]);
    let last = changes.iter().rev().find_map(|(link, _)| {
        let header = Header::from_bytes(&link.header).ok()?;
        (header.replica == replica).then(|| (replica, header.seq, header_hash(&link.header)))
    });
    let adopt = Saying::Adopt { lists, heads: last.into_iter().collect() };
    [berts(), annas(vec![(1, 1, adopt)])].concat()
}

fn bundle_with(changes: &[Signed], statements: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (statement, signature) in statements {
        write_statement(&mut bytes, statement, signature).unwrap();
    }
    let mut draft = draft();
    draft.entries.push(Entry::bytes(CHANGES, write(changes)));
    draft.entries.push(Entry::bytes(MEMBERS, bytes));
    signed(draft)
}

fn bundle(changes: &[Signed]) -> Vec<u8> {
    bundle_with(changes, &statements(changes))
}

#[test]
fn a_bundles_provenance_is_reported() {
    let verified = verify(&bundle(&without_marker())).unwrap();
    let report = Work::quiet(|work| provenance::check(&verified, work)).unwrap().unwrap();
    assert_eq!((report.changes, report.shown, report.withheld), (7, 305, 1));
    let mut authors: Vec<_> = report.authors.iter().map(|a| (a.name.clone(), a.changes)).collect();
    authors.sort();
    assert_eq!(authors, [("Anna".to_owned(), 5), ("Bert".to_owned(), 2)]);
    assert_eq!(report.heads.len(), 2);

    let none = verify(&signed(draft())).unwrap();
    assert!(Work::quiet(|work| provenance::check(&none, work)).unwrap().is_none());

    // Signed by its sender, but with a history that does not hold.
    let mut broken = changes();
    broken.remove(0);
    let verified = verify(&bundle(&broken)).unwrap();
    assert!(Work::quiet(|work| provenance::check(&verified, work)).is_err());
}

/// Why the provenance of a bundle is refused; the script that was written from the page agrees.
fn refused(bytes: &[u8]) -> String {
    let verified = verify(bytes).unwrap();
    let found = Work::quiet(|work| provenance::check(&verified, work));
    let Err(BundleError::Refused(refusal)) = found else { panic!("{found:?}") };
    if let Some(said) = python(bytes, &[]) {
        assert!(!said.expect_err("refused").contains("Traceback"));
    }
    refusal.to_string()
}

#[test]
fn a_newest_leaf_that_is_withheld_is_refused() {
    let all = changes();
    for (change, leaf) in [(0, 0), (1, 0), (4, 0), (5, 299), (6, 0)] {
        let mut altered = all.clone();
        altered[change].1[leaf] = withheld(&all[change], leaf);
        let why = refused(&bundle(&altered));
        assert!(
            why.contains("is withheld") && why.contains(&format!("record {}", change + 1)),
            "{why}"
        );
    }
    // A leaf of a large change can't be said to be another one's.
    let mut altered = all.clone();
    let other = withheld(&all[5], 0);
    altered[5].1[299] = withheld(&all[5], 299);
    if let (OwnedLeaf::Withheld { part, .. }, OwnedLeaf::Withheld { part: of, .. }) =
        (&mut altered[5].1[299], other)
    {
        *part = of;
    }
    assert!(refused(&bundle(&altered)).contains("other parts"));
}

#[test]
fn changes_without_the_right_to_are_refused() {
    let all = changes();
    let of_bert = |roles: &[Role]| list(3, true, vec![(2, 2, bert_of(roles))]);
    // Nobody adopted his list; nobody knows him.
    let alone = annas(vec![]);
    assert!(refused(&bundle_with(&all, &[berts(), alone.clone()].concat())).contains("adopted"));
    assert!(refused(&bundle_with(&all, &alone)).contains("no list"));
    assert!(refused(&bundle_with(&all, &[of_bert(&[Role::Manager]), alone].concat())).len() > 1);
    // A viewer, and a stranger, continue the sender's chain.
    let viewer = list(2, true, vec![(1, 1, anna()), (1, 4, grant("Vera", 4, &[Role::Viewer]))]);
    for (seed, why) in [(4, "held no role"), (5, "was no member")] {
        let mut author = Author::new(seed, 1, sha512(&viewer[1].0));
        let subject = Subject::Annotation(AnnotationId::from_bytes([1; 16]));
        let one =
            author.change(Intent::Edit, true, vec![(subject, Part::Flagged, Value::Flag(true))]);
        assert!(refused(&bundle_with(&[one], &viewer)).contains(why));
    }
    // An annotator changes labels.
    let annotator =
        list(2, true, vec![(1, 1, anna()), (1, 4, grant("Arne", 4, &[Role::Annotator]))]);
    let mut author = Author::new(4, 1, sha512(&annotator[1].0));
    let label = Subject::Label(LabelId::from_bytes([9; 16]));
    let one = author.change(Intent::Edit, true, vec![(label, Part::Name, Value::Text("x".into()))]);
    assert!(refused(&bundle_with(&[one], &annotator)).contains("labels are changed"));
}

/// Runs the verifier that was written from the manual's page alone.
fn python(bytes: &[u8], more: &[&str]) -> Option<Result<String, String>> {
    if !has_python() {
        return None;
    }
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("test.bag.zip");
    std::fs::write(&file, bytes).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/python/bundle_verify.py");
    let output = Command::new("python3").arg(script).arg(&file).args(more).output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    Some(if output.status.success() { Ok(said) } else { Err(said) })
}

#[test]
fn a_script_written_from_the_manual_verifies_every_change() {
    let Some(said) = python(&bundle(&without_marker()), &[]) else { return };
    let said = said.unwrap();
    for part in ["7 changes", "305 fields shown", "1 withheld", "3 statements", "Anna", "Bert"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn the_script_refuses_what_we_refuse() {
    let good = bundle(&without_marker());
    let Some(sound) = python(&good, &[]) else { return };
    sound.unwrap();
    for at in (0..good.len()).step_by(good.len() / 12) {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        let said = python(&bytes, &[]).unwrap().expect_err("refused");
        assert!(!said.contains("Traceback"), "byte {at}: {said}");
    }
    // Each alteration of the history under a valid signature of the bag.
    let mut alterations: Vec<Vec<Signed>> = Vec::new();
    for at in 0..6 {
        let mut left_out = changes();
        left_out.remove(at);
        alterations.push(left_out);
    }
    let mut moved = changes();
    moved[1].1.swap(0, 1);
    alterations.push(moved);
    let mut signature = changes();
    signature[2].0.signature[3] ^= 1;
    alterations.push(signature);
    let mut digest = without_marker();
    if let OwnedLeaf::Withheld { digest, .. } = &mut digest[3].1[0] {
        *digest = Digest::ZERO;
    }
    alterations.push(digest);
    for (index, altered) in alterations.iter().enumerate() {
        let said = python(&bundle(altered), &[]).unwrap().expect_err("refused");
        assert!(!said.contains("Traceback") && said.contains("changes.cborseq"), "{index}: {said}");
    }
}

/// The vectors of the manual's page, each on a line of its own.
fn vectors() -> String {
    use std::fmt::Write;
    use vaultmark_crypto::Secret;
    use vaultmark_model::id::to_hex;

    let mut anna = Author::new(1, 1, Digest::ZERO);
    anna.key = SigningKey::from_seed(Secret::from_slice(&[1; 32]).unwrap()).unwrap();
    let annotation = Subject::Annotation(AnnotationId::from_bytes([6; 16]));
    let box_of = |x| {
        let shape = vaultmark_model::shape::BoundingBox { x, y: 2.0, width: 3.0, height: 4.0 };
        Value::Shape(Shape::Box(shape))
    };
    let statement = Statement {
        id: StatementId::from_bytes([5; 16]),
        vault: VaultId::from_bytes([2; 16]),
        project: Some(PROJECT),
        epoch: 1,
        seq: 0,
        previous: Digest::ZERO,
        time: Timestamp::from_millis(1_767_225_599_000),
        author: anna.key.public(),
        person: PersonId::from_bytes([8; 16]),
        saying: Saying::Grant {
            name: "Anna".into(),
            signing: anna.key.public(),
            recipient: "age1test".into(),
            roles: vec![Role::Annotator, Role::Manager],
        },
    };
    let statement_bytes = statement.to_bytes();
    let statement_signature =
        anna.key.sign(Namespace::Membership, &statement_bytes).bytes().to_vec();
    anna.membership = sha512(&statement_bytes);
    let (link, leaves) = anna.change(
        Intent::Edit,
        true,
        vec![
            (annotation, Part::Geometry, box_of(1.5)),
            (annotation, Part::Flagged, Value::Flag(true)),
            (annotation, Part::Note, Value::Text("withheld".into())),
        ],
    );
    let change = (link, leaves);
    let hidden = withheld(&change, 2);
    let (link, mut leaves) = change;
    leaves[2] = hidden;
    let header = Header::from_bytes(&link.header).unwrap();
    let mut statement_record = Vec::new();
    write_statement(&mut statement_record, &statement_bytes, &statement_signature).unwrap();

    let mut text = String::new();
    let mut line = |name: &str, bytes: &[u8]| writeln!(text, "{name} = {}", to_hex(bytes)).unwrap();
    line("seed", &[1; 32]);
    line("public", anna.key.public().bytes());
    for (index, leaf) in leaves[..2].iter().enumerate() {
        let OwnedLeaf::Disclosed { salt, field } = leaf else { panic!("shown") };
        line(&format!("salt{index}"), salt);
        line(&format!("field{index}"), field);
        line(&format!("leaf{index}"), leaf_digest(&leaf.as_leaf()).as_bytes());
    }
    line("leaf2", leaf_digest(&leaves[2].as_leaf()).as_bytes());
    line("root", header.root.as_bytes());
    line("header", &link.header);
    line("header-hash", header_hash(&link.header).as_bytes());
    line("signature", &link.signature);
    line("record", &write(&[(link, leaves)]));
    line("statement", &statement_bytes);
    line("statement-signature", &statement_signature);
    line("statement-record", &statement_record);
    text
}

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs-offline/bundle-format.md");

#[test]
fn the_manuals_vectors_are_current_and_another_implementation_agrees() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let found = page.split("```vectors\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(found == vectors(), "the page's vectors should be\n{}", vectors());
    if !has_python() {
        return;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/python/bundle_verify.py");
    let output = Command::new("python3").args([script, "--vectors", PAGE]).output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && said.contains("vectors agree"), "{said}");
}
