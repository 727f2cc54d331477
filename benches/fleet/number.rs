//! Numbers for people.

use std::time::Duration;

/// `0.04`, `17.4`, `1,234`: as exact as it is of use.
pub(crate) fn rounded(number: f64) -> String {
    match number {
        0.0 => "0".to_owned(),
        ..1.0 => format!("{number:.2}"),
        ..100.0 => format!("{number:.1}"),
        _ => grouped(&format!("{number:.0}")),
    }
}

/// With commas between the thousands.
pub(crate) fn grouped(digits: &str) -> String {
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `150 ms` or `15.7 s`.
pub(crate) fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 1.0 { format!("{} ms", time.as_millis()) } else { format!("{seconds:.1} s") }
}
