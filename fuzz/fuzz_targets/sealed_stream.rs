//! Runs `vaultmark_fuzzed::sealed_stream`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::sealed_stream(bytes));
