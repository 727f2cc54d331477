#![no_main]

#[path = "../../tests/properties/answer_failure.rs"]
mod answer_failure;

libfuzzer_sys::fuzz_target!(|data: &[u8]| answer_failure::holds(data));
