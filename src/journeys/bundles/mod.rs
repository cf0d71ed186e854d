//! Bundles that arrive: verified without a vault, received into one as a new project.

mod receive;
mod source;
mod verify;

pub use receive::{Received, Reception, inspect, receive};
pub use verify::{Verification, signers_from, verify};
