//! The forms in which a secret is likely to appear.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// One form of a secret, wiped like the secret itself.
pub(super) type Form = Zeroizing<Vec<u8>>;

/// An encoded form shorter than this would also hide innocent text. The secret itself is hidden at any
/// length.
const MIN_ENCODED_LEN: usize = 8;

/// What encoders of URLs do not escape beside letters and digits; Genesys' own tokens have nothing that any of them
/// escapes.
const UNRESERVED: [&[u8]; 4] = [
    // RFC 3986 section 2.3.
    b"-._~",
    // The same for a value taken for a path, as Python's `quote` does.
    b"-._~/",
    // A form's fields (WHATWG URL, section 5.2): browsers, Java.
    b"*-._",
    // JavaScript's `encodeURIComponent`.
    b"-._~!'()*",
];

/// The secret itself and its encodings, each in UTF-8 and UTF-16; none for an empty secret.
pub(super) fn forms(secret: &[u8]) -> Vec<Form> {
    if secret.is_empty() {
        return Vec::new();
    }
    let mut forms = vec![Zeroizing::new(secret.to_vec())];
    let encoded = url_encoded_forms(secret).into_iter().chain(base64_forms(secret));
    forms.extend(encoded.filter(|form| form.len() >= MIN_ENCODED_LEN));
    let wide: Vec<Form> = forms.iter().filter_map(|form| in_utf16(form)).collect();
    forms.extend(wide.into_iter().filter(|form| form.len() >= MIN_ENCODED_LEN));
    forms
}

/// As Windows PowerShell writes text to a file, the low byte first.
fn in_utf16(form: &[u8]) -> Option<Form> {
    let units = str::from_utf8(form).ok()?.encode_utf16();
    Some(Zeroizing::new(units.flat_map(u16::to_le_bytes).collect()))
}

fn url_encoded_forms(secret: &[u8]) -> Vec<Form> {
    let mut forms = Vec::new();
    for unreserved in UNRESERVED {
        for digits in [b"0123456789ABCDEF", b"0123456789abcdef"] {
            forms.push(url_encoded(secret, unreserved, digits));
        }
    }
    forms
}

fn url_encoded(secret: &[u8], unreserved: &[u8], digits: &[u8; 16]) -> Form {
    let mut form = Zeroizing::new(Vec::with_capacity(3 * secret.len()));
    for &byte in secret {
        if byte.is_ascii_alphanumeric() || unreserved.contains(&byte) {
            form.push(byte);
        } else {
            form.extend([b'%', digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]);
        }
    }
    form
}

/// The characters that a base64 text contains whatever surrounds the secret in it, for each of the three
/// alignments of the secret to groups of three bytes.
fn base64_forms(secret: &[u8]) -> Vec<Form> {
    let mut forms = Vec::new();
    for bytes_before in 0..3 {
        let mut plain = Zeroizing::new(Vec::with_capacity(bytes_before + secret.len()));
        plain.resize(bytes_before, 0);
        plain.extend_from_slice(secret);
        // A character stands for 6 bits; the first and the last may mix the secret with its neighbours.
        let own = (8 * bytes_before).div_ceil(6)..8 * plain.len() / 6;
        for alphabet in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let encoded = Zeroizing::new(alphabet.encode(&*plain));
            forms.push(Zeroizing::new(encoded.as_bytes()[own.clone()].to_vec()));
        }
    }
    forms
}
