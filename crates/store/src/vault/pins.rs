//! What an account remembers, sealed in its slot, so that something older is noticed when it is put
//! back.

use std::collections::BTreeMap;

use minicbor::{Decoder, Encoder};
use vaultmark_model::canonical::{
    Canonical, DecodeResult, EncodeResult, array_up_to, decode_option, encode_option, expect_array,
};
use vaultmark_model::change::Heads;
use vaultmark_model::{Digest, ProjectId, Timestamp};

use super::membership::MembershipPin;
use crate::audit::AuditPin;
use crate::audit::event::{decode_heads, encode_heads};

/// The most projects that one account remembers.
const MOST_PROJECTS: u64 = 65_536;

/// What is remembered of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProjectPin {
    pub membership: MembershipPin,
    pub epoch: u32,
    pub fingerprint: Digest,
    /// The heads in the last audited checkpoint.
    pub heads: Heads,
}

/// What an account remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pins {
    /// Raised with every writing of the slot.
    pub generation: u64,
    pub membership: MembershipPin,
    pub decisions: MembershipPin,
    pub audit: Option<AuditPin>,
    pub last_sign_in: Option<Timestamp>,
    pub projects: BTreeMap<ProjectId, ProjectPin>,
}

impl Canonical for MembershipPin {
    const WHAT: &'static str = "pin of a signed list";
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(3)?;
        self.genesis.encode(e)?;
        e.u64(self.seq)?;
        self.head.encode(e)
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 3)?;
        Ok(Self { genesis: Digest::decode(d)?, seq: d.u64()?, head: Digest::decode(d)? })
    }
}

impl Canonical for AuditPin {
    const WHAT: &'static str = "pin of the audit log";
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(3)?.u64(self.seq)?;
        self.digest.encode(e)?;
        e.u64(self.offset)?;
        Ok(())
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 3)?;
        Ok(Self { seq: d.u64()?, digest: Digest::decode(d)?, offset: d.u64()? })
    }
}

impl Canonical for Pins {
    const WHAT: &'static str = "pins";
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(6)?.u64(self.generation)?;
        self.membership.encode(e)?;
        self.decisions.encode(e)?;
        encode_option(e, self.audit.as_ref())?;
        encode_option(e, self.last_sign_in.as_ref())?;
        e.array(self.projects.len() as u64)?;
        for (project, pin) in &self.projects {
            e.array(5)?;
            project.encode(e)?;
            pin.membership.encode(e)?;
            e.u32(pin.epoch)?;
            pin.fingerprint.encode(e)?;
            encode_heads(e, &pin.heads)?;
        }
        Ok(())
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 6)?;
        let generation = d.u64()?;
        let membership = MembershipPin::decode(d)?;
        let decisions = MembershipPin::decode(d)?;
        let audit = decode_option(d)?;
        let last_sign_in = decode_option(d)?;
        let mut projects = BTreeMap::new();
        for _ in 0..array_up_to(d, MOST_PROJECTS)? {
            expect_array(d, 5)?;
            let project = ProjectId::decode(d)?;
            let pin = ProjectPin {
                membership: MembershipPin::decode(d)?,
                epoch: d.u32()?,
                fingerprint: Digest::decode(d)?,
                heads: decode_heads(d)?,
            };
            projects.insert(project, pin);
        }
        Ok(Self { generation, membership, decisions, audit, last_sign_in, projects })
    }
}
