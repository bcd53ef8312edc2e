//! The derivatives of a number of a state with every parameter of every projection and drive, by implicit differentiation: what makes it what it is.
//!
//! ```text
//! ln r = ln Phi(r, p):    d ln r/dp = (1 - D)^-1 (d ln Phi/dp),    D_ab = d ln Phi_a/d ln r_b
//! q(r, p):                dq/dp = (dq/dp at the rates) + y (d ln Phi/dp),    y (1 - D) = dq/d ln r
//! root, M(lambda) u = 0:  d lambda/dp = -(v dM/dp u)/(v M' u),    dM by the parameter itself and by the state that moves with it
//! ```
//!
//! `M = diag(renewal) - N` is that of `roots`, `u` and `v` its null vectors. One solution `y` serves all parameters of the network. `D` is the exact derivative of `RateMap` where rates are closed forms; what a parameter
//! does to one population at given rates (logarithm of its rate, CV, responses to mean and variance) is a central difference of sixth order (`numerics::stencil`), of one population and one input, and no equation is solved anew.
//! Time constants of synapses that are taken as they are (`--filter auto` and `full`) count with what the law of threshold crossings makes of the rates, which is differentiated, too.
//!
//! Source: implicit function theorem; for eigenvalues of the effective connectivity Bos, Diesmann and Helias (2016), PLoS Comput Biol 12:e1005132.

mod peak;
mod receiver;
mod variable;

use num_complex::Complex64;
use rayon::prelude::*;

use peak::{Peak, PowerAt};
use receiver::{Receiver, Seen};
use variable::{Change, Variable, variables};
pub use variable::{ConnectionParameter, Place};

use super::connectivity::{EffectiveConnectivity, ResponseError};
use super::fluctuations::Fluctuations;
use super::mode::Mode;
use super::roots::{CharacteristicRoot, CharacteristicRoots};
use crate::network::Network;
use crate::numerics::lu::Lu;
use crate::stationary::{RateMap, State};
use crate::work::{Cancelled, Work};

/// A number of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Differentiated {
    /// The rate in Hz of a population, by index.
    Rate(usize),
    /// `mu` in mV of a population.
    MeanInput(usize),
    /// `sigma` in mV of a population.
    StdInput(usize),
    /// The CV of a population.
    Cv(usize),
    /// A characteristic root in 1/ms, by its place from 0, rightmost first.
    Root(usize),
    /// The frequency in Hz of the highest peak of the power spectrum of a population's activity, from 1 Hz to 1 kHz.
    PeakFrequency(usize),
    /// The power in Hz there.
    PeakPower(usize),
}

/// The derivative with one parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Derivative {
    /// Where the parameter stands.
    pub place: Place,
    /// Which it is.
    pub parameter: ConnectionParameter,
    /// Its value.
    pub value: f64,
    /// Its unit; empty for plain numbers.
    pub unit: &'static str,
    /// `d q/d ln p`: what the number changes by for a relative change of the parameter, over that.
    pub per_relative: Complex64,
}

/// A number with all its derivatives; the imaginary part is of roots alone.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sensitivities {
    /// The number.
    pub value: Complex64,
    /// One entry a parameter that is not 0.
    pub derivatives: Vec<Derivative>,
    /// Of a root, the parts of the eigenvalue 1 that each connection makes, `Z_ab = v_a N_ab u_b/(sum v_c renewal_c u_c)` from population `b` to `a`: all together 1.
    pub parts: Option<Vec<Vec<Complex64>>>,
}

/// Why there are no derivatives.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SensitivityError {
    /// Neurons or synapses whose response is not computed.
    #[error(transparent)]
    Response(#[from] ResponseError),
    /// There are fewer roots.
    #[error(
        "there is no root {asked}: {found} were found to the right of {line_per_s} per s, counted from 1, rightmost first"
    )]
    NoRoot {
        /// The number that was asked for, from 1.
        asked: usize,
        /// How many there are.
        found: usize,
        /// The line to the right of which they were looked for.
        line_per_s: f64,
    },
    /// The spectrum has no peak.
    #[error(
        "the power spectrum of population '{population}' has no peak between 1 and 1000 Hz in this state (siegert spectrum shows it)"
    )]
    NoPeak {
        /// The population.
        population: String,
    },
    /// It has no value in this state.
    #[error("population '{population}' has no such number in this state: it does not fire")]
    Undefined {
        /// The population.
        population: String,
    },
    /// The state, or the root, is one of two that meet.
    #[error("the derivatives are infinite: the state is at a bifurcation, or the root is a double one")]
    Singular,
    /// It was stopped.
    #[error("stopped before all derivatives were found")]
    Cancelled,
}

impl SensitivityError {
    /// Whether the question is at fault.
    pub fn is_bad_input(&self) -> bool {
        !matches!(self, SensitivityError::Singular | SensitivityError::Cancelled)
    }
}

impl From<Cancelled> for SensitivityError {
    fn from(_: Cancelled) -> Self {
        SensitivityError::Cancelled
    }
}

/// What one population does along its changes.
struct Row {
    target: usize,
    value: Complex64,
    /// With the logarithms of the rates of those that it hears: source, then the derivatives of the logarithm of its own rate and of what is looked at.
    by_rates: Vec<(usize, [Complex64; 2])>,
    by_variables: Vec<(usize, [Complex64; 2])>,
}

impl Sensitivities {
    /// Of a number of a state of a network's equations.
    ///
    /// # Errors
    ///
    /// A number that is not computed, or not there; derivatives that are infinite; a stop.
    pub fn of(
        network: &Network,
        map: &RateMap,
        state: &State,
        number: Differentiated,
        work: &Work,
    ) -> Result<Self, SensitivityError> {
        let rates_hz = state.rates_hz();
        let root = match number {
            Differentiated::Root(which) => Some(mode(network, map, state, which, work)?),
            _ => None,
        };
        let peak = match number {
            Differentiated::PeakFrequency(a) | Differentiated::PeakPower(a) => {
                let name = || network.populations[a].name.clone();
                let found = highest_peak(network, map, state, number, a, work)?;
                Some(found.ok_or_else(|| SensitivityError::NoPeak { population: name() })?)
            }
            _ => None,
        };
        let seen_of = |a: usize| match (number, &root, &peak) {
            (Differentiated::MeanInput(of), ..) if of == a => Seen::Mean,
            (Differentiated::StdInput(of), ..) if of == a => Seen::Std,
            (Differentiated::Cv(of), ..) if of == a => Seen::Cv,
            (.., Some((_, places))) => Seen::Power { places },
            (_, Some((connectivity, mode)), _) if connectivity.takes_part()[a] => {
                Seen::Row { lambda_per_ms: mode.lambda_per_ms, right: &mode.right }
            }
            _ => Seen::Nothing,
        };
        let all = variables(network, &map.streams);
        let rows: Vec<Row> = (0..map.len())
            .into_par_iter()
            .map(|a| {
                let receiver = Receiver::new(map, a, &rates_hz, seen_of(a));
                row(&receiver, (network, map), &all, &rates_hz, work)
            })
            .collect::<Result<_, Cancelled>>()?;
        let names = |a: usize| network.populations[a].name.clone();
        // how much each population's own number counts in the whole
        let (value, weights) = match (number, &root) {
            (_, Some((_, mode))) => {
                let weights = mode.left.iter().map(|v| -v / mode.slope).collect();
                (mode.lambda_per_ms, weights)
            }
            (Differentiated::Rate(a), None) => (Complex64::from(rates_hz[a]), vec![Complex64::ZERO; map.len()]),
            (Differentiated::MeanInput(a) | Differentiated::StdInput(a) | Differentiated::Cv(a), None) => {
                if !rows[a].value.is_finite() {
                    return Err(SensitivityError::Undefined { population: names(a) });
                }
                let mut weights = vec![Complex64::ZERO; map.len()];
                weights[a] = Complex64::ONE;
                (rows[a].value, weights)
            }
            (Differentiated::PeakFrequency(_) | Differentiated::PeakPower(_), None) => {
                (peak.as_ref().map_or(f64::NAN, |(value, _)| *value).into(), vec![Complex64::ONE; map.len()])
            }
            (Differentiated::Root(_), None) => return Err(SensitivityError::Singular),
        };
        let mut by_rates = vec![Complex64::ZERO; map.len()];
        if let Differentiated::Rate(a) = number {
            by_rates[a] = rates_hz[a].into();
        }
        for row in &rows {
            row.by_rates.iter().for_each(|(b, [_, of_seen])| by_rates[*b] += weights[row.target] * of_seen);
        }
        let adjoint = adjoint(&matrix(map, state, &rates_hz, &rows), &by_rates);
        let is_real = value.im == 0.0;
        let mut derivatives = Vec::with_capacity(all.len());
        for row in &rows {
            for (index, [of_rate, of_seen]) in &row.by_variables {
                let Variable { place, parameter, value, unit, .. } = all[*index];
                let mut per_relative = weights[row.target] * of_seen + adjoint[row.target] * of_rate;
                // what is real stays so
                if is_real {
                    per_relative.im = 0.0;
                }
                if !per_relative.is_finite() {
                    return Err(SensitivityError::Singular);
                }
                derivatives.push((*index, Derivative { place, parameter, value, unit, per_relative }));
            }
        }
        derivatives.sort_by_key(|(index, _)| *index);
        let derivatives = derivatives.into_iter().map(|(_, derivative)| derivative).collect();
        let parts = root.map(|(connectivity, mode)| parts(&connectivity, &mode));
        Ok(Sensitivities { value, derivatives, parts })
    }
}

/// The root that is meant, with its modes.
fn mode(
    network: &Network,
    map: &RateMap,
    state: &State,
    which: usize,
    work: &Work,
) -> Result<(EffectiveConnectivity, Mode), SensitivityError> {
    let connectivity = EffectiveConnectivity::new(network, map, state)?;
    let found = CharacteristicRoots::of(&connectivity, work)?;
    let missing = || SensitivityError::NoRoot {
        asked: which.wrapping_add(1),
        found: found.roots.len(),
        line_per_s: found.line_per_s,
    };
    let start = found.roots.get(which).map(CharacteristicRoot::lambda_per_ms).ok_or_else(missing)?;
    let mode = Mode::near(&connectivity, start).ok_or(SensitivityError::Singular)?;
    Ok((connectivity, mode))
}

/// The value of a number of the highest peak of a population's spectrum, and the places where it counts.
fn highest_peak(
    network: &Network,
    map: &RateMap,
    state: &State,
    number: Differentiated,
    a: usize,
    work: &Work,
) -> Result<Option<(f64, Vec<PowerAt>)>, SensitivityError> {
    let fluctuations = Fluctuations::new(network, map, state)?;
    let Some(peak) = Peak::of(&fluctuations, a, work)? else { return Ok(None) };
    let (value, places) = match number {
        Differentiated::PeakFrequency(_) => (peak.frequency_hz, peak.of_frequency(&fluctuations, a)),
        _ => (peak.power_hz, peak.of_height(&fluctuations, a)),
    };
    Ok(places.map(|places| (value, places)))
}

fn row(
    receiver: &Receiver<'_>,
    (network, map): (&Network, &RateMap),
    all: &[Variable],
    rates_hz: &[f64],
    work: &Work,
) -> Result<Row, Cancelled> {
    let (mut by_rates, mut by_variables) = (Vec::new(), Vec::new());
    let mut by_in_degrees: Vec<(usize, [Complex64; 2])> = Vec::new();
    let known = |all: &[(usize, [Complex64; 2])], stream: Option<usize>| {
        all.iter().find(|(index, _)| Some(*index) == stream).map(|(_, slopes)| *slopes)
    };
    for (index, variable) in all.iter().enumerate().filter(|(_, variable)| receiver.can_change(variable)) {
        work.check()?;
        let is_rate = variable.parameter == ConnectionParameter::Rate;
        let of_sources = variable.stream.filter(|stream| is_rate && receiver.sends_rate(*stream));
        let slopes = known(&by_in_degrees, of_sources)
            .or_else(|| receiver.slopes(|factor| variable.times(factor, network, &map.streams)));
        if variable.parameter == ConnectionParameter::InDegree {
            by_in_degrees.extend(variable.stream.zip(slopes));
        }
        by_variables.extend(slopes.map(|slopes| (index, slopes)));
    }
    for b in receiver.sources().into_iter().filter(|b| rates_hz[*b] > 0.0) {
        work.check()?;
        let slopes = known(&by_in_degrees, receiver.only_stream(b))
            .or_else(|| receiver.slopes(|factor| Some(Change::Rate(b, factor * rates_hz[b]))));
        by_rates.extend(slopes.map(|slopes| (b, slopes)));
    }
    Ok(Row { target: receiver.target, value: receiver.value(), by_rates, by_variables })
}

/// `1 - D`, row by row; those that are silent are constant.
fn matrix(map: &RateMap, state: &State, rates_hz: &[f64], rows: &[Row]) -> Vec<f64> {
    let n = map.len();
    let mut matrix = vec![0.0; n * n];
    if map.is_refined() {
        for row in rows {
            row.by_rates.iter().for_each(|(b, [of_rate, _])| matrix[row.target * n + b] = -of_rate.re);
        }
    } else {
        let exact = map.held(&state.lengthenings(map)).evaluate(rates_hz).per_hz;
        for a in 0..n {
            for b in 0..n {
                let entry = exact[(a, b)] * rates_hz[b];
                matrix[a * n + b] = if rates_hz[b] > 0.0 && entry.is_finite() { -entry } else { 0.0 };
            }
        }
    }
    (0..n).for_each(|a| matrix[a * n + a] += 1.0);
    matrix
}

/// `y` of `y A = x`.
fn adjoint(matrix: &[f64], x: &[Complex64]) -> Vec<Complex64> {
    let lu = Lu::of(x.len(), matrix.to_vec());
    let of = |part: fn(&Complex64) -> f64| lu.solve_transposed(x.iter().map(part).collect());
    of(|z| z.re).into_iter().zip(of(|z| z.im)).map(|(re, im)| Complex64::new(re, im)).collect()
}

/// `Z_ab` at a root.
fn parts(connectivity: &EffectiveConnectivity, mode: &Mode) -> Vec<Vec<Complex64>> {
    let rows = connectivity.rows(mode.lambda_per_ms);
    let whole: Complex64 =
        mode.left.iter().zip(&rows.renewals).zip(&mode.right).map(|((v, renewal), u)| v * renewal * u).sum();
    let entry = |a: usize, b: usize| mode.left[a] * rows.numerators[(a, b)] * mode.right[b] / whole;
    (0..connectivity.len()).map(|a| (0..connectivity.len()).map(|b| entry(a, b)).collect()).collect()
}

#[cfg(test)]
mod tests;
