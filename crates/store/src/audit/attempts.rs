//! Failed sign-ins, counted for each account by its keyed name, whether a slot of that name exists
//! or not.
//!
//! As many failures within fifteen minutes as the policy allows lock the account for fifteen
//! minutes from the last one. The clock may be set back meanwhile: a failure that would then lie in
//! the future counts as one of this moment, so that a lock neither ends early nor lasts for ever.

use minicbor::{Decoder, Encoder};
use vaultmark_model::Timestamp;
use vaultmark_model::canonical::{
    Canonical, DecodeResult, EncodeResult, array_up_to, expect_array,
};

/// The window of failures, and how long a lock lasts: 15 minutes in milliseconds.
pub(crate) const WINDOW: i64 = 15 * 60 * 1000;
/// The most failures that are remembered for one account; a policy can't ask for more.
const MOST_TIMES: usize = 16;
/// The most accounts that are remembered. Names without a slot give way first, or someone could
/// make the log forget an account by trying many names.
const MOST_ACCOUNTS: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    account: String,
    has_slot: bool,
    times: Vec<Timestamp>,
    /// Failures since the account last signed in.
    failures: u32,
}

/// The failures of all accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Attempts(Vec<Row>);

impl Attempts {
    /// Until when the account is locked, if it is.
    pub fn locked_until(&mut self, account: &str, limit: u32, now: Timestamp) -> Option<Timestamp> {
        let row = self.0.iter_mut().find(|row| row.account == account)?;
        for time in &mut row.times {
            *time = (*time).min(now);
        }
        let limit = usize::try_from(limit).unwrap_or(MOST_TIMES).clamp(1, MOST_TIMES);
        let newest = row.times.last()?.millis();
        let oldest = row.times.iter().rev().nth(limit - 1)?.millis();
        let until = newest.saturating_add(WINDOW);
        (newest.saturating_sub(oldest) < WINDOW && now.millis() < until)
            .then(|| Timestamp::from_millis(until))
    }

    /// Counts a failure.
    pub fn failed(&mut self, account: &str, has_slot: bool, now: Timestamp) {
        let at = match self.0.iter().position(|row| row.account == account) {
            Some(at) => at,
            None => {
                self.make_room();
                self.0.push(Row {
                    account: account.to_owned(),
                    has_slot,
                    times: Vec::new(),
                    failures: 0,
                });
                self.0.len() - 1
            }
        };
        let row = &mut self.0[at];
        row.has_slot = has_slot;
        row.failures = row.failures.saturating_add(1);
        if row.times.len() == MOST_TIMES {
            row.times.remove(0);
        }
        row.times.push(now);
    }

    /// Forgets an account's failures and tells how many there were since it last signed in.
    pub fn signed_in(&mut self, account: &str) -> u32 {
        let failures = self.failures(account);
        self.0.retain(|row| row.account != account);
        failures
    }

    /// Failures since the account last signed in.
    pub fn failures(&self, account: &str) -> u32 {
        self.0.iter().find(|row| row.account == account).map_or(0, |row| row.failures)
    }

    fn make_room(&mut self) {
        if self.0.len() < MOST_ACCOUNTS {
            return;
        }
        let last = |row: &Row| row.times.last().copied();
        let oldest = |slots: bool| {
            let of = |(_, row): &(usize, &Row)| row.has_slot == slots;
            self.0.iter().enumerate().filter(of).min_by_key(|(_, row)| last(row)).map(|(at, _)| at)
        };
        if let Some(at) = oldest(false).or_else(|| oldest(true)) {
            self.0.remove(at);
        }
    }
}

impl Canonical for Attempts {
    const WHAT: &'static str = "record of failed sign-ins";

    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(self.0.len() as u64)?;
        for row in &self.0 {
            e.array(4)?.str(&row.account)?.bool(row.has_slot)?.u32(row.failures)?;
            e.array(row.times.len() as u64)?;
            row.times.iter().try_for_each(|time| time.encode(e))?;
        }
        Ok(())
    }

    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        let mut rows = Vec::new();
        for _ in 0..array_up_to(d, MOST_ACCOUNTS as u64)? {
            expect_array(d, 4)?;
            let (account, has_slot, failures) = (d.str()?.to_owned(), d.bool()?, d.u32()?);
            let mut times = Vec::new();
            for _ in 0..array_up_to(d, MOST_TIMES as u64)? {
                times.push(Timestamp::decode(d)?);
            }
            rows.push(Row { account, has_slot, times, failures });
        }
        Ok(Self(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(minutes * MINUTE)
    }

    /// After failures at the given minutes, until which minute the account is locked at `now`.
    fn check(failures: &[i64], now: i64, expected: Option<i64>) {
        let mut attempts = Attempts::default();
        for minute in failures {
            attempts.failed("a", true, at(*minute));
        }
        let until = attempts.locked_until("a", 3, at(now));
        assert_eq!(until.map(|t| t.millis() / MINUTE), expected, "{failures:?} at {now}");
    }

    #[test]
    fn three_in_fifteen_minutes_lock_for_fifteen() {
        check(&[0, 1], 1, None);
        check(&[0, 1, 2], 2, Some(17));
        check(&[0, 1, 2], 16, Some(17));
        check(&[0, 1, 2], 17, None);
        check(&[0, 8, 15], 15, None);
        check(&[0, 1, 2, 18], 18, None);
        check(&[0, 1, 2, 18, 19, 20], 20, Some(35));
    }

    #[test]
    fn a_clock_set_back_neither_ends_a_lock_nor_makes_it_last() {
        check(&[1000, 1001, 1002], 5, Some(20));
    }

    #[test]
    fn signing_in_forgets_and_tells_the_count() {
        let mut attempts = Attempts::default();
        attempts.failed("a", true, at(0));
        attempts.failed("a", true, at(100));
        attempts.failed("b", false, at(100));
        assert_eq!(Attempts::from_bytes(&attempts.to_bytes()).unwrap(), attempts);
        assert_eq!(attempts.signed_in("a"), 2);
        assert_eq!((attempts.failures("a"), attempts.failures("b")), (0, 1));
    }

    #[test]
    fn many_names_do_not_push_an_account_out() {
        let mut attempts = Attempts::default();
        for minute in 0..3 {
            attempts.failed("real", true, at(minute));
        }
        for name in 0..500 {
            attempts.failed(&format!("guess {name}"), false, at(3));
        }
        assert!(attempts.locked_until("real", 3, at(3)).is_some());
        assert_eq!(attempts.0.len(), MOST_ACCOUNTS);
    }
}
