//! The vault's policy: what its officer decided. Signed when it changes.

use minicbor::{Decoder, Encoder};

use crate::Marking;
use crate::canonical::{Canonical, DecodeResult, EncodeResult, expect_array, invalid};

/// How many people an export takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportPolicy {
    /// The exporter alone; stated in every bundle.
    Single,
    /// A second person approves.
    Two,
}

impl ExportPolicy {
    /// The word in files and on screens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Two => "two",
        }
    }
}

/// What must stand before the vault is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Containment {
    /// Everything: the network seal of the program, and every wall around the decoder.
    Full,
    /// What the system offers; what is missing is shown and recorded.
    Partial,
}

impl Containment {
    /// The word in files and on screens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Partial => "partial",
        }
    }
}

/// What an officer decided for a vault.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Policy {
    /// Raised with every change; a lower one is a rollback.
    pub version: u32,
    /// The highest marking that the vault may hold; shown on every screen.
    pub marking: Marking,
    /// How many people an export takes.
    pub export: ExportPolicy,
    /// Minutes without input after which the session locks.
    pub idle_lock_minutes: u32,
    /// Failed sign-ins within fifteen minutes that lock an account.
    pub failures_before_lock: u32,
    /// The fewest characters of a passphrase.
    pub passphrase_characters: u32,
    /// Shown before sign-in, until consented to.
    pub consent_banner: String,
    /// What must stand before the vault is opened.
    pub containment: Containment,
}

impl Policy {
    /// The defaults of the security design.
    #[must_use]
    pub fn new(marking: Marking, export: ExportPolicy) -> Self {
        Self {
            version: 1,
            marking,
            export,
            idle_lock_minutes: 15,
            failures_before_lock: 3,
            passphrase_characters: 15,
            consent_banner: "This workstation is for authorised use only. Use is recorded.".into(),
            containment: Containment::Full,
        }
    }
}

impl Canonical for Policy {
    const WHAT: &'static str = "policy";
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(8)?.u32(self.version)?.str(self.marking.text())?.str(self.export.word())?;
        e.u32(self.idle_lock_minutes)?.u32(self.failures_before_lock)?;
        e.u32(self.passphrase_characters)?.str(&self.consent_banner)?;
        e.str(self.containment.word())?;
        Ok(())
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 8)?;
        let version = d.u32()?;
        let marking = Marking::new(d.str()?).map_err(minicbor::decode::Error::message)?;
        let export = match d.str()? {
            "single" => ExportPolicy::Single,
            "two" => ExportPolicy::Two,
            _ => return Err(invalid("the export policy is `single` or `two`")),
        };
        Ok(Self {
            version,
            marking,
            export,
            idle_lock_minutes: d.u32()?,
            failures_before_lock: d.u32()?,
            passphrase_characters: d.u32()?,
            consent_banner: d.str()?.to_owned(),
            containment: match d.str()? {
                "full" => Containment::Full,
                "partial" => Containment::Partial,
                _ => return Err(invalid("the containment is `full` or `partial`")),
            },
        })
    }
}
