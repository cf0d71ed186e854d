//! Files that were made to break their reader, other people's and made-up ones, each in a run of its
//! own: refused with the file's name, a reason and a remedy; the program itself never crashes, holds
//! less than 700 MB and takes no longer than the manual says; and the vault checks clean after each.

mod annotations;
mod archives;
mod decoders;
mod pictures;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use vaultmark::media::Limits;

use crate::support::hostile::Outcome;
use crate::support::measured::{self, Cost};
use crate::support::{Done, Place, files_below, fixtures};

/// The most memory of the program itself, as the manual states it.
const OWN_KIB: u64 = 700_000_000 / 1024;
/// Archives between two checks of the vault: what is refused before its first byte is trusted never
/// comes near it.
const HANDFUL: usize = 10;

/// A vault into which hostile files are brought, and what they cost.
struct Target {
    place: Place,
    before: (u64, u64),
    files: usize,
    worst: Cost,
}

impl Target {
    fn new() -> Self {
        let place = fixtures::small();
        let before = place.counts();
        Self { place, before, files: 0, worst: Cost::default() }
    }

    /// Runs the program on a file and holds the cost against the bounds.
    fn run(&mut self, words: &[&str], file: &Path) -> Done {
        let words = words.iter().map(OsStr::new).chain([file.as_os_str()]);
        let (done, cost) = measured::run(&self.place, words);
        let name = file.display();
        // What ends before it can be looked at has had no time to fill memory.
        assert!(cost.own_kib > 0 || cost.seconds < 0.1, "{name}: nothing was measured, {cost}");
        assert!(cost.own_kib <= OWN_KIB, "{name}: {cost}");
        // Looked at once and decoded once.
        let most = 2.0 * f64::from(Limits::default().seconds);
        assert!(cost.seconds <= most, "{name}: {cost}");
        self.worst = self.worst.worst(cost);
        done
    }

    /// Imports a picture by its name.
    fn picture(&mut self, file: &Path, outcome: Outcome) {
        self.files += 1;
        let done = self.run(&["--json", "import"], file);
        let report = done.json();
        let refused = report["refused"].as_array().unwrap();
        match (outcome, refused.as_slice()) {
            (Outcome::Bounded, []) => {
                assert_eq!((done.code, report["imported"].as_u64()), (0, Some(1)), "{done:?}");
                self.before.0 += 1;
            }
            (Outcome::Bounded, [one]) => complete(file, one),
            (Outcome::Refused(words), [one]) => {
                complete(file, one);
                let reason = one["reason"].as_str().unwrap();
                assert!(reason.contains(words), "{}: {words:?} in {reason}", file.display());
            }
            _ => panic!("{}: {report:#}", file.display()),
        }
        assert_eq!(done.code, i32::from(!refused.is_empty()), "{done:?}");
        self.checked(file);
    }

    /// Imports an annotation file of which nothing is taken.
    fn annotations(&mut self, format: &str, file: &Path, word: &str) {
        self.files += 1;
        let done = self.run(&["annotations", "import", "--format", format], file).ends(1);
        let said = format!("{}{}", done.out, done.err);
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(said.contains(name) && said.contains(word), "{name}, {word:?} in {said}");
        assert!(said.len() < 64 << 10, "{name}: {} bytes are said", said.len());
        self.checked(file);
    }

    /// Verifies and receives an archive that is no bundle of ours.
    fn archive(&mut self, file: &Path) {
        self.files += 1;
        for verb in ["verify", "receive"] {
            let done = self.run(&["bundle", verb], file).ends(1);
            // The file, what is wrong with it, what to do.
            let name = file.file_name().unwrap().to_str().unwrap();
            let said = done.err.split_once(&format!("{name}: the bundle is refused: "));
            let said = said.unwrap_or_else(|| panic!("{name}: {done:?}")).1;
            assert!(said.len() > 30 && said.contains([';', ':']), "{name}: no remedy in {said}");
        }
        if self.files.is_multiple_of(HANDFUL) {
            self.checked(file);
        }
    }

    fn checked(&self, file: &Path) {
        self.place.is_whole(&format!("after {}", file.display()));
    }

    /// Ends with a last look at the vault, and says what it cost.
    fn finish(self, what: &str) {
        assert_eq!(self.place.counts(), self.before, "nothing but what was said came in");
        self.place.is_whole(what);
        eprintln!("{what}: {} files; at most {}", self.files, self.worst);
    }
}

/// A refusal names the file and has two sentences: the reason, and what to do.
fn complete(file: &Path, refused: &serde_json::Value) {
    assert_eq!(refused["file"].as_str(), Some(&*file.to_string_lossy()));
    let reason = refused["reason"].as_str().unwrap();
    assert!(reason.len() > 30 && reason.trim_end_matches('.').contains(". "), "{reason}");
}

/// The files below a folder, as paths.
fn below(folder: &Path) -> Vec<PathBuf> {
    files_below(folder).into_iter().map(|file| folder.join(file)).collect()
}
