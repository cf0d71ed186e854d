//! Runs `vaultmark_fuzzed::exif`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::exif(bytes));
