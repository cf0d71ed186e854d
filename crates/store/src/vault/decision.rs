//! An officer's decisions: the policy and whom the vault trusts, as one hash-linked list of signed
//! links. What a table says besides counts for nothing.
//!
//! ```text
//! decision = ["decision", 1, vault, seq, previous, membership, time, author, saying]
//! saying   = [1, policy] | [2, principal, key, trusted]
//! ```
//! `membership` is the hash of the vault's newest membership statement when the decision was made;
//! the author must have held *officer* by it, and it never goes back along the list. Signed in the
//! namespace of policy.

use minicbor::{Decoder, Encoder};
use vaultmark_crypto::{Namespace, SigningKey, sha512, verify};
use vaultmark_model::canonical::{Canonical, DecodeResult, EncodeResult, expect_array, invalid};
use vaultmark_model::policy::Policy;
use vaultmark_model::text::check_name;
use vaultmark_model::{Digest, PublicKey, Signature, Timestamp, VaultId};

use super::membership::{Membership, MembershipPin, SignedStatement};
use crate::{Ambient, StoreError};

/// What an officer decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ruling {
    /// The policy from here on.
    Policy(Policy),
    /// Whether bundles by this key are trusted from here on, under which name.
    Trust { principal: String, key: PublicKey, trusted: bool },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decision {
    vault: VaultId,
    seq: u64,
    previous: Digest,
    membership: Digest,
    time: Timestamp,
    author: PublicKey,
    ruling: Ruling,
}

/// A signer whom the vault trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedSigner {
    /// The name by which an officer knows the key's owner.
    pub principal: String,
    /// The key.
    pub key: PublicKey,
    /// Since when.
    pub since: Timestamp,
}

/// A verified list of decisions.
#[derive(Debug, Clone)]
pub(crate) struct Decisions {
    vault: VaultId,
    hashes: Vec<Digest>,
    /// Where in the membership the last decision stands.
    standing: u64,
    policy: Option<Policy>,
    trusted: Vec<TrustedSigner>,
}

impl Decisions {
    /// Verifies a list from its first decision on.
    pub fn verify(
        vault: VaultId,
        links: &[SignedStatement],
        membership: &Membership,
    ) -> Result<Self, StoreError> {
        let mut list =
            Self { vault, hashes: Vec::new(), standing: 0, policy: None, trusted: Vec::new() };
        for link in links {
            list.accept(link, membership)?;
        }
        if list.policy.is_none() {
            return Err(list.refuse("there is no policy"));
        }
        Ok(list)
    }

    /// The policy in force.
    pub fn policy(&self) -> Result<&Policy, StoreError> {
        self.policy.as_ref().ok_or_else(|| self.refuse("there is no policy"))
    }

    /// The signers in force.
    pub fn trusted(&self) -> &[TrustedSigner] {
        &self.trusted
    }

    /// What to remember from now on.
    pub fn pin(&self) -> MembershipPin {
        let last = self.hashes.last().copied().unwrap_or(Digest::ZERO);
        MembershipPin {
            genesis: self.hashes.first().copied().unwrap_or(Digest::ZERO),
            seq: (self.hashes.len() as u64).saturating_sub(1),
            head: last,
        }
    }

    /// Compares with what was seen before.
    pub fn check_pin(&self, pin: &MembershipPin) -> Result<(), StoreError> {
        let at = usize::try_from(pin.seq).ok().and_then(|seq| self.hashes.get(seq));
        if at == Some(&pin.head) && self.hashes.first() == Some(&pin.genesis) {
            return Ok(());
        }
        Err(StoreError::RolledBack { what: "the vault's policy or list of trusted signers".into() })
    }

    /// Makes and signs the next decision of a list (`None`: its first).
    pub fn decide(
        vault: VaultId,
        list: Option<&Self>,
        membership: Digest,
        ruling: Ruling,
        signer: &SigningKey,
        ambient: &Ambient,
    ) -> SignedStatement {
        let decision = Decision {
            vault,
            seq: list.map_or(0, |list| list.hashes.len() as u64),
            previous: list.and_then(|list| list.hashes.last().copied()).unwrap_or(Digest::ZERO),
            membership,
            time: ambient.now(),
            author: signer.public(),
            ruling,
        };
        let bytes = decision.to_bytes();
        let signature = signer.sign(Namespace::Policy, &bytes).bytes().to_vec();
        SignedStatement { bytes, signature }
    }

    /// Takes the next decision in.
    pub fn accept(
        &mut self,
        link: &SignedStatement,
        membership: &Membership,
    ) -> Result<(), StoreError> {
        let decision = Decision::from_bytes(&link.bytes)
            .map_err(|_| self.refuse("its bytes are no decision of this format"))?;
        if decision.vault != self.vault {
            return Err(self.refuse("it was made for another vault"));
        }
        let previous = self.hashes.last().copied().unwrap_or(Digest::ZERO);
        if decision.seq != self.hashes.len() as u64 || decision.previous != previous {
            return Err(self.refuse("it does not follow the one before it"));
        }
        let signature = Signature::new(link.signature.clone());
        verify(&decision.author, Namespace::Policy, &link.bytes, &signature)
            .map_err(|_| self.refuse("its signature does not fit"))?;
        let standing = membership
            .position(&decision.membership)
            .filter(|standing| *standing >= self.standing)
            .ok_or_else(|| self.refuse("it names a membership that does not fit"))?;
        if !membership.held_authority(standing, &decision.author) {
            return Err(self.refuse("who signed it was no officer"));
        }
        if let (Ruling::Policy(new), Some(old)) = (&decision.ruling, &self.policy)
            && new.version <= old.version
        {
            return Err(self.refuse("its policy is older than the one before it"));
        }
        self.standing = standing;
        self.hashes.push(sha512(&link.bytes));
        self.apply(decision);
        Ok(())
    }

    fn apply(&mut self, decision: Decision) {
        match decision.ruling {
            Ruling::Policy(policy) => self.policy = Some(policy),
            Ruling::Trust { principal, key, trusted } => {
                self.trusted.retain(|one| one.key != key);
                if trusted {
                    self.trusted.push(TrustedSigner { principal, key, since: decision.time });
                }
            }
        }
    }

    fn refuse(&self, why: &'static str) -> StoreError {
        StoreError::Decision { seq: self.hashes.len() as u64, why }
    }
}

impl Canonical for Decision {
    const WHAT: &'static str = "officer's decision";
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(9)?.str("decision")?.u8(1)?;
        self.vault.encode(e)?;
        e.u64(self.seq)?;
        self.previous.encode(e)?;
        self.membership.encode(e)?;
        self.time.encode(e)?;
        self.author.encode(e)?;
        match &self.ruling {
            Ruling::Policy(policy) => {
                e.array(2)?.u8(1)?;
                policy.encode(e)
            }
            Ruling::Trust { principal, key, trusted } => {
                e.array(4)?.u8(2)?.str(principal)?;
                key.encode(e)?;
                e.bool(*trusted)?;
                Ok(())
            }
        }
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 9)?;
        if d.str()? != "decision" || d.u8()? != 1 {
            return Err(invalid("it is no decision of a format that this version knows"));
        }
        Ok(Self {
            vault: VaultId::decode(d)?,
            seq: d.u64()?,
            previous: Digest::decode(d)?,
            membership: Digest::decode(d)?,
            time: Timestamp::decode(d)?,
            author: PublicKey::decode(d)?,
            ruling: decode_ruling(d)?,
        })
    }
}

fn decode_ruling(d: &mut Decoder<'_>) -> DecodeResult<Ruling> {
    match (d.array()?, d.u8()?) {
        (Some(2), 1) => Policy::decode(d).map(Ruling::Policy),
        (Some(4), 2) => {
            let principal = d.str()?.to_owned();
            check_name("trusted signer's name", &principal)
                .map_err(minicbor::decode::Error::message)?;
            Ok(Ruling::Trust { principal, key: PublicKey::decode(d)?, trusted: d.bool()? })
        }
        _ => Err(invalid("an unknown ruling")),
    }
}
