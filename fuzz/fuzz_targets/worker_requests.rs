//! Runs `vaultmark_fuzzed::worker_requests`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::worker_requests(bytes));
