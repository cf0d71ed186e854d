//! Bundles with more annotations than there is room for.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;

use tempfile::TempDir;
use vaultmark_bundle::{BagInfo, Draft, Entry, Limits, Quarantined, Signatures, Trust, Verified};
use vaultmark_crypto::{BundleRole, KdfParameters, Passphrase, sha512};
use vaultmark_model::annotation::AnnotationBody;
use vaultmark_model::change::{Edit, Part, Subject, Value};
use vaultmark_model::item::ItemBody;
use vaultmark_model::label::LabelBody;
use vaultmark_model::policy::{ExportPolicy, Policy};
use vaultmark_model::shape::BoundingBox;
use vaultmark_model::{
    AnnotationId, Color, ImageFacts, ItemId, ItemPath, LabelId, Marking, MediaFormat, ProjectId,
    SampleFormat, Shape, Source,
};
use vaultmark_store::vault::NewVault;

use super::*;
use crate::journeys::export::{Form, Request, perform};
use crate::journeys::projects;
use crate::{DecoderProgram, Session, ambient};

const PASSPHRASE: &str = "correct horse battery staple";
const ANNOTATIONS: u32 = 2_000;

/// A vault, and a bundle of a project with many annotations, some moved and some deleted.
struct Desk {
    folder: TempDir,
    session: Session,
    project: ProjectId,
}

fn id(kind: u8, n: u32) -> [u8; 16] {
    let mut id = [kind; 16];
    id[..4].copy_from_slice(&n.to_be_bytes());
    id
}

fn of(n: u32) -> Subject {
    Subject::Annotation(AnnotationId::from_bytes(id(2, n)))
}

fn shape(x: f64) -> Shape {
    Shape::Box(BoundingBox { x, y: 2.5, width: 30.0, height: 40.0 })
}

fn edits() -> Vec<Edit> {
    let facts = ImageFacts {
        format: MediaFormat::Png,
        stored_width: 640,
        stored_height: 480,
        orientation: 1,
        bands: 3,
        sample: SampleFormat::U8,
    };
    let item = |n: u32| {
        let path = ItemPath::new(format!("{n}.png").into_bytes()).unwrap();
        let content = sha512(path.as_bytes());
        let body = ItemBody { path, content, crc32: n, size: 9, facts, number: 0 };
        (Subject::Item(ItemId::from_bytes(id(1, n))), Value::Item(Box::new(body)))
    };
    let label = LabelBody { name: "ship".into(), color: Color::for_index(0), key: None, number: 0 };
    let annotation = |n: u32| {
        let body = AnnotationBody {
            item: ItemId::from_bytes(id(1, n % 2)),
            label: LabelId::from_bytes(id(3, 0)),
            shape: shape(f64::from(n % 500) + 0.25),
            z_order: 0,
            source: Source::Person,
        };
        (of(n), Value::Annotation(Box::new(body)))
    };
    let label = (Subject::Label(LabelId::from_bytes(id(3, 0))), Value::Label(Box::new(label)));
    let all = (0..2).map(item).chain([label]).chain((0..ANNOTATIONS).map(annotation));
    all.map(|(subject, value)| Edit { subject, part: Part::Whole, value }).collect()
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let marking = Marking::new("UNCLASSIFIED").unwrap();
        let new = NewVault {
            officer: "ada".into(),
            passphrase: Passphrase::new(PASSPHRASE.into()),
            policy: Policy::new(marking.clone(), ExportPolicy::Single),
            kdf: KdfParameters::Argon2id { memory_kib: 16, passes: 1, lanes: 1 },
        };
        let decoder = DecoderProgram { program: "/nonexistent".into(), workers: 1 };
        let at = folder.path().join("vault");
        let (session, _) = Session::create(&at, new, ambient::system(), decoder).unwrap();
        let project = projects::create(&session, "one", marking).unwrap();
        project.commit("set up", edits()).unwrap();
        let moved = (0..ANNOTATIONS).filter(|n| n % 7 == 0);
        let moved = moved.map(|n| (of(n), Part::Geometry, Value::Shape(shape(5.5))));
        let gone = (0..ANNOTATIONS).filter(|n| n % 3 == 0);
        let gone = gone.map(|n| (of(n), Part::Presence, Value::Flag(false)));
        let more = moved.chain(gone);
        let more = more.map(|(subject, part, value)| Edit { subject, part, value }).collect();
        project.commit("more", more).unwrap();
        let project = project.id();
        Self { folder, session, project }
    }

    fn bundle(&self, history: bool) -> Verified {
        let form =
            Form::Bundle { formats: vec!["coco".into()], media: false, history, seal_to: vec![] };
        let justification = "delivery 3".into();
        let request =
            Request { project: self.project, form, marking: None, justification, agreed: None };
        let proof = self.session.confirm(&Passphrase::new(PASSPHRASE.into())).unwrap();
        let to = self.folder.path().join(format!("{history}.bag.zip"));
        Work::quiet(|work| perform(&self.session, proof, &request, &to, work)).unwrap();
        opened(Quarantined::open_file(File::open(to).unwrap(), &Limits::default()).unwrap())
    }

    /// The bundle with other content, signed by the same key.
    fn altered(&self, bundle: &Verified, change: impl Fn(&str, Vec<u8>) -> Vec<u8>) -> Verified {
        let content = |path: &str| bundle.read_all(path, u64::MAX).unwrap();
        let entries = bundle.entries().map(|entry| entry.path);
        let entries = entries.map(|path| Entry::bytes(path, change(path, content(path)))).collect();
        let info: BagInfo = bundle.info().clone();
        let frozen = Draft { info, entries }.freeze().unwrap();
        let vault = self.session.vault();
        let creator = vault.sign_bundle(BundleRole::Creator, frozen.tagmanifest()).unwrap();
        let mut bytes = Vec::new();
        let signatures = Signatures { creator, approver: None };
        Work::quiet(|work| frozen.write(&mut bytes, &signatures, work)).unwrap();
        let len = bytes.len() as u64;
        opened(Quarantined::open(Arc::new(bytes), len, &Limits::default()).unwrap())
    }
}

fn opened(quarantined: Quarantined) -> Verified {
    let tagged = quarantined.check_signatures(&Trust::nobody()).unwrap().check_tags().unwrap();
    Work::quiet(|work| tagged.check_payload(work)).unwrap()
}

/// Traces with room for few annotations.
fn trace_in_little(bundle: &Verified) -> Result<Traced, AppError> {
    Work::quiet(|work| trace_in(Room { bytes: 0, least: 300 }, bundle, work))
}

#[test]
fn share_after_share_is_compared() {
    let desk = Desk::new();
    for history in [false, true] {
        let bundle = desk.bundle(history);
        let whole = Work::quiet(|work| trace(&bundle, work)).unwrap();
        let shares = trace_in_little(&bundle).unwrap();
        assert_eq!((shares.items, shares.annotations), (2, 1333));
        assert_eq!((whole.items, whole.annotations), (2, 1333));
        assert_eq!(shares.report, whole.report);
    }
}

#[test]
fn what_differs_is_found_in_whichever_share_it_lies() {
    let desk = Desk::new();
    let bundle = desk.bundle(false);
    let found: BTreeMap<u32, String> = [1, 8, 100, 500, 1000, 1501, 1900, 1999]
        .into_iter()
        .map(|n: u32| {
            let name = AnnotationId::from_bytes(id(2, n)).to_string();
            let altered = desk.altered(&bundle, |path, content| {
                if path != NATIVE {
                    return content;
                }
                let text = String::from_utf8(content).unwrap();
                let lines = text.split_inclusive('\n').map(|line| {
                    match line.starts_with(&format!("{{\"id\":\"{name}\"")) {
                        true => line.replace("\"width\":30", "\"width\":31"),
                        false => line.to_owned(),
                    }
                });
                lines.collect::<String>().into_bytes()
            });
            let error = trace_in_little(&altered).err().map(|error| error.to_string());
            (n, error.unwrap_or_default())
        })
        .collect();
    for (n, error) in &found {
        assert!(error.contains("its shape is another"), "{n}: {error}");
    }
}
