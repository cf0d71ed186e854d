//! All formats, one line each.

use crate::{Format, coco, native, voc};

static FORMATS: &[&dyn Format] = &[
    &native::Native, // everything the model holds
    &coco::Coco,     // instances
    &voc::Voc,       // reading only
];

/// Every format, in the order in which they are offered.
#[must_use]
pub fn formats() -> &'static [&'static dyn Format] {
    FORMATS
}

/// The format of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Format> {
    formats().iter().copied().find(|format| format.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_words_and_every_format_goes_somewhere() {
        let mut names: Vec<_> = formats().iter().map(|format| format.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), formats().len());
        for format in formats() {
            assert!(format.name().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
            assert!(format.can_read() || format.can_write(), "{}", format.name());
            assert!(!format.extensions().is_empty());
            assert_eq!(find(format.name()).map(Format::title), Some(format.title()));
            for setting in format.settings() {
                assert!(setting.choices.iter().any(|choice| choice.word == setting.default));
            }
        }
        assert!(find("no such format").is_none());
    }
}
