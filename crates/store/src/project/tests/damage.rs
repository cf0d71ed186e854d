//! Flipped and cut bytes of the files on disk: always an error or the right data, never a panic.

use std::fs;
use std::path::Path;

use vaultmark_model::work::Work;

use super::fixture::*;
use crate::project::{DATABASE, Project};

/// A project that was closed, so that its database is one file.
fn closed(folder: &Path) -> Vec<u8> {
    let project = small(folder, 1, 1);
    let mut batch = project.batch("import").unwrap();
    for n in 10..400 {
        batch.push(annotation(n, n % 2, n % 2)).unwrap();
    }
    batch.finish().unwrap();
    drop(project);
    let folder = folder.join("p");
    assert!(!folder.join("project.db-wal").exists());
    fs::read(folder.join(DATABASE)).unwrap()
}

/// What a reader gets out of it: all annotations, or an error.
fn everything(project: &Project) -> Result<Vec<(u32, u64, String)>, crate::StoreError> {
    let mut all = Vec::new();
    project.each_annotation::<crate::StoreError>(&mut |item, number, annotation| {
        all.push((item, number, format!("{annotation:?}")));
        Ok(())
    })?;
    project.labels()?;
    project.counts()?;
    Ok(all)
}

/// Opens what is there; right data or an error, and a check that finds it.
fn probe(folder: &Path, expected: &[(u32, u64, String)], what: &str) -> bool {
    let Ok(project) = reopen(folder, 1, 1) else { return true };
    let read = everything(&project);
    if let Ok(all) = &read {
        assert_eq!(all, expected, "{what}");
    }
    match Work::quiet(|work| project.check(&[], work)) {
        Ok(report) => read.is_err() || !report.findings.is_empty(),
        Err(_) => true,
    }
}

#[test]
fn a_flip_in_every_page_of_the_database_is_found() {
    let folder = folder();
    let whole = closed(folder.path());
    let database = folder.path().join("p").join(DATABASE);
    let expected = everything(&reopen(folder.path(), 1, 1).unwrap()).unwrap();
    assert_eq!(expected.len(), 391);
    assert!(!probe(folder.path(), &expected, "untouched"));
    for page in 0..whole.len() / 4096 {
        // Somewhere else in each page; salt, initialisation vector and authentication code too.
        for at in [page * 4096 + (page * 977) % 4096, page * 4096 + 4096 - 70] {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x40;
            fs::write(&database, bytes).unwrap();
            assert!(probe(folder.path(), &expected, "flip"), "byte {at}");
        }
    }
}

#[test]
fn a_cut_anywhere_is_found() {
    let folder = folder();
    let whole = closed(folder.path());
    let database = folder.path().join("p").join(DATABASE);
    let expected = everything(&reopen(folder.path(), 1, 1).unwrap()).unwrap();
    for cut in (0..whole.len()).step_by(4096).chain([1, 100, 5000, whole.len() - 1]) {
        fs::write(&database, &whole[..cut]).unwrap();
        assert!(probe(folder.path(), &expected, "cut"), "cut at {cut}");
    }
}

#[test]
fn a_page_put_back_from_an_older_copy_is_found() {
    let folder = folder();
    let old = closed(folder.path());
    let database = folder.path().join("p").join(DATABASE);
    let project = reopen(folder.path(), 1, 1).unwrap();
    for n in 10..300 {
        let moved = on_annotation(
            n,
            vaultmark_model::change::Part::Flagged,
            vaultmark_model::change::Value::Flag(true),
        );
        project.commit("flag", vec![moved]).unwrap();
    }
    let expected = everything(&project).unwrap();
    drop(project);
    let new = fs::read(&database).unwrap();
    let mut differing = 0;
    for page in 1..old.len() / 4096 {
        let place = page * 4096..(page + 1) * 4096;
        if old[place.clone()] == new[place.clone()] {
            continue;
        }
        differing += 1;
        let mut bytes = new.clone();
        bytes[place.clone()].copy_from_slice(&old[place]);
        fs::write(&database, bytes).unwrap();
        let Ok(project) = reopen(folder.path(), 1, 1) else { continue };
        let same = everything(&project).is_ok_and(|all| all == expected);
        let found =
            Work::quiet(|work| project.check(&[], work)).map_or(true, |r| !r.findings.is_empty());
        // Each such page passes the database's own checks; the chain tells.
        assert!(same || found, "page {page}");
    }
    assert!(differing > 3);
}

#[test]
fn a_torn_write_ahead_log_is_a_shorter_history_or_an_error() {
    let folder = folder();
    drop(small(folder.path(), 1, 1));
    let source = folder.path().join("p");
    let project = reopen(folder.path(), 1, 1).unwrap();
    for n in 1..6 {
        project.commit("box", vec![annotation(n, 0, 0)]).unwrap();
    }
    // A copy of the files as a killed process leaves them: all but the index of the log.
    let database = fs::read(source.join(DATABASE)).unwrap();
    let log = fs::read(source.join("project.db-wal")).unwrap();
    assert!(log.len() > 10_000);
    for cut in (0..=log.len()).step_by(1033).chain([log.len()]) {
        let copy = self::folder();
        let place = copy.path().join("p");
        fs::create_dir_all(place.join("blobs")).unwrap();
        fs::write(place.join(DATABASE), &database).unwrap();
        fs::write(place.join("project.db-wal"), &log[..cut]).unwrap();
        let survivor = reopen(copy.path(), 1, 1).unwrap();
        let count = survivor.annotations(item_id(0)).unwrap().len();
        assert!(count <= 6);
        assert_eq!(survivor.heads().unwrap()[0].1, count as u64 + 1);
        assert_whole(&survivor);
        if cut == log.len() {
            assert_eq!(count, 6, "nothing that was acknowledged is lost");
        }
    }
}
