//! The masking filter against a naive one, which sees the whole stream at once.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use genesys_token::mask::{Filter, Masker};
use genesys_token::secret::Secret;

const MASK: &[u8] = b"****";
/// A shorter encoded form is not searched for.
const MIN_ENCODED_FORM_LEN: usize = 8;
/// In the data: the stream is cut here.
const CUT: u8 = 0xff;
/// In the data: this byte, a number and a length stand for the first bytes of the form with that number.
const FORM: u8 = 0xfe;

/// The data: two secrets, each on a line, and the stream.
pub(crate) fn holds(data: &[u8]) {
    let mut parts = data.splitn(3, |&byte| byte == b'\n');
    let mut secret = || String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let secrets = [secret(), secret()].map(Secret::new);
    let forms: Vec<Vec<u8>> = secrets.iter().flat_map(|secret| forms(secret.expose())).collect();
    let chunks = chunks(parts.next().unwrap_or_default(), &forms);

    let masker = Masker::new(&secrets.iter().collect::<Vec<_>>());
    let mut filter = Filter::new(&masker);
    let mut out = Out::default();
    let mut stream = Vec::new();
    for chunk in &chunks {
        stream.extend_from_slice(chunk);
        let writes = out.writes;
        filter.write(chunk, &mut out).expect("memory takes everything");
        assert!(out.writes <= writes + 1, "one chunk was written in several writes");
        // Held back is exactly what may still become an occurrence.
        assert_eq!(out.bytes, naive(&forms, &stream, unfinished_from(&forms, &stream)), "{data:?}");
    }
    filter.finish(&mut out).expect("memory takes everything");
    assert_eq!(out.bytes, naive(&forms, &stream, stream.len()), "{data:?}");
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

/// The stream with forms inserted, in chunks.
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

/// Hides every byte of every occurrence that begins before `end`, with one mask for those that overlap.
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

/// Where the longest suffix of `stream` begins that is the beginning, but not the whole, of a form.
fn unfinished_from(forms: &[Vec<u8>], stream: &[u8]) -> usize {
    let is_unfinished = |end: &[u8]| forms.iter().any(|form| form.len() > end.len() && form.starts_with(end));
    (0..stream.len()).find(|&at| is_unfinished(&stream[at..])).unwrap_or(stream.len())
}

/// The secret itself; percent-encoded as four kinds of encoders do it, in either case; and the part of its base64 that
/// depends on the secret alone, at each alignment.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    if secret.is_empty() {
        return Vec::new();
    }
    let mut encoded = Vec::new();
    for unescaped in ["-._~", "-._~/", "*-._", "-._~!'()*"] {
        let upper: String = secret.bytes().map(|byte| percent(byte, unescaped)).collect();
        let lower = secret.bytes().map(|byte| {
            let shown = percent(byte, unescaped);
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
    encoded.retain(|form: &String| form.len() >= MIN_ENCODED_FORM_LEN);
    encoded.into_iter().chain([secret.to_owned()]).map(String::into_bytes).collect()
}

fn percent(byte: u8, unescaped: &str) -> String {
    let c = char::from(byte);
    if c.is_ascii_alphanumeric() || unescaped.contains(c) { c.to_string() } else { format!("%{byte:02X}") }
}
