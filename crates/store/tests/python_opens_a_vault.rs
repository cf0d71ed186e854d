//! A script written from the manual's pages alone opens a vault that this crate made: with the
//! passphrase, and with the recovery sheet. It verifies every signature, chain and MAC, and opens
//! every medium.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use vaultmark_crypto::{KdfParameters, Passphrase, SystemEntropy, sha512};
use vaultmark_model::annotation::AnnotationBody;
use vaultmark_model::change::{Edit, Part, Subject, Value};
use vaultmark_model::label::LabelBody;
use vaultmark_model::policy::{ExportPolicy, Policy};
use vaultmark_model::shape::BoundingBox;
use vaultmark_model::{
    AnnotationId, Color, Digest, ImageFacts, ItemId, ItemPath, LabelId, Marking, MediaFormat,
    SampleFormat, Shape, Source, Timestamp,
};
use vaultmark_store::project::{NewMedia, Project};
use vaultmark_store::{Ambient, Clock, LockedVault, NewVault, Vault};

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/python");
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs-offline/vault-format.md");
const PASSPHRASE: &str = "correct horse battery stapl\u{e9}";
/// Around the padding's and the chunks' edges.
const LENGTHS: [usize; 6] = [1, 9, 16_383, 16_384, 20_000, 70_000];

/// The tests' own Python, or a line that says what is missing.
fn python() -> Option<Command> {
    let interpreter = std::env::var_os("VAULTMARK_TEST_PYTHON").unwrap_or("python3".into());
    let import = "import sqlite3; from cryptography.hazmat.primitives.kdf.argon2 import Argon2id; \
                  sqlite3.Connection.deserialize";
    let has = Command::new(&interpreter).args(["-c", import]).output();
    if has.is_ok_and(|output| output.status.success()) {
        return Some(Command::new(interpreter));
    }
    eprintln!("skipped: no Python with the package `cryptography` and an SQLite that deserializes");
    None
}

/// What the script says of a vault; an error where it refuses.
fn read(vault: &Path, how: &[&str]) -> Result<String, String> {
    let script = Path::new(SCRIPTS).join("vault_open.py");
    let mut command = python().unwrap();
    command.env("PYTHONDONTWRITEBYTECODE", "1").arg(script).arg(vault).args(how);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(!said.contains("Traceback"), "{said}");
    if output.status.success() { Ok(said) } else { Err(said) }
}

fn bytes(length: usize) -> Vec<u8> {
    (0..=250).cycle().take(length).collect()
}

fn import(project: &Project) -> Vec<(ItemId, Digest)> {
    let batch = project.media_batch().unwrap();
    let add = |length: &usize| {
        let content = bytes(*length);
        let media = NewMedia {
            path: ItemPath::new(format!("a/{length}.png").into_bytes()).unwrap(),
            content: sha512(&content),
            crc32: crc32fast::hash(&content),
            size: content.len() as u64,
            facts: ImageFacts {
                format: MediaFormat::Png,
                stored_width: 64,
                stored_height: 48,
                orientation: 1,
                bands: 3,
                sample: SampleFormat::U8,
            },
            plaintext: &mut &content[..],
            thumbnail: None,
        };
        (batch.add(media).unwrap(), sha512(&content))
    };
    let items = LENGTHS.iter().map(add).collect();
    batch.commit().unwrap();
    items
}

fn edit(subject: Subject, part: Part, value: Value) -> Edit {
    Edit { subject, part, value }
}

/// Every kind of record: edits, an undo, an erased text.
fn annotate(project: &Project, item: ItemId) {
    let label = LabelId::from_bytes([1; 16]);
    let body = LabelBody { name: "tree".into(), color: Color([1, 2, 3]), key: None, number: 0 };
    let subject = Subject::Label(label);
    project
        .commit("label", vec![edit(subject, Part::Whole, Value::Label(Box::new(body)))])
        .unwrap();
    let annotation = Subject::Annotation(AnnotationId::from_bytes([2; 16]));
    let shape = Shape::Box(BoundingBox { x: 0.5, y: -2.5, width: 30.0, height: 40.0 });
    let body = AnnotationBody { item, label, shape, z_order: -3, source: Source::Person };
    let body = Value::Annotation(Box::new(body));
    project.commit("box", vec![edit(annotation, Part::Whole, body)]).unwrap();
    let subject = Subject::Item(item);
    let note = |text: &str| vec![edit(subject, Part::Note, Value::Text(text.into()))];
    let first = project.commit("note", note("to be erased")).unwrap();
    project.commit("note", note("kept")).unwrap();
    project.erase(first.change, 0).unwrap();
    project.commit("note", note("undone")).unwrap();
    project.undo().unwrap();
}

fn made(folder: &Path) -> (Vault, String) {
    let new = NewVault {
        officer: "Ad\u{e9}le Lovelace".into(),
        passphrase: Passphrase::new(PASSPHRASE.into()),
        policy: Policy::new(Marking::new("UNCLASSIFIED").unwrap(), ExportPolicy::Single),
        kdf: KdfParameters::Argon2id { memory_kib: 256, passes: 1, lanes: 2 },
    };
    let (vault, sheet) = LockedVault::create(folder, new, ambient()).unwrap();
    (vault, sheet.expose().to_owned())
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Files whose every byte is read, with one place in each that is no padding.
fn places(vault: &Path) -> Vec<(PathBuf, usize)> {
    let mut found = Vec::new();
    let mut folders = vec![vault.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let length = path.metadata().unwrap().len();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with("audit/state") {
                // One of its two places is empty.
                let whole = fs::read(&path).unwrap();
                found.push((path, whole.iter().position(|byte| *byte != 0).unwrap() + 20));
            } else if length > 0 {
                found.push((path, usize::try_from(length / 2).unwrap()));
            }
        }
    }
    found
}

#[test]
fn with_the_passphrase_and_with_the_sheet() {
    if python().is_none() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("vault");
    // Decomposed and in another case: the page says how both are brought into one form.
    let secret = home.path().join("passphrase");
    fs::write(&secret, "correct horse battery staple\u{301}\n").unwrap();
    let by_name = ["--login", " AD\u{c9}LE lovelace", secret.to_str().unwrap()];

    let (vault, sheet) = made(&folder);
    let project = vault.create_project("Harbour", Marking::new("UNCLASSIFIED").unwrap()).unwrap();
    let items = import(&project);
    annotate(&project, items[0].0);
    let busy = read(&folder, &by_name).unwrap_err();
    assert!(busy.starts_with("refused: "), "{busy}");
    // As a crash leaves it: the newest pages are in the write-ahead log alone.
    let crashed = home.path().join("crashed");
    copy(&folder, &crashed);
    drop(project);
    let code = {
        let locked: LockedVault = vault.lock().unwrap();
        locked.audit().head_code()
    };

    let paper = home.path().join("sheet");
    fs::write(&paper, sheet).unwrap();
    let by_sheet = ["--sheet", paper.to_str().unwrap()];
    for (vault, how) in [(&folder, &by_name[..]), (&folder, &by_sheet), (&crashed, &by_name)] {
        let said = read(vault, how).unwrap();
        assert!(said.contains("Harbour: 7 changes, 11 shown, 1 withheld"), "{said}");
        for (item, content) in &items {
            assert!(said.contains(&format!("medium {item} {content}")), "{said}");
        }
        assert!(vault == &crashed || said.contains(&format!("last checkpoint {code}")), "{said}");
    }

    fs::write(&secret, "correct horse battery staple").unwrap();
    let wrong = read(&folder, &by_name).unwrap_err();
    assert!(wrong.contains("is another"), "{wrong}");
    for (path, at) in places(&folder) {
        let good = fs::read(&path).unwrap();
        let mut altered = good.clone();
        altered[at] ^= 1;
        fs::write(&path, altered).unwrap();
        // The slot is no part of what the sheet opens.
        let slot = path.extension().is_some_and(|ending| ending == "slot");
        assert_eq!(read(&folder, &by_sheet).is_ok(), slot, "{}", path.display());
        fs::write(&path, good).unwrap();
    }
    read(&folder, &by_sheet).unwrap();
}

#[test]
fn the_manuals_short_code_is_ours() {
    let page = fs::read_to_string(PAGE).unwrap();
    let line = |name: &str| {
        let start = format!("{name} = ");
        let digits = page.lines().find_map(|line| line.strip_prefix(&start)).unwrap();
        let pairs = digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect::<Vec<u8>>()
    };
    let digest = Digest::from_slice(&line("entry-digest")).unwrap();
    let code = vaultmark_store::audit::short_code(1204, &digest);
    assert_eq!(code.as_bytes(), line("short-code"));
}

/// A clock that stands still; the order of changes never depends on it.
struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_767_225_600_000)
    }
}

fn ambient() -> Arc<Ambient> {
    Arc::new(Ambient { clock: Arc::new(StoppedClock), entropy: Arc::new(SystemEntropy) })
}
