#![no_main]

#[path = "../../tests/properties/quoting.rs"]
mod quoting;

libfuzzer_sys::fuzz_target!(|data: &[u8]| quoting::holds(data));
