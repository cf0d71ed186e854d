//! One file per verb.

pub mod annotations;
pub mod bundle;
pub mod check;
pub mod documents;
pub mod import;
pub mod init;
pub mod items;
pub mod labels;
pub mod manual;
pub mod posture;
pub mod project;
