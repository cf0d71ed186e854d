//! Runs `vaultmark_fuzzed::sshsig`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::sshsig(bytes));
