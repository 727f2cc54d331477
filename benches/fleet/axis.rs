//! A logarithmic axis.

use crate::number::grouped;

/// From one power of ten to another, over so many pixels; backwards if `to` is less than `from`.
pub(crate) struct Axis {
    pub(crate) exponents: (i32, i32),
    pub(crate) from: f64,
    pub(crate) to: f64,
}

impl Axis {
    /// Where `value` is.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let (first, last) = self.exponents;
        let share = (value.log10() - f64::from(first)) / f64::from(last - first);
        self.from + (self.to - self.from) * share
    }

    /// Every power of ten, and its name.
    pub(crate) fn ticks(&self) -> impl Iterator<Item = (f64, String)> {
        (self.exponents.0..=self.exponents.1).map(|exponent| {
            let value = 10_f64.powi(exponent);
            let name = if exponent < 0 { value.to_string() } else { grouped(&value.to_string()) };
            (self.at(value), name)
        })
    }
}
