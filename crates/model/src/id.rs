//! Identifiers: 128 random bits each, without a clock in them, the same on every workstation for
//! ever. Randomness is handed in; text form is 32 lower-case hexadecimal digits.

use std::fmt;
use std::str::FromStr;

use minicbor::{Decoder, Encoder};

use crate::ModelError;
use crate::canonical::{Canonical, DecodeResult, EncodeResult, invalid};

/// Writes `bytes` as lower-case hexadecimal digits.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// Reads exactly `N` bytes from hexadecimal digits of either case.
#[must_use]
pub fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != N * 2 {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    Some(bytes)
}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Makes the identifier from 16 random bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes, as they are signed and stored.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&to_hex(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), to_hex(&self.0))
            }
        }

        impl FromStr for $name {
            type Err = ModelError;
            fn from_str(text: &str) -> Result<Self, ModelError> {
                from_hex(text)
                    .map(Self)
                    .ok_or_else(|| ModelError::InvalidId { text: text.chars().take(64).collect() })
            }
        }

        impl Canonical for $name {
            const WHAT: &'static str = stringify!($name);
            fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
                e.bytes(&self.0)?;
                Ok(())
            }
            fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
                <[u8; 16]>::try_from(d.bytes()?)
                    .map(Self)
                    .map_err(|_| invalid("an identifier is 16 bytes"))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

identifiers! {
    /// Names a vault.
    VaultId;
    /// Names a project, in whichever vault it is.
    ProjectId;
    /// Names one vault's copy of a project: each copy writes a chain of its own.
    ReplicaId;
    /// Names a person with a slot in a vault.
    PersonId;
    /// Names an item of a project.
    ItemId;
    /// Names an annotation.
    AnnotationId;
    /// Names a label of a project's schema.
    LabelId;
    /// Names a change.
    ChangeId;
    /// Names a sealed blob; also bound into its key schedule.
    BlobId;
    /// Names a bundle.
    BundleId;
    /// Names a membership statement.
    StatementId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips_and_refuses_the_rest() {
        let id = ItemId::from_bytes([0xab; 16]);
        assert_eq!(id.to_string(), "ab".repeat(16));
        assert_eq!("AB".repeat(16).parse::<ItemId>(), Ok(id));
        for wrong in ["", "ab", &"g".repeat(32), &"a".repeat(33), "é"] {
            assert!(wrong.parse::<ItemId>().is_err(), "{wrong}");
        }
    }
}
