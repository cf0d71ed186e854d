//! Why a file was refused or a request failed, one variant a reason.
//!
//! Every message is the second half of a sentence whose first half the caller knows ("`0042.tif`
//! was not imported: "), and ends with what to do. Values are plain data so that the worker process
//! can send them; text that came from there is cut and cleaned ([`MediaError::sanitised`]).

use minicbor::{Decode, Encode};

use crate::format::Format;

/// A refusal or failure of this crate. See [`MediaError::kind`] for the word that crosses IPC.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, thiserror::Error)]
pub enum MediaError {
    /// The file has no bytes.
    #[error("it is empty. Copy it again from its source, or skip it.")]
    #[n(0)]
    Empty,
    /// The content is none of the formats that are read here.
    #[error(
        "its content is not an image of a kind that is read here (JPEG, PNG, TIFF, BMP, GIF, WebP, PNM). Convert it, or skip it."
    )]
    #[n(1)]
    NotRecognised,
    /// A known format uses something that is not supported.
    #[error("it uses {feature}, which is not supported in {format} files. Convert it, or skip it.")]
    #[n(2)]
    Unsupported {
        /// What the content is.
        #[n(0)]
        format: Format,
        /// What in it can't be read.
        #[n(1)]
        feature: String,
    },
    /// The headers claim more pixels than allowed.
    #[error(
        "it claims {} x {} pixels, more than the limit of {} pixels. Cut it into parts, or skip it.",
        grouped(*width), grouped(*height), grouped(*limit)
    )]
    #[n(3)]
    TooManyPixels {
        /// Claimed width in pixels.
        #[n(0)]
        width: u64,
        /// Claimed height in pixels.
        #[n(1)]
        height: u64,
        /// [`crate::Limits::max_pixels`].
        #[n(2)]
        limit: u64,
    },
    /// The file itself is larger than allowed.
    #[error(
        "it has {} bytes, more than the limit of {} bytes. Cut it into parts, or skip it.",
        grouped(*bytes), grouped(*limit)
    )]
    #[n(4)]
    FileTooLarge {
        /// Size of the file.
        #[n(0)]
        bytes: u64,
        /// The limit that it exceeds.
        #[n(1)]
        limit: u64,
    },
    /// Decoding would need more memory than allowed.
    #[error(
        "it would take {} bytes of memory to decode, more than the limit of {} bytes. Save it as a tiled TIFF, or skip it.",
        grouped(*bytes), grouped(*limit)
    )]
    #[n(5)]
    DecodedTooLarge {
        /// Memory that decoding would take.
        #[n(0)]
        bytes: u64,
        /// [`crate::Limits::max_decoded_bytes`].
        #[n(1)]
        limit: u64,
    },
    /// More bands than allowed.
    #[error("it has {bands} bands, more than the limit of {limit}. Split it by bands, or skip it.")]
    #[n(6)]
    TooManyBands {
        /// Claimed number of bands.
        #[n(0)]
        bands: u32,
        /// [`crate::Limits::max_bands`].
        #[n(1)]
        limit: u32,
    },
    /// The content contradicts its format.
    #[error(
        "its {format} content is damaged: {detail}. Copy it again from its source, or skip it."
    )]
    #[n(7)]
    Damaged {
        /// What the content is.
        #[n(0)]
        format: Format,
        /// What is wrong, in lower case and without a full stop.
        #[n(1)]
        detail: String,
    },
    /// The file ends before its image does.
    #[error(
        "its {format} content ends before the image does. Copy it again from its source, or skip it."
    )]
    #[n(8)]
    Truncated {
        /// What the content is.
        #[n(0)]
        format: Format,
    },
    /// The bytes could not be read.
    #[error("its bytes could not be read ({detail}). Check the medium and try again.")]
    #[n(9)]
    Read {
        /// The system's reason.
        #[n(0)]
        detail: String,
    },
    /// A tile outside the image was asked for.
    #[error("it has no tile {x}, {y} at level {level}. Ask for one inside the image.")]
    #[n(10)]
    NoSuchTile {
        /// Level; 0 is full resolution.
        #[n(0)]
        level: u32,
        /// Column of tiles.
        #[n(1)]
        x: u32,
        /// Row of tiles.
        #[n(2)]
        y: u32,
    },
    /// Display settings that make no sense for the image.
    #[error("these display settings do not fit it: {detail}. Reset the display settings.")]
    #[n(11)]
    BadRendering {
        /// What does not fit.
        #[n(0)]
        detail: String,
    },
    /// Encoding or shrinking failed.
    #[error(
        "it could not be encoded for the screen ({detail}). Report this file's format; nothing else was affected."
    )]
    #[n(12)]
    Encode {
        /// The encoder's reason.
        #[n(0)]
        detail: String,
    },
    /// A tile pack does not hold together.
    #[error(
        "its tile pack is damaged: {detail}. Delete the pack; it is built again from the original."
    )]
    #[n(13)]
    PackDamaged {
        /// What is wrong.
        #[n(0)]
        detail: String,
    },
    /// A pack could not be written where the caller wanted it.
    #[error("its tile pack could not be written ({detail}). Free some space and try again.")]
    #[n(14)]
    PackWrite {
        /// The system's reason.
        #[n(0)]
        detail: String,
    },
    /// The caller asked to stop.
    #[error("the work on it was cancelled.")]
    #[n(15)]
    Cancelled,
    /// A decoder broke off inside the worker; the worker went on.
    #[error(
        "its decoder broke off while reading it ({detail}). Nothing else was affected. Skip it, or convert it with another program."
    )]
    #[n(16)]
    DecoderBrokeOff {
        /// Where it broke off.
        #[n(0)]
        detail: String,
    },
    /// The worker process ended while it worked on this file.
    #[error(
        "the decoder process ended while reading it ({detail}). Nothing else was affected. Skip it, or convert it with another program."
    )]
    #[n(17)]
    WorkerDied {
        /// How the process ended.
        #[n(0)]
        detail: String,
    },
    /// The worker took longer than allowed.
    #[error(
        "decoding it took longer than the limit of {seconds} s. Nothing else was affected. Cut it into parts, or skip it."
    )]
    #[n(18)]
    TimedOut {
        /// [`crate::Limits::seconds`].
        #[n(0)]
        seconds: u32,
    },
    /// The worker answered with something that the protocol forbids.
    #[error(
        "the decoder process gave an invalid answer for it ({detail}). Nothing else was affected. Skip it, or convert it with another program."
    )]
    #[n(19)]
    WorkerMisbehaved {
        /// Which rule was broken.
        #[n(0)]
        detail: String,
    },
    /// A worker process could not be started.
    #[error(
        "the decoder process could not be started ({detail}). Check the installation and the memory that is free."
    )]
    #[n(20)]
    WorkerStart {
        /// The system's reason.
        #[n(0)]
        detail: String,
    },
    /// Memory for the file's plaintext could not be had.
    #[error("no memory could be set aside for it ({detail}). Close other images and try again.")]
    #[n(21)]
    NoMemory {
        /// The system's reason.
        #[n(0)]
        detail: String,
    },
}

impl MediaError {
    /// The stable word for this reason: the `kind` of `{kind, detail}` across IPC and in `--json`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Empty => "media-empty",
            Self::NotRecognised => "media-not-recognised",
            Self::Unsupported { .. } => "media-unsupported",
            Self::TooManyPixels { .. } => "media-too-many-pixels",
            Self::FileTooLarge { .. } => "media-file-too-large",
            Self::DecodedTooLarge { .. } => "media-decoded-too-large",
            Self::TooManyBands { .. } => "media-too-many-bands",
            Self::Damaged { .. } => "media-damaged",
            Self::Truncated { .. } => "media-truncated",
            Self::Read { .. } => "media-read",
            Self::NoSuchTile { .. } => "media-no-such-tile",
            Self::BadRendering { .. } => "media-bad-rendering",
            Self::Encode { .. } => "media-encode",
            Self::PackDamaged { .. } => "media-pack-damaged",
            Self::PackWrite { .. } => "media-pack-write",
            Self::Cancelled => "media-cancelled",
            Self::DecoderBrokeOff { .. } => "media-decoder-broke-off",
            Self::WorkerDied { .. } => "media-worker-died",
            Self::TimedOut { .. } => "media-timed-out",
            Self::WorkerMisbehaved { .. } => "media-worker-misbehaved",
            Self::WorkerStart { .. } => "media-worker-start",
            Self::NoMemory { .. } => "media-no-memory",
        }
    }

    /// The same error with its free text cut to 300 characters and without control characters:
    /// what a worker says about a hostile file ends up in reports and on the screen.
    pub fn sanitised(mut self) -> Self {
        let text = match &mut self {
            Self::Unsupported { feature, .. } => Some(feature),
            Self::Damaged { detail, .. }
            | Self::Read { detail }
            | Self::BadRendering { detail }
            | Self::Encode { detail }
            | Self::PackDamaged { detail }
            | Self::PackWrite { detail }
            | Self::DecoderBrokeOff { detail }
            | Self::WorkerDied { detail }
            | Self::WorkerMisbehaved { detail }
            | Self::WorkerStart { detail }
            | Self::NoMemory { detail } => Some(detail),
            _ => None,
        };
        if let Some(text) = text {
            *text = clean(text);
        }
        self
    }

    pub(crate) fn damaged(format: Format, detail: impl std::fmt::Display) -> Self {
        Self::Damaged { format, detail: inside(&clean(&detail.to_string())) }
    }

    pub(crate) fn unsupported(format: Format, feature: impl std::fmt::Display) -> Self {
        Self::Unsupported { format, feature: inside(&clean(&feature.to_string())) }
    }

    pub(crate) fn read(error: &std::io::Error) -> Self {
        Self::Read { detail: clean(&error.to_string()) }
    }
}

/// Cuts foreign text to one printable line without a full stop.
fn clean(text: &str) -> String {
    let printable: String = text
        .chars()
        .map(|c| if c.is_control() || is_bidi(c) { ' ' } else { c })
        .take(300)
        .collect();
    printable.trim().trim_end_matches('.').to_owned()
}

/// Text for the middle of a sentence: a capital that is no abbreviation's becomes small.
fn inside(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain([second]).chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

/// Characters that reorder the text around them (Unicode bidi controls).
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// 3000000 -> "3,000,000".
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_the_remedy_is_named() {
        let error =
            MediaError::TooManyPixels { width: 3_000_000, height: 2_000_000, limit: 2_000_000_000 };
        assert_eq!(
            error.to_string(),
            "it claims 3,000,000 x 2,000,000 pixels, more than the limit of 2,000,000,000 pixels. \
             Cut it into parts, or skip it."
        );
        assert_eq!(error.kind(), "media-too-many-pixels");
    }

    #[test]
    fn foreign_text_is_one_printable_line() {
        let error =
            MediaError::DecoderBrokeOff { detail: format!("a\n\u{202e}b{}", "x".repeat(1000)) };
        let MediaError::DecoderBrokeOff { detail } = error.sanitised() else {
            panic!("variant kept")
        };
        assert!(detail.starts_with("a  bx") && detail.chars().count() == 300, "{detail}");
    }
}
