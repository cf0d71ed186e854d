//! Bringing files in, and reading them.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};
use vaultmark_crypto::{Key, Sha512Hasher};
use vaultmark_model::change::{Edit, Intent, Part, Subject, Value};
use vaultmark_model::item::ItemBody;
use vaultmark_model::{BlobId, Digest, ImageFacts, ItemId, ItemPath};

use super::draft::Draft;
use super::items::{name_of, read_item};
use super::schema::{Db, Id, malformed};
use super::staging::{self, Staged, insert_blob, insert_thumbnail};
use super::{Committed, Project};
use crate::StoreError;
use crate::blob::{BlobFacts, BlobReader, Sealed};

/// Files that become durable together.
const GROUP: usize = 64;

/// A file to bring in, with what is known of it.
pub struct NewMedia<'r> {
    /// Its path inside the project.
    pub path: ItemPath,
    /// Its SHA-512.
    pub content: Digest,
    /// Its CRC-32.
    pub crc32: u32,
    /// Its bytes.
    pub size: u64,
    /// What is known of the pixels.
    pub facts: ImageFacts,
    /// The bytes, from the beginning.
    pub plaintext: &'r mut dyn Read,
    /// A small picture.
    pub thumbnail: Option<Vec<u8>>,
}

/// An import under way. [`MediaBatch::add`] may be called from several threads: each seals its own
/// file. Files become durable in groups of 64; [`MediaBatch::commit`] makes all of them items in
/// one Change. Dropped before that, what is durable stays staged: a later batch to which the same files
/// are added takes it up.
pub struct MediaBatch<'p> {
    project: &'p Project,
    waiting: Mutex<Vec<Staged>>,
    earlier: HashMap<Digest, Vec<(ItemPath, ItemId)>>,
    /// What was added here, taken up or new.
    added: Mutex<HashSet<ItemId>>,
}

impl Project {
    /// Begins an import, taking up what an interrupted one has left.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn media_batch(&self) -> Result<MediaBatch<'_>, StoreError> {
        Ok(MediaBatch {
            project: self,
            waiting: Mutex::default(),
            earlier: self.staged()?,
            added: Mutex::default(),
        })
    }

    /// Brings in the file of an item that was received without it. Its content must be the item's.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Refused`] where the content is another one or the
    /// file is here already, [`StoreError::Io`] and its kin.
    pub fn attach_media(&self, item: ItemId, plaintext: &mut dyn Read) -> Result<(), StoreError> {
        let known = self.item(item)?.ok_or_else(|| StoreError::not_found("item", item))?;
        if self.has_media(item)? {
            return Err(StoreError::refused("attaching a file", "the item has its file already"));
        }
        let sealed = self.seal_for(&known.body, plaintext)?;
        let mut sealed = [sealed];
        self.blobs.place(&mut sealed)?;
        let [sealed] = sealed;
        self.writing.lock()?.transaction(|db| insert_media(db, &item, &sealed))?;
        sealed.keep();
        Ok(())
    }

    /// Opens an item's file: its end was authenticated and its length compared.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where the item is not known or its file is not here,
    /// [`StoreError::Damaged`] naming the item.
    pub fn open_blob(&self, item: ItemId) -> Result<BlobReader, StoreError> {
        let db = self.readers.snapshot()?;
        let facts = blob_of(&db, "media", &item)?;
        let name = name_of(&db, &item)?;
        let facts = facts.ok_or_else(|| StoreError::not_found("file of item", &name))?;
        drop(db);
        self.blobs.open(&facts, &format!("file of item `{name}`"))
    }

    /// An item's thumbnail.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn thumbnail(&self, item: ItemId) -> Result<Option<Vec<u8>>, StoreError> {
        self.readers
            .snapshot()?
            .prepare_cached("SELECT bytes FROM thumbnail WHERE item = ?1")
            .and_then(|mut s| s.query_row([item.as_bytes()], |r| r.get(0)).optional())
            .db("reading a thumbnail")
    }

    /// Keeps a thumbnail, in place of an earlier one.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn put_thumbnail(&self, item: ItemId, bytes: &[u8]) -> Result<(), StoreError> {
        self.writing.lock()?.transaction(|db| insert_thumbnail(db, &item, bytes))
    }

    /// Seals a file that must be exactly the item's.
    pub(super) fn seal_for(
        &self,
        body: &ItemBody,
        plaintext: &mut dyn Read,
    ) -> Result<Sealed, StoreError> {
        let (mut hasher, mut size) = (Sha512Hasher::new(), 0_u64);
        let other = || {
            StoreError::refused(
                "attaching a file",
                format!("its content is not that of item `{}`", body.path.display()),
            )
        };
        let sealed = self.blobs.seal("the file", plaintext, &mut |piece| {
            hasher.update(piece);
            size += piece.len() as u64;
            if size > body.size { Err(other()) } else { Ok(()) }
        })?;
        if hasher.finish() == body.content { Ok(sealed) } else { Err(other()) }
    }
}

/// Files of a batch that are sealed and not yet durable. Dropped, they are given up.
pub struct MediaGroup<'p> {
    project: &'p Project,
    staged: Vec<Staged>,
}

impl MediaGroup<'_> {
    /// Makes them durable, without making them part of the project.
    ///
    /// # Errors
    /// As [`MediaBatch::flush`].
    pub fn flush(self) -> Result<(), StoreError> {
        self.project.stage(self.staged)
    }
}

impl<'p> MediaBatch<'p> {
    /// Takes what has been added so far, so that it can be flushed while more is added.
    #[must_use]
    pub fn take_group(&self) -> MediaGroup<'p> {
        MediaGroup { project: self.project, staged: std::mem::take(&mut *lock(&self.waiting)) }
    }
}

impl MediaBatch<'_> {
    /// Seals a file and gives the identifier of its item to be. One with the same content and path
    /// that an interrupted import has staged is taken as it is.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where the file is not what `content`'s neighbours say (it changed
    /// since it was looked at), [`StoreError::Io`] and its kin. The others are not affected.
    pub fn add(&self, media: NewMedia<'_>) -> Result<ItemId, StoreError> {
        if let Some(item) = self.staged_item(&media.content, &media.path) {
            lock(&self.added).insert(item);
            return Ok(item);
        }
        let (mut crc, mut size) = (crc32fast::Hasher::new(), 0_u64);
        let changed = || {
            StoreError::refused(
                "importing a file",
                format!("`{}` changed while it was read; import it again", media.path.display()),
            )
        };
        // The digest was taken when the plan was made; the checksum finds a file that was changed
        // since, at no cost.
        let sealed = self.project.blobs.seal("the file", media.plaintext, &mut |piece| {
            crc.update(piece);
            size += piece.len() as u64;
            if size > media.size { Err(changed()) } else { Ok(()) }
        })?;
        if size != media.size || crc.finalize() != media.crc32 {
            return Err(changed());
        }
        let item = ItemId::from_bytes(self.project.ambient.random()?);
        let body = ItemBody {
            path: media.path,
            content: media.content,
            crc32: media.crc32,
            size,
            facts: media.facts,
            number: 0,
        };
        let group = {
            lock(&self.added).insert(item);
            let mut waiting = lock(&self.waiting);
            waiting.push(Staged { item, body, sealed, thumbnail: media.thumbnail });
            if waiting.len() < GROUP { Vec::new() } else { std::mem::take(&mut *waiting) }
        };
        self.project.stage(group)?;
        Ok(item)
    }

    /// The item that an interrupted import has staged for this content and path.
    fn staged_item(&self, content: &Digest, path: &ItemPath) -> Option<ItemId> {
        let of_content = self.earlier.get(content)?;
        of_content.iter().find(|(staged, _)| staged == path).map(|(_, item)| *item)
    }

    /// Makes durable what has been added so far, without making it part of the project.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`], [`StoreError::Io`] and its kin.
    pub fn flush(&self) -> Result<(), StoreError> {
        let group = std::mem::take(&mut *lock(&self.waiting));
        self.project.stage(group)
    }

    /// Makes everything that was added part of the project, in one durable Change; none where nothing
    /// was. Items get their numbers in the order of their paths. What an interrupted import has staged of
    /// other files stays staged; of the same paths or contents it is given up.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`], [`StoreError::Io`] and its kin; what was staged then stays staged.
    pub fn commit(self) -> Result<Option<Committed>, StoreError> {
        self.flush()?;
        let mut draft = Draft::begin(self.project)?;
        let added = lock(&self.added);
        let all = staging::all(&draft.locked.db)?;
        let (mut staged, earlier): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(item, _)| added.contains(item));
        if staged.is_empty() {
            return Ok(None);
        }
        let replaced = replaced(&staged, earlier);
        staged.sort_by(|a, b| a.1.path.cmp(&b.1.path));
        for (item, body) in staged {
            draft
                .locked
                .db
                .prepare_cached("DELETE FROM staged WHERE item = ?1")
                .and_then(|mut s| s.execute([item.as_bytes()]))
                .db("finishing an import")?;
            let subject = Subject::Item(item);
            let edit = Edit { subject, part: Part::Whole, value: Value::Item(Box::new(body)) };
            draft.push(edit, None)?;
        }
        let given_up = |item| staging::give_up(&draft.locked.db, item);
        let names = replaced.iter().map(given_up).collect::<Result<Vec<_>, _>>()?;
        let committed = draft.finish(Intent::Batch, "import", None)?;
        for name in &names {
            self.project.blobs.remove(name)?;
        }
        Ok(Some(committed))
    }
}

/// Which of what was staged earlier has the path or the content of what is staged now.
fn replaced(staged: &[(ItemId, ItemBody)], earlier: Vec<(ItemId, ItemBody)>) -> Vec<ItemId> {
    let paths: HashSet<&ItemPath> = staged.iter().map(|(_, body)| &body.path).collect();
    let contents: HashSet<&Digest> = staged.iter().map(|(_, body)| &body.content).collect();
    let is_replaced =
        |body: &ItemBody| paths.contains(&body.path) || contents.contains(&body.content);
    earlier.into_iter().filter(|(_, body)| is_replaced(body)).map(|(item, _)| item).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The row of an item's file.
pub(super) fn insert_media(
    db: &Connection,
    item: &ItemId,
    sealed: &Sealed,
) -> Result<(), StoreError> {
    let blob = insert_blob(db, sealed)?;
    db.prepare_cached("INSERT INTO media (item, blob) VALUES (?1, ?2)")
        .and_then(|mut s| s.execute(params![item.as_bytes(), blob]))
        .map(|_| ())
        .db("writing the row of a file")
}

/// What is known of an item's blob; `table` is `media` or `pack`.
pub(super) fn blob_of(
    db: &Connection,
    table: &'static str,
    item: &ItemId,
) -> Result<Option<BlobFacts>, StoreError> {
    db.prepare_cached(&format!(
        "SELECT b.id, b.key, b.name, b.length, b.sealed FROM {table} m JOIN blob b ON b.row = m.blob
         WHERE m.item = ?1"
    ))
    .and_then(|mut s| s.query_row([item.as_bytes()], |r| Ok(blob_facts(r))).optional())
    .db("looking up a file")?
    .transpose()
}

/// Reads `id, key, name, length, sealed`.
pub(super) fn blob_facts(row: &rusqlite::Row<'_>) -> Result<BlobFacts, StoreError> {
    const WHAT: &str = "looking up a file";
    let key = row.get_ref(1).db(WHAT)?.as_blob().map_err(|_| malformed("a blob's key"))?;
    let number = |at| {
        let value: i64 = row.get(at).db(WHAT)?;
        u64::try_from(value).map_err(|_| malformed("a blob's length"))
    };
    Ok(BlobFacts {
        id: BlobId::from_bytes(row.get::<_, Id>(0).db(WHAT)?.0),
        key: Key::from_slice(key)?,
        name: row.get(2).db(WHAT)?,
        length: number(3)?,
        sealed: number(4)?,
    })
}

/// Demands that an item is present, for what hangs on it.
pub(super) fn demand_item(db: &Connection, item: &ItemId) -> Result<(), StoreError> {
    match read_item(db, item)? {
        Some(_) => Ok(()),
        None => Err(StoreError::not_found("item", item)),
    }
}
