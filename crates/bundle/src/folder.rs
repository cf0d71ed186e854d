//! A bag as a plain folder, under the same strict rules as far as a folder has them: BagIt 1.0,
//! SHA-512 only, nothing fetched, safe names, every file listed. Vaultmark's own bag-info.txt and
//! the signatures are not asked for: this is the check of a foreign bag, and of an unpacked bundle
//! whose signature `ssh-keygen` has checked.
//!
//! It does not stop at the first finding, but tells all.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader, Read};

use vaultmark_model::Digest;
use vaultmark_model::work::{Progress, Work};

use crate::entry::{Measured, Meter};
use crate::error::BundleError;
use crate::frame::{
    APPROVER, BAG_INFO, BAGIT, CREATOR, DECLARATION, LINE_BYTES, MANIFEST, PAYLOAD, TAGMANIFEST,
    parse_line,
};
use crate::name::{self, FOLDERS, NotTaken, PATH_BYTES, Taken};
use crate::read::refuse_outsider;
use crate::refusal::Refusal;

/// What a listed path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// Anything else: a link, a device, a socket.
    Other,
}

/// A folder: its files with paths relative to it, folders themselves left out.
pub trait Listing {
    /// All paths, as bytes joined by `/`, in any order.
    ///
    /// # Errors
    /// What the operating system says.
    fn paths(&self) -> io::Result<Vec<(Vec<u8>, Kind)>>;

    /// Opens a file that was listed.
    ///
    /// # Errors
    /// What the operating system says.
    fn open(&self, path: &str) -> io::Result<Box<dyn Read + '_>>;
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FolderReport {
    /// Payload files whose content was checked and is what the manifest states.
    pub sound: u64,
    /// Every rule that is broken.
    pub refusals: Vec<Refusal>,
}

impl FolderReport {
    /// Whether the bag is accepted.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.refusals.is_empty()
    }
}

/// Checks a folder.
///
/// # Errors
/// Only where reading fails or [`BundleError::Cancelled`]; broken rules are in the report.
pub fn check_folder(folder: &dyn Listing, work: Work<'_>) -> Result<FolderReport, BundleError> {
    let mut check = Check { folder, files: BTreeSet::new(), report: FolderReport::default() };
    check.list()?;
    check.declaration()?;
    let tags: Vec<String> = check.outside().map(ToOwned::to_owned).collect();
    let payload: Vec<String> = check.inside().map(ToOwned::to_owned).collect();
    if payload.is_empty() {
        check.refuse(Refusal::Missing { entry: PAYLOAD.to_owned() });
    }
    let listed_tags = check.manifest(TAGMANIFEST)?;
    let listed_payload = check.manifest(MANIFEST)?;
    if let Some(listed) = listed_tags {
        let must = |tag: &str| !matches!(tag, TAGMANIFEST | CREATOR | APPROVER);
        let tags: Vec<String> = tags.into_iter().filter(|tag| must(tag)).collect();
        check.compare(TAGMANIFEST, &listed, &tags, work)?;
    }
    if let Some(listed) = listed_payload {
        check.report.sound = check.compare(MANIFEST, &listed, &payload, work)?;
    }
    Ok(check.report)
}

struct Check<'a> {
    folder: &'a dyn Listing,
    /// Safe names of regular files.
    files: BTreeSet<String>,
    report: FolderReport,
}

impl Check<'_> {
    fn refuse(&mut self, refusal: Refusal) {
        self.report.refusals.push(refusal);
    }

    fn inside(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str).filter(|name| name.starts_with(PAYLOAD))
    }

    fn outside(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str).filter(|name| !name.starts_with(PAYLOAD))
    }

    fn list(&mut self) -> Result<(), BundleError> {
        let paths = self
            .folder
            .paths()
            .map_err(|error| BundleError::from_io("listing the bag's folder", error))?;
        let mut taken = Taken::default();
        for (bytes, kind) in paths {
            let name = match name::check_bytes(&bytes) {
                Ok(name) => name.to_owned(),
                Err(refusal) => {
                    self.refuse(refusal);
                    continue;
                }
            };
            if kind == Kind::Other {
                self.refuse(Refusal::NotAFile { entry: name, mode: 0 });
                continue;
            }
            match taken.take(&name) {
                Ok(()) => {}
                Err(NotTaken::Collides(other)) => {
                    self.refuse(Refusal::NameCollision { entry: name.clone(), other });
                }
                Err(NotTaken::TooManyFolders) => {
                    self.refuse(Refusal::TooManyFolders { limit: FOLDERS });
                    break;
                }
            }
            let frame = [BAGIT, BAG_INFO, MANIFEST, TAGMANIFEST, CREATOR, APPROVER];
            if !name.starts_with(PAYLOAD) && !frame.contains(&name.as_str()) {
                self.refuse(refuse_outsider(&name));
            }
            self.files.insert(name);
        }
        for required in [BAGIT, MANIFEST, TAGMANIFEST] {
            if !self.files.contains(required) {
                self.refuse(Refusal::Missing { entry: required.to_owned() });
            }
        }
        Ok(())
    }

    fn open(&self, name: &str) -> Result<Box<dyn Read + '_>, BundleError> {
        self.folder.open(name).map_err(|error| {
            BundleError::from_io(format!("opening `{}`", name::shown(name)), error)
        })
    }

    fn declaration(&mut self) -> Result<(), BundleError> {
        if !self.files.contains(BAGIT) {
            return Ok(());
        }
        let mut bytes = Vec::new();
        self.open(BAGIT)?
            .take(1024)
            .read_to_end(&mut bytes)
            .map_err(|error| BundleError::from_io("reading `bagit.txt`", error))?;
        if bytes != DECLARATION {
            self.refuse(Refusal::Declaration);
        }
        Ok(())
    }

    /// Path → digest, or none where the manifest itself is missing.
    fn manifest(
        &mut self,
        manifest: &str,
    ) -> Result<Option<BTreeMap<String, Digest>>, BundleError> {
        if !self.files.contains(manifest) {
            return Ok(None);
        }
        let mut listed = BTreeMap::new();
        let mut refusals = Vec::new();
        let mut input = BufReader::new(self.open(manifest)?);
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            input
                .by_ref()
                .take(LINE_BYTES + PATH_BYTES as u64 + 1)
                .read_until(b'\n', &mut line)
                .map_err(|error| BundleError::from_io(format!("reading `{manifest}`"), error))?;
            if line.is_empty() {
                break;
            }
            let Some(text) = line.strip_suffix(b"\n") else {
                let why = "it is too long or its end is missing";
                refusals.push(Refusal::ManifestLine { entry: manifest.into(), line: number, why });
                break;
            };
            match parse_line(manifest, number, text) {
                Ok((digest, path)) => {
                    if listed.insert(path.to_owned(), digest).is_some() {
                        let (manifest, entry) = (manifest.to_owned(), path.to_owned());
                        refusals.push(Refusal::ListedTwice { manifest, entry });
                    }
                }
                Err(refusal) => refusals.push(refusal),
            }
        }
        drop(input);
        self.report.refusals.extend(refusals);
        Ok(Some(listed))
    }

    /// Compares what is listed with what is there; gives the number of sound files.
    fn compare(
        &mut self,
        manifest: &str,
        listed: &BTreeMap<String, Digest>,
        there: &[String],
        work: Work<'_>,
    ) -> Result<u64, BundleError> {
        let mut sound = 0;
        let mut progress = Progress { total: there.len() as u64, ..Progress::default() };
        for entry in there {
            let Some(expected) = listed.get(entry) else {
                self.refuse(Refusal::NotListed { manifest: manifest.into(), entry: entry.clone() });
                continue;
            };
            let found = measure(entry, self.open(entry)?, work)?;
            progress.done += 1;
            progress.bytes_done += found.size;
            (work.report)(progress);
            if found.sha512 == *expected {
                sound += 1;
            } else {
                self.refuse(Refusal::Digest { manifest: manifest.into(), entry: entry.clone() });
            }
        }
        for path in listed.keys().filter(|path| there.binary_search(path).is_err()) {
            let (manifest, entry) = (manifest.to_owned(), path.clone());
            self.report.refusals.push(Refusal::ListedMissing { manifest, entry });
        }
        Ok(sound)
    }
}

fn measure(name: &str, mut input: impl Read, work: Work<'_>) -> Result<Measured, BundleError> {
    let mut meter = Meter::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        if work.cancel.is_cancelled() {
            return Err(BundleError::Cancelled);
        }
        let read = input
            .read(&mut buffer)
            .map_err(|error| BundleError::from_io(format!("reading `{name}`"), error))?;
        if read == 0 {
            return Ok(meter.finish());
        }
        meter.update(&buffer[..read]);
    }
}
