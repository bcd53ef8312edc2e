//! States of the limit in which populations are silent or saturated: what is left where balance of all fails.
//!
//! Each population is balanced (`A r + b = 0`, its rate free), silent (rate 0, `A r + b < 0`) or saturated (rate `1/t_ref`,
//! `A r + b > 0`). All `3^N` assignments are tried, for each the balanced populations' rates solved and every inequality
//! checked; those in which a net drive vanishes or the rates are not unique are left out, being undetermined at this order.

use serde::{Deserialize, Serialize};

use super::{Problem, SINGULAR, Stability};
use crate::{Warning, WarningKind};

/// With more populations the assignments are too many to try.
const MOST_POPULATIONS: usize = 10;
/// A net drive below this part of what adds up to it counts as zero.
const NOTHING: f64 = 1e-9;

/// A state of the limit with at least one silent or saturated population.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Alternative {
    /// Whether the balanced populations are stable under the fast rate dynamics `diag(f'/tau_m) A`.
    pub stable: bool,
    /// Whether it is a saddle; where it is neither, the rate dynamics decides nothing for the network.
    pub saddle: bool,
    /// What the fast rate dynamics says of it.
    pub stability: Stability,
    /// One entry a population.
    pub populations: Vec<AlternativePopulation>,
}

/// One population of such a state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AlternativePopulation {
    /// Its name.
    pub name: String,
    /// What it does.
    pub role: Role,
    /// Its rate in the limit.
    pub limit_rate_hz: f64,
    /// What is left of its mean input, for the network as it stands; it grows as `sqrt(K)`. 0 for a balanced population.
    pub net_drive_mv: f64,
}

/// What a population does in the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Its excitation and inhibition cancel.
    Balanced,
    /// Inhibition wins.
    Silent,
    /// Excitation wins: the rate is `1/t_ref`.
    Saturated,
}

const ROLES: [Role; 3] = [Role::Balanced, Role::Silent, Role::Saturated];

impl Problem<'_> {
    /// All alternatives, or none and a warning if there are too many populations to try.
    pub(super) fn alternatives(&self) -> (Vec<Alternative>, Option<Warning>) {
        let n = self.len();
        if n > MOST_POPULATIONS {
            let sentence = format!(
                "States with silent or saturated populations were not looked for: {n} populations have 3^{n} of them to try, \
                 and at most {MOST_POPULATIONS} populations are tried."
            );
            let warning = Warning::new(WarningKind::AlternativesNotTried, sentence).with_value(n as f64);
            return (Vec::new(), Some(warning.with_limit(MOST_POPULATIONS as f64)));
        }
        let assignments = 3usize.pow(n as u32);
        // 0 is the state in which all are balanced
        let found = (1..assignments).filter_map(|code| self.alternative(&roles(code, n)));
        (found.collect(), None)
    }

    /// The state of an assignment, if its inequalities hold.
    fn alternative(&self, roles: &[Role]) -> Option<Alternative> {
        let balanced: Vec<usize> = (0..self.len()).filter(|&a| roles[a] == Role::Balanced).collect();
        let rates = self.rates_of(roles, &balanced)?;
        let drives: Vec<(f64, f64)> = (0..self.len()).map(|a| self.net_drive(a, &rates)).collect();
        let fits = |a: usize| {
            let (net, size) = drives[a];
            match roles[a] {
                Role::Balanced => self.rate_is_possible(a, rates[a]),
                Role::Silent => net < -NOTHING * size,
                Role::Saturated => net > NOTHING * size,
            }
        };
        if !(0..self.len()).all(fits) || !self.is_determined(&balanced) {
            return None;
        }
        let population = |a: usize| AlternativePopulation {
            name: self.names[a].to_string(),
            role: roles[a],
            limit_rate_hz: rates[a],
            net_drive_mv: if roles[a] == Role::Balanced { 0.0 } else { drives[a].0 },
        };
        let stability = self.stability_of(&balanced, &rates)?;
        Some(Alternative {
            stable: stability == Stability::Stable,
            saddle: stability == Stability::Saddle,
            stability,
            populations: (0..self.len()).map(population).collect(),
        })
    }

    /// The rates when the populations `balanced` cancel their input; `None` if one saturates that has no refractory time.
    fn rates_of(&self, roles: &[Role], balanced: &[usize]) -> Option<Vec<f64>> {
        let given = |a: usize| match roles[a] {
            Role::Saturated => self.map.transfers[a].rate_limit_hz(),
            Role::Balanced | Role::Silent => 0.0,
        };
        let mut rates: Vec<f64> = (0..self.len()).map(given).collect();
        if !rates.iter().all(|rate| rate.is_finite()) {
            return None;
        }
        let solved = self.solve(balanced, |a| -self.net_drive(a, &rates).0);
        balanced.iter().zip(solved).for_each(|(&a, rate)| rates[a] = rate);
        Some(rates)
    }

    fn is_determined(&self, balanced: &[usize]) -> bool {
        balanced.is_empty()
            || self.scaled(balanced).singularity().is_some_and(|found| found.condition_number < SINGULAR)
    }

    /// `None` if no input gives the rates.
    fn stability_of(&self, balanced: &[usize], rates: &[f64]) -> Option<Stability> {
        let mut inputs = self.map.inputs(rates);
        for &a in balanced {
            inputs[a] = self.input_for_rate(a, rates[a], inputs[a])?;
        }
        if balanced.is_empty() { Some(Stability::Stable) } else { self.stability(balanced, &inputs) }
    }

    /// What population `a` would be driven by in mV, silent, if all others were balanced without it; 0 if that is rounding,
    /// `None` if they cannot be.
    pub(super) fn drive_without(&self, a: usize) -> Option<f64> {
        let mut roles = vec![Role::Balanced; self.len()];
        roles[a] = Role::Silent;
        let others: Vec<usize> = (0..self.len()).filter(|&b| b != a).collect();
        let rates = self.rates_of(&roles, &others).filter(|_| self.is_determined(&others))?;
        let (net, size) = self.net_drive(a, &rates);
        Some(if net.abs() <= NOTHING * size { 0.0 } else { net })
    }
}

/// The digits of `code` to base three.
fn roles(mut code: usize, n: usize) -> Vec<Role> {
    let digit = |_| {
        let digit = code % 3;
        code /= 3;
        ROLES[digit]
    };
    (0..n).map(digit).collect()
}
