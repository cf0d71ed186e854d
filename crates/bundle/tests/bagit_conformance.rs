//! The Library of Congress's BagIt suite under the strict profile, bag by bag. Most of its *valid*
//! bags are of an older version, of MD5 or fetch their content: refused, and here is why.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use common::{kind, shared};
use vaultmark_bundle::Refusal;
use vaultmark_bundle::folder::{FolderReport, Kind, Listing, check_folder};
use vaultmark_model::work::Work;

struct Folder(PathBuf);

impl Folder {
    fn walk(&self, under: &Path, paths: &mut Vec<(Vec<u8>, Kind)>) -> io::Result<()> {
        for entry in fs::read_dir(under)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.walk(&entry.path(), paths)?;
                continue;
            }
            let path = entry.path();
            let name = path.strip_prefix(&self.0).unwrap().as_os_str().as_bytes().to_vec();
            paths.push((name, if kind.is_file() { Kind::File } else { Kind::Other }));
        }
        Ok(())
    }
}

impl Listing for Folder {
    fn paths(&self) -> io::Result<Vec<(Vec<u8>, Kind)>> {
        let mut paths = Vec::new();
        self.walk(&self.0, &mut paths)?;
        paths.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(paths)
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(fs::File::open(self.0.join(path))?))
    }
}

fn check(folder: PathBuf) -> FolderReport {
    Work::quiet(|work| check_folder(&Folder(folder), work)).unwrap()
}

/// An older version, without SHA-512 manifests, with MD5 ones.
const OLD_MD5: &[&str] = &["Declaration", "Missing", "OtherManifest"];
/// The same, with the package-info.txt that old versions had.
const OLD_MD5_WITH_PACKAGE_INFO: &[&str] =
    &["Declaration", "Missing", "OtherManifest", "UnexpectedFile"];
/// The same, fetching content from elsewhere.
const OLD_MD5_FETCHED: &[&str] = &["Declaration", "Fetch", "Missing", "OtherManifest"];
/// Another declaration, one space in the tag manifest's lines, and SHA-256 manifests besides.
const OTHER_FORM: &[&str] = &["Declaration", "ManifestLine", "NotListed", "OtherManifest"];

/// Bag → the rules that it breaks, by name; none where it is accepted.
const TABLE: &[(&str, &[&str])] = &[
    ("v0.93/valid/basic-bag", OLD_MD5_WITH_PACKAGE_INFO),
    ("v0.93/valid/duplicate-metadata-entries", OLD_MD5_WITH_PACKAGE_INFO),
    ("v0.94/valid/basic-bag", OLD_MD5_WITH_PACKAGE_INFO),
    ("v0.94/valid/duplicate-metadata-entries", OLD_MD5_WITH_PACKAGE_INFO),
    ("v0.95/valid/basic-bag", OLD_MD5_WITH_PACKAGE_INFO),
    ("v0.95/valid/duplicate-metadata-entries", OLD_MD5_WITH_PACKAGE_INFO),
    ("v0.96/valid/bag-in-a-bag", OLD_MD5),
    (
        "v0.96/valid/bag-with-encoded-names",
        &["Declaration", "Missing", "NameCharacter", "OtherManifest"],
    ),
    ("v0.96/valid/bag-with-escapable-characters", OLD_MD5),
    ("v0.96/valid/bag-with-leading-dot-slash-in-manifest", OLD_MD5),
    ("v0.96/valid/bag-with-space", OLD_MD5),
    ("v0.96/valid/basic-bag", OLD_MD5),
    ("v0.96/valid/duplicate-metadata-entries", OLD_MD5),
    ("v0.96/valid/holey-bag", OLD_MD5_FETCHED),
    ("v0.97/invalid/baginfo-missing-encoding", OLD_MD5),
    ("v0.97/invalid/bom-in-bagit.txt", OLD_MD5),
    ("v0.97/invalid/corrupt-data-file", OLD_MD5),
    ("v0.97/invalid/corrupt-tag-file", OLD_MD5),
    ("v0.97/invalid/extra-file-in-bag", OLD_MD5),
    ("v0.97/invalid/invalid-version-number", OTHER_FORM),
    ("v0.97/invalid/missing-baginfo", OLD_MD5),
    ("v0.97/invalid/missing-bagit.txt", &["Missing", "OtherManifest"]),
    ("v0.97/invalid/out-of-scope-file-paths-using-dot-notation", OLD_MD5),
    ("v0.97/invalid/out-of-scope-file-paths-using-dot-notation-for-fetch", OLD_MD5_FETCHED),
    ("v0.97/invalid/same-filename-listed-twice-with-different-hashes", OTHER_FORM),
    ("v0.97/linux-only/out-of-scope-file-paths-using-absolute-path", OLD_MD5),
    ("v0.97/linux-only/out-of-scope-file-paths-using-absolute-path-for-fetch", OLD_MD5_FETCHED),
    ("v0.97/linux-only/out-of-scope-file-paths-using-shortcut", OLD_MD5),
    ("v0.97/linux-only/out-of-scope-file-paths-using-shortcut-for-fetch", OLD_MD5_FETCHED),
    ("v0.97/linux-only/out-of-scope-file-paths-using-shortcut-username", OLD_MD5),
    ("v0.97/linux-only/out-of-scope-file-paths-using-shortcut-username-for-fetch", OLD_MD5_FETCHED),
    ("v0.97/valid/ISO-8859-1-encoded-tag-files", OLD_MD5),
    ("v0.97/valid/UTF-16-encoded-tag-files", OLD_MD5),
    ("v0.97/valid/bag-in-a-bag", OLD_MD5),
    (
        "v0.97/valid/bag-with-encoded-names",
        &["Declaration", "Missing", "NameCharacter", "OtherManifest"],
    ),
    ("v0.97/valid/bag-with-escapable-characters", OLD_MD5),
    ("v0.97/valid/bag-with-leading-dot-slash-in-manifest", OLD_MD5),
    ("v0.97/valid/bag-with-space", OLD_MD5),
    ("v0.97/valid/basic-bag", OLD_MD5),
    ("v0.97/valid/duplicate-metadata-entries", OLD_MD5),
    ("v0.97/valid/holey-bag", OLD_MD5_FETCHED),
    ("v0.97/valid/minimal-bag", OLD_MD5),
    ("v0.97/valid/uncommon-metadata-separators", OLD_MD5),
    (
        "v0.97/warning/duplicate-file-with-different-case",
        &["Declaration", "ListedMissing", "ManifestLine", "NotListed"],
    ),
    ("v0.97/warning/made-with-md5sum-tools", OLD_MD5),
    ("v0.97/warning/relative-path", &["Declaration", "ManifestLine", "NameClimbs", "NotListed"]),
    (
        "v0.97/warning/same-filename-listed-twice-with-different-normalization",
        &["Declaration", "NameNotNfc", "NotListed", "UnexpectedFile"],
    ),
    (
        "v0.97/warning/same-filename-listed-twice-with-the-same-hash",
        &["Declaration", "ManifestLine", "NotListed", "OtherManifest", "UnexpectedFile"],
    ),
    (
        "v0.97/warning/special-system-files",
        &["Declaration", "ManifestLine", "NameEdge", "NotListed"],
    ),
    ("v0.97/windows-only/out-of-scope-file-paths-using-absolute-path", OLD_MD5),
    ("v0.97/windows-only/out-of-scope-file-paths-using-absolute-path-for-fetch", OLD_MD5_FETCHED),
    ("v0.97/windows-only/out-of-scope-file-paths-using-shortcut", OLD_MD5),
    ("v0.97/windows-only/out-of-scope-file-paths-using-shortcut-for-fetch", OLD_MD5_FETCHED),
    ("v0.97/windows-only/out-of-scope-file-paths-using-unc", OLD_MD5),
    (
        "v0.97/windows-only/out-of-scope-file-paths-using-unc-for-fetch",
        &["Declaration", "Fetch", "Missing", "NameEdge", "OtherManifest"],
    ),
    ("v1.0/invalid/bagit-with-invalid-whitespace", OTHER_FORM),
    ("v1.0/invalid/notAllManifestsListAllFiles", &["NotListed"]),
    ("v1.0/invalid/same-filename-listed-twice-with-different-hashes", OTHER_FORM),
    (
        "v1.0/invalid/same-filename-listed-twice-with-the-same-hash",
        &["ManifestLine", "NotListed", "OtherManifest", "UnexpectedFile"],
    ),
    ("v1.0/valid/basicBag", &[]),
];

#[test]
fn every_bag_of_the_suite_is_accepted_or_refused_for_these_reasons() {
    let Some(suite) = shared("bagit_conformance") else { return };
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for bag in bags(&suite) {
        let report = check(suite.join(&bag));
        let mut kinds: Vec<String> = report.refusals.iter().map(kind).collect();
        kinds.sort();
        kinds.dedup();
        found.insert(bag, kinds);
    }
    assert_eq!(found.len(), 60);
    let expected: BTreeMap<String, Vec<String>> = TABLE
        .iter()
        .map(|(bag, kinds)| ((*bag).into(), kinds.iter().map(|kind| (*kind).into()).collect()))
        .collect();
    if found != expected {
        let rows = found.iter().map(|(bag, kinds)| format!("    (\"{bag}\", &{kinds:?}),\n"));
        panic!("the table should be\n{}", rows.collect::<String>());
    }
}

/// The folders `version/class/bag` of the suite.
fn bags(suite: &Path) -> Vec<String> {
    let folders = |path: PathBuf| {
        let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap());
        entries
            .filter(|e| e.file_type().unwrap().is_dir())
            .map(|e| e.file_name().into_string().unwrap())
            .collect::<Vec<_>>()
    };
    let mut bags = Vec::new();
    for version in folders(suite.into()) {
        for class in folders(suite.join(&version)) {
            for bag in folders(suite.join(&version).join(&class)) {
                bags.push(format!("{version}/{class}/{bag}"));
            }
        }
    }
    bags.sort();
    bags
}

#[test]
fn what_happens_to_a_sound_folder_is_named() {
    let home = tempfile::tempdir().unwrap();
    let lay = |name: &str, content: &[u8]| {
        let path = home.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    let line = |name: &str, content: &[u8]| {
        format!("{}  {name}\n", vaultmark_crypto::sha512(content).to_hex())
    };
    let declaration = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
    let manifest = line("data/b", b"two") + &line("data/a", b"one");
    lay("bagit.txt", declaration);
    lay("data/a", b"one");
    lay("data/b", b"two");
    lay("manifest-sha512.txt", manifest.as_bytes());
    let tags = line("bagit.txt", declaration) + &line("manifest-sha512.txt", manifest.as_bytes());
    lay("tagmanifest-sha512.txt", tags.as_bytes());
    let kinds = || check(home.path().into()).refusals.iter().map(kind).collect::<Vec<_>>();
    let report = check(home.path().into());
    assert!(report.is_accepted(), "{:?}", report.refusals);
    assert_eq!(report.sound, 2);

    lay("data/c", b"put in");
    assert_eq!(kinds(), ["NotListed"]);
    fs::remove_file(home.path().join("data/c")).unwrap();
    lay("data/a", b"onE");
    fs::remove_file(home.path().join("data/b")).unwrap();
    assert_eq!(kinds(), ["Digest", "ListedMissing"]);
    lay("data/a", b"one");
    std::os::unix::fs::symlink("/etc/passwd", home.path().join("data/b")).unwrap();
    assert_eq!(kinds(), ["NotAFile", "ListedMissing"]);
    fs::remove_file(home.path().join("data/b")).unwrap();
    lay("data/b", b"two");
    lay("fetch.txt", b"");
    assert_eq!(kinds(), ["Fetch", "NotListed"]);
    assert!(
        check(home.path().into()).refusals.contains(&Refusal::Fetch { entry: "fetch.txt".into() })
    );
}
