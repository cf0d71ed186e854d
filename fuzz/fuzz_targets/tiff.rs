//! Runs `vaultmark_fuzzed::tiff`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::tiff(bytes));
