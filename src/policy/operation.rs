//! The one registry of operations: each with its word in the audit log, its permission, where its
//! roles are held, and whether doing it is recorded. A command without a row here cannot be written:
//! [`crate::Session`] opens its door only to an [`Operation`].

use vaultmark_model::Permission;

/// Whose roles count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Roles in the vault.
    Vault,
    /// Roles in the project.
    Project,
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $permission:ident, $scope:ident, $record:literal;)*) => {
        /// Something that a person asks the program to do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operation { $($(#[$doc])* $name,)* }

        impl Operation {
            /// All of them, in order of registration.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word in the audit log.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The permission it takes.
            #[must_use]
            pub const fn permission(self) -> Permission {
                match self { $(Self::$name => Permission::$permission,)* }
            }

            /// Whose roles count.
            #[must_use]
            pub const fn scope(self) -> Scope {
                match self { $(Self::$name => Scope::$scope,)* }
            }

            /// Whether asking is recorded even when it is allowed. Refusals always are; edits are
            /// covered by the signed change log.
            #[must_use]
            pub const fn is_recorded(self) -> bool {
                match self { $(Self::$name => $record,)* }
            }
        }
    };
}

operations! {
    /// Make a project.
    ProjectCreate = "project.create", ProjectCreate, Vault, true;
    /// List items, folders, labels, counts.
    ItemsRead = "items.read", ProjectRead, Project, false;
    /// Open one item: its pixels and annotations.
    ItemOpen = "item.open", ProjectRead, Project, false;
    /// Look at the history of an item.
    HistoryRead = "history.read", ProjectRead, Project, false;
    /// Keep a view setting.
    SettingKeep = "setting.keep", ProjectRead, Project, false;
    /// Look at what an import would do.
    ImportPlan = "import.plan", MediaImport, Project, false;
    /// Bring media in.
    Import = "import", MediaImport, Project, true;
    /// Make, change or delete annotations, flags, notes.
    Annotate = "annotate", AnnotationEdit, Project, false;
    /// Take back an import of media, or bring it back.
    ImportUndo = "import.undo", MediaImport, Project, true;
    /// Build the tiles of large images, which are derived from what is there.
    PacksBuild = "packs.build", ProjectRead, Project, true;
    /// Change the labels.
    LabelsEdit = "labels.edit", SchemaEdit, Project, true;
    /// Take back a change of labels, or bring it back.
    LabelsUndo = "labels.undo", SchemaEdit, Project, true;
    /// Bring an annotation file in.
    AnnotationsImport = "annotations.import", AnnotationImport, Project, true;
    /// Take back an import of annotations, or bring it back.
    AnnotationsImportUndo = "annotations.import.undo", AnnotationImport, Project, true;
    /// Look at what an export would carry and lose.
    ExportPlan = "export.plan", ExportRequest, Project, false;
    /// Write a bundle or bare files out of the vault.
    Export = "export", ExportRequest, Project, true;
    /// Verify a bundle for the vault, with its list of signers and its key.
    Verify = "bundle.verify", BundleReceive, Vault, true;
    /// Fill the project that a bundle becomes.
    ReceiveInto = "bundle.receive.project", MediaImport, Project, true;
    /// Receive a bundle as a new project.
    Receive = "bundle.receive", BundleReceive, Vault, true;
    /// Re-authenticate everything stored.
    Check = "check", VaultCheck, Vault, true;
    /// Re-authenticate all of a project.
    ProjectCheck = "project.check", VaultCheck, Project, false;
    /// See how the vault protects itself, and its trust entry.
    Security = "security", VaultCheck, Vault, false;
}
