//! What a series of simulations tells: the limit of no time step, and how deviations shrink as in-degrees grow.
//!
//! ```text
//! x(dt) = x_0 + b dt^p,    p = 1/2 where white noise or jumps reach the threshold, 1 where all noise is filtered
//! |x(K)| = c K^a
//! ```
//!
//! Source: Broadie, Glasserman and Kou (1997), Math Finance 7:325 (`p = 1/2`); van Vreeswijk and Sompolinsky (1998), Neural
//! Comput 10:1321 (corrections of `1/sqrt(K)` and `1/K`).
//! Range: small `dt`; a power law only where there is one: its exponent describes the values simulated.

use serde::{Deserialize, Serialize};

use crate::numerics::regression::{Line, Point, line};
use crate::stationary::RateMap;

/// Errors below this part of a value are taken as this: a fit must not hang on one point.
const LEAST_RELATIVE_ERROR: f64 = 1e-3;
/// Points that a power law is fitted to, at least.
const FEWEST_POINTS: usize = 3;
/// Errors below this are taken as this.
const LEAST_ERROR: f64 = 1e-12;
/// The part of the noise beyond which all of it counts as filtered, so that `p = 1`.
const FILTERED: f64 = 0.98;

/// A value with its standard error.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasuredValue {
    /// The value.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// A power law `c K^a`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PowerLaw {
    /// `a`.
    pub exponent: f64,
    /// Of `a`, from the errors of the points.
    pub exponent_standard_error: f64,
    /// `c`.
    pub factor: f64,
}

/// The power of `dt` with which the grid's share of the rates goes to 0, in the state with these rates.
pub fn grid_power(map: &RateMap, rates_hz: &[f64]) -> f64 {
    let filtered = map.inputs(rates_hz).iter().all(|input| input.std_mv == 0.0 || input.filtered_fraction > FILTERED);
    if filtered { 1.0 } else { 0.5 }
}

/// What `(dt, value)` tend to as `dt` goes to 0; `None` with fewer than two time steps.
pub fn without_grid(points: &[(f64, MeasuredValue)], power: f64) -> Option<MeasuredValue> {
    let point = |(dt, at): &(f64, MeasuredValue)| Point { x: dt.powf(power), y: at.value, standard_error: error(at) };
    let Line { intercept, intercept_standard_error, .. } = line(&points.iter().map(point).collect::<Vec<_>>())?;
    Some(MeasuredValue { value: intercept, standard_error: intercept_standard_error })
}

/// The power law through the moduli of `(K, value)`; values not beyond their own errors are left out. `None` with fewer than three left,
/// or of both signs: where a deviation changes its sign there is no law.
pub fn power_law(points: &[(f64, MeasuredValue)]) -> Option<PowerLaw> {
    let told: Vec<&(f64, MeasuredValue)> = points.iter().filter(|(_, at)| at.value.abs() > at.standard_error).collect();
    let one_sign = told.iter().all(|(_, at)| at.value > 0.0) || told.iter().all(|(_, at)| at.value < 0.0);
    if told.len() < FEWEST_POINTS || !one_sign {
        return None;
    }
    let point = |(K, at): &(f64, MeasuredValue)| {
        let size = at.value.abs();
        Point { x: K.ln(), y: size.ln(), standard_error: error(at) / size }
    };
    let Line { intercept, slope, slope_standard_error, .. } = line(&told.into_iter().map(point).collect::<Vec<_>>())?;
    Some(PowerLaw { exponent: slope, exponent_standard_error: slope_standard_error, factor: intercept.exp() })
}

fn error(at: &MeasuredValue) -> f64 {
    at.standard_error.max(LEAST_RELATIVE_ERROR * at.value.abs()).max(LEAST_ERROR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{ReadOptions, open};
    use crate::neuron::lif::SynapticFilter;

    fn estimate(value: f64, standard_error: f64) -> MeasuredValue {
        MeasuredValue { value, standard_error }
    }

    #[test]
    fn the_limit_of_no_grid_is_found_through_the_law_of_the_bias() {
        for power in [0.5, 1.0] {
            let points = [0.1f64, 0.05, 0.025].map(|dt| (dt, estimate(38.0 - 5.0 * dt.powf(power), 0.1)));
            let limit = without_grid(&points, power).unwrap();
            assert!((limit.value - 38.0).abs() < 1e-10 && limit.standard_error > 0.1, "{limit:?}");
        }
        assert_eq!(without_grid(&[(0.1, estimate(1.0, 0.1))], 0.5), None);
    }

    #[test]
    fn a_power_law_is_found_and_values_lost_in_noise_are_left_out() {
        let points = [100.0, 400.0, 1600.0].map(|K: f64| (K, estimate(-3.0 / K.sqrt(), 0.001)));
        let law = power_law(&points).unwrap();
        assert!((law.exponent + 0.5).abs() < 1e-12 && (law.factor - 3.0).abs() < 1e-11, "{law:?}");
        let lost = [points[0], points[1], points[2], (6400.0, estimate(5.0, 6.0))];
        assert!((power_law(&lost).unwrap().exponent + 0.5).abs() < 1e-12);
        assert_eq!(power_law(&lost[1..]), None, "two points are left");
        let turning = [points[0], points[1], (1600.0, estimate(0.2, 0.001))];
        assert_eq!(power_law(&turning), None, "of both signs");
    }

    #[test]
    fn the_bias_goes_with_the_root_of_the_step_unless_all_noise_is_filtered() {
        let power = |name: &str| {
            let network = open(name, &ReadOptions::default()).unwrap();
            let map = RateMap::new(&network, SynapticFilter::default()).unwrap();
            grid_power(&map, &vec![5.0; network.populations.len()])
        };
        assert_eq!((power("brunel2000"), power("potjans_diesmann2014")), (0.5, 1.0));
    }
}
