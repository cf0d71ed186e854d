//! The manual inside the program: pages rendered by `build.rs`, and their search. Needs no vault.

mod search;

use std::sync::OnceLock;

pub use search::Hit;

/// A heading and the plain text below it, up to the next heading.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Section {
    /// The heading's id inside its page.
    pub anchor: String,
    /// The heading.
    pub heading: String,
    /// Plain text.
    pub text: String,
}

/// A page of the manual.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Page {
    /// Its short name, the file's name without extension.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Rendered HTML without scripts or raw markup; links are `#/page/part`.
    pub html: String,
    /// Its sections in order.
    pub sections: Vec<Section>,
    /// The Markdown source, for the terminal.
    pub source: String,
}

/// All pages in reading order.
#[must_use]
pub fn pages() -> &'static [Page] {
    static PAGES: OnceLock<Vec<Page>> = OnceLock::new();
    PAGES.get_or_init(|| {
        // Written by build.rs; a test holds that it parses.
        serde_json::from_slice(include_bytes!(concat!(env!("OUT_DIR"), "/manual.json")))
            .unwrap_or_default()
    })
}

/// The page of that short name.
#[must_use]
pub fn page(slug: &str) -> Option<&'static Page> {
    pages().iter().find(|page| page.slug == slug)
}

/// The sections that hold every word, best first, at most `most`.
#[must_use]
pub fn search(words: &str, most: usize) -> Vec<Hit> {
    search::search(pages(), words, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_is_there_and_is_found() {
        assert!(pages().len() > 5);
        let hits = search("passphrase", 5);
        assert!(!hits.is_empty());
        assert!(hits.iter().all(|hit| page(&hit.slug).is_some()));
        assert!(search("xyzzyplugh", 5).is_empty());
    }
}
