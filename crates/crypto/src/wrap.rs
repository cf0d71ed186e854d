//! Sealing to people: suite 1 of the wrap record is age's X25519 (<https://age-encryption.org/v1>),
//! so that in a disaster the stock `age` tool opens what we sealed.
//!
//! The `age` library draws its file keys and ephemeral keys from the operating system itself: the
//! one place of the program where randomness is not handed in.

use std::fmt;
use std::io::{self, Read, Write};
use std::str::FromStr;

use age::stream::{StreamReader, StreamWriter};
use age::{DecryptError, Decryptor, EncryptError, Encryptor};

use crate::bech32::{SECRET_KEY_TEXT, secret_key_text};
use crate::secret::scrub_stack_after;
use crate::{CryptoError, Entropy, Secret, SecretBytes, SecretText};

const WHAT: &str = "the sealed file";

/// A person's unwrapping key. Its text form lies in the arena; the library's own form exists only
/// while it is used.
pub struct Identity {
    text: Secret<SECRET_KEY_TEXT>,
    recipient: Recipient,
}

impl Identity {
    /// A new key.
    ///
    /// # Errors
    /// [`CryptoError::Randomness`], [`CryptoError::Memory`].
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, CryptoError> {
        Self::from_seed(&Secret::random(entropy)?)
    }

    /// The key of 32 secret bytes (an X25519 scalar before clamping).
    ///
    /// # Errors
    /// [`CryptoError::Memory`].
    pub fn from_seed(seed: &Secret<32>) -> Result<Self, CryptoError> {
        Self::from_text(secret_key_text(seed)?)
    }

    /// Reads the text form, `AGE-SECRET-KEY-1…`, blanks around it aside.
    ///
    /// # Errors
    /// [`CryptoError::Identity`], [`CryptoError::Memory`].
    pub fn from_secret_string(text: &str) -> Result<Self, CryptoError> {
        let text = text.trim().as_bytes();
        Self::from_text(Secret::from_slice(text).map_err(|error| match error {
            CryptoError::Length { .. } => CryptoError::Identity,
            other => other,
        })?)
    }

    /// The text form, as `age -i` reads it.
    #[must_use]
    pub fn secret_string(&self) -> SecretText {
        // ASCII, or `from_text` had refused it.
        SecretText::new(String::from_utf8_lossy(self.text.expose()).to_ascii_uppercase())
    }

    /// Who seals to this key.
    #[must_use]
    pub fn recipient(&self) -> Recipient {
        self.recipient.clone()
    }

    fn from_text(text: Secret<SECRET_KEY_TEXT>) -> Result<Self, CryptoError> {
        let recipient = scrub_stack_after(|| parse(&text).map(|key| Recipient(key.to_public())))?;
        Ok(Self { text, recipient })
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity(of {})", self.recipient)
    }
}

fn parse(text: &Secret<SECRET_KEY_TEXT>) -> Result<age::x25519::Identity, CryptoError> {
    std::str::from_utf8(text.expose())
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or(CryptoError::Identity)
}

/// A public key to seal to, `age1…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient(age::x25519::Recipient);

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({})", self.0)
    }
}

impl FromStr for Recipient {
    type Err = CryptoError;

    /// Takes the canonical (lower-case) form only, so that one recipient has one text.
    fn from_str(text: &str) -> Result<Self, CryptoError> {
        let shown = || text.chars().take(80).flat_map(char::escape_debug).collect();
        let refuse = |why: &str| CryptoError::Recipient { text: shown(), why: why.into() };
        let recipient: age::x25519::Recipient = text.parse().map_err(refuse)?;
        if recipient.to_string() != text {
            return Err(refuse("it is not in lower case"));
        }
        Ok(Self(recipient))
    }
}

/// Seals `plaintext` so that each of `to` can open it.
///
/// # Errors
/// [`CryptoError::NoRecipient`], [`CryptoError::Io`].
pub fn wrap(plaintext: &[u8], to: &[Recipient]) -> Result<Vec<u8>, CryptoError> {
    let mut writer = AgeWriter::new(Vec::new(), to)?;
    writer.write_all(plaintext).map_err(|e| CryptoError::from_io("sealing", e))?;
    writer.finish()
}

/// Opens what [`wrap`], or the stock `age`, sealed to `identity`.
///
/// # Errors
/// [`CryptoError::NotARecipient`], [`CryptoError::Malformed`], [`CryptoError::Damaged`],
/// [`CryptoError::Truncated`].
pub fn unwrap(sealed: &[u8], identity: &Identity) -> Result<SecretBytes, CryptoError> {
    let mut reader = AgeReader::new(sealed, identity)?;
    // The plaintext is shorter than its sealed form, so this never grows and leaves no copies.
    let mut plaintext = Vec::with_capacity(sealed.len());
    let read = reader.read_to_end(&mut plaintext);
    let plaintext = SecretBytes::new(plaintext);
    read.map_err(|error| CryptoError::from_io(WHAT, error))?;
    Ok(plaintext)
}

/// Seals a stream to recipients. Dropped without [`AgeWriter::finish`] it leaves a file that no
/// reader takes for complete.
pub struct AgeWriter<W: Write>(StreamWriter<W>);

impl<W: Write> AgeWriter<W> {
    /// Writes the header to `inner`.
    ///
    /// # Errors
    /// [`CryptoError::NoRecipient`], [`CryptoError::Io`].
    pub fn new(inner: W, to: &[Recipient]) -> Result<Self, CryptoError> {
        let recipients = to.iter().map(|recipient| &recipient.0 as &dyn age::Recipient);
        let encryptor = Encryptor::with_recipients(recipients).map_err(|error| match error {
            EncryptError::MissingRecipients => CryptoError::NoRecipient,
            EncryptError::Io(error) => CryptoError::from_io("sealing", error),
            other => {
                CryptoError::Malformed { what: "the list of recipients", why: other.to_string() }
            }
        })?;
        encryptor.wrap_output(inner).map(Self).map_err(|e| CryptoError::from_io("sealing", e))
    }

    /// Seals the last part and gives the inner writer back.
    ///
    /// # Errors
    /// [`CryptoError::Io`]; the file is then incomplete.
    pub fn finish(self) -> Result<W, CryptoError> {
        self.0.finish().map_err(|e| CryptoError::from_io("sealing", e))
    }
}

impl<W: Write> Write for AgeWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Opens a stream sealed to `identity`. What it gives is authenticated part by part; only when it
/// reports the end is it known to be complete.
pub struct AgeReader<R: Read>(StreamReader<R>);

impl<R: Read> AgeReader<R> {
    /// Reads the header from `inner`.
    ///
    /// # Errors
    /// [`CryptoError::NotARecipient`], [`CryptoError::Malformed`], [`CryptoError::Io`].
    pub fn new(inner: R, identity: &Identity) -> Result<Self, CryptoError> {
        let decryptor = Decryptor::new(inner).map_err(refused)?;
        scrub_stack_after(|| {
            let key = parse(&identity.text)?;
            decryptor.decrypt(std::iter::once(&key as &dyn age::Identity)).map_err(refused)
        })
        .map(Self)
    }
}

impl<R: Read> Read for AgeReader<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => {
                CryptoError::Damaged { what: WHAT, position: None }.into()
            }
            io::ErrorKind::UnexpectedEof => {
                let why = "it ends in the middle".into();
                io::Error::new(error.kind(), CryptoError::Malformed { what: WHAT, why })
            }
            _ => error,
        })
    }
}

fn refused(error: DecryptError) -> CryptoError {
    let malformed = |why: &str| CryptoError::Malformed { what: WHAT, why: why.into() };
    match error {
        DecryptError::NoMatchingKeys => CryptoError::NotARecipient { what: WHAT },
        DecryptError::InvalidMac
        | DecryptError::DecryptionFailed
        | DecryptError::KeyDecryptionFailed => CryptoError::Damaged { what: WHAT, position: None },
        DecryptError::InvalidHeader => malformed("its header is not one of age's"),
        DecryptError::UnknownFormat => malformed("it is not an age file of version 1"),
        DecryptError::ExcessiveWork { .. } => malformed("it is sealed with a passphrase"),
        DecryptError::Io(error) => match error.kind() {
            io::ErrorKind::UnexpectedEof => malformed("it ends inside its header"),
            io::ErrorKind::InvalidData => malformed("its header is not one of age's"),
            _ => CryptoError::from_io(WHAT, error),
        },
        other => malformed(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::FixedEntropy;

    fn identity(seed: u64) -> Identity {
        Identity::generate(&FixedEntropy::new(seed)).unwrap()
    }

    #[test]
    fn text_forms_read_back() {
        let identity = identity(1);
        let text = identity.secret_string();
        assert!(text.starts_with("AGE-SECRET-KEY-1"));
        let back = Identity::from_secret_string(&format!(" {}\n", &*text)).unwrap();
        assert_eq!(back.recipient(), identity.recipient());
        let recipient = identity.recipient().to_string();
        assert!(recipient.starts_with("age1"));
        assert_eq!(recipient.parse::<Recipient>().unwrap(), identity.recipient());
    }

    #[test]
    fn only_whole_canonical_text_is_taken() {
        let text = identity(1).recipient().to_string();
        for wrong in [&text[1..], &text[..text.len() - 1], &text.to_uppercase(), "", "age1"] {
            let refused = wrong.parse::<Recipient>();
            assert!(matches!(refused, Err(CryptoError::Recipient { .. })), "{wrong}");
        }
        for wrong in ["", "AGE-SECRET-KEY-1", &text, &"A".repeat(74)] {
            let refused = Identity::from_secret_string(wrong);
            assert!(matches!(refused, Err(CryptoError::Identity)), "{wrong}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn each_recipient_opens_and_nobody_else(plaintext in prop::collection::vec(any::<u8>(), 0..70_000)) {
            let (a, b, stranger) = (identity(1), identity(2), identity(3));
            let sealed = wrap(&plaintext, &[a.recipient(), b.recipient()]).unwrap();
            prop_assert!(*unwrap(&sealed, &a).unwrap() == plaintext);
            prop_assert!(*unwrap(&sealed, &b).unwrap() == plaintext);
            let refused = unwrap(&sealed, &stranger).unwrap_err();
            let named = matches!(refused, CryptoError::NotARecipient { .. });
            prop_assert!(named);
        }
    }

    #[test]
    fn nobody_to_seal_to_is_an_error() {
        assert!(matches!(wrap(b"x", &[]), Err(CryptoError::NoRecipient)));
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_an_error() {
        let identity = identity(1);
        let sealed = wrap(b"some text", &[identity.recipient()]).unwrap();
        for at in 0..sealed.len() {
            for bit in 0..8 {
                let mut altered = sealed.clone();
                altered[at] ^= 1 << bit;
                assert!(unwrap(&altered, &identity).is_err(), "byte {at} bit {bit}");
            }
            assert!(unwrap(&sealed[..at], &identity).is_err(), "cut {at}");
        }
        let longer = [&sealed[..], b"x"].concat();
        assert!(unwrap(&longer, &identity).is_err());
    }
}
