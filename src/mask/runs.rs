//! What makes a piece of a form worth hiding.

/// Characters. A shorter piece of a token is of no use to anyone, and is too likely to be something else.
pub(super) const MIN_RUN_LEN: usize = 16;

/// Different characters in a run. Zeros, blanks and rules of dashes stay as they are, also if a form contains some.
const MIN_DIFFERENT: usize = 6;

/// Longer than anything.
pub(super) const NEVER: u32 = u32::MAX;

/// For each end in `form`, the length of the shortest run that ends there; [`NEVER`] where none does.
pub(super) fn shortest_runs(form: &[u8]) -> Vec<u32> {
    let mut counts = [0_usize; 256];
    let (mut different, mut start) = (0, 0);
    let shortest_at = |(end, &byte): (usize, &u8)| {
        different += usize::from(counts[usize::from(byte)] == 0);
        counts[usize::from(byte)] += 1;
        // Without what is not needed for so many different ones.
        while different > MIN_DIFFERENT
            || (different == MIN_DIFFERENT && counts[usize::from(form[start])] > 1)
        {
            counts[usize::from(form[start])] -= 1;
            different -= usize::from(counts[usize::from(form[start])] == 0);
            start += 1;
        }
        let length = (end + 1 - start).max(MIN_RUN_LEN);
        let exists = different == MIN_DIFFERENT && length <= end + 1;
        if exists { u32::try_from(length).unwrap_or(NEVER) } else { NEVER }
    };
    form.iter().enumerate().map(shortest_at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_has_16_characters_and_6_different_ones() {
        assert_eq!(shortest_runs(b"abcdefghijklmno"), [NEVER; 15]);
        let runs = shortest_runs(b"aaaaaaaaaaaaaaaaabcdefffffffffffff");
        assert_eq!(runs[..21], [NEVER; 21]);
        assert_eq!(runs[21..27], [16; 6]);
        assert_eq!(runs[33], 18);
    }
}
