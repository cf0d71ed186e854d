//! Runs `vaultmark_fuzzed::tile_pack`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::tile_pack(bytes));
