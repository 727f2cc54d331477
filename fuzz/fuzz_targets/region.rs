#![no_main]

#[path = "../../tests/properties/region.rs"]
mod region;

libfuzzer_sys::fuzz_target!(|data: &[u8]| region::holds(data));
