//! Runs `vaultmark_fuzzed::bundle`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::bundle(bytes));
