//! Runs `vaultmark_fuzzed::bmp`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::bmp(bytes));
