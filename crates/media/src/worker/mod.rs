//! The decoder worker: a process that parses foreign bytes, and the pool that owns such processes.
//!
//! ```text
//! program (keys, database)                      worker (neither)
//!   sealed memfd of the plaintext ───────────►  reads it by position
//!   or: the first 4 KiB with the request, and
//!       answers "which bytes?" from the blob ◄─► asks for more
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
//! * The program judges no byte of a file, not even whether it begins like an image. Workers live on
//!   and the beginning travels with the request, so that most files are one round trip: planning an
//!   import of 20,000 small pictures took 3.1 s when the program compared the first bytes itself and
//!   takes 2.4 s; of 20,000 files that are no pictures, 0.8 s and 1.7 s (two cores, development build).
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
