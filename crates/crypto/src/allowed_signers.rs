//! The trust list as OpenSSH's allowed-signers file (`ssh-keygen(1)`, ALLOWED SIGNERS): what a
//! stranger hands to `ssh-keygen -Y verify -f`, and what we read from them.
//!
//! Reading is strict: what OpenSSH would honour and we would not (certificate authorities, validity
//! times, other key types) is refused by line, never passed over.

use vaultmark_model::PublicKey;
use vaultmark_model::text::is_invisible;

use crate::sshsig::{openssh_public, parse_openssh};
use crate::{BundleRole, CryptoError};

/// One line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedSigner {
    /// Who it is (`-I` of `ssh-keygen -Y verify`), as written: a name or a list of patterns.
    pub principal: String,
    /// The key.
    pub key: PublicKey,
    /// Signature namespaces the key may sign in; empty means any, as in OpenSSH.
    pub namespaces: Vec<String>,
}

impl AllowedSigner {
    /// Whether the key may sign bundles in `role`.
    #[must_use]
    pub fn allows(&self, role: BundleRole) -> bool {
        self.namespaces.is_empty() || self.namespaces.iter().any(|n| n == role.namespace())
    }
}

/// The line for one signer, without a line end.
///
/// # Errors
/// [`CryptoError::AllowedSigners`] (line 1) for a principal that is empty or that OpenSSH would not
/// take as one name: with blanks, quotes, commas, `*`, `?`, `!`, `#` at its start, control or
/// invisible characters; for no role at all; [`CryptoError::Suite`] for a key OpenSSH has no form for.
pub fn allowed_signers_line(
    principal: &str,
    key: &PublicKey,
    roles: &[BundleRole],
) -> Result<String, CryptoError> {
    let refuse = |why: String| CryptoError::AllowedSigners { line: 1, why };
    let special =
        |c: char| c.is_whitespace() || c.is_control() || is_invisible(c) || "\"',*?!".contains(c);
    if principal.is_empty() || principal.starts_with('#') || principal.contains(special) {
        let why = "a name has no blanks, invisible characters, quotes, commas or wildcards and is not empty";
        return Err(refuse(why.into()));
    }
    if roles.is_empty() {
        return Err(refuse("no role is given, which OpenSSH would read as every role".into()));
    }
    let key_text = openssh_public(key, "");
    if key_text.is_empty() {
        return Err(CryptoError::Suite { what: "the trust list", suite: key.suite() });
    }
    let namespaces: Vec<_> = roles.iter().map(|role| role.namespace()).collect();
    Ok(format!("{principal} namespaces=\"{}\" {}", namespaces.join(","), key_text.trim_end()))
}

/// Reads a whole file. Empty lines and comments are passed over.
///
/// # Errors
/// [`CryptoError::AllowedSigners`] with the first line that can't be taken as it stands.
pub fn parse_allowed_signers(text: &str) -> Result<Vec<AllowedSigner>, CryptoError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut signers = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let signer =
            parse_line(line).map_err(|why| CryptoError::AllowedSigners { line: index + 1, why })?;
        signers.push(signer);
    }
    Ok(signers)
}

fn parse_line(line: &str) -> Result<AllowedSigner, String> {
    let (principal, rest) = field(line)?;
    let principal = principal.trim_matches('"').to_owned();
    if principal.is_empty() {
        return Err("it names nobody".into());
    }
    let (next, after) = field(rest)?;
    let (options, key_text) =
        if next.starts_with("ssh-") || next.starts_with("ecdsa-") || next.starts_with("sk-") {
            ("", rest)
        } else {
            (next, after)
        };
    let namespaces = parse_options(options)?;
    let key = parse_openssh(key_text.trim())?;
    Ok(AllowedSigner { principal, key, namespaces })
}

/// The text up to the next blank outside quotes, and what follows.
fn field(text: &str) -> Result<(&str, &str), String> {
    let text = text.trim_start();
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ' ' | '\t' if !quoted => return Ok((&text[..at], &text[at..])),
            _ => {}
        }
    }
    if quoted {
        return Err("a quotation mark is not closed".into());
    }
    if text.is_empty() {
        return Err("it has no key".into());
    }
    Ok((text, ""))
}

fn parse_options(options: &str) -> Result<Vec<String>, String> {
    let mut namespaces = Vec::new();
    let mut rest = options;
    while !rest.is_empty() {
        let Some((name, after)) = rest.split_once("=\"") else {
            return Err(format!("the option \"{rest}\" is not supported"));
        };
        let Some((value, after)) = after.split_once('"') else {
            return Err("a quotation mark is not closed".into());
        };
        if !name.eq_ignore_ascii_case("namespaces") {
            return Err(format!("the option \"{name}\" is not supported"));
        }
        if !namespaces.is_empty() {
            return Err("it has the option \"namespaces\" twice".into());
        }
        for namespace in value.split(',') {
            if namespace.is_empty() || namespace.contains(['*', '?', '!']) {
                return Err(format!("the namespace \"{namespace}\" is not a plain name"));
            }
            namespaces.push(namespace.to_owned());
        }
        rest = match after.strip_prefix(',') {
            Some("") => return Err("an option is missing after the comma".into()),
            Some(more) => more,
            None if after.is_empty() => "",
            None => return Err(format!("\"{after}\" is not separated by a comma")),
        };
    }
    Ok(namespaces)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SigningKey, testing::FixedEntropy};

    fn key() -> PublicKey {
        SigningKey::generate(&FixedEntropy::new(7)).unwrap().public()
    }

    fn check_refused(text: &str, line: usize, part: &str) {
        match parse_allowed_signers(text) {
            Err(CryptoError::AllowedSigners { line: found, why }) => {
                assert_eq!(found, line, "{text}");
                assert!(why.contains(part), "{why}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_line_reads_back() {
        for roles in [&BundleRole::ALL[..], &[BundleRole::Approver]] {
            let line = allowed_signers_line("alice@site-1", &key(), roles).unwrap();
            let file = format!("\u{feff}# people\r\n\r\n  {line} a comment\r\n");
            let signers = parse_allowed_signers(&file).unwrap();
            assert_eq!(signers.len(), 1);
            assert_eq!((&*signers[0].principal, &signers[0].key), ("alice@site-1", &key()));
            for role in BundleRole::ALL {
                assert_eq!(signers[0].allows(role), roles.contains(&role));
            }
        }
    }

    #[test]
    fn no_namespaces_means_any() {
        let file = format!("\"bob builder\" {}", openssh_public(&key(), "bob"));
        let signers = parse_allowed_signers(&file).unwrap();
        assert_eq!(signers[0].principal, "bob builder");
        assert!(BundleRole::ALL.iter().all(|role| signers[0].allows(*role)));
    }

    #[test]
    fn names_that_openssh_reads_otherwise_are_refused() {
        for name in
            ["", "a b", "a,b", "*", "a?", "!a", "#a", "a\"b", "a\nb", "\u{feff}a", "a\u{202e}b"]
        {
            assert!(allowed_signers_line(name, &key(), &BundleRole::ALL).is_err(), "{name:?}");
        }
        assert!(allowed_signers_line("alice", &key(), &[]).is_err());
    }

    #[test]
    fn faults_are_named_by_line() {
        let good = allowed_signers_line("alice", &key(), &BundleRole::ALL).unwrap();
        let bare = openssh_public(&key(), "");
        check_refused(&format!("{good}\n\nalice"), 3, "no key");
        check_refused(&format!("{good}\nbob ssh-ed25519 AAAA"), 2, "");
        check_refused(&format!("bob cert-authority {bare}"), 1, "cert-authority");
        check_refused(&format!("bob valid-before=\"20300101\" {bare}"), 1, "valid-before");
        check_refused(&format!("bob namespaces=\"*\" {bare}"), 1, "plain name");
        check_refused(&format!("bob namespaces=\"a,\" {bare}"), 1, "plain name");
        check_refused(&format!("bob namespaces=\"a {bare}"), 1, "not closed");
        check_refused(&format!("bob namespaces=\"a\",namespaces=\"b\" {bare}"), 1, "twice");
        let rsa = "bob ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7";
        check_refused(rsa, 1, "");
    }
}
