//! Runs `vaultmark_fuzzed::gif`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::gif(bytes));
