//! What a caller may choose. Each format declares its own settings as words, so that a new format
//! brings them along in its folder and every screen and command line can offer them.

use std::collections::BTreeMap;

use crate::FormatError;

/// When a setting applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// While reading.
    Read,
    /// While writing.
    Write,
    /// Both.
    Both,
}

/// One word that a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Choice {
    /// The word.
    pub word: &'static str,
    /// What it does, as a sentence.
    pub meaning: &'static str,
}

/// A setting of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// When it applies.
    pub direction: Direction,
    /// What it decides, as a sentence.
    pub meaning: &'static str,
    /// The words that it takes.
    pub choices: &'static [Choice],
    /// The word that holds when none is given.
    pub default: &'static str,
}

impl Setting {
    fn applies(&self, direction: Direction) -> bool {
        self.direction == Direction::Both || self.direction == direction
    }

    fn words(&self) -> String {
        self.choices.iter().map(|choice| choice.word).collect::<Vec<_>>().join(", ")
    }
}

/// The settings given by a caller: name to word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// With one more setting.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, word: impl Into<String>) -> Self {
        self.0.insert(name.into(), word.into());
        self
    }

    /// The given word, or the setting's default.
    #[must_use]
    pub fn word<'a>(&'a self, setting: &Setting) -> &'a str {
        self.0.get(setting.name).map_or(setting.default, String::as_str)
    }

    /// Refuses names and words that the format does not have in this direction.
    ///
    /// # Errors
    /// [`FormatError::Setting`] names the first wrong one and what would be taken.
    pub fn check(
        &self,
        format: &'static str,
        known: &[Setting],
        direction: Direction,
    ) -> Result<(), FormatError> {
        for (name, value) in &self.0 {
            let setting = known.iter().find(|s| s.name == name && s.applies(direction));
            let taken = match setting {
                Some(setting) if setting.choices.iter().any(|c| c.word == value) => continue,
                Some(setting) => setting.words(),
                None => known
                    .iter()
                    .filter(|s| s.applies(direction))
                    .map(|s| format!("{}={}", s.name, s.words().replace(", ", "|")))
                    .reduce(|all, one| format!("{all}, {one}"))
                    .unwrap_or_else(|| "none".into()),
            };
            return Err(FormatError::Setting {
                format,
                name: name.clone(),
                value: value.clone(),
                known: taken,
            });
        }
        Ok(())
    }

    /// Every setting of this direction with the word that holds, for reports.
    #[must_use]
    pub fn effective(&self, known: &[Setting], direction: Direction) -> Vec<(String, String)> {
        known
            .iter()
            .filter(|s| s.applies(direction))
            .map(|s| (s.name.to_owned(), self.word(s).to_owned()))
            .collect()
    }
}

/// How to read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadOptions {
    /// Refuse everything where one record is refused.
    pub strict: bool,
    /// The format's settings.
    pub settings: Settings,
}

impl ReadOptions {
    /// With one more setting.
    #[must_use]
    pub fn with(mut self, name: &str, word: &str) -> Self {
        self.settings = self.settings.with(name, word);
        self
    }

    /// All or nothing.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }
}

/// How to write.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WriteOptions {
    /// The format's settings.
    pub settings: Settings,
}

impl WriteOptions {
    /// With one more setting.
    #[must_use]
    pub fn with(mut self, name: &str, word: &str) -> Self {
        self.settings = self.settings.with(name, word);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[Setting] = &[Setting {
        name: "frame",
        direction: Direction::Write,
        meaning: "Which frame.",
        choices: &[
            Choice { word: "upright", meaning: "Upright." },
            Choice { word: "stored", meaning: "Stored." },
        ],
        default: "upright",
    }];

    #[test]
    fn unknown_names_words_and_directions_are_refused_with_what_would_be_taken() {
        let check = |settings: Settings, direction| {
            settings.check("x", KNOWN, direction).map_err(|e| e.to_string())
        };
        assert_eq!(check(Settings::default().with("frame", "stored"), Direction::Write), Ok(()));
        for (settings, direction, message) in [
            (
                Settings::default().with("frame", "sideways"),
                Direction::Write,
                "`frame=sideways` is not a setting of x; it takes upright, stored",
            ),
            (
                Settings::default().with("farm", "a"),
                Direction::Write,
                "`farm=a` is not a setting of x; it takes frame=upright|stored",
            ),
            (
                Settings::default().with("frame", "stored"),
                Direction::Read,
                "`frame=stored` is not a setting of x; it takes none",
            ),
        ] {
            assert_eq!(check(settings, direction), Err(message.to_owned()));
        }
    }
}
