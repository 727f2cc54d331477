#![no_main]

#[path = "../../tests/properties/scope.rs"]
mod scope;

libfuzzer_sys::fuzz_target!(|data: &[u8]| scope::holds(data));
