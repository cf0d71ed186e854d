//! A vault that someone has signed in to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vaultmark_crypto::{AgeReader, BundleRole, KdfParameters, Passphrase, Recipient, sign_bundle};
use vaultmark_model::policy::Policy;
use vaultmark_model::{PersonId, ProjectId, PublicKey, Role, Timestamp, VaultId};

use super::decision::{Decisions, Ruling, TrustedSigner};
use super::directory::Directory;
use super::header::Front;
use super::locked::{LockedVault, Parts};
use super::membership::Membership;
use super::slot::Slot;
use crate::audit::{Audit, Checkpoint, Event, Officeholder, Outcome};
use crate::project::Project;
use crate::{Finding, StoreError};

/// Who signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The person's identifier in this vault.
    pub id: PersonId,
    /// The name by which members know the person.
    pub name: String,
    /// The roles held in the vault as a whole.
    pub roles: Vec<Role>,
    /// The public half of the person's signing key.
    pub signing: PublicKey,
}

/// The sign-in before this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignIn {
    /// When it was, as the clock said.
    pub time: Timestamp,
    /// Failed tries since then.
    pub failures_since: u32,
}

/// What signing in brought to light.
#[derive(Debug)]
pub(super) struct Opened {
    pub slot: Slot,
    pub directory: Directory,
    pub membership: Membership,
    pub decisions: Decisions,
}

/// A project that is open. The vault holds it until it is locked, so that the last checkpoint has
/// its last heads.
pub(super) struct OpenProject {
    pub project: Arc<Project>,
    pub membership: Membership,
}

/// A vault that someone has signed in to. Dropping it without [`Vault::lock`] is what a crash does:
/// nothing acknowledged is lost, and the last checkpoint is missing.
pub struct Vault {
    pub(super) parts: Box<Parts>,
    pub(super) directory: Mutex<Directory>,
    pub(super) slot: Mutex<Slot>,
    pub(super) membership: Membership,
    decisions: Mutex<Decisions>,
    person: Person,
    last_sign_in: Option<SignIn>,
    pub(super) projects: Mutex<BTreeMap<ProjectId, OpenProject>>,
    /// Projects that were made in this session.
    pub(super) fresh: Mutex<BTreeSet<ProjectId>>,
    pub(super) officeholder: Officeholder,
}

impl Vault {
    /// Begins a session: records the sign-in and signs the first checkpoint.
    pub(super) fn begin(
        locked: LockedVault,
        opened: Opened,
    ) -> Result<Self, (LockedVault, StoreError)> {
        let Opened { slot, directory, membership, decisions } = opened;
        let officeholder = Officeholder {
            person: slot.person,
            signing: Arc::clone(&slot.signing),
            identity: Arc::clone(&slot.identity),
        };
        let name = membership.member(&slot.person).map(|member| member.name.clone());
        let person = Person {
            id: slot.person,
            name: name.unwrap_or_default(),
            roles: membership.roles(&slot.person),
            signing: slot.signing.public(),
        };
        let mut parts = locked.0;
        parts.audit.sign_in(officeholder.clone());
        let mut vault = Self {
            parts,
            directory: Mutex::new(directory),
            slot: Mutex::new(slot),
            membership,
            decisions: Mutex::new(decisions),
            person,
            last_sign_in: None,
            projects: Mutex::new(BTreeMap::new()),
            fresh: Mutex::new(BTreeSet::new()),
            officeholder,
        };
        match vault.record_sign_in().and_then(|()| vault.settle_unfinished()) {
            Ok(()) => Ok(vault),
            Err(error) => Err((vault.into_locked(), error)),
        }
    }

    /// Locks the vault: signs a last checkpoint over the heads of all projects, closes them, drops
    /// the keys and gives the locked vault back. A project that someone else still holds keeps its
    /// own keys until it is dropped; drop those first.
    ///
    /// # Errors
    /// What the disk says; the keys are dropped and the vault is closed all the same.
    pub fn lock(self) -> Result<LockedVault, StoreError> {
        self.checkpoint_because("lock")?;
        Ok(self.into_locked())
    }

    /// The vault's folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.parts.layout.root()
    }

    /// The vault.
    #[must_use]
    pub fn id(&self) -> VaultId {
        self.parts.header.front.vault
    }

    /// What was shown before sign-in.
    #[must_use]
    pub fn front(&self) -> &Front {
        &self.parts.header.front
    }

    /// How passphrases are stretched into keys.
    #[must_use]
    pub fn kdf(&self) -> KdfParameters {
        self.parts.header.kdf
    }

    /// Who signed in.
    #[must_use]
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// The sign-in before this one; none for the first.
    #[must_use]
    pub fn last_sign_in(&self) -> Option<SignIn> {
        self.last_sign_in
    }

    /// The policy in force.
    ///
    /// # Errors
    /// [`StoreError::Decision`] where there is none, which an open vault never shows.
    pub fn policy(&self) -> Result<Policy, StoreError> {
        self.decisions().policy().cloned()
    }

    /// The public half of the person's signing key.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.person.signing.clone()
    }

    /// To whom others seal for this person.
    #[must_use]
    pub fn recipient(&self) -> Recipient {
        self.officeholder.identity.recipient()
    }

    /// What a file that is sealed to this person by `age` holds, as a stream.
    ///
    /// # Errors
    /// [`StoreError::Crypto`] where it is not sealed to this person or is damaged.
    pub fn unseal<R: std::io::Read>(&self, sealed: R) -> Result<AgeReader<R>, StoreError> {
        Ok(AgeReader::new(sealed, &self.officeholder.identity)?)
    }

    /// Signs a bundle as its creator or approver, in SSH's signature format.
    ///
    /// # Errors
    /// [`StoreError::Crypto`].
    pub fn sign_bundle(&self, role: BundleRole, message: &[u8]) -> Result<String, StoreError> {
        Ok(sign_bundle(&self.officeholder.signing, role, message)?)
    }

    /// The signers of bundles whom the vault trusts, besides its own members.
    #[must_use]
    pub fn trust(&self) -> Vec<TrustedSigner> {
        self.decisions().trusted().to_vec()
    }

    /// Trusts a signer of bundles from here on.
    ///
    /// # Errors
    /// [`StoreError::NoRole`] for who is no officer, [`StoreError::Model`] for the name.
    pub fn add_trust(&self, principal: &str, key: &PublicKey) -> Result<(), StoreError> {
        self.set_trust(principal, key, true)
    }

    /// Trusts a signer no longer.
    ///
    /// # Errors
    /// [`StoreError::NoRole`] for who is no officer, [`StoreError::NotFound`].
    pub fn remove_trust(&self, key: &PublicKey) -> Result<(), StoreError> {
        let found = self.trust().into_iter().find(|one| one.key == *key);
        let one = found.ok_or_else(|| {
            StoreError::not_found("trusted signer", vaultmark_crypto::fingerprint(key))
        })?;
        self.set_trust(&one.principal, key, false)
    }

    /// Checks the passphrase again, before an operation for which policy asks that. Failures count
    /// as failed sign-ins.
    ///
    /// # Errors
    /// [`StoreError::WrongCredential`], [`StoreError::AccountLocked`].
    pub fn confirm(&self, passphrase: &Passphrase) -> Result<(), StoreError> {
        let audit = &self.parts.audit;
        let slot = self.slot();
        let limit = self.parts.header.failures_before_lock;
        if let Some(until) = audit.locked_until(&slot.name, limit) {
            let event = Event::new("confirm").outcome(Outcome::Refused).detail("why", "locked");
            audit.append(event)?;
            return Err(StoreError::AccountLocked { until });
        }
        if slot.is_opened_by(passphrase)? {
            return audit.append(Event::new("confirm"));
        }
        audit.sign_in_failed(&slot.name, true)?;
        Err(StoreError::WrongCredential)
    }

    /// The audit log, for reading and checking.
    #[must_use]
    pub fn audit(&self) -> &Audit {
        &self.parts.audit
    }

    /// Records an event. It is durable when this returns; where it fails, the operation must not
    /// happen. Signs a checkpoint where one is due by count.
    ///
    /// # Errors
    /// What the disk says.
    pub fn record(&self, event: Event) -> Result<(), StoreError> {
        self.parts.audit.append(event)?;
        self.tick()
    }

    /// Signs a checkpoint, where one is due by count or by time. The owner calls it about once a
    /// minute, also when nothing happens: silence without checkpoints is how a log cut short goes
    /// unseen.
    ///
    /// # Errors
    /// What the disk says.
    pub fn tick(&self) -> Result<(), StoreError> {
        if self.parts.audit.checkpoint_due() {
            self.checkpoint_because("due")?;
        }
        Ok(())
    }

    /// Signs a checkpoint now, over the log and the heads of all projects; for receipts and
    /// bundles.
    ///
    /// # Errors
    /// What the disk says.
    pub fn checkpoint(&self) -> Result<Checkpoint, StoreError> {
        self.checkpoint_because("asked")
    }

    fn checkpoint_because(&self, reason: &str) -> Result<Checkpoint, StoreError> {
        let open: Vec<Arc<Project>> = {
            let projects = self.open_projects();
            projects.values().map(|one| Arc::clone(&one.project)).collect()
        };
        let mut slot = self.slot();
        for project in open {
            let heads = project.heads()?;
            if let Some(pin) = slot.pins.projects.get_mut(&project.id()) {
                pin.heads = heads;
            }
        }
        let heads = slot.pins.projects.iter().map(|(id, pin)| (*id, pin.heads.clone())).collect();
        let (checkpoint, pin) = self.parts.audit.checkpoint(reason, heads)?;
        slot.pins.audit = Some(pin);
        self.remember(&mut slot)?;
        Ok(checkpoint)
    }

    /// Writes the slot with its present pins. The directory learns of it afterwards: a slot that is
    /// newer than the directory knows is a crash, an older one was put back.
    pub(super) fn remember(&self, slot: &mut Slot) -> Result<(), StoreError> {
        slot.pins.generation += 1;
        slot.write(&self.parts.ambient)?;
        self.directory().set_slot_generation(&slot.name, slot.pins.generation)
    }

    fn record_sign_in(&mut self) -> Result<(), StoreError> {
        let (name, pins) = {
            let slot = self.slot();
            (slot.name.clone(), slot.pins.clone())
        };
        let failures_since = self.parts.audit.sign_in_done(&name)?;
        self.last_sign_in = pins.last_sign_in.map(|time| SignIn { time, failures_since });
        if let Some(pin) = pins.audit
            && !self.parts.audit.has(&pin)?
        {
            self.parts.audit.add_finding(Finding::new(
                "audit log",
                format!("checkpoint {}", pin.seq),
                "the checkpoint that this account remembers is not in it: the log was put back \
                 from an old copy, cut short or altered",
                "keep a copy of the folder `audit`, report it, and compare with the codes on \
                 receipts",
            ));
            let event = Event::new("audit.rolled_back").outcome(Outcome::Failed);
            self.parts.audit.append(event.subject(pin.seq))?;
        }
        {
            let mut slot = self.slot();
            slot.pins.last_sign_in = Some(self.parts.ambient.now());
            slot.pins.membership = self.membership.pin();
            slot.pins.decisions = self.decisions().pin();
        }
        self.checkpoint_because("sign-in").map(|_| ())
    }

    fn set_trust(&self, principal: &str, key: &PublicKey, trusted: bool) -> Result<(), StoreError> {
        vaultmark_model::text::check_name("trusted signer's name", principal)?;
        if !self.person.roles.contains(&Role::Officer) {
            return Err(StoreError::NoRole { role: Role::Officer.word() });
        }
        let mut decisions = self.decisions();
        let ruling = Ruling::Trust { principal: principal.into(), key: key.clone(), trusted };
        let link = Decisions::decide(
            self.id(),
            Some(&decisions),
            self.membership.pin().head,
            ruling,
            &self.officeholder.signing,
            &self.parts.ambient,
        );
        let mut next = decisions.clone();
        next.accept(&link, &self.membership)?;
        let event = Event::new(if trusted { "trust.add" } else { "trust.remove" })
            .subject(vaultmark_crypto::fingerprint(key))
            .detail("principal", principal);
        self.parts.audit.append(event)?;
        self.directory().add_decision(&link)?;
        *decisions = next;
        let mut slot = self.slot();
        slot.pins.decisions = decisions.pin();
        self.remember(&mut slot)
    }

    /// Drops the keys at once, without the closing checkpoint of [`Vault::lock`].
    #[must_use]
    pub fn into_locked(self) -> LockedVault {
        let mut parts = self.parts;
        parts.audit.sign_out();
        LockedVault(parts)
    }

    // A panic under one of these locks leaves what it guards whole: each is changed by single
    // assignments after the disk has taken the change.

    pub(super) fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn directory(&self) -> MutexGuard<'_, Directory> {
        self.directory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn decisions(&self) -> MutexGuard<'_, Decisions> {
        self.decisions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn open_projects(&self) -> MutexGuard<'_, BTreeMap<ProjectId, OpenProject>> {
        self.projects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({}, open)", self.id())
    }
}
