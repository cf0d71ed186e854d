//! A project in memory: data set, sink and output at once. Tests use it, and conversion between
//! files that needs no vault.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, Write};

use vaultmark_model::{
    Annotation, AnnotationId, Color, Digest, ImageFacts, Item, ItemId, Label, LabelId,
};

use crate::{
    AnnotationRecord, Dataset, FormatError, HIGHEST_NUMBER, ItemRecord, ItemRef, LabelHint, Lookup,
    NewAnnotation, Output, ProjectFacts, Sink, SinkError,
};

/// A project that lives in memory. Identifiers that it must make itself are counted up from 1, so
/// that the same input gives the same project.
#[derive(Debug, Clone)]
pub struct MemoryProject {
    facts: ProjectFacts,
    labels: Vec<Label>,
    items: Vec<Item>,
    annotations: Vec<AnnotationRecord>,
    by_id: HashMap<ItemId, usize>,
    by_content: HashMap<Digest, usize>,
    by_base_name: HashMap<Vec<u8>, Vec<usize>>,
    numbers: HashSet<u64>,
    highest: u64,
    made: u128,
    takes_items: bool,
    media: bool,
    sorted: bool,
}

impl MemoryProject {
    /// An empty project.
    #[must_use]
    pub fn new(facts: ProjectFacts) -> Self {
        Self {
            facts,
            labels: Vec::new(),
            items: Vec::new(),
            annotations: Vec::new(),
            by_id: HashMap::new(),
            by_content: HashMap::new(),
            by_base_name: HashMap::new(),
            numbers: HashSet::new(),
            highest: 0,
            made: 0,
            takes_items: false,
            media: false,
            sorted: true,
        }
    }

    /// Makes items that a lossless file describes, instead of only finding them.
    #[must_use]
    pub fn taking_items(mut self) -> Self {
        self.takes_items = true;
        self
    }

    /// Answers with a media path for every item, as a bundle with media does.
    #[must_use]
    pub fn with_media(mut self) -> Self {
        self.media = true;
        self
    }

    /// Adds an item.
    pub fn add_item(&mut self, item: Item) {
        let at = self.items.len();
        self.by_id.insert(item.id, at);
        self.by_content.entry(item.body.content).or_insert(at);
        self.by_base_name.entry(base_name(&item).to_vec()).or_default().push(at);
        self.items.push(item);
    }

    /// Adds a label.
    pub fn add_label(&mut self, label: Label) {
        self.labels.push(label);
    }

    /// The items, in the order of their arrival.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The labels.
    #[must_use]
    pub fn schema(&self) -> &[Label] {
        &self.labels
    }

    /// The annotations, in the order of their arrival until the project was written.
    #[must_use]
    pub fn annotations(&self) -> &[AnnotationRecord] {
        &self.annotations
    }

    fn make_id(&mut self) -> [u8; 16] {
        self.made += 1;
        self.made.to_be_bytes()
    }

    fn reference(&self, at: usize) -> ItemRef {
        ItemRef { id: self.items[at].id, facts: self.items[at].body.facts }
    }

    fn make_label(&mut self, mut label: Label) -> LabelId {
        if self.labels.iter().any(|known| known.number == label.number) || label.number == 0 {
            label.number = self.labels.iter().map(|known| known.number).max().unwrap_or(0) + 1;
        }
        let id = label.id;
        self.labels.push(label);
        id
    }
}

fn base_name(item: &Item) -> &[u8] {
    let path = item.body.path.as_bytes();
    path.rsplit(|b| *b == b'/').next().unwrap_or(path)
}

impl Dataset for MemoryProject {
    fn project(&mut self) -> Result<ProjectFacts, FormatError> {
        Ok(self.facts.clone())
    }

    fn labels(&mut self) -> Result<Vec<Label>, FormatError> {
        self.labels.sort_by_key(|label| label.number);
        Ok(self.labels.clone())
    }

    fn each_item(
        &mut self,
        each: &mut dyn FnMut(&ItemRecord) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        let mut order: Vec<usize> = (0..self.items.len()).collect();
        order.sort_by_key(|at| self.items[*at].body.number);
        order.into_iter().try_for_each(|at| {
            let item = self.items[at].clone();
            let media_path = self
                .media
                .then(|| format!("media/{}.{}", item.id, item.body.facts.format.extension()));
            each(&ItemRecord { item, media_path })
        })
    }

    fn each_annotation(
        &mut self,
        each: &mut dyn FnMut(&AnnotationRecord) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        if !self.sorted {
            self.annotations.sort_by_key(|record| (record.item_number, record.number));
            self.sorted = true;
        }
        self.annotations.iter().try_for_each(each)
    }
}

impl Sink for MemoryProject {
    fn find_item(&mut self, name: &str) -> Result<Lookup, SinkError> {
        let base = name.rsplit('/').next().unwrap_or(name).as_bytes();
        let candidates = self.by_base_name.get(base).map_or(&[][..], Vec::as_slice);
        let path = |at: usize| self.items[at].body.path.as_bytes();
        if let Some(at) = candidates.iter().find(|at| path(**at) == name.as_bytes()) {
            return Ok(Lookup::Found(self.reference(*at)));
        }
        let ending: Vec<usize> = candidates
            .iter()
            .copied()
            .filter(|at| {
                path(*at).strip_suffix(name.as_bytes()).is_some_and(|folder| folder.ends_with(b"/"))
            })
            .collect();
        Ok(match ending.as_slice() {
            [] => Lookup::Missing,
            [at] => Lookup::Found(self.reference(*at)),
            several => Lookup::Ambiguous(several.len() as u64),
        })
    }

    fn find_id(&mut self, id: ItemId) -> Result<Lookup, SinkError> {
        Ok(self.by_id.get(&id).map_or(Lookup::Missing, |at| Lookup::Found(self.reference(*at))))
    }

    fn label(&mut self, name: &str, hint: LabelHint) -> Result<LabelId, SinkError> {
        if let Some(label) = self.labels.iter().find(|label| label.name == name) {
            return Ok(label.id);
        }
        vaultmark_model::text::check_name("label name", name)
            .map_err(|e| SinkError::Refused(e.to_string()))?;
        let id = LabelId::from_bytes(self.make_id());
        let color = hint.color.unwrap_or_else(|| Color::for_index(self.labels.len()));
        let number = hint.number.unwrap_or(0);
        Ok(self.make_label(Label { id, name: name.to_owned(), color, key: None, number }))
    }

    fn annotation(&mut self, new: NewAnnotation) -> Result<(), SinkError> {
        let Some(&at) = self.by_id.get(&new.item) else {
            return Err(SinkError::Refused("its item is not in the project".into()));
        };
        let body = &self.items[at].body;
        let (item_number, facts): (u32, ImageFacts) = (body.number, body.facts);
        let number = match new.number {
            Some(number)
                if (1..=HIGHEST_NUMBER).contains(&number) && !self.numbers.contains(&number) =>
            {
                number
            }
            // The highest may be taken; then the lowest that is free.
            _ => (self.highest + 1..=HIGHEST_NUMBER)
                .chain(1..)
                .find(|number| !self.numbers.contains(number))
                .unwrap_or(HIGHEST_NUMBER),
        };
        self.numbers.insert(number);
        self.highest = self.highest.max(number);
        let id = new.id.unwrap_or_else(|| AnnotationId::from_bytes(self.make_id()));
        let annotation = Annotation {
            id,
            item: new.item,
            label: new.label,
            shape: new.shape,
            z_order: new.z_order,
            flagged: new.flagged,
            occluded: new.occluded,
            truncated: new.truncated,
            locked: new.locked,
            hidden: new.hidden,
            note: new.note,
            source: new.source,
        };
        self.annotations.push(AnnotationRecord { annotation, number, item_number, facts });
        self.sorted = false;
        Ok(())
    }

    fn project(&mut self, facts: &ProjectFacts) -> Result<(), SinkError> {
        self.facts = facts.clone();
        Ok(())
    }

    fn match_item(&mut self, item: &Item) -> Result<Lookup, SinkError> {
        if let found @ Lookup::Found(_) = self.find_id(item.id)? {
            return Ok(found);
        }
        if let Some(at) = self.by_content.get(&item.body.content) {
            return Ok(Lookup::Found(self.reference(*at)));
        }
        if self.takes_items {
            return Ok(Lookup::Found(ItemRef { id: item.id, facts: item.body.facts }));
        }
        self.find_item(&item.body.path.display())
    }

    fn restore_item(&mut self, item: &Item) -> Result<Lookup, SinkError> {
        let lookup = self.match_item(item)?;
        let Lookup::Found(found) = lookup else { return Ok(lookup) };
        match self.by_id.get(&found.id) {
            Some(&at) => {
                let mine = &mut self.items[at];
                (mine.flagged, mine.done) = (item.flagged, item.done);
                mine.note.clone_from(&item.note);
            }
            None => self.add_item(item.clone()),
        }
        Ok(lookup)
    }

    fn restore_label(&mut self, label: &Label) -> Result<LabelId, SinkError> {
        let known = self.labels.iter().find(|l| l.id == label.id || l.name == label.name);
        Ok(match known {
            Some(known) => known.id,
            None => self.make_label(label.clone()),
        })
    }
}

/// Files in memory, by path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemoryOutput(pub BTreeMap<String, Vec<u8>>);

impl Output for MemoryOutput {
    fn file(&mut self, path: &str) -> Result<Box<dyn Write + '_>, FormatError> {
        let file = self.0.entry(path.to_owned()).or_default();
        file.clear();
        Ok(Box::new(MemoryFile(file)))
    }
}

struct MemoryFile<'a>(&'a mut Vec<u8>);

impl Write for MemoryFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
