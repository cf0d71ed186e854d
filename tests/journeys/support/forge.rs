//! Bundles taken apart, altered and put together again with every checksum and signature made good:
//! what somebody with a trusted key can do.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use vaultmark::ambient;
use vaultmark::bundle::{BagInfo, Draft, Entry, Limits, Quarantined, Signatures, Trust};
use vaultmark::crypto::{BundleRole, Passphrase, SigningKey, allowed_signers_line, sign_bundle};
use vaultmark::model::work::Work;
use vaultmark::store::vault::LockedVault;

use super::Place;

/// A bundle in parts.
pub struct Forged {
    pub info: BagInfo,
    pub files: BTreeMap<String, Vec<u8>>,
}

/// A key that belongs to nobody.
pub fn stranger() -> SigningKey {
    SigningKey::generate(ambient::system().entropy.as_ref()).unwrap()
}

/// A line of allowed signers.
pub fn line(name: &str, key: &SigningKey, roles: &[BundleRole]) -> String {
    allowed_signers_line(name, &key.public(), roles).unwrap()
}

impl Forged {
    /// Takes a bundle apart.
    pub fn of(bundle: &Path) -> Self {
        let verified = Quarantined::open_file(File::open(bundle).unwrap(), &Limits::default())
            .and_then(|quarantined| quarantined.check_signatures(&Trust::nobody()))
            .and_then(|signed| signed.check_tags())
            .and_then(|tagged| Work::quiet(|work| tagged.check_payload(work)))
            .unwrap();
        let read = |path: &str| verified.read_all(path, 1 << 30).unwrap();
        let files = verified.entries().map(|one| (one.path.to_owned(), read(one.path))).collect();
        Self { info: verified.info().clone(), files }
    }

    /// Replaces a text in a file, wherever it stands.
    pub fn replace(mut self, path: &str, from: &str, to: &str) -> Self {
        let file = self.files.get_mut(path).unwrap_or_else(|| panic!("no {path}"));
        let text = std::str::from_utf8(file).unwrap();
        assert!(text.contains(from), "{from} is not in {path}: {text}");
        *file = text.replace(from, to).into_bytes();
        self
    }

    /// Replaces a file, or puts one in.
    pub fn put(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.to_owned(), bytes.into());
        self
    }

    /// Takes a file out.
    pub fn without(mut self, path: &str) -> Self {
        self.files.remove(path).unwrap_or_else(|| panic!("no {path}"));
        self
    }

    /// Alters what bag-info.txt says.
    pub fn saying(mut self, alter: impl FnOnce(&mut BagInfo)) -> Self {
        alter(&mut self.info);
        self
    }

    /// Puts it together again, signed with the key of a place's person and by an approver's.
    pub fn signed_by(self, place: &Place, approver: Option<&SigningKey>) -> PathBuf {
        let locked = LockedVault::open(place.vault(), ambient::system()).unwrap();
        let passphrase = Passphrase::new(place.passphrase.clone());
        let vault = locked.unlock(&place.person, &passphrase).map_err(|(_, error)| error).unwrap();
        let path = self.signed(place, |message| Signatures {
            creator: vault.sign_bundle(BundleRole::Creator, message).unwrap(),
            approver: approver.map(|key| approval(key, message)),
        });
        drop(vault.lock().unwrap());
        path
    }

    /// Puts it together again, signed with another key.
    pub fn signed_with(self, place: &Place, key: &SigningKey) -> PathBuf {
        self.signed(place, |message| Signatures {
            creator: sign_bundle(key, BundleRole::Creator, message).unwrap(),
            approver: None,
        })
    }

    fn signed(self, place: &Place, sign: impl FnOnce(&[u8]) -> Signatures) -> PathBuf {
        let entries = self.files.into_iter().map(|(path, bytes)| Entry::bytes(path, bytes));
        let frozen = Draft { info: self.info, entries: entries.collect() }.freeze().unwrap();
        let signatures = sign(frozen.tagmanifest());
        let path = place.out("forged.bag.zip");
        let mut out = File::create(&path).unwrap();
        Work::quiet(|work| frozen.write(&mut out, &signatures, work)).unwrap();
        path
    }
}

fn approval(key: &SigningKey, message: &[u8]) -> String {
    sign_bundle(key, BundleRole::Approver, message).unwrap()
}
