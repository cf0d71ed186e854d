//! Runs `vaultmark_fuzzed::library_filter`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::library_filter(bytes));
