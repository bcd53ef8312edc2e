//! The value of a compiled expression.
//!
//! Every operation is checked: dimensions where they must agree, divisors, domains of functions, and that the result
//! is a finite number. The first mistake is returned with the bytes of the sub-expression it is in.

use super::{Binary, Code, Expression, Failure, Function, Operation, Problem, Values};
use crate::network::quantity::{Dimension, Quantity};

impl Expression {
    /// The value, given the parameters and, in a projection, the sizes of its populations.
    ///
    /// # Errors
    ///
    /// [`Failure::Reported`] if a parameter has no value, else the mistake.
    pub(crate) fn evaluate(&self, values: &dyn Values, sizes: Option<[f64; 2]>) -> Result<Quantity, Failure> {
        let mut stack: Vec<Quantity> = Vec::new();
        for (index, operation) in self.operations.iter().enumerate() {
            let fault = |problem| Failure::Fault(Box::new((problem, operation.start as usize..operation.end as usize)));
            let value = match operation.code {
                Code::Value(value) => value,
                Code::Parameter(index) => values.value(index as usize).ok_or(Failure::Reported)?,
                Code::PairName(index) => Quantity::number(sizes.ok_or(Failure::Reported)?[usize::from(index)]),
                Code::Negate => pop(&mut stack).negated(),
                Code::Binary(operator) => {
                    let right = pop(&mut stack);
                    let left = pop(&mut stack);
                    binary(operator, left, right).map_err(fault)?
                }
                Code::Call(function, count) => {
                    let arguments = stack.split_off(stack.len() - count as usize);
                    call(function, &arguments).map_err(fault)?
                }
            };
            let value = finite(value, operation)?;
            if index + 1 == self.operations.len() {
                return Ok(value); // a lone number or name needs no stack
            }
            stack.push(value);
        }
        Ok(pop(&mut stack))
    }
}

#[expect(clippy::expect_used, reason = "the compiler pushes the operands of every operation")]
fn pop(stack: &mut Vec<Quantity>) -> Quantity {
    stack.pop().expect("operands are there")
}

fn finite(value: Quantity, operation: &Operation) -> Result<Quantity, Failure> {
    if value.is_finite() {
        return Ok(value);
    }
    Err(Failure::Fault(Box::new((Problem::Overflow, operation.start as usize..operation.end as usize))))
}

fn binary(operator: Binary, left: Quantity, right: Quantity) -> Result<Quantity, Problem> {
    match operator {
        Binary::Add => left.plus(right).ok_or_else(|| incompatible("added", left, right)),
        Binary::Subtract => left.plus(right.negated()).ok_or_else(|| incompatible("subtracted", left, right)),
        Binary::Multiply => left.times(right),
        Binary::Divide => left.over(right),
        Binary::Power => {
            let exponent = plain("the exponent", right)?;
            let result = left.power(exponent)?;
            match result.base().is_nan() {
                true => Err(Problem::OutsideDomain {
                    function: "a power that is not whole",
                    argument: format!("the negative base {left}"),
                }),
                false => Ok(result),
            }
        }
    }
}

fn incompatible(operation: &'static str, left: Quantity, right: Quantity) -> Problem {
    Problem::Incompatible { operation, left: left.dimension().to_string(), right: right.dimension().to_string() }
}

fn plain(what: &'static str, value: Quantity) -> Result<f64, Problem> {
    match value.fits(Dimension::NONE) {
        true => Ok(value.base()),
        false => Err(Problem::NotPlain { what, found: value.dimension().to_string() }),
    }
}

fn call(function: Function, arguments: &[Quantity]) -> Result<Quantity, Problem> {
    let argument = arguments[0];
    let outside = || Problem::OutsideDomain { function: function.name(), argument: argument.to_string() };
    Ok(match function {
        Function::Sqrt if argument.base() < 0.0 => return Err(outside()),
        Function::Sqrt => argument.power(0.5)?,
        Function::Abs => argument.with_digits_of(f64::abs),
        Function::Exp => Quantity::number(plain("the argument of exp", argument)?.exp()),
        Function::Log => {
            let x = plain("the argument of log", argument)?;
            if x <= 0.0 { return Err(outside()) } else { Quantity::number(x.ln()) }
        }
        Function::Log1p => {
            let x = plain("the argument of log1p", argument)?;
            if x <= -1.0 { return Err(outside()) } else { Quantity::number(x.ln_1p()) }
        }
        Function::Round => Quantity::number(plain("the argument of round", argument)?.round()),
        Function::Floor => Quantity::number(plain("the argument of floor", argument)?.floor()),
        Function::Ceil => Quantity::number(plain("the argument of ceil", argument)?.ceil()),
        Function::Min => extreme(arguments, Quantity::min)?,
        Function::Max => extreme(arguments, |a, b| Some(a.negated().min(b.negated())?.negated()))?,
    })
}

fn extreme(
    arguments: &[Quantity],
    better: impl Fn(Quantity, Quantity) -> Option<Quantity>,
) -> Result<Quantity, Problem> {
    arguments[1..]
        .iter()
        .try_fold(arguments[0], |best, &next| better(best, next).ok_or_else(|| incompatible("compared", best, next)))
}
