#![no_main]

#[path = "../../tests/properties/mask.rs"]
mod mask;

libfuzzer_sys::fuzz_target!(|data: &[u8]| mask::holds(data));
