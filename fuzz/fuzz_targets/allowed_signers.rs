//! Runs `vaultmark_fuzzed::allowed_signers`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::allowed_signers(bytes));
