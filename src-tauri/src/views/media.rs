//! How pixels are asked for: the part of a tile's address after `?r=`.

use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;
use vaultmark::media::Stretch;

use super::Answer;
use crate::arguments::invalid;

/// Display settings of a tile. The neutral ones: nothing chosen, brightness 0, contrast 0, gamma 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Type)]
#[serde(deny_unknown_fields)]
pub struct Rendering {
    /// Bands, from 0, shown as red, green and blue; the image's own choice without.
    pub bands: Option<[u16; 3]>,
    /// Percentile shown black, 0 to 100; the image's own choice where either is missing.
    #[specta(type = Option<Number>)]
    pub low: Option<f64>,
    /// Percentile shown white.
    #[specta(type = Option<Number>)]
    pub high: Option<f64>,
    /// -1 to 1.
    #[specta(type = Number)]
    pub brightness: f64,
    /// -1 (flat) to 1 (two tones).
    #[specta(type = Number)]
    pub contrast: f64,
    /// Above 0, up to 10.
    #[specta(type = Number)]
    pub gamma: f64,
    /// Shows the negative.
    pub invert: bool,
}

impl Rendering {
    /// Reads the JSON of an address.
    pub(crate) fn parse(json: &str) -> Answer<Self> {
        serde_json::from_str(json)
            .map_err(|_| invalid("display setting", "it is not of the form that tiles take"))
    }

    /// Over what the image is shown with at first.
    pub(crate) fn over(self, first: vaultmark::media::Rendering) -> vaultmark::media::Rendering {
        let stretch = match (self.low, self.high) {
            (Some(low), Some(high)) => Stretch::Percentile { low, high },
            _ => first.stretch,
        };
        vaultmark::media::Rendering {
            bands: self.bands.unwrap_or(first.bands),
            stretch,
            brightness: self.brightness,
            contrast: self.contrast,
            gamma: self.gamma,
            invert: self.invert,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEUTRAL: &str = r#"{"bands":null,"low":null,"high":null,"brightness":0,"contrast":0,"gamma":1,"invert":false}"#;

    #[test]
    fn neutral_settings_change_nothing_and_foreign_ones_are_refused() {
        let first = vaultmark::media::Rendering {
            bands: [0, 1, 2],
            stretch: Stretch::Percentile { low: 2.0, high: 98.0 },
            brightness: 0.0,
            contrast: 0.0,
            gamma: 1.0,
            invert: false,
        };
        assert_eq!(Rendering::parse(NEUTRAL).unwrap().over(first), first);
        let chosen = NEUTRAL.replace("\"low\":null,\"high\":null", "\"low\":0.5,\"high\":99");
        let stretch = Rendering::parse(&chosen).unwrap().over(first).stretch;
        assert_eq!(stretch, Stretch::Percentile { low: 0.5, high: 99.0 });
        for wrong in ["", "{}", "[]", "{\"bands\":[0,1]}", &NEUTRAL.replace("null", "\"x\"")] {
            assert!(Rendering::parse(wrong).is_err(), "{wrong}");
        }
    }
}
