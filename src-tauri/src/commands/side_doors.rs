//! What is handed to other programs of the computer: copied text, a printed page.

use tauri::State;
use vaultmark::journeys::side_doors as journey;

use crate::arguments;
use crate::events::{Copied, Event};
use crate::shell::Shell;
use crate::views::{Answer, AppError, PrintedPage};

/// Copies a text to the clipboard for a while, where the policy allows it and a key or click asks for it.
#[tauri::command]
#[specta::specta]
pub async fn copy_text(shell: State<'_, Shell>, text: String) -> Answer<()> {
    arguments::text("text", &text, arguments::COPIED)?;
    let (session, alive) = shell.session_and_life()?;
    let asked = shell.take_gesture();
    shell
        .blocking(move |shell| {
            if !asked {
                journey::unasked(&session, "copy")?;
                return Err(AppError::no_gesture());
            }
            let stays = journey::copy(&session, &text)?;
            shell.tell(Event::Copy(Copied { text, stays }, alive));
            Ok(())
        })
        .await
}

/// Prints the page that the window shows, where the policy allows it and a key or click asks for it.
#[tauri::command]
#[specta::specta]
pub async fn print_page(shell: State<'_, Shell>, page: PrintedPage) -> Answer<()> {
    let (session, alive) = shell.session_and_life()?;
    let asked = shell.take_gesture();
    shell
        .blocking(move |shell| {
            if !asked {
                journey::unasked(&session, "print")?;
                return Err(AppError::no_gesture());
            }
            journey::print(&session, page.into())?;
            shell.tell(Event::Print(alive));
            Ok(())
        })
        .await
}
