//! Runs `vaultmark_fuzzed::canonical`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::canonical(bytes));
