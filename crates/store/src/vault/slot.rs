//! A person's key slot: everything that the person's passphrase opens.
//!
//! ```text
//! file    = CBOR ‖ first 32 bytes of SHA-512(CBOR)
//! CBOR    = ["vaultmark-slot", format, KDF parameters, salt, record]
//! record  = sealed record (key-committing) under the passphrase's key, of
//!           [1, person, signing seed, age identity, vault key, pins]
//! ```
//! The file's name is a keyed hash of the login under the header's salt, so that nothing on the disk
//! names a person; who has the whole folder can test a guessed name. The checksum keeps "damaged"
//! apart from "wrong passphrase"; it protects nothing.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use minicbor::{Decoder, Encoder};
use unicode_normalization::UnicodeNormalization;
use vaultmark_crypto::{
    CryptoError, Identity, KdfParameters, Key, Passphrase, Secret, SecretBytes, SigningKey,
    derive_key, keyed_name, open_record, seal_record, sha512,
};
use vaultmark_model::canonical::{Canonical, DecodeResult, EncodeResult, expect_array, invalid};
use vaultmark_model::{PersonId, VaultId};

use super::pins::Pins;
use crate::{Ambient, StoreError, atomic, regular};

const FORMAT: u32 = 1;
const MAGIC: &str = "vaultmark-slot";
const LABEL: &str = "vault/slot";
const WHAT: &str = "key slot";
const CHECK: usize = 32;
/// The most bytes of a slot file: pins of very many projects.
const MOST: u64 = 64 << 20;

/// The file name of a login's slot, without its ending. Case, outer blanks and the Unicode form of
/// the login do not matter.
pub(crate) fn slot_name(salt: &[u8; 32], login: &str) -> String {
    let login: String = login.trim().to_lowercase().nfc().collect();
    keyed_name(salt, &login)
}

/// Brings a passphrase into the one Unicode form that is derived from, so that it works from every
/// keyboard.
pub(crate) fn normalised(passphrase: &Passphrase) -> Passphrase {
    // Room for the worst growth of NFC, so that nothing is left behind by growing.
    let mut text = String::with_capacity(passphrase.expose().len() * 3);
    text.extend(passphrase.expose().nfc());
    Passphrase::new(text)
}

/// A slot as it lies on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SlotFile {
    kdf: KdfParameters,
    salt: [u8; 32],
    record: Vec<u8>,
}

impl SlotFile {
    /// Reads a slot; none where there is no file.
    pub fn read(path: &Path) -> Result<Option<Self>, StoreError> {
        match regular::read(path, MOST) {
            Ok(bytes) => Self::from_file(&bytes).map(Some),
            Err(source) => match source.kind() {
                ErrorKind::NotFound => Ok(None),
                ErrorKind::FileTooLarge => Err(StoreError::damaged(WHAT, "it is too long")),
                _ => Err(StoreError::io("reading", path, source)),
            },
        }
    }

    pub(crate) fn from_file(bytes: &[u8]) -> Result<Self, StoreError> {
        let damaged = |why: &dyn ToString| StoreError::damaged(WHAT, why.to_string());
        let (body, check) =
            bytes.split_last_chunk::<CHECK>().ok_or_else(|| damaged(&"it is cut short"))?;
        if sha512(body).as_bytes()[..CHECK] != check[..] {
            return Err(damaged(&"its checksum does not fit"));
        }
        let mut d = Decoder::new(body);
        let begins = d.array().is_ok() && d.str().is_ok_and(|magic| magic == MAGIC);
        match d.u32() {
            Ok(found) if begins && found > FORMAT => {
                Err(StoreError::NewerVersion { what: WHAT, found, known: FORMAT })
            }
            _ => Self::from_bytes(body).map_err(|e| damaged(&e)),
        }
    }

    fn to_file(&self) -> Vec<u8> {
        let mut bytes = self.to_bytes();
        let check = sha512(&bytes);
        bytes.extend_from_slice(&check.as_bytes()[..CHECK]);
        bytes
    }

    /// The cost of the passphrase.
    pub fn kdf(&self) -> &KdfParameters {
        &self.kdf
    }
}

impl Canonical for SlotFile {
    const WHAT: &'static str = WHAT;
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(5)?.str(MAGIC)?.u32(FORMAT)?;
        self.kdf.encode(e)?;
        e.bytes(&self.salt)?.bytes(&self.record)?;
        Ok(())
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 5)?;
        if d.str()? != MAGIC || d.u32()? != FORMAT {
            return Err(invalid("it is no key slot of a format that this version knows"));
        }
        let kdf = KdfParameters::decode(d)?;
        let salt = d.bytes()?.try_into().map_err(|_| invalid("the salt is 32 bytes"))?;
        Ok(Self { kdf, salt, record: d.bytes()?.to_vec() })
    }
}

/// A slot that is open: the person's keys, and what the account remembers.
#[derive(Debug)]
pub(crate) struct Slot {
    vault: VaultId,
    pub name: String,
    path: PathBuf,
    kdf: KdfParameters,
    salt: [u8; 32],
    /// The passphrase's key; kept so that the pins can advance without the passphrase.
    kek: Key,
    pub person: PersonId,
    pub signing: Arc<SigningKey>,
    pub identity: Arc<Identity>,
    pub vault_key: Key,
    pub pins: Pins,
}

/// What a new slot is made for.
pub(crate) struct NewSlot<'a> {
    pub vault: VaultId,
    pub name: String,
    pub path: PathBuf,
    pub kdf: KdfParameters,
    pub passphrase: &'a Passphrase,
    pub person: PersonId,
    pub signing: Arc<SigningKey>,
    pub identity: Arc<Identity>,
    pub vault_key: Key,
    pub pins: Pins,
}

impl Slot {
    /// Makes a slot and writes it.
    pub fn create(new: NewSlot<'_>, ambient: &Ambient) -> Result<Self, StoreError> {
        let salt = ambient.random()?;
        let kek = derive_key(&normalised(new.passphrase), &salt, &new.kdf)?;
        let slot = Self {
            vault: new.vault,
            name: new.name,
            path: new.path,
            kdf: new.kdf,
            salt,
            kek,
            person: new.person,
            signing: new.signing,
            identity: new.identity,
            vault_key: new.vault_key,
            pins: new.pins,
        };
        slot.write(ambient)?;
        Ok(slot)
    }

    /// Opens a slot. [`StoreError::WrongCredential`] where the passphrase is not its own; another
    /// error where the passphrase is right and the content is not.
    pub fn open(
        vault: VaultId,
        name: &str,
        path: &Path,
        file: &SlotFile,
        passphrase: &Passphrase,
    ) -> Result<Self, StoreError> {
        let kek = derive_key(&normalised(passphrase), &file.salt, &file.kdf)?;
        let context = context(vault, name, &file.kdf, &file.salt);
        let plain = open_record(&kek, LABEL, &context, &file.record).map_err(|e| match e {
            CryptoError::WrongKey { .. } => StoreError::WrongCredential,
            other => StoreError::damaged(WHAT, other),
        })?;
        let damaged = |why: &dyn ToString| StoreError::damaged(WHAT, why.to_string());
        let content = Content::from_bytes(&plain).map_err(|e| damaged(&e))?;
        Ok(Self {
            vault,
            name: name.to_owned(),
            path: path.to_path_buf(),
            kdf: file.kdf,
            salt: file.salt,
            kek,
            person: content.person,
            signing: Arc::new(SigningKey::from_seed(content.seed)?),
            identity: Arc::new(content.identity),
            vault_key: content.vault_key,
            pins: content.pins,
        })
    }

    /// Does the work of a slot that is not there, so that its absence takes as long as a wrong
    /// passphrase.
    pub fn pretend(
        kdf: &KdfParameters,
        salt: &[u8; 32],
        passphrase: &Passphrase,
    ) -> Result<(), StoreError> {
        derive_key(&normalised(passphrase), salt, kdf)?;
        Ok(())
    }

    /// Whether this is the slot's passphrase.
    pub fn is_opened_by(&self, passphrase: &Passphrase) -> Result<bool, StoreError> {
        Ok(derive_key(&normalised(passphrase), &self.salt, &self.kdf)?.same_as(&self.kek))
    }

    /// Writes the slot with its present pins.
    pub fn write(&self, ambient: &Ambient) -> Result<(), StoreError> {
        let context = context(self.vault, &self.name, &self.kdf, &self.salt);
        let plain = self.content();
        let record = seal_record(&self.kek, LABEL, &context, &plain, ambient.entropy.as_ref())?;
        let file = SlotFile { kdf: self.kdf, salt: self.salt, record };
        atomic::write("the key slot", &self.path, &file.to_file())
    }

    fn content(&self) -> SecretBytes {
        let pins = self.pins.to_bytes();
        let identity = self.identity.secret_string();
        // Room for everything, so that nothing is left behind by growing.
        let mut e = Encoder::new(Vec::with_capacity(512 + pins.len()));
        let written = e
            .array(6)
            .and_then(|e| e.u8(1))
            .and_then(|e| e.bytes(self.person.as_bytes()))
            .and_then(|e| e.bytes(self.signing.seed().expose()))
            .and_then(|e| e.str(&identity))
            .and_then(|e| e.bytes(self.vault_key.expose()))
            .and_then(|e| e.bytes(&pins))
            .map(|_| ());
        SecretBytes::new(match written {
            Ok(()) => e.into_writer(),
            // Memory is the writer and its error type has no values.
            Err(_) => Vec::new(),
        })
    }
}

/// What a slot seals.
pub(super) struct Content {
    person: PersonId,
    seed: Secret<32>,
    identity: Identity,
    vault_key: Key,
    pins: Pins,
}

impl Content {
    pub(super) fn from_bytes(plain: &[u8]) -> Result<Self, minicbor::decode::Error> {
        let secret = |bytes: &[u8]| {
            Secret::from_slice(bytes).map_err(|_| invalid("a key in it is not 32 bytes"))
        };
        let mut d = Decoder::new(plain);
        expect_array(&mut d, 6)?;
        if d.u8()? != 1 {
            return Err(invalid("its content is of a format that this version does not know"));
        }
        let person = PersonId::decode(&mut d)?;
        let seed = secret(d.bytes()?)?;
        let identity = Identity::from_secret_string(d.str()?)
            .map_err(|_| invalid("its unwrapping key is none"))?;
        let vault_key = secret(d.bytes()?)?;
        let pins = Pins::from_bytes(d.bytes()?).map_err(minicbor::decode::Error::message)?;
        if d.position() != plain.len() {
            return Err(invalid("bytes follow its content"));
        }
        Ok(Self { person, seed, identity, vault_key, pins })
    }
}

fn context(vault: VaultId, name: &str, kdf: &KdfParameters, salt: &[u8; 32]) -> Vec<u8> {
    [&vault.as_bytes()[..], name.as_bytes(), &kdf.to_bytes(), salt].concat()
}
