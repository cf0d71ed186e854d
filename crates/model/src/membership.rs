//! Membership: a hash-linked list of signed statements of who holds which role, with which keys.
//! A role written into a table counts for nothing; only a statement does.

use minicbor::{Decoder, Encoder};

use crate::canonical::{
    Canonical, DecodeResult, EncodeResult, array_up_to, decode_option, encode_option, expect_array,
    invalid,
};
use crate::change::Heads;
use crate::text::check_name;
use crate::{Digest, PersonId, ProjectId, PublicKey, Role, StatementId, Timestamp, VaultId};

/// What a statement says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saying {
    /// The person holds exactly these roles from here on.
    Grant {
        /// The name by which members know the person.
        name: String,
        /// The person's signing key.
        signing: PublicKey,
        /// The person's wrapping recipient, `age1…`.
        recipient: String,
        /// The roles.
        roles: Vec<Role>,
    },
    /// The person holds no role from here on.
    Revoke,
    /// What was made in other vaults is part of the project from here on: their lists about it up
    /// to these statements, and the chains up to these changes. What goes beyond counts for nothing.
    Adopt {
        /// The newest statement of each list, by vault.
        lists: ListHeads,
        /// The last change of each chain, by replica.
        heads: Heads,
    },
}

/// The newest statement (seq, hash) of each vault's list about a project, by vault.
pub type ListHeads = Vec<(VaultId, u64, Digest)>;

/// The most lists, and the most chains, that a statement adopts.
const ADOPTED: u64 = 4096;

/// One link of the list. The first is the genesis: self-signed, with previous hash zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its identifier.
    pub id: StatementId,
    /// The vault in which it was made.
    pub vault: VaultId,
    /// The project it is about, or none for the vault itself.
    pub project: Option<ProjectId>,
    /// The project key's epoch at that moment; zero for the vault.
    pub epoch: u32,
    /// Position in the list, from zero.
    pub seq: u64,
    /// SHA-512 of the previous statement's bytes; zero for the genesis.
    pub previous: Digest,
    /// Claimed time.
    pub time: Timestamp,
    /// Who signs it.
    pub author: PublicKey,
    /// Whom it is about.
    pub person: PersonId,
    /// What it says.
    pub saying: Saying,
}

impl Canonical for Statement {
    const WHAT: &'static str = "membership statement";

    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(11)?.u8(1)?;
        self.id.encode(e)?;
        self.vault.encode(e)?;
        encode_option(e, self.project.as_ref())?;
        e.u32(self.epoch)?.u64(self.seq)?;
        self.previous.encode(e)?;
        self.time.encode(e)?;
        self.author.encode(e)?;
        self.person.encode(e)?;
        match &self.saying {
            Saying::Grant { name, signing, recipient, roles } => {
                e.array(5)?.u8(1)?.str(name)?;
                signing.encode(e)?;
                e.str(recipient)?.array(roles.len() as u64)?;
                for role in roles {
                    e.str(role.word())?;
                }
            }
            Saying::Revoke => {
                e.array(1)?.u8(2)?;
            }
            Saying::Adopt { lists, heads } => {
                e.array(3)?.u8(3)?;
                encode_heads(lists, e)?;
                encode_heads(heads, e)?;
            }
        }
        Ok(())
    }

    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 11)?;
        if d.u8()? != 1 {
            return Err(invalid("the statement is of a format that this version does not know"));
        }
        Ok(Self {
            id: StatementId::decode(d)?,
            vault: VaultId::decode(d)?,
            project: decode_option(d)?,
            epoch: d.u32()?,
            seq: d.u64()?,
            previous: Digest::decode(d)?,
            time: Timestamp::decode(d)?,
            author: PublicKey::decode(d)?,
            person: PersonId::decode(d)?,
            saying: decode_saying(d)?,
        })
    }
}

fn decode_saying(d: &mut Decoder<'_>) -> DecodeResult<Saying> {
    match (d.array()?, d.u8()?) {
        (Some(5), 1) => {
            let name = d.str()?.to_owned();
            check_name("person's name", &name).map_err(minicbor::decode::Error::message)?;
            let signing = PublicKey::decode(d)?;
            let recipient = d.str()?.to_owned();
            let count = array_up_to(d, Role::ALL.len() as u64)?;
            let mut roles = Vec::new();
            for _ in 0..count {
                let role = Role::from_word(d.str()?).ok_or_else(|| invalid("an unknown role"))?;
                if roles.last().is_some_and(|last| *last >= role) {
                    return Err(invalid("roles stand in the vocabulary's order, once each"));
                }
                roles.push(role);
            }
            Ok(Saying::Grant { name, signing, recipient, roles })
        }
        (Some(1), 2) => Ok(Saying::Revoke),
        (Some(3), 3) => Ok(Saying::Adopt { lists: decode_heads(d)?, heads: decode_heads(d)? }),
        _ => Err(invalid("an unknown kind of saying")),
    }
}

fn encode_heads<I: Canonical>(
    heads: &[(I, u64, Digest)],
    e: &mut Encoder<Vec<u8>>,
) -> EncodeResult {
    e.array(heads.len() as u64)?;
    for (id, seq, digest) in heads {
        e.array(3)?;
        id.encode(e)?;
        e.u64(*seq)?;
        digest.encode(e)?;
    }
    Ok(())
}

fn decode_heads<I: Canonical + Ord>(d: &mut Decoder<'_>) -> DecodeResult<Vec<(I, u64, Digest)>> {
    let mut heads = Vec::new();
    for _ in 0..array_up_to(d, ADOPTED)? {
        expect_array(d, 3)?;
        heads.push((I::decode(d)?, d.u64()?, Digest::decode(d)?));
    }
    if !heads.is_sorted_by(|a: &(I, u64, Digest), b| a.0 < b.0) {
        return Err(invalid("what is adopted stands sorted, once each"));
    }
    Ok(heads)
}
