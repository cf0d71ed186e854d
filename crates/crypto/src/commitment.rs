//! The commitment to a Change's payload: a Merkle root whose leaves are salted, so that one field
//! can be shown or erased without giving the others away.
//!
//! Tree shape: RFC 6962 section 2.1, over SHA-512.
//! ```text
//! leaf  = SHA-512(0x00 ‖ salt (16) ‖ field)
//! node  = SHA-512(0x01 ‖ left ‖ right)
//! root of no leaves = SHA-512("")
//! ```

use vaultmark_model::Digest;

use crate::{Sha512Hasher, sha512};

/// The leaf of one field. The salt is random, of this field alone, and is erased with it.
#[must_use]
pub fn leaf(salt: &[u8; 16], field: &[u8]) -> Digest {
    let mut hasher = Sha512Hasher::new();
    hasher.update(&[0x00]);
    hasher.update(salt);
    hasher.update(field);
    hasher.finish()
}

fn node(left: &Digest, right: &Digest) -> Digest {
    let mut hasher = Sha512Hasher::new();
    hasher.update(&[0x01]);
    hasher.update(left.as_bytes());
    hasher.update(right.as_bytes());
    hasher.finish()
}

/// A root that grows leaf by leaf. Holds one digest for each set bit of the number of leaves.
#[derive(Debug, Clone, Default)]
pub struct Root {
    /// Roots of complete subtrees, largest first; subtree `i` has as many leaves as the `i`-th set
    /// bit of `leaves` says.
    subtrees: Vec<Digest>,
    leaves: u64,
}

impl Root {
    /// A tree of no leaves.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next leaf.
    pub fn push(&mut self, leaf: Digest) {
        let mut whole = leaf;
        // Each trailing one of the count is a subtree as large as the one being added.
        for _ in 0..self.leaves.trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                whole = node(&left, &whole);
            }
        }
        self.subtrees.push(whole);
        self.leaves += 1;
    }

    /// How many leaves there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.leaves
    }

    /// Whether there is no leaf yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.leaves == 0
    }

    /// The root over all leaves.
    #[must_use]
    pub fn finish(self) -> Digest {
        self.subtrees
            .into_iter()
            .rev()
            .reduce(|right, left| node(&left, &right))
            .unwrap_or_else(|| sha512(b""))
    }
}

impl Extend<Digest> for Root {
    fn extend<I: IntoIterator<Item = Digest>>(&mut self, leaves: I) {
        for leaf in leaves {
            self.push(leaf);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::vectors;

    fn numbered(count: u32) -> impl Iterator<Item = Digest> {
        (0..count).map(|i| leaf(&[u8::try_from(i).unwrap(); 16], format!("field {i}").as_bytes()))
    }

    fn root(leaves: impl IntoIterator<Item = Digest>) -> Digest {
        let mut root = Root::new();
        root.extend(leaves);
        root.finish()
    }

    /// The definition as RFC 6962 writes it.
    fn by_definition(leaves: &[Digest]) -> Digest {
        match leaves {
            [] => sha512(b""),
            [one] => *one,
            many => {
                let split = many.len().next_power_of_two() / 2;
                node(&by_definition(&many[..split]), &by_definition(&many[split..]))
            }
        }
    }

    #[test]
    fn vectors_from_another_implementation() {
        for v in vectors("merkle.json") {
            assert_eq!(root(numbered(v.number("leaves"))).as_bytes()[..], v.bytes("root")[..]);
        }
    }

    proptest! {
        #[test]
        fn growing_equals_the_definition(count in 0_u32..200) {
            let leaves: Vec<_> = numbered(count).collect();
            prop_assert_eq!(root(leaves.iter().copied()), by_definition(&leaves));
        }

        #[test]
        fn order_number_and_content_count(count in 2_u32..60, at in 0_usize..60) {
            let leaves: Vec<_> = numbered(count).collect();
            let at = at % (leaves.len() - 1);
            let whole = root(leaves.iter().copied());
            let mut swapped = leaves.clone();
            swapped.swap(at, at + 1);
            prop_assert_ne!(root(swapped), whole);
            let mut fewer = leaves.clone();
            fewer.remove(at);
            prop_assert_ne!(root(fewer), whole);
            let mut altered = leaves;
            altered[at] = leaf(&[255; 16], b"other");
            prop_assert_ne!(root(altered), whole);
        }
    }

    #[test]
    fn a_node_can_not_pass_for_a_leaf() {
        let leaves: Vec<_> = numbered(2).collect();
        let joined = [leaves[0].as_bytes().as_slice(), leaves[1].as_bytes()].concat();
        let salt: [u8; 16] = joined[..16].try_into().unwrap();
        assert_ne!(root(leaves), leaf(&salt, &joined[16..]));
    }

    #[test]
    fn memory_grows_with_the_logarithm() {
        let mut tree = Root::new();
        for leaf in
            (0..256).map(|i| leaf(&[0; 16], &[u8::try_from(i).unwrap()])).cycle().take(100_000)
        {
            tree.push(leaf);
            assert!(tree.subtrees.len() <= 17);
        }
        assert_eq!(tree.len(), 100_000);
    }
}
