//! From the text of an expression to its list of operations.
//!
//! ```text
//! sum     = product { ("+" | "-") product }
//! product = signed { ("*" | "/") signed }
//! signed  = ("+" | "-") signed | power
//! power   = atom [ "^" signed ]
//! atom    = number [ unit [ "^" ["-"] number ] ] | name | function "(" sum { "," sum } ")" | "(" sum ")"
//! ```

use std::ops::Range;

use super::lexer::{Lexer, Token};
use super::{
    Binary, Code, Expression, FUNCTIONS, Fault, Function, MAX_DEPTH, Names, Operation, PAIR_NAMES, Problem, Scope,
};
use crate::network::quantity::{Quantity, UNITS, unit};
use crate::network::spelling::{listed, nearest, shortened};

/// Compiles `text`; `scope` says whether `N_pre` and `N_post` have a meaning here.
///
/// # Errors
///
/// Every unknown name, and the first mistake of syntax.
pub(crate) fn compile(text: &str, names: &dyn Names, scope: Scope) -> Result<Expression, Vec<Fault>> {
    if text.trim().is_empty() {
        return Err(vec![(Problem::EmptyExpression, 0..text.len())]);
    }
    let mut compiler = Compiler {
        text,
        lexer: Lexer::new(text),
        token: Token::End,
        span: 0..0,
        previous_end: 0,
        depth: 0,
        operations: Vec::new(),
        names,
        scope,
        unknown: Vec::new(),
    };
    match compiler.whole() {
        Ok(()) if compiler.unknown.is_empty() => {
            let depends_on_pair = compiler.operations.iter().any(|o| matches!(o.code, Code::PairName(_)));
            Ok(Expression { operations: compiler.operations.into(), depends_on_pair })
        }
        Ok(()) => Err(compiler.unknown),
        Err(fault) => {
            compiler.unknown.push(fault);
            Err(compiler.unknown)
        }
    }
}

struct Compiler<'t> {
    text: &'t str,
    lexer: Lexer<'t>,
    /// The token to be read next, and its bytes.
    token: Token<'t>,
    span: Range<usize>,
    previous_end: usize,
    depth: usize,
    operations: Vec<Operation>,
    names: &'t dyn Names,
    scope: Scope,
    unknown: Vec<Fault>,
}

/// Unknown names of one expression beyond this number are not reported.
const MAX_UNKNOWN: usize = 20;

impl<'t> Compiler<'t> {
    fn whole(&mut self) -> Result<(), Fault> {
        self.advance()?;
        self.sum()?;
        match self.token {
            Token::End => Ok(()),
            _ => Err(self.unexpected_after_operand()),
        }
    }

    fn advance(&mut self) -> Result<(), Fault> {
        self.previous_end = self.span.end;
        (self.token, self.span) = self.lexer.next()?;
        Ok(())
    }

    fn push(&mut self, code: Code, start: usize) {
        self.operations.push(Operation { code, start: start as u32, end: self.previous_end as u32 });
    }

    fn sum(&mut self) -> Result<(), Fault> {
        let start = self.span.start;
        self.product()?;
        loop {
            let operator = match self.token {
                Token::Symbol('+') => Binary::Add,
                Token::Symbol('-') => Binary::Subtract,
                _ => return Ok(()),
            };
            self.advance()?;
            self.product()?;
            self.push(Code::Binary(operator), start);
        }
    }

    fn product(&mut self) -> Result<(), Fault> {
        let start = self.span.start;
        self.signed()?;
        loop {
            let operator = match self.token {
                Token::Symbol('*') => Binary::Multiply,
                Token::Symbol('/') => Binary::Divide,
                _ => return Ok(()),
            };
            self.advance()?;
            self.signed()?;
            self.push(Code::Binary(operator), start);
        }
    }

    fn signed(&mut self) -> Result<(), Fault> {
        let start = self.span.start;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err((Problem::TooDeep { limit: MAX_DEPTH }, self.span.clone()));
        }
        match self.token {
            Token::Symbol('-') => {
                self.advance()?;
                self.signed()?;
                self.push(Code::Negate, start);
            }
            Token::Symbol('+') => {
                self.advance()?;
                self.signed()?;
            }
            _ => self.power()?,
        }
        self.depth -= 1;
        Ok(())
    }

    fn power(&mut self) -> Result<(), Fault> {
        let start = self.span.start;
        self.atom()?;
        if self.token == Token::Symbol('^') {
            self.advance()?;
            self.signed()?;
            self.push(Code::Binary(Binary::Power), start);
        }
        Ok(())
    }

    fn atom(&mut self) -> Result<(), Fault> {
        let (token, span) = (self.token, self.span.clone());
        match token {
            Token::Number(value) => {
                self.advance()?;
                let quantity = self.with_unit(value)?;
                self.push(Code::Value(quantity), span.start);
                Ok(())
            }
            Token::Name(name) => {
                self.advance()?;
                self.name(name, span)
            }
            Token::Symbol('(') => {
                self.advance()?;
                self.sum()?;
                self.close(&span)
            }
            Token::Symbol('*') if self.text[..span.start].ends_with('*') => {
                Err((self.syntax("an operand", Some("write ^ for a power")), span))
            }
            _ => Err((self.syntax("a number, a name or a parenthesis", None), span)),
        }
    }

    /// The number just read, with the unit that follows it, if one does.
    fn with_unit(&mut self, value: f64) -> Result<Quantity, Fault> {
        let Token::Name(name) = self.token else { return Ok(Quantity::number(value)) };
        let span = self.span.clone();
        let Some(unit) = unit(name) else { return Err((self.not_a_unit(name), span)) };
        self.advance()?;
        let mut quantity = Quantity::of_unit(unit);
        if self.token == Token::Symbol('^') {
            self.advance()?;
            let negative = self.token == Token::Symbol('-');
            if negative {
                self.advance()?;
            }
            let Token::Number(exponent) = self.token else {
                return Err((self.syntax("a number as the unit's exponent", None), self.span.clone()));
            };
            self.advance()?;
            let signed = if negative { -exponent } else { exponent };
            quantity = quantity.power(signed).map_err(|problem| (problem, span.start..self.previous_end))?;
        }
        Ok(Quantity::with_unit(value, quantity))
    }

    fn not_a_unit(&self, name: &str) -> Problem {
        let advice =
            if self.names.parameter(name).is_some() || (self.scope == Scope::Pair && PAIR_NAMES.contains(&name)) {
                Some(format!("write * between a number and a parameter: 2 * {name}"))
            } else {
                super::unit_advice(name)
            };
        Problem::UnknownUnit { name: shortened(name), advice }
    }

    fn name(&mut self, name: &str, span: Range<usize>) -> Result<(), Fault> {
        if self.token == Token::Symbol('(') {
            return self.call(name, span);
        }
        let code = if let Some(index) = self.names.parameter(name) {
            Code::Parameter(index as u32)
        } else if let Some(index) = PAIR_NAMES.iter().position(|known| self.scope == Scope::Pair && *known == name) {
            Code::PairName(index as u8)
        } else if name == "pi" {
            Code::Value(Quantity::number(std::f64::consts::PI))
        } else if let Some(unit) = unit(name) {
            Code::Value(Quantity::of_unit(unit))
        } else {
            if self.unknown.len() < MAX_UNKNOWN {
                let problem = self.unknown_symbol(name);
                self.unknown.push((problem, span.clone()));
            }
            Code::Value(Quantity::number(1.0))
        };
        self.push(code, span.start);
        Ok(())
    }

    fn unknown_symbol(&self, name: &str) -> Problem {
        if matches!(name.to_ascii_lowercase().as_str(), "inf" | "infinity") {
            return Problem::InfinityNotAllowed;
        }
        if name.eq_ignore_ascii_case("nan") {
            return Problem::NotFinite { found: name.to_string() };
        }
        if !self.names.advise() {
            return Problem::UnknownSymbol { name: shortened(name), advice: None, parameters: String::new() };
        }
        let parameters = self.names.all();
        let advice = if PAIR_NAMES.contains(&name) {
            Some(format!("{name} has a meaning only in the expressions of [[projections]]"))
        } else if super::function(name).is_some() {
            Some(format!("{name} is a function: write {name}(...)"))
        } else if let Some(known) = nearest(name, parameters.iter().copied()) {
            Some(format!("did you mean the parameter \"{known}\"?"))
        } else {
            super::unit_advice(name).or_else(|| {
                nearest(name, UNITS.iter().map(|unit| unit.name)).map(|unit| format!("did you mean the unit {unit}?"))
            })
        };
        Problem::UnknownSymbol { name: shortened(name), advice, parameters: listed(parameters) }
    }

    fn call(&mut self, name: &str, span: Range<usize>) -> Result<(), Fault> {
        let Some(function) = super::function(name) else {
            let suggestion = match name {
                "ln" => Some("log".to_string()),
                _ => nearest(name, FUNCTIONS.iter().map(|(name, _)| *name)).map(str::to_string),
            };
            if self.names.parameter(name).is_some() || unit(name).is_some() {
                let advice = Some("write * between a name and a parenthesis");
                return Err((self.syntax("an operator", advice), self.span.clone()));
            }
            return Err((Problem::UnknownFunction { name: shortened(name), suggestion }, span));
        };
        let open = self.span.clone();
        self.advance()?;
        let mut count = 0;
        if self.token != Token::Symbol(')') {
            loop {
                self.sum()?;
                count += 1;
                if self.token != Token::Symbol(',') {
                    break;
                }
                self.advance()?;
            }
        }
        self.close(&open)?;
        let variadic = matches!(function, Function::Min | Function::Max);
        if count == 0 || (count != 1 && !variadic) {
            let expected = if variadic { "at least one argument" } else { "one argument" };
            let problem = Problem::ArgumentCount { function: function.name(), expected, found: count };
            return Err((problem, span.start..self.previous_end));
        }
        self.push(Code::Call(function, count as u32), span.start);
        Ok(())
    }

    fn close(&mut self, open: &Range<usize>) -> Result<(), Fault> {
        match self.token {
            Token::Symbol(')') => self.advance(),
            Token::End => Err((self.syntax("\")\" to close this parenthesis", None), open.clone())),
            _ => Err(self.unexpected_after_operand()),
        }
    }

    fn unexpected_after_operand(&self) -> Fault {
        let advice = match self.token {
            Token::Number(_) | Token::Name(_) | Token::Symbol('(') => Some("write * between factors"),
            Token::Symbol(',') => Some("write decimals with a point: 0.5"),
            _ => None,
        };
        (self.syntax("an operator", advice), self.span.clone())
    }

    fn syntax(&self, expected: &'static str, advice: Option<&str>) -> Problem {
        let found = match self.token {
            Token::End => "the end of the expression".to_string(),
            _ => format!("\"{}\"", &self.text[self.span.clone()]),
        };
        Problem::ExpressionSyntax { expected, found, advice: advice.map(str::to_string) }
    }
}
