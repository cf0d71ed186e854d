//! Which integers were met, in bounded memory. Integers of annotation files mostly follow each other,
//! so they lie in pages of bits; a page begins as a short list, because some files scatter them.

use std::collections::HashMap;

/// Integers of one page.
const PAGE: i128 = 1024;
/// Integers of a page that is still a list.
const FEW: usize = 6;
/// What an entry of the table takes: key and page, and that the table is never full.
const ENTRY_BYTES: usize = 56;
/// What a page of bits takes beside its entry, the allocator's share included.
const BITS_BYTES: usize = 144;

enum Page {
    /// The first ones, as many as the first number says.
    Few(u8, [u16; FEW]),
    /// A bit for each.
    Bits(Box<[u64; 16]>),
}

/// A set of integers of 64 bits and a sign.
#[derive(Default)]
pub(crate) struct Ids {
    pages: HashMap<i64, Page>,
    bytes: usize,
}

/// What became of an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Met {
    /// It is new.
    New,
    /// It was there already.
    Again,
    /// No more memory may be used for it.
    TooScattered,
}

impl Ids {
    /// Takes an integer, using at most `most` bytes for all of them.
    pub(crate) fn meet(&mut self, id: i128, most: usize) -> Met {
        // What was read from 64 bits has a page of 64 bits.
        let Ok(page) = i64::try_from(id.div_euclid(PAGE)) else { return Met::TooScattered };
        let within = id.rem_euclid(PAGE) as u16;
        if self.bytes > most {
            return match self.pages.get(&page) {
                Some(found) if found.holds(within) => Met::Again,
                Some(Page::Bits(_)) => self.put(page, within),
                _ => Met::TooScattered,
            };
        }
        self.put(page, within)
    }

    fn put(&mut self, page: i64, within: u16) -> Met {
        let bytes = &mut self.bytes;
        let found = self.pages.entry(page).or_insert_with(|| {
            *bytes += ENTRY_BYTES;
            Page::Few(0, [0; FEW])
        });
        if found.holds(within) {
            return Met::Again;
        }
        if let Page::Few(count, list) = found {
            if let Some(slot) = list.get_mut(usize::from(*count)) {
                *slot = within;
                *count += 1;
                return Met::New;
            }
            let mut bits = Box::new([0; 16]);
            list.iter().for_each(|one| set(&mut bits, *one));
            self.bytes += BITS_BYTES;
            *found = Page::Bits(bits);
        }
        if let Page::Bits(bits) = found {
            set(bits, within);
        }
        Met::New
    }
}

impl Page {
    fn holds(&self, within: u16) -> bool {
        match self {
            Self::Few(count, list) => list[..usize::from(*count)].contains(&within),
            Self::Bits(bits) => bits[usize::from(within / 64)] >> (within % 64) & 1 == 1,
        }
    }
}

fn set(bits: &mut [u64; 16], within: u16) {
    bits[usize::from(within / 64)] |= 1 << (within % 64);
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn following_numbers_take_next_to_nothing_and_scattered_ones_are_stopped() {
        let mut ids = Ids::default();
        for id in 0..1_000_000 {
            assert_eq!(ids.meet(id, 1 << 20), Met::New);
        }
        assert!(ids.bytes < 256 << 10, "{}", ids.bytes);
        let mut scattered = Ids::default();
        let taken = (0..1_000_000_i128)
            .take_while(|n| scattered.meet(n * 1_000_003, 1 << 20) == Met::New)
            .count();
        assert!((10_000..30_000).contains(&taken), "{taken}");
        // What was met before is still known.
        assert_eq!(scattered.meet(1_000_003, 1 << 20), Met::Again);
    }

    proptest! {
        #[test]
        fn it_says_what_a_set_says(
            ids in proptest::collection::vec(prop_oneof![
                -3000_i128..3000, any::<i64>().prop_map(i128::from), any::<u64>().prop_map(i128::from)
            ], 0..400),
        ) {
            let (mut ours, mut theirs) = (Ids::default(), HashSet::new());
            for id in ids {
                let wanted = if theirs.insert(id) { Met::New } else { Met::Again };
                prop_assert_eq!(ours.meet(id, usize::MAX), wanted);
            }
        }
    }
}
