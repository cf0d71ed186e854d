//! The commitment to a change's payload while it grows, and to what its leaves are about: salts drawn
//! in bulk, and for large batches the hashing on a thread of its own, so that it costs the database
//! no time.

use std::ops::Range;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use vaultmark_crypto::chain::PartsDigest;
use vaultmark_crypto::{Entropy, commitment};
use vaultmark_model::Digest;

use crate::StoreError;

/// Leaves from which on a thread is worth its start.
const ALONE: u64 = 2048;
/// Bytes handed over at once.
const PARCEL: usize = 64 * 1024;
/// Parcels under way; the bound on memory. One that holds a single large leaf may have 18 MB.
const UNDER_WAY: usize = 3;
/// How a part reference begins: an array of three.
const PART_HEAD: [u8; 1] = [0x83];
/// Salts drawn at once.
const SALTS: usize = 256;

pub(super) struct Leaves {
    here: Commitments,
    worker: Option<Worker>,
    count: u64,
    salts: Box<[[u8; 16]]>,
    used: usize,
}

struct Worker {
    /// Leaves as `length ‖ begin ‖ end (4 bytes each) ‖ salt ‖ field`, the reference to the part being
    /// what stands from `begin` to `end` of the field.
    parcel: Vec<u8>,
    parcels: SyncSender<Vec<u8>>,
    thread: JoinHandle<(Digest, Digest)>,
}

/// What a change commits to.
#[derive(Clone, Default)]
struct Commitments {
    root: commitment::Root,
    parts: PartsDigest,
}

impl Commitments {
    /// Takes a leaf; `part` is where in the field its part reference stands, but for its head.
    fn push(&mut self, salt: &[u8; 16], field: &[u8], part: Range<usize>) {
        self.root.push(commitment::leaf(salt, field));
        self.parts.push(&[&PART_HEAD, field.get(part).unwrap_or_default()]);
    }

    /// The Merkle root, and the digest over the part references.
    fn finish(self) -> (Digest, Digest) {
        (self.root.finish(), self.parts.finish())
    }
}

impl Leaves {
    pub(super) fn new() -> Self {
        Self {
            here: Commitments::default(),
            worker: None,
            count: 0,
            salts: Box::default(),
            used: 0,
        }
    }

    /// A fresh random salt.
    pub(super) fn salt(&mut self, entropy: &dyn Entropy) -> Result<[u8; 16], StoreError> {
        if self.used == self.salts.len() {
            // One gesture needs few, a batch many.
            let wanted = if self.count == 0 { 4 } else { SALTS };
            let mut bytes = vec![0; wanted * 16];
            entropy.fill(&mut bytes)?;
            self.salts = bytes.as_chunks::<16>().0.into();
            self.used = 0;
        }
        let salt = self.salts[self.used];
        self.used += 1;
        Ok(salt)
    }

    /// Adds the next leaf; `part` is where in the field subject, part and base stand.
    pub(super) fn push(&mut self, salt: &[u8; 16], field: &[u8], part: Range<usize>) {
        self.count += 1;
        if self.count > ALONE && self.worker.is_none() {
            self.worker = Worker::start(&mut self.here);
        }
        match &mut self.worker {
            Some(worker) => worker.push(salt, field, part),
            None => self.here.push(salt, field, part),
        }
    }

    /// How many leaves there are.
    pub(super) fn len(&self) -> u64 {
        self.count
    }

    /// The root over all of them, and the digest over what they are about.
    pub(super) fn finish(self) -> Result<(Digest, Digest), StoreError> {
        match self.worker {
            Some(worker) => worker.finish(),
            None => Ok(self.here.finish()),
        }
    }
}

impl Worker {
    /// Goes on from the leaves so far; none where the system gives no thread, which only costs time.
    fn start(so_far: &mut Commitments) -> Option<Self> {
        let (parcels, received) = sync_channel::<Vec<u8>>(UNDER_WAY);
        let mut growing = so_far.clone();
        let work = move || {
            for parcel in received {
                let mut rest = parcel.as_slice();
                while let Some((numbers, after)) = rest.split_first_chunk::<12>() {
                    let [length, begin, end] = [0, 4, 8].map(|at| {
                        let bytes = [0, 1, 2, 3].map(|byte| numbers[at + byte]);
                        u32::from_le_bytes(bytes) as usize
                    });
                    let Some((salt, after)) = after.split_first_chunk::<16>() else { break };
                    let Some((field, after)) = after.split_at_checked(length) else { break };
                    growing.push(salt, field, begin..end);
                    rest = after;
                }
            }
            growing.finish()
        };
        let thread = std::thread::Builder::new().name("leaves".into()).spawn(work).ok()?;
        Some(Self { parcel: Vec::with_capacity(PARCEL + 1024), parcels, thread })
    }

    fn push(&mut self, salt: &[u8; 16], field: &[u8], part: Range<usize>) {
        for number in [field.len(), part.start, part.end] {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            self.parcel.extend_from_slice(&number.to_le_bytes());
        }
        self.parcel.extend_from_slice(salt);
        self.parcel.extend_from_slice(field);
        if self.parcel.len() >= PARCEL {
            self.send();
        }
    }

    fn send(&mut self) {
        let parcel = std::mem::replace(&mut self.parcel, Vec::with_capacity(PARCEL + 1024));
        // A thread that is gone is reported when it is joined.
        let _ = self.parcels.send(parcel);
    }

    fn finish(mut self) -> Result<(Digest, Digest), StoreError> {
        self.send();
        drop(self.parcels);
        self.thread.join().map_err(|_| {
            StoreError::refused("making a change", "the thread that hashes it stopped; try again")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vaultmark_crypto::testing::FixedEntropy;

    #[test]
    fn the_thread_changes_nothing() {
        for count in [0, 1, ALONE, ALONE + 1, 5 * ALONE + 3] {
            let entropy = FixedEntropy::new(1);
            let mut leaves = Leaves::new();
            let mut plain = Commitments::default();
            for i in 0..count {
                let salt = leaves.salt(&entropy).unwrap();
                let field = i.to_string().repeat(usize::try_from(i % 50).unwrap());
                let part = field.len() / 3..field.len() / 2;
                leaves.push(&salt, field.as_bytes(), part.clone());
                plain.push(&salt, field.as_bytes(), part);
            }
            assert_eq!(leaves.len(), count);
            assert_eq!(leaves.finish().unwrap(), plain.finish());
        }
    }

    #[test]
    fn salts_are_not_repeated() {
        let entropy = FixedEntropy::new(1);
        let mut leaves = Leaves::new();
        let mut seen = std::collections::HashSet::new();
        for _ in 0..2000 {
            assert!(seen.insert(leaves.salt(&entropy).unwrap()));
        }
    }
}
