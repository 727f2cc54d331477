#![no_main]

#[path = "../../tests/properties/base_url.rs"]
mod base_url;

libfuzzer_sys::fuzz_target!(|data: &[u8]| base_url::holds(data));
