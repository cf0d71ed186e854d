//! What a change is about, as far as rights go: the one table from parts to permissions.

use super::{Part, Subject};
use crate::Permission;

/// A kind of thing that changes touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Matter {
    /// Which items there are.
    Media,
    /// The labels.
    Labels,
    /// Annotations, and what is noted on items.
    Annotations,
}

impl Matter {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Media, Self::Labels, Self::Annotations];

    /// What a part belongs to.
    #[must_use]
    pub const fn of(subject: &Subject, part: Part) -> Self {
        match (subject, part) {
            (Subject::Item(_), Part::Whole | Part::Presence) => Self::Media,
            (Subject::Label(_), _) => Self::Labels,
            (Subject::Item(_) | Subject::Annotation(_), _) => Self::Annotations,
        }
    }

    /// The permissions of which one lets a person change it. Whoever brings annotation files in
    /// makes labels and annotations with them.
    #[must_use]
    pub const fn permissions(self) -> &'static [Permission] {
        match self {
            Self::Media => &[Permission::MediaImport],
            Self::Labels => &[Permission::SchemaEdit, Permission::AnnotationImport],
            Self::Annotations => &[Permission::AnnotationEdit, Permission::AnnotationImport],
        }
    }
}
