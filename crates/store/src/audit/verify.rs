//! Reading the log back: every entry for auditors, and every proof of it for everyone.

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::ControlFlow;
use std::path::Path;

use vaultmark_crypto::{EvolvingMac, Identity, Key, Namespace, wrap};
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::Heads;
use vaultmark_model::{Digest, ProjectId, PublicKey, Signature, Timestamp, VaultId};

use super::entry::{Beginning, Entry, Framed, Kind, MAGIC};
use super::event::{Body, Event};
use super::journal::damage;
use super::walk::{Step, Walk};
use super::{Checkpoint, short_code};
use crate::{Finding, StoreError};

/// The most findings that a report lists one by one.
const MOST_FINDINGS: usize = 1000;

/// An entry as an auditor reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number.
    pub seq: u64,
    /// When it was made, as the clock said.
    pub time: Timestamp,
    /// What happened; none where this person's key does not open it.
    pub event: Option<Event>,
    /// The short code, for a signed checkpoint.
    pub checkpoint: Option<String>,
    /// The projects' heads, for a signed checkpoint.
    pub heads: BTreeMap<ProjectId, Heads>,
}

/// What checking the whole log showed.
#[derive(Debug, Clone, serde::Serialize)]
pub struct AuditReport {
    /// Whole entries that were read.
    pub entries: u64,
    /// Signed checkpoints that hold.
    pub checkpoints: u64,
    /// The last of them.
    pub last_checkpoint: Option<Checkpoint>,
    /// Entries after it: only the evolving MAC covers those.
    pub unsigned: u64,
    /// Whether the MACs were checked too, which takes an auditor's key.
    pub macs_checked: bool,
    /// What is wrong, at most a thousand things of it.
    pub findings: Vec<Finding>,
}

/// Where the log should stand.
pub(crate) struct Expected {
    pub vault: VaultId,
    pub next: u64,
    pub head: Digest,
    pub key: Key,
}

/// Reads and opens entries, oldest first.
pub(crate) fn read_entries(
    file: &File,
    end: u64,
    from: u64,
    identity: &Identity,
    each: &mut dyn FnMut(AuditEntry) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    let mut walk = Walk::new(file, MAGIC.len() as u64, end);
    while let Some(step) = walk.step().map_err(reading)? {
        let Step::Frame(_, framed) = step else { continue };
        if framed.entry.seq < from {
            continue;
        }
        if each(opened(&framed, identity))?.is_break() {
            break;
        }
    }
    Ok(())
}

fn opened(framed: &Framed<'_>, identity: &Identity) -> AuditEntry {
    let entry = &framed.entry;
    let body = match entry.kind {
        Kind::Begin => None,
        _ => wrap::unwrap(&entry.sealed, identity)
            .ok()
            .and_then(|plain| Body::from_bytes(&plain).ok()),
    };
    let (event, heads) = match (body, entry.kind) {
        (Some(body), _) => (Some(body.event), body.heads.into_iter().collect()),
        (None, Kind::Begin) => (Some(Event::new("audit.begin")), BTreeMap::new()),
        (None, _) => (None, BTreeMap::new()),
    };
    AuditEntry {
        seq: entry.seq,
        time: entry.time,
        event,
        checkpoint: (entry.kind == Kind::Checkpoint).then(|| short_code(entry.seq, &framed.hash())),
        heads,
    }
}

/// Checks everything that can be checked with what is at hand.
pub(crate) fn verify(
    file: &File,
    end: u64,
    expected: &Expected,
    keys: &[PublicKey],
    identity: Option<&Identity>,
) -> Result<AuditReport, StoreError> {
    let mut check = Check {
        expected,
        keys,
        identity,
        mac: None,
        next: 0,
        previous: Some(Digest::ZERO),
        report: AuditReport {
            entries: 0,
            checkpoints: 0,
            last_checkpoint: None,
            unsigned: 0,
            macs_checked: false,
            findings: Vec::new(),
        },
    };
    let mut walk = Walk::new(file, MAGIC.len() as u64, end);
    while let Some(step) = walk.step().map_err(reading)? {
        match step {
            Step::Frame(_, framed) => check.entry(&framed)?,
            Step::Garbage(offset, bytes) => check.garbage(offset, bytes),
        }
    }
    check.end()?;
    Ok(check.report)
}

struct Check<'a> {
    expected: &'a Expected,
    keys: &'a [PublicKey],
    identity: Option<&'a Identity>,
    mac: Option<EvolvingMac>,
    /// The number that comes next.
    next: u64,
    /// The hash of the entry before; none after damage, where it can't be known.
    previous: Option<Digest>,
    report: AuditReport,
}

impl Check<'_> {
    fn entry(&mut self, framed: &Framed<'_>) -> Result<(), StoreError> {
        let entry = &framed.entry;
        if entry.seq == 0 && self.next == 0 {
            self.begin(entry)?;
        }
        let mut sound = true;
        if entry.seq < self.next || entry.seq >= self.expected.next {
            self.find(self.next, "it has a number that does not belong there");
            sound = false;
        } else if entry.seq > self.next {
            self.missing(entry.seq)?;
        } else if self.previous.is_some_and(|previous| previous != entry.previous) {
            self.find(self.next, "it does not follow the entry before it");
            sound = false;
        }
        if let Some(mac) = &mut self.mac
            && mac.tag(framed.bytes)? != framed.tag
        {
            self.find(self.next, "its authentication code does not fit: it was altered");
            sound = false;
        }
        if entry.kind == Kind::Checkpoint {
            sound &= self.checkpoint(framed);
        }
        self.report.entries += 1;
        self.report.unsigned += 1;
        if entry.kind == Kind::Checkpoint && sound {
            self.report.checkpoints += 1;
            self.report.unsigned = 0;
            self.report.last_checkpoint = Some(Checkpoint {
                seq: entry.seq,
                time: entry.time,
                code: short_code(entry.seq, &framed.hash()),
            });
        }
        self.next += 1;
        self.previous = Some(framed.hash());
        Ok(())
    }

    /// Takes the MAC's first key from the first entry, where this person can open it.
    fn begin(&mut self, entry: &Entry) -> Result<(), StoreError> {
        let Some(identity) = self.identity else { return Ok(()) };
        let beginning = wrap::unwrap(&entry.sealed, identity)
            .ok()
            .and_then(|plain| Beginning::read(&plain))
            .filter(|beginning| beginning.vault == self.expected.vault);
        // Who is no auditor has no such key; then the chain and the signatures must do.
        if let Some(beginning) = beginning {
            self.mac = Some(EvolvingMac::new(beginning.first));
            self.report.macs_checked = true;
        }
        Ok(())
    }

    fn missing(&mut self, until: u64) -> Result<(), StoreError> {
        let last = until - 1;
        let place = if last == self.next {
            format!("entry {last}")
        } else {
            format!("entries {} to {last}", self.next)
        };
        self.push(damage(&place, "missing: cut off or taken out".into()));
        if let Some(mac) = &mut self.mac {
            while mac.index() < until {
                mac.tag(&[])?;
            }
        }
        self.next = until;
        self.previous = None;
        Ok(())
    }

    fn checkpoint(&mut self, framed: &Framed<'_>) -> bool {
        let signature = Signature::new(framed.entry.signature.clone().unwrap_or_default());
        let bytes = framed.entry.signed_bytes();
        let fits = |key: &PublicKey| {
            vaultmark_crypto::verify(key, Namespace::AuditCheckpoint, &bytes, &signature).is_ok()
        };
        let sound = self.keys.iter().any(fits);
        if !sound {
            self.find(self.next, "no one of this vault signed this checkpoint");
        }
        sound
    }

    fn garbage(&mut self, offset: u64, bytes: u64) {
        let place = format!("byte {offset}");
        let problem = format!("{bytes} bytes are no entry: they were altered or overwritten");
        self.push(damage(&place, problem));
        self.previous = None;
    }

    fn end(&mut self) -> Result<(), StoreError> {
        if self.next < self.expected.next {
            self.missing(self.expected.next)?;
        }
        if self.previous.is_some_and(|previous| previous != self.expected.head) {
            self.find(self.next.saturating_sub(1), "it is not the last entry that was recorded");
        }
        if let Some(mac) = &self.mac
            && mac.index() == self.expected.next
            && !mac.key().same_as(&self.expected.key)
        {
            self.find(self.next, "the authentication key does not follow from the first one");
        }
        Ok(())
    }

    fn find(&mut self, seq: u64, problem: &str) {
        self.push(damage(&format!("entry {seq}"), problem.into()));
    }

    fn push(&mut self, finding: Finding) {
        if self.report.findings.len() < MOST_FINDINGS {
            self.report.findings.push(finding);
        }
    }
}

fn reading(source: std::io::Error) -> StoreError {
    StoreError::io("reading", Path::new("audit/log"), source)
}
