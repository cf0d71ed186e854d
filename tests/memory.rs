//! After locking, nothing of a vault lies in the program's memory: no key, no passphrase, no name.
//!
//! The process searches itself, so this test is alone in its program.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)] // a skipped test says why

mod memory_search;

use std::fs;
use std::path::{Path, PathBuf};

use memory_search::{Wanted, found, keys, python};
use vaultmark::crypto::{KdfParameters, Passphrase};
use vaultmark::journeys::{import, labels, library, projects};
use vaultmark::model::Marking;
use vaultmark::model::policy::{ExportPolicy, Policy};
use vaultmark::model::work::Work;
use vaultmark::store::project::ItemQuery;
use vaultmark::store::vault::{LockedVault, NewVault};
use vaultmark::{DecoderProgram, Session, WipingAllocator, ambient};

/// As in both programs.
#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator::new();

/// Made while the test runs, so that no constant of the program has it whole.
fn text(number: u32) -> String {
    format!("{}{number}-{}", ["quince", "Zw", "eig"].concat(), ["plum", "barrel"].join("~"))
}

fn decoder() -> DecoderProgram {
    DecoderProgram { program: PathBuf::from(env!("CARGO_BIN_EXE_vaultmark")), workers: 2 }
}

#[test]
fn nothing_of_a_vault_lies_in_memory_once_it_is_locked() {
    let home = tempfile::tempdir().unwrap();
    let vault = home.path().join("vault");
    let pictures = home.path().join("pictures");
    fs::create_dir(&pictures).unwrap();
    image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8, y as u8, 7]))
        .save(pictures.join("one.png"))
        .unwrap();

    let new = NewVault {
        officer: "olsen".into(),
        passphrase: Passphrase::new(text(1)),
        policy: Policy::new(Marking::new("UNCLASSIFIED").unwrap(), ExportPolicy::Single),
        kdf: KdfParameters::floor_argon2id(),
    };
    let (session, sheet) = Session::create(&vault, new, ambient::system(), decoder()).unwrap();
    drop(sheet);
    let project =
        projects::create(&session, &text(2), Marking::new("UNCLASSIFIED").unwrap()).unwrap().id();
    let wish = labels::LabelWish { id: None, name: text(3), color: None, key: None };
    labels::save(&session, project, &[wish]).unwrap();
    Work::quiet(|work| {
        let plan = import::plan(&session, project, std::slice::from_ref(&pictures), work)?;
        import::perform(&session, project, &plan, work)
    })
    .unwrap();
    drop(session.lock().unwrap());

    // And as every day: signed in, looked at, locked.
    let locked = LockedVault::open(&vault, ambient::system()).unwrap();
    let passphrase = Passphrase::new(text(1));
    let session = Session::unlock(locked, "olsen", &passphrase, ambient::system(), decoder())
        .map_err(|(_, error)| error)
        .unwrap();
    drop(passphrase);
    assert_eq!(library::items(&session, project, &ItemQuery::default()).unwrap().total, 1);
    assert_eq!(labels::list(&session, project).unwrap().len(), 1);

    // The search finds what is there.
    let this = Path::new("/proc/self");
    let planted = text(9);
    let seen = found(this, &Wanted::text("planted", &text(9)));
    assert!(!seen.is_empty(), "the search does not find what was planted");
    drop(planted);

    drop(session.lock().unwrap());
    let Some(python) = python() else { return };
    let passphrase = home.path().join("passphrase");
    fs::write(&passphrase, text(1)).unwrap();
    let mut wanted = keys(&python, &vault, "olsen", &passphrase);
    assert!(wanted.len() >= 14, "{} keys", wanted.len());
    for (name, number) in ["passphrase", "project's name", "label"].into_iter().zip(1..) {
        wanted.extend(Wanted::text(name, &text(number)));
    }
    let found = found(this, &wanted);
    assert!(found.is_empty(), "{found:#?}");
}
