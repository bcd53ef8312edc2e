//! Fixed points of the reduced equations.
//!
//! With `x = Delta_T (G + q) - gamma/(2 pi tau_m r)`, at which `r` stands still, what is left is one equation a population. For one population in which all that is heard is proportional to `r`, `r^2 x'` is a polynomial of
//! fourth degree in `r`, of which all positive roots are found (`roots`); for Montbrio, Pazo and Roxin's it is `-pi^2 R^4 + J R^3 + eta R^2 + Delta^2/(4 pi^2) = 0`, `R = tau_m r`. For several populations Newton's method in the
//! logarithms of the rates starts from many places, and from each state with one population at another root of its own polynomial: there may be states that it does not find.

use std::f64::consts::PI;

use num_complex::Complex64;

use super::ReducedError;
use super::equations::{Felt, Member, Reduction};
use super::linearised::eigenvalues_per_ms;
use super::roots::positive_roots;
use crate::network::Network;
use crate::neuron::lif::MS_PER_S;
use crate::numerics::linear::Matrix;
use crate::{Warning, Work};

/// Starts of Newton's method for several populations, and for each of them.
const STARTS: usize = 48;
/// States beyond which no further ones are looked for.
const MOST_STATES: usize = 512;
/// Its steps at most, the longest in the logarithm of a rate, and halvings of one.
const MOST_STEPS: usize = 80;
const LONGEST: f64 = 2.0;
const HALVINGS: usize = 20;
/// The residual, over the largest part of each equation, at which it ends; and how near rates are that are one state.
const RESIDUAL: f64 = 1e-13;
const SAME: f64 = 1e-7;
/// The lowest rate that is started from, spikes within `tau_m`.
const LOWEST: f64 = 1e-4;

/// How fixed points were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Search {
    /// As the roots of a polynomial: they are all.
    ClosedForm,
    /// By Newton's method from many places: there may be others.
    Searched {
        /// How many places.
        starts: usize,
    },
}

/// A fixed point.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ReducedState {
    /// Rates.
    pub rates_hz: Vec<f64>,
    /// Mean potentials (principal values).
    pub mean_V_mv: Vec<f64>,
    /// Mean input of the neuron at the centre of the law, conductances as they act at the mean potential.
    pub mean_input_mv: Vec<f64>,
    /// Half width of the inputs.
    pub half_width_mv: Vec<f64>,
    /// Eigenvalues of the linearised equations with all their kinetics (1/s), rightmost first; with delays, those furthest to the right.
    pub eigenvalues_per_s: Vec<Complex64>,
    /// Whether none grows.
    pub stable: bool,
}

/// All fixed points that were found, in order of ascending total rate.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ReducedStates {
    /// They.
    pub states: Vec<ReducedState>,
    /// How they were found.
    pub search: Search,
    /// What is left out.
    pub warnings: Vec<Warning>,
}

/// The fixed points of a network, with the drives that act before time 0, modulations left out.
///
/// # Errors
///
/// What is not exact; no fixed point; a stop.
pub fn states(network: &Network, work: &Work) -> Result<ReducedStates, ReducedError> {
    let reduction = Reduction::of(network)?;
    let mut found = reduction.states(work)?;
    for state in &found.states {
        for warning in Reduction::left_out(network, &state.rates_hz, &state.half_width_mv) {
            if !found.warnings.iter().any(|known: &Warning| known.population == warning.population) {
                found.warnings.push(warning);
            }
        }
    }
    Ok(found)
}

impl Reduction {
    /// The fixed points, with the drives that act before time 0.
    ///
    /// # Errors
    ///
    /// Neurons that are all alike; no fixed point; a stop.
    pub fn states(&self, work: &Work) -> Result<ReducedStates, ReducedError> {
        let factors = self.factors_before();
        let (rates, search) = self.rates_at_rest(&factors, work)?;
        let states = rates.iter().map(|rates| self.state(rates, &factors));
        Ok(ReducedStates { states: states.collect::<Result<_, _>>()?, search, warnings: Vec::new() })
    }

    /// Rates per ms of fixed points, in order of ascending total rate.
    pub(super) fn rates_at_rest(&self, factors: &[f64], work: &Work) -> Result<(Vec<Vec<f64>>, Search), ReducedError> {
        let silent = vec![0.0; self.members.len()];
        for (a, member) in self.members.iter().enumerate() {
            if self.felt_at_rest(a, &silent, factors).half_width_mv <= 0.0 {
                return Err(ReducedError::Alike { population: member.name.clone() });
            }
        }
        let (mut found, search) = match self.members.len() {
            1 => (self.of_one(0, &silent, factors).into_iter().map(|rate| vec![rate]).collect(), Search::ClosedForm),
            _ => self.searched(factors, work)?,
        };
        let total = |rates: &Vec<f64>| rates.iter().sum::<f64>();
        found.sort_by(|a, b| total(a).total_cmp(&total(b)));
        match (found.is_empty(), search) {
            (false, _) => Ok((found, search)),
            (true, Search::Searched { starts }) => Err(ReducedError::NoState { starts }),
            (true, Search::ClosedForm) => Err(ReducedError::NoState { starts: 0 }),
        }
    }

    fn state(&self, rates: &[f64], factors: &[f64]) -> Result<ReducedState, ReducedError> {
        let y = self.at_rest(rates, factors);
        let eigenvalues = eigenvalues_per_ms(self, &y, factors)?;
        let eigenvalues_per_s: Vec<Complex64> = eigenvalues.into_iter().map(|z| z * MS_PER_S).collect();
        let felt: Vec<Felt> = (0..rates.len()).map(|a| self.felt_at_rest(a, rates, factors)).collect();
        let over =
            |of: &dyn Fn(usize, &Member) -> f64| self.members.iter().enumerate().map(|(a, m)| of(a, m)).collect();
        Ok(ReducedState {
            rates_hz: rates.iter().map(|rate| rate * MS_PER_S).collect(),
            mean_V_mv: over(&|a, member| member.V_th_mv + y[2 * a + 1]),
            mean_input_mv: over(&|a, member| {
                member.V_th_mv + felt[a].mean_mv + felt[a].pull_mv - felt[a].conductance * y[2 * a + 1]
            }),
            half_width_mv: over(&|a, _| felt[a].half_width_mv),
            stable: eigenvalues_per_s.first().is_some_and(|first| first.re < 0.0),
            eigenvalues_per_s,
        })
    }

    /// All rates of a population at rates of the others: the roots of a polynomial in `R = tau_m r`.
    fn of_one(&self, a: usize, rates: &[f64], factors: &[f64]) -> Vec<f64> {
        let member = &self.members[a];
        let (tau, D) = (member.tau_m_ms, member.Delta_T_mv);
        // what is felt at rest is linear in the rate
        let at = |R: f64| {
            let mut rates = rates.to_vec();
            rates[a] = R / tau;
            self.felt_at_rest(a, &rates, factors)
        };
        let (none, one) = (at(0.0), at(1.0));
        let line = |of: fn(&Felt) -> f64| [of(&none), of(&one) - of(&none)];
        let [G0, G1] = line(|felt| felt.conductance);
        let [mu0, mu1] = line(|felt| felt.mean_mv + felt.pull_mv);
        let [gamma0, gamma1] = line(|felt| felt.half_width_mv);
        // x R = c0 + c1 R + c2 R^2
        let [c0, c1, c2] = [-gamma0 / (2.0 * PI), D * (G0 + member.gap) - gamma1 / (2.0 * PI), D * G1];
        let polynomial = [
            c0 * c0 / (2.0 * D),
            c0 * c1 / D - G0 * c0,
            (c1 * c1 + 2.0 * c0 * c2) / (2.0 * D) + mu0 - G0 * c1 - G1 * c0,
            c1 * c2 / D + mu1 - G0 * c2 - G1 * c1,
            c2 * c2 / (2.0 * D) - G1 * c2 - 2.0 * D * PI * PI,
        ];
        positive_roots(&polynomial).into_iter().map(|R| R / tau).collect()
    }

    /// The rates of several populations, from many starts.
    fn searched(&self, factors: &[f64], work: &Work) -> Result<(Vec<Vec<f64>>, Search), ReducedError> {
        let n = self.members.len();
        let highest: Vec<f64> = (0..n).map(|a| self.highest(a, factors)).collect();
        let mut starts = STARTS * (n + 1);
        let mut found: Vec<Vec<f64>> = Vec::new();
        let add = |found: &mut Vec<Vec<f64>>, rates: Vec<f64>| {
            let is_same =
                |other: &Vec<f64>| other.iter().zip(&rates).all(|(x, y)| (x - y).abs() <= SAME * x.abs().max(y.abs()));
            if !found.iter().any(is_same) {
                found.push(rates);
            }
        };
        for start in 0..starts {
            work.check()?;
            // the ends, then places that fill the cube of logarithms evenly
            let part = |a: usize| match start {
                0 => 0.0,
                1 => 1.0,
                _ => (start as f64 * root_of_prime(a)).fract(),
            };
            let log = |a: usize| LOWEST.ln() + part(a) * (highest[a].max(10.0 * LOWEST).ln() - LOWEST.ln());
            let first: Vec<f64> = (0..n).map(|a| log(a) - self.members[a].tau_m_ms.ln()).collect();
            if let Some(rates) = self.newton(first, factors) {
                add(&mut found, rates);
            }
        }
        // from each state with one population at another of its own roots there
        let mut next = 0;
        while next < found.len() && found.len() < MOST_STATES {
            for a in 0..n {
                work.check()?;
                for root in self.of_one(a, &found[next], factors) {
                    let mut there = found[next].clone();
                    if (root - there[a]).abs() <= SAME * root {
                        continue;
                    }
                    there[a] = root;
                    starts += 1;
                    if let Some(rates) = self.newton(there.iter().map(|rate| rate.ln()).collect(), factors) {
                        add(&mut found, rates);
                    }
                }
            }
            next += 1;
        }
        Ok((found, Search::Searched { starts }))
    }

    /// More spikes within `tau_m` than a population fires in any state, by its size of input.
    fn highest(&self, a: usize, factors: &[f64]) -> f64 {
        let member = &self.members[a];
        let (tau, D) = (member.tau_m_ms, member.Delta_T_mv);
        let felt = self.felt_at_rest(a, &vec![0.0; self.members.len()], factors);
        let by_drive = ((felt.mean_mv + felt.pull_mv).abs() + felt.half_width_mv) / (2.0 * D);
        let of_term = |term: &super::equations::Term| {
            let reach = term.mean.abs() + term.half_width + term.conductance.abs() * term.reversal_mv.abs();
            reach / tau / (2.0 * D)
        };
        by_drive.sqrt() + member.terms.iter().map(of_term).sum::<f64>() + 1.0
    }

    /// The scaled residuals of all populations at logarithms of rates per ms, and their derivatives.
    fn residuals(&self, logs: &[f64], factors: &[f64]) -> (Vec<f64>, Matrix) {
        let n = self.members.len();
        let rates: Vec<f64> = logs.iter().map(|log| log.exp()).collect();
        let mut matrix = Matrix::zeros(n, n);
        let mut residuals = Vec::with_capacity(n);
        for (a, member) in self.members.iter().enumerate() {
            let (tau, D, r) = (member.tau_m_ms, member.Delta_T_mv, rates[a]);
            let felt = self.felt_at_rest(a, &rates, factors);
            let x = member.balanced_mv(r, &felt);
            let fired = 2.0 * D * (PI * tau * r).powi(2);
            let scale = x * x / (2.0 * D)
                + fired
                + felt.mean_mv.abs()
                + felt.pull_mv.abs()
                + (felt.conductance * x).abs()
                + f64::MIN_POSITIVE;
            residuals.push(member.slope(r, x, &felt)[1] * tau / scale);
            // x follows the rate, and what is heard
            let by_x = x / D - felt.conductance;
            matrix[(a, a)] += (by_x * felt.half_width_mv / (2.0 * PI * tau * r) - 2.0 * fired) / scale;
            for term in &member.terms {
                let super::equations::Origin::Population(b) = self.signals[term.signal].origin else { continue };
                let x_by = D * term.conductance - term.half_width / (2.0 * PI * tau * r);
                let direct = term.mean + term.conductance * (term.reversal_mv - x);
                matrix[(a, b)] += (direct + by_x * x_by) * rates[b] / scale;
            }
        }
        (residuals, matrix)
    }

    /// Newton's method from logarithms of rates per ms, with steps that are halved until the residual falls.
    fn newton(&self, mut logs: Vec<f64>, factors: &[f64]) -> Option<Vec<f64>> {
        let size = |residuals: &[f64]| residuals.iter().map(|x| x.abs()).fold(0.0, f64::max);
        let (mut residuals, mut matrix) = self.residuals(&logs, factors);
        for _ in 0..MOST_STEPS {
            let now = size(&residuals);
            let mut step = matrix.solve(&residuals);
            let longest = size(&step);
            if !longest.is_finite() {
                return None;
            }
            if longest > LONGEST {
                step.iter_mut().for_each(|step| *step *= LONGEST / longest);
            }
            let mut part = 1.0;
            let mut halvings = 0;
            loop {
                let next: Vec<f64> = logs.iter().zip(&step).map(|(log, step)| log - part * step).collect();
                let (at_next, matrix_there) = self.residuals(&next, factors);
                let smaller = size(&at_next);
                if smaller < now || (now < RESIDUAL && smaller <= RESIDUAL) {
                    (logs, residuals, matrix) = (next, at_next, matrix_there);
                    break;
                }
                halvings += 1;
                if halvings > HALVINGS {
                    // no better: the end if it was good
                    return (now < 100.0 * RESIDUAL).then(|| logs.iter().map(|log| log.exp()).collect());
                }
                part *= 0.5;
            }
            if size(&residuals) < RESIDUAL && part * longest < 1e-14 {
                break;
            }
        }
        (size(&residuals) < 100.0 * RESIDUAL).then(|| logs.iter().map(|log| log.exp()).collect())
    }
}

/// A number that no ratio of whole numbers comes near: the root of a prime.
fn root_of_prime(a: usize) -> f64 {
    const PRIMES: [f64; 10] = [2.0, 3.0, 5.0, 7.0, 11.0, 13.0, 17.0, 19.0, 23.0, 29.0];
    PRIMES[a % PRIMES.len()].sqrt() * (1.0 + (a / PRIMES.len()) as f64 * std::f64::consts::E)
}
