//! Projects through the vault: keys, membership, receiving, discarding.

use vaultmark_model::{BundleId, ProjectId, Role, Timestamp};

use super::*;
use crate::project::{Project, ReceivedFrom};

/// Makes one durable change.
pub(super) fn change(project: &Project) {
    project.test_change();
}

fn marking() -> Marking {
    Marking::new("RESTRICTED").unwrap()
}

#[test]
fn a_project_is_made_and_opened_again() {
    let place = Place::new();
    let (vault, _) = place.create();
    let project = vault.create_project("harbour", marking()).unwrap();
    let id = project.id();
    assert_eq!(vault.project_roles(&project), [Role::Annotator, Role::Manager, Role::Exporter]);
    assert_eq!(vault.project_authors(&project), [(vault.public_key(), OFFICER.to_owned())]);
    assert!(Arc::ptr_eq(&project, &vault.open_project(id).unwrap()));
    let age = vault.project_key_age(&project).unwrap();
    assert_eq!(age.epoch, 1);
    // The person's key came with the vault, the project's after it.
    assert!(vault.front().created <= age.since);
    assert!(vault.signing_key_since().unwrap() <= age.since);
    change(&project);
    drop(project);
    vault.lock().unwrap();
    let vault = place.unlock().unwrap();
    assert_eq!(vault.project_ids().unwrap(), [id]);
    let project = vault.open_project(id).unwrap();
    assert_eq!(project.heads().unwrap().len(), 1);
    assert_eq!(vault.project_roles(&project).len(), 3);
    assert_eq!(vault.project_key_age(&project), Some(age));
}

fn origin() -> ReceivedFrom {
    ReceivedFrom {
        bundle: BundleId::from_bytes([7; 16]),
        signer: "SHA256:x".into(),
        time: Timestamp::from_millis(1),
    }
}

#[test]
fn a_project_is_received_once_under_its_own_id() {
    let place = Place::new();
    let (vault, _) = place.create();
    let id = ProjectId::from_bytes([9; 16]);
    let project = vault.adopt_project(id, "received", marking(), &origin()).unwrap();
    assert_eq!(project.id(), id);
    assert_eq!(project.received_from().unwrap(), Some(origin()));
    let error = vault.adopt_project(id, "received", marking(), &origin()).unwrap_err();
    assert!(matches!(error, StoreError::ProjectExists { project } if project == id));
}

#[test]
fn a_project_that_did_not_become_whole_is_discarded_and_an_older_one_is_not() {
    let place = Place::new();
    let (vault, _) = place.create();
    let id = ProjectId::from_bytes([9; 16]);
    let project = vault.adopt_project(id, "received", marking(), &origin()).unwrap();
    assert!(matches!(vault.discard_project(id), Err(StoreError::Refused { .. })));
    drop(project);
    vault.discard_project(id).unwrap();
    assert!(vault.project_ids().unwrap().is_empty());
    assert!(!place.path().join("projects").join(id.to_string()).exists());
    let kept = vault.adopt_project(id, "received", marking(), &origin()).unwrap();
    drop(kept);
    vault.lock().unwrap();
    let vault = place.unlock().unwrap();
    assert!(matches!(vault.discard_project(id), Err(StoreError::Refused { .. })));
}

#[test]
fn an_unknown_project_and_one_without_a_key_are_refused() {
    let place = Place::new();
    let (vault, _) = place.create();
    let unknown = ProjectId::from_bytes([1; 16]);
    assert!(matches!(vault.open_project(unknown), Err(StoreError::NotFound { .. })));
    let project = vault.create_project("harbour", marking()).unwrap();
    let id = project.id();
    drop(project);
    vault.lock().unwrap();
    // The wrap records are gone, which an old directory could show.
    let vault = place.unlock().unwrap();
    vault.directory().remove_project(id).unwrap();
    let error = vault.open_project(id).unwrap_err();
    assert!(matches!(error, StoreError::RolledBack { .. }), "{error}");
}

#[test]
fn another_projects_folder_does_not_open_in_its_place() {
    let place = Place::new();
    let (vault, _) = place.create();
    let [one, two] = ["one", "two"].map(|name| vault.create_project(name, marking()).unwrap().id());
    vault.lock().unwrap();
    let folder = |id: ProjectId| place.path().join("projects").join(id.to_string());
    std::fs::rename(folder(one), folder(one).with_extension("old")).unwrap();
    std::fs::rename(folder(two), folder(one)).unwrap();
    let vault = place.unlock().unwrap();
    assert!(matches!(vault.open_project(one), Err(StoreError::Damaged { .. })));
}
