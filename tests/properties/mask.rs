//! The masking filter against a naive one, which sees the whole stream at once.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use genesys_token::mask::{Filter, Masker};
use genesys_token::secret::Secret;

const MASK: &[u8] = b"****";
/// A shorter encoded form is not searched for.
const MIN_ENCODED_FORM_LEN: usize = 8;
/// A shorter piece of a form is no run, and one with fewer different characters neither.
const MIN_RUN_LEN: usize = 16;
const MIN_DIFFERENT: usize = 6;
/// In the data: the stream is cut here.
const CUT: u8 = 0xff;
/// In the data: this byte, a number, a place and a length stand for a piece of the form with that number.
const FORM: u8 = 0xfe;
/// In the data: the stream is cut here, and pauses for so long that what is held back is released.
const PAUSE: u8 = 0xfd;

/// The data: two secrets, each on a line, and the stream.
pub(crate) fn holds(data: &[u8]) {
    let mut parts = data.splitn(3, |&byte| byte == b'\n');
    let mut secret = || String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let secrets = [secret(), secret()].map(Secret::new);
    let forms: BTreeSet<Vec<u8>> = secrets.iter().flat_map(|secret| forms(secret.expose())).collect();
    let forms: Vec<Vec<u8>> = forms.into_iter().collect();
    let pieces = Pieces::of(&forms);

    let masker = Masker::new(&secrets.iter().collect::<Vec<_>>());
    let mut filter = Filter::new(&masker);
    let mut out = Out::default();
    let mut stream = Stream::default();
    for chunk in chunks(parts.next().unwrap_or_default(), &forms) {
        stream.bytes.extend_from_slice(&chunk.bytes);
        let writes = out.writes;
        filter.write(&chunk.bytes, &mut out).expect("memory takes everything");
        assert!(out.writes <= writes + 1, "one chunk was written in several writes");
        // Held back is exactly what may still have to be hidden.
        assert_eq!(out.bytes, stream.decided(&pieces), "{data:?}");
        if chunk.before_pause {
            filter.release(&mut out).expect("memory takes everything");
            assert_eq!(out.bytes, stream.release(&pieces), "{data:?}");
        }
    }
    filter.finish(&mut out).expect("memory takes everything");
    assert_eq!(out.bytes, stream.release(&pieces), "{data:?}");
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

#[derive(Default)]
struct Chunk {
    bytes: Vec<u8>,
    before_pause: bool,
}

/// The stream with pieces of forms inserted, in chunks.
fn chunks(stream: &[u8], forms: &[Vec<u8>]) -> Vec<Chunk> {
    let mut chunks = vec![Chunk::default()];
    let mut bytes = stream.iter();
    while let Some(&byte) = bytes.next() {
        let last = chunks.last_mut().expect("there is one");
        match byte {
            CUT | PAUSE => {
                last.before_pause = byte == PAUSE;
                chunks.push(Chunk::default());
            }
            FORM if !forms.is_empty() => {
                let mut number = || usize::from(bytes.next().copied().unwrap_or_default());
                let form = &forms[number() % forms.len()];
                let rest = &form[number() % form.len()..];
                last.bytes.extend_from_slice(&rest[..rest.len().min(number())]);
            }
            byte => last.bytes.push(byte),
        }
    }
    chunks
}

/// The stream so far.
#[derive(Default)]
struct Stream {
    bytes: Vec<u8>,
    /// Of each byte that has passed, whether it was hidden.
    passed: Vec<bool>,
}

impl Stream {
    /// What is to be written by now.
    fn decided(&self, pieces: &Pieces) -> Vec<u8> {
        let hidden = self.hidden(pieces);
        let pending = pending_from(pieces, &self.bytes);
        let is_decided = |&at: &usize| at < self.passed.len() || at < pending || hidden[at];
        let end = (0..self.bytes.len()).take_while(is_decided).count();
        written(&self.bytes[..end], &hidden)
    }

    /// What is to be written when nothing is held back.
    fn release(&mut self, pieces: &Pieces) -> Vec<u8> {
        self.passed = self.hidden(pieces);
        written(&self.bytes, &self.passed)
    }

    /// Of each byte, whether it is to be hidden.
    fn hidden(&self, pieces: &Pieces) -> Vec<bool> {
        let mut hidden = vec![false; self.bytes.len()];
        for at in 0..self.bytes.len() {
            for &(piece, is_whole) in pieces.with_first(self.bytes[at]) {
                let len = common_len(&self.bytes[at..], piece);
                if is_run(&piece[..len]) || (is_whole && len == piece.len()) {
                    hidden[at..at + len].fill(true);
                }
            }
        }
        hidden[..self.passed.len()].copy_from_slice(&self.passed);
        hidden
    }
}

/// Every end of every form, and whether it is the whole form, by its first byte.
struct Pieces<'f>(BTreeMap<u8, Vec<(&'f [u8], bool)>>);

impl<'f> Pieces<'f> {
    fn of(forms: &'f [Vec<u8>]) -> Self {
        let mut pieces: BTreeMap<u8, Vec<_>> = BTreeMap::new();
        for form in forms {
            for from in 0..form.len() {
                pieces.entry(form[from]).or_default().push((&form[from..], from == 0));
            }
        }
        Self(pieces)
    }

    fn with_first(&self, byte: u8) -> &[(&'f [u8], bool)] {
        self.0.get(&byte).map_or(&[], Vec::as_slice)
    }
}

fn common_len(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

fn is_run(piece: &[u8]) -> bool {
    piece.len() >= MIN_RUN_LEN && piece.iter().collect::<BTreeSet<_>>().len() >= MIN_DIFFERENT
}

/// Where the longest end of `stream` begins that something may follow with which it has to be hidden.
fn pending_from(pieces: &Pieces, stream: &[u8]) -> usize {
    let is_pending = |at: &usize| {
        let end = &stream[*at..];
        let mut pieces = pieces.with_first(end[0]).iter();
        pieces.any(|&(piece, is_whole)| {
            piece.len() > end.len() && piece.starts_with(end) && (is_run(piece) || is_whole)
        })
    };
    (0..stream.len()).find(is_pending).unwrap_or(stream.len())
}

/// `bytes`, with one mask for all that are hidden one after the other.
fn written(bytes: &[u8], hidden: &[bool]) -> Vec<u8> {
    let mut out = Vec::new();
    for (at, &byte) in bytes.iter().enumerate() {
        if !hidden[at] {
            out.push(byte);
        } else if at == 0 || !hidden[at - 1] {
            out.extend_from_slice(MASK);
        }
    }
    out
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
    let mut forms: Vec<Vec<u8>> = Vec::new();
    for text in encoded.iter().map(String::as_str).chain([secret]) {
        let mut wide = Vec::new();
        for unit in text.encode_utf16() {
            wide.extend([(unit & 0xff) as u8, (unit >> 8) as u8]);
        }
        forms.extend((wide.len() >= MIN_ENCODED_FORM_LEN).then_some(wide));
        forms.push(text.as_bytes().to_vec());
    }
    forms
}

fn percent(byte: u8, unescaped: &str) -> String {
    let c = char::from(byte);
    if c.is_ascii_alphanumeric() || unescaped.contains(c) { c.to_string() } else { format!("%{byte:02X}") }
}
