//! A project's key, wrapped for one recipient.
//!
//! ```text
//! record    = ["wrap", 1, suite, project, epoch, recipient, fingerprint, author, ciphertext]
//! plaintext = [1, project, epoch, key, fingerprint]
//! ```
//! Suite 1 is age X25519: the ciphertext is an age file, so the stock `age` tool opens it in a
//! disaster. Suites 2 (P-384 with AES key wrap) and 3 (ML-KEM-1024) are reserved. The record is
//! signed by its author in the namespace of membership, and the plaintext repeats project, epoch and
//! fingerprint: a bare wrapped key could be swapped for another project's or forged for anyone whose
//! recipient is known. The fingerprint is SHA-512 of a key derived for that purpose alone.

use minicbor::{Decoder, Encoder};
use vaultmark_crypto::{
    Entropy, Identity, Key, Namespace, Recipient, SecretBytes, SigningKey, expand, sha512, verify,
    wrap,
};
use vaultmark_model::canonical::{Canonical, DecodeResult, EncodeResult, expect_array, invalid};
use vaultmark_model::{Digest, ProjectId, PublicKey, Signature};

use super::membership::SignedStatement;
use crate::StoreError;
use crate::project::ProjectKeys;

const SUITE: u8 = 1;
const WHAT: &str = "project's wrapped key";

/// A project's key in one epoch.
#[derive(Debug)]
pub(crate) struct ProjectKey {
    pub project: ProjectId,
    pub epoch: u32,
    key: Key,
    pub fingerprint: Digest,
}

impl ProjectKey {
    /// A fresh key.
    pub fn generate(
        project: ProjectId,
        epoch: u32,
        entropy: &dyn Entropy,
    ) -> Result<Self, StoreError> {
        Self::of(project, epoch, Key::random(entropy)?)
    }

    /// The keys that the project works with.
    pub fn keys(&self) -> Result<ProjectKeys, StoreError> {
        ProjectKeys::expand(&self.key, &self.project)
    }

    fn of(project: ProjectId, epoch: u32, key: Key) -> Result<Self, StoreError> {
        let derived = expand(&key, "project/fingerprint", &context(project, epoch))?;
        let fingerprint = sha512(derived.expose());
        Ok(Self { project, epoch, key, fingerprint })
    }

    fn plaintext(&self) -> SecretBytes {
        let mut e = Encoder::new(Vec::with_capacity(256));
        let written = e
            .array(5)
            .and_then(|e| e.u8(1))
            .and_then(|e| e.bytes(self.project.as_bytes()))
            .and_then(|e| e.u32(self.epoch))
            .and_then(|e| e.bytes(self.key.expose()))
            .and_then(|e| e.bytes(self.fingerprint.as_bytes()))
            .map(|_| ());
        SecretBytes::new(match written {
            Ok(()) => e.into_writer(),
            // Memory is the writer and its error type has no values.
            Err(_) => Vec::new(),
        })
    }

    fn read(plaintext: &[u8]) -> Option<(ProjectId, u32, Key, Digest)> {
        let mut d = Decoder::new(plaintext);
        expect_array(&mut d, 5).ok()?;
        if d.u8().ok()? != 1 {
            return None;
        }
        let project = ProjectId::decode(&mut d).ok()?;
        let epoch = d.u32().ok()?;
        let key = Key::from_slice(d.bytes().ok()?).ok()?;
        let fingerprint = Digest::decode(&mut d).ok()?;
        (d.position() == plaintext.len()).then_some((project, epoch, key, fingerprint))
    }
}

fn context(project: ProjectId, epoch: u32) -> Vec<u8> {
    [&project.as_bytes()[..], &epoch.to_be_bytes()].concat()
}

/// The open part of a wrap record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrapRecord {
    pub project: ProjectId,
    pub epoch: u32,
    pub recipient: String,
    pub fingerprint: Digest,
    pub author: PublicKey,
    pub ciphertext: Vec<u8>,
}

impl WrapRecord {
    /// Wraps a key and signs the record.
    pub fn seal(
        key: &ProjectKey,
        recipient: &Recipient,
        signer: &SigningKey,
    ) -> Result<SignedStatement, StoreError> {
        let record = Self {
            project: key.project,
            epoch: key.epoch,
            recipient: recipient.to_string(),
            fingerprint: key.fingerprint,
            author: signer.public(),
            ciphertext: wrap::wrap(&key.plaintext(), std::slice::from_ref(recipient))?,
        };
        let bytes = record.to_bytes();
        let signature = signer.sign(Namespace::Membership, &bytes).bytes().to_vec();
        Ok(SignedStatement { bytes, signature })
    }

    /// Reads a record and checks its signature; who its author is, is the membership's to say.
    pub fn verify(signed: &SignedStatement) -> Result<Self, StoreError> {
        let record = Self::from_bytes(&signed.bytes).map_err(|e| StoreError::damaged(WHAT, e))?;
        let signature = Signature::new(signed.signature.clone());
        verify(&record.author, Namespace::Membership, &signed.bytes, &signature)
            .map_err(|_| StoreError::damaged(WHAT, "its signature does not fit"))?;
        Ok(record)
    }

    /// Unwraps the key; the plaintext must repeat what the record says.
    pub fn open(&self, identity: &Identity) -> Result<ProjectKey, StoreError> {
        let plain = wrap::unwrap(&self.ciphertext, identity)?;
        let (project, epoch, key, fingerprint) = ProjectKey::read(&plain)
            .ok_or_else(|| StoreError::damaged(WHAT, "what it seals is no project key"))?;
        let key = ProjectKey::of(project, epoch, key)?;
        let same = project == self.project
            && epoch == self.epoch
            && fingerprint == self.fingerprint
            && key.fingerprint == fingerprint;
        if !same {
            return Err(StoreError::damaged(WHAT, "it seals another key than it says"));
        }
        Ok(key)
    }
}

impl Canonical for WrapRecord {
    const WHAT: &'static str = WHAT;
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(9)?.str("wrap")?.u8(1)?.u8(SUITE)?;
        self.project.encode(e)?;
        e.u32(self.epoch)?.str(&self.recipient)?;
        self.fingerprint.encode(e)?;
        self.author.encode(e)?;
        e.bytes(&self.ciphertext)?;
        Ok(())
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 9)?;
        if d.str()? != "wrap" || d.u8()? != 1 {
            return Err(invalid("it is no wrap record of a format that this version knows"));
        }
        if d.u8()? != SUITE {
            return Err(invalid("it is of a suite that this version does not know"));
        }
        Ok(Self {
            project: ProjectId::decode(d)?,
            epoch: d.u32()?,
            recipient: d.str()?.to_owned(),
            fingerprint: Digest::decode(d)?,
            author: PublicKey::decode(d)?,
            ciphertext: d.bytes()?.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vaultmark_crypto::testing::FixedEntropy;

    fn made() -> (SignedStatement, Identity, SigningKey) {
        let entropy = FixedEntropy::new(3);
        let identity = Identity::generate(&entropy).unwrap();
        let signer = SigningKey::generate(&entropy).unwrap();
        let key = ProjectKey::generate(ProjectId::from_bytes([7; 16]), 1, &entropy).unwrap();
        (WrapRecord::seal(&key, &identity.recipient(), &signer).unwrap(), identity, signer)
    }

    #[test]
    fn opens_for_its_recipient_alone() {
        let (signed, identity, _) = made();
        let record = WrapRecord::verify(&signed).unwrap();
        let key = record.open(&identity).unwrap();
        assert_eq!((key.project, key.epoch), (ProjectId::from_bytes([7; 16]), 1));
        let stranger = Identity::generate(&FixedEntropy::new(9)).unwrap();
        assert!(record.open(&stranger).is_err());
    }

    #[test]
    fn a_ciphertext_moved_to_another_project_or_epoch_is_refused() {
        let (signed, identity, signer) = made();
        for change in [
            |record: &mut WrapRecord| record.project = ProjectId::from_bytes([8; 16]),
            |record: &mut WrapRecord| record.epoch = 2,
            |record: &mut WrapRecord| record.fingerprint = Digest::ZERO,
        ] {
            let mut record = WrapRecord::verify(&signed).unwrap();
            change(&mut record);
            assert!(matches!(record.open(&identity), Err(StoreError::Damaged { .. })));
            // Signed anew by someone, it still does not open.
            let bytes = record.to_bytes();
            let signature = signer.sign(Namespace::Membership, &bytes).bytes().to_vec();
            let again = WrapRecord::verify(&SignedStatement { bytes, signature }).unwrap();
            assert!(again.open(&identity).is_err());
        }
    }

    #[test]
    fn every_flipped_byte_is_refused() {
        let (signed, ..) = made();
        for at in 0..signed.bytes.len() {
            let mut flipped = signed.clone();
            flipped.bytes[at] ^= 1;
            assert!(WrapRecord::verify(&flipped).is_err(), "byte {at}");
        }
    }
}
