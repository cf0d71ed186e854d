//! Files: imported in groups, resumed, opened, damaged, evicted.

use std::fs;
use std::io::Read;

use vaultmark_crypto::{ReadAt, sha512};
use vaultmark_model::ItemId;

use super::fixture::*;
use crate::StoreError;
use crate::project::{BlobReader, Project};

fn bytes_of(n: u32) -> Vec<u8> {
    (0..1000 + n * 37).map(|i| u8::try_from((i * (n + 3)) % 251).unwrap()).collect()
}

fn import(project: &Project, count: u32) -> Vec<ItemId> {
    let batch = project.media_batch().unwrap();
    let ids = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2)
            .map(|worker| {
                let batch = &batch;
                scope.spawn(move || {
                    let mine = (0..count).filter(move |n| n % 2 == worker);
                    mine.map(|n| (n, add(batch, &format!("f/{n:04}.png"), &bytes_of(n)).unwrap()))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        let mut ids: Vec<_> = workers.into_iter().flat_map(|w| w.join().unwrap()).collect();
        ids.sort_unstable();
        ids
    });
    let done = batch.commit().unwrap().unwrap();
    assert_eq!(done.leaves, count);
    ids.into_iter().map(|(_, id)| id).collect()
}

fn content(reader: &BlobReader) -> Vec<u8> {
    let mut bytes = Vec::new();
    reader.reader().read_to_end(&mut bytes).unwrap();
    bytes
}

fn files(project: &Project) -> Vec<std::path::PathBuf> {
    let mut files: Vec<_> = walkdir::WalkDir::new(project.folder().join(crate::project::BLOBS))
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    files.sort();
    files
}

#[test]
fn an_import_from_two_threads_is_one_change_and_undone_as_one() {
    let folder = folder();
    let project = make(folder.path(), 1, 1);
    let ids = import(&project, 150);
    assert_eq!(project.heads().unwrap()[0].1, 1);
    for (n, id) in (0..).zip(&ids) {
        let found = project.item(*id).unwrap().unwrap();
        // Numbers follow the paths, whichever thread was first.
        assert_eq!(found.body.number, n + 1);
        let reader = project.open_blob(*id).unwrap();
        assert_eq!(reader.len(), found.body.size);
        assert_eq!(content(&reader), bytes_of(n));
        let mut middle = [0; 10];
        assert_eq!(reader.read_at(500, &mut middle).unwrap(), 10);
        assert_eq!(middle, bytes_of(n)[500..510]);
        assert_eq!(project.thumbnail(*id).unwrap().as_deref(), Some(&b"small picture"[..]));
    }
    assert_whole(&project);
    project.undo().unwrap();
    assert_eq!(project.counts().unwrap().items, 0);
    project.redo().unwrap();
    assert_eq!(content(&project.open_blob(ids[3]).unwrap()), bytes_of(3));
    assert_whole(&project);
}

#[test]
fn an_interrupted_import_is_taken_up_by_the_same_files_alone() {
    let folder = folder();
    let project = make(folder.path(), 1, 1);
    let batch = project.media_batch().unwrap();
    let first = add(&batch, "a.png", b"first").unwrap();
    batch.flush().unwrap();
    add(&batch, "b.png", b"never flushed").unwrap();
    drop(batch);
    drop(project);

    let project = reopen(folder.path(), 1, 1).unwrap();
    assert_eq!(project.sweep().unwrap().files, 0);
    assert_eq!(project.counts().unwrap().items, 0);
    let batch = project.media_batch().unwrap();
    // Taken as it is.
    assert_eq!(add(&batch, "a.png", b"first").unwrap(), first);
    // The same content elsewhere is another item.
    assert_ne!(add(&batch, "c.png", b"first").unwrap(), first);
    assert_eq!(batch.commit().unwrap().unwrap().leaves, 2);
    assert_eq!(content(&project.open_blob(first).unwrap()), b"first");
    assert_whole(&project);

    let batch = project.media_batch().unwrap();
    for (name, bytes) in [("d.png", &b"waits"[..]), ("e.png", b"as it was"), ("f.png", b"moved")] {
        add(&batch, name, bytes).unwrap();
    }
    batch.flush().unwrap();
    drop(batch);
    assert_eq!(files(&project).len(), 5);
    assert!(project.media_batch().unwrap().commit().unwrap().is_none());
    // Other files bring in themselves alone; what they replace of it is given up.
    let batch = project.media_batch().unwrap();
    add(&batch, "e.png", b"as it is").unwrap();
    add(&batch, "g.png", b"moved").unwrap();
    assert_eq!(batch.commit().unwrap().unwrap().leaves, 2);
    assert_eq!(files(&project).len(), 5);
    assert_eq!(project.counts().unwrap().items, 4);
    assert_whole(&project);
    // What waited is taken up.
    let batch = project.media_batch().unwrap();
    add(&batch, "d.png", b"waits").unwrap();
    assert_eq!(batch.commit().unwrap().unwrap().leaves, 1);
    assert_eq!(files(&project).len(), 5);
    assert_whole(&project);
}

#[test]
fn a_file_that_changes_while_it_is_read_is_refused_alone() {
    let folder = folder();
    let project = make(folder.path(), 1, 1);
    let batch = project.media_batch().unwrap();
    add(&batch, "good.png", b"good").unwrap();
    for now in [&b"shorter"[..], b"longer than it was", b"same length!"] {
        let refused = batch.add(crate::project::NewMedia {
            path: path("bad.png"),
            content: sha512(b"first bytes!"),
            crc32: crc32fast::hash(b"first bytes!"),
            size: 12,
            facts: facts(),
            plaintext: &mut &*now,
            thumbnail: None,
        });
        assert!(why(refused).contains("`bad.png` changed"));
    }
    assert_eq!(batch.commit().unwrap().unwrap().leaves, 1);
    assert_eq!(files(&project).len(), 1);
    assert_whole(&project);
}

#[test]
fn leftovers_of_a_crash_are_swept_and_found_by_the_check() {
    let folder = folder();
    let project = make(folder.path(), 1, 1);
    import(&project, 3);
    let kept = files(&project);
    let place = kept[0].parent().unwrap();
    fs::write(place.join("0123.tmp"), b"half").unwrap();
    fs::write(place.join("f".repeat(32)), b"renamed, no row").unwrap();
    let report = vaultmark_model::work::Work::quiet(|work| project.check(&[], work)).unwrap();
    assert_eq!(report.findings.len(), 2);
    assert_eq!(project.sweep().unwrap().files, 2);
    assert_eq!(files(&project), kept);
    assert_whole(&project);
}

#[test]
fn damage_names_the_item_and_the_others_stay_readable() {
    let folder = folder();
    let project = make(folder.path(), 1, 1);
    let ids = import(&project, 2);
    let all = files(&project);
    let (first, second) = (fs::read(&all[0]).unwrap(), fs::read(&all[1]).unwrap());
    let refused = |id| match project.open_blob(id) {
        Err(StoreError::Damaged { what, why }) => Some((what, why)),
        _ => None,
    };
    // Which file is whose is not to be seen: one of the two is refused, by its item's name.
    let check = |expected: &str| {
        let mut named: Vec<_> = ids.iter().filter_map(|id| refused(*id)).collect();
        assert_eq!(named.len(), 1, "{expected}");
        let (what, why) = named.remove(0);
        assert!(what.starts_with("file of item `f/000"), "{what}");
        assert!(why.contains(expected), "{why}");
        let report = vaultmark_model::work::Work::quiet(|work| project.check(&[], work)).unwrap();
        assert_eq!(report.findings.len(), 1);
        assert!(report.findings[0].place.contains("`f/000"));
        assert_eq!(report.blobs, 1);
    };
    fs::remove_file(&all[0]).unwrap();
    check("missing");
    fs::write(&all[0], &first[..first.len() - 1]).unwrap();
    check("bytes where");
    let mut flipped = first.clone();
    flipped[30] ^= 1;
    fs::write(&all[0], &flipped).unwrap();
    check("altered");
    fs::write(&all[0], &second[..]).unwrap();
    // Swapped whole: same or another length, it does not open.
    assert_eq!(ids.iter().filter(|id| refused(**id).is_some()).count(), 1);
    fs::write(&all[0], &first).unwrap();
    assert_whole(&project);
}

#[test]
fn a_flip_in_the_middle_is_met_when_it_is_read() {
    let folder = folder();
    let project = make(folder.path(), 1, 1);
    let batch = project.media_batch().unwrap();
    let id = add(&batch, "large.tif", &vec![7; 100_000]).unwrap();
    batch.commit().unwrap();
    let file = &files(&project)[0];
    let mut bytes = fs::read(file).unwrap();
    bytes[40_000] ^= 1;
    fs::write(file, bytes).unwrap();
    let reader = project.open_blob(id).unwrap();
    let mut piece = [0; 100];
    assert_eq!(reader.read_at(0, &mut piece).unwrap(), 100);
    let error = reader.explain(reader.read_at(40_000, &mut piece).unwrap_err());
    assert!(error.to_string().contains("large.tif"), "{error}");
    let report = vaultmark_model::work::Work::quiet(|work| project.check(&[], work)).unwrap();
    assert_eq!(report.findings[0].place, "item `large.tif`");
}

#[test]
fn packs_are_replaced_evicted_and_derived_again() {
    let folder = folder();
    let project = make(folder.path(), 1, 1);
    let ids = import(&project, 3);
    for (n, id) in (0_u8..).zip(&ids) {
        project.put_pack(*id, &mut &[n; 5000][..]).unwrap();
    }
    project.put_pack(ids[0], &mut &[9; 5000][..]).unwrap();
    assert_eq!(files(&project).len(), 6);
    assert_eq!(content(&project.open_pack(ids[0]).unwrap().unwrap()), [9; 5000]);
    assert!(matches!(
        project.put_pack(item_id(70), &mut &b"x"[..]),
        Err(StoreError::NotFound { .. })
    ));
    project.touch_packs(&ids[1..2]).unwrap();
    assert_eq!(project.evict_packs(6000).unwrap().packs, 2);
    assert!(project.open_pack(ids[0]).unwrap().is_none());
    assert_eq!(content(&project.open_pack(ids[1]).unwrap().unwrap()), [1; 5000]);
    assert_eq!(files(&project).len(), 4);
    assert_whole(&project);

    // A damaged pack counts as none; the item's own file is not touched by it.
    let known = files(&project);
    for file in &known {
        if fs::metadata(file).unwrap().len() > 4000 {
            fs::write(file, b"short").unwrap();
        }
    }
    assert!(project.open_pack(ids[1]).unwrap().is_none());
    assert_eq!(files(&project).len(), 3);
    assert_whole(&project);
}

#[test]
fn a_missing_file_can_be_attached_if_it_is_the_right_one() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    let whole = b"a/zero.png";
    assert!(matches!(project.open_blob(item_id(0)), Err(StoreError::NotFound { .. })));
    assert!(why(project.attach_media(item_id(0), &mut &b"another"[..])).contains("`a/zero.png`"));
    // The fixture says 1000 bytes, so even the right content with a longer tail is refused.
    assert!(!project.has_media(item_id(0)).unwrap());
    project.attach_media(item_id(0), &mut &whole[..]).unwrap();
    assert!(project.has_media(item_id(0)).unwrap());
    assert!(why(project.attach_media(item_id(0), &mut &whole[..])).contains("already"));
    assert_whole(&project);
}
