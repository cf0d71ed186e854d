//! The audit log's forward-secure MAC: after each entry the key moves on and the former one is
//! overwritten, so who takes the computer today can't rewrite yesterday.
//!
//! ```text
//! tag(i)   = HMAC-SHA512(key(i), "vaultmark/evolve/v1" ‖ 0x00 ‖ i as 8 bytes big-endian ‖ message)[..32]
//! key(i+1) = expand(key(i), "evolve", i as 8 bytes big-endian)      (see hkdf.rs)
//! ```

use std::iter;

use ring::hmac;

use crate::secret::scrub_stack_after;
use crate::{CryptoError, Key, compare, expand};

const DOMAIN: &[u8] = b"vaultmark/evolve/v1\0";

/// The MAC's present state.
#[derive(Debug)]
pub struct EvolvingMac {
    key: Key,
    index: u64,
}

impl EvolvingMac {
    /// The MAC of a sequence that begins now.
    #[must_use]
    pub fn new(key: Key) -> Self {
        Self { key, index: 0 }
    }

    /// Goes on from a state that was kept (see [`Self::key`] and [`Self::index`]).
    #[must_use]
    pub fn resume(key: Key, index: u64) -> Self {
        Self { key, index }
    }

    /// The key of the next entry, to be kept sealed.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The number of the next entry, from 0.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The tag of the next entry. The key that made it is overwritten before this returns.
    ///
    /// # Errors
    /// [`CryptoError::Memory`]; the state is then as before and no tag was given.
    pub fn tag(&mut self, message: &[u8]) -> Result<[u8; 32], CryptoError> {
        let index = self.index.to_be_bytes();
        let next = expand(&self.key, "evolve", &index)?;
        let tag = scrub_stack_after(|| {
            let key = hmac::Key::new(hmac::HMAC_SHA512, self.key.expose());
            let mut context = hmac::Context::with_key(&key);
            context.update(DOMAIN);
            context.update(&index);
            context.update(message);
            context.sign()
        });
        let mut out = [0; 32];
        out.copy_from_slice(&tag.as_ref()[..32]);
        self.key = next;
        self.index += 1;
        Ok(out)
    }
}

/// Checks a whole sequence from its first key on and gives the state after it, to be compared with
/// the state that was kept: entries cut off the end show there and nowhere else.
///
/// # Errors
/// [`CryptoError::Sequence`] with the first entry that does not fit, or where one side has more
/// entries than the other; [`CryptoError::Memory`].
pub fn verify_sequence<M: AsRef<[u8]>>(
    first: &Key,
    messages: impl IntoIterator<Item = M>,
    tags: impl IntoIterator<Item = [u8; 32]>,
) -> Result<EvolvingMac, CryptoError> {
    let mut mac = EvolvingMac::new(first.duplicate()?);
    let mut tags = tags.into_iter();
    let mut messages = messages.into_iter();
    for (message, tag) in iter::from_fn(|| match (messages.next(), tags.next()) {
        (None, None) => None,
        pair => Some(pair),
    }) {
        let index = mac.index();
        let fits = match (message, tag) {
            (Some(message), Some(tag)) => compare::same(&mac.tag(message.as_ref())?, &tag),
            _ => false,
        };
        if !fits {
            return Err(CryptoError::Sequence { index });
        }
    }
    Ok(mac)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::vectors;

    fn first() -> Key {
        let bytes: Vec<u8> = (0..32).collect();
        Key::from_slice(&bytes).unwrap()
    }

    fn sequence(count: usize) -> (Vec<Vec<u8>>, Vec<[u8; 32]>) {
        let mut mac = EvolvingMac::new(first());
        (0..count)
            .map(|i| {
                let message = format!("entry {i}").into_bytes();
                let tag = mac.tag(&message).unwrap();
                (message, tag)
            })
            .unzip()
    }

    fn fault(messages: &[Vec<u8>], tags: &[[u8; 32]]) -> Option<u64> {
        match verify_sequence(&first(), messages, tags.iter().copied()) {
            Ok(_) => None,
            Err(CryptoError::Sequence { index }) => Some(index),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn vectors_from_another_implementation() {
        let mut mac = EvolvingMac::new(first());
        for v in vectors("evolve.json") {
            assert_eq!(mac.index(), u64::from(v.number("index")));
            assert_eq!(mac.tag(&v.bytes("message")).unwrap().to_vec(), v.bytes("tag"));
            assert_eq!(mac.key().expose().to_vec(), v.bytes("next_key"));
        }
    }

    #[test]
    fn an_honest_sequence_holds_and_goes_on() {
        let (mut messages, mut tags) = sequence(20);
        let mac = verify_sequence(&first(), &messages, tags.iter().copied()).unwrap();
        assert_eq!(mac.index(), 20);
        let mut resumed = EvolvingMac::resume(mac.key().duplicate().unwrap(), mac.index());
        messages.push(b"later".to_vec());
        tags.push(resumed.tag(b"later").unwrap());
        assert_eq!(fault(&messages, &tags), None);
    }

    #[test]
    fn the_first_bad_entry_is_named() {
        let (messages, tags) = sequence(6);
        let mut altered = messages.clone();
        altered[3].push(b'!');
        assert_eq!(fault(&altered, &tags), Some(3));
        let mut swapped = (messages.clone(), tags.clone());
        swapped.0.swap(1, 2);
        swapped.1.swap(1, 2);
        assert_eq!(fault(&swapped.0, &swapped.1), Some(1));
        let mut removed = (messages.clone(), tags.clone());
        removed.0.remove(2);
        removed.1.remove(2);
        assert_eq!(fault(&removed.0, &removed.1), Some(2));
        assert_eq!(fault(&messages[..5], &tags), Some(5));
        assert_eq!(fault(&messages, &tags[..5]), Some(5));
    }

    #[test]
    fn a_cut_end_shows_in_the_state() {
        let (messages, tags) = sequence(6);
        let whole = verify_sequence(&first(), &messages, tags.iter().copied()).unwrap();
        let cut = verify_sequence(&first(), &messages[..5], tags[..5].iter().copied()).unwrap();
        assert_eq!((whole.index(), cut.index()), (6, 5));
        assert!(!whole.key().same_as(cut.key()));
    }
}
