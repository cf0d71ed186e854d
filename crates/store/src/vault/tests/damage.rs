//! Folders that are no vaults, broken ones, newer ones, and disks that do not take a byte more.

use std::fs;

use vaultmark_model::work::Work;

use super::*;
use crate::vault::header::Header;
use crate::vault::slot::{Slot, SlotFile};

#[test]
fn folders_that_are_no_vault_say_so() {
    let place = Place::new();
    assert!(matches!(place.open(), Err(StoreError::NotAVault { .. })));
    fs::create_dir(place.path()).unwrap();
    assert!(matches!(place.open(), Err(StoreError::NotAVault { .. })));
    fs::write(place.path().join("something"), b"x").unwrap();
    let error =
        LockedVault::create(&place.path(), new_vault(), Arc::clone(&place.ambient)).unwrap_err();
    assert!(matches!(error, StoreError::NotEmpty { .. }));
    assert!(place.path().join("something").exists());
}

#[cfg(unix)]
#[test]
fn a_folder_with_open_doors_is_closed_and_anothers_is_refused() {
    use std::os::unix::fs::{PermissionsExt as _, chown};
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let place = Place::new();
    fs::create_dir(place.path()).unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let create = || LockedVault::create(&place.path(), new_vault(), Arc::clone(&place.ambient));
    if chown(place.path(), Some(65534), None).is_ok() {
        assert!(matches!(create(), Err(StoreError::NotYours { .. })));
        assert_eq!(mode(&place.path()), 0o777, "it is not ours to close");
        chown(place.path(), Some(0), None).unwrap();
    }
    create().unwrap();
    assert_eq!(mode(&place.path()), 0o700);
    // Another's work is left as it is.
    let full = Place::new();
    fs::create_dir(full.path()).unwrap();
    fs::write(full.path().join("something"), b"x").unwrap();
    fs::set_permissions(full.path(), fs::Permissions::from_mode(0o755)).unwrap();
    LockedVault::create(&full.path(), new_vault(), Arc::clone(&full.ambient)).unwrap_err();
    assert_eq!(mode(&full.path()), 0o755);
}

#[test]
fn a_making_that_was_interrupted_starts_afresh_and_a_vault_is_never_overwritten() {
    let place = Place::new().made();
    let create = || LockedVault::create(&place.path(), new_vault(), Arc::clone(&place.ambient));
    assert!(matches!(create(), Err(StoreError::NotEmpty { .. })));
    fs::remove_file(place.path().join("vault.header")).unwrap();
    create().unwrap();
    place.unlock().unwrap();
    // With a project in it, it was no unfinished making.
    fs::remove_file(place.path().join("vault.header")).unwrap();
    fs::create_dir(place.path().join("projects/x")).unwrap();
    assert!(matches!(create(), Err(StoreError::NotEmpty { .. })));
}

#[test]
fn a_newer_vault_is_refused_by_name() {
    let place = Place::new().made();
    let path = place.path().join("vault.header");
    let mut bytes = fs::read(&path).unwrap();
    // [text(15) "vaultmark-vault", format …]: the format follows 1 + 1 + 15 bytes.
    assert_eq!(bytes[17], 1);
    bytes[17] = 2;
    fs::write(&path, &bytes).unwrap();
    let error = place.open().unwrap_err();
    assert!(matches!(error, StoreError::NewerVersion { found: 2, .. }));
    assert!(error.to_string().contains("newer version"));
}

#[test]
fn a_header_by_a_stranger_is_refused_at_sign_in() {
    let place = Place::new().made();
    let path = place.path().join("vault.header");
    let stranger = vaultmark_crypto::SigningKey::generate(&SystemEntropy).unwrap();
    let header = Header::read(&path).unwrap();
    let forged = Header { author: stranger.public(), failures_before_lock: 3, ..header };
    forged.write(&path, &stranger).unwrap();
    let error = place.unlock().unwrap_err();
    assert!(error.to_string().contains("no officer"), "{error}");
}

#[test]
fn every_flipped_byte_of_a_slot_is_an_error() {
    let place = Place::new().made();
    let path = place.slot();
    let whole = fs::read(&path).unwrap();
    let vault = place.open().unwrap().front().vault;
    let name = path.file_stem().unwrap().to_str().unwrap();
    let open = |bytes: &[u8]| {
        let file = SlotFile::from_file(bytes)?;
        Slot::open(vault, name, &path, &file, &passphrase(PASSPHRASE))
    };
    open(&whole).unwrap();
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        assert!(matches!(SlotFile::from_file(&flipped), Err(StoreError::Damaged { .. })));
        // Someone who mends the checksum gains nothing.
        let (body, check) = flipped.split_at_mut(whole.len() - 32);
        check.copy_from_slice(&vaultmark_crypto::sha512(body).as_bytes()[..32]);
        if at < whole.len() - 32 {
            assert!(open(&flipped).is_err(), "byte {at}");
        }
    }
    for cut in 0..whole.len() {
        assert!(SlotFile::from_file(&whole[..cut]).is_err());
    }
}

#[test]
fn a_damaged_slot_is_told_apart_from_a_wrong_passphrase() {
    let place = Place::new().made();
    let mut bytes = fs::read(place.slot()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(place.slot(), bytes).unwrap();
    let error = place.unlock().unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
}

#[test]
fn a_slot_with_a_cheaper_passphrase_than_the_vault_allows_is_refused() {
    let place = Place::new();
    let costly = KdfParameters::Argon2id { memory_kib: 64, passes: 2, lanes: 1 };
    let new = NewVault { kdf: costly, ..new_vault() };
    let (vault, _) = LockedVault::create(&place.path(), new, Arc::clone(&place.ambient)).unwrap();
    let weak = {
        let slot = vault.slot();
        let new = crate::vault::slot::NewSlot {
            vault: vault.id(),
            name: slot.name.clone(),
            path: place.slot(),
            kdf: cheap(),
            passphrase: &passphrase(PASSPHRASE),
            person: slot.person,
            signing: Arc::clone(&slot.signing),
            identity: Arc::clone(&slot.identity),
            vault_key: slot.vault_key.duplicate().unwrap(),
            pins: slot.pins.clone(),
        };
        Slot::create(new, &place.ambient).unwrap()
    };
    drop((vault, weak));
    assert!(matches!(place.unlock(), Err(StoreError::WeakKdf)));
}

#[test]
fn damage_to_any_page_of_the_directory_is_told() {
    const PAGE: usize = 4096;
    let place = Place::new().made();
    let path = place.path().join("directory.db");
    let whole = fs::read(&path).unwrap();
    let mut at_sign_in = 0;
    for page in 0..whole.len() / PAGE {
        let mut flipped = whole.clone();
        flipped[page * PAGE + 20] ^= 1;
        fs::write(&path, &flipped).unwrap();
        match place.unlock() {
            Err(StoreError::Damaged { .. }) => at_sign_in += 1,
            Err(other) => panic!("page {page}: {other}"),
            // A page that signing in does not read.
            Ok(vault) => {
                let found = Work::quiet(|work| vault.check(work)).unwrap();
                assert!(found.iter().any(|one| one.what == "directory"), "page {page}: {found:?}");
            }
        }
    }
    assert!(at_sign_in > 2);
    fs::remove_file(&path).unwrap();
    assert!(matches!(place.unlock(), Err(StoreError::Damaged { .. })));
}

#[test]
fn check_names_what_is_wrong_and_does_not_stop() {
    let place = Place::new().made();
    let vault = place.unlock().unwrap();
    let found = Work::quiet(|work| vault.check(work)).unwrap();
    assert!(found.is_empty(), "{found:?}");
    fs::write(place.path().join("notes.txt"), b"x").unwrap();
    fs::create_dir(place.path().join("projects/stray")).unwrap();
    fs::write(place.path().join("slots/aaaa.slot"), b"x").unwrap();
    let log = place.path().join("audit/log");
    let mut bytes = fs::read(&log).unwrap();
    bytes[100] ^= 1;
    fs::write(&log, bytes).unwrap();
    let found = Work::quiet(|work| vault.check(work)).unwrap();
    let named: Vec<_> = found.iter().map(|one| one.what.as_str()).collect();
    for what in ["vault folder", "project", "key slot", "audit log"] {
        assert!(named.contains(&what), "{what} not in {found:?}");
    }
}
