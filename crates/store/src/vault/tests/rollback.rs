//! Old copies that are put back.

use std::fs;

use super::*;

fn stranger() -> vaultmark_model::PublicKey {
    vaultmark_crypto::SigningKey::generate(&SystemEntropy).unwrap().public()
}

#[test]
fn an_old_slot_is_noticed() {
    let place = Place::new().made();
    let old = fs::read(place.slot()).unwrap();
    place.unlock().unwrap().lock().unwrap();
    fs::write(place.slot(), old).unwrap();
    let error = place.unlock().unwrap_err();
    assert!(matches!(&error, StoreError::RolledBack { what } if what == "the key slot"), "{error}");
}

#[test]
fn an_old_directory_is_noticed_by_the_decisions_it_lacks() {
    let place = Place::new().made();
    let path = place.path().join("directory.db");
    let old = fs::read(&path).unwrap();
    let vault = place.unlock().unwrap();
    vault.add_trust("Room 4", &stranger()).unwrap();
    vault.lock().unwrap();
    fs::write(&path, old).unwrap();
    assert!(matches!(place.unlock(), Err(StoreError::RolledBack { .. })));
}

#[test]
fn single_old_pages_of_the_directory_are_noticed() {
    const PAGE: usize = 4096;
    let place = Place::new().made();
    let path = place.path().join("directory.db");
    let old = fs::read(&path).unwrap();
    let vault = place.unlock().unwrap();
    vault.add_trust("Room 4", &stranger()).unwrap();
    vault.lock().unwrap();
    let new = fs::read(&path).unwrap();
    let mut put_back = 0;
    for page in 1..old.len() / PAGE {
        let range = page * PAGE..(page + 1) * PAGE;
        if old[range.clone()] == new[range.clone()] {
            continue;
        }
        let mut mixed = new.clone();
        mixed[range.clone()].copy_from_slice(&old[range]);
        fs::write(&path, &mixed).unwrap();
        // Every page that holds something that matters is missed. The page of slot numbers is not:
        // an older number there lets this account in, and protects nothing of this account's.
        match place.unlock() {
            Err(StoreError::RolledBack { .. } | StoreError::Damaged { .. }) => put_back += 1,
            Err(other) => panic!("{other}"),
            Ok(vault) => assert_eq!(vault.trust().len(), 1),
        }
    }
    assert!(put_back > 0);
}

#[test]
fn an_old_audit_log_is_noticed_by_the_checkpoint_it_lacks() {
    let place = Place::new().made();
    let old: Vec<_> = ["log", "state"]
        .map(|name| place.path().join("audit").join(name))
        .into_iter()
        .map(|path| (fs::read(&path).unwrap(), path))
        .collect();
    let vault = place.unlock().unwrap();
    assert!(vault.audit().findings().is_empty());
    vault.lock().unwrap();
    for (bytes, path) in old {
        fs::write(path, bytes).unwrap();
    }
    let vault = place.unlock().unwrap();
    assert_eq!(vault.audit().findings().len(), 1);
    assert!(vault.audit().findings()[0].problem.contains("put back"));
}

#[test]
fn an_old_project_database_is_noticed() {
    let place = Place::new();
    let (vault, _) = place.create();
    let project = vault.create_project("p", Marking::new("X").unwrap()).unwrap();
    let id = project.id();
    super::projects::change(&project);
    drop(project);
    vault.lock().unwrap();
    let folder = place.path().join("projects").join(id.to_string());
    let old = fs::read(folder.join("project.db")).unwrap();
    let vault = place.unlock().unwrap();
    let project = vault.open_project(id).unwrap();
    super::projects::change(&project);
    drop(project);
    vault.lock().unwrap();
    fs::write(folder.join("project.db"), old).unwrap();
    let vault = place.unlock().unwrap();
    let error = vault.open_project(id).unwrap_err();
    assert!(matches!(error, StoreError::RolledBack { .. }), "{error}");
}
