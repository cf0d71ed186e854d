//! Runs `vaultmark_fuzzed::png`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::png(bytes));
