#![no_main]

#[path = "../../tests/properties/entry.rs"]
mod entry;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entry::holds(data));
