//! Runs `vaultmark_fuzzed::provenance`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::provenance(bytes));
