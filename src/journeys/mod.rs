//! What people do, step by step. Each journey takes a [`crate::Session`] and passes its door;
//! what would change much gives a plan first, then a report.

pub mod annotate;
pub mod bundles;
pub mod check;
pub mod export;
pub mod import;
pub mod interchange;
pub mod labels;
pub mod library;
mod marks;
pub mod posture;
pub mod projects;
mod room;
pub mod side_doors;
pub mod trust;
pub mod view;
