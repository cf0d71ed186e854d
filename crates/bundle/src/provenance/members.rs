//! The stream of membership statements, and who held which key by them. The rules of lists are
//! [`vaultmark_crypto::membership`]'s.

use std::io::{BufReader, Read, Write};

use vaultmark_crypto::membership::{Lists, Rights};
use vaultmark_model::membership::ListHeads;
use vaultmark_model::{ProjectId, PublicKey, VaultId};

use super::MEMBERS;
use super::cbor::{ARRAY, Items, write_bytes, write_head};
use crate::error::BundleError;
use crate::read::Verified;
use crate::refusal::Refusal;

pub use vaultmark_crypto::membership::Member;

/// The most bytes of a statement.
const STATEMENT_BYTES: u64 = 64 * 1024;
/// The most bytes of a signature, with room for the reserved suites.
const SIGNATURE_BYTES: u64 = 16 * 1024;
/// The most statements: they are kept in memory.
const STATEMENTS: u64 = 30_000;
/// The most bytes of all of them: one has some hundred.
const ALL_BYTES: usize = 16 << 20;

/// Writes one statement.
///
/// # Errors
/// What `out` says.
pub fn write_statement(
    out: &mut impl Write,
    statement: &[u8],
    signature: &[u8],
) -> Result<(), BundleError> {
    write_head(out, ARRAY, 2)
        .and_then(|()| write_bytes(out, statement))
        .and_then(|()| write_bytes(out, signature))
        .map_err(|error| BundleError::from_io(format!("writing `{MEMBERS}`"), error))
}

/// The verified statements of a bundle, each as it stood in the file.
#[derive(Default)]
pub struct Members {
    lists: Lists,
    statements: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Members {
    /// Reads and verifies the statements of a project.
    ///
    /// # Errors
    /// [`BundleError::Refused`] names the record and the rule that it breaks.
    pub fn read(input: impl Read, project: ProjectId) -> Result<Self, BundleError> {
        let mut items = Items::new(BufReader::new(input), MEMBERS);
        let mut members = Self::default();
        let mut held = 0;
        while items.next_record(2)? {
            if items.record > STATEMENTS {
                return Err(items.refuse(format!("at most {STATEMENTS} statements are accepted")));
            }
            let bytes = items.bytes(STATEMENT_BYTES)?;
            let signature = items.bytes(SIGNATURE_BYTES)?;
            held += bytes.len() + signature.len();
            if held > ALL_BYTES {
                return Err(items.refuse(format!("at most {ALL_BYTES} bytes are accepted")));
            }
            let taken = members.lists.accept(project, &bytes, &signature);
            taken.map_err(|error| items.refuse(error.to_string()))?;
            members.statements.push((bytes, signature));
        }
        Ok(members)
    }

    /// Those of a bundle; nobody where it carries none.
    ///
    /// # Errors
    /// As [`Members::read`].
    pub fn of(bundle: &Verified) -> Result<Self, BundleError> {
        match bundle.entry(MEMBERS) {
            Some(_) => Self::read(bundle.read(MEMBERS)?, bundle.info().project),
            None => Ok(Self::default()),
        }
    }

    /// The statements and their signatures, in the order of the file.
    #[must_use]
    pub fn statements(&self) -> &[(Vec<u8>, Vec<u8>)] {
        &self.statements
    }

    /// Who ever held the key as a member of the project, in whichever vault.
    #[must_use]
    pub fn holder(&self, key: &PublicKey) -> Option<&Member> {
        self.lists.holder(key)
    }

    /// All that the lists of the project say in the end, vault by vault.
    pub fn members(&self) -> impl Iterator<Item = (VaultId, &Member)> {
        self.lists.members()
    }

    /// The newest statement of each list about the project.
    #[must_use]
    pub fn heads(&self) -> ListHeads {
        self.lists.heads()
    }

    /// Follows who had the right to make which Change, where this vault sent them.
    ///
    /// # Errors
    /// [`BundleError::Refused`] where the statements have no list of that vault, or adopt what is
    /// not there.
    pub(super) fn rights(&self, sender: VaultId) -> Result<Rights<'_>, BundleError> {
        Rights::new(&self.lists, sender).map_err(|error| {
            let record = self.statements.len() as u64;
            Refusal::Provenance { file: MEMBERS, record, why: error.to_string() }.into()
        })
    }
}
