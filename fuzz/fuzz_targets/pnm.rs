//! Runs `vaultmark_fuzzed::pnm`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::pnm(bytes));
