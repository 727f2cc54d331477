#![no_main]

#[path = "../../tests/properties/offer.rs"]
mod offer;
#[path = "../../tests/properties/sharing_client.rs"]
mod sharing_client;

libfuzzer_sys::fuzz_target!(|data: &[u8]| offer::holds(data));
