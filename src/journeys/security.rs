//! How the vault protects itself, as far as this program can see; and its entry in a receiver's
//! list of trusted signers.

use vaultmark_crypto::{BundleRole, allowed_signers_line, arena_status, fingerprint};

use crate::policy::Operation;
use crate::{AppError, Session};

/// What a receiver needs to trust and to address this person.
#[derive(Debug, Clone)]
pub struct TrustEntry {
    /// A line of ssh-keygen's allowed signers (ssh-keygen(1), ALLOWED SIGNERS).
    pub line: String,
    /// The key's fingerprint as `ssh-keygen -l` prints it.
    pub fingerprint: String,
    /// The `age` recipient to seal to.
    pub recipient: String,
}

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Fine,
    /// Not as it should be; the remedy says what to do.
    Warning,
    /// Can't be seen from here.
    Unknown,
}

/// One thing that was looked at.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What.
    pub name: &'static str,
    /// How it stands.
    pub state: State,
    /// What was seen.
    pub seen: String,
    /// What to do.
    pub remedy: Option<&'static str>,
}

/// The person's own trust entry.
///
/// # Errors
/// Where the policy refuses.
pub fn trust_entry(session: &Session) -> Result<TrustEntry, AppError> {
    session.permit(Operation::Security)?;
    let key = session.vault().public_key();
    let principal = principal(session);
    Ok(TrustEntry {
        line: allowed_signers_line(&principal, &key, &[BundleRole::Creator, BundleRole::Approver])?,
        fingerprint: fingerprint(&key),
        recipient: session.vault().recipient().to_string(),
    })
}

/// The person's name as ssh-keygen's lists can hold it.
pub(crate) fn principal(session: &Session) -> String {
    let name = &session.vault().person().name;
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() || "._-@".contains(c) { c } else { '-' })
        .collect()
}

/// What this process can see of its own protection. It claims nothing that it did not look at.
#[must_use]
pub fn process() -> Vec<Finding> {
    let arena = arena_status();
    let mut found = vec![Finding {
        name: "keys-locked",
        state: if arena.locked { State::Fine } else { State::Warning },
        seen: format!(
            "{} bytes of key memory, {}",
            arena.bytes,
            if arena.locked { "locked" } else { "not locked" }
        ),
        remedy: (!arena.locked)
            .then_some("Raise the limit of locked memory (`ulimit -l`) to 8 MiB or more."),
    }];
    found.push(dumps());
    found.push(swap());
    found
}

/// Whether the kernel would write this process's memory to a core file.
fn dumps() -> Finding {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max core file size"));
    let soft = line.and_then(|line| line.split_whitespace().nth(4));
    let (state, seen) = match soft {
        Some("0") => (State::Fine, "core dumps are off".to_owned()),
        Some(limit) => (State::Warning, format!("core dumps up to {limit} bytes are allowed")),
        None => (State::Unknown, "the limit of core dumps can't be read".to_owned()),
    };
    let remedy =
        (state != State::Fine).then_some("Turn core dumps off for this account (`ulimit -c 0`).");
    Finding { name: "core-dumps", state, seen, remedy }
}

/// Whether swap space is in use; pages of decoded images may be written there.
fn swap() -> Finding {
    let Ok(swaps) = std::fs::read_to_string("/proc/swaps") else {
        return Finding {
            name: "swap",
            state: State::Unknown,
            seen: "swap can't be read".into(),
            remedy: None,
        };
    };
    let areas: Vec<&str> =
        swaps.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    if areas.is_empty() {
        return Finding {
            name: "swap",
            state: State::Fine,
            seen: "no swap space".into(),
            remedy: None,
        };
    }
    Finding {
        name: "swap",
        state: State::Warning,
        seen: format!("{} swap areas", areas.len()),
        remedy: Some(
            "Encrypt or turn off swap: keys are locked in memory, pixels on screen are not.",
        ),
    }
}
