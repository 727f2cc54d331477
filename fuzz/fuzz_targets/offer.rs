#![no_main]

#[path = "../../tests/properties/offer.rs"]
mod offer;

libfuzzer_sys::fuzz_target!(|data: &[u8]| offer::holds(data));
