//! The library: pages of items, their order, their folders.

use tauri::State;
use vaultmark::journeys::library as journey;

use crate::arguments;
use crate::shell::Shell;
use crate::views::{Answer, FoldersView, ItemPage, ItemQuery};

/// One page of items.
#[tauri::command]
#[specta::specta]
pub async fn items(shell: State<'_, Shell>, project: String, query: ItemQuery) -> Answer<ItemPage> {
    let (project, query) = (arguments::id("project", &project)?, query.checked()?);
    shell.with_session(move |session| Ok(journey::items(session, project, &query)?.into())).await
}

/// The identifiers of all items that match, in order.
#[tauri::command]
#[specta::specta]
pub async fn item_ids(
    shell: State<'_, Shell>,
    project: String,
    query: ItemQuery,
) -> Answer<Vec<String>> {
    let (project, query) = (arguments::id("project", &project)?, query.checked()?);
    shell
        .with_session(move |session| {
            Ok(journey::ids(session, project, &query)?.iter().map(ToString::to_string).collect())
        })
        .await
}

/// The folders of a project with their counts.
#[tauri::command]
#[specta::specta]
pub async fn folders(shell: State<'_, Shell>, project: String) -> Answer<FoldersView> {
    let project = arguments::id("project", &project)?;
    shell.with_session(move |session| Ok(journey::folders(session, project)?.into())).await
}
