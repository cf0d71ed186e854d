//! How old the keys are, by the signed statements that speak of them. Times are claims of the clock of
//! the workstation on which a statement was made.

use vaultmark_model::Timestamp;

use super::open::Vault;
use crate::project::Project;

/// A project's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProjectKeyAge {
    /// Its epoch: how many keys the project has had.
    pub epoch: u32,
    /// Since when it is in use.
    pub since: Timestamp,
}

impl Vault {
    /// Since when this person signs with the present key; none where no statement of the vault speaks
    /// of it, which an open vault never shows.
    #[must_use]
    pub fn signing_key_since(&self) -> Option<Timestamp> {
        self.membership.granted(&self.public_key())
    }

    /// The age of an open project's key.
    #[must_use]
    pub fn project_key_age(&self, project: &Project) -> Option<ProjectKeyAge> {
        let open = self.open_projects();
        let list = &open.get(&project.id())?.membership;
        Some(ProjectKeyAge { epoch: list.epoch(), since: list.epoch_since() })
    }
}
