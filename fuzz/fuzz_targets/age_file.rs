//! Runs `vaultmark_fuzzed::age_file`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::age_file(bytes));
