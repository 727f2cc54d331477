#![no_main]

#[path = "../../tests/properties/token_response.rs"]
mod token_response;

libfuzzer_sys::fuzz_target!(|data: &[u8]| token_response::holds(data));
