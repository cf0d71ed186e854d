//! Signatures on bundles and on the program itself, in the format of OpenSSH's `PROTOCOL.sshsig`, so
//! that a stranger verifies them with `ssh-keygen -Y verify` and nothing of ours.
//!
//! The two roles of a bundle and the program have a namespace each. Hash is SHA-512, key is Ed25519;
//! other choices of the format are refused, so there is one way to read a signature.

use ssh_key::public::{Ed25519PublicKey, KeyData};
use ssh_key::{Algorithm, HashAlg, LineEnding, SshSig};
use vaultmark_model::digest::SUITE_ED25519;
use vaultmark_model::{Digest, PublicKey};

use crate::digest::sha512;
use crate::sign::verify_raw;
use crate::{CryptoError, SigningKey};

const WHAT: &str = "the bundle";
const FILE: &str = "the bundle's signature";
/// The namespace of signatures on programs: who builds them signs each file with
/// `ssh-keygen -Y sign -n program@vaultmark.org`.
pub const PROGRAM_NAMESPACE: &str = "program@vaultmark.org";
/// More than any signature of this profile needs.
const MOST_ARMORED: usize = 4096;

/// In which role a bundle is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BundleRole {
    /// Who made it.
    Creator,
    /// Who approved it for release.
    Approver,
}

impl BundleRole {
    /// Both roles.
    pub const ALL: [Self; 2] = [Self::Creator, Self::Approver];

    /// The signature namespace (`-n` of `ssh-keygen -Y verify`).
    #[must_use]
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::Creator => "vaultmark-bundle-creator",
            Self::Approver => "vaultmark-bundle-approver",
        }
    }
}

/// Signs `message` in a role; the armored text of a `.sig` file, lines ending in LF. Deterministic.
///
/// # Errors
/// [`CryptoError::Malformed`] where the format can't hold it, which its bounds rule out.
pub fn sign_bundle(
    key: &SigningKey,
    role: BundleRole,
    message: &[u8],
) -> Result<String, CryptoError> {
    let signed_bytes =
        SshSig::signed_data(role.namespace(), HashAlg::Sha512, message).map_err(malformed)?;
    let signature =
        ssh_key::Signature::new(Algorithm::Ed25519, key.sign_raw(&signed_bytes).to_vec())
            .map_err(malformed)?;
    SshSig::new(key_data(&key.public())?, role.namespace(), HashAlg::Sha512, signature)
        .and_then(|sig| sig.to_pem(LineEnding::LF))
        .map_err(malformed)
}

/// Checks the armored signature on `message` and gives the key that made it. Whether that key may
/// sign in this role is the trust list's to say (see [`crate::allowed_signers`]).
///
/// # Errors
/// [`CryptoError::Malformed`] for text that is no such signature or makes another choice of
/// algorithms, [`CryptoError::Namespace`] for one of another role, [`CryptoError::Signature`].
pub fn verify_bundle(
    armored: &str,
    role: BundleRole,
    message: &[u8],
) -> Result<PublicKey, CryptoError> {
    let purpose = Purpose { what: WHAT, file: FILE, namespace: role.namespace() };
    purpose.verify(armored, &sha512(message))
}

/// Checks the armored signature on a program whose bytes have that SHA-512, and gives the key that
/// made it. Whether that key may sign programs, the person decides who compares its fingerprint.
///
/// # Errors
/// As [`verify_bundle`].
pub fn verify_program(armored: &str, digest: &Digest) -> Result<PublicKey, CryptoError> {
    let (what, file) = ("the program", "the program's signature");
    Purpose { what, file, namespace: PROGRAM_NAMESPACE }.verify(armored, digest)
}

/// What a signature is expected to be on.
struct Purpose {
    what: &'static str,
    file: &'static str,
    namespace: &'static str,
}

impl Purpose {
    fn malformed(&self, error: impl std::fmt::Display) -> CryptoError {
        CryptoError::Malformed { what: self.file, why: error.to_string() }
    }

    fn verify(&self, armored: &str, digest: &Digest) -> Result<PublicKey, CryptoError> {
        let sig = self.read(armored)?;
        let KeyData::Ed25519(public) = sig.public_key() else {
            return Err(self.malformed("its key is not of the type ssh-ed25519"));
        };
        let key = PublicKey::new(SUITE_ED25519, public.0.to_vec());
        let signed = signed_bytes(self.namespace, digest);
        verify_raw(&key, self.what, &signed, sig.signature_bytes())?;
        Ok(key)
    }

    /// A signature of this profile and purpose, in the one text that it has.
    fn read(&self, armored: &str) -> Result<SshSig, CryptoError> {
        if armored.len() > MOST_ARMORED {
            let why = format_args!("it has {} bytes, more than any signature", armored.len());
            return Err(self.malformed(why));
        }
        let sig = SshSig::from_pem(armored).map_err(|error| self.malformed(error))?;
        // One signature has one text: the decoder passes over some wrong lengths.
        let canonical = sig.to_pem(LineEnding::LF).map_err(|error| self.malformed(error))?;
        if canonical.trim_end() != armored.replace("\r\n", "\n").trim_end() {
            return Err(self.malformed("it is not written the way ssh-keygen writes it"));
        }
        if sig.namespace() != self.namespace {
            let found = printable(sig.namespace());
            return Err(CryptoError::Namespace { expected: self.namespace, found });
        }
        if sig.signature().algorithm() != Algorithm::Ed25519 {
            return Err(self.malformed("it is not made with ssh-ed25519"));
        }
        if sig.hash_alg() != HashAlg::Sha512 {
            return Err(self.malformed("its hash is not sha512"));
        }
        if sig.version() != 1 || !sig.reserved().is_empty() {
            return Err(self.malformed("it is of an unknown version of the format"));
        }
        Ok(sig)
    }
}

/// What is signed (PROTOCOL.sshsig, section 4), from the hash of the message, which may be as long
/// as it likes.
fn signed_bytes(namespace: &str, digest: &Digest) -> Vec<u8> {
    let mut bytes = b"SSHSIG".to_vec();
    for text in [namespace.as_bytes(), b"", b"sha512", digest.as_bytes()] {
        bytes.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend(text);
    }
    bytes
}

/// The key as OpenSSH writes it: `ssh-ed25519 AAAA… comment`. The comment's control characters
/// become spaces. Empty for a key of another suite, which OpenSSH has no form for.
#[must_use]
pub fn openssh_public(key: &PublicKey, comment: &str) -> String {
    let Ok(data) = key_data(key) else { return String::new() };
    let comment: String = comment.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    ssh_key::PublicKey::new(data, comment.trim()).to_openssh().unwrap_or_default()
}

/// `SHA256:…` as `ssh-keygen -lf` prints it. Empty for a key of another suite.
#[must_use]
pub fn fingerprint(key: &PublicKey) -> String {
    key_data(key).map_or_else(
        |_| String::new(),
        |data| ssh_key::PublicKey::from(data).fingerprint(HashAlg::Sha256).to_string(),
    )
}

/// Reads `ssh-ed25519 AAAA…`, the comment aside.
pub(crate) fn parse_openssh(text: &str) -> Result<PublicKey, String> {
    let key = ssh_key::PublicKey::from_openssh(text).map_err(|e| e.to_string())?;
    match key.key_data() {
        KeyData::Ed25519(public) => Ok(PublicKey::new(SUITE_ED25519, public.0.to_vec())),
        _ => Err("the key is not of the type ssh-ed25519".into()),
    }
}

fn key_data(key: &PublicKey) -> Result<KeyData, CryptoError> {
    if key.suite() != SUITE_ED25519 {
        return Err(CryptoError::Suite { what: WHAT, suite: key.suite() });
    }
    let bytes = <[u8; 32]>::try_from(key.bytes()).map_err(|_| CryptoError::Length {
        what: "a public key",
        expected: 32,
        found: key.bytes().len(),
    })?;
    Ok(KeyData::Ed25519(Ed25519PublicKey(bytes)))
}

fn malformed(error: ssh_key::Error) -> CryptoError {
    CryptoError::Malformed { what: FILE, why: error.to_string() }
}

/// Foreign text fit for a message.
fn printable(text: &str) -> String {
    text.chars().take(64).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::FixedEntropy;

    fn key() -> SigningKey {
        SigningKey::generate(&FixedEntropy::new(1)).unwrap()
    }

    #[test]
    fn verifies_in_its_role_only() {
        for made in BundleRole::ALL {
            let armored = sign_bundle(&key(), made, b"manifest").unwrap();
            assert!(armored.starts_with("-----BEGIN SSH SIGNATURE-----\n"));
            assert!(armored.ends_with("-----END SSH SIGNATURE-----\n"));
            assert_eq!(verify_bundle(&armored, made, b"manifest").unwrap(), key().public());
            assert!(matches!(
                verify_bundle(&armored, made, b"manifesto"),
                Err(CryptoError::Signature { .. })
            ));
            for asked in BundleRole::ALL.into_iter().filter(|asked| *asked != made) {
                let refused = verify_bundle(&armored, asked, b"manifest");
                assert!(matches!(refused, Err(CryptoError::Namespace { .. })), "{refused:?}");
            }
        }
    }

    #[test]
    fn what_is_signed_is_what_the_library_signs() {
        let message = b"any message";
        let theirs = SshSig::signed_data(PROGRAM_NAMESPACE, HashAlg::Sha512, message).unwrap();
        assert_eq!(signed_bytes(PROGRAM_NAMESPACE, &sha512(message)), theirs);
    }

    #[test]
    fn a_signature_on_a_program_is_one_on_nothing_else() {
        let signed = SshSig::signed_data(PROGRAM_NAMESPACE, HashAlg::Sha512, b"program").unwrap();
        let raw = ssh_key::Signature::new(Algorithm::Ed25519, key().sign_raw(&signed).to_vec());
        let public = key_data(&key().public()).unwrap();
        let armored = SshSig::new(public, PROGRAM_NAMESPACE, HashAlg::Sha512, raw.unwrap())
            .and_then(|sig| sig.to_pem(LineEnding::LF))
            .unwrap();
        assert_eq!(verify_program(&armored, &sha512(b"program")).unwrap(), key().public());
        let other = verify_program(&armored, &sha512(b"another"));
        assert!(matches!(other, Err(CryptoError::Signature { .. })));
        let bundle = sign_bundle(&key(), BundleRole::Creator, b"program").unwrap();
        let refused = verify_program(&bundle, &sha512(b"program"));
        assert!(matches!(refused, Err(CryptoError::Namespace { .. })));
        for role in BundleRole::ALL {
            let refused = verify_bundle(&armored, role, b"program");
            assert!(matches!(refused, Err(CryptoError::Namespace { .. })));
        }
    }

    #[test]
    fn line_ends_of_other_systems_are_read() {
        let armored = sign_bundle(&key(), BundleRole::Creator, b"m").unwrap();
        let windows = armored.replace('\n', "\r\n");
        verify_bundle(&windows, BundleRole::Creator, b"m").unwrap();
    }

    #[test]
    fn altered_and_foreign_text_is_refused() {
        let armored = sign_bundle(&key(), BundleRole::Creator, b"m").unwrap();
        // The line end after the last line may be missing.
        for at in 0..armored.len() - 1 {
            let mut bytes = armored.clone().into_bytes();
            bytes[at] ^= 1;
            if let Ok(text) = String::from_utf8(bytes) {
                assert!(verify_bundle(&text, BundleRole::Creator, b"m").is_err(), "byte {at}");
            }
            assert!(verify_bundle(&armored[..at], BundleRole::Creator, b"m").is_err(), "cut {at}");
        }
        for text in ["", "hello", &"A".repeat(100_000)] {
            assert!(matches!(
                verify_bundle(text, BundleRole::Creator, b"m"),
                Err(CryptoError::Malformed { .. })
            ));
        }
    }

    #[test]
    fn other_choices_of_the_format_are_refused() {
        let sign = |hash, namespace: &str| {
            let data = SshSig::signed_data(namespace, hash, b"m").unwrap();
            let raw = key().sign_raw(&data).to_vec();
            let signature = ssh_key::Signature::new(Algorithm::Ed25519, raw).unwrap();
            let public = key_data(&key().public()).unwrap();
            SshSig::new(public, namespace, hash, signature)
                .and_then(|sig| sig.to_pem(LineEnding::LF))
                .unwrap()
        };
        let creator = BundleRole::Creator.namespace();
        verify_bundle(&sign(HashAlg::Sha512, creator), BundleRole::Creator, b"m").unwrap();
        assert!(matches!(
            verify_bundle(&sign(HashAlg::Sha256, creator), BundleRole::Creator, b"m"),
            Err(CryptoError::Malformed { .. })
        ));
        let error = verify_bundle(&sign(HashAlg::Sha512, "git\u{7}"), BundleRole::Creator, b"m");
        assert!(!error.unwrap_err().to_string().contains('\u{7}'));
    }

    #[test]
    fn keys_of_other_suites_have_no_openssh_form() {
        let other = PublicKey::new(2, vec![1; 32]);
        assert_eq!(openssh_public(&other, "x"), "");
        assert_eq!(fingerprint(&other), "");
    }
}
