//! Runs `vaultmark_fuzzed::vault_file`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::vault_file(bytes));
