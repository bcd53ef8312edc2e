//! One network file at many values of some of its parameters.
//!
//! The file is read in full once for a run of points; at each further point only what depends on the varied parameters is
//! evaluated again, with all the checks of the reader. What comes out is what [`parse`] gives with the same
//! values as overrides, to the last bit, mistakes included.

use super::error::{NetworkFileError, Problem};
use super::expression::{Expression, Failure, Names, Scope, Values, compile};
use super::quantity::Quantity;
use super::reader::{IncrementalReader, Reader, parse};
use super::spelling::{listed, nearest, shortened};
use super::{Network, ReadOptions};

/// A network file with some parameters left free.
#[derive(Clone, Debug)]
pub struct Family {
    text: String,
    source_name: String,
    options: ReadOptions,
    names: Vec<String>,
    units: Vec<FreeUnit>,
    network: Network,
}

/// The unit of a free parameter.
#[derive(Clone, Debug)]
struct FreeUnit {
    name: String,
    /// One of it; None if its power of ten cannot be kept apart from the digits.
    one: Option<Quantity>,
}

/// A free parameter and the unit in which its values are given, such as `("tau_m", "ms")`; the unit is empty for a number.
pub type Free<'a> = (&'a str, &'a str);

impl Family {
    /// Reads a network file whose parameters `free` are to be varied.
    ///
    /// The file must be right with its own values. `source_name` is what messages call the file.
    ///
    /// # Errors
    ///
    /// Every mistake of the text and of the options; a free parameter that the file does not have, that `options`
    /// override, or that has another dimension than its unit.
    pub fn open(
        text: &str,
        source_name: &str,
        options: &ReadOptions,
        free: &[Free<'_>],
    ) -> Result<Self, NetworkFileError> {
        let network = parse(text, source_name, options)?;
        let about = |problem| NetworkFileError::about_file(source_name, problem);
        let mut units = Vec::new();
        for (name, unit) in free {
            check_name(&network, name, options).map_err(about)?;
            units.push(free_unit(&network, name, unit).map_err(about)?);
        }
        Ok(Family {
            text: text.to_string(),
            source_name: source_name.to_string(),
            options: options.clone(),
            names: free.iter().map(|(name, _)| (*name).to_string()).collect(),
            units,
            network,
        })
    }

    /// The network with the file's own values.
    pub fn own(&self) -> &Network {
        &self.network
    }

    /// The network where the free parameters have these values, each in its unit.
    ///
    /// # Errors
    ///
    /// As [`parse`] with these values as overrides.
    pub fn at(&self, values: &[f64]) -> Result<Network, NetworkFileError> {
        parse(&self.text, &self.source_name, &self.options_at(values))
    }

    /// Calls `with` for each of many points with its network; much faster than [`Family::at`], with the same networks.
    pub fn visit<P: AsRef<[f64]>>(
        &self,
        points: impl IntoIterator<Item = P>,
        mut with: impl FnMut(P, Result<&Network, NetworkFileError>),
    ) {
        let root = Reader::new(&self.text).document();
        let mut incremental: Option<IncrementalReader<'_>> = None;
        for point in points {
            let values = point.as_ref();
            if let Some(network) = incremental.as_mut().and_then(|reader| reader.vary(&self.quantities(values)?)) {
                with(point, Ok(network));
                continue;
            }
            // in full: the first point, and every point at which something is wrong, to say what
            match self.at(values) {
                Ok(network) => {
                    if incremental.is_none() {
                        let options = self.options_at(values);
                        incremental = root.as_ref().and_then(|root| {
                            IncrementalReader::start(&self.text, root, &self.source_name, &options, &self.names)
                        });
                    }
                    with(point, Ok(&network));
                }
                Err(error) => with(point, Err(error)),
            }
        }
    }

    fn options_at(&self, values: &[f64]) -> ReadOptions {
        let mut options = self.options.clone();
        for ((name, unit), value) in self.names.iter().zip(&self.units).zip(values) {
            options.overrides.push((name.clone(), format!("{value:?} {}", unit.name).trim_end().to_string()));
        }
        options
    }

    /// The values as the overrides of [`Family::options_at`] would be evaluated.
    fn quantities(&self, values: &[f64]) -> Option<Vec<Quantity>> {
        let quantity = |(unit, &value): (&FreeUnit, &f64)| match unit.name.is_empty() {
            true => Some(Quantity::number(value)),
            false => unit.one.map(|one| Quantity::with_unit(value, one)),
        };
        self.units.iter().zip(values).map(quantity).collect()
    }
}

/// A quantity such as `"0.5 mV"` or `"1/3"`: its value and the unit that it is in, as [`super::Parameter`] shows them.
///
/// # Errors
///
/// What is wrong with the text.
pub fn amount(text: &str) -> Result<(f64, String), Problem> {
    Ok(evaluated(text)?.shown())
}

fn evaluated(text: &str) -> Result<Quantity, Problem> {
    let mut faults = match compile(text, &NoNames, Scope::Once) {
        Ok(expression) => return value(&expression),
        Err(faults) => faults,
    };
    Err(faults.swap_remove(0).0)
}

fn value(expression: &Expression) -> Result<Quantity, Problem> {
    expression.evaluate(&NoNames, None).map_err(|failure| match failure {
        Failure::Fault(fault) => fault.0,
        Failure::Reported => Problem::EmptyExpression, // without names nothing can have failed elsewhere
    })
}

struct NoNames;

impl Names for NoNames {
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

impl Values for NoNames {
    fn value(&self, _: usize) -> Option<Quantity> {
        None
    }
}

fn check_name(network: &Network, name: &str, options: &ReadOptions) -> Result<(), Problem> {
    let names: Vec<&str> = network.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    if !names.contains(&name) {
        let suggestion = nearest(name, names.iter().copied()).map(str::to_string);
        return Err(Problem::UnknownParameter { name: shortened(name), suggestion, known: listed(&names) });
    }
    match options.overrides.iter().any(|(set, _)| set.trim() == name) {
        true => Err(Problem::VariedAndSet { name: name.to_string() }),
        false => Ok(()),
    }
}

fn free_unit(network: &Network, name: &str, unit: &str) -> Result<FreeUnit, Problem> {
    let one = evaluated(&format!("1 {unit}"))?;
    let own = network.parameters.iter().find(|parameter| parameter.name == name);
    let own = own.map_or(Ok(one), |own| evaluated(&format!("{:?} {}", own.value, own.unit)))?;
    if !own.is_any_zero() && own.dimension() != one.dimension() {
        let (expected, found) = (own.dimension().to_string(), one.dimension().to_string());
        return Err(Problem::WrongDimension { key: shortened(name), expected, found });
    }
    Ok(FreeUnit { name: unit.to_string(), one: Some(one).filter(Quantity::has_no_digits) })
}
