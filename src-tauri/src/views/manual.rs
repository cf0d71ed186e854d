//! The manual.

use serde::{Deserialize, Serialize};
use specta::Type;
use vaultmark::manual::{Hit, Page};

/// A page in the table of contents.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct ManualTitle {
    /// Its short name.
    pub slug: String,
    /// Its title.
    pub title: String,
}

impl From<&Page> for ManualTitle {
    fn from(page: &Page) -> Self {
        Self { slug: page.slug.clone(), title: page.title.clone() }
    }
}

/// A page.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct ManualPage {
    /// Its short name.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// HTML without scripts, rendered when the program was built.
    pub html: String,
}

impl From<&Page> for ManualPage {
    fn from(page: &Page) -> Self {
        Self { slug: page.slug.clone(), title: page.title.clone(), html: page.html.clone() }
    }
}

/// A section that holds the words that were searched for.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct ManualHit {
    /// The page's short name.
    pub slug: String,
    /// The section's anchor.
    pub anchor: String,
    /// The page's title.
    pub title: String,
    /// The section's heading.
    pub heading: String,
    /// The text around the first match.
    pub excerpt: String,
}

impl From<Hit> for ManualHit {
    fn from(hit: Hit) -> Self {
        Self {
            slug: hit.slug,
            anchor: hit.anchor,
            title: hit.title,
            heading: hit.heading,
            excerpt: hit.excerpt,
        }
    }
}
