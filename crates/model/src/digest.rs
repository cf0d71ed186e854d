//! Digests, public keys and signatures as values. Computing and checking them is the crypto
//! crate's work alone.

use std::fmt;

use minicbor::{Decoder, Encoder};

use crate::canonical::{Canonical, DecodeResult, EncodeResult, expect_array, invalid};
use crate::id::to_hex;

/// A SHA-512 digest (FIPS 180-4), 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 64]);

impl Digest {
    /// 64 zero bytes: "nothing before this" in a chain.
    pub const ZERO: Self = Self([0; 64]);

    /// Wraps the 64 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// The 64 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }

    /// From a slice of exactly 64 bytes.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        <[u8; 64]>::try_from(bytes).ok().map(Self)
    }

    /// 128 lower-case hexadecimal digits, as `sha512sum` prints.
    #[must_use]
    pub fn to_hex(&self) -> String {
        to_hex(&self.0)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({}…)", to_hex(&self.0[..8]))
    }
}

impl Canonical for Digest {
    const WHAT: &'static str = "digest";
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.bytes(&self.0)?;
        Ok(())
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        Self::from_slice(d.bytes()?).ok_or_else(|| invalid("a digest is 64 bytes"))
    }
}

/// Suite 1 of signatures: Ed25519 (RFC 8032), 32-byte public keys. Suite 2 (ECDSA P-384) and 3
/// (ML-DSA-87) are reserved.
pub const SUITE_ED25519: u8 = 1;

/// A public signing key with its suite.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey {
    suite: u8,
    bytes: Vec<u8>,
}

impl PublicKey {
    /// Wraps a key; whether the bytes are a point is checked when a signature is verified.
    #[must_use]
    pub fn new(suite: u8, bytes: Vec<u8>) -> Self {
        Self { suite, bytes }
    }

    /// The suite's number.
    #[must_use]
    pub fn suite(&self) -> u8 {
        self.suite
    }

    /// The key's bytes, as the suite defines them.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({}:{})", self.suite, to_hex(&self.bytes))
    }
}

impl Canonical for PublicKey {
    const WHAT: &'static str = "public key";
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(2)?.u8(self.suite)?.bytes(&self.bytes)?;
        Ok(())
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 2)?;
        let suite = d.u8()?;
        let bytes = d.bytes()?;
        if bytes.len() > 4096 {
            return Err(invalid("a public key has at most 4096 bytes"));
        }
        Ok(Self { suite, bytes: bytes.to_vec() })
    }
}

/// A signature's bytes; the key that made it says the suite.
#[derive(Clone, PartialEq, Eq)]
pub struct Signature(Vec<u8>);

impl Signature {
    /// Wraps the bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({} bytes)", self.0.len())
    }
}
