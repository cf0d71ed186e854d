//! View settings of the person in a project; kept inside the vault.

use tauri::State;
use vaultmark::journeys::annotate as journey;

use crate::arguments;
use crate::events::Event;
use crate::shell::Shell;
use crate::views::{Answer, Look};

/// How the window looks now: the window system draws its own parts, menus of lists above all, to match,
/// and a window that starts anew begins so.
#[tauri::command]
#[specta::specta]
pub async fn appearance(shell: State<'_, Shell>, look: Look) -> Answer<()> {
    let look = look.checked()?;
    shell.looks(look);
    shell.tell(Event::Appearance(look.theme.is_dark()));
    Ok(())
}

/// A setting.
#[tauri::command]
#[specta::specta]
pub async fn setting_get(
    shell: State<'_, Shell>,
    project: String,
    key: String,
) -> Answer<Option<String>> {
    let project = arguments::id("project", &project)?;
    arguments::word("setting's name", &key)?;
    shell.with_session(move |session| Ok(journey::setting(session, project, &key)?)).await
}

/// Keeps a setting.
#[tauri::command]
#[specta::specta]
pub async fn setting_set(
    shell: State<'_, Shell>,
    project: String,
    key: String,
    value: String,
) -> Answer<()> {
    let project = arguments::id("project", &project)?;
    arguments::word("setting's name", &key)?;
    arguments::text("setting", &value, arguments::SETTING)?;
    shell
        .with_session(move |session| Ok(journey::keep_setting(session, project, &key, &value)?))
        .await
}
