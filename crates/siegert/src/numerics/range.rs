//! Closed ranges of real numbers, for bounds: what may be anywhere between `lo` and `hi`, ends at infinity included.
//!
//! Ends are rounded to nearest, not outwards; who draws conclusions from them leaves a margin. Zero times infinity is zero:
//! an end at infinity stands for numbers without bound, each of them finite.

use std::ops::{Add, Mul, Neg, Sub};

/// The numbers from `lo` to `hi`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range {
    pub(crate) lo: f64,
    pub(crate) hi: f64,
}

impl Range {
    pub(crate) const ZERO: Range = Range { lo: 0.0, hi: 0.0 };

    pub(crate) fn new(lo: f64, hi: f64) -> Self {
        Range { lo, hi }
    }

    /// `x` alone.
    pub(crate) fn point(x: f64) -> Self {
        Range { lo: x, hi: x }
    }

    pub(crate) fn width(self) -> f64 {
        self.hi - self.lo
    }

    pub(crate) fn middle(self) -> f64 {
        0.5 * (self.lo + self.hi)
    }

    /// Whether 0 is outside.
    pub(crate) fn excludes_zero(self) -> bool {
        self.lo > 0.0 || self.hi < 0.0
    }

    pub(crate) fn is_finite(self) -> bool {
        self.lo.is_finite() && self.hi.is_finite()
    }

    /// The numbers in both; `None` if there are none.
    pub(crate) fn intersection(self, other: Self) -> Option<Self> {
        let both = Range { lo: self.lo.max(other.lo), hi: self.hi.min(other.hi) };
        (both.lo <= both.hi).then_some(both)
    }

    pub(crate) fn widened(self, by: f64) -> Self {
        Range { lo: self.lo - by, hi: self.hi + by }
    }

    /// The largest absolute value.
    pub(crate) fn magnitude(self) -> f64 {
        self.lo.abs().max(self.hi.abs())
    }

    pub(crate) fn scaled(self, factor: f64) -> Self {
        let (p, q) = (product(self.lo, factor), product(self.hi, factor));
        if factor < 0.0 { Range { lo: q, hi: p } } else { Range { lo: p, hi: q } }
    }
}

/// The product, 0 if a factor is.
fn product(x: f64, y: f64) -> f64 {
    if x == 0.0 || y == 0.0 { 0.0 } else { x * y }
}

impl Add for Range {
    type Output = Range;

    fn add(self, other: Range) -> Range {
        Range { lo: self.lo + other.lo, hi: self.hi + other.hi }
    }
}

impl Sub for Range {
    type Output = Range;

    fn sub(self, other: Range) -> Range {
        Range { lo: self.lo - other.hi, hi: self.hi - other.lo }
    }
}

impl Neg for Range {
    type Output = Range;

    fn neg(self) -> Range {
        Range { lo: -self.hi, hi: -self.lo }
    }
}

impl Mul for Range {
    type Output = Range;

    fn mul(self, other: Range) -> Range {
        let products = [
            product(self.lo, other.lo),
            product(self.lo, other.hi),
            product(self.hi, other.lo),
            product(self.hi, other.hi),
        ];
        let lo = products.iter().copied().fold(f64::INFINITY, f64::min);
        let hi = products.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Range { lo, hi }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_hold_every_result_of_numbers_within() {
        let ranges = [Range::new(-2.0, 3.0), Range::new(0.5, 4.0), Range::new(-7.0, -1.0), Range::ZERO];
        let within = |r: Range| [r.lo, 0.3 * r.lo + 0.7 * r.hi, r.hi];
        for p in ranges {
            for q in ranges {
                for (x, y) in within(p).into_iter().flat_map(|x| within(q).map(|y| (x, y))) {
                    for (r, z) in [(p + q, x + y), (p - q, x - y), (p * q, x * y), (-p, -x)] {
                        assert!(r.lo - 1e-12 <= z && z <= r.hi + 1e-12, "{p:?} {q:?}: {r:?} {z}");
                    }
                }
            }
        }
    }

    #[test]
    fn numbers_without_bound_times_zero_are_zero() {
        assert_eq!(Range::new(0.0, f64::INFINITY) * Range::new(0.0, 2.0), Range::new(0.0, f64::INFINITY));
        assert_eq!(Range::new(1.0, f64::INFINITY) * Range::ZERO, Range::ZERO);
        assert_eq!(Range::new(f64::NEG_INFINITY, -1.0).scaled(-2.0), Range::new(2.0, f64::INFINITY));
    }
}
