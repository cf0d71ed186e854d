//! Appending to the log: chained, authenticated, durable before it is acknowledged; and finding the
//! log as a crash, or someone's hand, left it.

use std::fs::File;
use std::path::{Path, PathBuf};

use vaultmark_crypto::{EvolvingMac, Key, sha512};
use vaultmark_model::canonical::Canonical;
use vaultmark_model::{Digest, Timestamp};

use super::attempts::Attempts;
use super::entry::{Entry, Kind, LENGTH, MAGIC, MOST_ENTRY, TAG, frame, read_frame};
use super::place;
use super::state::{Mark, State, StateFile};
use super::walk::{Step, Walk};
use crate::{Ambient, Finding, StoreError, atomic};

const WHAT: &str = "audit log";

/// Makes a checkpoint's signature over the entry's bytes.
pub(crate) type Sign<'a> = dyn Fn(&[u8]) -> Vec<u8> + 'a;

/// An entry to be made.
pub(crate) struct Draft {
    pub kind: Kind,
    pub account: Option<String>,
    /// Whether a slot of the account's name exists.
    pub has_slot: bool,
    pub sealed: Vec<u8>,
}

/// What was found on opening.
#[derive(Debug, Default)]
pub(crate) struct Opening {
    /// Bytes of an unfinished entry that were cut off, with their SHA-512: a crash while writing.
    pub torn: Option<(u64, Digest)>,
    /// What no crash explains.
    pub findings: Vec<Finding>,
}

/// The log's file and where it stands.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
    state_file: StateFile,
    pub state: State,
    /// The file may hold bytes past the state's length, of an entry that was not acknowledged.
    surplus: bool,
}

impl Journal {
    /// Begins a log: `sealed` carries `first` to the auditors.
    pub fn create(
        folder: &Path,
        local: Key,
        first: Key,
        sealed: Vec<u8>,
        ambient: &Ambient,
    ) -> Result<Self, StoreError> {
        let path = folder.join("log");
        let fail = |source| StoreError::io("the audit log", &path, source);
        atomic::write("the audit log", &path, &MAGIC)?;
        let state = State {
            next: 0,
            head: Digest::ZERO,
            last_offset: MAGIC.len() as u64,
            length: MAGIC.len() as u64,
            time: ambient.now(),
            key: first,
            checkpoint: None,
            attempts: Attempts::default(),
        };
        let state_file = StateFile::create(&folder.join("state"), local, &state, ambient)?;
        let file = File::options().read(true).write(true).open(&path).map_err(fail)?;
        let mut journal = Self { file, path, state_file, state, surplus: false };
        let draft = Draft { kind: Kind::Begin, account: None, has_slot: false, sealed };
        journal.append(draft, None, ambient)?;
        Ok(journal)
    }

    /// Opens a log. An entry that a crash cut short is removed and told; entries that were durable
    /// before their state was are taken in; anything else that does not fit is told and kept.
    pub fn open(
        folder: &Path,
        local: Key,
        ambient: &Ambient,
    ) -> Result<(Self, Opening), StoreError> {
        let path = folder.join("log");
        let fail = |source| StoreError::io("reading", &path, source);
        let file =
            File::options().read(true).write(true).open(&path).map_err(|source| {
                match source.kind() {
                    std::io::ErrorKind::NotFound => {
                        StoreError::damaged(WHAT, "the file is missing")
                    }
                    std::io::ErrorKind::PermissionDenied => {
                        StoreError::ReadOnly { path: path.clone() }
                    }
                    _ => fail(source),
                }
            })?;
        check_magic(&file, &path)?;
        let (state_file, state) = StateFile::open(&folder.join("state"), local)?;
        let mut journal = Self { file, path, state_file, state, surplus: false };
        let opening = journal.settle(ambient)?;
        Ok((journal, opening))
    }

    /// Appends an entry and makes it durable. `sign` makes a checkpoint's signature. Where this
    /// fails, the log is as before and the operation that wanted the entry must not happen.
    pub fn append(
        &mut self,
        draft: Draft,
        sign: Option<&Sign<'_>>,
        ambient: &Ambient,
    ) -> Result<Mark, StoreError> {
        let mut entry = Entry {
            seq: self.state.next,
            previous: self.state.head,
            time: ambient.now(),
            kind: draft.kind,
            account: draft.account,
            sealed: draft.sealed,
            signature: None,
        };
        entry.signature = sign.map(|sign| sign(&entry.signed_bytes()));
        let bytes = entry.to_bytes();
        if bytes.len() > MOST_ENTRY {
            return Err(StoreError::refused(
                "recording",
                "the audit entry is too large; name fewer subjects in it",
            ));
        }
        let mut mac = EvolvingMac::resume(self.state.key.duplicate()?, self.state.next);
        let tag = mac.tag(&bytes)?;
        let next = self.after(&entry, &bytes, mac.key().duplicate()?, draft.has_slot);
        let fail = |source| StoreError::io("the audit log", &self.path, source);
        if self.surplus {
            self.file.set_len(self.state.length).map_err(fail)?;
        }
        self.surplus = true;
        let written = place::write_all(&self.file, &frame(&bytes, &tag), self.state.length)
            .and_then(|()| self.file.sync_data());
        if let Err(source) = written {
            // A part of an entry is no entry; where even this fails, the next opening cuts it off.
            let _ = self.file.set_len(self.state.length);
            return Err(fail(source));
        }
        // If this fails, nobody can tell which state is on the disk, so the whole entry stays: it
        // fits either of them.
        self.state_file.write(&next, ambient)?;
        self.surplus = false;
        let mark =
            Mark { seq: entry.seq, digest: next.head, offset: next.last_offset, time: entry.time };
        self.state = next;
        Ok(mark)
    }

    /// Bytes of the log that count.
    pub fn length(&self) -> u64 {
        self.state.length
    }

    /// The log's file, for reading.
    pub fn reader(&self) -> Result<File, StoreError> {
        File::open(&self.path).map_err(|source| StoreError::io("reading", &self.path, source))
    }

    /// The hash of the entry whose frame begins at `offset`, if there is one with this number.
    pub fn hash_at(&self, offset: u64, seq: u64) -> Result<Option<Digest>, StoreError> {
        let mut walk = Walk::new(&self.file, offset, self.state.length);
        match walk.step().map_err(|source| StoreError::io("reading", &self.path, source))? {
            Some(Step::Frame(_, framed)) if framed.entry.seq == seq => Ok(Some(framed.hash())),
            _ => Ok(None),
        }
    }

    /// The state after an entry.
    fn after(&self, entry: &Entry, bytes: &[u8], key: Key, has_slot: bool) -> State {
        let mut attempts = self.state.attempts.clone();
        match (&entry.account, entry.kind) {
            (Some(account), Kind::SignInFailed) => attempts.failed(account, has_slot, entry.time),
            (Some(account), Kind::SignIn) => {
                attempts.signed_in(account);
            }
            _ => {}
        }
        let head = sha512(bytes);
        let mark =
            Mark { seq: entry.seq, digest: head, offset: self.state.length, time: entry.time };
        State {
            next: entry.seq + 1,
            head,
            last_offset: self.state.length,
            length: self.state.length + (LENGTH + bytes.len() + TAG) as u64,
            time: entry.time,
            key,
            checkpoint: match entry.kind {
                Kind::Checkpoint => Some(mark),
                _ => self.state.checkpoint,
            },
            attempts,
        }
    }

    /// Compares the file with the state.
    fn settle(&mut self, ambient: &Ambient) -> Result<Opening, StoreError> {
        let mut opening = Opening::default();
        let fail = |path: &Path, source| StoreError::io("reading", path, source);
        let on_disk = self.file.metadata().map_err(|source| fail(&self.path, source))?.len();
        if on_disk < self.state.length {
            opening.findings.push(damage(
                "the end",
                format!(
                    "{} bytes are missing at its end; entries that were recorded were cut off",
                    self.state.length - on_disk
                ),
            ));
            return self.rejoin(on_disk).map(|()| opening);
        }
        let last = self.hash_at(self.state.last_offset, self.state.next.wrapping_sub(1))?;
        if last != Some(self.state.head) {
            opening.findings.push(damage(
                &format!("entry {}", self.state.next.wrapping_sub(1)),
                "the last entry is not the one that was recorded".into(),
            ));
        }
        self.take_in(on_disk, ambient)?;
        if on_disk > self.state.length {
            let surplus = on_disk - self.state.length;
            opening.torn = Some((surplus, self.digest_from(self.state.length)?));
            self.cut()?;
        }
        Ok(opening)
    }

    /// Takes in entries that were durable before their state was.
    fn take_in(&mut self, on_disk: u64, ambient: &Ambient) -> Result<(), StoreError> {
        loop {
            let most = usize::try_from(on_disk - self.state.length)
                .unwrap_or(usize::MAX)
                .min(LENGTH + MOST_ENTRY + TAG);
            let mut bytes = vec![0; most];
            let read = place::read_up_to(&self.file, &mut bytes, self.state.length)
                .map_err(|source| StoreError::io("reading", &self.path, source))?;
            let Some(framed) = read_frame(&bytes[..read]) else { return Ok(()) };
            let follows =
                framed.entry.seq == self.state.next && framed.entry.previous == self.state.head;
            let mut mac = EvolvingMac::resume(self.state.key.duplicate()?, self.state.next);
            if !follows || mac.tag(framed.bytes)? != framed.tag {
                return Ok(());
            }
            let next = self.after(&framed.entry, framed.bytes, mac.key().duplicate()?, true);
            self.state_file.write(&next, ambient)?;
            self.state = next;
        }
    }

    /// Goes on after the last whole entry of a log that was cut short. The numbers go on from the
    /// state, so that the gap shows for ever.
    fn rejoin(&mut self, on_disk: u64) -> Result<(), StoreError> {
        let mut length = MAGIC.len() as u64;
        let mut walk = Walk::new(&self.file, length, on_disk);
        while let Some(step) =
            walk.step().map_err(|source| StoreError::io("reading", &self.path, source))?
        {
            if let Step::Frame(offset, framed) = step {
                length = offset + framed.len() as u64;
            }
        }
        self.state.length = length;
        self.cut()
    }

    fn cut(&mut self) -> Result<(), StoreError> {
        let fail = |source| StoreError::io("the audit log", &self.path, source);
        self.file.set_len(self.state.length).map_err(fail)?;
        self.file.sync_all().map_err(fail)
    }

    fn digest_from(&self, offset: u64) -> Result<Digest, StoreError> {
        let mut hasher = vaultmark_crypto::Sha512Hasher::new();
        let mut piece = vec![0; 64 * 1024];
        let mut at = offset;
        loop {
            let read = place::read_up_to(&self.file, &mut piece, at)
                .map_err(|source| StoreError::io("reading", &self.path, source))?;
            if read == 0 {
                return Ok(hasher.finish());
            }
            hasher.update(&piece[..read]);
            at += read as u64;
        }
    }

    /// When the last entry was made.
    pub fn last_time(&self) -> Timestamp {
        self.state.time
    }
}

/// A finding about the log.
pub(crate) fn damage(place: &str, problem: String) -> Finding {
    Finding::new(
        WHAT,
        place,
        problem,
        "keep a copy of the folder `audit`, report it, and compare with the codes on receipts",
    )
}

fn check_magic(file: &File, path: &Path) -> Result<(), StoreError> {
    let mut magic = [0; MAGIC.len()];
    let read = place::read_up_to(file, &mut magic, 0)
        .map_err(|source| StoreError::io("reading", path, source))?;
    let (name, format) = (&magic[..MAGIC.len() - 1], magic[MAGIC.len() - 1]);
    if read != magic.len() || name != &MAGIC[..MAGIC.len() - 1] {
        return Err(StoreError::damaged(WHAT, "it does not begin as an audit log does"));
    }
    let known = MAGIC[MAGIC.len() - 1];
    if format > known {
        return Err(StoreError::NewerVersion {
            what: WHAT,
            found: u32::from(format),
            known: u32::from(known),
        });
    }
    if format != known {
        return Err(StoreError::damaged(WHAT, format!("format {format} does not exist")));
    }
    Ok(())
}
