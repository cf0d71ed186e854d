//! What can be printed.

use serde::{Deserialize, Serialize};
use specta::Type;
use vaultmark::journeys::side_doors::Page;

/// A page of the program; none of them shows a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PrintedPage {
    /// Of the manual.
    Manual,
    /// The posture of this installation.
    Posture,
    /// The recovery sheet of a vault that was just made.
    RecoverySheet,
}

impl From<PrintedPage> for Page {
    fn from(page: PrintedPage) -> Self {
        match page {
            PrintedPage::Manual => Self::Manual,
            PrintedPage::Posture => Self::Posture,
            PrintedPage::RecoverySheet => Self::RecoverySheet,
        }
    }
}
