//! The strict reader against altered, cut, forged and random bytes.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use common::{draft, kind, refusal, sign, signed, verify};
use proptest::prelude::*;
use vaultmark_bundle::{BundleError, Limits, Quarantined, Refusal};

#[test]
fn every_byte_flipped_is_an_error_and_never_a_panic() {
    let good = signed(draft());
    assert!(verify(&good).is_ok());
    for at in 0..good.len() {
        for flip in [0x01, 0x20, 0x80, 0xff] {
            let mut bytes = good.clone();
            bytes[at] ^= flip;
            let result = catch_unwind(AssertUnwindSafe(|| verify(&bytes).map(|_| ())));
            let result = result.unwrap_or_else(|_| panic!("panic at byte {at} ^ {flip:#x}"));
            assert!(
                matches!(result, Err(BundleError::Refused(_))),
                "byte {at} ^ {flip:#x}: {result:?}"
            );
        }
    }
}

#[test]
fn every_truncation_and_every_addition_is_refused() {
    let good = signed(draft());
    for len in 0..good.len() {
        assert!(matches!(verify(&good[..len]), Err(BundleError::Refused(_))), "{len}");
    }
    for extra in [&b"\0"[..], b"x", b"PK\x05\x06", &good] {
        let appended = [&good, extra].concat();
        let prepended = [extra, &good].concat();
        assert!(matches!(verify(&appended), Err(BundleError::Refused(_))));
        assert!(matches!(verify(&prepended), Err(BundleError::Refused(_))));
    }
    assert_eq!(refusal(&[&good[..], b"12345"].concat()), Refusal::TrailingBytes { bytes: 5 });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn random_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..4096)) {
        prop_assert!(matches!(verify(&bytes), Err(BundleError::Refused(_))));
    }

    #[test]
    fn random_headers_before_a_plausible_end_are_refused(
        mut bytes in proptest::collection::vec(any::<u8>(), 46..600),
        count in any::<u16>(), directory in any::<u32>(), offset in any::<u32>(), true_place in any::<bool>(),
    ) {
        let len = u32::try_from(bytes.len()).unwrap();
        let directory = directory % (len + 2);
        let offset = if true_place { len.saturating_sub(directory) } else { offset };
        let at = usize::try_from(offset).unwrap();
        if let Some(place) = bytes.get_mut(at..at + 4) {
            place.copy_from_slice(b"PK\x01\x02");
        }
        bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        bytes.extend_from_slice(&(count % 8).to_le_bytes());
        bytes.extend_from_slice(&(count % 8).to_le_bytes());
        bytes.extend_from_slice(&directory.to_le_bytes());
        bytes.extend_from_slice(&offset.to_le_bytes());
        bytes.extend_from_slice(&[0, 0]);
        prop_assert!(matches!(verify(&bytes), Err(BundleError::Refused(_))));
    }

    #[test]
    fn pieces_of_a_bundle_moved_about_are_refused(
        from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(),
        len in 1usize..200, insert in any::<bool>(),
    ) {
        let good = signed(draft());
        let from = from.index(good.len());
        let piece = good[from..(from + len).min(good.len())].to_vec();
        let to = to.index(good.len());
        let mut bytes = good.clone();
        let end = if insert { to } else { (to + piece.len()).min(bytes.len()) };
        bytes.splice(to..end, piece);
        if bytes != good {
            prop_assert!(matches!(verify(&bytes), Err(BundleError::Refused(_))));
        }
    }
}

/// One entry of a forged archive: what its two headers say, each on its own.
#[derive(Clone)]
struct Forged {
    local_name: Vec<u8>,
    central_name: Vec<u8>,
    content: Vec<u8>,
    flags: u16,
    method: u16,
    time: u16,
    made_by: u16,
    attributes: u32,
    local_extra: Vec<u8>,
    central_extra: Vec<u8>,
    comment: Vec<u8>,
    crc: Option<u32>,
    /// The sizes in both headers, where they lie.
    sizes: Option<(u32, u32)>,
    /// Bytes hidden before the local header.
    gap: Vec<u8>,
    /// The offset in the directory, where it lies.
    offset: Option<u32>,
}

fn entry(name: &str, content: &[u8]) -> Forged {
    Forged {
        local_name: name.as_bytes().to_vec(),
        central_name: name.as_bytes().to_vec(),
        content: content.to_vec(),
        flags: if name.is_ascii() { 0 } else { 1 << 11 },
        method: 0,
        time: 0,
        made_by: 3 << 8 | 20,
        attributes: 0o100_644 << 16,
        local_extra: vec![],
        central_extra: vec![],
        comment: vec![],
        crc: None,
        sizes: None,
        gap: vec![],
        offset: None,
    }
}

/// An archive as the entries say, with a true end record.
fn forge(entries: &[Forged]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for e in entries {
        out.extend_from_slice(&e.gap);
        let offset = u32::try_from(out.len()).unwrap();
        let size = u32::try_from(e.content.len()).unwrap();
        let (stored, size) = e.sizes.unwrap_or((size, size));
        let common = |name: &[u8], extra: &[u8]| {
            let mut c = Vec::new();
            c.extend_from_slice(&20u16.to_le_bytes());
            c.extend_from_slice(&e.flags.to_le_bytes());
            c.extend_from_slice(&e.method.to_le_bytes());
            c.extend_from_slice(&e.time.to_le_bytes());
            c.extend_from_slice(&0x21u16.to_le_bytes());
            c.extend_from_slice(
                &e.crc.unwrap_or_else(|| crc32fast::hash(&e.content)).to_le_bytes(),
            );
            c.extend_from_slice(&stored.to_le_bytes());
            c.extend_from_slice(&size.to_le_bytes());
            c.extend_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
            c.extend_from_slice(&u16::try_from(extra.len()).unwrap().to_le_bytes());
            c
        };
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&common(&e.local_name, &e.local_extra));
        out.extend_from_slice(&e.local_name);
        out.extend_from_slice(&e.local_extra);
        out.extend_from_slice(&e.content);
        directory.extend_from_slice(b"PK\x01\x02");
        directory.extend_from_slice(&e.made_by.to_le_bytes());
        directory.extend_from_slice(&common(&e.central_name, &e.central_extra));
        directory.extend_from_slice(&u16::try_from(e.comment.len()).unwrap().to_le_bytes());
        directory.extend_from_slice(&[0; 4]);
        directory.extend_from_slice(&e.attributes.to_le_bytes());
        directory.extend_from_slice(&e.offset.unwrap_or(offset).to_le_bytes());
        directory.extend_from_slice(&e.central_name);
        directory.extend_from_slice(&e.central_extra);
        directory.extend_from_slice(&e.comment);
    }
    let (offset, bytes) = (out.len(), directory.len());
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    let count = u16::try_from(entries.len()).unwrap().to_le_bytes();
    out.extend_from_slice(&count);
    out.extend_from_slice(&count);
    out.extend_from_slice(&u32::try_from(bytes).unwrap().to_le_bytes());
    out.extend_from_slice(&u32::try_from(offset).unwrap().to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out
}

/// The entries of a true bundle, ready to be tampered with.
fn true_entries() -> Vec<Forged> {
    let bytes = signed(draft());
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).unwrap();
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut file, &mut content).unwrap();
            entry(&file.name().unwrap(), &content)
        })
        .collect()
}

/// The rule that breaks when the entry `data/media/00ff.png` is tampered with.
fn tampered(change: impl FnOnce(&mut Forged)) -> String {
    let mut entries = true_entries();
    let media = entries.iter_mut().find(|e| e.central_name.ends_with(b"00ff.png")).unwrap();
    change(media);
    kind(&refusal(&forge(&entries)))
}

/// The rule that breaks when the entry stands in the bundle too, sorted.
fn with(more: Forged) -> String {
    let mut entries = true_entries();
    entries.push(more);
    entries.sort_by(|a, b| a.central_name.cmp(&b.central_name));
    kind(&refusal(&forge(&entries)))
}

#[test]
fn the_forge_makes_true_bundles_too() {
    assert_eq!(forge(&true_entries()), signed(draft()));
}

#[test]
fn each_forged_header_is_refused_for_its_own_reason() {
    let expect = |expected: &str, change: &dyn Fn(&mut Forged)| {
        assert_eq!(tampered(change), expected);
    };
    expect("LocalMismatch", &|e| e.local_name = b"data/media/00fe.png".to_vec());
    expect("Compressed", &|e| e.method = 8);
    expect("Encrypted", &|e| e.flags = 1);
    expect("Encrypted", &|e| e.flags = 1 << 6 | 1);
    expect("Encrypted", &|e| e.flags = 1 << 13);
    expect("Flags", &|e| e.flags = 1 << 3); // a data descriptor
    expect("Flags", &|e| e.flags = 1 << 11); // UTF-8 where the name is ASCII
    expect("Foreign", &|e| e.time = 1);
    expect("Foreign", &|e| e.made_by = 20); // made on DOS
    expect("Foreign", &|e| e.attributes = 0o100_755 << 16);
    expect("Foreign", &|e| e.attributes |= 0x10); // the DOS folder bit
    expect("NotAFile", &|e| e.attributes = 0o120_777 << 16); // a symbolic link
    expect("NotAFile", &|e| e.attributes = 0o040_755 << 16); // a folder
    expect("NotAFile", &|e| e.attributes = 0o020_644 << 16); // a device
    expect("EntryComment", &|e| e.comment = b"hello".to_vec());
    expect("ExtraField", &|e| e.central_extra = b"UT\x01\x00\x00".to_vec());
    expect("LocalMismatch", &|e| e.local_extra = b"UT\x01\x00\x00".to_vec());
    expect("Gap", &|e| e.gap = b"hidden".to_vec());
    expect("Gap", &|e| e.gap = forge(&[entry("data/hidden", b"")]));
    expect("Gap", &|e| e.offset = Some(0));
    expect("StoredSize", &|e| e.sizes = Some((256, 255)));
    expect("Gap", &|e| e.sizes = Some((255, 255))); // the next entry then begins too late
    expect("EntryOutside", &|e| e.sizes = Some((0x7fff_ffff, 0x7fff_ffff)));
    expect("Crc", &|e| e.crc = Some(1));
    expect("Digest", &|e| e.content[0] ^= 1);
}

#[test]
fn zip64_tricks_are_refused() {
    let zip64 = |values: &[u64]| {
        let mut extra = vec![1, 0, u8::try_from(values.len() * 8).unwrap(), 0];
        values.iter().for_each(|value| extra.extend_from_slice(&value.to_le_bytes()));
        extra
    };
    let all_ones = Some((u32::MAX, u32::MAX));
    let expect = |expected: &str, change: &dyn Fn(&mut Forged)| {
        assert_eq!(tampered(change), expected);
    };
    // The field without need for it.
    expect("ExtraField", &|e| e.central_extra = zip64(&[256, 256]));
    expect("ExtraField", &|e| e.sizes = all_ones);
    // Sizes that would fit the ordinary fields.
    expect("ExtraField", &|e| {
        e.sizes = all_ones;
        e.central_extra = zip64(&[256, 256]);
    });
    // Stored and true size differ behind the ones.
    expect("ExtraField", &|e| {
        e.sizes = all_ones;
        e.central_extra = zip64(&[0x1_0000_0000, 0x1_0000_0001]);
    });
    // Beyond the file, and beyond all numbers.
    for size in [0x1_0000_0000, u64::MAX] {
        let got = tampered(|e| {
            e.sizes = all_ones;
            e.central_extra = zip64(&[size, size]);
        });
        assert!(["EntryOutside", "Foreign"].contains(&got.as_str()), "{got}");
    }
    // An offset behind the ones.
    expect("ExtraField", &|e| {
        e.offset = Some(u32::MAX);
        e.central_extra = zip64(&[0]);
    });
    // A ZIP64 end record that is not needed.
    let good = signed(draft());
    let end = good.len() - 22;
    let mut bytes = good[..end].to_vec();
    let directory_bytes = u32::from_le_bytes(good[end + 12..end + 16].try_into().unwrap());
    let directory_offset = u32::from_le_bytes(good[end + 16..end + 20].try_into().unwrap());
    let count = u16::from_le_bytes(good[end + 8..end + 10].try_into().unwrap());
    bytes.extend_from_slice(b"PK\x06\x06");
    bytes.extend_from_slice(&44u64.to_le_bytes());
    bytes.extend_from_slice(&[45, 3, 45, 0]);
    bytes.extend_from_slice(&[0; 8]);
    for value in [count.into(), count.into(), u64::from(directory_bytes), directory_offset.into()] {
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    bytes.extend_from_slice(b"PK\x06\x07\0\0\0\0");
    bytes.extend_from_slice(&(end as u64).to_le_bytes());
    bytes.extend_from_slice(&1u32.to_le_bytes());
    let mut unneeded = bytes.clone();
    unneeded.extend_from_slice(&good[end..]);
    assert!(matches!(refusal(&unneeded), Refusal::EndRecord { .. }));
    let mut ones = bytes;
    ones.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    ones.extend_from_slice(&[0xff; 12]);
    ones.extend_from_slice(&[0, 0]);
    assert_eq!(refusal(&ones), Refusal::Zip64EndRecord);
}

#[test]
fn files_put_in_are_refused_whatever_they_are_called() {
    for (name, expected) in [
        ("../evil", "NameClimbs"),
        ("data/../../evil", "NameClimbs"),
        ("/evil", "NameAbsolute"),
        ("C:evil", "NameAbsolute"),
        ("data\\evil", "NameBackslash"),
        ("data/evil/", "NameFolder"),
        ("data/CON", "NameDevice"),
        ("data/aux.json", "NameDevice"),
        ("data/e\u{301}vil", "NameNotNfc"),
        ("data/evil\u{202e}gpj", "NameCharacter"),
        ("data/README.TXT", "NameCollision"),
        ("DATA/README.txt", "NameCollision"),
        ("data/README.txt/evil", "NameCollision"),
        ("data/.evil", "NameEdge"),
        ("data/1/2/3/4/5/6/7/8", "NameDepth"),
        ("data/evil", "NotListed"),
        ("fetch.txt", "Fetch"),
        ("manifest-md5.txt", "OtherManifest"),
        ("tagmanifest-sha256.txt", "OtherManifest"),
        ("evil.txt", "UnexpectedFile"),
        ("signatures/other.sig", "UnexpectedFile"),
    ] {
        assert_eq!(with(entry(name, b"evil")), expected, "{name}");
    }
    let mut latin = entry("data/x", b"");
    latin.local_name = b"data/\xe9vil".to_vec();
    latin.central_name = latin.local_name.clone();
    assert_eq!(with(latin), "NameEncoding");
    assert_eq!(with(entry("data/README.txt", b"evil")), "Duplicate");
}

#[test]
fn missing_twice_and_unsorted_entries_are_refused() {
    for name in [
        "bag-info.txt",
        "bagit.txt",
        "manifest-sha512.txt",
        "signatures/creator.sig",
        "tagmanifest-sha512.txt",
        "data/README.txt",
    ] {
        let mut entries = true_entries();
        entries.retain(|e| e.central_name != name.as_bytes());
        assert_eq!(refusal(&forge(&entries)), Refusal::Missing { entry: name.into() });
    }
    let mut entries = true_entries();
    entries.retain(|e| e.central_name != b"data/media/00ff.png");
    assert_eq!(kind(&refusal(&forge(&entries))), "ListedMissing");
    let mut entries = true_entries();
    entries.swap(1, 2);
    assert_eq!(kind(&refusal(&forge(&entries))), "Unsorted");
    assert_eq!(kind(&refusal(&forge(&[]))), "Missing");
}

/// The rule that breaks when a file of the frame says something else, all digests and the
/// signature being right.
fn resigned(change: impl Fn(&str, &mut Vec<u8>)) -> String {
    let mut entries = true_entries();
    for e in &mut entries {
        let name = String::from_utf8(e.central_name.clone()).unwrap();
        change(&name, &mut e.content);
    }
    let digest = |name: &str| {
        let found = entries.iter().find(|e| e.central_name == name.as_bytes()).unwrap();
        vaultmark_crypto::sha512(&found.content).to_hex()
    };
    let tags = ["bag-info.txt", "bagit.txt", "manifest-sha512.txt"];
    let mut tagmanifest: Vec<u8> =
        tags.iter().flat_map(|tag| format!("{}  {tag}\n", digest(tag)).into_bytes()).collect();
    change("the list of tags", &mut tagmanifest);
    let role = vaultmark_crypto::BundleRole::Creator;
    let creator = vaultmark_crypto::sign_bundle(&common::key(1), role, &tagmanifest).unwrap();
    for e in &mut entries {
        match &e.central_name[..] {
            b"tagmanifest-sha512.txt" => e.content.clone_from(&tagmanifest),
            b"signatures/creator.sig" => e.content = creator.clone().into_bytes(),
            _ => {}
        }
    }
    verify(&forge(&entries)).map_or_else(
        |error| kind(error.refusal().unwrap_or_else(|| panic!("{error}"))),
        |_| "accepted".into(),
    )
}

#[test]
fn a_signer_can_not_make_a_bundle_of_another_form() {
    let replace = |file: &'static str, from: &'static str, to: &'static str| {
        resigned(move |name, content| {
            if name == file {
                let text = String::from_utf8(content.clone()).unwrap();
                assert!(text.contains(from), "{text}");
                *content = text.replacen(from, to, 1).into_bytes();
            }
        })
    };
    assert_eq!(resigned(|_, _| {}), "accepted");
    assert_eq!(replace("bagit.txt", "1.0", "0.97"), "Declaration");
    assert_eq!(replace("bagit.txt", "UTF-8", "utf-8"), "Declaration");
    assert_eq!(
        replace("bag-info.txt", "Payload-Oxum: 270.5", "Payload-Oxum: 271.5"),
        "PayloadOxum"
    );
    assert_eq!(replace("bag-info.txt", "Policy: single", "Policy: two"), "ApproverMissing");
    assert_eq!(
        replace("bag-info.txt", "Vaultmark-Profile: 1", "Vaultmark-Profile: 9"),
        "InfoProfile"
    );
    assert_eq!(replace("bag-info.txt", "Bag-Count: 1 of 1\n", ""), "InfoMissing");
    assert_eq!(replace("bag-info.txt", "a test", "a test\n and more"), "InfoMissing");
    assert_eq!(replace("manifest-sha512.txt", "  data/empty", " *data/empty"), "ManifestLine");
    assert_eq!(replace("manifest-sha512.txt", "\n", "\r\n"), "ManifestLine");
    assert_eq!(replace("manifest-sha512.txt", "data/empty.txt", "../empty.txt"), "NameClimbs");
    assert_eq!(replace("manifest-sha512.txt", "data/schema", "data/other"), "ListedMissing");
    assert_eq!(replace("manifest-sha512.txt", "data/schema", "data/first"), "ManifestLine");
    assert_eq!(replace("manifest-sha512.txt", "data/schema", "data/zchema"), "NotListed");
    assert_eq!(replace("the list of tags", "bagit.txt", "bagit.tXt"), "ManifestLine");
    let last = |more: fn(&mut Vec<u8>)| {
        resigned(move |name, content| {
            if name == "manifest-sha512.txt" {
                more(content);
            }
        })
    };
    assert_eq!(last(|c| c.truncate(c.len() - 1)), "ManifestLine");
    assert_eq!(last(|c| c.truncate(c.len() - 131 - "data/schema.json".len())), "NotListed");
    assert_eq!(
        last(|c| c.extend_from_within(c.len() - 131 - "data/schema.json".len()..)),
        "ListedTwice"
    );
    assert_eq!(
        resigned(|name, content| {
            if name == "the list of tags" {
                content.extend_from_slice(&content.clone());
            }
        }),
        "ManifestLine"
    );
}

#[test]
fn limits_hold_before_anything_is_allocated() {
    let good = signed(draft());
    let open = |limits| {
        let source = Arc::new(good.clone());
        match Quarantined::open(source, good.len() as u64, &limits) {
            Ok(_) => "accepted".to_owned(),
            Err(error) => kind(error.refusal().unwrap()),
        }
    };
    let limits = Limits::default();
    assert_eq!(open(limits), "accepted");
    assert_eq!(open(Limits { entries: 9, ..limits }), "TooManyEntries");
    assert_eq!(open(Limits { entries: 10, ..limits }), "accepted");
    assert_eq!(open(Limits { bytes: 100, ..limits }), "TooLarge");

    // A directory that claims a million entries in a few bytes.
    let mut bytes = forge(&[entry("data/x", b"")]);
    let end = bytes.len() - 22;
    bytes[end + 8..end + 12].copy_from_slice(&[0xfe, 0xff, 0xfe, 0xff]);
    assert_eq!(kind(&refusal(&bytes)), "DirectoryOutside");
}

#[test]
fn content_that_changes_after_it_was_verified_fails_at_its_end() {
    use std::io::Read;
    use std::sync::atomic::{AtomicBool, Ordering};

    struct Turning {
        before: Vec<u8>,
        after: Vec<u8>,
        turned: AtomicBool,
    }
    impl vaultmark_crypto::ReadAt for Turning {
        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
            let turned = self.turned.load(Ordering::SeqCst);
            let bytes = if turned { &self.after } else { &self.before };
            vaultmark_crypto::ReadAt::read_at(bytes, offset, buffer)
        }
    }
    let before = signed(draft());
    let at = before.windows(3).position(|window| window == [7, 8, 9]).unwrap();
    let mut after = before.clone();
    after[at] ^= 1;
    let len = before.len() as u64;
    let source = Arc::new(Turning { before, after, turned: AtomicBool::new(false) });
    let bundle = Quarantined::open(source.clone(), len, &Limits::default())
        .and_then(|q| q.check_signatures(&vaultmark_bundle::Trust::nobody()))
        .and_then(|s| s.check_tags())
        .and_then(|t| vaultmark_model::work::Work::quiet(|work| t.check_payload(work)))
        .unwrap();
    source.turned.store(true, Ordering::SeqCst);
    let mut content = Vec::new();
    let error = bundle.read("data/media/00ff.png").unwrap().read_to_end(&mut content).unwrap_err();
    let error = BundleError::from_io("test", error);
    assert_eq!(kind(error.refusal().unwrap()), "Digest");
}

#[test]
fn a_signature_of_somebody_else_or_for_something_else_is_refused() {
    let frozen = draft().freeze().unwrap();
    let mut other = draft();
    other.info.justification = Some("another".into());
    let other = other.freeze().unwrap();
    let bytes = common::write(&frozen, &sign(&other));
    assert_eq!(kind(&refusal(&bytes)), "SignatureInvalid");
    let mut signatures = sign(&frozen);
    signatures.creator = "-----BEGIN PGP SIGNATURE-----\n".into();
    assert_eq!(kind(&refusal(&common::write(&frozen, &signatures))), "SignatureForm");
}

#[test]
fn a_signer_is_known_only_in_the_role_that_the_trust_list_gives() {
    use vaultmark_bundle::Trust;
    use vaultmark_crypto::{BundleRole, allowed_signers_line};
    let bytes = signed(draft());
    let public = common::key(1).public();
    for (roles, known) in [
        (&[BundleRole::Creator][..], true),
        (&[BundleRole::Approver], false),
        (&BundleRole::ALL, true),
    ] {
        let line = allowed_signers_line("anna", &public, roles).unwrap();
        let bundle = common::verify_with(&bytes, &Trust::parse(&line).unwrap()).unwrap();
        assert_eq!(bundle.creator().principal.as_deref(), known.then_some("anna"));
    }
    let stranger = allowed_signers_line("eve", &common::key(2).public(), &BundleRole::ALL).unwrap();
    let bundle = common::verify_with(&bytes, &Trust::parse(&stranger).unwrap()).unwrap();
    assert_eq!(bundle.creator().principal, None);
}
