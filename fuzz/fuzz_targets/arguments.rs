//! Runs `vaultmark_fuzzed::arguments`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::arguments(bytes));
