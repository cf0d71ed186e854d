//! Runs `vaultmark_fuzzed::jpeg`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::jpeg(bytes));
