//! The writer: one byte form, promises kept, and an independent reader agrees.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::io::{Cursor, Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{draft, entries, info, key, sign, signed, verify, write};
use vaultmark_bundle::{BundleError, Draft, Entry, Signatures};
use vaultmark_crypto::{BundleRole, ReadAt, sha512, sign_bundle};
use vaultmark_model::policy::ExportPolicy;
use vaultmark_model::work::{Cancel, Work};

#[test]
fn the_same_draft_gives_the_same_bytes_in_whatever_order_it_was_made() {
    let first = signed(draft());
    let mut turned = draft();
    turned.entries.reverse();
    assert_eq!(first, signed(turned));
    let mut other = draft();
    other.info.justification = None;
    assert_ne!(first, signed(other));
}

#[test]
fn a_bundle_reads_back_whole() {
    let bytes = signed(draft());
    let bundle = verify(&bytes).unwrap();
    assert_eq!(*bundle.info(), info());
    assert_eq!(bundle.creator().key, key(1).public());
    assert_eq!(bundle.creator().principal, None);
    assert!(bundle.approver().is_none());
    let mut expected = entries();
    expected.sort_by(|a, b| a.path().cmp(b.path()));
    assert_eq!(
        bundle.entries().map(|e| (e.path, e.size, *e.sha512)).collect::<Vec<_>>(),
        expected.iter().map(|e| (e.path(), e.size(), *e.sha512())).collect::<Vec<_>>()
    );
    let mut media = Vec::new();
    bundle.read("data/media/00ff.png").unwrap().read_to_end(&mut media).unwrap();
    assert_eq!(media, (0..=255).collect::<Vec<u8>>());
    assert_eq!(bundle.read_all("data/empty.txt", 0).unwrap(), b"");
    assert!(matches!(bundle.read("data/none"), Err(BundleError::NoEntry { .. })));
    assert!(matches!(bundle.read("bag-info.txt"), Err(BundleError::NoEntry { .. })));
    assert!(bundle.read_all("data/media/00ff.png", 255).is_err());
}

#[test]
fn the_zip_crate_reads_the_same_entries() {
    let mut draft = draft();
    draft.entries.push(Entry::bytes("data/überschrift/日本.txt", b"names".to_vec()));
    let bytes = signed(draft);
    let mut archive = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
    let bundle = verify(&bytes).unwrap();
    let frame = 5;
    assert_eq!(archive.len(), bundle.entries().count() + frame);
    let mut last = String::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        assert!(last < name, "{last} {name}");
        assert_eq!(file.compression(), zip::CompressionMethod::Stored);
        assert_eq!(file.unix_mode(), Some(0o100_644));
        assert!(file.is_file());
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap(); // checks the CRC-32
        if let Some(facts) = bundle.entry(&name) {
            assert_eq!(sha512(&content), *facts.sha512);
        }
        last = name;
    }
}

#[test]
fn a_two_person_policy_takes_two_people() {
    let mut draft = draft();
    draft.info.policy = ExportPolicy::Two;
    let frozen = draft.freeze().unwrap();
    let mut signatures = sign(&frozen);
    let refused = Work::quiet(|work| frozen.write(&mut Vec::new(), &signatures, work));
    assert!(matches!(refused, Err(BundleError::ApproverMissing)));

    let approve = |seed, role| Some(sign_bundle(&key(seed), role, frozen.tagmanifest()).unwrap());
    signatures.approver = approve(2, BundleRole::Approver);
    let bundle = verify(&write(&frozen, &signatures)).unwrap();
    assert_eq!(bundle.approver().unwrap().key, key(2).public());

    signatures.approver = approve(1, BundleRole::Approver);
    assert_eq!(common::kind(&common::refusal(&write(&frozen, &signatures))), "SameSigner");
    signatures.approver = approve(2, BundleRole::Creator);
    assert_eq!(common::kind(&common::refusal(&write(&frozen, &signatures))), "SignatureInvalid");
    let swapped = Signatures {
        creator: approve(2, BundleRole::Approver).unwrap(),
        approver: approve(1, BundleRole::Creator),
    };
    assert_eq!(common::kind(&common::refusal(&write(&frozen, &swapped))), "SignatureInvalid");
}

/// Writes a draft of a datasheet and this entry.
fn write_with(entry: Entry) -> Result<Vec<u8>, BundleError> {
    let readme = Entry::bytes("data/README.txt", b"read me\n".to_vec());
    let frozen = Draft { info: info(), entries: vec![readme, entry] }.freeze()?;
    let mut bytes = Vec::new();
    Work::quiet(|work| frozen.write(&mut bytes, &sign(&frozen), work))?;
    Ok(bytes)
}

#[test]
fn a_source_that_changed_since_it_was_measured_stops_the_writing() {
    let sizes = [10, 9, 11];
    for (later, what) in sizes.into_iter().zip(["CRC-32", "9 bytes", "11 bytes"]) {
        let calls = AtomicUsize::new(0);
        let produce = move |out: &mut dyn Write| {
            let first = calls.fetch_add(1, Ordering::SeqCst) == 0;
            let bytes = if first { vec![1; 10] } else { vec![2; later] };
            out.write_all(&bytes).map_err(|error| BundleError::from_io("test", error))
        };
        let entry = Entry::measured("data/x", Box::new(produce)).unwrap();
        let error = write_with(entry).unwrap_err();
        let BundleError::BrokenPromise { entry, found, .. } = &error else { panic!("{error}") };
        assert_eq!(entry, "data/x");
        assert!(found.starts_with(what), "{found}");
    }
}

#[test]
fn the_three_kinds_of_entries_write_the_same() {
    let content: Vec<u8> = (0..1_000_000u32).map(|i| (i % 251) as u8).collect();
    let (size, crc32, digest) = (content.len() as u64, crc32fast::hash(&content), sha512(&content));
    let streamed = content.clone();
    let opened = content.clone();
    let all = [
        Entry::bytes("data/x", content.clone()),
        Entry::streamed(
            "data/x",
            size,
            crc32,
            digest,
            Box::new(move |out| {
                streamed
                    .chunks(777)
                    .try_for_each(|chunk| out.write_all(chunk))
                    .map_err(|error| BundleError::from_io("test", error))
            }),
        ),
        Entry::opened(
            "data/x",
            size,
            crc32,
            digest,
            Box::new(move || Ok(Box::new(opened.clone()) as Box<dyn ReadAt>)),
        ),
    ];
    let [a, b, c] = all.map(|entry| write_with(entry).unwrap());
    assert!(a == b && b == c);

    // An opened source that is longer or shorter than promised.
    for wrong in [size - 1, size + 1] {
        let opened = content.clone();
        let entry = Entry::opened(
            "data/x",
            wrong,
            crc32,
            digest,
            Box::new(move || Ok(Box::new(opened.clone()) as Box<dyn ReadAt>)),
        );
        assert!(matches!(write_with(entry), Err(BundleError::BrokenPromise { .. })), "{wrong}");
    }
}

#[test]
fn the_error_of_a_source_comes_through() {
    let entry = Entry::streamed(
        "data/x",
        3,
        0,
        sha512(b""),
        Box::new(|_| {
            Err(BundleError::Source {
                entry: "data/x".into(),
                source: "the blob is damaged".into(),
            })
        }),
    );
    let error = write_with(entry).unwrap_err();
    assert!(error.to_string().contains("the blob is damaged"), "{error}");
}

#[test]
fn a_full_disk_is_told_as_such() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if self.0 < bytes.len() {
                return Err(std::io::ErrorKind::StorageFull.into());
            }
            self.0 -= bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut draft = draft();
    draft.entries.push(Entry::bytes("data/large", vec![7; 3 << 20]));
    let frozen = draft.freeze().unwrap();
    for room in [0, 1000, 1 << 20, 2 << 20] {
        let result = Work::quiet(|work| frozen.write(&mut Full(room), &sign(&frozen), work));
        let Err(BundleError::Io { source, .. }) = result else { panic!("{result:?}") };
        assert_eq!(source.kind(), std::io::ErrorKind::StorageFull);
    }
}

#[test]
fn a_wish_to_stop_is_followed() {
    let cancel = Cancel::default();
    cancel.cancel();
    let frozen = draft().freeze().unwrap();
    let work = Work { report: &|_| {}, cancel: &cancel };
    let result = frozen.write(&mut Vec::new(), &sign(&frozen), work);
    assert!(matches!(result, Err(BundleError::Cancelled)));
}

#[test]
fn names_that_can_not_stand_in_a_bundle_are_refused_before_anything_is_written() {
    for (name, expected) in [
        ("data/../x", "EntryName"),
        ("/data/x", "EntryName"),
        ("data/nul.txt", "EntryName"),
        ("bag-info.txt", "OutsidePayload"),
        ("signatures/creator.sig", "OutsidePayload"),
        ("data/readme.TXT", "EntryCollision"),
        ("data/README.txt", "EntryCollision"),
        ("data/README.txt/x", "EntryCollision"),
    ] {
        let error = write_with(Entry::bytes(name, vec![])).unwrap_err();
        assert!(format!("{error:?}").starts_with(expected), "{name}: {error:?}");
    }
    let bare = Draft { info: info(), entries: vec![] }.freeze();
    assert!(matches!(bare, Err(BundleError::NoDatasheet)));
}

#[test]
fn more_files_than_an_ordinary_end_record_counts_take_the_zip64_one() {
    let mut draft = draft();
    draft.entries.extend((0..66_000).map(|i| Entry::bytes(format!("data/many/{i:05}"), vec![])));
    let bytes = signed(draft);
    assert_eq!(verify(&bytes).unwrap().entries().count(), 66_005);
    assert_eq!(zip::ZipArchive::new(Cursor::new(&bytes)).unwrap().len(), 66_010);
}
