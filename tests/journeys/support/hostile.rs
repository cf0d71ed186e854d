//! Files made to hurt who reads them.

pub mod annotations;
mod bytes;
pub mod pictures;

/// What must come of a file.
#[derive(Debug, Clone, Copy)]
pub enum Outcome {
    /// Refused with a reason that holds this.
    Refused(&'static str),
    /// Taken or refused: it is an image that can be read, however heavy. The bounds hold.
    Bounded,
}
