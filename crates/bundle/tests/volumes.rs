//! Volumes: complete bags under a limit, each verified alone, and joined again.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{entries, info, sign, verify, write};
use vaultmark_bundle::frame::{parse_part, part_name};
use vaultmark_bundle::volumes::file_name;
use vaultmark_bundle::{BundleError, Draft, Entry, Volume};
use vaultmark_crypto::{ReadAt, sha512};

/// Bytes of the frame of a bag with room for two signatures, and some files.
const LIMIT: u64 = 75_000;

fn noise(seed: u32, len: usize) -> Vec<u8> {
    let mut state = u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[4]
        })
        .collect()
}

/// Media of assorted sizes, one of them larger than two volumes.
fn media() -> BTreeMap<String, Vec<u8>> {
    let sizes = [0, 1, 20_000, 30_000, 40_000, 150_000, 10, 50_000];
    let name = |i: usize| format!("data/media/{i:02}.tif");
    sizes.iter().enumerate().map(|(i, size)| (name(i), noise(i as u32, *size))).collect()
}

fn draft() -> Draft {
    let mut draft = Draft { info: info(), entries: entries() };
    for (path, content) in media() {
        let (size, crc) = (content.len() as u64, crc32fast::hash(&content));
        let digest = sha512(&content);
        // Half can be read anywhere, half only as a stream.
        draft.entries.push(if size % 2 == 0 {
            let open = move || Ok(Box::new(content.clone()) as Box<dyn ReadAt>);
            Entry::opened(path, size, crc, digest, Box::new(open))
        } else {
            Entry::bytes(path, content)
        });
    }
    draft
}

fn bundles(draft: Draft, limit: u64) -> Vec<Vec<u8>> {
    let volumes = draft.freeze_volumes(limit).unwrap();
    volumes.iter().map(|frozen| write(frozen, &sign(frozen))).collect()
}

#[test]
fn each_volume_verifies_alone_and_together_they_hold_everything() {
    let volumes = bundles(draft(), LIMIT);
    assert!(volumes.len() >= 4, "{}", volumes.len());
    let mut whole: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut parts: BTreeMap<String, BTreeMap<u32, Vec<u8>>> = BTreeMap::new();
    let count = u32::try_from(volumes.len()).unwrap();
    for (number, bytes) in (1..).zip(&volumes) {
        assert!(bytes.len() as u64 <= LIMIT, "{}", bytes.len());
        let bundle = verify(bytes).unwrap();
        assert_eq!(bundle.info().volume, Volume { number, count });
        assert_eq!(bundle.info().bundle, info().bundle);
        assert!(bundle.entry("data/README.txt").is_some());
        for entry in bundle.entries() {
            let content = bundle.read_all(entry.path, LIMIT).unwrap();
            match parse_part(entry.path) {
                Some((path, number, _)) => {
                    parts.entry(path.into()).or_default().insert(number, content);
                }
                None if entry.path == "data/README.txt" => {}
                None => assert!(whole.insert(entry.path.into(), content).is_none()),
            }
        }
    }
    assert_eq!(parts.keys().collect::<Vec<_>>(), ["data/media/05.tif"]);
    for (path, parts) in parts {
        assert!(parts.len() >= 2);
        whole.insert(path, parts.into_values().flatten().collect());
    }
    for (path, content) in media() {
        assert!(whole.remove(&path) == Some(content), "{path}");
    }
    let rest =
        entries().into_iter().map(|e| e.path().to_owned()).filter(|p| p != "data/README.txt");
    assert_eq!(whole.into_keys().collect::<BTreeSet<_>>(), rest.collect());
    assert_eq!(bundles(draft(), LIMIT), volumes, "volumes are deterministic");
}

#[test]
fn a_stream_is_cut_into_the_same_parts_as_a_file() {
    let content = noise(9, 250_000);
    let cut = |entry: Entry| {
        let readme = Entry::bytes("data/README.txt", b"read me\n".to_vec());
        bundles(Draft { info: info(), entries: vec![readme, entry] }, LIMIT)
    };
    let (size, crc, digest) = (250_000, crc32fast::hash(&content), sha512(&content));
    let streamed = content.clone();
    let stream = Entry::streamed(
        "data/media/x.tif",
        size,
        crc,
        digest,
        Box::new(move |out| {
            let mut chunks = streamed.chunks(4099);
            chunks
                .try_for_each(|chunk| out.write_all(chunk))
                .map_err(|error| BundleError::from_io("test", error))
        }),
    );
    assert_eq!(cut(stream), cut(Entry::bytes("data/media/x.tif", content)));
}

#[test]
fn what_fits_is_one_volume_with_the_bytes_of_an_unsplit_bundle() {
    let volumes = draft().freeze_volumes(vaultmark_bundle::VOLUME_BYTES).unwrap();
    assert_eq!(volumes.len(), 1);
    assert_eq!(volumes[0].tagmanifest(), draft().freeze().unwrap().tagmanifest());
}

#[test]
fn a_limit_without_room_is_refused() {
    for limit in [0, 1000, 8_000] {
        let result = draft().freeze_volumes(limit).map(|volumes| volumes.len());
        assert!(matches!(result, Err(BundleError::VolumeTooSmall { .. })), "{limit}: {result:?}");
    }
}

#[test]
fn the_plan_can_be_looked_at_before() {
    let plan = draft().plan_volumes(LIMIT).unwrap();
    let frozen = draft().freeze_volumes(LIMIT).unwrap();
    for (pieces, volume) in plan.volumes.iter().zip(&frozen) {
        let mut planned: Vec<_> =
            pieces.iter().map(|piece| (piece.path.as_str(), piece.size)).collect();
        planned.sort_unstable();
        let written: Vec<_> = volume.entries().iter().map(|e| (e.path(), e.size())).collect();
        assert_eq!(planned, written);
    }
    let names: Vec<_> = plan.volumes.iter().flatten().map(|piece| &piece.path).collect();
    assert!(names.contains(&&part_name("data/media/05.tif", 1, 3)), "{names:?}");
}

#[test]
fn a_file_named_like_a_part_does_not_displace_it() {
    let readme = Entry::bytes("data/README.txt", b"read me\n".to_vec());
    let large = Entry::bytes("data/media/x.tif", noise(9, 150_000));
    let alike = Entry::bytes("data/media/x.tif.part-0003-of-0003", vec![1]);
    let draft = Draft { info: info(), entries: vec![readme, large, alike] };
    let result = draft.freeze_volumes(LIMIT).map(|volumes| volumes.len());
    assert!(matches!(result, Err(BundleError::EntryCollision { .. })), "{result:?}");
}

#[test]
fn files_of_volumes_sort_by_their_numbers() {
    let name = |number, count| file_name("river", Volume { number, count });
    assert_eq!(name(1, 1), "river.bag.zip");
    assert_eq!(name(2, 13), "river.volume-0002-of-0013.bag.zip");
    assert!(name(2, 13) < name(10, 13));
}
