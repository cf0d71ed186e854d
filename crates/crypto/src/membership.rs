//! Lists of signed membership statements, and by which of them whoever made a Change had the right
//! to. Statements stand list by list; a list is that of one vault for a project, or of a vault
//! itself. A project that has passed through several vaults carries a list of each.
//!
//! In a list:
//! 1. `seq` counts from 0, and each names the SHA-512 of the one before (zero for the first);
//! 2. the first is signed by the key that it grants, to a manager (project) or an officer (vault);
//! 3. each later one is signed by a key that then holds that role in the list, or, for a project,
//!    by a key that holds *officer* in the list of the same vault, which then stands before;
//! 4. vault roles are granted only in a vault's list, the others only in a project's;
//! 5. a signing key belongs to one person; a revocation names somebody who was granted;
//! 6. the epoch never falls;
//! 7. only a project's list adopts.

use std::collections::{BTreeMap, HashMap};

use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Header, Matter};
use vaultmark_model::membership::{ListHeads, Saying, Statement};
use vaultmark_model::{
    Digest, ModelError, Permission, PersonId, ProjectId, PublicKey, ReplicaId, Role, Signature,
    VaultId,
};

use crate::{CryptoError, Namespace, sha512, verify};

/// Why a statement does not hold, or a Change was made without the right to.
#[derive(Debug, thiserror::Error)]
pub enum MembershipError {
    /// The bytes are no statement.
    #[error("{0}")]
    Statement(#[from] ModelError),
    /// The signature does not fit.
    #[error("{0}")]
    Signature(#[from] CryptoError),
    /// A rule of lists is broken.
    #[error("{0}")]
    Rule(&'static str),
    /// A Change was made without the right to.
    #[error("{0}")]
    Right(&'static str),
    /// A chain that was adopted is not there to its end.
    #[error("change {seq} of {replica}, which the membership adopts, is not there")]
    Missing {
        /// The chain.
        replica: ReplicaId,
        /// Its last Change, as adopted.
        seq: u64,
    },
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

/// Verified lists.
#[derive(Debug, Default)]
pub struct Lists {
    of_vaults: BTreeMap<VaultId, List>,
    of_project: BTreeMap<VaultId, List>,
    /// Where the statements of the project's lists stand.
    places: HashMap<Digest, (VaultId, u64)>,
}

#[derive(Debug, Default)]
struct List {
    hashes: Vec<Digest>,
    epoch: u32,
    people: BTreeMap<PersonId, Member>,
    /// Every key that was ever granted.
    keys: BTreeMap<PublicKey, PersonId>,
    /// The roles of each key from a statement on.
    terms: BTreeMap<PublicKey, Vec<(u64, Vec<Role>)>>,
    lists: BTreeMap<VaultId, (u64, Digest)>,
    heads: BTreeMap<ReplicaId, (u64, Digest)>,
}

impl Lists {
    /// Takes the next statement about the project, or about a vault.
    ///
    /// # Errors
    /// [`MembershipError`] names the rule that it breaks; the lists are then of no use.
    pub fn accept(
        &mut self,
        project: ProjectId,
        bytes: &[u8],
        signature: &[u8],
    ) -> Result<(), MembershipError> {
        let statement = Statement::from_bytes(bytes)?;
        if statement.project.is_some_and(|found| found != project) {
            return Err(MembershipError::Rule("it belongs to another project"));
        }
        let signature = Signature::new(signature.to_vec());
        verify(&statement.author, Namespace::Membership, bytes, &signature)?;
        let hash = sha512(bytes);
        let (vault, seq) = (statement.vault, statement.seq);
        if statement.project.is_none() {
            return self.of_vaults.entry(vault).or_default().accept(statement, hash, false);
        }
        let officers = self.of_vaults.get(&vault);
        let officer = officers.is_some_and(|list| list.holds(&statement.author, Role::Officer));
        self.of_project.entry(vault).or_default().accept(statement, hash, officer)?;
        self.places.insert(hash, (vault, seq));
        Ok(())
    }

    /// Who ever held the key as a member of the project, in whichever vault.
    #[must_use]
    pub fn holder(&self, key: &PublicKey) -> Option<&Member> {
        self.of_project.values().find_map(|list| list.people.get(list.keys.get(key)?))
    }

    /// All that the lists of the project say in the end, vault by vault.
    pub fn members(&self) -> impl Iterator<Item = (VaultId, &Member)> {
        let of = |(vault, list): (&VaultId, _)| (*vault, list);
        let lists = self.of_project.iter().map(of);
        lists.flat_map(|(vault, list): (_, &List)| {
            list.people.values().map(move |member| (vault, member))
        })
    }

    /// The newest statement of each list about the project.
    #[must_use]
    pub fn heads(&self) -> ListHeads {
        let of = |(vault, list): (&VaultId, &List)| {
            let head = list.head()?;
            Some((*vault, list.len() - 1, head))
        };
        self.of_project.iter().filter_map(of).collect()
    }
}

impl List {
    fn len(&self) -> u64 {
        self.hashes.len() as u64
    }

    fn head(&self) -> Option<Digest> {
        self.hashes.last().copied()
    }

    fn holds(&self, key: &PublicKey, role: Role) -> bool {
        let holder = self.keys.get(key).and_then(|person| self.people.get(person));
        holder.is_some_and(|member| member.key == *key && member.roles.contains(&role))
    }

    /// The roles of a key after the statement at `seq`.
    fn roles(&self, key: &PublicKey, seq: u64) -> &[Role] {
        let terms = self.terms.get(key).map(Vec::as_slice).unwrap_or_default();
        terms.iter().rfind(|(from, _)| *from <= seq).map_or(&[], |(_, roles)| roles)
    }

    fn accept(
        &mut self,
        statement: Statement,
        hash: Digest,
        officer: bool,
    ) -> Result<(), MembershipError> {
        let previous = self.head().unwrap_or(Digest::ZERO);
        if statement.seq != self.len() || statement.previous != previous {
            return Err(MembershipError::Rule("it does not follow the statement before it"));
        }
        if statement.epoch < self.epoch {
            return Err(MembershipError::Rule("its epoch is older than the one before it"));
        }
        self.check_authority(&statement, officer)?;
        let epoch = statement.epoch;
        self.apply(statement)?;
        self.hashes.push(hash);
        self.epoch = epoch;
        Ok(())
    }

    fn check_authority(&self, statement: &Statement, officer: bool) -> Result<(), MembershipError> {
        let in_project = statement.project.is_some();
        let role = if in_project { Role::Manager } else { Role::Officer };
        if !self.hashes.is_empty() {
            let may = self.holds(&statement.author, role) || (in_project && officer);
            let why = "who signed it had no right to make it";
            return if may { Ok(()) } else { Err(MembershipError::Rule(why)) };
        }
        match &statement.saying {
            Saying::Grant { signing, roles, .. }
                if *signing == statement.author && roles.contains(&role) =>
            {
                Ok(())
            }
            _ => Err(MembershipError::Rule("the first statement does not found the list")),
        }
    }

    fn apply(&mut self, statement: Statement) -> Result<(), MembershipError> {
        let Statement { person, seq, project, saying, .. } = statement;
        match saying {
            Saying::Grant { name, signing, roles, .. } => {
                if roles.iter().any(|role| role.is_vault_role() != project.is_none()) {
                    return Err(MembershipError::Rule("it grants a role that is not held there"));
                }
                if *self.keys.entry(signing.clone()).or_insert(person) != person {
                    let why = "it grants a key that belongs to another person";
                    return Err(MembershipError::Rule(why));
                }
                if let Some(before) = self.people.get(&person) {
                    self.terms.entry(before.key.clone()).or_default().push((seq, Vec::new()));
                }
                self.terms.entry(signing.clone()).or_default().push((seq, roles.clone()));
                self.people.insert(person, Member { person, name, key: signing, roles });
            }
            Saying::Revoke => {
                let stranger = MembershipError::Rule("it revokes a person who was never a member");
                let member = self.people.get_mut(&person).ok_or(stranger)?;
                member.roles.clear();
                self.terms.entry(member.key.clone()).or_default().push((seq, Vec::new()));
            }
            Saying::Adopt { lists, heads } => {
                if project.is_none() {
                    return Err(MembershipError::Rule("only a project's list adopts"));
                }
                let lists = lists.into_iter().map(|(id, seq, hash)| (id, (seq, hash)));
                let heads = heads.into_iter().map(|(id, seq, hash)| (id, (seq, hash)));
                self.lists.extend(lists);
                self.heads.extend(heads);
            }
        }
        Ok(())
    }
}

/// Follows the Changes of a project in the order of its chains and says whether each was made by
/// right: by the list of the vault that answers for the project, or by another vault's as far as
/// that list adopts it.
#[derive(Debug)]
pub struct Rights<'l> {
    lists: &'l Lists,
    root: VaultId,
    /// The vault and the place in its list by which each chain's last Change was made.
    chains: BTreeMap<ReplicaId, (VaultId, u64)>,
    /// Each vault has one copy: a second chain would begin before what was said since.
    copies: BTreeMap<VaultId, ReplicaId>,
    /// Adopted heads that are still to come.
    awaited: BTreeMap<ReplicaId, (u64, Digest)>,
}

/// What the author of one Change was permitted.
#[derive(Debug, Clone, Copy)]
pub struct Permitted([bool; Matter::ALL.len()]);

impl Permitted {
    /// Whether a leaf of this kind was.
    ///
    /// # Errors
    /// [`MembershipError::Right`].
    pub fn check(&self, matter: Matter) -> Result<(), MembershipError> {
        if self.0[matter as usize] {
            return Ok(());
        }
        Err(MembershipError::Right(match matter {
            Matter::Media => "its author held no role by which media are imported or removed",
            Matter::Labels => "its author held no role by which labels are changed",
            Matter::Annotations => "its author held no role by which annotations are changed",
        }))
    }
}

impl<'l> Rights<'l> {
    /// Begins with the vault that answers for the project: this one, or a bundle's sender.
    ///
    /// # Errors
    /// [`MembershipError::Right`] where that vault has no list here, or adopts what is not here.
    pub fn new(lists: &'l Lists, root: VaultId) -> Result<Self, MembershipError> {
        let own = lists.of_project.get(&root);
        let own = own.ok_or(MembershipError::Right("the vault has no list about the project"))?;
        for (vault, (seq, hash)) in &own.lists {
            if lists.places.get(hash) != Some(&(*vault, *seq)) {
                let why = "a list that was adopted is not there as it was";
                return Err(MembershipError::Right(why));
            }
        }
        let (chains, copies) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { lists, root, chains, copies, awaited: own.heads.clone() })
    }

    /// Takes the next Change, whose place and signature were verified, with the hash of its header.
    ///
    /// # Errors
    /// [`MembershipError::Right`].
    pub fn change(&mut self, header: &Header, hash: &Digest) -> Result<Permitted, MembershipError> {
        let unknown = MembershipError::Right("it names a statement that no list of members has");
        let (vault, place) = *self.lists.places.get(&header.membership).ok_or(unknown)?;
        let (Some(root), Some(list)) =
            (self.lists.of_project.get(&self.root), self.lists.of_project.get(&vault))
        else {
            return Err(MembershipError::Right("its list of members is not there"));
        };
        if vault != self.root {
            let adopted = root.lists.get(&vault).is_some_and(|(last, _)| place <= *last);
            let last = root.heads.get(&header.replica).filter(|(last, _)| header.seq <= *last);
            let whole = last.is_some_and(|(last, head)| header.seq < *last || head == hash);
            if !adopted || !whole {
                let why = "it was made in another vault and never adopted by a manager of this one";
                return Err(MembershipError::Right(why));
            }
            if last.is_some_and(|(last, _)| header.seq == *last) {
                self.awaited.remove(&header.replica);
            }
        }
        if let Some((before, from)) = self.chains.insert(header.replica, (vault, place))
            && (before != vault || place < from)
        {
            let why = "it names an older statement of membership than the change before it";
            return Err(MembershipError::Right(why));
        }
        if *self.copies.entry(vault).or_insert(header.replica) != header.replica {
            let why = "it stands in a second chain of the vault whose members it names";
            return Err(MembershipError::Right(why));
        }
        let roles = list.roles(&header.author, place);
        let holds =
            |wanted: &Permission| roles.iter().any(|role| role.permissions().contains(wanted));
        let permitted = Matter::ALL.map(|matter| matter.permissions().iter().any(holds));
        if !permitted.contains(&true) {
            let why = if list.keys.contains_key(&header.author) {
                "its author held no role by which anything is changed"
            } else {
                "its author was no member"
            };
            return Err(MembershipError::Right(why));
        }
        Ok(Permitted(permitted))
    }

    /// At the end: what was adopted is all there.
    ///
    /// # Errors
    /// [`MembershipError::Missing`].
    pub fn finish(self) -> Result<(), MembershipError> {
        match self.awaited.first_key_value() {
            None => Ok(()),
            Some((replica, (seq, _))) => {
                Err(MembershipError::Missing { replica: *replica, seq: *seq })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SigningKey;
    use crate::testing::FixedEntropy;
    use vaultmark_model::change::{Heads, Intent, Parts, Tool};
    use vaultmark_model::{ChangeId, StatementId, Timestamp};

    const PROJECT: ProjectId = ProjectId::from_bytes([2; 16]);

    fn key(seed: u64) -> SigningKey {
        SigningKey::generate(&FixedEntropy::new(seed)).unwrap()
    }

    fn vault(n: u8) -> VaultId {
        VaultId::from_bytes([n; 16])
    }

    fn grant(seed: u64, roles: &[Role]) -> Saying {
        Saying::Grant {
            name: format!("person {seed}"),
            signing: key(seed).public(),
            recipient: "age1test".into(),
            roles: roles.to_vec(),
        }
    }

    /// A vault's list: who signs, about whom, what.
    struct Made {
        vault: u8,
        hashes: Vec<Digest>,
    }

    impl Made {
        fn new(lists: &mut Lists, vault: u8, founder: u64, roles: &[Role]) -> Self {
            let mut made = Self { vault, hashes: Vec::new() };
            made.say(lists, founder, founder, grant(founder, roles)).unwrap();
            made
        }

        fn say(
            &mut self,
            lists: &mut Lists,
            signer: u64,
            about: u64,
            saying: Saying,
        ) -> Result<(), MembershipError> {
            let statement = Statement {
                id: StatementId::from_bytes([1; 16]),
                vault: vault(self.vault),
                project: Some(PROJECT),
                epoch: 1,
                seq: self.hashes.len() as u64,
                previous: self.hashes.last().copied().unwrap_or(Digest::ZERO),
                time: Timestamp::from_millis(0),
                author: key(signer).public(),
                person: PersonId::from_bytes([u8::try_from(about).unwrap(); 16]),
                saying,
            };
            let bytes = statement.to_bytes();
            let signature = key(signer).sign(Namespace::Membership, &bytes).bytes().to_vec();
            lists.accept(PROJECT, &bytes, &signature)?;
            self.hashes.push(sha512(&bytes));
            Ok(())
        }
    }

    fn header(replica: u8, seq: u64, author: u64, membership: Digest) -> Header {
        Header {
            id: ChangeId::from_bytes([1; 16]),
            project: PROJECT,
            replica: ReplicaId::from_bytes([replica; 16]),
            seq,
            previous: Digest::ZERO,
            author: key(author).public(),
            membership,
            time: Timestamp::from_millis(0),
            tool: Tool { program: "test".into(), gesture: "box".into(), model: None },
            intent: Intent::Edit,
            content: vec![],
            parts: Parts::Listed(vec![]),
            leaves: 0,
            root: Digest::ZERO,
        }
    }

    fn why<T>(result: Result<T, MembershipError>) -> String {
        result.err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn roles_are_those_of_the_statement_that_a_change_names() {
        let mut lists = Lists::default();
        let mut made = Made::new(&mut lists, 1, 1, &[Role::Manager]);
        made.say(&mut lists, 1, 2, grant(2, &[Role::Annotator])).unwrap();
        made.say(&mut lists, 1, 3, grant(3, &[Role::Viewer])).unwrap();
        made.say(&mut lists, 1, 2, Saying::Revoke).unwrap();
        let change = |author, at: &[usize]| {
            let mut rights = Rights::new(&lists, vault(1)).unwrap();
            let mut last = None;
            for (seq, at) in (1..).zip(at) {
                last =
                    Some(rights.change(&header(1, seq, author, made.hashes[*at]), &Digest::ZERO));
            }
            last.unwrap()
        };
        let manager = change(1, &[0]).unwrap();
        manager.check(Matter::Media).unwrap();
        manager.check(Matter::Labels).unwrap();
        let annotator = change(2, &[1, 2]).unwrap();
        annotator.check(Matter::Annotations).unwrap();
        assert!(why(annotator.check(Matter::Labels)).contains("labels are changed"));
        assert!(why(annotator.check(Matter::Media)).contains("imported"));
        // Not yet a member; a viewer; revoked; a stranger; going back; a statement that is not here.
        assert!(why(change(2, &[0])).contains("no role"));
        assert!(why(change(3, &[2])).contains("no role"));
        assert!(why(change(2, &[3])).contains("no role"));
        assert!(why(change(4, &[2])).contains("no member"));
        assert!(why(change(1, &[2, 1])).contains("older statement"));
        let mut rights = Rights::new(&lists, vault(1)).unwrap();
        let stranger = header(1, 1, 1, Digest::from_bytes([7; 64]));
        assert!(why(rights.change(&stranger, &Digest::ZERO)).contains("no list"));
        // A revoked person can't begin a chain that goes back to better times.
        rights.change(&header(1, 1, 1, made.hashes[3]), &Digest::ZERO).unwrap();
        let second = header(9, 1, 2, made.hashes[1]);
        assert!(why(rights.change(&second, &Digest::ZERO)).contains("second chain"));
    }

    #[test]
    fn another_vault_counts_as_far_as_it_was_adopted() {
        let mut lists = Lists::default();
        let mut other = Made::new(&mut lists, 2, 2, &[Role::Annotator, Role::Manager]);
        let mut own = Made::new(&mut lists, 1, 1, &[Role::Manager]);
        let (head, replica) = (Digest::from_bytes([5; 64]), ReplicaId::from_bytes([2; 16]));
        let foreign = |seq, hash: &Digest, lists: &Lists| {
            let mut rights = Rights::new(lists, vault(1))?;
            rights.change(&header(2, seq, 2, other.hashes[0]), hash)?;
            rights.finish()
        };
        assert!(why(foreign(1, &head, &lists)).contains("never adopted"));
        let heads: Heads = vec![(replica, 2, head)];
        let adopt = |lists| Saying::Adopt { lists, heads: heads.clone() };
        let list = vec![(vault(2), 0, other.hashes[0])];
        assert!(why(own.say(&mut lists, 2, 1, adopt(list.clone()))).contains("no right"));
        let mut lists = Lists::default();
        other = Made::new(&mut lists, 2, 2, &[Role::Annotator, Role::Manager]);
        own = Made::new(&mut lists, 1, 1, &[Role::Manager]);
        own.say(&mut lists, 1, 1, adopt(list)).unwrap();
        let foreign = |seq, hash: &Digest, at: Digest| {
            let mut rights = Rights::new(&lists, vault(1))?;
            rights.change(&header(2, seq, 2, at), hash)?;
            rights.finish()
        };
        foreign(2, &head, other.hashes[0]).unwrap();
        assert!(why(foreign(1, &head, other.hashes[0])).contains("is not there"));
        assert!(why(foreign(2, &Digest::ZERO, other.hashes[0])).contains("never adopted"));
        assert!(why(foreign(3, &head, other.hashes[0])).contains("never adopted"));
        // What its list says afterwards does not count.
        other.say(&mut lists, 2, 3, grant(3, &[Role::Annotator])).unwrap();
        let mut rights = Rights::new(&lists, vault(1)).unwrap();
        let later = header(2, 1, 3, other.hashes[1]);
        assert!(why(rights.change(&later, &Digest::ZERO)).contains("never adopted"));
        assert!(why(Rights::new(&lists, vault(3))).contains("no list"));
    }
}
