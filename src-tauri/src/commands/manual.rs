//! The manual. Needs no vault.

use vaultmark::manual;

use crate::arguments;
use crate::views::{Answer, AppError, ManualHit, ManualPage, ManualTitle};

/// The most sections that a search finds.
const HITS: usize = 40;

/// All pages in reading order.
#[tauri::command]
#[specta::specta]
pub async fn manual_pages() -> Answer<Vec<ManualTitle>> {
    Ok(manual::pages().iter().map(Into::into).collect())
}

/// One page.
#[tauri::command]
#[specta::specta]
pub async fn manual_page(slug: String) -> Answer<ManualPage> {
    arguments::text("page", &slug, arguments::NAME)?;
    manual::page(&slug).map(Into::into).ok_or_else(|| {
        AppError::new("no_page", "The manual has no such page.", Some("Search for it."))
    })
}

/// The sections that hold every word, best first.
#[tauri::command]
#[specta::specta]
pub async fn manual_search(words: String) -> Answer<Vec<ManualHit>> {
    arguments::text("search", &words, arguments::SEARCH)?;
    Ok(manual::search(&words, HITS).into_iter().map(Into::into).collect())
}
