//! Searching the manual: every word must begin a word of the section; headings weigh more.

use super::Page;

/// A section that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The page's short name.
    pub slug: String,
    /// The section's anchor.
    pub anchor: String,
    /// The page's title.
    pub title: String,
    /// The section's heading.
    pub heading: String,
    /// About twenty words around the first match.
    pub excerpt: String,
}

/// Characters of an excerpt.
const EXCERPT: usize = 160;

pub(super) fn search(pages: &[Page], words: &str, most: usize) -> Vec<Hit> {
    let words: Vec<String> = tokens(words).collect();
    if words.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(u32, Hit)> = Vec::new();
    for page in pages {
        for section in &page.sections {
            let Some(score) = score(&words, &page.title, &section.heading, &section.text) else {
                continue;
            };
            found.push((
                score,
                Hit {
                    slug: page.slug.clone(),
                    anchor: section.anchor.clone(),
                    title: page.title.clone(),
                    heading: section.heading.clone(),
                    excerpt: excerpt(&section.text, &words[0]),
                },
            ));
        }
    }
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.into_iter().take(most).map(|(_, hit)| hit).collect()
}

fn tokens(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// The sum over all words of where each is best found; `None` where one is nowhere.
fn score(words: &[String], title: &str, heading: &str, text: &str) -> Option<u32> {
    let places = [(heading, 20), (title, 8), (text, 1)];
    let mut total = 0;
    for word in words {
        let mut best = 0;
        for (place, weight) in places {
            for token in tokens(place) {
                if token.starts_with(word.as_str()) {
                    best += if token == *word { 2 * weight } else { weight };
                }
            }
        }
        if best == 0 {
            return None;
        }
        total += best.min(80);
    }
    Some(total)
}

/// The text around the first place where `word` begins a word, on character boundaries.
fn excerpt(text: &str, word: &str) -> String {
    let lower = text.to_lowercase();
    let hit = lower.find(word).unwrap_or(0).min(text.len());
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let middle = chars.partition_point(|(at, _)| *at < hit);
    let start = middle.saturating_sub(EXCERPT / 3);
    let end = (start + EXCERPT).min(chars.len());
    let body: String = chars[start..end].iter().map(|(_, c)| *c).collect();
    let before = if start > 0 { "…" } else { "" };
    let after = if end < chars.len() { "…" } else { "" };
    format!("{before}{}{after}", body.trim())
}
