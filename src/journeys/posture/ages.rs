//! How old the keys are: the vault's, the person's own, and of each project that the person holds a
//! key for. Projects are named by identifiers, which say nothing; times are the workstations' claims.

use vaultmark_model::Timestamp;

use super::Finding;
use crate::{AppError, Session};

/// How long a key is used at most, in days: NIST SP 800-57 part 1 (revision 5, table 1) gives three
/// years as the longest for keys that sign, and no more for those that others are wrapped with.
const LONGEST_DAYS: i64 = 3 * 365;
/// A claimed time that lies further ahead is a wrong clock's.
const AHEAD_DAYS: i64 = 1;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// Digits of an identifier that tell projects apart.
const ID_DIGITS: usize = 8;

pub(super) fn look(session: &Session) -> Result<Vec<Finding>, AppError> {
    let vault = session.vault();
    let now = session.ambient().now();
    let made = vault.front().created;
    Ok(vec![
        judged(
            "key-age",
            now,
            &[made],
            format!("the vault's key is of {}; no key was changed since", day(made)),
        ),
        signing_key(session, now),
        project_keys(session, now)?,
    ])
}

/// The person's own key.
fn signing_key(session: &Session, now: Timestamp) -> Finding {
    const NAME: &str = "signing-key";
    let vault = session.vault();
    let key = vaultmark_crypto::fingerprint(&vault.public_key());
    match vault.signing_key_since() {
        Some(since) => judged(NAME, now, &[since], format!("{key}, in use since {}", day(since))),
        None => Finding::warning(NAME, format!("no statement names {key}"), CHECK),
    }
}

const CHECK: &str = "Run `check`: it names what is damaged.";

/// The present key of each project that the person holds a key for.
fn project_keys(session: &Session, now: Timestamp) -> Result<Finding, AppError> {
    const NAME: &str = "project-keys";
    let vault = session.vault();
    let (mut seen, mut times, mut shut) = (Vec::new(), Vec::new(), 0);
    for id in vault.project_ids()? {
        let short: String = id.to_string().chars().take(ID_DIGITS).collect();
        let age = vault.open_project(id).ok().and_then(|project| vault.project_key_age(&project));
        match age {
            Some(age) => {
                seen.push(format!("{short} epoch {} of {}", age.epoch, day(age.since)));
                times.push(age.since);
            }
            None => {
                seen.push(format!("{short} can't be opened"));
                shut += 1;
            }
        }
    }
    if seen.is_empty() {
        return Ok(Finding::fine(NAME, "no project that this person holds a key for"));
    }
    let seen = seen.join(", ");
    if shut > 0 {
        return Ok(Finding::warning(NAME, seen, CHECK));
    }
    Ok(judged(NAME, now, &times, seen))
}

/// Whether none of these is too old, and none from a time that has not come.
fn judged(name: &'static str, now: Timestamp, since: &[Timestamp], seen: String) -> Finding {
    const OLD: &str = "Move the work to a new vault: this version does not renew keys, and after \
                       three years they have served their time.";
    const AHEAD: &str = "Set this computer's clock: the key would be of a time that has not come.";
    let days = |since: &Timestamp| (now.millis() - since.millis()) / DAY_MILLIS;
    if since.iter().any(|since| days(since) < -AHEAD_DAYS) {
        Finding::warning(name, seen, AHEAD)
    } else if since.iter().any(|since| days(since) > LONGEST_DAYS) {
        Finding::warning(name, seen, OLD)
    } else {
        Finding::fine(name, seen)
    }
}

/// The day alone, in UTC.
fn day(time: Timestamp) -> String {
    time.to_iso().chars().take(10).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journeys::posture::State;

    #[test]
    fn keys_are_judged_by_their_age() {
        let now = Timestamp::from_millis(2_000_000_000_000);
        let ago = |days: i64| Timestamp::from_millis(now.millis() - days * DAY_MILLIS);
        for (since, state) in [
            (vec![], State::Fine),
            (vec![ago(0), ago(LONGEST_DAYS)], State::Fine),
            (vec![ago(1), ago(LONGEST_DAYS + 1)], State::Warning),
            (vec![ago(-1)], State::Fine),
            (vec![ago(-3), ago(1)], State::Warning),
        ] {
            assert_eq!(judged("key-age", now, &since, String::new()).state, state, "{since:?}");
        }
        assert_eq!(day(now), "2033-05-18");
    }
}
