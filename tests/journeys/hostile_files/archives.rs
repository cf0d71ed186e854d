//! Archives and bags of others.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{Target, below};
use crate::support::{data, files_below};

#[test]
fn every_malformed_and_climbing_archive_is_refused() {
    let mut target = Target::new();
    for (folder, count) in [("zip_failures", 24), ("zipslip", 4)] {
        let Some(folder) = data(folder) else { return };
        let archives = below(&folder);
        assert_eq!(archives.len(), count);
        archives.iter().for_each(|file| target.archive(file));
    }
    target.finish("malformed archives");
}

#[test]
fn every_foreign_bag_is_refused() {
    let Some(suite) = data("bagit_conformance") else { return };
    let mut target = Target::new();
    let bags = bags(&suite);
    assert_eq!(bags.len(), 60);
    for bag in bags {
        let name = bag.strip_prefix(&suite).unwrap().to_string_lossy().replace('/', "-");
        let archive = target.place.out(&format!("{name}.zip"));
        zipped(&bag, &archive);
        target.archive(&archive);
    }
    // A folder is no bundle, whatever lies in it.
    let done = target.run(&["bundle", "verify"], &suite).ends(1);
    assert!(done.err.contains("it is a folder"), "{done:?}");
    target.finish("foreign bags");
}

/// The folders `version/class/bag` of the suite.
fn bags(suite: &Path) -> Vec<PathBuf> {
    let depth = |entry: &walkdir::DirEntry| entry.depth() == 3 && entry.file_type().is_dir();
    let all = walkdir::WalkDir::new(suite).max_depth(3).sort_by_file_name();
    all.into_iter().map(Result::unwrap).filter(depth).map(walkdir::DirEntry::into_path).collect()
}

/// Puts a folder into an archive, stored as it is, by a stranger's writer.
fn zipped(folder: &Path, archive: &Path) {
    let mut writer = zip::ZipWriter::new(File::create(archive).unwrap());
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for file in files_below(folder) {
        writer.start_file(file.to_string_lossy(), stored).unwrap();
        writer.write_all(&fs::read(folder.join(file)).unwrap()).unwrap();
    }
    writer.finish().unwrap();
}
