//! Durations as people read and write them: `23h 41m`, `1h30m`.

use std::time::Duration;

use crate::secret;

/// `23h 41m`, `4m 10s` or `12s`.
pub fn format_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 86_400, seconds / 3_600, seconds / 60) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, minutes) => format!("{minutes}m {}s", seconds % 60),
        (days, hours, minutes) if days < 2 => format!("{hours}h {}m", minutes % 60),
        (days, hours, _) => format!("{days}d {}h", hours % 24),
    }
}

/// Parses `90`, `90s`, `20m`, `2h` or `1h30m`; a bare number is seconds.
///
/// # Errors
/// A sentence that says what a duration looks like.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let refuse = || format!("{} is not a duration; write 90, 90s, 20m, 2h or 1h30m", secret::quoted(text));
    let mut total = 0_u64;
    let mut digits = String::new();
    for character in text.trim().chars() {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        let unit = match character {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return Err(refuse()),
        };
        let amount: u64 = digits.parse().map_err(|_| refuse())?;
        total = amount.checked_mul(unit).and_then(|part| total.checked_add(part)).ok_or_else(refuse)?;
        digits.clear();
    }
    if digits.is_empty() {
        return if text.trim().is_empty() { Err(refuse()) } else { Ok(Duration::from_secs(total)) };
    }
    if total > 0 {
        return Err(refuse());
    }
    digits.parse().map(Duration::from_secs).map_err(|_| refuse())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_spellings_are_parsed() {
        let seconds = |text| parse_duration(text).map(|d| d.as_secs());
        assert_eq!(seconds("90"), Ok(90));
        assert_eq!(seconds("20m"), Ok(1_200));
        assert_eq!(seconds("1h30m"), Ok(5_400));
        for bad in ["", "m", "1h30", "-5", "1.5h", "20 m", "99999999999999999999", "99999999999999999d"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_duration_is_formatted_in_its_two_largest_units() {
        let formatted = |seconds| format_duration(Duration::from_secs(seconds));
        assert_eq!(formatted(12), "12s");
        assert_eq!(formatted(250), "4m 10s");
        assert_eq!(formatted(85_260), "23h 41m");
        assert_eq!(formatted(86_400 * 3 + 3_600), "3d 1h");
    }
}
