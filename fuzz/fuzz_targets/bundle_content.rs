//! Runs `vaultmark_fuzzed::bundle_content`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::bundle_content(bytes));
