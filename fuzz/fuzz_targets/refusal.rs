#![no_main]

#[path = "../../tests/properties/refusal.rs"]
mod refusal;

libfuzzer_sys::fuzz_target!(|data: &[u8]| refusal::holds(data));
