//! The frame: tag manifest, declaration, bag-info.txt and payload manifest are what was signed,
//! and the manifest lists exactly the payload.

use std::cmp::Ordering;
use std::io::{BufRead, BufReader, Read};

use vaultmark_crypto::sha512;
use vaultmark_model::Digest;
use vaultmark_model::policy::ExportPolicy;
use vaultmark_model::work::Work;

use super::quarantine::Quarantined;
use super::signed::{Signed, SignerFacts};
use super::verified::Verified;
use super::{Section, content};
use crate::entry::Meter;
use crate::error::BundleError;
use crate::frame::{
    BAG_INFO, BAG_INFO_BYTES, BAGIT, DECLARATION, LINE_BYTES, MANIFEST, PAYLOAD, TAGMANIFEST, TAGS,
    parse_line,
};
use crate::info::{BagInfo, Oxum};
use crate::name::PATH_BYTES;
use crate::refusal::Refusal;

/// A bundle whose frame is what was signed. The payload is not yet checked.
pub struct Tagged {
    pub(super) signed: Signed,
    pub(super) info: BagInfo,
    pub(super) oxum: Oxum,
    /// Index of the first payload record.
    pub(super) first: usize,
    /// The digests that the manifest states, in the order of the payload.
    pub(super) digests: Vec<Digest>,
}

impl Tagged {
    pub(super) fn check(signed: Signed) -> Result<Self, BundleError> {
        let listed = parse_tagmanifest(&signed.tagmanifest)?;
        let quarantined = &signed.quarantined;
        let info_bytes = quarantined.read_small(BAG_INFO, BAG_INFO_BYTES)?;
        demand(BAG_INFO, &sha512(&info_bytes), &listed[0])?;
        let declaration = quarantined.read_small(BAGIT, 1024)?;
        demand(BAGIT, &sha512(&declaration), &listed[1])?;
        if declaration != DECLARATION {
            return Err(Refusal::Declaration.into());
        }
        let first = quarantined.records.partition_point(|r| *r.name < *PAYLOAD);
        let digests = read_manifest(quarantined, first, &listed[2])?;
        let (info, stated) = BagInfo::parse(&info_bytes)?;
        let payload = &quarantined.records[first..first + digests.len()];
        // Sizes can't overflow: entries lie one after the other in one file.
        let bytes = payload.iter().map(|record| record.size).sum();
        let oxum = Oxum { bytes, files: payload.len() as u64 };
        if oxum != stated {
            let (stated, found) = (stated.to_string(), oxum.to_string());
            return Err(Refusal::PayloadOxum { stated, found }.into());
        }
        if info.policy == ExportPolicy::Two && signed.approver.is_none() {
            return Err(Refusal::ApproverMissing.into());
        }
        Ok(Self { info, oxum, first, digests, signed })
    }

    /// What bag-info.txt says.
    #[must_use]
    pub fn info(&self) -> &BagInfo {
        &self.info
    }

    /// Who made the bundle.
    #[must_use]
    pub fn creator(&self) -> &SignerFacts {
        self.signed.creator()
    }

    /// Bytes and files of the payload.
    #[must_use]
    pub fn oxum(&self) -> Oxum {
        self.oxum
    }

    /// Reads all of the payload once, over all cores, and checks each file's SHA-512 and CRC-32.
    ///
    /// # Errors
    /// [`BundleError::Refused`] names the file; [`BundleError::Cancelled`].
    pub fn check_payload(self, work: Work<'_>) -> Result<Verified, BundleError> {
        let quarantined = &self.signed.quarantined;
        let records = &quarantined.records[self.first..self.first + self.digests.len()];
        content::check(&*quarantined.source, records, &self.digests, work)?;
        Ok(Verified::new(self))
    }
}

/// The digests of [`TAGS`].
fn parse_tagmanifest(bytes: &[u8]) -> Result<[Digest; 3], Refusal> {
    let refuse = |line, why| Refusal::ManifestLine { entry: TAGMANIFEST.into(), line, why };
    let mut digests = [Digest::ZERO; 3];
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
    for ((number, tag), digest) in (1..).zip(TAGS).zip(&mut digests) {
        let line = lines.next().and_then(|line| line.strip_suffix(b"\n"));
        let line = line.ok_or_else(|| Refusal::NotListed {
            manifest: TAGMANIFEST.into(),
            entry: tag.to_owned(),
        })?;
        let (found, path) = parse_line(TAGMANIFEST, number, line)?;
        if path != tag {
            return Err(refuse(number, "another file is due here"));
        }
        *digest = found;
    }
    match lines.next() {
        None => Ok(digests),
        Some(_) => Err(refuse(4, "the list should have ended")),
    }
}

fn demand(entry: &str, found: &Digest, listed: &Digest) -> Result<(), Refusal> {
    if found == listed {
        return Ok(());
    }
    Err(Refusal::Digest { manifest: TAGMANIFEST.into(), entry: entry.to_owned() })
}

/// Reads the manifest in one pass and in lockstep with the payload: both are sorted.
fn read_manifest(
    quarantined: &Quarantined,
    first: usize,
    listed: &Digest,
) -> Result<Vec<Digest>, BundleError> {
    let record = quarantined
        .find(MANIFEST)
        .ok_or_else(|| Refusal::Missing { entry: MANIFEST.to_owned() })?;
    let section = Section::new(&*quarantined.source, record.content_offset(), record.size);
    let mut input =
        BufReader::with_capacity(256 * 1024, Metered { input: section, meter: Meter::new() });
    let parsed = parse_manifest(&mut input, quarantined, first);
    if matches!(parsed, Err(BundleError::Refused(_))) {
        // Whether it is the manifest that was signed is the weightier finding.
        std::io::copy(&mut input, &mut std::io::sink())
            .map_err(|error| BundleError::from_io("reading the bundle", error))?;
    }
    let measured = input.into_inner().meter.finish();
    if matches!(parsed, Ok(_) | Err(BundleError::Refused(_))) {
        demand(MANIFEST, &measured.sha512, listed)?;
        if measured.crc32 != record.crc32 {
            return Err(Refusal::Crc { entry: MANIFEST.to_owned() }.into());
        }
    }
    parsed
}

fn parse_manifest(
    input: &mut impl BufRead,
    quarantined: &Quarantined,
    first: usize,
) -> Result<Vec<Digest>, BundleError> {
    let refuse = |line, why| Refusal::ManifestLine { entry: MANIFEST.into(), line, why };
    let payload = &quarantined.records[first..];
    let payload = &payload[..payload.partition_point(|r| r.name.starts_with(PAYLOAD))];
    let mut digests = Vec::with_capacity(payload.len());
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let most = LINE_BYTES + PATH_BYTES as u64 + 1;
        input
            .by_ref()
            .take(most)
            .read_until(b'\n', &mut line)
            .map_err(|error| BundleError::from_io("reading the bundle", error))?;
        if line.is_empty() {
            break;
        }
        let text = line
            .strip_suffix(b"\n")
            .ok_or_else(|| refuse(number, "it is too long or its end is missing"))?;
        let (digest, path) = parse_line(MANIFEST, number, text)?;
        let manifest = || MANIFEST.to_owned();
        let (before, due) = (digests.len().checked_sub(1), payload.get(digests.len()));
        match before.map(|at| (*payload[at].name).as_bytes().cmp(path.as_bytes())) {
            Some(Ordering::Equal) => {
                let entry = path.to_owned();
                return Err(Refusal::ListedTwice { manifest: manifest(), entry }.into());
            }
            Some(Ordering::Greater) => return Err(refuse(number, "the list is not sorted").into()),
            Some(Ordering::Less) | None => {}
        }
        match due.map(|record| ((*record.name).as_bytes().cmp(path.as_bytes()), record)) {
            Some((Ordering::Equal, _)) => digests.push(digest),
            Some((Ordering::Less, record)) => {
                let entry = record.name.to_string();
                return Err(Refusal::NotListed { manifest: manifest(), entry }.into());
            }
            Some((Ordering::Greater, _)) | None => {
                let entry = path.to_owned();
                return Err(Refusal::ListedMissing { manifest: manifest(), entry }.into());
            }
        }
    }
    match payload.get(digests.len()) {
        None => Ok(digests),
        Some(record) => {
            let (manifest, entry) = (MANIFEST.to_owned(), record.name.to_string());
            Err(Refusal::NotListed { manifest, entry }.into())
        }
    }
}

/// Measures what is read.
struct Metered<R> {
    input: R,
    meter: Meter,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.meter.update(&buffer[..read]);
        Ok(read)
    }
}
