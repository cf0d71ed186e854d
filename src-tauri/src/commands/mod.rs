//! The commands of the window, by topic. Each checks what arrives and hands it on to one journey;
//! what can take time runs away from the window's thread. The rows in [`crate::registry`] say which
//! operation the policy is asked about.

pub mod annotate;
pub mod browse;
pub mod bundles;
pub mod export;
pub mod import;
pub mod jobs;
pub mod labels;
pub mod library;
pub mod manual;
pub mod projects;
pub mod security;
pub mod settings;
pub mod side_doors;
pub mod vault;
