//! Runs `vaultmark_fuzzed::manual_search`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::manual_search(bytes));
