//! Runs `vaultmark_fuzzed::voc`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::voc(bytes));
