//! The shell without a window: the generated files, and the commands driven as a page would drive
//! them, well and badly.

mod generated;
mod ipc;
