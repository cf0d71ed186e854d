//! The decoder worker: a process that parses foreign bytes, and the pool that owns such processes.
//!
//! ```text
//! program (keys, database)                      worker (neither)
//!   sealed memfd of the plaintext ───────────►  reads it by position
//!   or: answers "which bytes?" from the blob ◄─► asks for ranges
//!   request: CBOR, with limits   ────────────►  probe, import, open, tile, pyramid …
//!   checks every size            ◄────────────  CBOR, and a sealed memfd with encoded bytes
//! ```
//!
//! * The worker is the command-line binary under a hidden verb. It gets a socket as standard input,
//!   nothing as output, a cleared environment, `/` as its folder, and no other descriptor.
//! * Before it reads the first byte it confines itself ([`confine`]): no core dumps, no new
//!   privileges, address space and file size bounded, memory closed to the account's other
//!   programs, no file, no thread, no program, no socket (Landlock and a list of system calls). Each
//!   request renews a bound on processor time.
//! * Requests and answers are messages of a `SOCK_SEQPACKET` pair, so that neither side can make
//!   the other wait for the rest of one.
//! * What the worker answers is as untrusted as the file: sizes are bounded before anything is
//!   allocated, text is cleaned, numbers are checked against the request.
//! * An image held open has a worker process of its own, so that what one hostile file does to its
//!   decoder can't reach another open image's pixels. Closing it ends the process.

pub mod confine;
mod descriptors;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod memory;
mod open;
mod pool;
mod process;
mod protocol;
mod remote;
mod serve;
mod wire;

pub use memory::{SealedMemory, memfd_from};
pub use open::OpenImage;
pub use pool::{MediaSource, Pool};
pub use serve::{main, serve};
