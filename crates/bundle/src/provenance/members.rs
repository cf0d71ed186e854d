//! The stream of membership statements, and who held which key by them.
//!
//! Statements stand list by list; a list is that of one vault for the bundle's project, or of a
//! vault itself. A project that has passed through several vaults carries a list of each. In a
//! list:
//! 1. `seq` counts from 0, and each names the SHA-512 of the one before (zero for the first);
//! 2. the first is signed by the key that it grants, to a manager (project) or an officer (vault);
//! 3. each later one is signed by a key that then holds that role in the list, or, for a project,
//!    by a key that holds *officer* in the list of the same vault, which then stands before;
//! 4. vault roles are granted only in a vault's list, the others only in a project's;
//! 5. a signing key belongs to one person; a revocation names somebody who was granted;
//! 6. the epoch never falls.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Write};

use vaultmark_crypto::{Namespace, sha512, verify};
use vaultmark_model::canonical::Canonical;
use vaultmark_model::membership::{Saying, Statement};
use vaultmark_model::{Digest, PersonId, ProjectId, PublicKey, Role, Signature, VaultId};

use super::MEMBERS;
use super::cbor::{ARRAY, Items, write_bytes, write_head};
use crate::error::BundleError;

/// The most bytes of a statement.
const STATEMENT_BYTES: u64 = 64 * 1024;
/// The most bytes of a signature, with room for the reserved suites.
const SIGNATURE_BYTES: u64 = 16 * 1024;
/// The most statements: they are kept in memory.
const STATEMENTS: u64 = 100_000;

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

/// What a list says of a person in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The person.
    pub person: PersonId,
    /// The name by which members knew the person.
    pub name: String,
    /// The newest signing key.
    pub key: PublicKey,
    /// The roles; none once revoked.
    pub roles: Vec<Role>,
}

type ListId = (VaultId, Option<ProjectId>);

#[derive(Default)]
struct List {
    len: u64,
    head: Option<Digest>,
    epoch: u32,
    people: BTreeMap<PersonId, Member>,
    /// Every key that was ever granted.
    keys: BTreeMap<PublicKey, PersonId>,
}

/// The verified statements of a bundle, each as it stood in the file.
#[derive(Default)]
pub struct Members {
    lists: BTreeMap<ListId, List>,
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
        while items.next_record(2)? {
            if items.record > STATEMENTS {
                return Err(items.refuse(format!("at most {STATEMENTS} statements are accepted")));
            }
            let bytes = items.bytes(STATEMENT_BYTES)?;
            let signature = items.bytes(SIGNATURE_BYTES)?;
            members.accept(project, &bytes, &signature).map_err(|why| items.refuse(why))?;
            members.statements.push((bytes, signature));
        }
        Ok(members)
    }

    /// The statements and their signatures, in the order of the file.
    #[must_use]
    pub fn statements(&self) -> &[(Vec<u8>, Vec<u8>)] {
        &self.statements
    }

    /// Who ever held the key as a member of the project, in whichever vault.
    #[must_use]
    pub fn holder(&self, key: &PublicKey) -> Option<&Member> {
        let lists = self.lists.iter().filter(|((_, project), _)| project.is_some());
        lists.filter_map(|(_, list)| list.people.get(list.keys.get(key)?)).next()
    }

    /// All that the lists of the project say in the end, vault by vault.
    pub fn members(&self) -> impl Iterator<Item = (VaultId, &Member)> {
        let lists = self.lists.iter().filter(|((_, project), _)| project.is_some());
        lists.flat_map(|((vault, _), list)| list.people.values().map(|member| (*vault, member)))
    }

    fn accept(&mut self, project: ProjectId, bytes: &[u8], signature: &[u8]) -> Result<(), String> {
        let statement = Statement::from_bytes(bytes).map_err(|error| error.to_string())?;
        if statement.project.is_some_and(|found| found != project) {
            return Err("it belongs to another project".into());
        }
        let signature = Signature::new(signature.to_vec());
        verify(&statement.author, Namespace::Membership, bytes, &signature)
            .map_err(|error| error.to_string())?;
        let officer = self
            .lists
            .get(&(statement.vault, None))
            .is_some_and(|vault| vault.holds(&statement.author, Role::Officer));
        let id = (statement.vault, statement.project);
        self.lists.entry(id).or_default().accept(statement, bytes, officer)
    }
}

impl List {
    fn holds(&self, key: &PublicKey, role: Role) -> bool {
        self.people.values().any(|member| member.key == *key && member.roles.contains(&role))
    }

    fn accept(&mut self, statement: Statement, bytes: &[u8], officer: bool) -> Result<(), String> {
        let previous = self.head.unwrap_or(Digest::ZERO);
        if statement.seq != self.len || statement.previous != previous {
            return Err("it does not follow the statement before it".into());
        }
        if statement.epoch < self.epoch {
            return Err("its epoch is older than the one before it".into());
        }
        self.check_authority(&statement, officer)?;
        let (person, epoch) = (statement.person, statement.epoch);
        self.apply(person, statement.project.is_none(), statement.saying)?;
        self.len += 1;
        self.head = Some(sha512(bytes));
        self.epoch = epoch;
        Ok(())
    }

    fn check_authority(&self, statement: &Statement, officer: bool) -> Result<(), String> {
        let in_project = statement.project.is_some();
        let role = if in_project { Role::Manager } else { Role::Officer };
        if self.len > 0 {
            let may = self.holds(&statement.author, role) || (in_project && officer);
            return if may { Ok(()) } else { Err("who signed it had no right to make it".into()) };
        }
        match &statement.saying {
            Saying::Grant { signing, roles, .. }
                if *signing == statement.author && roles.contains(&role) =>
            {
                Ok(())
            }
            _ => Err("the first statement does not found the list".into()),
        }
    }

    fn apply(&mut self, person: PersonId, in_vault: bool, saying: Saying) -> Result<(), String> {
        match saying {
            Saying::Grant { name, signing, roles, .. } => {
                if roles.iter().any(|role| role.is_vault_role() != in_vault) {
                    return Err("it grants a role that is not held there".into());
                }
                if *self.keys.entry(signing.clone()).or_insert(person) != person {
                    return Err("it grants a key that belongs to another person".into());
                }
                self.people.insert(person, Member { person, name, key: signing, roles });
            }
            Saying::Revoke => match self.people.get_mut(&person) {
                Some(member) => member.roles.clear(),
                None => return Err("it revokes a person who was never a member".into()),
            },
        }
        Ok(())
    }
}
