//! A vault with a mark in everything that a person can type or import, and what to look for in files
//! and in memory.

use std::fs;
use std::path::Path;

use vaultmark::journeys::{annotate, library};
use vaultmark::model::change::{Edit, Part, Subject, Value};
use vaultmark::model::policy::{ExportPolicy, Policy, SideDoors};
use vaultmark::model::{ItemId, Marking};
use vaultmark::store::project::ItemQuery;

use crate::memory_search::{self, Wanted};
use crate::support::markers::{Searcher, marked_picture};
use crate::support::{Place, made, make_vault_under};

pub const PERSON: &str = "MARKERperson";
pub const PASSPHRASE: &str = "MARKERpassphrase-5f20a9";
const PROJECT: &str = "MARKERproject";
const FOLDER: &str = "MARKERfolder";
const FILE: &str = "MARKERfile";
const LABEL: &str = "MARKERlabel";
const NOTE: &str = "MARKERnote";
/// Typed into the window.
pub const TYPED: &str = "MARKERtyped in the window";
/// All of them.
const TEXTS: &[(&str, &str)] = &[
    ("the person's name", PERSON),
    ("the passphrase", PASSPHRASE),
    ("the project's name", PROJECT),
    ("the folder's name", FOLDER),
    ("the file's name", FILE),
    ("the label", LABEL),
    ("the note", NOTE),
    ("the typed note", TYPED),
];

/// Pixels in a row that are looked for together.
const RUN: usize = 48;
/// Pixels on each side of the marked picture: it fills the canvas.
const SIDE: u32 = 900;

/// The prepared vault. Everything that the window may write lies in folders of the place.
pub struct Marked {
    pub place: Place,
}

impl Marked {
    /// A project whose first item is the marked picture, with boxes and a note on it.
    pub fn prepare() -> Self {
        Self::with_doors(SideDoors::default())
    }

    /// The same, where a person's words and pages leave by these doors.
    pub fn with_doors(doors: SideDoors) -> Self {
        Self::with_policy(|policy| policy.side_doors = doors)
    }

    /// The same, where the policy differs.
    pub fn with_policy(differ: impl FnOnce(&mut Policy)) -> Self {
        let mut place = Place::empty();
        place.person = PERSON.into();
        place.passphrase = PASSPHRASE.into();
        let marking = Marking::new("UNCLASSIFIED").unwrap();
        let mut policy = Policy::new(marking, ExportPolicy::Single);
        differ(&mut policy);
        make_vault_under(place.vault(), PERSON, PASSPHRASE, policy);
        place.run(["project", "new", PROJECT]).ok();
        let folder = place.folder().join(FOLDER);
        fs::create_dir(&folder).unwrap();
        let first = format!("{FILE}-a.png");
        fs::write(folder.join(&first), marked_picture(SIDE)).unwrap();
        for n in 0..3 {
            fs::write(folder.join(format!("{FILE}-n{n}.png")), made::noise(64, 48, n)).unwrap();
        }
        place.run([Path::new("import"), &folder]).ok();
        place.run(["labels", "set", LABEL]).ok();
        let coco = place.folder().join("coco.json");
        fs::write(&coco, made::coco(&[&format!("{FILE}-n0.png")], &[LABEL], 3)).unwrap();
        let coco_words = ["annotations", "import", "--format", "coco"].map(Path::new);
        place.run(coco_words.into_iter().chain([coco.as_path()])).ok();
        place.in_project(|session, project| {
            let items: Vec<ItemId> = library::ids(session, project, &ItemQuery::default()).unwrap();
            for item in items {
                let subject = Subject::Item(item);
                let note = Edit { subject, part: Part::Note, value: Value::Text(NOTE.into()) };
                annotate::edit(session, project, "note", vec![note]).unwrap();
            }
        });
        // From here on whatever is found was written by the program.
        fs::remove_dir_all(&folder).unwrap();
        fs::remove_file(&coco).unwrap();
        let marked = Self { place };
        marked.is_clean("as prepared");
        marked
    }

    /// That no file in any of the place's folders holds a mark, nor its name; and that nothing was
    /// put where a program's files, temporary files and cores go.
    pub fn is_clean(&self, when: &str) {
        let texts: Vec<&str> = TEXTS.iter().map(|(_, text)| *text).collect();
        let found = Searcher::new(&texts).search(self.place.folder());
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "{when}: {}", found.join("; "));
        for folder in ["home", "tmp"] {
            let put: Vec<_> = fs::read_dir(self.place.folder().join(folder)).unwrap().collect();
            assert!(put.is_empty(), "{when}: {put:?}");
        }
    }

    /// Whether a text holds one of the marks.
    pub fn mark_in(text: &[u8]) -> Option<&'static str> {
        let holds = |mark: &str| text.windows(mark.len()).any(|part| part == mark.as_bytes());
        TEXTS.iter().map(|(_, text)| *text).find(|text| holds(text))
    }

    /// The names, the notes and the passphrase, for a search of memory.
    pub fn texts() -> Vec<Wanted> {
        TEXTS.iter().flat_map(|(name, text)| Wanted::text(name, text)).collect()
    }

    /// The keys; none, after saying so, where there is no Python.
    pub fn keys(&self) -> Option<Vec<Wanted>> {
        let python = memory_search::python()?;
        let passphrase = tempfile::NamedTempFile::new().unwrap();
        fs::write(passphrase.path(), PASSPHRASE).unwrap();
        let keys = memory_search::keys(&python, self.place.vault(), PERSON, passphrase.path());
        assert!(keys.len() >= 14, "{} keys", keys.len());
        Some(keys)
    }

    /// The pattern as raw pixels, in both orders of their bytes.
    pub fn pixels() -> Vec<Wanted> {
        let runs = colours().into_iter().flat_map(|[red, green, blue]| {
            [[red, green, blue, 255], [blue, green, red, 255]]
                .map(|pixel| (format!("pixels {pixel:?}"), pixel.repeat(RUN)))
        });
        runs.map(|(name, bytes)| Wanted::bytes(name, bytes)).collect()
    }
}

/// The colours of the marked picture (red, green, blue).
pub fn colours() -> Vec<[u8; 3]> {
    let small = image::load_from_memory(&marked_picture(2)).unwrap().to_rgb8();
    small.pixels().map(|pixel| pixel.0).collect()
}
