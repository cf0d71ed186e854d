//! The person's entry in a receiver's list of trusted signers.

use vaultmark_crypto::{BundleRole, allowed_signers_line, fingerprint};

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

/// The person's own trust entry.
///
/// # Errors
/// Where the policy refuses.
pub fn entry(session: &Session) -> Result<TrustEntry, AppError> {
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
