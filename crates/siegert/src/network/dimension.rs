//! Dimensions, and the units of the network file.
//!
//! Every dimension is a product of powers of mV, ms and pA (so pF = pA ms/mV, nS = pA/mV, GOhm = mV/pA), with rational
//! exponents, since `sqrt` occurs. Every unit of the file is a power of ten times such a product.

use std::fmt;

/// A rational exponent in lowest terms, with a positive denominator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Exponent {
    pub(super) numerator: i16,
    pub(super) denominator: i16,
}

impl Exponent {
    pub(crate) const ZERO: Self = Self::whole(0);

    pub(crate) const fn whole(n: i16) -> Self {
        Self { numerator: n, denominator: 1 }
    }

    /// None where the exponent is larger, or its denominator, than any formula needs.
    fn new(numerator: i64, denominator: i64) -> Option<Self> {
        let divisor = greatest_common_divisor(numerator.unsigned_abs(), denominator.unsigned_abs()).max(1) as i64;
        let sign = if denominator < 0 { -1 } else { 1 };
        let (n, d) = (sign * numerator / divisor, sign * denominator / divisor);
        (n.abs() <= 1000 && (1..=1000).contains(&d)).then_some(Self { numerator: n as i16, denominator: d as i16 })
    }

    fn plus(self, other: Self) -> Option<Self> {
        let (a, b, c, d) = (self.numerator, self.denominator, other.numerator, other.denominator);
        Self::new(i64::from(a) * i64::from(d) + i64::from(c) * i64::from(b), i64::from(b) * i64::from(d))
    }

    fn times(self, other: Self) -> Option<Self> {
        Self::new(
            i64::from(self.numerator) * i64::from(other.numerator),
            i64::from(self.denominator) * i64::from(other.denominator),
        )
    }

    /// The fraction with a denominator up to 12 that `x` is, to rounding.
    pub(super) fn from_f64(x: f64) -> Option<Self> {
        (1..=12).find_map(|d| {
            let n = x * f64::from(d);
            ((n - n.round()).abs() <= 1e-9 && n.abs() <= 1e4).then(|| Self::new(n.round() as i64, i64::from(d)))?
        })
    }

    pub(super) fn as_f64(self) -> f64 {
        f64::from(self.numerator) / f64::from(self.denominator)
    }
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// A dimension: the exponents of mV, ms and pA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Dimension([Exponent; 3]);

impl Dimension {
    pub(crate) const NONE: Self = Self::of(0, 0, 0);

    pub(crate) const fn of(mv: i16, ms: i16, pa: i16) -> Self {
        Self([Exponent::whole(mv), Exponent::whole(ms), Exponent::whole(pa)])
    }

    pub(super) fn combine(self, other: Self, sign: i16) -> Option<Self> {
        let sign = Exponent::whole(sign);
        let mut result = self.0;
        for (exponent, added) in result.iter_mut().zip(other.0) {
            *exponent = exponent.plus(added.times(sign)?)?;
        }
        Some(Self(result))
    }

    pub(super) fn power(self, exponent: Exponent) -> Option<Self> {
        let mut result = self.0;
        for each in &mut result {
            *each = each.times(exponent)?;
        }
        Some(Self(result))
    }

    /// The unit in which a value of this dimension is shown, and its power of ten.
    pub(crate) fn shown_unit(self) -> (String, i32) {
        if self == Self::NONE {
            return (String::new(), 0);
        }
        if let Some(unit) = SHOWN.iter().filter_map(|name| unit(name)).find(|unit| unit.dimension == self) {
            return (unit.name.to_string(), unit.scale);
        }
        let [mv, ms, pa] = self.0;
        if mv == Exponent::ZERO && pa == Exponent::ZERO && ms.denominator == 1 && ms.numerator < 0 {
            return (format!("Hz^{}", -ms.numerator), 3 * i32::from(ms.numerator));
        }
        (self.product_of_powers(), 0)
    }

    fn product_of_powers(self) -> String {
        let mut text = String::new();
        let named = || ["mV", "ms", "pA"].into_iter().zip(self.0);
        for (name, exponent) in named().filter(|(_, e)| e.numerator > 0) {
            let separator = if text.is_empty() { "" } else { "*" };
            text += &format!("{separator}{}", power_text(name, exponent.as_f64()));
        }
        for (name, exponent) in named().filter(|(_, e)| e.numerator < 0) {
            match text.is_empty() {
                true => text += &power_text(name, exponent.as_f64()),
                false => text += &format!("/{}", power_text(name, -exponent.as_f64())),
            }
        }
        text
    }
}

fn power_text(name: &str, exponent: f64) -> String {
    if exponent == 1.0 { name.to_string() } else { format!("{name}^{exponent}") }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Measure::ALL.iter().find(|measure| measure.dimension() == *self) {
            Some(measure) => measure.fmt(f),
            None => write!(f, "a quantity in {}", self.shown_unit().0),
        }
    }
}

/// What a key of the file is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    Number,
    Voltage,
    Time,
    Rate,
    Current,
    Conductance,
    Capacitance,
    Resistance,
    PerVoltage,
}

impl Measure {
    pub(crate) const ALL: [Self; 9] = [
        Self::Number,
        Self::Voltage,
        Self::Time,
        Self::Rate,
        Self::Current,
        Self::Conductance,
        Self::Capacitance,
        Self::Resistance,
        Self::PerVoltage,
    ];

    pub(crate) fn dimension(self) -> Dimension {
        match self {
            Self::Number => Dimension::NONE,
            Self::Voltage => Dimension::of(1, 0, 0),
            Self::Time => Dimension::of(0, 1, 0),
            Self::Rate => Dimension::of(0, -1, 0),
            Self::Current => Dimension::of(0, 0, 1),
            Self::Conductance => Dimension::of(-1, 0, 1),
            Self::Capacitance => Dimension::of(-1, 1, 1),
            Self::Resistance => Dimension::of(1, 0, -1),
            Self::PerVoltage => Dimension::of(-1, 0, 0),
        }
    }

    /// The unit in which the library keeps such values.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Number => "",
            Self::Voltage => "mV",
            Self::Time => "ms",
            Self::Rate => "Hz",
            Self::Current => "pA",
            Self::Conductance => "nS",
            Self::Capacitance => "pF",
            Self::Resistance => "GOhm",
            Self::PerVoltage => "/mV",
        }
    }

    /// The power of ten of [`Measure::unit`].
    pub(crate) fn scale(self) -> i32 {
        if self == Self::Rate { -3 } else { 0 }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Number => "a plain number",
            Self::Voltage => "a voltage (mV)",
            Self::Time => "a time (ms)",
            Self::Rate => "a rate (Hz)",
            Self::Current => "a current (pA)",
            Self::Conductance => "a conductance (nS)",
            Self::Capacitance => "a capacitance (pF)",
            Self::Resistance => "a resistance (MOhm)",
            Self::PerVoltage => "an inverse voltage (1/mV)",
        })
    }
}

/// A unit: `10^scale` times a product of powers of mV, ms and pA.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unit {
    pub(crate) name: &'static str,
    pub(crate) scale: i32,
    pub(crate) dimension: Dimension,
}

/// The units in which parameters are shown, by preference.
const SHOWN: [&str; 7] = ["mV", "ms", "Hz", "pA", "nS", "pF", "MOhm"];

/// Every unit of the file. An ASCII `u` stands for micro.
pub(crate) const UNITS: [Unit; 28] = {
    const fn new(name: &'static str, scale: i32, dimension: Dimension) -> Unit {
        Unit { name, scale, dimension }
    }
    const VOLTAGE: Dimension = Dimension::of(1, 0, 0);
    const TIME: Dimension = Dimension::of(0, 1, 0);
    const RATE: Dimension = Dimension::of(0, -1, 0);
    const CURRENT: Dimension = Dimension::of(0, 0, 1);
    const CONDUCTANCE: Dimension = Dimension::of(-1, 0, 1);
    const CAPACITANCE: Dimension = Dimension::of(-1, 1, 1);
    const RESISTANCE: Dimension = Dimension::of(1, 0, -1);
    [
        new("V", 3, VOLTAGE),
        new("mV", 0, VOLTAGE),
        new("uV", -3, VOLTAGE),
        new("s", 3, TIME),
        new("ms", 0, TIME),
        new("us", -3, TIME),
        new("Hz", -3, RATE),
        new("kHz", 0, RATE),
        new("A", 12, CURRENT),
        new("mA", 9, CURRENT),
        new("uA", 6, CURRENT),
        new("nA", 3, CURRENT),
        new("pA", 0, CURRENT),
        new("S", 9, CONDUCTANCE),
        new("mS", 6, CONDUCTANCE),
        new("uS", 3, CONDUCTANCE),
        new("nS", 0, CONDUCTANCE),
        new("pS", -3, CONDUCTANCE),
        new("F", 12, CAPACITANCE),
        new("mF", 9, CAPACITANCE),
        new("uF", 6, CAPACITANCE),
        new("nF", 3, CAPACITANCE),
        new("pF", 0, CAPACITANCE),
        new("Ohm", -9, RESISTANCE),
        new("kOhm", -6, RESISTANCE),
        new("MOhm", -3, RESISTANCE),
        new("GOhm", 0, RESISTANCE),
        new("mHz", -6, RATE),
    ]
};

/// The unit of this name; the Greek letters of micro and ohm are accepted too.
pub(crate) fn unit(name: &str) -> Option<Unit> {
    if name.is_ascii() {
        return UNITS.iter().find(|unit| unit.name == name).copied();
    }
    let plain = name.replace(['\u{b5}', '\u{3bc}'], "u").replace(['\u{3a9}', '\u{2126}'], "Ohm");
    UNITS.iter().find(|unit| unit.name == plain).copied()
}
