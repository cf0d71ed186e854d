//! What the audit log says: events, and what a checkpoint binds. Sealed to the auditors.

use std::collections::BTreeMap;

use minicbor::{Decoder, Encoder};
use vaultmark_model::canonical::{
    Canonical, DecodeResult, EncodeResult, array_up_to, decode_option, encode_option, expect_array,
    invalid,
};
use vaultmark_model::change::Heads;
use vaultmark_model::{Digest, PersonId, ProjectId, ReplicaId};

/// The most subjects or details of one event; whoever has more counts them instead.
const MOST: u64 = 1024;
/// The most projects of one checkpoint, and heads of one project.
const MOST_HEADS: u64 = 65_536;

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It happened.
    Done,
    /// Policy or the state of things did not allow it.
    Refused,
    /// It was tried and went wrong.
    Failed,
    /// It begins; how it ends stands in a later entry, or the program was ended before.
    Started,
}

impl Outcome {
    const ALL: [Self; 4] = [Self::Done, Self::Refused, Self::Failed, Self::Started];

    /// The word on screens and in exports of the log.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Started => "started",
        }
    }
}

/// One thing that happened, as auditors read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// A word such as `item.open` or `bundle.create`.
    pub action: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Who did it; none before sign-in. The log fills it in for an open vault.
    pub person: Option<PersonId>,
    /// In which project.
    pub project: Option<ProjectId>,
    /// Identifiers of what it was done to.
    pub subjects: Vec<String>,
    /// Further facts by name.
    pub detail: BTreeMap<String, String>,
}

impl Event {
    /// An event that went well and says nothing further yet.
    pub fn new(action: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            outcome: Outcome::Done,
            person: None,
            project: None,
            subjects: Vec::new(),
            detail: BTreeMap::new(),
        }
    }

    /// Says how it ended.
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// Names the project.
    #[must_use]
    pub fn project(mut self, project: ProjectId) -> Self {
        self.project = Some(project);
        self
    }

    /// Names one more subject.
    #[must_use]
    pub fn subject(mut self, subject: impl ToString) -> Self {
        self.subjects.push(subject.to_string());
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn detail(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.detail.insert(name.into(), value.to_string());
        self
    }
}

/// The sealed part of an entry: the event, and for a checkpoint the heads of the projects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Body {
    pub event: Event,
    pub heads: Vec<(ProjectId, Heads)>,
}

impl Canonical for Body {
    const WHAT: &'static str = "audit entry's body";

    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        let event = &self.event;
        e.array(8)?.u8(1)?.str(&event.action)?.u8(event.outcome as u8)?;
        encode_option(e, event.person.as_ref())?;
        encode_option(e, event.project.as_ref())?;
        e.array(event.subjects.len() as u64)?;
        for subject in &event.subjects {
            e.str(subject)?;
        }
        e.array(event.detail.len() as u64)?;
        for (name, value) in &event.detail {
            e.array(2)?.str(name)?.str(value)?;
        }
        e.array(self.heads.len() as u64)?;
        for (project, heads) in &self.heads {
            e.array(2)?;
            project.encode(e)?;
            encode_heads(e, heads)?;
        }
        Ok(())
    }

    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 8)?;
        if d.u8()? != 1 {
            return Err(invalid("the entry's body is of a format that this version does not know"));
        }
        let action = d.str()?.to_owned();
        let outcome =
            *Outcome::ALL.get(usize::from(d.u8()?)).ok_or_else(|| invalid("an unknown outcome"))?;
        let person = decode_option(d)?;
        let project = decode_option(d)?;
        let mut subjects = Vec::new();
        for _ in 0..array_up_to(d, MOST)? {
            subjects.push(d.str()?.to_owned());
        }
        let mut detail = BTreeMap::new();
        for _ in 0..array_up_to(d, MOST)? {
            expect_array(d, 2)?;
            detail.insert(d.str()?.to_owned(), d.str()?.to_owned());
        }
        let mut heads = Vec::new();
        for _ in 0..array_up_to(d, MOST_HEADS)? {
            expect_array(d, 2)?;
            heads.push((ProjectId::decode(d)?, decode_heads(d)?));
        }
        let event = Event { action, outcome, person, project, subjects, detail };
        Ok(Self { event, heads })
    }
}

/// Appends a project's heads.
pub(crate) fn encode_heads(e: &mut Encoder<Vec<u8>>, heads: &Heads) -> EncodeResult {
    e.array(heads.len() as u64)?;
    for (replica, seq, digest) in heads {
        e.array(3)?;
        replica.encode(e)?;
        e.u64(*seq)?;
        digest.encode(e)?;
    }
    Ok(())
}

/// Reads a project's heads.
pub(crate) fn decode_heads(d: &mut Decoder<'_>) -> DecodeResult<Heads> {
    let mut heads = Heads::new();
    for _ in 0..array_up_to(d, MOST_HEADS)? {
        expect_array(d, 3)?;
        heads.push((ReplicaId::decode(d)?, d.u64()?, Digest::decode(d)?));
    }
    Ok(heads)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_round_trip_and_every_cut_is_refused() {
        let body = Body {
            event: Event::new("item.open")
                .outcome(Outcome::Refused)
                .project(ProjectId::from_bytes([1; 16]))
                .subject("a")
                .detail("z", 1)
                .detail("b", "two"),
            heads: vec![(
                ProjectId::from_bytes([1; 16]),
                vec![(ReplicaId::from_bytes([2; 16]), 7, Digest::ZERO)],
            )],
        };
        let bytes = body.to_bytes();
        assert_eq!(Body::from_bytes(&bytes).unwrap(), body);
        for cut in 0..bytes.len() {
            assert!(Body::from_bytes(&bytes[..cut]).is_err());
        }
    }
}
