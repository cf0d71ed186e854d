//! Runs `vaultmark_fuzzed::webp`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::webp(bytes));
