//! Signatures: the tag manifest is what its signers signed. What it lists is not yet checked.

use vaultmark_crypto::{
    AllowedSigner, BundleRole, CryptoError, fingerprint, parse_allowed_signers, verify_bundle,
};
use vaultmark_model::PublicKey;

use super::quarantine::Quarantined;
use super::tagged::Tagged;
use crate::error::BundleError;
use crate::frame::{APPROVER, CREATOR, SIGNATURE_BYTES, TAGMANIFEST, TAGMANIFEST_BYTES};
use crate::refusal::Refusal;

/// The signers that a receiver knows: an allowed-signers file.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    signers: Vec<AllowedSigner>,
}

impl Trust {
    /// Nobody is known; signatures are still checked.
    #[must_use]
    pub fn nobody() -> Self {
        Self::default()
    }

    /// These are known.
    #[must_use]
    pub fn new(signers: Vec<AllowedSigner>) -> Self {
        Self { signers }
    }

    /// Reads an allowed-signers file (ssh-keygen(1), ALLOWED SIGNERS).
    ///
    /// # Errors
    /// The crypto crate's error with the line's number.
    pub fn parse(text: &str) -> Result<Self, BundleError> {
        Ok(Self { signers: parse_allowed_signers(text)? })
    }

    /// Who holds the key in this role.
    fn principal(&self, key: &PublicKey, role: BundleRole) -> Option<String> {
        let known = self.signers.iter().find(|signer| signer.key == *key && signer.allows(role));
        known.map(|signer| signer.principal.clone())
    }
}

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerFacts {
    /// The key.
    pub key: PublicKey,
    /// `SHA256:…`, as `ssh-keygen -l` prints it.
    pub fingerprint: String,
    /// The name in the trust list; none for a signer that it does not know in this role.
    pub principal: Option<String>,
}

/// A bundle whose signatures are valid. Its content is not yet checked against them.
pub struct Signed {
    pub(super) quarantined: Quarantined,
    pub(super) tagmanifest: Vec<u8>,
    pub(super) creator: SignerFacts,
    pub(super) approver: Option<SignerFacts>,
}

impl Signed {
    pub(super) fn check(quarantined: Quarantined, trust: &Trust) -> Result<Self, BundleError> {
        let tagmanifest = quarantined.read_small(TAGMANIFEST, TAGMANIFEST_BYTES)?;
        let signer = |file, role, word| signer(&quarantined, &tagmanifest, trust, file, role, word);
        let creator = signer(CREATOR, BundleRole::Creator, "creator")?;
        let approver = if quarantined.find(APPROVER).is_some() {
            Some(signer(APPROVER, BundleRole::Approver, "approver")?)
        } else {
            None
        };
        if approver.as_ref().is_some_and(|approver| approver.key == creator.key) {
            return Err(Refusal::SameSigner.into());
        }
        Ok(Self { quarantined, tagmanifest, creator, approver })
    }

    /// Who made the bundle.
    #[must_use]
    pub fn creator(&self) -> &SignerFacts {
        &self.creator
    }

    /// Who approved it, if somebody did.
    #[must_use]
    pub fn approver(&self) -> Option<&SignerFacts> {
        self.approver.as_ref()
    }

    /// Checks the frame and the manifest against what was signed.
    ///
    /// # Errors
    /// [`BundleError::Refused`] with the rule that is broken.
    pub fn check_tags(self) -> Result<Tagged, BundleError> {
        Tagged::check(self)
    }
}

fn signer(
    quarantined: &Quarantined,
    message: &[u8],
    trust: &Trust,
    file: &str,
    role: BundleRole,
    word: &'static str,
) -> Result<SignerFacts, BundleError> {
    let form = |why: &str| Refusal::SignatureForm { role: word, why: why.to_owned() };
    let bytes = quarantined.read_small(file, SIGNATURE_BYTES)?;
    let armored = String::from_utf8(bytes).map_err(|_| form("it is not text"))?;
    let key = verify_bundle(&armored, role, message).map_err(|error| match error {
        CryptoError::Signature { .. } => Refusal::SignatureInvalid {
            role: word,
            why: "the content was altered, or another key signed it".into(),
        },
        CryptoError::Namespace { found, .. } => Refusal::SignatureInvalid {
            role: word,
            why: format!("it was made for the purpose {}", crate::name::shown(&found)),
        },
        CryptoError::Malformed { why, .. } => form(&why),
        other => form(&other.to_string()),
    })?;
    let principal = trust.principal(&key, role);
    Ok(SignerFacts { fingerprint: fingerprint(&key), principal, key })
}
