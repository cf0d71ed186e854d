//! How the window looks to a person: theme and scale. It says nothing of a vault.

use std::fmt;

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::arguments;
use crate::views::Answer;

/// What a person may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    /// As the window system is set up.
    System,
    /// For dim rooms.
    Dark,
    /// For bright ones.
    Light,
    /// Black, white and few colours.
    Contrast,
}

impl ThemeChoice {
    const ALL: [(Self, &'static str); 4] = [
        (Self::System, "system"),
        (Self::Dark, "dark"),
        (Self::Light, "light"),
        (Self::Contrast, "contrast"),
    ];

    /// Whether the window system draws its own parts for a dark room; its own affair without an
    /// answer.
    pub(crate) fn is_dark(self) -> Option<bool> {
        match self {
            Self::System => None,
            Self::Dark | Self::Contrast => Some(true),
            Self::Light => Some(false),
        }
    }
}

/// Theme and scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Look {
    /// The chosen theme.
    pub theme: ThemeChoice,
    /// How large everything is drawn, in percent of the ordinary size.
    pub percent: u32,
}

impl Look {
    /// The sizes that make sense.
    const PERCENT: std::ops::RangeInclusive<u32> = 50..=400;

    /// This look, if a window can have it.
    ///
    /// # Errors
    /// Where the scale makes no sense.
    pub(crate) fn checked(self) -> Answer<Self> {
        if Self::PERCENT.contains(&self.percent) {
            Ok(self)
        } else {
            Err(arguments::invalid("scale", "it lies between 50 and 400 percent"))
        }
    }

    /// What [`fmt::Display`] wrote; none where it is nothing sensible.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (theme, percent) = text.split_once(',')?;
        let theme = ThemeChoice::ALL.iter().find(|(_, word)| *word == theme)?.0;
        Self { theme, percent: percent.parse().ok()? }.checked().ok()
    }
}

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = ThemeChoice::ALL.iter().find(|(theme, _)| *theme == self.theme);
        write!(f, "{},{}", word.map_or("dark", |(_, word)| word), self.percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_nonsense_is_not() {
        for (theme, _) in ThemeChoice::ALL {
            let look = Look { theme, percent: 115 };
            assert_eq!(Look::parse(&look.to_string()), Some(look));
        }
        for wrong in ["", "dark", "dim,100", "dark,0", "dark,1.5", "dark,401", "dark,100,1"] {
            assert_eq!(Look::parse(wrong), None, "{wrong}");
        }
    }
}
