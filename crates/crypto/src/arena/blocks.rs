//! Which 64-byte blocks of a region are taken: a bitmap with first-fit search. No memory is
//! touched here, so the allocator's logic is tested without any `unsafe`.

/// A map of `len` blocks.
#[derive(Debug)]
pub(super) struct BlockMap {
    taken: Vec<bool>,
    /// No free block lies before this one.
    hint: usize,
}

impl BlockMap {
    pub(super) fn new(len: usize) -> Self {
        Self { taken: vec![false; len], hint: 0 }
    }

    /// Takes `count` neighbouring blocks; the index of the first.
    pub(super) fn take(&mut self, count: usize) -> Option<usize> {
        let mut run = 0;
        for at in self.hint..self.taken.len() {
            run = if self.taken[at] { 0 } else { run + 1 };
            if run == count {
                let first = at + 1 - count;
                self.taken[first..=at].fill(true);
                if first == self.hint {
                    self.hint = at + 1;
                }
                return Some(first);
            }
        }
        None
    }

    /// Gives `count` blocks from `first` back.
    pub(super) fn give_back(&mut self, first: usize, count: usize) {
        self.taken[first..first + count].fill(false);
        self.hint = self.hint.min(first);
    }

    /// Blocks that are taken.
    #[cfg(test)]
    pub(super) fn in_use(&self) -> usize {
        self.taken.iter().filter(|taken| **taken).count()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::BlockMap;

    #[test]
    fn fills_up_and_reuses() {
        let mut map = BlockMap::new(4);
        assert_eq!(map.take(1), Some(0));
        assert_eq!(map.take(2), Some(1));
        assert_eq!(map.take(2), None);
        assert_eq!(map.take(1), Some(3));
        assert_eq!(map.take(1), None);
        map.give_back(1, 2);
        assert_eq!(map.take(2), Some(1));
    }

    proptest! {
        #[test]
        fn never_hands_a_block_out_twice(steps in prop::collection::vec((1_usize..12, any::<bool>()), 1..200)) {
            let mut map = BlockMap::new(64);
            let mut held: Vec<(usize, usize)> = Vec::new();
            for (count, release) in steps {
                if release && !held.is_empty() {
                    let (first, count) = held.swap_remove(count % held.len());
                    map.give_back(first, count);
                } else if let Some(first) = map.take(count) {
                    for (other, length) in &held {
                        prop_assert!(first + count <= *other || other + length <= first);
                    }
                    held.push((first, count));
                }
                prop_assert_eq!(map.in_use(), held.iter().map(|(_, length)| length).sum::<usize>());
            }
        }
    }
}
