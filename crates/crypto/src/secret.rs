//! Secrets as types: they live in the arena or in memory that is overwritten, they are never
//! printed, and copying one is a visible act.

use std::fmt;
use std::ops::Deref;

use zeroize::{Zeroize, Zeroizing};

use crate::arena::ArenaBox;
use crate::{CryptoError, Entropy, compare};

/// `N` secret bytes in the locked arena, overwritten on drop.
pub struct Secret<const N: usize>(ArenaBox<[u8; N]>);

/// A symmetric key of 256 bits.
pub type Key = Secret<32>;

impl<const N: usize> Secret<N> {
    /// Fresh uniformly random bytes, drawn straight into the arena.
    ///
    /// # Errors
    /// [`CryptoError::Randomness`], [`CryptoError::Memory`].
    pub fn random(entropy: &dyn Entropy) -> Result<Self, CryptoError> {
        let mut secret = Self::zeroed()?;
        entropy.fill(secret.expose_mut())?;
        Ok(secret)
    }

    /// A copy of `bytes`, which must be `N` long. The caller overwrites the original.
    ///
    /// # Errors
    /// [`CryptoError::Length`], [`CryptoError::Memory`].
    pub fn from_slice(bytes: &[u8]) -> Result<Self, CryptoError> {
        if bytes.len() != N {
            return Err(CryptoError::Length { what: "a key", expected: N, found: bytes.len() });
        }
        let mut secret = Self::zeroed()?;
        secret.expose_mut().copy_from_slice(bytes);
        Ok(secret)
    }

    /// A second copy, in the arena too.
    ///
    /// # Errors
    /// [`CryptoError::Memory`].
    pub fn duplicate(&self) -> Result<Self, CryptoError> {
        Self::from_slice(self.expose())
    }

    /// The bytes, for the moment of use.
    #[must_use]
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }

    /// Whether both hold the same bytes; the time taken doesn't tell where they differ.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        compare::same(self.expose(), other.expose())
    }

    pub(crate) fn zeroed() -> Result<Self, CryptoError> {
        ArenaBox::new([0; N]).map(Self)
    }

    pub(crate) fn expose_mut(&mut self) -> &mut [u8; N] {
        &mut self.0
    }
}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({N} bytes, hidden)")
    }
}

/// Opened bytes of any length on the heap, overwritten on drop.
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// Takes the bytes over.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl Deref for SecretBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for SecretBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretBytes({} bytes, hidden)", self.0.len())
    }
}

/// Secret text on the heap, overwritten on drop.
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Takes the text over.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl Deref for SecretText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(hidden)")
    }
}

/// A passphrase, overwritten on drop. Its bytes are used as given: whoever reads it from a person
/// brings it into one Unicode form first.
pub struct Passphrase(SecretText);

impl Passphrase {
    /// Takes the text over.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(SecretText::new(text))
    }

    /// The text, for the moment of use.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Its length in Unicode scalar values, the length policy counts in.
    #[must_use]
    pub fn char_count(&self) -> usize {
        self.0.chars().count()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(hidden)")
    }
}

/// Bytes of stack below the caller that key set-up in the libraries may have written to.
const STACK: usize = 16 * 1024;

/// Runs `work`, which handles secrets on the stack, then overwrites the stack it used. Best effort:
/// the language does not say where values lie.
pub(crate) fn scrub_stack_after<T>(work: impl FnOnce() -> T) -> T {
    #[inline(never)]
    fn below<T>(work: impl FnOnce() -> T) -> T {
        work()
    }
    let result = below(work);
    zeroize::zeroize_stack::<STACK>();
    result
}

/// Overwrites `bytes` at once.
pub(crate) fn wipe(bytes: &mut [u8]) {
    bytes.zeroize();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{FixedEntropy, NoEntropy};

    #[test]
    fn random_keys_differ_and_duplicates_agree() {
        let entropy = FixedEntropy::new(1);
        let a = Key::random(&entropy).unwrap();
        let b = Key::random(&entropy).unwrap();
        assert!(!a.same_as(&b));
        assert!(a.same_as(&a.duplicate().unwrap()));
        assert_ne!(a.expose(), &[0; 32]);
    }

    #[test]
    fn failing_randomness_is_an_error_not_a_zero_key() {
        assert!(matches!(Key::random(&NoEntropy), Err(CryptoError::Randomness)));
    }

    #[test]
    fn wrong_lengths_are_refused() {
        assert!(matches!(
            Key::from_slice(&[0; 31]),
            Err(CryptoError::Length { expected: 32, found: 31, .. })
        ));
    }

    #[test]
    fn nothing_is_printed() {
        let key = Secret::<4>::from_slice(b"abcd").unwrap();
        let shown = format!(
            "{key:?} {:?} {:?} {:?}",
            Passphrase::new("hunter".into()),
            SecretBytes::new(b"hunter".to_vec()),
            SecretText::new("hunter".into())
        );
        assert!(!shown.contains("abcd") && !shown.contains("hunter") && !shown.contains("97"));
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        assert_eq!(Passphrase::new("äöü日本".into()).char_count(), 5);
    }
}
