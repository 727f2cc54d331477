//! The search for values that must not be seen, tried on texts that have them.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;

use crate::harness::canaries::Canaries;

#[test]
fn fifteen_characters_are_found_in_any_spelling_and_fewer_than_twelve_are_not() {
    let canaries = Canaries::new([("it", "q\"uo\\te/d+and=long%enough")]);
    let found = |text: &str| canaries.found_in(text.as_bytes()) == ["it"];
    assert!(found("… uo\\te/d+and=long …"));
    assert!(found("uo\\\\te/d+and=long"), "JSON");
    assert!(found("uo\\\\te\\/d+and=long"), "JSON that escapes slashes");
    assert!(found("te%2Fd%2Band%3Dlong") && found("te%2fd%2band%3dlong"), "a URL");
    assert!(found("%74%65%2f%64%2b"), "a URL in which every byte is escaped");
    assert!(found("74652F642B616E64") && found("74652f642b616e64"), "hexadecimal");
    for before in ["", "x", "xy"] {
        assert!(found(&BASE64_STANDARD_NO_PAD.encode(format!("{before}te/d+and=long%enough"))));
    }
    assert!(!found("q\"uo\\te/d+") && !found("uo te d and"));
}
