//! Sealed files: bound to their place, whole or absent, and every alteration found.

use std::io::Write as _;

use super::*;
use crate::SystemClock;
use vaultmark_crypto::ReadAt;
use vaultmark_crypto::testing::FixedEntropy;

const WHAT: &str = "file of item `a.png`";

fn blobs(folder: &Path, project: u8) -> Blobs {
    let ambient = Ambient {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(FixedEntropy::new(project.into())),
    };
    Blobs::new(folder.to_path_buf(), ProjectId::from_bytes([project; 16]), Arc::new(ambient))
}

fn put(blobs: &Blobs, bytes: &[u8]) -> BlobFacts {
    let mut sealed = [blobs.seal("test", &mut &*bytes, &mut |_| Ok(())).unwrap()];
    blobs.place(&mut sealed).unwrap();
    let [sealed] = sealed;
    let facts = sealed.facts().unwrap();
    let facts = BlobFacts {
        id: facts.id,
        key: facts.key.duplicate().unwrap(),
        name: facts.name.clone(),
        ..*facts
    };
    sealed.keep();
    facts
}

fn whole(reader: &BlobReader) -> Result<Vec<u8>, StoreError> {
    let mut bytes = vec![0; usize::try_from(reader.len()).unwrap() + 7];
    let read = reader.read_at(0, &mut bytes).map_err(|e| reader.explain(e))?;
    bytes.truncate(read);
    Ok(bytes)
}

#[test]
fn what_goes_in_comes_out_and_lengths_are_padded() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = blobs(folder.path(), 1);
    for length in [0_usize, 1, 9, 1000, 16_384, 100_000] {
        let bytes: Vec<u8> = (0..length).map(|i| u8::try_from(i % 251).unwrap()).collect();
        let facts = put(&blobs, &bytes);
        assert_eq!(
            facts.sealed,
            vaultmark_crypto::sealed_len(vaultmark_crypto::padme(length as u64))
        );
        let reader = blobs.open(&facts, WHAT).unwrap();
        assert_eq!(reader.len(), length as u64);
        assert_eq!(whole(&reader).unwrap(), bytes);
        let mut read = Vec::new();
        std::io::Read::read_to_end(&mut reader.reader(), &mut read).unwrap();
        assert_eq!(read, bytes);
    }
}

#[test]
fn dropped_files_leave_nothing_and_the_sweep_takes_what_no_row_names() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = blobs(folder.path(), 1);
    drop(blobs.seal("test", &mut &b"dropped"[..], &mut |_| Ok(())).unwrap());
    let stop = blobs.seal("test", &mut &b"stopped"[..], &mut |_| Err(StoreError::Cancelled));
    assert!(matches!(stop, Err(StoreError::Cancelled)));
    blobs.each_file(&mut |path| panic!("{} is left", path.display())).unwrap();

    let kept = put(&blobs, b"kept");
    put(&blobs, b"renamed, but its row was never written");
    let temporary = folder.path().join(&kept.name[..2]).join("half.tmp");
    fs::File::create(temporary).unwrap().write_all(b"half").unwrap();
    let mut names = Names::default();
    names.extend([kept.name.as_str()]);
    let swept = blobs.sweep(&names).unwrap();
    assert_eq!(swept.files, 2);
    assert_eq!(whole(&blobs.open(&kept, WHAT).unwrap()).unwrap(), b"kept");
}

#[test]
fn missing_short_swapped_and_altered_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = blobs(folder.path(), 1);
    let (a, b) = (put(&blobs, &[1; 300]), put(&blobs, &[2; 300]));
    let (path_a, path_b) = (blobs.path(&a.name).unwrap(), blobs.path(&b.name).unwrap());
    let good = fs::read(&path_a).unwrap();
    let refused = |facts: &BlobFacts| match blobs.open(facts, WHAT).and_then(|r| whole(&r)) {
        Err(StoreError::Damaged { what, why }) => {
            assert_eq!(what, WHAT);
            why
        }
        other => panic!("{other:?}"),
    };

    fs::copy(&path_b, &path_a).unwrap();
    assert!(refused(&a).contains("put in its place"));
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 0x10;
        fs::write(&path_a, bytes).unwrap();
        refused(&a);
        fs::write(&path_a, &good[..at]).unwrap();
        refused(&a);
    }
    fs::write(&path_a, [&good[..], b"x"].concat()).unwrap();
    refused(&a);
    fs::remove_file(&path_a).unwrap();
    assert!(refused(&a).contains("missing"));

    // The same bytes and key do not open in another project.
    fs::write(&path_a, &good).unwrap();
    let elsewhere = self::blobs(folder.path(), 2);
    assert!(matches!(elsewhere.open(&a, WHAT), Err(StoreError::Damaged { .. })));
    assert_eq!(whole(&blobs.open(&a, WHAT).unwrap()).unwrap(), [1; 300]);
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = blobs(folder.path(), 1);
    let facts = put(&blobs, b"x");
    for name in ["../../etc/passwd", "", "aa", &format!("../{}", "a".repeat(29))] {
        let facts = BlobFacts { name: name.into(), key: facts.key.duplicate().unwrap(), ..facts };
        assert!(blobs.open(&facts, WHAT).is_err());
    }
}
