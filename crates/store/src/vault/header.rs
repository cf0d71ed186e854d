//! `vault.header`: what must be known before anyone signs in, signed by an officer.
//!
//! ```text
//! file = ["vaultmark-vault", format, body, signature]          deterministic CBOR
//! body = ["header", format, vault, created, salt, marking, consent banner, failures before lock,
//!         policy version, KDF parameters, [auditor's recipient …], recovery recipient,
//!         recovery wrap, author]
//! ```
//! The signature (namespace of policy) proves no more than that the author's key made the body;
//! whether the author is an officer is checked at sign-in, against the membership. The recovery wrap
//! is an age file for the recovery recipient that holds `[1, vault, vault key]`.

use std::io::ErrorKind;
use std::path::Path;

use minicbor::{Decoder, Encoder};
use vaultmark_crypto::{KdfParameters, Key, Namespace, Recipient, SigningKey, verify};
use vaultmark_model::canonical::{
    Canonical, DecodeResult, EncodeResult, array_up_to, expect_array, invalid,
};
use vaultmark_model::{Marking, PublicKey, Signature, Timestamp, VaultId};

use crate::{StoreError, atomic, regular};

/// The vault format of this version. A folder of a later one is refused by name.
pub(crate) const FORMAT: u32 = 1;
const MAGIC: &str = "vaultmark-vault";
const WHAT: &str = "vault header";
/// The most bytes of a header file.
const MOST: u64 = 256 * 1024;

/// What may be shown before sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Front {
    /// The vault.
    pub vault: VaultId,
    /// When it was made.
    pub created: Timestamp,
    /// The highest marking that it may hold.
    pub marking: Marking,
    /// What a person consents to by signing in.
    pub consent_banner: String,
}

/// The signed front of a vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub front: Front,
    /// Names slots and finds damage; a secret from no one who has the folder.
    pub salt: [u8; 32],
    pub failures_before_lock: u32,
    pub policy_version: u32,
    /// What slots are made with, and the least that is accepted.
    pub kdf: KdfParameters,
    pub auditors: Vec<String>,
    pub recovery: String,
    pub recovery_wrap: Vec<u8>,
    pub author: PublicKey,
}

impl Header {
    /// Reads and checks the file.
    pub fn read(path: &Path) -> Result<Self, StoreError> {
        let bytes = regular::read(path, MOST).map_err(|source| match source.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => {
                StoreError::NotAVault { path: path.parent().unwrap_or(path).to_path_buf() }
            }
            ErrorKind::FileTooLarge => StoreError::damaged(WHAT, "it is too long"),
            _ => StoreError::io("reading", path, source),
        })?;
        Self::from_file(&bytes)
    }

    /// Writes the file.
    pub fn write(&self, path: &Path, signer: &SigningKey) -> Result<(), StoreError> {
        atomic::write("the vault header", path, &self.to_file(signer))
    }

    /// The recipients of audit entries: the auditors, and the recovery sheet.
    pub fn audit_recipients(&self) -> Result<Vec<Recipient>, StoreError> {
        let mut all = Vec::new();
        for text in self.auditors.iter().chain([&self.recovery]) {
            all.push(text.parse()?);
        }
        Ok(all)
    }

    fn to_file(&self, signer: &SigningKey) -> Vec<u8> {
        let body = self.to_bytes();
        let signature = signer.sign(Namespace::Policy, &body);
        Sealed { format: FORMAT, body, signature: signature.bytes().to_vec() }.to_bytes()
    }

    pub(crate) fn from_file(bytes: &[u8]) -> Result<Self, StoreError> {
        let damaged = |why: &dyn ToString| StoreError::damaged(WHAT, why.to_string());
        // The format comes first: a newer version may look different from there on.
        let mut d = Decoder::new(bytes);
        let begins = d.array().is_ok() && d.str().is_ok_and(|magic| magic == MAGIC);
        match d.u32() {
            Ok(found) if begins && found > FORMAT => {
                return Err(StoreError::NewerVersion { what: "vault", found, known: FORMAT });
            }
            Ok(_) if begins => {}
            _ => return Err(damaged(&"it does not begin as a vault header does")),
        }
        let file = Sealed::from_bytes(bytes).map_err(|e| damaged(&e))?;
        let header = Self::from_bytes(&file.body).map_err(|e| damaged(&e))?;
        let signature = Signature::new(file.signature);
        verify(&header.author, Namespace::Policy, &file.body, &signature)
            .map_err(|_| damaged(&"its signature does not fit"))?;
        Ok(header)
    }
}

/// The file around the body.
struct Sealed {
    format: u32,
    body: Vec<u8>,
    signature: Vec<u8>,
}

impl Canonical for Sealed {
    const WHAT: &'static str = WHAT;
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(4)?.str(MAGIC)?.u32(self.format)?.bytes(&self.body)?.bytes(&self.signature)?;
        Ok(())
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 4)?;
        if d.str()? != MAGIC {
            return Err(invalid("it is no vault header"));
        }
        let format = d.u32()?;
        if format != FORMAT {
            return Err(invalid("a format that does not exist"));
        }
        Ok(Self { format, body: d.bytes()?.to_vec(), signature: d.bytes()?.to_vec() })
    }
}

impl Canonical for Header {
    const WHAT: &'static str = WHAT;
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(14)?.str("header")?.u32(FORMAT)?;
        self.front.vault.encode(e)?;
        self.front.created.encode(e)?;
        e.bytes(&self.salt)?.str(self.front.marking.text())?.str(&self.front.consent_banner)?;
        e.u32(self.failures_before_lock)?.u32(self.policy_version)?;
        self.kdf.encode(e)?;
        e.array(self.auditors.len() as u64)?;
        for auditor in &self.auditors {
            e.str(auditor)?;
        }
        e.str(&self.recovery)?.bytes(&self.recovery_wrap)?;
        self.author.encode(e)
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 14)?;
        if d.str()? != "header" || d.u32()? != FORMAT {
            return Err(invalid("it is no body of a vault header"));
        }
        let vault = VaultId::decode(d)?;
        let created = Timestamp::decode(d)?;
        let salt = d.bytes()?.try_into().map_err(|_| invalid("the salt is 32 bytes"))?;
        let marking = Marking::new(d.str()?).map_err(minicbor::decode::Error::message)?;
        let front = Front { vault, created, marking, consent_banner: d.str()?.to_owned() };
        let (failures_before_lock, policy_version) = (d.u32()?, d.u32()?);
        let kdf = KdfParameters::decode(d)?;
        let mut auditors = Vec::new();
        for _ in 0..array_up_to(d, 256)? {
            auditors.push(d.str()?.to_owned());
        }
        Ok(Self {
            front,
            salt,
            failures_before_lock,
            policy_version,
            kdf,
            auditors,
            recovery: d.str()?.to_owned(),
            recovery_wrap: d.bytes()?.to_vec(),
            author: PublicKey::decode(d)?,
        })
    }
}

/// The plaintext of the recovery wrap.
pub(crate) fn recovery_plaintext(vault: VaultId, key: &Key) -> vaultmark_crypto::SecretBytes {
    // array(3), 1, bytes(16), bytes(32): written out, so that nothing grows and leaves copies.
    let mut bytes = Vec::with_capacity(2 + 17 + 34);
    bytes.extend_from_slice(&[0x83, 0x01, 0x50]);
    bytes.extend_from_slice(vault.as_bytes());
    bytes.extend_from_slice(&[0x58, 0x20]);
    bytes.extend_from_slice(key.expose());
    vaultmark_crypto::SecretBytes::new(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vaultmark_crypto::{Identity, testing::FixedEntropy};

    fn header() -> (Header, SigningKey) {
        let entropy = FixedEntropy::new(1);
        let signer = SigningKey::generate(&entropy).unwrap();
        let recovery = Identity::generate(&entropy).unwrap().recipient().to_string();
        let header = Header {
            front: Front {
                vault: VaultId::from_bytes([1; 16]),
                created: Timestamp::from_millis(5),
                marking: Marking::new("SECRET").unwrap(),
                consent_banner: "Use is recorded.".into(),
            },
            salt: [2; 32],
            failures_before_lock: 3,
            policy_version: 1,
            kdf: KdfParameters::floor_argon2id(),
            auditors: vec![recovery.clone()],
            recovery,
            recovery_wrap: vec![3; 20],
            author: signer.public(),
        };
        (header, signer)
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_refused() {
        let (header, signer) = header();
        let bytes = header.to_file(&signer);
        assert_eq!(Header::from_file(&bytes).unwrap(), header);
        for at in 0..bytes.len() {
            assert!(Header::from_file(&bytes[..at]).is_err());
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                assert!(Header::from_file(&flipped).is_err(), "byte {at} bit {bit}");
            }
        }
    }

    #[test]
    fn a_newer_version_is_named_whatever_follows() {
        let mut e = Encoder::new(Vec::new());
        e.array(2).unwrap().str(MAGIC).unwrap().u32(7).unwrap();
        let error = Header::from_file(&e.into_writer()).unwrap_err();
        assert!(matches!(error, StoreError::NewerVersion { found: 7, known: FORMAT, .. }));
    }

    #[test]
    fn the_recovery_wrap_is_canonical() {
        let key = Key::from_slice(&[4; 32]).unwrap();
        let plain = recovery_plaintext(VaultId::from_bytes([1; 16]), &key);
        let mut d = Decoder::new(&plain);
        expect_array(&mut d, 3).unwrap();
        assert_eq!(d.u8().unwrap(), 1);
        assert_eq!(VaultId::decode(&mut d).unwrap(), VaultId::from_bytes([1; 16]));
        assert_eq!(d.bytes().unwrap(), key.expose());
        assert_eq!(d.position(), plain.len());
    }
}
