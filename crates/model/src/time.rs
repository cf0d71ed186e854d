//! Moments. The clock is handed in by the caller; this crate only formats and compares.

use minicbor::{Decoder, Encoder};

use crate::canonical::{Canonical, DecodeResult, EncodeResult};

/// Milliseconds since 1970-01-01T00:00:00Z, as claimed by a workstation's clock. A claim, never an
/// order: order comes from the chain.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Wraps milliseconds since the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// ISO 8601 in UTC, to the second: `2026-01-31T13:05:09Z`.
    ///
    /// Days to civil date after H. Hinnant, "chrono-Compatible Low-Level Date Algorithms",
    /// section `civil_from_days`.
    #[must_use]
    pub fn to_iso(self) -> String {
        let seconds = self.0.div_euclid(1000);
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = doy - (153 * mp + 2) / 5 + 1;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let year = yoe + era * 400 + i64::from(month <= 2);
        format!(
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
            rest / 3600,
            rest / 60 % 60,
            rest % 60
        )
    }
}

impl Canonical for Timestamp {
    const WHAT: &'static str = "time";
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.i64(self.0)?;
        Ok(())
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        d.i64().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_form_of_known_moments() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_767_225_599_999, "2025-12-31T23:59:59Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(Timestamp::from_millis(millis).to_iso(), text);
        }
    }
}
