//! Archives made to fill the memory of who looks at them: refused by their directory's size or by the
//! number of their folders, and what this version writes keeps to the same.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::io::{self, Cursor, Write as _};
use std::sync::Arc;

use common::{draft, kind};
use vaultmark_bundle::{BundleError, Entry, Limits, Quarantined};
use vaultmark_crypto::ReadAt;

/// Zeros of any length, with an end that says where the directory lies.
struct Endless {
    len: u64,
    end: Vec<u8>,
}

impl ReadAt for Endless {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let start = self.len - self.end.len() as u64;
        for (byte, at) in buffer.iter_mut().zip(offset..) {
            let in_end = at.checked_sub(start).and_then(|at| self.end.get(at as usize));
            *byte = in_end.copied().unwrap_or(0);
        }
        Ok(buffer.len())
    }
}

fn refused(source: Arc<dyn ReadAt>, len: u64) -> String {
    match Quarantined::open(source, len, &Limits::default()) {
        Ok(_) => "accepted".to_owned(),
        Err(error) => kind(error.refusal().unwrap()),
    }
}

#[test]
fn a_directory_of_many_long_names_is_refused_by_its_size() {
    // Half a million entries whose names fill 300 MiB, as their end record has it.
    let (entries, directory) = (500_000_u64, 300_u64 << 20);
    let len = (1 << 30) + 98;
    let mut end = b"PK\x06\x06\x2c\0\0\0\0\0\0\0\x2d\x03\x2d\0\0\0\0\0\0\0\0\0".to_vec();
    let offset = len - 98 - directory;
    for value in [entries, entries, directory, offset] {
        end.extend(value.to_le_bytes());
    }
    end.extend(b"PK\x06\x07\0\0\0\0");
    end.extend((len - 98).to_le_bytes());
    end.extend(1_u32.to_le_bytes());
    end.extend(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0");
    assert_eq!(end.len(), 98);
    assert_eq!(refused(Arc::new(Endless { len, end }), len), "DirectoryTooLarge");
}

#[test]
fn an_archive_of_many_folders_is_refused_and_not_written() {
    let names = |count: usize| (0..count).map(|n| format!("data/{n:05}/a/b/c/d/e/f.txt"));
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for name in names(3_000) {
        writer.start_file(name, stored).unwrap();
        writer.write_all(b"x").unwrap();
    }
    let archive = writer.finish().unwrap().into_inner();
    let len = archive.len() as u64;
    assert_eq!(refused(Arc::new(archive), len), "TooManyFolders");

    let mut ours = draft();
    ours.entries.extend(names(3_000).map(|name| Entry::bytes(name, b"x".to_vec())));
    let error = ours.freeze().unwrap_err();
    assert!(matches!(error, BundleError::TooMuch { what: "folders", limit: 10_000 }), "{error}");
    let mut ours = draft();
    ours.entries.extend(names(1_000).map(|name| Entry::bytes(name, b"x".to_vec())));
    ours.freeze().unwrap();
}
