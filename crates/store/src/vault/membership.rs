//! Lists of signed membership statements, verified from the genesis on.
//!
//! Rules (a list that breaks one counts for nothing):
//! 1. statements stand at 0, 1, 2 …, each naming the SHA-512 of the one before, zero for the first;
//! 2. the first is signed by the key that it grants: to an officer in a vault's list, to a manager
//!    in a project's;
//! 3. every later one is signed by a key that at that moment holds *officer* (vault) or *manager*
//!    (project) in the same list, or, for a project, by an officer of the vault;
//! 4. vault roles stand only in a vault's list, the others only in a project's;
//! 5. a signing key belongs to one person;
//! 6. an epoch never falls;
//! 7. only a project's list adopts what was made in other vaults.
//!
//! What was seen before is pinned: a list that is shorter than the pin, or has another statement at
//! its place, was put back or forged.

use std::collections::BTreeMap;

use vaultmark_crypto::{Namespace, SigningKey, sha512, verify};
use vaultmark_model::canonical::Canonical;
use vaultmark_model::membership::{Saying, Statement};
use vaultmark_model::{
    Digest, PersonId, ProjectId, PublicKey, Role, Signature, StatementId, Timestamp, VaultId,
};

use crate::{Ambient, StoreError};

/// The canonical bytes of a membership statement and its author's signature over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedStatement {
    /// Canonical bytes.
    pub bytes: Vec<u8>,
    /// Signature in the namespace of membership.
    pub signature: Vec<u8>,
}

/// What a list is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scope {
    pub vault: VaultId,
    /// None for the vault's own list.
    pub project: Option<ProjectId>,
}

impl Scope {
    fn name(&self) -> String {
        self.project.map_or_else(|| "the vault".into(), |id| format!("project {id}"))
    }

    /// The role that makes further statements.
    const fn authority(&self) -> Role {
        if self.project.is_some() { Role::Manager } else { Role::Officer }
    }
}

/// A member as the list has it in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub name: String,
    pub signing: PublicKey,
    pub recipient: String,
    /// None once revoked.
    pub roles: Option<Vec<Role>>,
}

/// What a slot remembers of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MembershipPin {
    pub genesis: Digest,
    pub seq: u64,
    pub head: Digest,
}

/// A verified list.
#[derive(Debug, Clone)]
pub(crate) struct Membership {
    scope: Scope,
    hashes: Vec<Digest>,
    /// Who could make the next statement, after each one.
    authorities: Vec<Vec<PublicKey>>,
    epoch: u32,
    /// The claimed time of the first statement of that epoch.
    epoch_since: Timestamp,
    people: BTreeMap<PersonId, Member>,
    /// Every key that was ever granted, for signatures made in the past.
    keys: Vec<(PublicKey, PersonId)>,
    /// When each of these keys was granted first, as claimed.
    granted: Vec<Timestamp>,
}

impl Membership {
    /// Verifies a list from its genesis on. `outside` says whether a key may make statements by
    /// virtue of a role held elsewhere (the vault's officers, for a project's list).
    pub fn verify(
        scope: Scope,
        statements: &[SignedStatement],
        outside: &dyn Fn(&PublicKey) -> bool,
    ) -> Result<Self, StoreError> {
        let mut list = Self {
            scope,
            hashes: Vec::new(),
            authorities: Vec::new(),
            epoch: 0,
            epoch_since: Timestamp::from_millis(0),
            people: BTreeMap::new(),
            keys: Vec::new(),
            granted: Vec::new(),
        };
        for one in statements {
            list.accept(one, outside)?;
        }
        if list.hashes.is_empty() {
            return Err(list.refuse("the list is empty"));
        }
        Ok(list)
    }

    /// Compares with what was seen before.
    pub fn check_pin(&self, pin: &MembershipPin) -> Result<(), StoreError> {
        let at = |seq: u64| usize::try_from(seq).ok().and_then(|seq| self.hashes.get(seq));
        if self.hashes.first() != Some(&pin.genesis) {
            return Err(StoreError::Membership {
                of: self.scope.name(),
                seq: 0,
                why: "it begins with another statement than the one this account remembers",
            });
        }
        if at(pin.seq) != Some(&pin.head) {
            return Err(StoreError::RolledBack {
                what: format!("the membership of {}", self.scope.name()),
            });
        }
        Ok(())
    }

    /// What to remember from now on.
    pub fn pin(&self) -> MembershipPin {
        MembershipPin {
            genesis: self.hash(0),
            seq: self.len() - 1,
            head: self.hash(self.len() - 1),
        }
    }

    /// How many statements there are; never zero.
    pub fn len(&self) -> u64 {
        self.hashes.len() as u64
    }

    /// The hash of the statement at `seq`, zero where there is none.
    pub fn hash(&self, seq: u64) -> Digest {
        let at = usize::try_from(seq).ok().and_then(|seq| self.hashes.get(seq));
        at.copied().unwrap_or(Digest::ZERO)
    }

    /// Where in the list the statement with this hash stands.
    pub fn position(&self, hash: &Digest) -> Option<u64> {
        self.hashes.iter().position(|one| one == hash).map(|at| at as u64)
    }

    /// Whether a key could make statements after the statement at `seq`.
    pub fn held_authority(&self, seq: u64, key: &PublicKey) -> bool {
        let at = usize::try_from(seq).ok().and_then(|seq| self.authorities.get(seq));
        at.is_some_and(|keys| keys.contains(key))
    }

    /// The key's epoch that the list speaks of.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// When the list first spoke of that epoch, as claimed.
    pub fn epoch_since(&self) -> Timestamp {
        self.epoch_since
    }

    /// When a key was granted first, as claimed.
    pub fn granted(&self, key: &PublicKey) -> Option<Timestamp> {
        let at = self.keys.iter().position(|(known, _)| known == key)?;
        self.granted.get(at).copied()
    }

    /// A member, revoked or not.
    pub fn member(&self, person: &PersonId) -> Option<&Member> {
        self.people.get(person)
    }

    /// The roles that a person holds now; none for strangers and revoked members.
    pub fn roles(&self, person: &PersonId) -> Vec<Role> {
        self.people.get(person).and_then(|member| member.roles.clone()).unwrap_or_default()
    }

    /// Whether a key's owner, by its newest statement, holds `role` now.
    pub fn holds(&self, key: &PublicKey, role: Role) -> bool {
        self.people.values().any(|member| {
            member.signing == *key && member.roles.as_ref().is_some_and(|r| r.contains(&role))
        })
    }

    /// Every key that was ever granted, with its person's newest name.
    pub fn names(&self) -> Vec<(PublicKey, String)> {
        let name = |person| self.people.get(person).map(|m: &Member| m.name.clone());
        self.keys
            .iter()
            .map(|(key, person)| (key.clone(), name(person).unwrap_or_default()))
            .collect()
    }

    /// The wrapping recipients of those who hold `role` now.
    pub fn recipients(&self, role: Role) -> Vec<String> {
        let holds = |member: &&Member| member.roles.as_ref().is_some_and(|r| r.contains(&role));
        self.people.values().filter(holds).map(|member| member.recipient.clone()).collect()
    }

    /// Whether a key could make statements at any time.
    pub fn ever_held_authority(&self, key: &PublicKey) -> bool {
        self.authorities.iter().any(|keys| keys.contains(key))
    }

    /// Every signing key that was ever granted.
    pub fn keys(&self) -> impl Iterator<Item = &PublicKey> {
        self.keys.iter().map(|(key, _)| key)
    }

    /// Makes and signs the next statement of a list (`None`: its genesis).
    pub fn state(
        scope: Scope,
        list: Option<&Self>,
        epoch: u32,
        person: PersonId,
        saying: Saying,
        signer: &SigningKey,
        ambient: &Ambient,
    ) -> Result<SignedStatement, StoreError> {
        let statement = Statement {
            id: StatementId::from_bytes(ambient.random()?),
            vault: scope.vault,
            project: scope.project,
            epoch,
            seq: list.map_or(0, Self::len),
            previous: list.map_or(Digest::ZERO, |list| list.hash(list.len() - 1)),
            time: ambient.now(),
            author: signer.public(),
            person,
            saying,
        };
        let bytes = statement.to_bytes();
        let signature = signer.sign(Namespace::Membership, &bytes).bytes().to_vec();
        Ok(SignedStatement { bytes, signature })
    }

    fn accept(
        &mut self,
        one: &SignedStatement,
        outside: &dyn Fn(&PublicKey) -> bool,
    ) -> Result<(), StoreError> {
        let statement = Statement::from_bytes(&one.bytes)
            .map_err(|_| self.refuse("its bytes are no statement of this format"))?;
        if statement.vault != self.scope.vault || statement.project != self.scope.project {
            return Err(self.refuse("it was made for another vault or project"));
        }
        let previous = self.hashes.last().copied().unwrap_or(Digest::ZERO);
        if statement.seq != self.hashes.len() as u64 || statement.previous != previous {
            return Err(self.refuse("it does not follow the one before it"));
        }
        if statement.epoch < self.epoch {
            return Err(self.refuse("its key epoch is older than the one before it"));
        }
        let signature = Signature::new(one.signature.clone());
        verify(&statement.author, Namespace::Membership, &one.bytes, &signature)
            .map_err(|_| self.refuse("its signature does not fit"))?;
        self.check_authority(&statement, outside)?;
        self.check_saying(&statement)?;
        if self.hashes.is_empty() || statement.epoch > self.epoch {
            self.epoch_since = statement.time;
        }
        self.hashes.push(sha512(&one.bytes));
        self.epoch = statement.epoch;
        self.apply(statement);
        let authority = self.scope.authority();
        let holders = self
            .people
            .values()
            .filter(|member| member.roles.as_ref().is_some_and(|roles| roles.contains(&authority)));
        self.authorities.push(holders.map(|member| member.signing.clone()).collect());
        Ok(())
    }

    fn check_authority(
        &self,
        statement: &Statement,
        outside: &dyn Fn(&PublicKey) -> bool,
    ) -> Result<(), StoreError> {
        let authority = self.scope.authority();
        if !self.hashes.is_empty() {
            let inside = self.holds(&statement.author, authority);
            return if inside || (self.scope.project.is_some() && outside(&statement.author)) {
                Ok(())
            } else {
                Err(self.refuse("who signed it had no right to make it"))
            };
        }
        match &statement.saying {
            Saying::Grant { signing, roles, .. }
                if *signing == statement.author && roles.contains(&authority) =>
            {
                Ok(())
            }
            _ => Err(self.refuse("the first statement does not found the list")),
        }
    }

    fn check_saying(&self, statement: &Statement) -> Result<(), StoreError> {
        match &statement.saying {
            Saying::Grant { signing, roles, .. } => {
                let in_vault = self.scope.project.is_none();
                if roles.iter().any(|role| role.is_vault_role() != in_vault) {
                    return Err(self.refuse("it grants a role that is not held there"));
                }
                let taken = |(key, person): &(PublicKey, PersonId)| {
                    key == signing && *person != statement.person
                };
                if self.keys.iter().any(taken) {
                    return Err(self.refuse("it grants a key that belongs to another person"));
                }
            }
            Saying::Revoke => {
                if !self.people.contains_key(&statement.person) {
                    return Err(self.refuse("it revokes a person who was never a member"));
                }
            }
            Saying::Adopt { .. } => {
                if self.scope.project.is_none() {
                    return Err(self.refuse("only a project's list adopts"));
                }
            }
        }
        Ok(())
    }

    fn apply(&mut self, statement: Statement) {
        match statement.saying {
            Saying::Grant { name, signing, recipient, roles } => {
                let key = (signing.clone(), statement.person);
                if !self.keys.contains(&key) {
                    self.keys.push(key);
                    self.granted.push(statement.time);
                }
                let member = Member { name, signing, recipient, roles: Some(roles) };
                self.people.insert(statement.person, member);
            }
            Saying::Revoke => {
                if let Some(member) = self.people.get_mut(&statement.person) {
                    member.roles = None;
                }
            }
            // Who holds what does not change; `Project::check` holds changes against it.
            Saying::Adopt { .. } => {}
        }
    }

    fn refuse(&self, why: &'static str) -> StoreError {
        StoreError::Membership { of: self.scope.name(), seq: self.hashes.len() as u64, why }
    }
}
