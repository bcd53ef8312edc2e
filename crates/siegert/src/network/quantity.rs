//! Quantities: numbers with a dimension.
//!
//! Every unit of the file is a power of ten times mV, ms and pA and their products. A [`Quantity`] keeps that power of
//! ten apart from the digits: "10 Hz" is the number 10 with the scale -3, and asked for in Hz it is
//! exactly 10.0 again. A conversion rounds at most once.

use std::fmt;

use super::dimension::Exponent;
pub(crate) use super::dimension::{Dimension, Measure, UNITS, Unit, unit};
use super::error::Problem;
use crate::Shown;

/// `digits * 10^scale` in the base units of `dimension`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Quantity {
    digits: f64,
    scale: i32,
    dimension: Dimension,
    /// The number 0 written without a unit (and what follows from it): zero of whichever dimension is needed.
    any_zero: bool,
}

/// Larger scales are folded into the digits: up to here a power of ten is exact.
const MAX_SCALE: i32 = 22;

impl Quantity {
    pub(crate) fn number(value: f64) -> Self {
        Self { digits: value, scale: 0, dimension: Dimension::NONE, any_zero: value == 0.0 }
    }

    pub(crate) fn of_unit(unit: Unit) -> Self {
        Self { digits: 1.0, scale: unit.scale, dimension: unit.dimension, any_zero: false }
    }

    /// A number with a unit written after it; unlike the bare 0, "0 Hz" is a rate.
    pub(crate) fn with_unit(value: f64, unit: Self) -> Self {
        Self { digits: value * unit.digits, ..unit }
    }

    pub(crate) fn dimension(&self) -> Dimension {
        self.dimension
    }

    pub(crate) fn is_any_zero(&self) -> bool {
        self.any_zero
    }

    /// Whether it is 1 times a power of ten.
    pub(crate) fn has_no_digits(&self) -> bool {
        self.digits == 1.0
    }

    pub(crate) fn is_finite(&self) -> bool {
        self.base().is_finite()
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.digits == 0.0
    }

    /// Whether it may stand where `dimension` is asked for.
    pub(crate) fn fits(&self, dimension: Dimension) -> bool {
        self.any_zero || self.dimension == dimension
    }

    /// The value in `10^scale` base units.
    pub(crate) fn in_scale(&self, scale: i32) -> f64 {
        times_power_of_ten(self.digits, self.scale - scale)
    }

    /// The value in the base units.
    pub(crate) fn base(&self) -> f64 {
        self.in_scale(0)
    }

    /// The value and its unit, as it is shown to a user.
    pub(crate) fn shown(&self) -> (f64, String) {
        let (unit, scale) = self.dimension.shown_unit();
        (self.in_scale(scale), unit)
    }

    fn normalised(mut self) -> Self {
        if self.dimension == Dimension::NONE || self.scale.abs() > MAX_SCALE {
            self.digits = self.base();
            self.scale = 0;
        }
        self
    }

    pub(crate) fn negated(self) -> Self {
        Self { digits: -self.digits, ..self }
    }

    pub(crate) fn with_digits_of(self, f: impl Fn(f64) -> f64) -> Self {
        Self { digits: f(self.digits), ..self }
    }

    /// Same dimension, digits on a common scale; None if the dimensions differ.
    pub(crate) fn aligned(self, other: Self) -> Option<(Self, Self)> {
        if self.any_zero && other.any_zero {
            return Some((self, other));
        }
        if self.any_zero {
            return Some((Self { digits: self.digits, any_zero: false, ..other }, other));
        }
        if other.any_zero {
            return Some((self, Self { digits: other.digits, any_zero: false, ..self }));
        }
        if self.dimension != other.dimension {
            return None;
        }
        if self.scale == other.scale {
            return Some((self, other));
        }
        Some((Self { digits: self.base(), scale: 0, ..self }, Self { digits: other.base(), scale: 0, ..other }))
    }

    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let (a, b) = self.aligned(other)?;
        Some(Self { digits: a.digits + b.digits, any_zero: a.any_zero && b.any_zero, ..a })
    }

    /// The smaller of two of the same dimension.
    pub(crate) fn min(self, other: Self) -> Option<Self> {
        let (a, b) = self.aligned(other)?;
        Some(if b.digits < a.digits { b } else { a })
    }

    pub(crate) fn times(self, other: Self) -> Result<Self, Problem> {
        let dimension = self.dimension.combine(other.dimension, 1).ok_or(Problem::DimensionTooLarge)?;
        let any_zero = self.any_zero || other.any_zero;
        let digits = self.digits * other.digits;
        Ok(Self { digits, scale: self.scale + other.scale, dimension, any_zero }.normalised())
    }

    pub(crate) fn over(self, other: Self) -> Result<Self, Problem> {
        if other.is_zero() {
            return Err(Problem::DivisionByZero);
        }
        let dimension = self.dimension.combine(other.dimension, -1).ok_or(Problem::DimensionTooLarge)?;
        let digits = self.digits / other.digits;
        Ok(Self { digits, scale: self.scale - other.scale, dimension, any_zero: self.any_zero }.normalised())
    }

    pub(crate) fn power(self, exponent: f64) -> Result<Self, Problem> {
        if self.is_zero() && exponent < 0.0 {
            return Err(Problem::DivisionByZero);
        }
        if self.any_zero {
            return Ok(if exponent == 0.0 { Self::number(1.0) } else { self });
        }
        if self.dimension == Dimension::NONE {
            return Ok(Self { digits: power(self.digits, exponent), ..self });
        }
        let fraction = Exponent::from_f64(exponent).ok_or(Problem::ExponentNotRational { exponent })?;
        let dimension = self.dimension.power(fraction).ok_or(Problem::DimensionTooLarge)?;
        let scaled = self.scale * i32::from(fraction.numerator);
        let (digits, scale) = match scaled % i32::from(fraction.denominator) {
            0 => (self.digits, scaled / i32::from(fraction.denominator)),
            _ => (self.base(), 0),
        };
        Ok(Self { digits: power(digits, fraction.as_f64()), scale, dimension, any_zero: false }.normalised())
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, unit) = self.shown();
        write!(f, "{}{}{unit}", Shown(value), if unit.is_empty() { "" } else { " " })
    }
}

fn power(x: f64, exponent: f64) -> f64 {
    if exponent == 0.5 {
        x.sqrt()
    } else if exponent == 2.0 {
        x * x
    } else {
        x.powf(exponent)
    }
}

/// `x * 10^n`, rounded once where the power of ten is exact.
fn times_power_of_ten(x: f64, n: i32) -> f64 {
    const POWERS: [f64; 23] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ];
    match POWERS.get(n.unsigned_abs() as usize) {
        Some(power) if n >= 0 => x * power,
        Some(power) => x / power,
        None => {
            let half = n / 2;
            x * 10f64.powi(half) * 10f64.powi(n - half)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(value: f64, name: &str) -> Quantity {
        Quantity::with_unit(value, Quantity::of_unit(unit(name).unwrap()))
    }

    #[test]
    fn a_value_comes_back_exactly_in_the_unit_it_was_written_in() {
        for unit in UNITS {
            for value in [0.1, 0.3, 1.5, 2.0 / 3.0, 7.9, 10.0, 250.0, 350.7, 1e-9, 1e9] {
                assert_eq!(quantity(value, unit.name).in_scale(unit.scale), value, "{value} {}", unit.name);
            }
        }
    }

    #[test]
    fn shown_units_are_those_of_the_field() {
        for (value, name) in [(10.0, "Hz"), (0.1, "mV"), (250.0, "pF"), (30.0, "nS"), (40.0, "MOhm"), (15.0, "pA")] {
            assert_eq!(quantity(value, name).shown(), (value, name.to_string()));
        }
        let slope = quantity(5.0, "mV").over(quantity(1.0, "ms")).unwrap();
        assert_eq!(slope.shown(), (5.0, "mV/ms".to_string()));
        assert_eq!(quantity(3.0, "Hz").power(2.0).unwrap().shown(), (9.0, "Hz^2".to_string()));
    }

    #[test]
    fn derived_units_are_products_of_the_base_units() {
        let time = quantity(250.0, "pF").over(quantity(25.0, "nS")).unwrap();
        assert_eq!(time.shown(), (10.0, "ms".to_string()));
        let voltage = quantity(0.5, "nA").times(quantity(40.0, "MOhm")).unwrap();
        assert_eq!(voltage.shown(), (20.0, "mV".to_string()));
        assert_eq!(quantity(4.0, "s").times(quantity(9.0, "kHz")).unwrap(), Quantity::number(36000.0));
    }

    #[test]
    fn roots_keep_the_dimension_and_the_digits() {
        let root = quantity(4.0, "mV").times(quantity(9.0, "V")).unwrap().power(0.5).unwrap();
        assert_eq!(root.dimension(), Dimension::of(1, 0, 0));
        assert!((root.base() - 6.0 * 1000f64.sqrt()).abs() < 1e-12);
        assert!(quantity(1.0, "mV").power(0.1234).is_err());
    }

    #[test]
    fn zero_without_a_unit_fits_everywhere_but_zero_hertz_is_no_voltage() {
        assert!(Quantity::number(-0.0).fits(Dimension::of(1, 0, 0)));
        assert!(!quantity(0.0, "Hz").fits(Dimension::of(1, 0, 0)));
        let sum = Quantity::number(0.0).plus(quantity(3.0, "mV")).unwrap();
        assert_eq!(sum, quantity(3.0, "mV"));
    }
}
