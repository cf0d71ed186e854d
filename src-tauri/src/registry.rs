//! The one list of commands: each with the operation that the policy is asked about when it is
//! called, or the reason why none is. The handler, the generated TypeScript and the permissions
//! (written by `build.rs` from the rows below) all come from here; a command that is no row can't
//! be called. The question itself is asked behind the application layer's door
//! ([`vaultmark::Session`]), never here.

use tauri::Runtime;
use tauri::ipc::Invoke;
use vaultmark::policy::Operation;

/// What a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// These operations are asked about.
    Asks(&'static [Operation]),
    /// None is, for this reason.
    Nothing(&'static str),
}

/// A command and what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its name across IPC.
    pub command: &'static str,
    /// What it needs.
    pub needs: Needs,
}

macro_rules! needs {
    (asks $($operation:ident)+) => {
        Needs::Asks(&[$(Operation::$operation),+])
    };
    (nothing $reason:literal) => {
        Needs::Nothing($reason)
    };
}

macro_rules! commands {
    ($($topic:ident::$name:ident => $kind:ident $($operation:ident)* $($reason:literal)?;)*) => {
        /// All commands.
        pub const ROWS: &[Row] =
            &[$(Row { command: stringify!($name), needs: needs!($kind $($operation)* $($reason)?) }),*];

        /// Answers calls from the window.
        pub(crate) fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$(crate::commands::$topic::$name),*]
        }

        /// The commands with their types, for the generated TypeScript.
        pub(crate) fn typed() -> tauri_specta::Commands<tauri::Wry> {
            tauri_specta::collect_commands![$(crate::commands::$topic::$name),*]
        }
    };
}

// One row a line, `topic::command => …;`: build.rs reads them too.
commands! {
    vault::vault_front => nothing "what the vault's folder shows to anybody who has it";
    vault::vault_create => nothing "a new vault has nobody to ask yet";
    vault::vault_unlock => nothing "signing in is what makes a session";
    vault::vault_lock => nothing "anybody may lock";
    vault::session => nothing "who is signed in, to the one who is";
    browse::browse => nothing "the person's own files, read by the person's own account";
    projects::projects => asks ItemsRead;
    projects::project_create => asks ProjectCreate ItemsRead;
    library::items => asks ItemsRead;
    library::item_ids => asks ItemsRead;
    library::folders => asks ItemsRead;
    labels::labels => asks ItemsRead;
    labels::label_save => asks LabelsEdit ItemsRead;
    labels::label_delete => asks LabelsEdit ItemsRead;
    annotate::item_open => asks ItemOpen HistoryRead;
    annotate::edit => asks Annotate ItemsRead;
    annotate::undo => asks Annotate ImportUndo LabelsUndo AnnotationsImportUndo ItemsRead;
    annotate::redo => asks Annotate ImportUndo LabelsUndo AnnotationsImportUndo ItemsRead;
    annotate::undo_state => asks ItemsRead;
    annotate::history => asks HistoryRead;
    settings::appearance => nothing "theme and scale of the window, no data";
    settings::setting_get => asks ItemsRead;
    settings::setting_set => asks SettingKeep;
    side_doors::copy_text => nothing "text of one's own screen; the vault's policy opens or shuts the clipboard, and it is recorded";
    side_doors::print_page => nothing "what the person's own screen shows; the vault's policy opens or shuts printing, and it is recorded";
    import::import_plan => asks ImportPlan;
    import::import_run => asks Import PacksBuild;
    import::formats => nothing "what the program can read and write";
    import::annotations_import => asks AnnotationsImport;
    export::export_plan => asks ExportPlan;
    export::export_run => asks ExportPlan Export;
    bundles::bundle_verify => asks Verify;
    bundles::bundle_receive => asks Receive ReceiveInto ItemsRead;
    jobs::jobs => nothing "the session's own work";
    jobs::job_cancel => nothing "the session's own work";
    security::check => asks Check ProjectCheck;
    security::security => asks Security;
    manual::manual_pages => nothing "the manual is part of the program";
    manual::manual_page => nothing "the manual is part of the program";
    manual::manual_search => nothing "the manual is part of the program";
}
