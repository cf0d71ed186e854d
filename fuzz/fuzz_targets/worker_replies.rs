//! Runs `vaultmark_fuzzed::worker_replies`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::worker_replies(bytes));
