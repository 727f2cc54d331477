//! The masking filter against a naive one, which has the whole stream before it.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use genesys_token::mask::{Filter, Masker};
use genesys_token::secret::Secret;

const MASK: &[u8] = b"****";
/// An encoded form shorter than this is not looked for.
const SHORTEST_ENCODED_FORM: usize = 8;
/// In the data: here the stream is cut.
const CUT: u8 = 0xff;
/// In the data: this, a number and another number stand for so many bytes of such a form.
const FORM: u8 = 0xfe;

/// The data: up to two secrets, each a line, and the stream.
pub fn holds(data: &[u8]) {
    let mut parts = data.splitn(3, |&byte| byte == b'\n');
    let mut secret = || String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let secrets = [secret(), secret()].map(Secret::new);
    let forms: Vec<Vec<u8>> = secrets.iter().flat_map(|secret| forms(secret.expose())).collect();
    let chunks = chunks(parts.next().unwrap_or_default(), &forms);

    let masker = Masker::new(&secrets.iter().collect::<Vec<_>>());
    let mut filter = Filter::new(&masker);
    let mut out = Out::default();
    let mut so_far = Vec::new();
    for chunk in &chunks {
        so_far.extend_from_slice(chunk);
        let writes = out.writes;
        filter.write(chunk, &mut out).expect("memory takes everything");
        assert!(out.writes <= writes + 1, "one chunk leaves in several writes");
        // Not a byte more is held back than what may still become an occurrence, and not a byte less.
        assert_eq!(out.bytes, naive(&forms, &so_far, unfinished_from(&forms, &so_far)), "{data:?}");
    }
    filter.finish(&mut out).expect("memory takes everything");
    assert_eq!(out.bytes, naive(&forms, &so_far, so_far.len()), "{data:?}");
}

#[derive(Default)]
struct Out {
    bytes: Vec<u8>,
    writes: usize,
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writes += 1;
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The stream with forms put in, in pieces.
fn chunks(stream: &[u8], forms: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut chunks = vec![Vec::new()];
    let mut bytes = stream.iter();
    while let Some(&byte) = bytes.next() {
        let last = chunks.last_mut().expect("there is one");
        match byte {
            CUT => chunks.push(Vec::new()),
            FORM if !forms.is_empty() => {
                let mut number = || usize::from(bytes.next().copied().unwrap_or_default());
                let form = &forms[number() % forms.len()];
                last.extend_from_slice(&form[..form.len().min(number())]);
            }
            byte => last.push(byte),
        }
    }
    chunks
}

/// Every byte of every occurrence that begins before `end` is hidden, and those that overlap have one mask.
fn naive(forms: &[Vec<u8>], stream: &[u8], end: usize) -> Vec<u8> {
    let (mut out, mut hidden_to) = (Vec::new(), 0);
    for at in 0..end {
        let found = forms.iter().filter(|form| stream[at..].starts_with(form)).map(Vec::len).max();
        if found.is_some() && at >= hidden_to {
            out.extend_from_slice(MASK);
        }
        hidden_to = hidden_to.max(at + found.unwrap_or(0));
        if at >= hidden_to {
            out.push(stream[at]);
        }
    }
    out
}

/// Where the longest end begins that is the beginning of a form, and not all of it.
fn unfinished_from(forms: &[Vec<u8>], stream: &[u8]) -> usize {
    let is_unfinished = |end: &[u8]| forms.iter().any(|form| form.len() > end.len() && form.starts_with(end));
    (0..stream.len()).find(|&at| is_unfinished(&stream[at..])).unwrap_or(stream.len())
}

/// The secret, percent-encoded as four kinds of encoders do and in either case, and what all base64 texts have in common
/// that it lies in.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    if secret.is_empty() {
        return Vec::new();
    }
    let mut encoded = Vec::new();
    for left_alone in ["-._~", "-._~/", "*-._", "-._~!'()*"] {
        let upper: String = secret.bytes().map(|byte| percent(byte, left_alone)).collect();
        let lower = secret.bytes().map(|byte| {
            let shown = percent(byte, left_alone);
            if shown.len() > 1 { shown.to_lowercase() } else { shown }
        });
        encoded.extend([lower.collect(), upper]);
    }
    for before in 0..3 {
        let surrounded = |by: u8| [vec![by; before], secret.as_bytes().to_vec(), vec![by; 2]].concat();
        for alphabet in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let (zeros, ones) = (alphabet.encode(surrounded(0)), alphabet.encode(surrounded(0xff)));
            let common = zeros.chars().zip(ones.chars()).filter(|(zero, one)| zero == one);
            encoded.push(common.map(|(zero, _)| zero).collect());
        }
    }
    encoded.retain(|form: &String| form.len() >= SHORTEST_ENCODED_FORM);
    encoded.into_iter().chain([secret.to_owned()]).map(String::into_bytes).collect()
}

fn percent(byte: u8, left_alone: &str) -> String {
    let c = char::from(byte);
    if c.is_ascii_alphanumeric() || left_alone.contains(c) { c.to_string() } else { format!("%{byte:02X}") }
}
