//! Roles and the permissions they are sets of.

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// All of them, in the order of the manual.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in files, on screens and in signed statements.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// From its word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word() == word)
            }
        }
    };
}

vocabulary! {
    /// A role, kept apart from the others on purpose.
    Role, "role" {
        /// Sees a project.
        Viewer = "viewer",
        /// Changes labels.
        Annotator = "annotator",
        /// Accepts or returns others' work.
        Reviewer = "reviewer",
        /// Schema, datasets, tasks, members of the project.
        Manager = "manager",
        /// Requests an export.
        Exporter = "exporter",
        /// Approves another person's export.
        Approver = "approver",
        /// Vault: people, policy, keys; reads no project by virtue of it.
        Officer = "officer",
        /// Reads audit and transfer logs.
        Auditor = "auditor",
    }
}

vocabulary! {
    /// One thing that a person may do.
    Permission, "permission" {
        /// See items, annotations and the schema of a project.
        ProjectRead = "project.read",
        /// Make a project in the vault.
        ProjectCreate = "project.create",
        /// Bring media into a project.
        MediaImport = "media.import",
        /// Make, change and delete annotations, flags and notes.
        AnnotationEdit = "annotation.edit",
        /// Change the labels of a project.
        SchemaEdit = "schema.edit",
        /// Bring annotation files into a project.
        AnnotationImport = "annotation.import",
        /// Ask for an export.
        ExportRequest = "export.request",
        /// Approve another person's export.
        ExportApprove = "export.approve",
        /// Receive a bundle as a new project.
        BundleReceive = "bundle.receive",
        /// Re-authenticate everything stored.
        VaultCheck = "vault.check",
        /// Read the audit log.
        AuditRead = "audit.read",
        /// Change people, policy and keys.
        VaultAdminister = "vault.administer",
    }
}

impl Role {
    /// What the role permits.
    #[must_use]
    pub const fn permissions(self) -> &'static [Permission] {
        use Permission as P;
        match self {
            Self::Viewer => &[P::ProjectRead],
            Self::Annotator => &[P::ProjectRead, P::AnnotationEdit],
            Self::Reviewer => &[P::ProjectRead],
            Self::Manager => {
                &[P::ProjectRead, P::MediaImport, P::SchemaEdit, P::AnnotationImport, P::VaultCheck]
            }
            Self::Exporter => &[P::ProjectRead, P::ExportRequest],
            Self::Approver => &[P::ProjectRead, P::ExportApprove],
            Self::Officer => {
                &[P::VaultAdminister, P::ProjectCreate, P::BundleReceive, P::VaultCheck]
            }
            Self::Auditor => &[P::AuditRead],
        }
    }

    /// Whether the role is held in the vault as a whole and not in one project.
    #[must_use]
    pub const fn is_vault_role(self) -> bool {
        matches!(self, Self::Officer | Self::Auditor)
    }
}
