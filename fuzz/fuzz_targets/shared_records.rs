#![no_main]

#[path = "../../tests/properties/shared_records.rs"]
mod shared_records;
#[path = "../../tests/properties/sharing_client.rs"]
mod sharing_client;

libfuzzer_sys::fuzz_target!(|data: &[u8]| shared_records::holds(data));
