//! The names of all sealed files that rows name, in little memory: a project may have a million.

use std::collections::HashSet;
use std::path::Path;

use vaultmark_model::id::{from_hex, to_hex};

/// The names that rows give.
#[derive(Default)]
pub(crate) struct Names(HashSet<[u8; 16]>);

impl Names {
    /// Whether a row names the file. By its name alone: one that lies in another folder than its
    /// own is missed where it belongs.
    pub(crate) fn has(&self, path: &Path) -> bool {
        let name = path.file_name().and_then(|name| name.to_str());
        name.and_then(|name| Some((name, from_hex(name)?)))
            .is_some_and(|(name, bytes)| self.0.contains(&bytes) && to_hex(&bytes) == name)
    }
}

/// Names of another form are of no file: whoever opens one refuses it.
impl<'n> Extend<&'n str> for Names {
    fn extend<T: IntoIterator<Item = &'n str>>(&mut self, names: T) {
        self.0.extend(names.into_iter().filter_map(from_hex::<16>));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_exact_name() {
        let mut names = Names::default();
        names.extend(["00112233445566778899aabbccddeeff", "short", ""]);
        let has = |name: &str| names.has(&Path::new("blobs/00").join(name));
        assert!(has("00112233445566778899aabbccddeeff"));
        assert!(!has("00112233445566778899AABBCCDDEEFF"));
        assert!(!has("00112233445566778899aabbccddeeff.tmp"));
        assert!(!has("short") && !has("ffeeddccbbaa99887766554433221100"));
    }
}
