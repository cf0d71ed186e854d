//! Making a vault: its officer, its keys, its recovery sheet, its policy.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use vaultmark_crypto::{
    Identity, KdfParameters, Key, Passphrase, SecretText, SigningKey, reserve_arena, wrap,
};
use vaultmark_model::membership::Saying;
use vaultmark_model::policy::Policy;
use vaultmark_model::text::check_name;
use vaultmark_model::{PersonId, Role, VaultId};

use super::decision::{Decisions, Ruling};
use super::directory::Directory;
use super::filesystem;
use super::header::{Front, Header, recovery_plaintext};
use super::layout::Layout;
use super::lock::VaultLock;
use super::locked::{LockedVault, Parts};
use super::membership::{Membership, Scope};
use super::open::{Opened, Vault};
use super::pins::Pins;
use super::slot::{NewSlot, Slot, normalised, slot_name};
use crate::audit::{Audit, AuditKeys, Event};
use crate::{Ambient, StoreError, atomic};

/// Bytes of protected memory for keys.
const ARENA: usize = 512 * 1024;

/// What a vault is made of.
#[derive(Debug)]
pub struct NewVault {
    /// The name of the first person, who becomes officer and auditor and signs in with it.
    pub officer: String,
    /// That person's passphrase.
    pub passphrase: Passphrase,
    /// The first policy.
    pub policy: Policy,
    /// What slots are made with, and the least that the vault ever accepts. Outside tests never
    /// below [`KdfParameters::floor_argon2id`] or [`KdfParameters::floor_pbkdf2`].
    pub kdf: KdfParameters,
}

/// The key that opens everything when all passphrases are lost: shown once, printed, locked away.
/// The program keeps the recipient only.
pub struct RecoverySheet {
    secret: SecretText,
    /// The public half, which every wrap record for recovery names; it tells sheets apart.
    pub recipient: String,
    /// The vault that it belongs to.
    pub vault: VaultId,
}

impl RecoverySheet {
    /// The secret, `AGE-SECRET-KEY-1…`, for the moment of printing. The stock `age` tool reads it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.secret
    }
}

impl fmt::Debug for RecoverySheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecoverySheet({}, hidden)", self.recipient)
    }
}

impl LockedVault {
    /// Makes a vault in an empty or new folder and signs its officer in. Where this is interrupted
    /// at any moment, the folder holds no vault, and making one there again starts afresh.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`], [`StoreError::NotYours`], [`StoreError::NetworkFileSystem`],
    /// [`StoreError::AlreadyOpen`],
    /// [`StoreError::PassphraseTooShort`], and what the disk says.
    pub fn create(
        folder: &Path,
        new: NewVault,
        ambient: Arc<Ambient>,
    ) -> Result<(Vault, RecoverySheet), StoreError> {
        check_name("person's name", &new.officer)?;
        let found = normalised(&new.passphrase).char_count();
        let least = usize::try_from(new.policy.passphrase_characters).unwrap_or(usize::MAX);
        if found < least {
            return Err(StoreError::PassphraseTooShort { found, least });
        }
        // Before any database: SQLCipher would take the whole allowance of locked memory.
        reserve_arena(ARENA)?;
        let fail = |source| StoreError::io("making", folder, source);
        atomic::create_private_folder(folder).map_err(fail)?;
        let folder = folder.canonicalize().map_err(fail)?;
        filesystem::check(&folder)?;
        let layout = Layout::new(&folder);
        let lock = claim(&layout)?;
        for part in [layout.slots(), layout.audit(), layout.projects()] {
            atomic::create_private_folder(&part)
                .map_err(|source| StoreError::io("making", &part, source))?;
        }
        let (opened, header, audit, sheet) = found_vault(&layout, &new, &ambient)?;
        // The header comes last: without it there is no vault.
        header.write(&layout.header(), &opened.slot.signing)?;
        audit.append(Event::new("vault.create").detail("marking", header.front.marking.text()))?;
        let locked = LockedVault(Parts::new(layout, header, ambient, audit, lock));
        let vault = Vault::begin(locked, opened).map_err(|(_, error)| error)?;
        Ok((vault, sheet))
    }
}

impl Vault {
    /// Takes back a vault that was just made, because its recovery sheet did not reach anyone. The
    /// folder holds no vault then, and one can be made there again.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where it holds a project; what the disk says.
    pub fn unmake(self) -> Result<(), StoreError> {
        let layout = self.parts.layout.clone();
        if fs::read_dir(layout.projects()).is_ok_and(|mut found| found.next().is_some()) {
            return Err(StoreError::refused("taking the vault back", "it holds a project already"));
        }
        // The header goes first: without it there is no vault.
        let header = layout.header();
        fs::remove_file(&header)
            .and_then(|()| atomic::sync_folder(layout.root()))
            .map_err(|source| StoreError::io("removing", &header, source))?;
        // Nobody else takes the folder meanwhile, and the databases are closed before they go.
        let locked = self.into_locked();
        let rest: Vec<String> = Layout::NAMES
            .iter()
            .filter(|name| layout.root().join(name).exists())
            .map(|name| (*name).to_owned())
            .collect();
        clear(layout.root(), &rest)?;
        drop(locked);
        Ok(())
    }
}

/// Makes the folder ours: it is empty, or holds what an interrupted creation left.
fn claim(layout: &Layout) -> Result<VaultLock, StoreError> {
    let root = layout.root();
    let reading = |source| StoreError::io("reading", root, source);
    let not_empty = || StoreError::NotEmpty { path: root.to_path_buf() };
    let ours = |name: &str| {
        Layout::NAMES.contains(&name.trim_end_matches(atomic::TEMPORARY)) && name != "vault.header"
    };
    let names = || -> Result<Vec<String>, StoreError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(root).map_err(reading)? {
            let name = entry.map_err(reading)?.file_name().to_string_lossy().into_owned();
            if !ours(&name) {
                return Err(not_empty());
            }
            names.push(name);
        }
        Ok(names)
    };
    let before = names()?;
    if !before.is_empty() && !before.contains(&"lock".into()) {
        return Err(not_empty());
    }
    // It may have been there before, with its doors open.
    atomic::keep_private(root).map_err(|source| match source.kind() {
        io::ErrorKind::PermissionDenied => StoreError::NotYours { path: root.to_path_buf() },
        _ => StoreError::io("closing", root, source),
    })?;
    let lock = VaultLock::take(&layout.lock())?;
    // Media are imported into finished vaults only, so this can't be anyone's work.
    let has_projects =
        fs::read_dir(layout.projects()).is_ok_and(|mut found| found.next().is_some());
    if has_projects || layout.header().exists() {
        return Err(not_empty());
    }
    clear(root, &names()?)?;
    Ok(lock)
}

/// Removes what a vault that is none consists of; its lock stays.
fn clear(root: &Path, names: &[String]) -> Result<(), StoreError> {
    for name in names.iter().filter(|name| *name != "lock") {
        let path = root.join(name);
        let removed =
            if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(|source| StoreError::io("removing", &path, source))?;
    }
    Ok(())
}

/// Makes keys, statements, directory, audit log and slot.
fn found_vault(
    layout: &Layout,
    new: &NewVault,
    ambient: &Arc<Ambient>,
) -> Result<(Opened, Header, Audit, RecoverySheet), StoreError> {
    let entropy = ambient.entropy.as_ref();
    let vault = VaultId::from_bytes(ambient.random()?);
    let salt = ambient.random()?;
    let person = PersonId::from_bytes(ambient.random()?);
    let signing = Arc::new(SigningKey::generate(entropy)?);
    let identity = Arc::new(Identity::generate(entropy)?);
    let vault_key = Key::random(entropy)?;
    let recovery = Identity::generate(entropy)?;

    let scope = Scope { vault, project: None };
    let saying = Saying::Grant {
        name: new.officer.trim().to_owned(),
        signing: signing.public(),
        recipient: identity.recipient().to_string(),
        roles: vec![Role::Officer, Role::Auditor],
    };
    let genesis = Membership::state(scope, None, 0, person, saying, &signing, ambient)?;
    let membership = Membership::verify(scope, std::slice::from_ref(&genesis), &|_| false)?;
    let ruling = Ruling::Policy(new.policy.clone());
    let head = membership.pin().head;
    let decision = Decisions::decide(vault, None, head, ruling, &signing, ambient);
    let decisions = Decisions::verify(vault, std::slice::from_ref(&decision), &membership)?;

    let header = Header {
        front: Front {
            vault,
            created: ambient.now(),
            marking: new.policy.marking.clone(),
            consent_banner: new.policy.consent_banner.clone(),
        },
        salt,
        failures_before_lock: new.policy.failures_before_lock,
        policy_version: new.policy.version,
        kdf: new.kdf,
        auditors: membership.recipients(Role::Auditor),
        recovery: recovery.recipient().to_string(),
        recovery_wrap: wrap::wrap(
            &recovery_plaintext(vault, &vault_key),
            std::slice::from_ref(&recovery.recipient()),
        )?,
        author: signing.public(),
    };
    let directory = Directory::create(&layout.directory(), &vault_key, vault)?;
    directory.add_statement(&genesis)?;
    directory.add_decision(&decision)?;
    let keys = AuditKeys { vault, salt: &salt, recipients: header.audit_recipients()? };
    let audit = Audit::create(&layout.audit(), keys, Arc::clone(ambient))?;
    let name = slot_name(&salt, &new.officer);
    let new_slot = NewSlot {
        vault,
        path: layout.slot(&name),
        name,
        kdf: new.kdf,
        passphrase: &new.passphrase,
        person,
        signing,
        identity,
        vault_key,
        pins: Pins {
            generation: 1,
            membership: membership.pin(),
            decisions: decisions.pin(),
            audit: None,
            last_sign_in: None,
            projects: BTreeMap::new(),
        },
    };
    let slot = Slot::create(new_slot, ambient)?;
    let sheet = RecoverySheet {
        secret: recovery.secret_string(),
        recipient: recovery.recipient().to_string(),
        vault,
    };
    Ok((Opened { slot, directory, membership, decisions }, header, audit, sheet))
}
