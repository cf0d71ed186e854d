//! The open vault: how its passphrases are stretched, what its policy gives up, its keys' age, its
//! record.

use vaultmark_crypto::KdfParameters;
use vaultmark_model::policy::{Containment, ExportPolicy, Policy, SideDoors};

use super::{Finding, ages};
use crate::{AppError, Session};

/// What the design asks of a workstation left alone.
const IDLE_MINUTES: u32 = 15;

pub(super) fn look(session: &Session) -> Result<Vec<Finding>, AppError> {
    let vault = session.vault();
    let policy = session.policy()?;
    let mut found = vec![kdf(&vault.kdf()), deviations(&policy)];
    found.extend(ages::look(session)?);
    found.push(record(session));
    found.push(Finding::unknown(
        "backup",
        "this program does not see copies of the vault's folder",
        "Copy the locked vault's folder to a medium of the same marking, and check the copy.",
    ));
    Ok(found)
}

fn kdf(kdf: &KdfParameters) -> Finding {
    const NAME: &str = "passphrase-kdf";
    let (seen, floor) = match kdf {
        KdfParameters::Argon2id { memory_kib, passes, lanes } => (
            format!("Argon2id, {} MiB, {passes} passes, {lanes} lanes", memory_kib / 1024),
            KdfParameters::floor_argon2id(),
        ),
        KdfParameters::Pbkdf2HmacSha512 { rounds } => {
            (format!("PBKDF2-HMAC-SHA-512, {rounds} rounds"), KdfParameters::floor_pbkdf2())
        }
    };
    if kdf.is_weaker_than(&floor) {
        Finding::warning(NAME, seen, "Make a new vault with this version and move the work there.")
    } else {
        Finding::fine(NAME, seen)
    }
}

/// Where an officer chose less than the defaults of the security design.
fn deviations(policy: &Policy) -> Finding {
    const NAME: &str = "policy";
    let mut found = Vec::new();
    if policy.export == ExportPolicy::Single {
        found.push("exports take one person".to_owned());
    }
    if policy.containment == Containment::Partial {
        found.push("the vault opens without full containment".to_owned());
    }
    let least = Policy::new(policy.marking.clone(), policy.export);
    if policy.failures_before_lock > least.failures_before_lock {
        found.push(format!("{} failed sign-ins lock an account", policy.failures_before_lock));
    }
    if policy.passphrase_characters < least.passphrase_characters {
        found.push(format!("passphrases of {} characters are taken", policy.passphrase_characters));
    }
    if policy.idle_lock_minutes > IDLE_MINUTES {
        found.push(format!("it locks after {} idle minutes", policy.idle_lock_minutes));
    }
    found.extend(open_side_doors(&policy.side_doors));
    let version = policy.version;
    if found.is_empty() {
        Finding::fine(NAME, format!("version {version}, no deviation from the defaults"))
    } else {
        Finding::warning(
            NAME,
            format!("version {version}: {}", found.join(", ")),
            "Have the officer confirm that each is meant; a vault made anew can be stricter.",
        )
    }
}

/// What may be handed to other programs of the computer beyond the defaults.
fn open_side_doors(doors: &SideDoors) -> Vec<String> {
    let mut found = Vec::new();
    if doors.copy_seconds > SideDoors::COPY_SECONDS {
        found.push(format!("copied text stays for {} seconds", doors.copy_seconds));
    }
    if doors.drag_out {
        found.push("text can be dragged into other programs".to_owned());
    }
    if doors.print {
        found.push("pages of the program can be printed".to_owned());
    }
    found
}

/// The head of the audit log, to be compared with what was written down elsewhere.
fn record(session: &Session) -> Finding {
    let audit = session.vault().audit();
    let head = format!("{} entries, head {}", audit.len(), audit.head_code());
    if audit.findings().is_empty() {
        Finding::fine("audit", head)
    } else {
        let remedy = "Run `check`: it names what is damaged.";
        Finding::warning("audit", format!("{head}; parts of it are damaged"), remedy)
    }
}
