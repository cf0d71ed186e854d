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

/// What of the screen may be handed to other programs of the computer, past the one door by which
/// data leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SideDoors {
    /// Seconds after which copied text is taken off the clipboard again; with 0 nothing is copied.
    pub copy_seconds: u32,
    /// Whether text and pictures may be dragged into other programs.
    pub drag_out: bool,
    /// Whether pages of the program may be printed: the manual, the posture, a recovery sheet.
    pub print: bool,
}

impl SideDoors {
    /// The longest time that copied text may stay.
    pub const MOST_COPY_SECONDS: u32 = 600;
    /// The default of [`Self::copy_seconds`].
    pub const COPY_SECONDS: u32 = 30;
    /// All of them shut.
    pub const SHUT: Self = Self { copy_seconds: 0, drag_out: false, print: false };
}

impl Default for SideDoors {
    /// Text can be copied for a short while, nothing else.
    fn default() -> Self {
        Self { copy_seconds: Self::COPY_SECONDS, ..Self::SHUT }
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
    /// What may be handed to other programs of the computer.
    pub side_doors: SideDoors,
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
            side_doors: SideDoors::default(),
        }
    }
}

impl Canonical for Policy {
    const WHAT: &'static str = "policy";
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(11)?.u32(self.version)?.str(self.marking.text())?.str(self.export.word())?;
        e.u32(self.idle_lock_minutes)?.u32(self.failures_before_lock)?;
        e.u32(self.passphrase_characters)?.str(&self.consent_banner)?;
        e.str(self.containment.word())?.u32(self.side_doors.copy_seconds)?;
        e.bool(self.side_doors.drag_out)?.bool(self.side_doors.print)?;
        Ok(())
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 11)?;
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
            side_doors: SideDoors {
                copy_seconds: match d.u32()? {
                    seconds if seconds <= SideDoors::MOST_COPY_SECONDS => seconds,
                    _ => return Err(invalid("copied text stays for ten minutes at the most")),
                },
                drag_out: d.bool()?,
                print: d.bool()?,
            },
        })
    }
}
