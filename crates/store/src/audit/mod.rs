//! The audit log: append-only, chained, authenticated by a key that moves on with every entry,
//! signed at checkpoints, readable by auditors alone.
//!
//! An entry is durable when [`Audit`] has taken it; where it can't be written, the operation does
//! not happen. What the log finds wrong with itself never stops the work and is never silent: it
//! stands in [`Audit::findings`], in [`Audit::verify`], and in the log.

pub(crate) mod attempts;
mod code;
pub(crate) mod entry;
pub(crate) mod event;
mod journal;
mod place;
pub(crate) mod state;
#[cfg(test)]
mod tests;
mod verify;
mod walk;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vaultmark_crypto::{
    Identity, Key, Namespace, Recipient, SecretBytes, SigningKey, expand, wrap,
};
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::Heads;
use vaultmark_model::{Digest, PersonId, ProjectId, PublicKey, Timestamp, VaultId};

pub use code::short_code;
pub use event::{Event, Outcome};
pub use verify::{AuditEntry, AuditReport};

use crate::{Ambient, Finding, StoreError};
use attempts::WINDOW;
use entry::{Beginning, Kind};
use event::Body;
use journal::{Draft, Journal};
use state::Mark;

/// Entries after which a checkpoint is due.
const CHECKPOINT_ENTRIES: u64 = 256;
/// Milliseconds after which a checkpoint is due, even where nothing happened.
const CHECKPOINT_MILLIS: i64 = WINDOW;
/// A clock that is this much behind the last entry was set back; less is a correction of its drift.
const CLOCK_TOLERANCE: i64 = 1000;

/// A signed checkpoint: a receiver or an officer who remembers its code sees a log that was cut
/// short or rewritten before it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Checkpoint {
    /// The entry's number.
    pub seq: u64,
    /// When it was made, as the clock said.
    pub time: Timestamp,
    /// The short code; see [`short_code`].
    pub code: String,
}

impl Checkpoint {
    fn of(mark: &Mark) -> Self {
        Self { seq: mark.seq, time: mark.time, code: short_code(mark.seq, &mark.digest) }
    }
}

/// A checkpoint as a slot remembers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AuditPin {
    pub seq: u64,
    pub digest: Digest,
    pub offset: u64,
}

/// Who signs checkpoints and reads entries.
#[derive(Clone)]
pub(crate) struct Officeholder {
    pub person: PersonId,
    pub signing: Arc<SigningKey>,
    pub identity: Arc<Identity>,
}

/// The audit log of a vault.
pub struct Audit {
    vault: VaultId,
    recipients: Vec<Recipient>,
    ambient: Arc<Ambient>,
    signer: Option<Officeholder>,
    findings: Vec<Finding>,
    journal: Mutex<Journal>,
}

/// What the log is sealed to and authenticated with.
pub(crate) struct AuditKeys<'a> {
    pub vault: VaultId,
    /// The header's salt: a key that everyone with the folder has.
    pub salt: &'a [u8; 32],
    /// The auditors, and whoever else opens the log in a disaster.
    pub recipients: Vec<Recipient>,
}

impl AuditKeys<'_> {
    fn local(&self) -> Result<Key, StoreError> {
        let salt = Key::from_slice(self.salt)?;
        Ok(expand(&salt, "audit/state", self.vault.as_bytes())?)
    }
}

impl Audit {
    /// Begins the log of a new vault in `folder`.
    pub(crate) fn create(
        folder: &Path,
        keys: AuditKeys<'_>,
        ambient: Arc<Ambient>,
    ) -> Result<Self, StoreError> {
        let first = Key::random(ambient.entropy.as_ref())?;
        let beginning = Beginning { vault: keys.vault, first: first.duplicate()? };
        let sealed = wrap::wrap(&beginning.to_secret_bytes(), &keys.recipients)?;
        let journal = Journal::create(folder, keys.local()?, first, sealed, &ambient)?;
        Ok(Self {
            vault: keys.vault,
            recipients: keys.recipients,
            ambient,
            signer: None,
            findings: Vec::new(),
            journal: Mutex::new(journal),
        })
    }

    /// Opens the log in `folder`; what a crash left unfinished is settled and recorded.
    pub(crate) fn open(
        folder: &Path,
        keys: AuditKeys<'_>,
        ambient: Arc<Ambient>,
    ) -> Result<Self, StoreError> {
        let (journal, opening) = Journal::open(folder, keys.local()?, &ambient)?;
        let audit = Self {
            vault: keys.vault,
            recipients: keys.recipients,
            ambient,
            signer: None,
            findings: opening.findings,
            journal: Mutex::new(journal),
        };
        if let Some((bytes, digest)) = opening.torn {
            let event = Event::new("audit.recovered")
                .detail("unfinished_bytes", bytes)
                .detail("unfinished_sha512", digest);
            audit.append(event)?;
        }
        if !audit.findings.is_empty() {
            let mut event = Event::new("audit.damaged").outcome(Outcome::Failed);
            for (at, finding) in audit.findings.iter().enumerate() {
                event = event.detail(at.to_string(), &finding.problem);
            }
            audit.append(event)?;
        }
        Ok(audit)
    }

    /// What was wrong with the log when it was opened; [`Audit::verify`] looks at all of it.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The last signed checkpoint.
    #[must_use]
    pub fn last_checkpoint(&self) -> Option<Checkpoint> {
        self.journal().state.checkpoint.as_ref().map(Checkpoint::of)
    }

    /// The short code of the last signed checkpoint; empty where there is none yet.
    #[must_use]
    pub fn head_code(&self) -> String {
        self.last_checkpoint().map(|checkpoint| checkpoint.code).unwrap_or_default()
    }

    /// How many entries the log has.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.journal().state.next
    }

    /// Whether the log has no entry. It never is: it begins with one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads the entries from number `from` on, oldest first, until `each` says stop. Takes the
    /// role of auditor; entries that this person's key does not open are told as sealed.
    ///
    /// # Errors
    /// [`StoreError::NoRole`] before sign-in, [`StoreError::Io`], and those of `each`.
    pub fn entries(
        &self,
        from: u64,
        each: &mut dyn FnMut(AuditEntry) -> Result<std::ops::ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        let reader = self.signer.as_ref().ok_or(StoreError::NoRole { role: "auditor" })?;
        let (file, end) = self.snapshot()?;
        verify::read_entries(&file, end, from, &reader.identity, each)
    }

    /// Checks the whole log: chain, numbers, signatures of checkpoints by any of `keys`, and, for
    /// an auditor, every MAC. Never stops at the first fault.
    ///
    /// # Errors
    /// [`StoreError::Io`] where the log can't be read.
    pub fn verify(&self, keys: &[PublicKey]) -> Result<AuditReport, StoreError> {
        let identity = self.signer.as_ref().map(|signer| signer.identity.as_ref());
        let expected = {
            let journal = self.journal();
            verify::Expected {
                vault: self.vault,
                next: journal.state.next,
                head: journal.state.head,
                key: journal.state.key.duplicate()?,
            }
        };
        let (file, end) = self.snapshot()?;
        verify::verify(&file, end, &expected, keys, identity)
    }

    /// Hands the log to the person who signed in.
    pub(crate) fn sign_in(&mut self, signer: Officeholder) {
        self.signer = Some(signer);
    }

    /// Takes the log back when the vault is locked.
    pub(crate) fn sign_out(&mut self) {
        self.signer = None;
    }

    /// Adds an event and makes it durable.
    pub(crate) fn append(&self, event: Event) -> Result<(), StoreError> {
        self.put(Kind::Event, None, false, event, Vec::new()).map(|_| ())
    }

    /// Records a failed sign-in and counts it.
    pub(crate) fn sign_in_failed(&self, account: &str, has_slot: bool) -> Result<(), StoreError> {
        let event = Event::new("sign-in").outcome(Outcome::Failed);
        self.put(Kind::SignInFailed, Some(account.into()), has_slot, event, Vec::new()).map(|_| ())
    }

    /// Records a sign-in and tells how many failures there were since the one before.
    pub(crate) fn sign_in_done(&self, account: &str) -> Result<u32, StoreError> {
        let failures = self.journal().state.attempts.failures(account);
        let event = Event::new("sign-in").detail("failures_since", failures);
        self.put(Kind::SignIn, Some(account.into()), true, event, Vec::new())?;
        Ok(failures)
    }

    /// Until when an account is locked, if it is.
    pub(crate) fn locked_until(&self, account: &str, limit: u32) -> Option<Timestamp> {
        let now = self.ambient.now();
        self.journal().state.attempts.locked_until(account, limit, now)
    }

    /// Signs a checkpoint over everything before it and the heads of the projects.
    pub(crate) fn checkpoint(
        &self,
        reason: &str,
        heads: Vec<(ProjectId, Heads)>,
    ) -> Result<(Checkpoint, AuditPin), StoreError> {
        let event = Event::new("checkpoint").detail("reason", reason);
        let mark = self.put(Kind::Checkpoint, None, false, event, heads)?;
        let pin = AuditPin { seq: mark.seq, digest: mark.digest, offset: mark.offset };
        Ok((Checkpoint::of(&mark), pin))
    }

    /// Whether a checkpoint is due by count or by time.
    pub(crate) fn checkpoint_due(&self) -> bool {
        let journal = self.journal();
        let Some(mark) = journal.state.checkpoint else { return true };
        let passed = self.ambient.now().millis().saturating_sub(mark.time.millis());
        // A clock that was set back must not postpone it.
        let recent = (-CLOCK_TOLERANCE..CHECKPOINT_MILLIS).contains(&passed);
        journal.state.next - mark.seq > CHECKPOINT_ENTRIES || !recent
    }

    /// Whether the log still has the checkpoint that a slot remembers.
    pub(crate) fn has(&self, pin: &AuditPin) -> Result<bool, StoreError> {
        Ok(self.journal().hash_at(pin.offset, pin.seq)? == Some(pin.digest))
    }

    /// Adds a finding about the log that only the person who signed in could make.
    pub(crate) fn add_finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn put(
        &self,
        kind: Kind,
        account: Option<String>,
        has_slot: bool,
        mut event: Event,
        heads: Vec<(ProjectId, Heads)>,
    ) -> Result<Mark, StoreError> {
        event.person = event.person.or(self.signer.as_ref().map(|signer| signer.person));
        let sealed = self.seal(Body { event, heads })?;
        let mut journal = self.journal();
        let (now, last) = (self.ambient.now(), journal.last_time());
        if now.millis() < last.millis().saturating_sub(CLOCK_TOLERANCE) {
            let event = Event::new("clock.set_back").detail("from", last.to_iso());
            let sealed = self.seal(Body { event, heads: Vec::new() })?;
            let draft = Draft { kind: Kind::Event, account: None, has_slot: false, sealed };
            journal.append(draft, None, &self.ambient)?;
        }
        let draft = Draft { kind, account, has_slot, sealed };
        let Some(signer) = self.signer.as_ref().filter(|_| kind == Kind::Checkpoint) else {
            return journal.append(draft, None, &self.ambient);
        };
        let sign =
            |bytes: &[u8]| signer.signing.sign(Namespace::AuditCheckpoint, bytes).bytes().to_vec();
        journal.append(draft, Some(&sign), &self.ambient)
    }

    fn seal(&self, body: Body) -> Result<Vec<u8>, StoreError> {
        let plain = SecretBytes::new(body.to_bytes());
        Ok(wrap::wrap(&plain, &self.recipients)?)
    }

    fn snapshot(&self) -> Result<(std::fs::File, u64), StoreError> {
        let journal = self.journal();
        Ok((journal.reader()?, journal.length()))
    }

    /// A panic while the lock is held leaves the journal as it was before the entry.
    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Audit({} entries)", self.len())
    }
}
