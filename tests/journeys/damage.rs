//! Damage on disk: bits flipped and files cut short at places of a fixed seed, a vault of a later
//! version. Always a clear error, never a panic, and the copy beside it still opens.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Dice, Done, Place, files_below, fixtures};

/// What kind of file of a vault a path is.
fn kind(path: &Path) -> &'static str {
    let text = path.to_string_lossy();
    match () {
        () if text == "vault.header" => "header",
        () if text.starts_with("slots") => "slot",
        () if text == "directory.db" => "directory",
        () if text == "audit/log" => "audit log",
        () if text == "audit/state" => "audit state",
        () if text.ends_with("project.db") => "database",
        () if text.contains("blobs") => "blob",
        () => "other",
    }
}

/// A copy of the vault in which one file is replaced.
fn with_file(base: &Place, file: &Path, bytes: &[u8]) -> Place {
    let place = Place::copy_of(base);
    fs::write(place.vault().join(file), bytes).unwrap();
    place
}

/// Whether damage was refused or named, with words of its own.
fn is_noticed(place: &Place, kind: &str, what: &str) -> Done {
    let done = place.run(["--json", "check"]);
    assert!(done.code == 1 || done.code == 3, "{what} of the {kind} went unnoticed: {done:?}");
    let said = done.json();
    match said["findings"].as_array() {
        Some(findings) => assert!(!findings.is_empty(), "{what} of the {kind}: {said:#}"),
        None => assert!(
            said["error"]["detail"].as_str().unwrap().len() > 20,
            "{what} of the {kind}: {said:#}"
        ),
    }
    done
}

/// The bytes that mean something. The audit state is two places written in turn, of which the one
/// that is superseded is overwritten with zeros; every other file counts to its last byte.
fn meaningful(kind: &str, bytes: &[u8]) -> Vec<usize> {
    (0..bytes.len()).filter(|at| kind != "audit state" || bytes[*at] != 0).collect()
}

/// One file of each kind.
fn one_of_each(base: &Place) -> Vec<(&'static str, PathBuf)> {
    let mut found: Vec<(&'static str, PathBuf)> = Vec::new();
    for path in files_below(base.vault()) {
        let kind = kind(&path);
        if kind != "other" && !found.iter().any(|(known, _)| *known == kind) {
            found.push((kind, path));
        }
    }
    assert_eq!(found.len(), 7, "{found:?}");
    found
}

#[test]
fn flipped_bits_are_noticed() {
    let base = fixtures::small();
    let mut dice = Dice::new(42);
    for (kind, file) in one_of_each(&base) {
        let whole = fs::read(base.vault().join(&file)).unwrap();
        let counts = meaningful(kind, &whole);
        for _ in 0..10 {
            let (at, bit) = (counts[dice.below(counts.len())], dice.below(8));
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            let place = with_file(&base, &file, &bytes);
            let done = is_noticed(&place, kind, &format!("bit {bit} of byte {at}"));
            let expected: &[&str] = match kind {
                "header" => &["header", "newer version"],
                "slot" => &["slot", "passphrase"],
                "directory" => &["directory", "database"],
                "audit log" | "audit state" => &["audit"],
                "database" => &["database", "project", "page"],
                _ => &["file", "blob", "media"],
            };
            assert!(
                expected.iter().any(|word| done.out.contains(word)),
                "byte {at} of the {kind}: {done:?}"
            );
        }
    }
    base.is_whole("beside its damaged copies");
}

#[test]
fn files_cut_short_or_gone_are_noticed() {
    let base = fixtures::small();
    for (kind, file) in one_of_each(&base) {
        let whole = fs::read(base.vault().join(&file)).unwrap();
        let last = *meaningful(kind, &whole).last().unwrap();
        for keep in [0, last / 2, last] {
            if kind == "audit state" && keep > 0 && keep < last {
                continue; // what is left may hold the whole record
            }
            let place = with_file(&base, &file, &whole[..keep]);
            is_noticed(&place, kind, &format!("its cut to {keep} of {} bytes", whole.len()));
        }
        let place = Place::copy_of(&base);
        fs::remove_file(place.vault().join(&file)).unwrap();
        is_noticed(&place, kind, "absence");
    }
}

#[test]
fn a_damaged_picture_is_named_and_the_others_leave() {
    let place = fixtures::small();
    let blob = files_below(place.vault()).into_iter().find(|path| kind(path) == "blob").unwrap();
    let path = place.vault().join(&blob);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    let done = place.run(["--json", "check"]).ends(1);
    let findings = done.json()["findings"].as_array().unwrap().clone();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    // Everything else still works, and nothing damaged leaves.
    assert_eq!(place.counts(), (3, 5));
    place.bundle("labels.bag.zip", &[]);
    let to = place.out("media.bag.zip");
    place
        .run(["bundle", "create", "--media", "--justification", "x", "--to", to.to_str().unwrap()])
        .ends(1);
    assert_eq!(files_below(&place.out("")), [Path::new("labels.bag.zip")]);
}

#[test]
fn a_blob_that_stands_in_for_another_is_noticed() {
    let place = fixtures::small();
    let blobs: Vec<_> =
        files_below(place.vault()).into_iter().filter(|path| kind(path) == "blob").collect();
    let bytes = fs::read(place.vault().join(&blobs[0])).unwrap();
    fs::write(place.vault().join(&blobs[1]), bytes).unwrap();
    is_noticed(&place, "blob", "a swap");
}

#[test]
fn what_is_put_back_from_an_old_copy_is_noticed() {
    let old = fixtures::small();
    let new = Place::copy_of(&old);
    for name in ["later", "much later"] {
        new.run(["labels", "set", name]).ok();
    }
    new.run(["project", "new", "another"]).ok();
    let mut put_back = 0;
    for (kind, file) in one_of_each(&old) {
        let bytes = fs::read(old.vault().join(&file)).unwrap();
        // An older state with the genuine log is what a crash leaves: the log is taken in again.
        if kind == "audit state" || bytes == fs::read(new.vault().join(&file)).unwrap() {
            continue;
        }
        put_back += 1;
        is_noticed(&with_file(&new, &file, &bytes), kind, "an old copy");
    }
    assert!(put_back >= 4, "{put_back}");
    let place = Place::copy_of(&new);
    for file in ["audit/log", "audit/state"] {
        fs::copy(old.vault().join(file), place.vault().join(file)).unwrap();
    }
    is_noticed(&place, "audit log and state", "an old copy");
}

#[test]
fn a_vault_of_a_later_version_says_so() {
    let base = fixtures::small();
    let mut bytes = fs::read(base.vault().join("vault.header")).unwrap();
    // An array of four; a short text; the format, a small integer (store's `header.rs`).
    assert_eq!((bytes[0], bytes[1] & 0xe0), (0x84, 0x60));
    let format = 2 + usize::from(bytes[1] & 0x1f);
    assert_eq!(bytes[format], 1);
    bytes[format] = 9;
    let place = with_file(&base, Path::new("vault.header"), &bytes);
    place.run(["check"]).ends(1).says(&["format 9", "newer version"]);
    base.is_whole("with its own header");
}

/// The one project's database.
fn database(place: &Place) -> PathBuf {
    let files = files_below(place.vault());
    place.vault().join(files.iter().find(|file| kind(file) == "database").unwrap())
}

#[test]
fn a_damaged_project_does_not_keep_the_others_from_work() {
    let place = fixtures::small();
    let damaged = database(&place);
    place.run(["project", "new", "another"]).ok();
    place.run(["--project", "another", "labels", "set", "tree"]).ok();
    let mut bytes = fs::read(&damaged).unwrap();
    bytes[5_000..9_000].fill(7);
    fs::write(&damaged, bytes).unwrap();

    let list = place.run(["--json", "project", "list"]).ends(4).json();
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), 2, "{list:?}");
    let (whole, broken): (Vec<_>, Vec<_>) = list.iter().partition(|one| one["error"].is_null());
    assert_eq!(whole[0]["name"], "another");
    assert!(broken[0]["error"]["detail"].as_str().unwrap().len() > 20, "{broken:?}");
    let text = place.run(["project", "list"]).ends(4).out;
    assert!(text.contains("another") && text.contains("can't be opened"), "{text}");

    place.run(["--project", "another", "labels", "list"]).ok();
    place.run(["project", "new", "a third"]).ok();
    // The damaged one is meant by its identifier, and says why it can't be had.
    let id = broken[0]["id"].as_str().unwrap();
    let refused = place.run(["--json", "--project", id, "items", "list"]).ends(1);
    assert_ne!(refused.kind(), "no_project");
}

#[test]
fn an_older_database_put_back_after_a_command_is_noticed() {
    let place = fixtures::small();
    let (file, older) = (database(&place), fs::read(database(&place)).unwrap());
    place.run(["labels", "set", "new since then"]).ok();
    fs::write(&file, older).unwrap();
    is_noticed(&place, "database", "an older copy");
}
