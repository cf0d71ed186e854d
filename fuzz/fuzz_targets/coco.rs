//! Runs `vaultmark_fuzzed::coco`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vaultmark_fuzzed::coco(bytes));
