//! Lists of statements: what is accepted, and each rule broken once.

use std::sync::Arc;

use vaultmark_crypto::{Identity, Namespace, SigningKey, SystemEntropy};
use vaultmark_model::canonical::Canonical;
use vaultmark_model::membership::{Saying, Statement};
use vaultmark_model::{PersonId, ProjectId, Role, VaultId};

use crate::vault::membership::{Membership, Scope, SignedStatement};
use crate::{Ambient, StoreError};

const VAULT: VaultId = VaultId::from_bytes([1; 16]);

struct Someone {
    id: PersonId,
    key: SigningKey,
    recipient: String,
}

impl Someone {
    fn new(id: u8) -> Self {
        Self {
            id: PersonId::from_bytes([id; 16]),
            key: SigningKey::generate(&SystemEntropy).unwrap(),
            recipient: Identity::generate(&SystemEntropy).unwrap().recipient().to_string(),
        }
    }

    fn granted(&self, roles: &[Role]) -> Saying {
        Saying::Grant {
            name: "someone".into(),
            signing: self.key.public(),
            recipient: self.recipient.clone(),
            roles: roles.to_vec(),
        }
    }
}

/// A list in the making.
struct List {
    scope: Scope,
    links: Vec<SignedStatement>,
    ambient: Arc<Ambient>,
}

impl List {
    fn new(project: Option<ProjectId>) -> Self {
        let scope = Scope { vault: VAULT, project };
        Self { scope, links: Vec::new(), ambient: Ambient::system() }
    }

    fn verified(&self) -> Result<Membership, StoreError> {
        Membership::verify(self.scope, &self.links, &|_| false)
    }

    /// Adds a statement and gives what verifying says.
    fn say(&mut self, about: &Someone, saying: Saying, signer: &Someone) -> Result<(), StoreError> {
        let before = (!self.links.is_empty()).then(|| self.verified().unwrap());
        let link = Membership::state(
            self.scope,
            before.as_ref(),
            0,
            about.id,
            saying,
            &signer.key,
            &self.ambient,
        )?;
        self.links.push(link);
        let result = self.verified().map(|_| ());
        if result.is_err() {
            self.links.pop();
        }
        result
    }
}

fn why(result: Result<(), StoreError>) -> &'static str {
    match result {
        Err(StoreError::Membership { why, .. }) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn roles_come_and_go_with_statements() {
    let (ada, bob, eve) = (Someone::new(1), Someone::new(2), Someone::new(3));
    let mut list = List::new(None);
    list.say(&ada, ada.granted(&[Role::Officer]), &ada).unwrap();
    list.say(&bob, bob.granted(&[Role::Auditor]), &ada).unwrap();
    assert!(why(list.say(&eve, eve.granted(&[Role::Officer]), &bob)).contains("no right"));
    assert!(why(list.say(&eve, eve.granted(&[Role::Officer]), &eve)).contains("no right"));
    list.say(&bob, bob.granted(&[Role::Officer]), &ada).unwrap();
    list.say(&ada, Saying::Revoke, &bob).unwrap();
    assert!(why(list.say(&ada, ada.granted(&[Role::Officer]), &ada)).contains("no right"));
    let verified = list.verified().unwrap();
    assert_eq!(verified.roles(&bob.id), [Role::Officer]);
    assert!(verified.roles(&ada.id).is_empty() && verified.member(&ada.id).is_some());
    assert!(verified.held_authority(0, &ada.key.public()));
    assert!(!verified.held_authority(3, &ada.key.public()));
    assert!(verified.ever_held_authority(&ada.key.public()));
    assert_eq!(verified.keys().count(), 2);
}

#[test]
fn a_list_begins_with_who_founded_it() {
    let (ada, eve) = (Someone::new(1), Someone::new(2));
    let mut list = List::new(None);
    for (saying, signer) in [
        (ada.granted(&[Role::Officer]), &eve),
        (ada.granted(&[Role::Auditor]), &ada),
        (Saying::Revoke, &ada),
    ] {
        assert!(why(list.say(&ada, saying, signer)).contains("found the list"));
    }
    assert!(list.verified().is_err());
    let mut project = List::new(Some(ProjectId::from_bytes([7; 16])));
    assert!(project.say(&ada, ada.granted(&[Role::Officer]), &ada).is_err());
    project.say(&ada, ada.granted(&[Role::Manager]), &ada).unwrap();
    assert!(why(project.say(&eve, eve.granted(&[Role::Officer]), &ada)).contains("not held there"));
    project.say(&eve, eve.granted(&[Role::Viewer]), &ada).unwrap();
}

#[test]
fn a_key_belongs_to_one_person_and_a_stranger_cannot_be_revoked() {
    let (ada, bob) = (Someone::new(1), Someone::new(2));
    let mut list = List::new(None);
    list.say(&ada, ada.granted(&[Role::Officer]), &ada).unwrap();
    assert!(why(list.say(&bob, ada.granted(&[]), &ada)).contains("another person"));
    assert!(why(list.say(&bob, Saying::Revoke, &ada)).contains("never a member"));
}

#[test]
fn an_officer_of_the_vault_may_speak_in_a_project() {
    let (ada, officer, bob) = (Someone::new(1), Someone::new(2), Someone::new(3));
    let mut list = List::new(Some(ProjectId::from_bytes([7; 16])));
    list.say(&ada, ada.granted(&[Role::Manager]), &ada).unwrap();
    let before = list.verified().unwrap();
    let link = Membership::state(
        list.scope,
        Some(&before),
        1,
        bob.id,
        bob.granted(&[Role::Viewer]),
        &officer.key,
        &list.ambient,
    )
    .unwrap();
    list.links.push(link);
    assert!(list.verified().is_err());
    let key = officer.key.public();
    let verified = Membership::verify(list.scope, &list.links, &|one| *one == key).unwrap();
    assert_eq!((verified.roles(&bob.id), verified.epoch()), (vec![Role::Viewer], 1));
}

#[test]
fn statements_that_are_reordered_cut_moved_or_altered_are_refused() {
    let (ada, bob) = (Someone::new(1), Someone::new(2));
    let mut list = List::new(None);
    list.say(&ada, ada.granted(&[Role::Officer]), &ada).unwrap();
    list.say(&bob, bob.granted(&[Role::Auditor]), &ada).unwrap();
    list.say(&bob, Saying::Revoke, &ada).unwrap();
    let pin = list.verified().unwrap().pin();

    // The newest left out: valid by itself, and older than what was seen.
    list.links.pop();
    let shorter = list.verified().unwrap();
    assert!(matches!(shorter.check_pin(&pin), Err(StoreError::RolledBack { .. })));

    let other_vault = Scope { vault: VaultId::from_bytes([2; 16]), project: None };
    assert!(Membership::verify(other_vault, &list.links, &|_| false).is_err());
    let mut swapped = list.links.clone();
    swapped.swap(0, 1);
    assert!(Membership::verify(list.scope, &swapped, &|_| false).is_err());
    for at in 0..list.links[1].bytes.len() {
        let mut flipped = list.links.clone();
        flipped[1].bytes[at] ^= 1;
        assert!(Membership::verify(list.scope, &flipped, &|_| false).is_err(), "byte {at}");
    }
    let mut unsigned = list.links.clone();
    unsigned[1].signature[0] ^= 1;
    assert!(Membership::verify(list.scope, &unsigned, &|_| false).is_err());

    // Another founding by the same person is another list.
    let mut again = List::new(None);
    again.say(&ada, ada.granted(&[Role::Officer]), &ada).unwrap();
    let error = again.verified().unwrap().check_pin(&pin).unwrap_err();
    assert!(matches!(error, StoreError::Membership { seq: 0, .. }));
}

#[test]
fn an_older_epoch_is_refused() {
    let ada = Someone::new(1);
    let mut list = List::new(None);
    list.say(&ada, ada.granted(&[Role::Officer]), &ada).unwrap();
    let before = list.verified().unwrap();
    for (epoch, fine) in [(2, true), (1, false)] {
        let held = list.verified().unwrap_or_else(|_| before.clone());
        let saying = ada.granted(&[Role::Officer]);
        let link = Membership::state(
            list.scope,
            Some(&held),
            epoch,
            ada.id,
            saying,
            &ada.key,
            &list.ambient,
        )
        .unwrap();
        list.links.push(link);
        assert_eq!(list.verified().is_ok(), fine);
    }
}

#[test]
fn a_signature_for_another_purpose_does_not_pass() {
    let ada = Someone::new(1);
    let mut list = List::new(None);
    list.say(&ada, ada.granted(&[Role::Officer]), &ada).unwrap();
    let bytes = list.links[0].bytes.clone();
    assert!(Statement::from_bytes(&bytes).is_ok());
    let signature = ada.key.sign(Namespace::Policy, &bytes).bytes().to_vec();
    list.links[0] = SignedStatement { bytes, signature };
    assert!(why(list.verified().map(|_| ())).contains("signature"));
}
