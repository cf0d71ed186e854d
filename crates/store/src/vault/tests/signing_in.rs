//! Making, unlocking, locking, failing to sign in.

use vaultmark_model::Role;

use super::*;
use crate::audit::{Event, Outcome};

#[test]
fn a_vault_is_made_locked_and_unlocked() {
    let place = Place::new();
    let (vault, sheet) = place.create();
    assert_eq!(vault.person().name, OFFICER);
    assert_eq!(vault.person().roles, [Role::Officer, Role::Auditor]);
    assert_eq!(vault.policy().unwrap().marking.text(), "RESTRICTED");
    assert!(vault.last_sign_in().is_none());
    assert!(sheet.expose().starts_with("AGE-SECRET-KEY-1"));
    let (key, id) = (vault.public_key(), vault.id());
    let locked = vault.lock().unwrap();
    assert_eq!(locked.front().marking.text(), "RESTRICTED");
    place.clock.pass(1);
    let again = locked.unlock("  ada LOVELACE ", &passphrase(PASSPHRASE)).unwrap();
    assert_eq!((again.public_key(), again.id()), (key, id));
    drop(again);
    let last = place.unlock().unwrap().last_sign_in().unwrap();
    assert_eq!(last.failures_since, 0);
}

#[test]
fn a_wrong_passphrase_and_an_unknown_login_look_the_same() {
    let place = Place::new().made();
    let locked = place.open().unwrap();
    let (locked, wrong) = locked.unlock(OFFICER, &passphrase("not the one")).unwrap_err();
    let (locked, unknown) = locked.unlock("nobody", &passphrase(PASSPHRASE)).unwrap_err();
    assert!(matches!(wrong, StoreError::WrongCredential));
    assert_eq!(wrong.to_string(), unknown.to_string());
    place.clock.pass(1);
    let vault = locked.unlock(OFFICER, &passphrase(PASSPHRASE)).unwrap();
    assert_eq!(vault.last_sign_in().unwrap().failures_since, 1);
}

#[test]
fn three_failures_lock_the_account_across_restarts() {
    for login in [OFFICER, "nobody"] {
        let place = Place::new().made();
        for _ in 0..3 {
            let (locked, error) =
                place.open().unwrap().unlock(login, &passphrase("wrong")).unwrap_err();
            assert!(matches!(error, StoreError::WrongCredential), "{error}");
            drop(locked);
            place.clock.pass(1);
        }
        // The right passphrase does not help, in this process or after a restart.
        for _ in 0..2 {
            let (locked, error) =
                place.open().unwrap().unlock(login, &passphrase(PASSPHRASE)).unwrap_err();
            assert!(matches!(error, StoreError::AccountLocked { .. }), "{login}: {error}");
            drop(locked);
        }
        place.clock.pass(15);
        let result = place.open().unwrap().unlock(login, &passphrase(PASSPHRASE));
        match result {
            Ok(vault) => {
                assert_eq!(login, OFFICER);
                assert_eq!(vault.last_sign_in().unwrap().failures_since, 3);
            }
            Err((_, error)) => {
                assert!(login != OFFICER && matches!(error, StoreError::WrongCredential));
            }
        }
    }
}

#[test]
fn a_clock_that_is_set_forward_and_back_does_not_open_a_locked_account_early() {
    let place = Place::new().made();
    for _ in 0..3 {
        drop(place.open().unwrap().unlock(OFFICER, &passphrase("wrong")));
    }
    place.clock.pass(-60 * 24);
    assert!(matches!(place.unlock(), Err(StoreError::AccountLocked { .. })));
    place.clock.pass(14);
    assert!(matches!(place.unlock(), Err(StoreError::AccountLocked { .. })));
    place.clock.pass(1);
    place.unlock().unwrap();
}

#[test]
fn confirming_counts_failures_as_signing_in_does() {
    let place = Place::new().made();
    let vault = place.unlock().unwrap();
    vault.confirm(&passphrase(PASSPHRASE)).unwrap();
    for _ in 0..3 {
        let error = vault.confirm(&passphrase("wrong")).unwrap_err();
        assert!(matches!(error, StoreError::WrongCredential));
    }
    let error = vault.confirm(&passphrase(PASSPHRASE)).unwrap_err();
    assert!(matches!(error, StoreError::AccountLocked { .. }));
}

#[test]
fn a_short_passphrase_is_refused_before_anything_is_made() {
    let place = Place::new();
    let new = NewVault { passphrase: passphrase("short"), ..new_vault() };
    let error = LockedVault::create(&place.path(), new, Arc::clone(&place.ambient)).unwrap_err();
    assert!(matches!(error, StoreError::PassphraseTooShort { found: 5, least: 15 }));
    assert!(!place.path().exists());
}

#[test]
fn a_passphrase_works_in_every_unicode_form() {
    let place = Place::new();
    let new = NewVault { passphrase: passphrase("na\u{ef}ve caf\u{e9} au lait"), ..new_vault() };
    let (vault, _) = LockedVault::create(&place.path(), new, Arc::clone(&place.ambient)).unwrap();
    drop(vault);
    let locked = place.open().unwrap();
    locked.unlock(OFFICER, &passphrase("nai\u{308}ve cafe\u{301} au lait")).unwrap();
}

#[test]
fn trusted_signers_are_kept_and_taken_back() {
    let place = Place::new().made();
    let vault = place.unlock().unwrap();
    let stranger = vaultmark_crypto::SigningKey::generate(&SystemEntropy).unwrap().public();
    vault.add_trust("Room 4", &stranger).unwrap();
    vault.lock().unwrap();
    let vault = place.unlock().unwrap();
    assert_eq!(vault.trust()[0].principal, "Room 4");
    assert_eq!(vault.trust()[0].key, stranger);
    vault.remove_trust(&stranger).unwrap();
    assert!(matches!(vault.remove_trust(&stranger), Err(StoreError::NotFound { .. })));
    drop(vault);
    assert!(place.unlock().unwrap().trust().is_empty());
}

#[test]
fn everything_is_recorded_and_an_auditor_reads_it() {
    let place = Place::new();
    let (vault, _) = place.create();
    let locked = vault.lock().unwrap();
    let (locked, _) = locked.unlock(OFFICER, &passphrase("wrong")).unwrap_err();
    let vault = locked.unlock(OFFICER, &passphrase(PASSPHRASE)).unwrap();
    vault.record(Event::new("item.open").subject("one").detail("how", "viewer")).unwrap();
    let mut seen = Vec::new();
    vault
        .audit()
        .entries(0, &mut |entry| {
            let event = entry.event.unwrap();
            seen.push((event.action, event.outcome, event.person.is_some()));
            Ok(std::ops::ControlFlow::Continue(()))
        })
        .unwrap();
    let expected = [
        ("audit.begin", Outcome::Done, false),
        ("vault.create", Outcome::Done, false),
        ("sign-in", Outcome::Done, true),
        ("checkpoint", Outcome::Done, true),
        ("checkpoint", Outcome::Done, true),
        ("sign-in", Outcome::Failed, false),
        ("sign-in", Outcome::Done, true),
        ("checkpoint", Outcome::Done, true),
        ("item.open", Outcome::Done, true),
    ];
    let expected: Vec<_> = expected.iter().map(|(a, o, p)| ((*a).to_owned(), *o, *p)).collect();
    assert_eq!(seen, expected);
    let report = vault.verify_audit().unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    assert_eq!((report.entries, report.checkpoints, report.unsigned), (9, 3, 1));
    assert!(report.macs_checked);
    assert_eq!(report.last_checkpoint.unwrap().code, vault.audit().head_code());
}

#[test]
fn checkpoints_come_by_time_also_when_nothing_happens() {
    let place = Place::new();
    let (vault, _) = place.create();
    let first = vault.audit().last_checkpoint().unwrap();
    vault.tick().unwrap();
    assert_eq!(vault.audit().last_checkpoint().unwrap(), first);
    place.clock.pass(15);
    vault.tick().unwrap();
    let second = vault.audit().last_checkpoint().unwrap();
    assert!(second.seq > first.seq && second.code != first.code);
    // A clock that was set back does not postpone the next one, and is recorded.
    place.clock.pass(-120);
    vault.tick().unwrap();
    assert!(vault.audit().last_checkpoint().unwrap().seq > second.seq);
    let mut actions = Vec::new();
    vault
        .audit()
        .entries(second.seq, &mut |entry| {
            actions.push(entry.event.unwrap().action);
            Ok(std::ops::ControlFlow::Continue(()))
        })
        .unwrap();
    assert_eq!(actions, ["checkpoint", "clock.set_back", "checkpoint"]);
}

#[test]
fn checkpoints_come_by_count() {
    let place = Place::new();
    let (vault, _) = place.create();
    let before = vault.audit().last_checkpoint().unwrap().seq;
    for at in 0..257 {
        vault.record(Event::new("item.open").subject(at)).unwrap();
    }
    assert!(vault.audit().last_checkpoint().unwrap().seq > before + 200);
}

#[test]
fn no_secret_and_no_name_is_printed_or_lies_on_the_disk() {
    let place = Place::new();
    let (vault, sheet) = place.create();
    let secret = sheet.expose().to_owned();
    let identity = vault.officeholder.identity.secret_string().to_owned();
    let shown = format!("{vault:?} {sheet:?} {:?} {:?}", vault.slot(), new_vault());
    for hidden in [&secret, &identity, PASSPHRASE] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    vault.add_trust("MARKER-PRINCIPAL", &vault.public_key()).unwrap();
    let project = vault.create_project("MARKER-PROJECT", Marking::new("SECRET").unwrap()).unwrap();
    let id = project.id();
    drop(project);
    vault.lock().unwrap();
    let markers = ["MARKER-P", OFFICER, "Lovelace", &secret, &identity, PASSPHRASE];
    let mut searched = 0;
    for file in files(&place.path()) {
        let bytes = std::fs::read(&file).unwrap();
        searched += bytes.len();
        for marker in markers {
            let found = bytes.windows(marker.len()).any(|window| window == marker.as_bytes());
            assert!(!found, "{marker} in {}", file.display());
        }
    }
    assert!(searched > 10_000);
    assert!(place.path().join("projects").join(id.to_string()).is_dir());
}
