//! The first pass: what a file says of its categories and images, and that its brackets hold to the
//! end. Nothing reaches the project here.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Read;

use vaultmark_model::item::PATH_BYTES;
use vaultmark_model::{Color, ItemId};

use super::record::{CategoryRecord, ImageRecord, parse};
use crate::frame::{READ_FRAME, Resolved, resolve};
use crate::json::scan::{ScanError, Scanner};
use crate::limits::{CLASSES, IMAGES, PENDING_NAMES};
use crate::lookup::{Sought, base_name, clean, seek, seek_id};
use crate::report::{NoteAt, Place};
use crate::{FormatError, Frame, ItemRef, ReadOptions, ReadReport, Sink};

/// The most of `info` that is looked into.
const INFO_BYTES: usize = 1 << 20;
/// The most different unknown keys that are counted one by one.
const KEYS: usize = 256;

pub(super) enum Halt {
    /// The file is malformed: refused as a whole.
    Scan(ScanError),
    /// Reading ends.
    Format(FormatError),
}

impl From<ScanError> for Halt {
    fn from(error: ScanError) -> Self {
        Self::Scan(error)
    }
}
impl From<FormatError> for Halt {
    fn from(error: FormatError) -> Self {
        Self::Format(error)
    }
}

/// An image of the file.
pub(super) enum Image {
    Found(ItemRef, Frame),
    /// Refused by that note, which stands for its annotations too.
    Refused(NoteAt),
}

/// A category of the file, in its order.
pub(super) struct Category {
    pub id: i128,
    pub name: String,
    pub color: Option<Color>,
    pub line: u64,
}

#[derive(Default)]
pub(super) struct Tables {
    pub images: HashMap<i128, Image>,
    pub categories: Vec<Category>,
    /// Places in `categories`, by id and by name.
    category_ids: HashMap<i128, usize>,
    category_names: HashMap<String, usize>,
    pub refused_categories: HashSet<i128>,
    /// Records of categories, sound or not.
    category_records: usize,
    /// Bytes of names that wait to be looked for by their base names.
    pending_names: usize,
    pub ignored: Ignored,
}

/// Keys that are not read, with how often and where first.
#[derive(Default)]
pub(super) struct Ignored(BTreeMap<(&'static str, String), (u64, u64)>);

impl Ignored {
    pub(super) fn add(&mut self, section: &'static str, keys: Vec<String>, line: u64) {
        for key in keys {
            let key = (section, key);
            if self.0.len() < KEYS || self.0.contains_key(&key) {
                self.0.entry(key).or_insert((0, line)).0 += 1;
            }
        }
    }

    pub(super) fn report(self, file: &str, report: &mut ReadReport) {
        for ((section, key), (count, line)) in self.0 {
            let place = Place { file, line: Some(line) };
            let reason = format!("the key `{key}` is not read; {count} of the {section} have it");
            report.skipped.push(place.note(section, reason));
        }
    }
}

/// An image that its full name found.
struct Named {
    id: i128,
    line: u64,
    item: ItemRef,
    size: Option<(u32, u32)>,
}

/// An image whose full name was not found, to be tried by its base name at the end.
struct Pending {
    id: i128,
    line: u64,
    name: Box<str>,
    size: Option<(u32, u32)>,
    ambiguous: Option<u64>,
}

pub(super) struct Pass<'a> {
    pub file: &'a str,
    pub sink: &'a mut dyn Sink,
    pub options: &'a ReadOptions,
    pub report: &'a mut ReadReport,
}

impl<'a> Pass<'a> {
    pub(super) fn run(&mut self, reader: impl Read) -> Result<Tables, Halt> {
        let mut tables = Tables::default();
        let mut found: Vec<Named> = Vec::new();
        let mut pending: Vec<Pending> = Vec::new();
        let (mut seen, mut stated) = (HashSet::new(), None);
        let mut scanner = Scanner::new(reader);
        scanner.open()?;
        while let Some(name) = scanner.section()? {
            let list = matches!(name.as_str(), "images" | "categories" | "annotations");
            if list && !scanner.is_array()? {
                let (line, _) = scanner.value()?;
                let why = format!("the section `{name}` is not a list");
                return Err(ScanError::Malformed { line, why }.into());
            }
            match name.as_str() {
                "images" => scanner.records::<Halt>(&mut |line, bytes| {
                    self.image(line, bytes, &mut tables, &mut found, &mut pending)
                })?,
                "categories" => scanner
                    .records::<Halt>(&mut |line, bytes| self.category(line, bytes, &mut tables))?,
                "info" => {
                    let (_, bytes) = scanner.value()?;
                    stated = stated_frame(bytes);
                }
                _ => scanner.skip()?,
            }
            if list && !seen.insert(name.clone()) {
                let why = format!("the section `{name}` stands there twice");
                return Err(ScanError::Malformed { line: 1, why }.into());
            }
        }
        if let Some(missing) =
            ["images", "categories", "annotations"].iter().find(|name| !seen.contains(**name))
        {
            let why = format!("it has no section `{missing}`: it is not a file of COCO instances");
            return Err(ScanError::Malformed { line: 1, why }.into());
        }
        self.settle(&mut tables, found, pending, stated)?;
        Ok(tables)
    }

    fn place(&self, line: u64) -> Place<'_> {
        Place { file: self.file, line: Some(line) }
    }

    fn image(
        &mut self,
        line: u64,
        bytes: &[u8],
        tables: &mut Tables,
        found: &mut Vec<Named>,
        pending: &mut Vec<Pending>,
    ) -> Result<(), Halt> {
        let (record, problem) = match parse::<ImageRecord>(bytes) {
            Ok(record) => (record, None),
            Err((record, reason)) => (record, Some(reason)),
        };
        let name = record.id.map_or("an image".to_owned(), |id| format!("image {id}"));
        let refuse = |pass: &mut Self, reason: String| {
            let note = pass.place(line).note(name.clone(), reason);
            pass.report.refused.push(note)
        };
        let Some(id) = record.id else {
            refuse(self, problem.unwrap_or_else(|| "the key `id` is missing".into()));
            return Ok(());
        };
        if tables.images.contains_key(&id) {
            refuse(self, format!("another image has the id {id}; the first one counts"));
            return Ok(());
        }
        if tables.images.len() == IMAGES {
            return Err(too_many(line, "images", IMAGES));
        }
        tables.ignored.add("images", record.unknown, line);
        let size = match (record.width, record.height) {
            (Some(w), Some(h)) => u32::try_from(w).ok().zip(u32::try_from(h).ok()),
            _ => None,
        };
        let problem = problem.or_else(|| match &record.file_name {
            None => Some("the key `file_name` is missing".into()),
            Some(name) if name.trim().is_empty() => Some("`file_name` is empty".into()),
            Some(name) if name.len() > PATH_BYTES => {
                Some(format!("`file_name` has {} bytes, {PATH_BYTES} are allowed", name.len()))
            }
            Some(_) => None,
        });
        if let Some(problem) = problem {
            let at = refuse(self, problem);
            tables.images.insert(id, Image::Refused(at));
            return Ok(());
        }
        let size = size.filter(|(w, h)| *w > 0 && *h > 0);
        let file_name = record.file_name.unwrap_or_default();
        let cleaned = clean(&file_name);
        let sought = match seek(self.sink, &[&file_name, &cleaned])? {
            Sought::Missing => match seek_id(self.sink, &cleaned)? {
                Some(item) => Sought::Found(item),
                None => Sought::Missing,
            },
            sought => sought,
        };
        // Holds the id against duplicates; settled at the end of the pass.
        tables.images.insert(id, Image::Refused(NoteAt::NONE));
        match sought {
            Sought::Found(item) => found.push(Named { id, line, item, size }),
            Sought::Missing | Sought::Ambiguous { .. } => {
                tables.pending_names += cleaned.len();
                if tables.pending_names > PENDING_NAMES {
                    let why = format!(
                        "more than {PENDING_NAMES} bytes of names of images are not in the project; \
                         import the images first, or split the file"
                    );
                    return Err(ScanError::Malformed { line, why }.into());
                }
                let ambiguous = match sought {
                    Sought::Ambiguous { count, .. } => Some(count),
                    _ => None,
                };
                // It is kept for the whole file: without the room that it grew into.
                let name = cleaned.into_boxed_str();
                pending.push(Pending { id, line, name, size, ambiguous });
            }
        }
        Ok(())
    }

    fn category(&mut self, line: u64, bytes: &[u8], tables: &mut Tables) -> Result<(), Halt> {
        tables.category_records += 1;
        if tables.category_records > CLASSES {
            return Err(too_many(line, "categories", CLASSES));
        }
        let (record, problem) = match parse::<CategoryRecord>(bytes) {
            Ok(record) => (record, None),
            Err((record, reason)) => (record, Some(reason)),
        };
        let name = record.id.map_or("a category".to_owned(), |id| format!("category {id}"));
        let problem = problem.or_else(|| match (&record.id, &record.name) {
            (None, _) => Some("the key `id` is missing".into()),
            (_, None) => Some("the key `name` is missing".into()),
            (Some(id), _) if tables.category_ids.contains_key(id) => {
                Some(format!("another category has the id {id}; the first one counts"))
            }
            (_, Some(name)) => {
                vaultmark_model::text::check_name("name", name).err().map(|e| e.to_string())
            }
        });
        if let Some(problem) = problem {
            let note = self.place(line).note(name, problem);
            self.report.refused.push(note);
            tables.refused_categories.extend(record.id);
            return Ok(());
        }
        let (Some(id), Some(class)) = (record.id, record.name) else { return Ok(()) };
        tables.ignored.add("categories", record.unknown, line);
        if !record.supercategory.is_empty() && record.supercategory != class {
            tables.ignored.add("categories", vec!["supercategory".into()], line);
        }
        if let Some(same) = tables.category_names.get(&class).map(|at| &tables.categories[*at]) {
            let reason = format!(
                "category {} on line {} has the same name; both became the label `{class}`",
                same.id, same.line
            );
            let note = self.place(line).note(name, reason);
            self.report.repaired.push(note);
        }
        let color = record.color.map(Color);
        tables.category_ids.insert(id, tables.categories.len());
        tables.category_names.entry(class.clone()).or_insert(tables.categories.len());
        tables.categories.push(Category { id, name: class, color, line });
        Ok(())
    }

    /// Decides frames, and images that only their base name finds. A base name counts where it
    /// means one item that no other image of the file means, and where the sizes agree.
    fn settle(
        &mut self,
        tables: &mut Tables,
        found: Vec<Named>,
        pending: Vec<Pending>,
        stated: Option<Frame>,
    ) -> Result<(), Halt> {
        let word = self.options.settings.word(&READ_FRAME);
        let mut taken: HashMap<ItemId, i128> = HashMap::new();
        for Named { id, line, item, size } in found {
            if let Some(other) = taken.insert(item.id, id) {
                let reason = format!("it names the same item as image {other}; both were read");
                let note = self.place(line).note(format!("image {id}"), reason);
                self.report.guessed.push(note);
            } else {
                self.report.items += 1;
            }
            let Resolved { frame, guess } = resolve(word, stated, size, &item.facts);
            self.guess(line, id, guess);
            tables.images.insert(id, Image::Found(item, frame));
        }
        let mut bases: HashMap<&str, u64> = HashMap::new();
        for image in &pending {
            *bases.entry(base_name(&image.name)).or_default() += 1;
        }
        for image in &pending {
            let base = base_name(&image.name);
            let sought = match image.ambiguous {
                Some(count) => Sought::Ambiguous { name: image.name.to_string(), count },
                None if base == &*image.name => Sought::Missing,
                None => seek(self.sink, &[base])?,
            };
            let refusal = match sought {
                Sought::Missing => {
                    format!("`{}` is not in the project; import the image first", image.name)
                }
                Sought::Ambiguous { name, count } => {
                    format!("`{name}` could be any of {count} items; give the file longer names")
                }
                Sought::Found(_) if bases.get(base).is_some_and(|n| *n > 1) => format!(
                    "`{}` is not in the project; `{base}` is, but several images of the file have \
                     that base name",
                    image.name
                ),
                Sought::Found(item) if taken.contains_key(&item.id) => format!(
                    "`{}` is not in the project; `{base}` is, but another image of the file means it",
                    image.name
                ),
                Sought::Found(item) => {
                    let Resolved { frame, guess } = resolve(word, stated, image.size, &item.facts);
                    let sizes = image.size.is_none_or(|size| {
                        [Frame::Upright, Frame::Stored].iter().any(|f| f.size(&item.facts) == size)
                    });
                    if sizes {
                        let by_name = format!(
                            "`{}` is not in the project; the only item with the base name `{base}` \
                             was taken",
                            image.name
                        );
                        self.guess(image.line, image.id, Some(by_name));
                        self.guess(image.line, image.id, guess);
                        taken.insert(item.id, image.id);
                        self.report.items += 1;
                        tables.images.insert(image.id, Image::Found(item, frame));
                        continue;
                    }
                    format!(
                        "`{}` is not in the project; `{base}` is, but has another size",
                        image.name
                    )
                }
            };
            let note = self.place(image.line).note(format!("image {}", image.id), refusal);
            let at = self.report.refused.push(note);
            tables.images.insert(image.id, Image::Refused(at));
        }
        Ok(())
    }

    fn guess(&mut self, line: u64, id: i128, guess: Option<String>) {
        if let Some(reason) = guess {
            let note = self.place(line).note(format!("image {id}"), reason);
            self.report.guessed.push(note);
        }
    }
}

/// The refusal of a file that would fill the memory.
fn too_many(line: u64, what: &str, most: usize) -> Halt {
    let why = format!("it has more than {most} {what}, the most of one file; split it");
    ScanError::Malformed { line, why }.into()
}

/// The frame that our own files state.
fn stated_frame(info: &[u8]) -> Option<Frame> {
    if info.len() > INFO_BYTES {
        return None;
    }
    let info: serde_json::Value = serde_json::from_slice(info).ok()?;
    Frame::from_word(info.pointer("/vaultmark/frame")?.as_str()?)
}
