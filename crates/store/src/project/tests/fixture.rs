//! A project in a folder that cleans up, and edits in one word.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use tempfile::TempDir;
use vaultmark_crypto::membership::Lists;
use vaultmark_crypto::testing::FixedEntropy;
use vaultmark_crypto::{Key, Namespace, Secret, SigningKey, sha512};
use vaultmark_model::annotation::AnnotationBody;
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Edit, Part, Subject, Value};
use vaultmark_model::item::ItemBody;
use vaultmark_model::label::LabelBody;
use vaultmark_model::membership::{Saying, Statement};
use vaultmark_model::shape::BoundingBox;
use vaultmark_model::work::Work;
use vaultmark_model::{
    AnnotationId, Color, Digest, ImageFacts, ItemId, ItemPath, LabelId, Marking, MediaFormat,
    PersonId, ProjectId, ReplicaId, Role, SampleFormat, Shape, Source, StatementId, Timestamp,
    VaultId,
};

use crate::project::{Author, NewMedia, Project, ProjectIdentity, ProjectKeys};
use crate::{Ambient, Clock, SignedStatement, StoreError};

/// A clock that goes on by a second with each look.
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.fetch_add(1000, Ordering::Relaxed))
    }
}

pub const PROJECT: ProjectId = ProjectId::from_bytes([9; 16]);

pub fn author(person: u8) -> Author {
    let seed = Secret::from_slice(&[person; 32]).unwrap();
    Author {
        signer: Arc::new(SigningKey::from_seed(seed).unwrap()),
        person: PersonId::from_bytes([person; 16]),
        program: "vaultmark test".into(),
    }
}

pub fn ambient(seed: u64) -> Arc<Ambient> {
    let clock = Arc::new(Ticking(AtomicI64::new(1_700_000_000_000)));
    Arc::new(Ambient { clock, entropy: Arc::new(FixedEntropy::new(seed)) })
}

fn keys(replica: u8) -> ProjectKeys {
    ProjectKeys::expand(&Key::from_slice(&[replica; 32]).unwrap(), &PROJECT).unwrap()
}

/// A statement of the list of the vault in which copy `replica` lies: by whom, about whom.
pub fn statement(
    replica: u8,
    after: &[SignedStatement],
    (signer, about): (u8, u8),
    saying: Saying,
) -> SignedStatement {
    let statement = Statement {
        id: StatementId::from_bytes([1; 16]),
        vault: VaultId::from_bytes([replica; 16]),
        project: Some(PROJECT),
        epoch: 1,
        seq: after.len() as u64,
        previous: after.last().map_or(Digest::ZERO, |last| sha512(&last.bytes)),
        time: Timestamp::from_millis(0),
        author: author(signer).signer.public(),
        person: PersonId::from_bytes([about; 16]),
        saying,
    };
    let bytes = statement.to_bytes();
    let signature = author(signer).signer.sign(Namespace::Membership, &bytes).bytes().to_vec();
    SignedStatement { bytes, signature }
}

pub fn grant(person: u8, roles: &[Role]) -> Saying {
    Saying::Grant {
        name: format!("person {person}"),
        signing: author(person).signer.public(),
        recipient: "age1test".into(),
        roles: roles.to_vec(),
    }
}

/// The statement that founds such a list.
pub fn genesis(replica: u8, person: u8) -> SignedStatement {
    let roles = [Role::Annotator, Role::Manager, Role::Exporter];
    statement(replica, &[], (person, person), grant(person, &roles))
}

/// Lets another person work on a project that person 1 founded in copy 1.
pub fn join(project: &Project, person: u8) {
    let list = project.statements().unwrap();
    let roles = [Role::Annotator, Role::Manager];
    let one = statement(1, &list, (1, person), grant(person, &roles));
    project.put_statement(list.len() as u64, &one).unwrap();
}

/// Makes what was received part of a project, by the lists that came along.
pub fn adopt(project: &Project, (replica, person): (u8, u8), lists: &[SignedStatement]) {
    let mut known = Lists::default();
    for (seq, one) in (0..).zip(lists) {
        known.accept(PROJECT, &one.bytes, &one.signature).unwrap();
        project.put_received_statement(seq, one).unwrap();
    }
    let saying = Saying::Adopt { lists: known.heads(), heads: project.heads().unwrap() };
    let adoption = statement(replica, &project.statements().unwrap(), (person, person), saying);
    project.put_statement(1, &adoption).unwrap();
}

/// A project of its own in `folder/p`; `replica` also seeds its randomness and its key.
pub fn make(folder: &Path, replica: u8, person: u8) -> Project {
    let identity = ProjectIdentity {
        id: PROJECT,
        replica: ReplicaId::from_bytes([replica; 16]),
        name: "Harbour".into(),
        marking: Marking::new("UNCLASSIFIED").unwrap(),
        epoch: 1,
    };
    let folder = folder.join("p");
    let (author, ambient) = (author(person), ambient(replica.into()));
    let project = Project::create(&folder, identity, keys(replica), author, ambient).unwrap();
    project.put_statement(0, &genesis(replica, person)).unwrap();
    project
}

pub fn reopen(folder: &Path, replica: u8, person: u8) -> Result<Project, StoreError> {
    // Other randomness than before the restart.
    static RESTARTS: AtomicU64 = AtomicU64::new(1);
    let seed = u64::from(replica) << 32 | RESTARTS.fetch_add(1, Ordering::Relaxed);
    Project::open(&folder.join("p"), &PROJECT, keys(replica), author(person), ambient(seed))
}

pub fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

pub fn item_id(n: u32) -> ItemId {
    ItemId::from_bytes(id(1, n))
}

pub fn annotation_id(n: u32) -> AnnotationId {
    AnnotationId::from_bytes(id(2, n))
}

pub fn label_id(n: u32) -> LabelId {
    LabelId::from_bytes(id(3, n))
}

fn id(kind: u8, n: u32) -> [u8; 16] {
    let mut bytes = [kind; 16];
    // Spread, as random identifiers are.
    bytes[..4].copy_from_slice(&n.wrapping_mul(0x9E37_79B1).to_be_bytes());
    bytes[4..8].copy_from_slice(&n.to_be_bytes());
    bytes
}

pub fn facts() -> ImageFacts {
    ImageFacts {
        format: MediaFormat::Png,
        stored_width: 640,
        stored_height: 480,
        orientation: 1,
        bands: 3,
        sample: SampleFormat::U8,
    }
}

pub fn path(text: &str) -> ItemPath {
    ItemPath::new(text.as_bytes().to_vec()).unwrap()
}

pub fn item(n: u32, at: &str) -> Edit {
    let body = ItemBody {
        path: path(at),
        content: sha512(at.as_bytes()),
        crc32: n,
        size: 1000 + u64::from(n),
        facts: facts(),
        number: 0,
    };
    Edit {
        subject: Subject::Item(item_id(n)),
        part: Part::Whole,
        value: Value::Item(Box::new(body)),
    }
}

pub fn label(n: u32, name: &str) -> Edit {
    let body =
        LabelBody { name: name.into(), color: Color::for_index(n as usize), key: None, number: 0 };
    Edit {
        subject: Subject::Label(label_id(n)),
        part: Part::Whole,
        value: Value::Label(Box::new(body)),
    }
}

pub fn shape(x: f64) -> Shape {
    Shape::Box(BoundingBox { x, y: 2.5, width: 30.0, height: 40.0 })
}

pub fn annotation(n: u32, item: u32, label: u32) -> Edit {
    let body = AnnotationBody {
        item: item_id(item),
        label: label_id(label),
        shape: shape(f64::from(n)),
        z_order: 0,
        source: Source::Person,
    };
    let subject = Subject::Annotation(annotation_id(n));
    Edit { subject, part: Part::Whole, value: Value::Annotation(Box::new(body)) }
}

pub fn on_annotation(n: u32, part: Part, value: Value) -> Edit {
    Edit { subject: Subject::Annotation(annotation_id(n)), part, value }
}

pub fn on_item(n: u32, part: Part, value: Value) -> Edit {
    Edit { subject: Subject::Item(item_id(n)), part, value }
}

pub fn on_label(n: u32, part: Part, value: Value) -> Edit {
    Edit { subject: Subject::Label(label_id(n)), part, value }
}

pub fn text(text: &str) -> Value {
    Value::Text(text.into())
}

/// A project with items 0 and 1, labels 0 and 1, and annotation 0 with label 0 on item 0.
pub fn small(folder: &Path, replica: u8, person: u8) -> Project {
    let project = make(folder, replica, person);
    let edits =
        vec![item(0, "a/zero.png"), item(1, "b/one.png"), label(0, "ship"), label(1, "pier")];
    project.commit("set up", edits).unwrap();
    project.commit("box", vec![annotation(0, 0, 0)]).unwrap();
    project
}

/// Adds a file as an import does.
pub fn add(
    batch: &crate::project::MediaBatch<'_>,
    at: &str,
    bytes: &[u8],
) -> Result<ItemId, StoreError> {
    batch.add(NewMedia {
        path: path(at),
        content: sha512(bytes),
        crc32: crc32fast::hash(bytes),
        size: bytes.len() as u64,
        facts: facts(),
        plaintext: &mut &*bytes,
        thumbnail: Some(b"small picture".to_vec()),
    })
}

/// Everything is as it should be.
pub fn assert_whole(project: &Project) {
    let report = Work::quiet(|work| project.check(&[], work)).unwrap();
    assert_eq!(&*report.findings, []);
}

/// Why something was refused.
pub fn why<T: std::fmt::Debug>(result: Result<T, StoreError>) -> String {
    match result {
        Err(StoreError::Refused { why, .. }) => why,
        other => panic!("{other:?}"),
    }
}
