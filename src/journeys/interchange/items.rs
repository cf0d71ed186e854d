//! The project's items, to be looked for by identifier, path, base name and content while a file is
//! read: about 200 bytes for each.

use std::collections::HashMap;

use vaultmark_formats::{ItemRef, Lookup};
use vaultmark_model::{Digest, ImageFacts, Item, ItemId};

use crate::journeys::marks::{self, Mark};

/// What is known of an item.
pub(super) struct Known {
    id: ItemId,
    facts: ImageFacts,
    path: Box<str>,
    content: Mark,
}

impl Known {
    pub(super) fn of(item: &Item) -> Self {
        let path = item.body.path.display().into();
        Self {
            id: item.id,
            facts: item.body.facts,
            path,
            content: marks::content(&item.body.content),
        }
    }

    fn base(&self) -> &str {
        base(&self.path)
    }

    fn found(&self) -> ItemRef {
        ItemRef { id: self.id, facts: self.facts }
    }
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// All of them.
pub(super) struct Items {
    /// By base name, then as they came.
    all: Vec<Known>,
    /// Places in `all`, by path.
    by_path: Vec<u32>,
    by_id: HashMap<ItemId, u32>,
    by_content: HashMap<Mark, u32>,
}

impl Items {
    pub(super) fn of(mut all: Vec<Known>) -> Self {
        all.sort_by(|a, b| a.base().cmp(b.base()));
        let places = || (0..).zip(&all);
        let mut by_path: Vec<u32> = places().map(|(at, _)| at).collect();
        by_path.sort_by(|a, b| all[*a as usize].path.cmp(&all[*b as usize].path));
        let by_id = places().map(|(at, item)| (item.id, at)).collect();
        let by_content = places().map(|(at, item)| (item.content, at)).collect();
        Self { all, by_path, by_id, by_content }
    }

    pub(super) fn with_id(&self, id: ItemId) -> Option<ItemRef> {
        self.by_id.get(&id).map(|at| self.all[*at as usize].found())
    }

    pub(super) fn with_content(&self, content: &Digest) -> Option<ItemRef> {
        self.by_content.get(&marks::content(content)).map(|at| self.all[*at as usize].found())
    }

    /// The whole path, else the only item whose path ends in `/name`.
    pub(super) fn find(&self, name: &str) -> Lookup {
        let path = |at: &u32| &*self.all[*at as usize].path;
        let from = self.by_path.partition_point(|at| path(at) < name);
        if let Some(at) = self.by_path.get(from).filter(|at| path(at) == name) {
            return Lookup::Found(self.all[*at as usize].found());
        }
        let base = base(name);
        let from = self.all.partition_point(|item| item.base() < base);
        let candidates = self.all[from..].iter().take_while(|item| item.base() == base);
        let mut matching = candidates.filter(|item| {
            item.path.strip_suffix(name).is_some_and(|before| before.ends_with('/'))
        });
        match (matching.next(), matching.count()) {
            (None, _) => Lookup::Missing,
            (Some(item), 0) => Lookup::Found(item.found()),
            (Some(_), more) => Lookup::Ambiguous(more as u64 + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vaultmark_model::item::{ImageFacts, ItemBody, ItemPath, MediaFormat, SampleFormat};

    fn items(paths: &[&str]) -> Items {
        let known = (1u8..).zip(paths).map(|(n, path)| {
            Known::of(&Item {
                id: ItemId::from_bytes([n; 16]),
                body: ItemBody {
                    path: ItemPath::new(path.as_bytes().to_vec()).unwrap(),
                    content: Digest::from_bytes([n; 64]),
                    crc32: 0,
                    size: 0,
                    facts: ImageFacts {
                        format: MediaFormat::Png,
                        stored_width: 1,
                        stored_height: 1,
                        orientation: 1,
                        bands: 1,
                        sample: SampleFormat::U8,
                    },
                    number: n.into(),
                },
                flagged: false,
                done: false,
                note: String::new(),
            })
        });
        Items::of(known.collect())
    }

    #[test]
    fn names_are_found_by_path_or_unique_ending() {
        let items = items(&["a/1.png", "b/1.png", "b/c/2.png", "x2.png"]);
        let id = |lookup| match lookup {
            Lookup::Found(item) => item.id.as_bytes()[0],
            _ => 0,
        };
        assert_eq!(id(items.find("a/1.png")), 1);
        assert_eq!(items.find("1.png"), Lookup::Ambiguous(2));
        assert_eq!(id(items.find("c/2.png")), 3);
        assert_eq!(id(items.find("2.png")), 3);
        assert_eq!(items.find("d/2.png"), Lookup::Missing);
        let item = |found: Option<ItemRef>| found.map(|item| item.id.as_bytes()[0]);
        assert_eq!(item(items.with_id(ItemId::from_bytes([4; 16]))), Some(4));
        assert_eq!(item(items.with_content(&Digest::from_bytes([3; 64]))), Some(3));
        assert_eq!(item(items.with_content(&Digest::from_bytes([9; 64]))), None);
    }
}
