//! What people and the window type: identifiers, names, searches, filters.

use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use tempfile::TempDir;
use vaultmark::manual;
use vaultmark_bundle::{frame, info, name};
use vaultmark_crypto::testing::FixedEntropy;
use vaultmark_crypto::{KdfParameters, Passphrase};
use vaultmark_formats::{Settings, formats};
use vaultmark_model::change::{Edit, Part, Subject, Value};
use vaultmark_model::item::ItemBody;
use vaultmark_model::policy::{ExportPolicy, Policy};
use vaultmark_model::text::{check_name, check_note, shown};
use vaultmark_model::{
    Color, Digest, ImageFacts, ItemId, ItemPath, LabelId, Marking, MediaFormat, ProjectId,
    SampleFormat, Timestamp,
};
use vaultmark_store::project::{ItemQuery, ItemState, Project, Sort};
use vaultmark_store::{Ambient, Clock, LockedVault, NewVault, Vault};

use crate::cut::Cut;

/// A text as each kind of argument: what is accepted has one form, and what is shown is safe.
pub fn arguments(bytes: &[u8]) {
    if let Ok(path) = ItemPath::new(bytes.to_vec()) {
        assert!(!path.file_name().is_empty());
        assert!(path.display().ends_with(&path.file_name()));
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    same::<ItemId>(text);
    same::<ProjectId>(text);
    same::<LabelId>(text);
    same::<Color>(text);
    let safe = shown(text);
    assert_eq!(shown(&safe), safe);
    let line = info::one_line(text);
    assert_eq!(info::one_line(&line), line);
    assert!(!line.chars().any(char::is_control));
    if let Ok(marking) = Marking::new(text) {
        assert_eq!(Marking::new(marking.text()).expect("a marking").text(), marking.text());
    }
    if check_name("name", text).is_ok() {
        assert!(check_note("note", text).is_ok() && !text.contains('\n'));
    }
    if name::check(text).is_ok() {
        assert!(
            std::path::Path::new(text)
                .components()
                .all(|part| matches!(part, std::path::Component::Normal(_)))
        );
    }
    if let Some((path, number, count)) = frame::parse_part(text) {
        assert!((1..=count).contains(&number));
        assert_eq!(frame::part_name(path, number, count), text);
    }
    if let Some((setting, word)) = text.split_once('=') {
        let settings = Settings::default().with(setting, word);
        for format in formats() {
            for direction in
                [vaultmark_formats::Direction::Read, vaultmark_formats::Direction::Write]
            {
                if settings.check(format.name(), format.settings(), direction).is_ok() {
                    let effective = settings.effective(format.settings(), direction);
                    assert!(effective.iter().any(|(name, _)| name == setting));
                }
            }
        }
    }
}

/// What is read is shown in a form that reads back as the same.
fn same<T: FromStr + ToString + PartialEq + std::fmt::Debug>(text: &str) {
    let Ok(value) = text.parse::<T>() else { return };
    let back = value.to_string().parse::<T>().ok();
    assert_eq!(back.as_ref(), Some(&value));
}

/// What is searched for in the manual.
pub fn manual_search(bytes: &[u8]) {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(256)]);
    let hits = manual::search(&text, 5);
    assert!(hits.len() <= 5);
    for hit in hits {
        let page = manual::page(&hit.slug).expect("a page that is there");
        assert!(page.sections.iter().any(|section| section.anchor == hit.anchor));
        assert!(hit.excerpt.chars().count() <= 200, "a long excerpt");
    }
}

/// A filter of the library: `flags (1) ‖ order (1) ‖ offset (1) ‖ limit (1) ‖ text ‖ folder`. The
/// database finds what looking at every item finds.
pub fn library_filter(bytes: &[u8]) {
    let mut cut = Cut(bytes);
    let flags = cut.byte();
    let order = cut.byte();
    let (offset, limit) = (u64::from(cut.byte() & 15), u64::from(cut.byte() & 31));
    let text = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
    let (words, folder) = (text(cut.part()), text(cut.part()));
    let query = ItemQuery {
        text: (flags & 1 != 0).then_some(words),
        folder: (flags & 2 != 0).then_some(folder),
        label: (flags & 4 != 0).then_some(LabelId::from_bytes([1; 16])),
        state: match flags >> 4 {
            1 => Some(ItemState::New),
            2 => Some(ItemState::InProgress),
            3 => Some(ItemState::Done),
            4 => Some(ItemState::Flagged),
            _ => None,
        },
        sort: match order & 3 {
            0 => Sort::Path,
            1 => Sort::Number,
            2 => Sort::Annotations,
            _ => Sort::Size,
        },
        descending: order & 4 != 0,
        offset,
        limit,
    };
    let library = library();
    let page = library.project.items(&query).expect("every query is answered");
    let whole = ItemQuery { offset: 0, limit: 1000, ..query.clone() };
    let ids = library.project.item_ids(&whole).expect("every query is answered");
    let wanted: Vec<&ItemBody> =
        library.items.iter().filter(|(_, body)| fits(&query, body)).map(|(_, body)| body).collect();
    assert_eq!(ids.len(), wanted.len(), "{query:?} finds others than looking does");
    assert_eq!(page.total, wanted.len() as u64);
    let skip = usize::try_from(offset).expect("small");
    let shown: Vec<_> = page.rows.iter().map(|row| row.item.id).collect();
    let take = usize::try_from(limit).expect("small");
    let expected: Vec<_> = ids.iter().copied().skip(skip).take(take).collect();
    assert_eq!(shown, expected, "a page is a part of the whole");
    for id in ids {
        let (_, body) = library.items.iter().find(|(one, _)| *one == id).expect("an item of ours");
        assert!(fits(&query, body), "{query:?} finds {}", body.path.display());
    }
}

fn fits(query: &ItemQuery, body: &ItemBody) -> bool {
    let path = body.path.display();
    let folder = body.path.folder();
    let words = query.text.as_deref().unwrap_or_default().to_lowercase();
    let under = query.folder.as_deref().unwrap_or_default();
    path.to_lowercase().contains(&words)
        && (under.is_empty() || folder == under || folder.starts_with(&format!("{under}/")))
        && query.label.is_none()
        && matches!(query.state, None | Some(ItemState::New))
}

/// A project without media.
struct Library {
    project: Arc<Project>,
    items: Vec<(ItemId, ItemBody)>,
    _vault: Vault,
    _folder: TempDir,
}

struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000)
    }
}

/// Made once: a vault on the disk takes a second.
fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let marking = Marking::new("UNCLASSIFIED").expect("a marking");
        let entropy = Arc::new(FixedEntropy::new(1));
        let ambient = Arc::new(Ambient { clock: Arc::new(Standing), entropy });
        let new = NewVault {
            officer: "officer".into(),
            passphrase: Passphrase::new("a passphrase for fuzzing only".into()),
            policy: Policy::new(marking.clone(), ExportPolicy::Single),
            kdf: KdfParameters::floor_argon2id(),
        };
        let (vault, _sheet) =
            LockedVault::create(&folder.path().join("v"), new, ambient).expect("a vault");
        let project = vault.create_project("library", marking).expect("a project");
        let items: Vec<_> = (1..).zip(PATHS).map(|(number, path)| item(number, path)).collect();
        let edits = items.iter().map(|(id, body)| Edit {
            subject: Subject::Item(*id),
            part: Part::Whole,
            value: Value::Item(Box::new(body.clone())),
        });
        project.commit("import", edits.collect()).expect("items");
        Library { project, items, _vault: vault, _folder: folder }
    })
}

/// Paths with what trips filters: wildcards, quotes, case that changes length, bytes that are no
/// text, folders that begin alike.
const PATHS: &[&[u8]] = &[
    b"a/b/c.png",
    b"a/b0/c.png",
    b"a/b-c/d.png",
    b"a/B/c.PNG",
    b"a.png",
    b"100%/_x'\".png",
    "Straße/ÄÖÜ.png".as_bytes(),
    "İstanbul/ı.png".as_bytes(),
    "ΣΑΣ/ς.png".as_bytes(),
    "道路/空 白.png".as_bytes(),
    b"latin/\xe9t\xe9.png",
    b"a/b",
    b"a0",
    b"line\nfeed/tab\t.png",
];

fn item(number: u32, path: &[u8]) -> (ItemId, ItemBody) {
    let mut content = [1; 64];
    content[..4].copy_from_slice(&number.to_be_bytes());
    let facts = ImageFacts {
        format: MediaFormat::Png,
        stored_width: 8,
        stored_height: 8,
        orientation: 1,
        bands: 3,
        sample: SampleFormat::U8,
    };
    let mut id = [2; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    let body = ItemBody {
        path: ItemPath::new(path.to_vec()).expect("a path"),
        content: Digest::from_bytes(content),
        crc32: number,
        size: u64::from(number * 7919 % 13),
        facts,
        number,
    };
    (ItemId::from_bytes(id), body)
}
