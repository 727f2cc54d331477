//! The pieces of eight bytes that occur in some forms: a quick look at every ninth place of a stream.

use super::runs::MIN_RUN_LEN;

/// Bytes: as many as a processor compares at once.
pub(super) const GRAM_LEN: usize = 8;

/// A run of the least length has so many pieces of eight bytes: of as many neighbouring places one is looked at.
pub(super) const STRIDE: usize = MIN_RUN_LEN - GRAM_LEN + 1;

/// Bytes, by their logarithm. They stay in a core's second cache, and what is asked for often in its first; a Genesys
/// token fills one in fifty.
const MIN_LOG_LEN: u32 = 16;

/// So many places are looked at before anything is decided, which lets a processor do it at once.
const LOOKS: usize = 8;
const BLOCK_LEN: usize = (LOOKS - 1) * STRIDE + GRAM_LEN;

/// A Bloom filter of pieces, with two bits for each: it forgets none, and rarely takes another one for its own.
#[derive(Clone)]
pub(super) struct Grams {
    table: Box<[u8]>,
    log_len: u32,
}

/// One bit of the table.
struct Bit {
    byte: usize,
    mask: u8,
}

impl Grams {
    /// All pieces of `forms`.
    pub(super) fn of<'f>(forms: impl Iterator<Item = &'f [u8]> + Clone) -> Self {
        let count: usize = forms.clone().map(<[u8]>::len).sum();
        // A byte for each, and seven that stay empty.
        let log_len = (count.max(1).ilog2() + 4).max(MIN_LOG_LEN);
        let mut grams = Self { table: vec![0; 1 << log_len].into_boxed_slice(), log_len };
        for gram in forms.flat_map(|form| form.windows(GRAM_LEN)) {
            for bit in grams.bits(mixed(gram, 0)) {
                grams.table[bit.byte] |= bit.mask;
            }
        }
        grams
    }

    /// The first of `at`, `at` + [`STRIDE`], … where a piece begins, if that is before the end; and where the search
    /// ended, whether there or at the first place with less than eight bytes after it.
    pub(super) fn find(&self, bytes: &[u8], mut at: usize) -> (bool, usize) {
        loop {
            while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk::<BLOCK_LEN>()) {
                let look = |number| self.table[self.bit(mixed(block, number * STRIDE)).byte];
                if (0..LOOKS).fold(0, |all, number| all | look(number)) != 0 {
                    break;
                }
                at += LOOKS * STRIDE;
            }
            for _ in 0..LOOKS {
                match bytes.get(at..at + GRAM_LEN) {
                    Some(gram) if self.may_contain(gram) => return (true, at),
                    Some(_) => at += STRIDE,
                    None => return (false, at),
                }
            }
        }
    }

    fn may_contain(&self, gram: &[u8]) -> bool {
        self.bits(mixed(gram, 0)).iter().all(|bit| self.table[bit.byte] & bit.mask != 0)
    }

    /// Two bits for each piece, from two parts of the number that it is mixed to.
    fn bits(&self, mixed: u64) -> [Bit; 2] {
        [self.bit(mixed), self.bit(mixed.rotate_left(27))]
    }

    #[allow(clippy::cast_possible_truncation, reason = "they are cut to the length of the table")]
    fn bit(&self, mixed: u64) -> Bit {
        let uppermost = mixed >> (u64::BITS - self.log_len - u8::BITS.ilog2());
        Bit { byte: (uppermost >> 3) as usize & (self.table.len() - 1), mask: 1 << (uppermost & 7) }
    }
}

/// The piece at `at` as a number whose uppermost bits depend on all of it.
fn mixed(bytes: &[u8], at: usize) -> u64 {
    let gram = bytes[at..at + GRAM_LEN].first_chunk().expect("as long as that");
    // The golden ratio, as Fibonacci hashing has it.
    u64::from_le_bytes(*gram).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &[u8] = b"q9Zk-7_XbT3vLw0s8RfYh2Jd5NcPgMuE";

    #[test]
    fn every_piece_is_found_wherever_it_is_looked_for() {
        let grams = Grams::of([FORM].into_iter());
        for at in 0..=FORM.len() - GRAM_LEN {
            assert_eq!(grams.find(FORM, at), (true, at));
        }
        for looks in 0..40 {
            let text = [&vec![b'='; looks * STRIDE + 5], FORM, &[b'='; 100]].concat();
            assert_eq!(grams.find(&text, 5), (true, looks * STRIDE + 5));
        }
    }

    #[test]
    fn hardly_any_other_piece_is_found() {
        let grams = Grams::of([FORM].into_iter());
        let others = (0..100_000_u64).map(|number| number.wrapping_mul(0xd134_2543_de82_ef95).to_le_bytes());
        assert!(others.filter(|gram| grams.may_contain(gram)).count() < 10);
    }

    #[test]
    fn a_search_ends_where_no_piece_fits() {
        let grams = Grams::of(std::iter::empty());
        for length in 0..200 {
            let (is_found, at) = grams.find(&vec![0; length], 3);
            let least = (length + 1).saturating_sub(GRAM_LEN).max(3);
            assert!(
                !is_found && at >= least && at < least + STRIDE && (at - 3) % STRIDE == 0,
                "{length} {at}"
            );
        }
    }
}
