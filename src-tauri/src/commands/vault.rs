//! The vault: look at its front, make it, unlock it, lock it.

use tauri::State;
use vaultmark::crypto::Passphrase;

use crate::arguments;
use crate::shell::Shell;
use crate::views::{Answer, CreatedVault, NewVaultRequest, SessionView, VaultFront};

/// What may be shown of a vault before signing in.
#[tauri::command]
#[specta::specta]
pub async fn vault_front(shell: State<'_, Shell>, path: Option<String>) -> Answer<VaultFront> {
    let path = path.map(|path| arguments::path("folder", &path)).transpose()?;
    shell.blocking(move |shell| shell.front(path)).await
}

/// Makes a vault and signs its officer in.
#[tauri::command]
#[specta::specta]
pub async fn vault_create(
    shell: State<'_, Shell>,
    request: NewVaultRequest,
) -> Answer<CreatedVault> {
    let page = shell.page();
    let wish = request.checked()?;
    shell.blocking(move |shell| shell.create(wish, page)).await
}

/// Signs in.
#[tauri::command]
#[specta::specta]
pub async fn vault_unlock(
    shell: State<'_, Shell>,
    path: String,
    name: String,
    passphrase: String,
) -> Answer<SessionView> {
    let page = shell.page();
    let path = arguments::path("folder", &path)?;
    arguments::text("name", &name, arguments::NAME)?;
    arguments::text("passphrase", &passphrase, arguments::PASSPHRASE)?;
    let passphrase = Passphrase::new(passphrase);
    shell.blocking(move |shell| shell.unlock(path, &name, &passphrase, page)).await
}

/// Drops the keys.
#[tauri::command]
#[specta::specta]
pub async fn vault_lock(shell: State<'_, Shell>) -> Answer<()> {
    shell
        .blocking(|shell| {
            shell.lock_by_hand();
            Ok(())
        })
        .await
}

/// Who is signed in.
#[tauri::command]
#[specta::specta]
pub async fn session(shell: State<'_, Shell>) -> Answer<Option<SessionView>> {
    shell.blocking(|shell| shell.signed_in()).await
}
