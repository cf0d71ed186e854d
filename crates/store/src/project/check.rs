//! Re-authenticating everything, and naming what is damaged without stopping at the first.

use std::io::Read as _;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use rusqlite::Connection;
use vaultmark_crypto::Sha512Hasher;
use vaultmark_crypto::chain::{ChainVerifier, LeafVerifier, header_hash};
use vaultmark_crypto::membership::{Lists, MembershipError, Permitted, Rights};
use vaultmark_model::Digest;
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Chained, Header, Matter};
use vaultmark_model::membership::Statement;
use vaultmark_model::work::{Progress, Work};

use super::blob_names;
use super::media::blob_facts;
use super::provenance::{Revision, leaves_of};
use super::schema::{Db, Id, ROLE, Sha};
use super::{DATABASE, Project, replay, withheld};
use crate::blob::BlobFacts;
use crate::{Finding, Findings, SignedStatement, StoreError, sqlite};

/// The most bytes of a database whose state is replayed in memory.
const IN_MEMORY: u64 = 64 << 20;
/// Sealed files whose rows are in memory at once.
const PAGE: u32 = 1000;
/// Bytes read at once.
const PIECE: usize = 256 * 1024;
/// What to do about a change that nobody had the right to make.
const ASK: &str = "find out who wrote into the vault's files, and restore it from a backup";
/// What to do about damage.
const RESTORE: &str = "restore it from a backup";

/// What a check looked at, and what it found.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct CheckReport {
    /// What is not as it should be; none where all is well.
    pub findings: Findings,
    /// Changes whose signature and place were verified.
    pub changes: u64,
    /// Leaves whose commitment was verified.
    pub leaves: u64,
    /// Sealed files that were authenticated, pyramids included.
    pub blobs: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Items whose file was not sent along.
    pub without_media: u64,
}

/// A file to authenticate.
struct Blob {
    row: i64,
    facts: BlobFacts,
    /// `file` or `pyramid`, and of which item.
    kind: &'static str,
    place: String,
    /// The SHA-512 that its bytes must have, where one is known.
    content: Option<Digest>,
}

impl Project {
    /// Re-authenticates everything: the database's pages and structure, every link and its payload,
    /// the right of its author by the membership (of which the vault's own list is given), that what
    /// holds the present state is shown, the state against a replay of all changes, every sealed file
    /// against its key, its length and the content hash taken at import. Records when each file was
    /// last found whole.
    ///
    /// # Errors
    /// [`StoreError::Cancelled`]; [`StoreError::Io`] where the disk itself fails. Damage is a
    /// finding, not an error.
    pub(crate) fn check(
        &self,
        of_vault: &[SignedStatement],
        work: Work<'_>,
    ) -> Result<CheckReport, StoreError> {
        let mut report = CheckReport::default();
        let db = self.readers.snapshot()?;
        for problem in sqlite::integrity(&db, ROLE)? {
            report.find("database", ROLE, problem, RESTORE);
        }
        // A damaged page ends one of these; the others still say what they can.
        let chain = self.check_chain(&db, of_vault, work, &mut report);
        report.absorb("history", chain)?;
        let database = self.folder.join(DATABASE);
        let bytes = database.metadata().map_err(|e| StoreError::io("reading", &database, e))?.len();
        let state = self.check_state(&db, bytes <= IN_MEMORY, work, &mut report);
        report.absorb("state", state)?;
        let blobs = self.check_blobs(&db, work, &mut report);
        report.absorb("sealed files", blobs)?;
        Ok(report)
    }

    fn check_chain(
        &self,
        db: &Connection,
        of_vault: &[SignedStatement],
        work: Work<'_>,
        report: &mut CheckReport,
    ) -> Result<(), StoreError> {
        const WHAT: &str = "reading the history";
        let lists = self.check_lists(of_vault, report)?;
        let mut rights = self.rights(&lists, report)?;
        let mut verifier = ChainVerifier::new(self.identity.id);
        let mut next_leaf = 1;
        let mut changes = db
            .prepare(
                "SELECT c.header, c.signature, c.first, c.leaves, c.id, c.seq, r.id, a.key, c.time
                 FROM change c JOIN replica r ON r.row = c.replica JOIN author a ON a.row = c.author
                 ORDER BY c.row",
            )
            .db(WHAT)?;
        let mut rows = changes.query([]).db(WHAT)?;
        while let Some(row) = rows.next().db(WHAT)? {
            if work.cancel.is_cancelled() {
                return Err(StoreError::Cancelled);
            }
            let columns = || -> rusqlite::Result<_> {
                Ok((
                    Chained { header: row.get(0)?, signature: row.get(1)? },
                    row.get::<_, i64>(2)?,
                    row.get::<_, i64>(3)?,
                    (row.get::<_, Id>(4)?, row.get::<_, i64>(5)?, row.get::<_, Id>(6)?),
                    (row.get::<_, Vec<u8>>(7)?, row.get::<_, i64>(8)?),
                ))
            };
            let (link, first, leaves, (id, seq, replica), (author, time)) = columns().db(WHAT)?;
            let replica = vaultmark_model::ReplicaId::from_bytes(replica.0);
            let place = format!("{seq} of replica {replica}");
            if first != next_leaf {
                report.find(
                    "change",
                    &place,
                    "rows of its payload are missing or were put in",
                    RESTORE,
                );
            }
            next_leaf = first + leaves;
            let header = match verifier.accept(&link) {
                Ok(header) => header,
                Err(error) => {
                    report.find("change", &place, error, RESTORE);
                    verifier.resume_after(replica, u64::try_from(seq).unwrap_or(0), &link.header);
                    continue;
                }
            };
            let said = (header.id.as_bytes(), header.seq, header.time.millis(), header.leaves);
            let kept =
                (&id.0, u64::try_from(seq).unwrap_or(0), time, u32::try_from(leaves).unwrap_or(0));
            if said != kept || header.replica != replica || header.author.to_bytes() != author {
                let problem = "the table says other things of it than its signed header";
                report.find("change", &place, problem, RESTORE);
            }
            report.changes += 1;
            let permitted = rights.as_mut().and_then(|rights| {
                let permitted = rights.change(&header, &header_hash(&link.header));
                permitted.map_err(|error| report.find("change", &place, error, ASK)).ok()
            });
            let leaf = Leaves { db, header: &header, first, leaves, permitted };
            if let Err(error) = leaf.check(&place, report) {
                match error {
                    StoreError::Damaged { why, .. } => report.find("change", &place, why, RESTORE),
                    other => return Err(other),
                }
            }
            (work.report)(Progress { done: report.changes, ..Progress::default() });
        }
        let last: i64 =
            db.query_row("SELECT ifnull(max(row), 0) FROM revision", [], |r| r.get(0)).db(WHAT)?;
        if last >= next_leaf {
            report.find(
                "change",
                "after the last",
                "there is payload that belongs to no change",
                RESTORE,
            );
        }
        if let Some(Err(error)) = rights.map(Rights::finish) {
            report.find("history", "its chains", error, RESTORE);
        }
        for (place, problem) in withheld::find(db, work.cancel)? {
            report.find("state", &place, problem, RESTORE);
        }
        Ok(())
    }

    /// The vault's list, the ones that came along, and the project's own.
    /// The state against a replay of the changes, in memory or in a sealed file.
    pub(super) fn check_state(
        &self,
        db: &Connection,
        in_memory: bool,
        work: Work<'_>,
        report: &mut CheckReport,
    ) -> Result<(), StoreError> {
        let mut unfit = Vec::new();
        let derived = replay::empty(in_memory, &self.folder, &self.ambient)?;
        replay::replay(db, &derived, work, &mut |what, error| unfit.push((what, error)))?;
        for (what, error) in unfit {
            report.find("state", &what, error, RESTORE);
        }
        replay::compare(db, &derived, &mut |difference| {
            report.find(difference.what, &difference.place, difference.problem, RESTORE);
        })
    }

    fn check_lists(
        &self,
        of_vault: &[SignedStatement],
        report: &mut CheckReport,
    ) -> Result<Lists, StoreError> {
        let mut lists = Lists::default();
        let (received, own) = (self.received_statements()?, self.statements()?);
        for (place, one) in (1..).zip(of_vault.iter().chain(&received).chain(&own)) {
            if let Err(error) = lists.accept(self.identity.id, &one.bytes, &one.signature) {
                report.find("membership", &format!("statement {place}"), error, RESTORE);
            }
        }
        Ok(lists)
    }

    /// Who may have changed what, by the list of this vault.
    fn rights<'l>(
        &self,
        lists: &'l Lists,
        report: &mut CheckReport,
    ) -> Result<Option<Rights<'l>>, StoreError> {
        let first = self.statements()?.into_iter().next();
        let vault = first.and_then(|one| Statement::from_bytes(&one.bytes).ok()).map(|s| s.vault);
        let none = || MembershipError::Right("the project has no members");
        match vault.ok_or_else(none).and_then(|vault| Rights::new(lists, vault)) {
            Ok(rights) => Ok(Some(rights)),
            Err(error) => {
                report.find("membership", "the project's list", error, RESTORE);
                Ok(None)
            }
        }
    }

    fn check_blobs(
        &self,
        db: &Connection,
        work: Work<'_>,
        report: &mut CheckReport,
    ) -> Result<(), StoreError> {
        report.without_media = db
            .query_row(
                "SELECT count(*) FROM item i WHERE present = 1
                 AND NOT EXISTS (SELECT 1 FROM media m WHERE m.item = i.id)",
                [],
                |r| r.get::<_, i64>(0),
            )
            .map(|count| u64::try_from(count).unwrap_or(0))
            .db("listing the sealed files")?;
        self.find_strays(db, report)?;
        let ask = |what: &str| {
            let sql = format!("SELECT ifnull({what}, 0) FROM blob");
            db.query_row(&sql, [], |r| r.get::<_, i64>(0)).db("listing the sealed files")
        };
        let mut progress = Progress {
            total: ask("count(*)")?.unsigned_abs(),
            bytes_total: ask("sum(length)")?.unsigned_abs(),
            ..Progress::default()
        };
        let mut last = 0;
        loop {
            let page = list_blobs(db, last)?;
            let Some(end) = page.last() else { return Ok(()) };
            last = end.row;
            self.check_page(&page, progress, work, report)?;
            progress.done += page.len() as u64;
            progress.bytes_done += page.iter().map(|blob| blob.facts.length).sum::<u64>();
        }
    }

    /// Names files that no row has.
    fn find_strays(&self, db: &Connection, report: &mut CheckReport) -> Result<(), StoreError> {
        let names = blob_names(db)?;
        self.blobs.each_file(&mut |path| {
            if !names.has(path) {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                report.find(
                    "sealed file",
                    &name,
                    "no row names it",
                    "open the project again, which removes leftovers; if it comes back, report it",
                );
            }
            Ok(())
        })
    }

    /// Authenticates files, and records those that are whole.
    fn check_page(
        &self,
        blobs: &[Blob],
        before: Progress,
        work: Work<'_>,
        report: &mut CheckReport,
    ) -> Result<(), StoreError> {
        let (next, done, bytes) = (AtomicUsize::new(0), AtomicU64::new(0), AtomicU64::new(0));
        let outcomes = Mutex::new(Vec::with_capacity(blobs.len()));
        let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        std::thread::scope(|scope| {
            for _ in 0..threads.min(blobs.len()) {
                scope.spawn(|| {
                    while let Some(blob) = blobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let outcome = self.check_blob(blob, work);
                        let mut outcomes = outcomes.lock().unwrap_or_else(PoisonError::into_inner);
                        outcomes.push((blob, outcome));
                        let length = blob.facts.length;
                        (work.report)(Progress {
                            done: before.done + done.fetch_add(1, Ordering::Relaxed) + 1,
                            bytes_done: before.bytes_done
                                + bytes.fetch_add(length, Ordering::Relaxed)
                                + length,
                            ..before
                        });
                    }
                });
            }
        });
        let mut outcomes = outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
        outcomes.sort_by(|a, b| (&a.0.place, a.0.kind).cmp(&(&b.0.place, b.0.kind)));
        let mut whole = Vec::new();
        for (blob, outcome) in outcomes {
            match outcome {
                Ok(()) => {
                    report.blobs += 1;
                    report.bytes += blob.facts.length;
                    whole.push(blob.facts.id);
                }
                Err(StoreError::Cancelled) => return Err(StoreError::Cancelled),
                Err(StoreError::Damaged { why, .. }) => {
                    report.find(blob.kind, &blob.place, why, RESTORE);
                }
                Err(other) => {
                    let remedy = "check the disk, then run the check again";
                    report.find(blob.kind, &blob.place, other, remedy);
                }
            }
        }
        let now = self.ambient.now().millis();
        self.writing.lock()?.transaction(|db| {
            for id in &whole {
                db.prepare_cached("UPDATE blob SET checked = ?2 WHERE id = ?1")
                    .and_then(|mut s| s.execute(rusqlite::params![id.as_bytes(), now]))
                    .db("recording the check")?;
            }
            Ok(())
        })
    }

    fn check_blob(&self, blob: &Blob, work: Work<'_>) -> Result<(), StoreError> {
        let what = format!("{} of {}", blob.kind, blob.place);
        let reader = self.blobs.open(&blob.facts, &what)?;
        let mut hasher = Sha512Hasher::new();
        let mut piece = vec![0; PIECE];
        let mut source = reader.reader();
        loop {
            if work.cancel.is_cancelled() {
                return Err(StoreError::Cancelled);
            }
            match source.read(&mut piece).map_err(|e| reader.explain(e))? {
                0 => break,
                read => hasher.update(&piece[..read]),
            }
        }
        if blob.content.is_some_and(|content| content != hasher.finish()) {
            return Err(StoreError::damaged(
                what,
                "its content is not what was imported, although it opens",
            ));
        }
        Ok(())
    }
}

impl CheckReport {
    fn find(&mut self, what: &str, place: &str, problem: impl ToString, remedy: &str) {
        self.findings.push(Finding::new(what, place, problem.to_string(), remedy));
    }

    /// Damage that ended a part of the check is a finding; a wish to stop and a failing disk are not.
    fn absorb(&mut self, what: &str, part: Result<(), StoreError>) -> Result<(), StoreError> {
        match part {
            Err(StoreError::Damaged { why, .. }) => {
                self.find(
                    what,
                    "all of it",
                    format!("it can't be read to its end: {why}"),
                    RESTORE,
                );
                Ok(())
            }
            other => other,
        }
    }
}

/// The payload of one change.
struct Leaves<'a> {
    db: &'a Connection,
    header: &'a Header,
    first: i64,
    leaves: i64,
    /// What its author was permitted; none where that was said already.
    permitted: Option<Permitted>,
}

impl Leaves<'_> {
    fn check(&self, place: &str, report: &mut CheckReport) -> Result<(), StoreError> {
        const WHAT: &str = "reading the history";
        let broken = |e: vaultmark_crypto::chain::ChainError| StoreError::damaged("history", e);
        let (first, mut permitted) = (self.first, self.permitted);
        let mut verifier = LeafVerifier::new(self.header);
        let mut statement = leaves_of(self.db)?;
        let mut rows = statement.query([first, first + self.leaves]).db(WHAT)?;
        while let Some(row) = rows.next().db(WHAT)? {
            let revision = Revision::read(row)?;
            let index = u32::try_from(revision.row - first).unwrap_or(u32::MAX);
            let seen = verifier.push(&revision.leaf(index)?.as_leaf()).map_err(broken)?;
            let matter = Matter::of(&seen.part.subject, seen.part.part);
            if let Some(Err(error)) = permitted.map(|permitted| permitted.check(matter)) {
                report.find("change", place, error, ASK);
                permitted = None;
            }
            report.leaves += 1;
        }
        verifier.finish().map_err(broken)
    }
}

/// The next rows after one.
fn list_blobs(db: &Connection, after: i64) -> Result<Vec<Blob>, StoreError> {
    const WHAT: &str = "listing the sealed files";
    let mut statement = db
        .prepare(
            "SELECT b.id, b.key, b.name, b.length, b.sealed, i.path, i.content, p.item IS NOT NULL,
                    b.row
             FROM blob b LEFT JOIN media m ON m.blob = b.row LEFT JOIN pack p ON p.blob = b.row
             LEFT JOIN item i ON i.id = ifnull(m.item, p.item)
             WHERE b.row > ?1 ORDER BY b.row LIMIT ?2",
        )
        .db(WHAT)?;
    let mut rows = statement.query(rusqlite::params![after, PAGE]).db(WHAT)?;
    let mut blobs = Vec::new();
    while let Some(row) = rows.next().db(WHAT)? {
        let facts = blob_facts(row)?;
        let rest = || -> rusqlite::Result<_> {
            let of = (row.get::<_, Option<Vec<u8>>>(5)?, row.get::<_, Option<Sha>>(6)?);
            Ok((of, row.get(7)?, row.get(8)?))
        };
        let ((path, content), is_pack, row): (_, bool, i64) = rest().db(WHAT)?;
        let kind = if is_pack { "pyramid" } else { "file" };
        let place = match path {
            Some(path) => format!("item `{}`", String::from_utf8_lossy(&path)),
            None => "an unfinished import".to_owned(),
        };
        let content = content.filter(|_| !is_pack).map(|sha| sha.0);
        blobs.push(Blob { row, facts, kind, place, content });
    }
    Ok(blobs)
}
