//! `manual`: pages and search, without a vault.

use serde_json::json;

use crate::cli::Ending;
use crate::cli::arguments::Manual;
use crate::cli::output::{Output, table};
use crate::{AppError, manual};

/// Prints the list of pages, one page, or what a search finds.
pub fn run(wish: &Manual, output: &mut Output) -> Result<Ending, AppError> {
    if !wish.search.is_empty() {
        return search(&wish.search.join(" "), output);
    }
    let Some(topic) = &wish.topic else {
        let pages = manual::pages();
        let value = json!(
            pages.iter().map(|p| json!({"page": p.slug, "title": p.title})).collect::<Vec<_>>()
        );
        output.result(&value, || {
            let rows: Vec<_> =
                pages.iter().map(|p| vec![p.slug.clone(), p.title.clone()]).collect();
            format!(
                "{}\nRead one: vaultmark manual PAGE   Search: vaultmark manual --search WORDS",
                table(&rows)
            )
        });
        return Ok(Ending::Done);
    };
    let page = manual::page(topic).ok_or_else(|| AppError::UnknownWord {
        what: "page of the manual",
        word: topic.clone(),
        known: manual::pages().iter().map(|p| p.slug.as_str()).collect::<Vec<_>>().join(", "),
    })?;
    output
        .result(&json!({"page": page.slug, "title": page.title, "markdown": page.source}), || {
            page.source.clone()
        });
    Ok(Ending::Done)
}

fn search(words: &str, output: &mut Output) -> Result<Ending, AppError> {
    let hits = manual::search(words, 12);
    let value = json!(hits
        .iter()
        .map(|h| json!({"page": h.slug, "anchor": h.anchor, "heading": h.heading, "excerpt": h.excerpt}))
        .collect::<Vec<_>>());
    output.result(&value, || {
        if hits.is_empty() {
            return format!("The manual has nothing on `{words}`.");
        }
        hits.iter().map(|h| format!("{} › {}\n    {}\n", h.slug, h.heading, h.excerpt)).collect()
    });
    Ok(if hits.is_empty() { Ending::Failed } else { Ending::Done })
}
