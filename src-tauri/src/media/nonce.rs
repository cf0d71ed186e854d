//! The session's part of every media address.

use std::hint::black_box;

use vaultmark::store::Ambient;

use super::SCHEME;
use crate::views::Answer;

/// 128 random bits as hexadecimal digits.
#[derive(Clone)]
pub struct Nonce(String);

impl Nonce {
    /// A new one.
    ///
    /// # Errors
    /// Where the random source fails.
    pub fn random(ambient: &Ambient) -> Answer<Self> {
        Ok(Self(vaultmark::model::id::to_hex(&ambient.random::<16>()?)))
    }

    /// What every address of the session begins with.
    #[must_use]
    pub fn base(&self) -> String {
        if cfg!(windows) {
            format!("http://{SCHEME}.localhost/{}", self.0)
        } else {
            format!("{SCHEME}://localhost/{}", self.0)
        }
    }

    /// Whether it is this one, in a time that does not depend on where they differ.
    #[must_use]
    pub fn is(&self, other: &str) -> bool {
        if self.0.len() != other.len() {
            return false;
        }
        let pairs = self.0.bytes().zip(other.bytes());
        let difference = pairs.fold(0_u8, |sum, (a, b)| sum | black_box(a ^ b));
        black_box(difference) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_nonce_opens() {
        let ambient = vaultmark::ambient::system();
        let (one, two) = (Nonce::random(&ambient).unwrap(), Nonce::random(&ambient).unwrap());
        assert!(one.is(&one.0) && !one.is(&two.0) && !one.is("") && !one.is(&one.0[1..]));
        assert!(one.base().ends_with(&one.0));
    }
}
