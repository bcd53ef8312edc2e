//! Expressions of the network file: "-g * J", "20 mV / (2 ms)", "log1p(-0.1) / log1p(-1/(N_pre*N_post))".
//!
//! An expression is compiled to a flat list of operations in postfix order, each with its place in the text, and
//! evaluated on a stack of values: neither a sum of a million terms nor its evaluation needs recursion. Only the
//! compiler recurses, at most [`MAX_DEPTH`] deep.

mod compile;
mod evaluate;
mod lexer;

use std::ops::Range;
use std::sync::Arc;

pub(crate) use compile::compile;
pub(crate) use lexer::without_underscores;

use super::error::Problem;
use super::quantity::{Quantity, UNITS};

/// Parentheses, signs, powers and functions may be nested this deep.
pub(crate) const MAX_DEPTH: usize = 200;

/// The population sizes that the expressions of a projection may use.
pub(crate) const PAIR_NAMES: [&str; 2] = ["N_pre", "N_post"];

/// A mistake and the bytes of the expression it is in.
pub(crate) type Fault = (Problem, Range<usize>);

/// A compiled expression.
#[derive(Clone, Debug)]
pub(crate) struct Expression {
    /// Shared, so that copies cost little.
    operations: Arc<[Operation]>,
    /// Whether it uses `N_pre` or `N_post`.
    pub(crate) depends_on_pair: bool,
}

#[derive(Clone, Debug)]
struct Operation {
    code: Code,
    start: u32,
    end: u32,
}

#[derive(Clone, Copy, Debug)]
enum Code {
    Value(Quantity),
    Parameter(u32),
    PairName(u8),
    Negate,
    Binary(Binary),
    Call(Function, u32),
}

#[derive(Clone, Copy, Debug)]
enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Sqrt,
    Exp,
    Log,
    Log1p,
    Abs,
    Min,
    Max,
    Round,
    Floor,
    Ceil,
}

const FUNCTIONS: [(&str, Function); 10] = [
    ("sqrt", Function::Sqrt),
    ("exp", Function::Exp),
    ("log", Function::Log),
    ("log1p", Function::Log1p),
    ("abs", Function::Abs),
    ("min", Function::Min),
    ("max", Function::Max),
    ("round", Function::Round),
    ("floor", Function::Floor),
    ("ceil", Function::Ceil),
];

fn function(name: &str) -> Option<Function> {
    FUNCTIONS.iter().find(|(known, _)| *known == name).map(|(_, function)| *function)
}

impl Function {
    fn name(self) -> &'static str {
        FUNCTIONS.iter().find(|(_, function)| *function == self).map_or("", |(name, _)| name)
    }
}

/// Whether an expression belongs to a pair of populations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// It has one value.
    Once,
    /// It has a value for each pair of populations and may use `N_pre` and `N_post`.
    Pair,
}

/// The values of the parameters; None where a parameter's own definition has failed.
pub(crate) trait Values {
    fn value(&self, parameter: usize) -> Option<Quantity>;
}

/// The names of the parameters.
pub(crate) trait Names {
    fn parameter(&self, name: &str) -> Option<usize>;
    fn all(&self) -> &[&str];
    /// Whether advice on unknown names is worth its time.
    fn advise(&self) -> bool;
}

/// Why an evaluation gave no value.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something that it needs has failed already and has been reported there.
    Reported,
    /// A mistake here.
    Fault(Box<Fault>),
}

impl Expression {
    /// The parameters it mentions.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = usize> {
        self.operations.iter().filter_map(|operation| match operation.code {
            Code::Parameter(index) => Some(index as usize),
            _ => None,
        })
    }

    /// The number of operations: how much work an evaluation is.
    pub(crate) fn len(&self) -> usize {
        self.operations.len()
    }
}

/// What a name that a user wants to give to a parameter means already, if anything.
pub(crate) fn reserved_meaning(name: &str) -> Option<&'static str> {
    if super::quantity::unit(name).is_some() {
        return Some("it is a unit");
    }
    if function(name).is_some() {
        return Some("it is a function");
    }
    match name {
        "pi" | "inf" | "nan" => Some("it is a constant"),
        _ if PAIR_NAMES.contains(&name) => Some("it stands for the size of the pre- or postsynaptic population"),
        _ => None,
    }
}

/// Advice on a name that should have been a unit.
fn unit_advice(name: &str) -> Option<String> {
    if name == "ns" {
        return Some("nS is nanosiemens; write times as us or ms".to_string());
    }
    let by_case = UNITS.iter().find(|unit| unit.name.eq_ignore_ascii_case(name)).map(|unit| unit.name);
    let spelled = match name {
        "sec" | "second" | "seconds" => Some("s"),
        "msec" | "millisecond" | "milliseconds" => Some("ms"),
        "usec" => Some("us"),
        "mvolt" | "millivolt" => Some("mV"),
        "volt" | "volts" => Some("V"),
        "ohm" | "ohms" => Some("Ohm"),
        "Mohm" | "megaohm" => Some("MOhm"),
        "siemens" => Some("S"),
        "amp" | "amps" | "ampere" => Some("A"),
        "hertz" => Some("Hz"),
        "sp/s" | "spikes" => Some("Hz"),
        _ => None,
    };
    by_case.or(spelled).map(|unit| format!("did you mean {unit}?"))
}

/// Whether expressions can use `name` as a name.
pub(crate) fn is_identifier(name: &str) -> bool {
    name.chars().next().is_some_and(lexer::is_name_start) && name.chars().all(lexer::is_name_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct NoParameters;

    impl Names for NoParameters {
        fn parameter(&self, _: &str) -> Option<usize> {
            None
        }
        fn all(&self) -> &[&str] {
            &[]
        }
        fn advise(&self) -> bool {
            true
        }
    }

    impl Values for NoParameters {
        fn value(&self, _: usize) -> Option<Quantity> {
            None
        }
    }

    fn shown(text: &str) -> String {
        let expression =
            compile(text, &NoParameters, Scope::Once).unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
        expression.evaluate(&NoParameters, None).unwrap_or_else(|failure| panic!("{text}: {failure:?}")).to_string()
    }

    #[test]
    fn operators_bind_as_in_mathematics_and_units_closer_than_products() {
        for (text, value) in [
            ("1 + 2 * 3", "7"),
            ("-2^2", "-4"),
            ("2^-1", "0.5"),
            ("2^3^2", "512"),
            ("8 / 4 / 2", "1"),
            ("8 - 4 - 2", "2"),
            ("--3", "3"),
            ("1/2 ms", "500 Hz"),
            ("20 mV / (2 ms)", "10 mV/ms"),
            ("5 mV/ms", "5 mV/ms"),
            ("(20 mV)^2 / (20 mV)", "20 mV"),
            ("20 mV^2 / (1 mV)", "20 mV"),
            ("sqrt(9 mV^2)", "3 mV"),
            ("20mV", "20 mV"),
            ("3 \u{b5}V", "0.003 mV"),
            ("2 M\u{3a9} * 3 nA", "6 mV"),
            ("max(1 ms, 2000 us, 0)", "2 ms"),
            ("min(3, 1, 2)", "1"),
            ("round(2.5) + floor(-0.5) + ceil(0.5)", "3"),
            ("abs(-3 mV)", "3 mV"),
            ("2 * pi", "6.28318530718"),
            ("10_000 * 1.5e-3", "15"),
            ("log(exp(2)) + log1p(0)", "2"),
            ("0", "0"),
            ("0 + 3 mV", "3 mV"),
            ("1 us * 1 GOhm * 1 pA", "0.001 mV*ms"),
        ] {
            assert_eq!(shown(text), value, "{text}");
        }
    }

    #[test]
    fn names_with_a_meaning_are_reserved() {
        for name in ["mV", "sqrt", "pi", "N_pre", "\u{b5}V"] {
            assert!(reserved_meaning(name).is_some(), "{name}");
        }
        assert!(reserved_meaning("J").is_none() && is_identifier("\u{3c4}_m") && !is_identifier("2x"));
    }
}
