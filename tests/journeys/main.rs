//! Journeys through the command line, on real files, and what other people's tools say of the
//! outcome. One binary: the programs that it starts are the expensive part, not the modules.
//!
//! Vaults are made with a cheap passphrase derivation (only a vault that was made so accepts it), so
//! that a command costs milliseconds; [`main_job`] makes one as people do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod bad_input;
mod containment;
mod damage;
mod faults;
mod forged;
mod full_disk;
mod hostile_files;
mod kills;
mod leaks;
mod leaving;
mod main_job;
mod manual;
mod posture;
mod provenance;
mod pycocotools;
mod rights;
mod side_doors;
mod stock_tools;
mod support;
mod two_vaults;
