//! A project's promises, at its own door.

mod batches;
mod checks;
mod commits;
mod damage;
mod fixture;
mod media;
mod oracle;
mod reading;
mod sending;
mod undoing;
