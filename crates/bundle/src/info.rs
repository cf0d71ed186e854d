//! bag-info.txt: what the signatures bind beside the content. Fixed fields in a fixed order, one
//! line each, so that nothing can be added, hidden or folded.

use vaultmark_model::policy::ExportPolicy;
use vaultmark_model::text::is_invisible;
use vaultmark_model::{BundleId, Marking, ProjectId, Timestamp, VaultId};

use crate::error::BundleError;
use crate::refusal::Refusal;

/// The version of this profile of BagIt.
pub const PROFILE: u32 = 1;
/// The most bytes of one value.
const VALUE_BYTES: usize = 4096;
/// The most recipients.
const RECIPIENTS: usize = 64;

/// A place among volumes, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Volume {
    /// This one.
    pub number: u32,
    /// How many there are.
    pub count: u32,
}

impl Volume {
    /// The only volume.
    pub const ONLY: Self = Self { number: 1, count: 1 };
}

/// What bag-info.txt says. Texts are one line each; [`BagInfo::check`] tells which are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BagInfo {
    /// The bundle; all volumes carry the same.
    pub bundle: BundleId,
    /// The marking of the whole.
    pub marking: Marking,
    /// The sender's vault.
    pub vault: VaultId,
    /// The project that it was made from.
    pub project: ProjectId,
    /// To whom it is sealed or addressed; may be empty.
    pub recipients: Vec<String>,
    /// One or two people.
    pub policy: ExportPolicy,
    /// Version of the sender's policy.
    pub policy_version: u32,
    /// Program and version, `vaultmark 0.1.0`.
    pub program: String,
    /// Why it is sent.
    pub justification: Option<String>,
    /// Short code of the sender's last audit checkpoint.
    pub audit_checkpoint: String,
    /// When the draft was frozen, to the second.
    pub created: Timestamp,
    /// Which volume this is.
    pub volume: Volume,
}

/// Bytes and files of a payload: `Payload-Oxum` (RFC 8493 section 2.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Oxum {
    /// Bytes of all payload files.
    pub bytes: u64,
    /// Number of payload files.
    pub files: u64,
}

impl std::fmt::Display for Oxum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.bytes, self.files)
    }
}

/// A justification or name as one safe line: line breaks and tabs become spaces, invisible
/// characters go. What is left may still be empty or too long.
#[must_use]
pub fn one_line(text: &str) -> String {
    let visible = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    let text: String = visible.filter(|c| !c.is_control() && !is_invisible(*c)).collect();
    text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn check_value(field: &'static str, text: &str) -> Result<(), String> {
    let why = if text.is_empty() {
        "it is empty".to_owned()
    } else if text.len() > VALUE_BYTES {
        format!("it has {} bytes, {VALUE_BYTES} are allowed", text.len())
    } else if text.trim() != text {
        "it begins or ends with white space".to_owned()
    } else if let Some(c) = text.chars().find(|c| c.is_control() || is_invisible(*c)) {
        format!("it holds {c:?}, which is no visible character of one line")
    } else {
        return Ok(());
    };
    Err(format!("{field}: {why}"))
}

impl BagInfo {
    /// Checks that every value is one safe line and that the volume exists.
    ///
    /// # Errors
    /// [`BundleError::InfoValue`] names the field and the rule.
    pub fn check(&self) -> Result<(), BundleError> {
        let value = |field, text: &str| {
            check_value(field, text).map_err(|why| BundleError::InfoValue { field, why })
        };
        value("marking", self.marking.text())?;
        value("program", &self.program)?;
        value("audit checkpoint", &self.audit_checkpoint)?;
        if let Some(text) = &self.justification {
            value("justification", text)?;
        }
        for recipient in &self.recipients {
            value("recipient", recipient)?;
        }
        if self.recipients.len() > RECIPIENTS {
            let why = format!("there are {}, {RECIPIENTS} are allowed", self.recipients.len());
            return Err(BundleError::InfoValue { field: "recipients", why });
        }
        let Volume { number, count } = self.volume;
        if number == 0 || number > count || count > 9999 {
            let why = format!("{number} of {count} is no volume");
            return Err(BundleError::InfoValue { field: "volume", why });
        }
        if !(0..=253_402_300_799_999).contains(&self.created.millis()) {
            let why = "it lies outside the years 1970 to 9999".to_owned();
            return Err(BundleError::InfoValue { field: "date", why });
        }
        Ok(())
    }

    /// The file's bytes.
    ///
    /// # Errors
    /// [`BundleError::InfoValue`] as [`BagInfo::check`].
    pub fn to_bytes(&self, oxum: Oxum) -> Result<Vec<u8>, BundleError> {
        self.check()?;
        Ok(self.lines(oxum).into_bytes())
    }

    fn lines(&self, oxum: Oxum) -> String {
        let created = self.created.to_iso();
        let mut text = String::new();
        let mut line = |field: &str, value: &str| {
            text.push_str(field);
            text.push_str(": ");
            text.push_str(value);
            text.push('\n');
        };
        line("Bag-Software-Agent", &self.program);
        line("Bagging-Date", created.get(..10).unwrap_or_default());
        line("Payload-Oxum", &oxum.to_string());
        line("Bag-Group-Identifier", &self.bundle.to_string());
        line("Bag-Count", &format!("{} of {}", self.volume.number, self.volume.count));
        line("Vaultmark-Profile", &PROFILE.to_string());
        line("Vaultmark-Marking", self.marking.text());
        line("Vaultmark-Created", &created);
        line("Vaultmark-Vault", &self.vault.to_string());
        line("Vaultmark-Project", &self.project.to_string());
        for recipient in &self.recipients {
            line("Vaultmark-Recipient", recipient);
        }
        line("Vaultmark-Policy", self.policy.word());
        line("Vaultmark-Policy-Version", &self.policy_version.to_string());
        if let Some(justification) = &self.justification {
            line("Vaultmark-Justification", justification);
        }
        line("Vaultmark-Audit-Checkpoint", &self.audit_checkpoint);
        text
    }

    /// Reads the file; it must be byte for byte what [`BagInfo::to_bytes`] writes.
    ///
    /// # Errors
    /// The [`Refusal`] that names the line and the rule.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Oxum), Refusal> {
        let mut lines = Lines::new(bytes)?;
        let program = lines.take("Bag-Software-Agent")?;
        lines.take("Bagging-Date")?;
        let oxum = lines.parsed("Payload-Oxum", parse_oxum)?;
        let bundle = lines.parsed("Bag-Group-Identifier", |text| text.parse().ok())?;
        let volume = lines.parsed("Bag-Count", parse_volume)?;
        let profile = lines.take("Vaultmark-Profile")?;
        if profile != PROFILE.to_string() {
            return Err(Refusal::InfoProfile {
                found: crate::name::shown(&profile),
                known: PROFILE,
            });
        }
        let marking = lines.parsed("Vaultmark-Marking", |text| Marking::new(text).ok())?;
        let created = lines.parsed("Vaultmark-Created", parse_iso)?;
        let vault = lines.parsed("Vaultmark-Vault", |text| text.parse().ok())?;
        let project = lines.parsed("Vaultmark-Project", |text| text.parse().ok())?;
        let mut recipients = Vec::new();
        while let Some(recipient) = lines.take_if("Vaultmark-Recipient") {
            recipients.push(recipient);
        }
        let policy = lines.parsed("Vaultmark-Policy", |text| match text {
            "single" => Some(ExportPolicy::Single),
            "two" => Some(ExportPolicy::Two),
            _ => None,
        })?;
        let policy_version = lines.parsed("Vaultmark-Policy-Version", |text| text.parse().ok())?;
        let justification = lines.take_if("Vaultmark-Justification");
        let audit_checkpoint = lines.take("Vaultmark-Audit-Checkpoint")?;
        lines.end()?;
        let info = Self {
            bundle,
            marking,
            vault,
            project,
            recipients,
            policy,
            policy_version,
            program,
            justification,
            audit_checkpoint,
            created,
            volume,
        };
        let whole = |why: String| Refusal::InfoLine { line: 0, why };
        info.check().map_err(|error| whole(error.to_string()))?;
        if info.lines(oxum).as_bytes() != bytes {
            return Err(whole("a value is not in the one form that the format has".into()));
        }
        Ok((info, oxum))
    }
}

/// The lines of the file, taken in order.
struct Lines<'a> {
    rest: std::iter::Peekable<std::iter::Enumerate<std::str::Split<'a, char>>>,
}

impl<'a> Lines<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let refuse = |why: &str| Refusal::InfoLine { line: 0, why: why.into() };
        let text = std::str::from_utf8(bytes).map_err(|_| refuse("it is not UTF-8"))?;
        let text = text.strip_suffix('\n').ok_or_else(|| refuse("its last line has no end"))?;
        Ok(Self { rest: text.split('\n').enumerate().peekable() })
    }

    fn take_if(&mut self, field: &str) -> Option<String> {
        let (_, line) = self.rest.peek()?;
        let value = line.strip_prefix(field)?.strip_prefix(": ")?.to_owned();
        self.rest.next();
        Some(value)
    }

    fn take(&mut self, field: &'static str) -> Result<String, Refusal> {
        self.take_if(field).ok_or(Refusal::InfoMissing { field })
    }

    fn parsed<T>(
        &mut self,
        field: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Refusal> {
        let line = self.rest.peek().map_or(0, |(at, _)| *at as u64 + 1);
        let value = self.take(field)?;
        parse(&value)
            .ok_or_else(|| Refusal::InfoLine { line, why: format!("its {field} is not valid") })
    }

    fn end(&mut self) -> Result<(), Refusal> {
        match self.rest.next() {
            None => Ok(()),
            Some((at, _)) => Err(Refusal::InfoLine {
                line: at as u64 + 1,
                why: "a field that the profile does not have, or out of its order".into(),
            }),
        }
    }
}

fn parse_oxum(text: &str) -> Option<Oxum> {
    let (bytes, files) = text.split_once('.')?;
    Some(Oxum { bytes: bytes.parse().ok()?, files: files.parse().ok()? })
}

fn parse_volume(text: &str) -> Option<Volume> {
    let (number, count) = text.split_once(" of ")?;
    Some(Volume { number: number.parse().ok()?, count: count.parse().ok()? })
}

/// Reads `YYYY-MM-DDThh:mm:ssZ`. That the date exists is settled by writing it again.
///
/// Civil date to days after H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", section
/// `days_from_civil`.
fn parse_iso(text: &str) -> Option<Timestamp> {
    if text.len() != 20 || !text.is_ascii() {
        return None;
    }
    let number = |range: std::ops::Range<usize>| -> Option<i64> {
        let digits = text.get(range)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
    };
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let yoe = shifted - era * 400;
    let doy = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    let days = era * 146_097 + doe - 719_468;
    let moment =
        Timestamp::from_millis((days * 86_400 + hour * 3600 + minute * 60 + second) * 1000);
    (moment.to_iso() == text).then_some(moment)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn sample() -> BagInfo {
        BagInfo {
            bundle: BundleId::from_bytes([1; 16]),
            marking: Marking::new("UNCLASSIFIED").unwrap(),
            vault: VaultId::from_bytes([2; 16]),
            project: ProjectId::from_bytes([3; 16]),
            recipients: vec!["age1qqq".into(), "Room 4".into()],
            policy: ExportPolicy::Single,
            policy_version: 3,
            program: "vaultmark 0.1.0".into(),
            justification: Some("training set for the river model".into()),
            audit_checkpoint: "k3v9-22aa".into(),
            created: Timestamp::from_millis(1_767_225_599_000),
            volume: Volume::ONLY,
        }
    }

    #[test]
    fn it_reads_back_and_every_other_text_is_refused() {
        let oxum = Oxum { bytes: 12, files: 3 };
        let bytes = sample().to_bytes(oxum).unwrap();
        assert_eq!(BagInfo::parse(&bytes), Ok((sample(), oxum)));
        let text = String::from_utf8(bytes).unwrap();
        for (from, to) in [
            ("Payload-Oxum: 12.3", "Payload-Oxum: +12.3"),
            ("Payload-Oxum: 12.3", "Payload-Oxum: 012.3"),
            ("Bagging-Date: 2025-12-31", "Bagging-Date: 2025-12-30"),
            ("2025-12-31T23:59:59Z", "2025-13-31T23:59:59Z"),
            ("Vaultmark-Policy: single", "Vaultmark-Policy: none"),
            ("Vaultmark-Policy: single", "Vaultmark-Extra: 1\nVaultmark-Policy: single"),
            ("Vaultmark-Recipient: Room 4", "Vaultmark-Recipient: Room\u{202e} 4"),
            ("Vaultmark-Recipient: Room 4", " Room 4"),
            ("Bag-Count: 1 of 1", "Bag-Count: 2 of 1"),
            ("Vaultmark-Profile: 1", "Vaultmark-Profile: 2"),
            ("0101", "010A"),
            ("\n", "\r\n"),
        ] {
            assert!(text.contains(from), "{from}");
            assert!(BagInfo::parse(text.replacen(from, to, 1).as_bytes()).is_err(), "{to}");
        }
        for cut in 0..text.len() {
            assert!(BagInfo::parse(&text.as_bytes()[..cut]).is_err(), "{cut}");
        }
    }

    #[test]
    fn values_that_are_no_safe_line_are_refused_and_can_be_made_one() {
        let many = "first line\r\n\tsecond\u{2028}line\u{202e} ";
        let mut info = sample();
        info.justification = Some(many.into());
        let error = info.to_bytes(Oxum::default()).unwrap_err();
        assert!(matches!(error, BundleError::InfoValue { field: "justification", .. }), "{error}");
        info.justification = Some(one_line(many));
        assert_eq!(info.justification.as_deref(), Some("first line second line"));
        info.to_bytes(Oxum::default()).unwrap();
    }

    #[test]
    fn moments_read_back() {
        for millis in [0, 951_782_400_000, 1_767_225_599_000, 4_102_444_799_000] {
            let moment = Timestamp::from_millis(millis);
            assert_eq!(parse_iso(&moment.to_iso()), Some(moment));
        }
        for wrong in ["2025-02-29T00:00:00Z", "2025-01-01T24:00:00Z", "2025-01-01 00:00:00Z", ""] {
            assert_eq!(parse_iso(wrong), None, "{wrong}");
        }
    }
}
