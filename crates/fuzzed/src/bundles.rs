//! Bundles from outside: the archive, the frame and its signatures, the provenance.

use std::io::Read as _;
use std::sync::Arc;

use minicbor::{Decoder, Encoder};
use vaultmark_bundle::provenance::{
    self, CHANGES, ChangeReader, ChangeWriter, MEMBERS, Members, write_statement,
};
use vaultmark_bundle::{BagInfo, BundleError, Limits, Quarantined, Trust, Verified, frame, name};
use vaultmark_crypto::{BundleRole, Namespace, sha512, sign_bundle};
use vaultmark_model::ProjectId;
use vaultmark_model::text::shown;
use vaultmark_model::work::Work;

use crate::cut::Cut;
use crate::seals::signing_key;

/// The project of everything among the seeds.
pub const PROJECT: ProjectId = ProjectId::from_bytes([3; 16]);
/// The most bytes and entries that are accepted.
const LIMITS: Limits = Limits { bytes: 1 << 20, entries: 64 };

/// A whole file. Whatever is accepted lies inside it and is what was signed.
pub fn bundle(bytes: &[u8]) {
    see(bytes);
}

/// A bundle of any content whose digests and signature are right:
/// `flags (1) ‖ bag-info ‖ changes ‖ members ‖ name ‖ content ‖ text`, each with its length. Flag 1
/// puts the text in the manifest's place, flag 2 in the tag manifest's, flag 4 in the signature's,
/// flag 8 adds an approver's signature by another key.
pub fn bundle_content(bytes: &[u8]) {
    let mut cut = Cut(bytes);
    let flags = cut.byte();
    let (tags, changes, members) = (cut.part(), cut.part(), cut.part());
    let (extra, content, text) = (String::from_utf8_lossy(cut.part()), cut.part(), cut.part());
    let mut entries: Vec<(String, Vec<u8>)> = vec![
        (frame::BAGIT.into(), frame::DECLARATION.to_vec()),
        (frame::BAG_INFO.into(), tags.to_vec()),
        (frame::README.into(), b"read me\n".to_vec()),
        (CHANGES.into(), changes.to_vec()),
        (MEMBERS.into(), resigned(members, 2, Namespace::Membership)),
        (extra.into_owned(), content.to_vec()),
    ];
    entries.retain(|(name, content)| !content.is_empty() && name.len() < 1 << 16);
    entries.sort();
    let listed = |names: &dyn Fn(&str) -> bool| {
        let mut lines = Vec::new();
        for (name, content) in entries.iter().filter(|(name, _)| names(name)) {
            frame::push_line(&mut lines, &sha512(content), name);
        }
        lines
    };
    let mut manifest = listed(&|name| name.starts_with(frame::PAYLOAD));
    if flags & 1 != 0 {
        manifest = text.to_vec();
    }
    entries.push((frame::MANIFEST.into(), manifest));
    let mut tagmanifest = Vec::new();
    for tag in frame::TAGS {
        let found = entries.iter().find(|(name, _)| name == tag);
        let content = found.map_or(&[][..], |(_, content)| content);
        frame::push_line(&mut tagmanifest, &sha512(content), tag);
    }
    if flags & 2 != 0 {
        tagmanifest = text.to_vec();
    }
    let sign = |seed, role| {
        sign_bundle(&signing_key(seed), role, &tagmanifest).expect("a signature").into_bytes()
    };
    let creator = if flags & 4 == 0 { sign(1, BundleRole::Creator) } else { text.to_vec() };
    entries.push((frame::CREATOR.into(), creator));
    if flags & 8 != 0 {
        entries.push((frame::APPROVER.into(), sign(2, BundleRole::Approver)));
    }
    entries.push((frame::TAGMANIFEST.into(), tagmanifest));
    entries.sort();
    see(&archive(&entries));
}

/// Reads a bundle as far as it is good.
fn see(bytes: &[u8]) {
    let source = Arc::new(bytes.to_vec());
    let opened = Quarantined::open(source, bytes.len() as u64, &LIMITS);
    let verified = opened.and_then(|quarantined| {
        assert!(quarantined.entry_count() <= LIMITS.entries);
        quarantined
            .check_signatures(&Trust::nobody())?
            .check_tags()
            .and_then(|tagged| Work::quiet(|work| tagged.check_payload(work)))
    });
    match verified {
        Ok(bundle) => hold(&bundle, bytes),
        Err(error) => told(&error),
    }
}

/// What holds of everything that was accepted.
fn hold(bundle: &Verified, bytes: &[u8]) {
    let mut total = 0;
    let mut taken = name::Taken::default();
    for entry in bundle.entries() {
        name::check(entry.path).expect("a path that was accepted is safe");
        taken.take(entry.path).expect("no two names are one file");
        assert!(entry.path.starts_with(frame::PAYLOAD), "{} lies outside", entry.path);
        let mut content = Vec::new();
        let mut reader = bundle.read(entry.path).expect("an entry that is listed");
        reader.read_to_end(&mut content).expect("what was verified reads");
        assert_eq!((content.len() as u64, &sha512(&content)), (entry.size, entry.sha512));
        total += entry.size;
    }
    assert!(total < bytes.len() as u64, "a payload larger than its file");
    assert_eq!(bundle.oxum().bytes, total);
    let tags = bundle.info().to_bytes(bundle.oxum()).expect("what was read can be written");
    assert_eq!(BagInfo::parse(&tags).expect("and read").0, *bundle.info());
    if let Err(error) = Work::quiet(|work| provenance::check(bundle, work)) {
        told(&error);
    }
}

/// `kind (1) ‖ sequence`: 0 statements, 1 Changes, 2 and 3 the same with their signatures made
/// anew, so that a change of a byte is not seen at the signature already.
pub fn provenance(bytes: &[u8]) {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    match kind {
        0 => statements(bytes),
        1 => changes(bytes),
        2 => statements(&resigned(bytes, 2, Namespace::Membership)),
        _ => changes(&resigned(bytes, 3, Namespace::Change)),
    }
}

fn statements(bytes: &[u8]) {
    match Members::read(bytes, PROJECT) {
        Ok(members) => {
            let mut again = Vec::new();
            for (statement, signature) in members.statements() {
                write_statement(&mut again, statement, signature).expect("memory takes it");
            }
            assert_eq!(again, bytes, "statements of another form are taken");
            assert!(members.heads().len() <= members.statements().len());
        }
        Err(error) => told(&error),
    }
}

fn changes(bytes: &[u8]) {
    let mut reader = ChangeReader::new(bytes, PROJECT);
    let mut writer = ChangeWriter::new(Vec::new());
    let outcome = (|| {
        while let Some(change) = reader.next_change()? {
            writer.change(&change.link, change.header.leaves)?;
            while let Some(leaf) = reader.next_leaf()? {
                writer.leaf(&leaf.leaf.as_leaf())?;
            }
        }
        Ok::<_, BundleError>(())
    })();
    match outcome {
        Ok(()) => {
            let again = writer.finish().expect("all leaves were there");
            assert_eq!(again, bytes, "Changes of another form are taken");
        }
        Err(error) => told(&error),
    }
}

/// A sequence of records that begin `[what is signed, signature …]`, with signatures that fit. Ends
/// as the input does where that is no such sequence.
fn resigned(bytes: &[u8], elements: u64, namespace: Namespace) -> Vec<u8> {
    let keys = [signing_key(1), signing_key(2)];
    let mut out = Vec::new();
    let mut d = Decoder::new(bytes);
    loop {
        let start = d.position();
        let mut record = || {
            if d.array().ok()? != Some(elements) {
                return None;
            }
            let signed = d.bytes().ok()?;
            d.bytes().ok()?;
            let rest = d.position();
            (2..elements).try_for_each(|_| d.skip()).ok()?;
            Some((signed, &bytes[rest..d.position()]))
        };
        let Some((signed, rest)) = record() else {
            out.extend_from_slice(&bytes[start..]);
            return out;
        };
        let names = |bytes: &[u8]| signed.windows(bytes.len()).any(|window| window == bytes);
        let key = keys.iter().find(|key| names(key.public().bytes())).unwrap_or(&keys[0]);
        let signature = key.sign(namespace, signed);
        let mut e = Encoder::new(&mut out);
        e.array(elements)
            .and_then(|e| e.bytes(signed))
            .and_then(|e| e.bytes(signature.bytes()))
            .expect("memory takes it");
        out.extend_from_slice(rest);
    }
}

/// A stored archive of these entries, as a bundle has it.
fn archive(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    let short = |number: usize| u32::try_from(number).expect("a small archive").to_le_bytes();
    for (name, content) in entries {
        let offset = short(out.len());
        let mut common = vec![20, 0];
        common.extend_from_slice(&(u16::from(!name.is_ascii()) << 11).to_le_bytes());
        common.extend_from_slice(&[0, 0, 0, 0, 0x21, 0]);
        common.extend_from_slice(&crc32fast::hash(content).to_le_bytes());
        common.extend_from_slice(&short(content.len()));
        common.extend_from_slice(&short(content.len()));
        common.extend_from_slice(&short(name.len())[..2]);
        common.extend_from_slice(&[0, 0]);
        out.extend_from_slice(&[b"PK\x03\x04", &common[..], name.as_bytes(), content].concat());
        directory.extend_from_slice(b"PK\x01\x02\x14\x03");
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&[0; 6]);
        directory.extend_from_slice(&(0o100_644_u32 << 16).to_le_bytes());
        directory.extend_from_slice(&offset);
        directory.extend_from_slice(name.as_bytes());
    }
    let (offset, bytes) = (short(out.len()), short(directory.len()));
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    let count = short(entries.len());
    out.extend_from_slice(&[&count[..2], &count[..2], &bytes, &offset, &[0, 0]].concat());
    out
}

/// A refusal steers no terminal.
pub(crate) fn told(error: &BundleError) {
    let text = error.to_string();
    assert_eq!(shown(&text), text, "{text:?} is not one safe line");
    assert!(text.len() < 8192, "{} bytes of reasons", text.len());
}
