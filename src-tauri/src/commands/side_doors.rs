//! What is handed to other programs of the computer: copied text, a printed page.

use tauri::State;
use vaultmark::journeys::side_doors as journey;

use crate::arguments;
use crate::events::{Copied, Event};
use crate::shell::Shell;
use crate::views::{Answer, PrintedPage};

/// Copies a text to the clipboard for a while, where the policy allows it.
#[tauri::command]
#[specta::specta]
pub async fn copy_text(shell: State<'_, Shell>, text: String) -> Answer<()> {
    arguments::text("text", &text, arguments::COPIED)?;
    let (session, alive) = shell.session_and_life()?;
    shell
        .blocking(move |shell| {
            let stays = journey::copy(&session, &text)?;
            shell.tell(Event::Copy(Copied { text, stays }, alive));
            Ok(())
        })
        .await
}

/// Prints the page that the window shows, where the policy allows it.
#[tauri::command]
#[specta::specta]
pub async fn print_page(shell: State<'_, Shell>, page: PrintedPage) -> Answer<()> {
    let (session, alive) = shell.session_and_life()?;
    shell
        .blocking(move |shell| {
            journey::print(&session, page.into())?;
            shell.tell(Event::Print(alive));
            Ok(())
        })
        .await
}
