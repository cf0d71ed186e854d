//! Runs `vaultmark_fuzzed::native`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::native(bytes));
