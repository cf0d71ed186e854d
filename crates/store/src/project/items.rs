//! Reading items: one, a page of many, all.

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};
use vaultmark_model::item::ItemBody;
use vaultmark_model::{Item, ItemId, LabelId};

use super::Project;
use super::schema::{Db, Id, canonical, malformed};
use crate::StoreError;

/// How far the work on an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// No annotation, and not said to be done.
    New,
    /// Annotations, and not said to be done.
    InProgress,
    /// Every object is labelled.
    Done,
    /// Marked for attention, however far it is.
    Flagged,
}

/// What items are sorted by; equal ones by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Path, byte by byte.
    #[default]
    Path,
    /// Number: the order of import.
    Number,
    /// Number of annotations.
    Annotations,
    /// Bytes of the file.
    Size,
}

/// Which items, and which page of them. Conditions that are given hold together.
#[derive(Debug, Clone, Default)]
pub struct ItemQuery {
    /// The path holds this text, upper and lower case alike.
    pub text: Option<String>,
    /// It has an annotation with this label.
    pub label: Option<LabelId>,
    /// It lies in this folder or below it; `""` is all.
    pub folder: Option<String>,
    /// How far the work is.
    pub state: Option<ItemState>,
    /// The order.
    pub sort: Sort,
    /// Largest first.
    pub descending: bool,
    /// How many to pass over.
    pub offset: u64,
    /// How many to give at most.
    pub limit: u64,
}

/// One item of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    /// The item.
    pub item: Item,
    /// Its annotations.
    pub annotations: u32,
    /// Whether its file is here.
    pub has_media: bool,
    /// Whether there is a thumbnail.
    pub has_thumbnail: bool,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The items of the page.
    pub rows: Vec<ItemRow>,
    /// How many items the query finds in all.
    pub total: u64,
}

/// The most folders that are listed, and bytes of their paths.
const FOLDERS: usize = 10_000;
const FOLDER_BYTES: usize = 2 << 20;

/// A folder that holds items itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Its path, `""` at the top.
    pub path: String,
    /// Items in it, folders below apart.
    pub items: u64,
}

/// The folders of a project: the first of them, and what there is beyond.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Folders {
    /// Sorted; at most 10,000, with at most 2 MiB of paths.
    pub listed: Vec<Folder>,
    /// Folders beyond those.
    pub further: u64,
    /// Items in all of them.
    pub items: u64,
}

/// Sums over a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Items.
    pub items: u64,
    /// Annotations.
    pub annotations: u64,
    /// Items that are done.
    pub done: u64,
    /// Items marked for attention.
    pub flagged: u64,
    /// Bytes of their files.
    pub bytes: u64,
}

const READ: &str = "SELECT i.id, w.value, i.flagged, i.done, n.value, i.annotations,
        EXISTS (SELECT 1 FROM media m WHERE m.item = i.id),
        EXISTS (SELECT 1 FROM thumbnail t WHERE t.item = i.id), i.row
    FROM item i JOIN revision w ON w.row = i.row LEFT JOIN revision n ON n.row = i.note";

impl Project {
    /// An item that is there.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn item(&self, id: ItemId) -> Result<Option<Item>, StoreError> {
        read_item(&*self.readers.snapshot()?, &id)
    }

    /// Whether the item's file is here.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn has_media(&self, id: ItemId) -> Result<bool, StoreError> {
        self.readers
            .snapshot()?
            .query_row("SELECT 1 FROM media WHERE item = ?1", [id.as_bytes()], |_| Ok(()))
            .optional()
            .db("looking up a file")
            .map(|found| found.is_some())
    }

    /// A page of the items that a query finds.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn items(&self, query: &ItemQuery) -> Result<Page, StoreError> {
        let db = self.readers.snapshot()?;
        let (condition, values) = condition(&db, query)?;
        let total: i64 = db
            .prepare_cached(&format!("SELECT count(*) FROM item i WHERE {condition}"))
            .and_then(|mut s| s.query_row(params_from_iter(&values), |r| r.get(0)))
            .db("counting items")?;
        // Rows first, from the index alone; then what belongs to those of the page.
        let mut of_page = values;
        of_page.push(Sql::Integer(i64::try_from(query.limit).unwrap_or(i64::MAX)));
        of_page.push(Sql::Integer(i64::try_from(query.offset).unwrap_or(i64::MAX)));
        let (limit, offset) = (of_page.len() - 1, of_page.len());
        let sql = format!(
            "SELECT i.row FROM item i WHERE {condition} ORDER BY {} LIMIT ?{limit} OFFSET ?{offset}",
            order(query)
        );
        let rows: Vec<i64> = db
            .prepare_cached(&sql)
            .and_then(|mut s| s.query_map(params_from_iter(&of_page), |r| r.get(0))?.collect())
            .db("listing items")?;
        let read = |row: i64| {
            db.prepare_cached(&format!("{READ} WHERE i.row = ?1"))
                .and_then(|mut s| s.query_row([row], |r| Ok(parse_row(r))))
                .db("reading an item")?
        };
        let rows = rows.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Page { rows, total: u64::try_from(total).unwrap_or(0) })
    }

    /// The identifiers of all items that a query finds, in its order; the page's bounds hold too,
    /// where the limit is above zero.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn item_ids(&self, query: &ItemQuery) -> Result<Vec<ItemId>, StoreError> {
        let db = self.readers.snapshot()?;
        let (condition, values) = condition(&db, query)?;
        let limit = if query.limit == 0 { -1 } else { i64::try_from(query.limit).unwrap_or(-1) };
        let offset = i64::try_from(query.offset).unwrap_or(i64::MAX);
        let sql = format!(
            "SELECT i.id FROM item i WHERE {condition} ORDER BY {} LIMIT {limit} OFFSET {offset}",
            order(query)
        );
        db.prepare(&sql)
            .and_then(|mut s| {
                s.query_map(params_from_iter(&values), |r| {
                    Ok(ItemId::from_bytes(r.get::<_, Id>(0)?.0))
                })?
                .collect()
            })
            .db("listing items")
    }

    /// The folders that hold items.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn folders(&self) -> Result<Folders, StoreError> {
        const WHAT: &str = "listing the folders";
        let db = self.readers.snapshot()?;
        let mut statement = db
            .prepare_cached(
                "SELECT folder, count(*) FROM item WHERE present = 1 GROUP BY folder ORDER BY folder",
            )
            .db(WHAT)?;
        let mut rows = statement.query([]).db(WHAT)?;
        let (mut found, mut bytes) = (Folders::default(), 0);
        while let Some(row) = rows.next().db(WHAT)? {
            let items = row.get::<_, i64>(1).db(WHAT)?.unsigned_abs();
            let path = row.get_ref(0).db(WHAT)?.as_str().map_err(|_| malformed("a folder"))?;
            found.items += items;
            bytes += path.len();
            if found.listed.len() < FOLDERS && bytes <= FOLDER_BYTES {
                found.listed.push(Folder { path: path.to_owned(), items });
            } else {
                found.further += 1;
            }
        }
        Ok(found)
    }

    /// Sums over the project.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        self.readers
            .snapshot()?
            .query_row(
                "SELECT count(*), ifnull(sum(annotations), 0), ifnull(sum(done), 0),
                        ifnull(sum(flagged), 0), ifnull(sum(size), 0)
                 FROM item WHERE present = 1",
                [],
                |r| {
                    let sum = |at| r.get::<_, i64>(at).map(|n| u64::try_from(n).unwrap_or(0));
                    Ok(Counts {
                        items: sum(0)?,
                        annotations: sum(1)?,
                        done: sum(2)?,
                        flagged: sum(3)?,
                        bytes: sum(4)?,
                    })
                },
            )
            .db("counting")
    }

    /// Calls `f` with every item, in the order of their numbers. Memory does not grow with them.
    ///
    /// # Errors
    /// Where the database fails, and what `f` says.
    pub fn each_item<E: From<StoreError>>(
        &self,
        f: &mut dyn FnMut(Item) -> Result<(), E>,
    ) -> Result<(), E> {
        let db = self.readers.snapshot()?;
        let sql = format!("{READ} WHERE i.present = 1 ORDER BY i.number, i.row");
        let mut statement = db.prepare_cached(&sql).db("reading the items")?;
        let mut rows = statement.query([]).db("reading the items")?;
        while let Some(row) = rows.next().db("reading the items")? {
            f(parse_row(row)?.item)?;
        }
        Ok(())
    }
}

/// An item that is present.
pub(super) fn read_item(db: &Connection, id: &ItemId) -> Result<Option<Item>, StoreError> {
    db.prepare_cached(&format!("{READ} WHERE i.id = ?1 AND i.present = 1"))
        .and_then(|mut s| s.query_row([id.as_bytes()], |r| Ok(parse_row(r))).optional())
        .db("reading an item")?
        .transpose()
        .map(|row| row.map(|row| row.item))
}

/// What an item is called in errors: its path.
pub(super) fn name_of(db: &Connection, id: &ItemId) -> Result<String, StoreError> {
    let path: Option<Vec<u8>> = db
        .query_row("SELECT path FROM item WHERE id = ?1", [id.as_bytes()], |r| r.get(0))
        .optional()
        .db("reading an item")?;
    Ok(path.map_or_else(|| id.to_string(), |path| String::from_utf8_lossy(&path).into_owned()))
}

fn parse_row(row: &Row<'_>) -> Result<ItemRow, StoreError> {
    let unreadable = || malformed("an item");
    let id = ItemId::from_bytes(row.get::<_, Id>(0).db("reading an item")?.0);
    let body = row.get_ref(1).ok().and_then(|v| v.as_blob().ok()).ok_or_else(unreadable)?;
    let note = row.get_ref(4).ok().and_then(|v| v.as_blob_or_null().ok()).ok_or_else(unreadable)?;
    let rest = || Ok((row.get(2)?, row.get(3)?, row.get(5)?, row.get(6)?, row.get(7)?));
    let (flagged, done, annotations, has_media, has_thumbnail) = rest().db("reading an item")?;
    let item = Item {
        id,
        body: canonical::<ItemBody>(body)?,
        flagged,
        done,
        note: note.map(text).transpose()?.unwrap_or_default(),
    };
    Ok(ItemRow { item, annotations, has_media, has_thumbnail })
}

/// A canonical text value.
pub(super) fn text(bytes: &[u8]) -> Result<String, StoreError> {
    minicbor::Decoder::new(bytes).str().map(str::to_owned).map_err(|_| malformed("a text"))
}

/// The condition of a query with its values, numbered from 1.
fn condition(db: &Connection, query: &ItemQuery) -> Result<(String, Vec<Sql>), StoreError> {
    let mut condition = String::from("i.present = 1");
    let mut values = Vec::new();
    let mut value = |value: Sql| {
        values.push(value);
        values.len()
    };
    if let Some(text) = query.text.as_ref().filter(|text| !text.is_empty()) {
        let at = value(Sql::Text(text.to_lowercase()));
        condition += &format!(" AND instr(i.search, ?{at}) > 0");
    }
    if let Some(folder) = query.folder.as_ref().filter(|folder| !folder.is_empty()) {
        // `0` follows `/` in order: everything from `folder/` to before `folder0`.
        let (at, from, to) = (
            value(Sql::Text(folder.clone())),
            value(Sql::Text(format!("{folder}/"))),
            value(Sql::Text(format!("{folder}0"))),
        );
        condition +=
            &format!(" AND (i.folder = ?{at} OR (i.folder >= ?{from} AND i.folder < ?{to}))");
    }
    if let Some(label) = query.label {
        let row: Option<i64> = db
            .query_row("SELECT row FROM label WHERE id = ?1", [label.as_bytes()], |r| r.get(0))
            .optional()
            .db("looking up a label")?;
        let at = value(Sql::Integer(row.unwrap_or(-1)));
        condition += &format!(
            " AND EXISTS (SELECT 1 FROM item_label l WHERE l.label = ?{at} AND l.item = i.row)"
        );
    }
    condition += match query.state {
        None => "",
        Some(ItemState::New) => " AND i.done = 0 AND i.annotations = 0",
        Some(ItemState::InProgress) => " AND i.done = 0 AND i.annotations > 0",
        Some(ItemState::Done) => " AND i.done = 1",
        Some(ItemState::Flagged) => " AND i.flagged = 1",
    };
    Ok((condition, values))
}

fn order(query: &ItemQuery) -> &'static str {
    match (query.sort, query.descending) {
        (Sort::Path, false) => "i.path, i.number",
        (Sort::Path, true) => "i.path DESC, i.number DESC",
        (Sort::Number, false) => "i.number, i.row",
        (Sort::Number, true) => "i.number DESC, i.row DESC",
        (Sort::Annotations, false) => "i.annotations, i.number",
        (Sort::Annotations, true) => "i.annotations DESC, i.number DESC",
        (Sort::Size, false) => "i.size, i.number",
        (Sort::Size, true) => "i.size DESC, i.number DESC",
    }
}
