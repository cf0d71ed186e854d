//! A vault that nobody has signed in to: its front, and the way in.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use vaultmark_crypto::{KdfParameters, Passphrase, reserve_arena};
use vaultmark_model::Role;

use super::decision::Decisions;
use super::directory::Directory;
use super::filesystem;
use super::header::{Front, Header};
use super::layout::Layout;
use super::lock::VaultLock;
use super::membership::{Membership, Scope};
use super::open::{Opened, Vault};
use super::slot::{Slot, SlotFile, slot_name};
use crate::audit::{Audit, AuditKeys, Event, Outcome};
use crate::{Ambient, StoreError, atomic};

/// Bytes of protected memory for keys: some thousand of them.
const ARENA: usize = 512 * 1024;

/// A vault that is owned by this process and that nobody has signed in to.
pub struct LockedVault(pub(super) Box<Parts>);

/// What a locked and an open vault have in common.
pub(super) struct Parts {
    pub layout: Layout,
    pub header: Header,
    pub ambient: Arc<Ambient>,
    pub audit: Audit,
    /// Dropped last: whoever waits for the vault must find it at rest.
    _lock: VaultLock,
}

impl Parts {
    pub fn new(
        layout: Layout,
        header: Header,
        ambient: Arc<Ambient>,
        audit: Audit,
        lock: VaultLock,
    ) -> Box<Self> {
        Box::new(Self { layout, header, ambient, audit, _lock: lock })
    }
}

impl LockedVault {
    /// Takes a vault folder into this process's hands.
    ///
    /// # Errors
    /// [`StoreError::NotAVault`], [`StoreError::NewerVersion`], [`StoreError::NetworkFileSystem`],
    /// [`StoreError::AlreadyOpen`], [`StoreError::ReadOnly`], [`StoreError::Damaged`] for the header
    /// and for an audit log without its state.
    pub fn open(folder: &Path, ambient: Arc<Ambient>) -> Result<Self, StoreError> {
        // Before any database: SQLCipher would take the whole allowance of locked memory.
        reserve_arena(ARENA)?;
        let folder = folder
            .canonicalize()
            .map_err(|_| StoreError::NotAVault { path: folder.to_path_buf() })?;
        let layout = Layout::new(&folder);
        let header = Header::read(&layout.header())?;
        filesystem::check(&folder)?;
        let lock = VaultLock::take(&layout.lock())?;
        atomic::sweep(layout.root())?;
        atomic::sweep(&layout.slots())?;
        let keys = AuditKeys {
            vault: header.front.vault,
            salt: &header.salt,
            recipients: header.audit_recipients()?,
        };
        let audit = Audit::open(&layout.audit(), keys, Arc::clone(&ambient))?;
        Ok(Self(Parts::new(layout, header, ambient, audit, lock)))
    }

    /// The vault's folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.layout.root()
    }

    /// What may be shown before sign-in.
    #[must_use]
    pub fn front(&self) -> &Front {
        &self.0.header.front
    }

    /// The audit log, as far as it can be read before sign-in.
    #[must_use]
    pub fn audit(&self) -> &Audit {
        &self.0.audit
    }

    /// Signs in. Each failure is recorded and counted; too many lock the account. The error never
    /// says whether the login exists, and a wrong login takes the same work as a wrong passphrase.
    ///
    /// # Errors
    /// The vault, still locked, with [`StoreError::WrongCredential`],
    /// [`StoreError::AccountLocked`], [`StoreError::WeakKdf`], [`StoreError::Revoked`], or, where
    /// the passphrase was right, what is wrong with the vault: [`StoreError::RolledBack`],
    /// [`StoreError::Membership`], [`StoreError::Decision`], [`StoreError::Damaged`].
    pub fn unlock(self, login: &str, passphrase: &Passphrase) -> Result<Vault, (Self, StoreError)> {
        match self.0.sign_in(login, passphrase) {
            Ok(opened) => Vault::begin(self, opened),
            Err(error) => Err((self, error)),
        }
    }
}

impl Parts {
    fn sign_in(&self, login: &str, passphrase: &Passphrase) -> Result<Opened, StoreError> {
        let name = slot_name(&self.header.salt, login);
        let path = self.layout.slot(&name);
        if let Some(until) = self.audit.locked_until(&name, self.header.failures_before_lock) {
            let event = Event::new("sign-in").outcome(Outcome::Refused).detail("why", "locked");
            self.audit.append(event)?;
            return Err(StoreError::AccountLocked { until });
        }
        let result = self.open_slot(&name, &path, passphrase).and_then(|slot| self.admit(slot));
        match &result {
            Ok(_) => {}
            Err(StoreError::WrongCredential) => {
                self.audit.sign_in_failed(&name, path.exists())?;
            }
            Err(other) => {
                let event = Event::new("sign-in").outcome(Outcome::Failed).detail("why", other);
                self.audit.append(event)?;
            }
        }
        result
    }

    fn open_slot(
        &self,
        name: &str,
        path: &Path,
        passphrase: &Passphrase,
    ) -> Result<Slot, StoreError> {
        let usual: &KdfParameters = &self.header.kdf;
        match SlotFile::read(path) {
            Ok(Some(file)) if file.kdf().is_weaker_than(usual) => {
                Slot::pretend(usual, &self.header.salt, passphrase)?;
                Err(StoreError::WeakKdf)
            }
            Ok(Some(file)) => Slot::open(self.header.front.vault, name, path, &file, passphrase),
            Ok(None) => {
                Slot::pretend(usual, &self.header.salt, passphrase)?;
                Err(StoreError::WrongCredential)
            }
            Err(error) => {
                Slot::pretend(usual, &self.header.salt, passphrase)?;
                Err(error)
            }
        }
    }

    /// Checks what the slot remembers against what the vault says now.
    fn admit(&self, slot: Slot) -> Result<Opened, StoreError> {
        let vault = self.header.front.vault;
        let directory = Directory::open(&self.layout.directory(), &slot.vault_key, vault)?;
        if slot.pins.generation < directory.slot_generation(&slot.name)? {
            return Err(StoreError::RolledBack { what: "the key slot".into() });
        }
        let scope = Scope { vault, project: None };
        let membership = Membership::verify(scope, &directory.statements()?, &|_| false)?;
        membership.check_pin(&slot.pins.membership)?;
        let decisions = Decisions::verify(vault, &directory.decisions()?, &membership)?;
        decisions.check_pin(&slot.pins.decisions)?;
        self.check_header(&membership, &decisions)?;
        let member = membership.member(&slot.person).ok_or(StoreError::Revoked)?;
        if member.roles.is_none() {
            return Err(StoreError::Revoked);
        }
        if member.signing != slot.signing.public()
            || member.recipient != slot.identity.recipient().to_string()
        {
            return Err(StoreError::damaged(
                "key slot",
                "its keys are not those of the vault's membership",
            ));
        }
        Ok(Opened { slot, directory, membership, decisions })
    }

    /// The header is open to everyone with the folder; only now can its author be checked.
    pub(super) fn check_header(
        &self,
        membership: &Membership,
        decisions: &Decisions,
    ) -> Result<(), StoreError> {
        let policy = decisions.policy()?;
        let damaged = |why| Err(StoreError::damaged("vault header", why));
        if !membership.holds(&self.header.author, Role::Officer) {
            return damaged("no officer of this vault signed it");
        }
        if self.header.policy_version != policy.version
            || self.header.front.marking != policy.marking
            || self.header.front.consent_banner != policy.consent_banner
            || self.header.failures_before_lock != policy.failures_before_lock
        {
            return damaged("it does not say what the vault's policy says");
        }
        let mut auditors = membership.recipients(Role::Auditor);
        auditors.sort_unstable();
        if self.header.auditors != auditors {
            return damaged("it does not name the vault's auditors");
        }
        Ok(())
    }
}

impl fmt::Debug for LockedVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LockedVault({})", self.0.header.front.vault)
    }
}
