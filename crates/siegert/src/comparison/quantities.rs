//! The rows of a comparison: what theory and simulation both know of a population, with the simulation's errors.
//!
//! Standard errors: of the rate by batch means (`simulation`); of the CV from its spread over neurons and the bias of short trains; of the mean input from its spread
//! over neurons and from the errors of the rates that make it; of the spread of rates from that of a sample variance and from the
//! noise of counts that is taken off. The others have none.

use crate::neuron::lif::MembranePotential;
use crate::simulation::PopulationActivity;
use crate::stationary::PopulationState;

use super::{Corrected, QuantityComparison};

/// Deviations within so many standard errors may be chance.
const CHANCE: f64 = 3.0;
/// Deviations below this part of the value are trifles.
const TRIFLE: f64 = 0.01;
/// The same where no error is known.
const TRIFLE_WITHOUT_ERROR: f64 = 0.02;
/// The noise of counts, taken for that of renewal processes, is known to this part of it.
const COUNTING_ERROR: f64 = 0.2;
/// Standard errors from the middle of a 95 % interval to its ends.
const NORMAL_95: f64 = 1.96;
/// Quantiles of the rates are compared where the sampling noise of counts is below this part of their variance.
const MOST_COUNTING_NOISE: f64 = 0.25;
/// Fewer spikes than this of a population are few.
const FEW_SPIKES: u64 = 100;
/// Quantiles have no error of their own; this part of the rate counts, if it is more than one spike of a neuron.
const QUANTILE_TRIFLE: f64 = 0.05;

/// One population in theory, as far as it can be computed.
pub(super) struct Theory<'a> {
    pub(super) index: usize,
    pub(super) state: &'a PopulationState,
    pub(super) membrane: MembranePotential,
    pub(super) on_grid: Option<&'a Corrected>,
    pub(super) corrected: Option<&'a Corrected>,
    /// `V_th - V_reset`.
    pub(super) threshold_distance_mv: f64,
    /// What the errors of the simulated rates make of the mean input.
    pub(super) mean_input_error_mv: f64,
}

/// The error of the mean input that comes of the rates' errors: what populations do together cancels between excitation and inhibition, what
/// each does by itself (`CV^2 r/(n T)`) does not.
pub(super) fn mean_input_error_mv(per_hz: &[f64], measured: &[PopulationActivity], duration_ms: f64) -> f64 {
    let counting =
        |p: &PopulationActivity| p.cv.unwrap_or(1.0).powi(2) * p.rate_hz / (p.size.max(1) as f64 * duration_ms * 1e-3);
    let heard = || per_hz.iter().zip(measured).filter(|(per_hz, _)| **per_hz != 0.0);
    let alone: f64 = heard().map(|(per_hz, p)| per_hz * per_hz * counting(p)).sum();
    let together: f64 = heard().map(|(per_hz, p)| per_hz * p.rate_standard_error_hz.unwrap_or(0.0)).sum();
    (alone + together * together).sqrt()
}

/// All rows of a population that was measured for `duration_ms`.
pub(super) fn quantities(theory: &Theory, measured: &PopulationActivity, duration_ms: f64) -> Vec<QuantityComparison> {
    let mut rows = vec![rate(theory, measured, duration_ms), cv(theory, measured, duration_ms)];
    rows.extend(inputs(theory, measured));
    rows.extend(membrane(theory, measured));
    rows.extend(rates_over_neurons(theory, measured, duration_ms));
    rows
}

fn rate(theory: &Theory, measured: &PopulationActivity, duration_ms: f64) -> QuantityComparison {
    let of = |corrected: &Corrected| corrected.rates_hz[theory.index];
    Row {
        theory: Some(theory.state.rate_hz),
        theory_on_grid: theory.on_grid.map(of),
        theory_corrected: theory.corrected.map(of),
        simulation: (measured.size > 0).then_some(measured.rate_hz),
        standard_error: rate_error_hz(measured, duration_ms),
        ..Row::new("rate_hz")
    }
    .compared()
}

/// The error of the rate; of a few spikes that of a Poisson count, and of none that of one.
fn rate_error_hz(measured: &PopulationActivity, duration_ms: f64) -> Option<f64> {
    if measured.spikes >= FEW_SPIKES {
        return measured.rate_standard_error_hz;
    }
    let counted = (measured.spikes.max(1) as f64).sqrt() / (measured.size as f64 * duration_ms * 1e-3);
    Some(counted.max(measured.rate_standard_error_hz.unwrap_or(0.0)))
}

fn cv(theory: &Theory, measured: &PopulationActivity, duration_ms: f64) -> QuantityComparison {
    let of = |corrected: &Corrected| corrected.cv[theory.index];
    Row {
        theory: theory.state.cv,
        theory_on_grid: theory.on_grid.and_then(of),
        theory_corrected: theory.corrected.and_then(of),
        simulation: measured.cv,
        standard_error: cv_error(measured, duration_ms),
        ..Row::new("cv")
    }
    .compared()
}

/// The error of the CV: of a mean over neurons as if they were independent, and the bias of short trains, which hide long intervals, of about one
/// part in the number of spikes of a neuron.
fn cv_error(measured: &PopulationActivity, duration_ms: f64) -> Option<f64> {
    let chance = measured.cv_std? / (measured.cv_neurons as f64).sqrt();
    let spikes = (measured.rate_hz * duration_ms * 1e-3).max(1.0);
    Some(chance.hypot(measured.cv? / spikes))
}

fn inputs(theory: &Theory, measured: &PopulationActivity) -> [QuantityComparison; 2] {
    let input = measured.input.as_ref();
    let mean = |corrected: &Corrected| corrected.inputs[theory.index].mean_mv;
    let std = |corrected: &Corrected| corrected.inputs[theory.index].std_mv;
    let mean = Row {
        theory: Some(theory.state.mean_input_mv),
        theory_on_grid: theory.on_grid.map(mean),
        theory_corrected: theory.corrected.map(mean),
        simulation: input.map(|input| input.mean_mv),
        standard_error: input.map(|input| {
            (input.mean_std_over_neurons_mv / (input.neurons as f64).sqrt()).hypot(theory.mean_input_error_mv)
        }),
        trifle: Some(TRIFLE * theory.threshold_distance_mv),
        ..Row::new("mean_input_mv")
    };
    let std = Row {
        theory: Some(theory.state.std_input_mv),
        theory_on_grid: theory.on_grid.map(std),
        theory_corrected: theory.corrected.map(std),
        simulation: input.map(|input| input.std_mv),
        ..Row::new("std_input_mv")
    };
    [mean.compared(), std.compared()]
}

fn membrane(theory: &Theory, measured: &PopulationActivity) -> [QuantityComparison; 2] {
    let membrane = measured.membrane.as_ref();
    let mean = Row {
        theory: Some(theory.membrane.mean_mv),
        simulation: membrane.map(|membrane| membrane.mean_mv),
        trifle: Some(TRIFLE * theory.threshold_distance_mv),
        ..Row::new("membrane_mean_mv")
    };
    let std = Row {
        theory: Some(theory.membrane.std_mv),
        simulation: membrane.map(|membrane| membrane.std_mv),
        ..Row::new("membrane_std_mv")
    };
    [mean.compared(), std.compared()]
}

/// How rates are distributed over neurons: their spread, and quantiles where counts of spikes tell them.
fn rates_over_neurons(theory: &Theory, measured: &PopulationActivity, duration_ms: f64) -> Vec<QuantityComparison> {
    let distribution = &theory.state.validity.rate_distribution;
    let variance = measured.rate_distribution.std_hz.map(|std| std * std);
    // of the count of a renewal process in a long time, over the square of that time
    let counting = measured.cv.map(|cv| cv * cv * measured.rate_hz / (duration_ms * 1e-3));
    let spread = variance.zip(counting).map(|(variance, counting)| {
        let variance_error = (variance * (2.0 / measured.size as f64).sqrt()).hypot(COUNTING_ERROR * counting);
        let std = (variance - counting).max(0.0).sqrt();
        let error = if std * std > variance_error { variance_error / (2.0 * std) } else { variance_error.sqrt() };
        (std, error)
    });
    let mut rows = vec![
        Row {
            theory: Some(distribution.std_hz),
            simulation: spread.map(|(std, _)| std),
            standard_error: spread.map(|(_, error)| error),
            trifle: Some(TRIFLE * measured.rate_hz),
            ..Row::new("rate_std_hz")
        }
        .compared(),
    ];
    let told = variance.zip(counting).is_some_and(|(variance, counting)| counting < MOST_COUNTING_NOISE * variance);
    if told && distribution.std_hz > 0.0 {
        let quantiles = &distribution.quantiles_hz;
        let [q05, _, q50, _, q95] = measured.rate_distribution.quantiles_hz;
        let rows_of = [
            ("rate_q05_hz", quantiles.q05, q05),
            ("rate_q50_hz", quantiles.q50, q50),
            ("rate_q95_hz", quantiles.q95, q95),
        ];
        rows.extend(rows_of.map(|(name, theory, simulation)| {
            let trifle = Some((QUANTILE_TRIFLE * measured.rate_hz).max(1e3 / duration_ms));
            Row { theory: Some(theory), simulation: Some(simulation), trifle, ..Row::new(name) }.compared()
        }));
    }
    rows
}

/// A row before its deviation is known.
struct Row {
    quantity: &'static str,
    theory: Option<f64>,
    theory_on_grid: Option<f64>,
    theory_corrected: Option<f64>,
    simulation: Option<f64>,
    standard_error: Option<f64>,
    /// Deviations below this do not count; 1 % of the value if nothing is said.
    trifle: Option<f64>,
}

impl Row {
    fn new(quantity: &'static str) -> Self {
        Row {
            quantity,
            theory: None,
            theory_on_grid: None,
            theory_corrected: None,
            simulation: None,
            standard_error: None,
            trifle: None,
        }
    }

    fn compared(self) -> QuantityComparison {
        let Row { quantity, theory, theory_on_grid, theory_corrected, simulation, .. } = self;
        let standard_error = self.standard_error.filter(|error| error.is_finite() && simulation.is_some());
        let percent = |theory: Option<f64>| {
            let simulation = simulation.filter(|simulation| *simulation != 0.0)?;
            Some(100.0 * (theory? - simulation) / simulation.abs())
        };
        let difference = theory.zip(simulation).map(|(theory, simulation)| theory - simulation);
        let z =
            difference.zip(standard_error.filter(|error| *error > 0.0)).map(|(difference, error)| difference / error);
        let part = if z.is_some() { TRIFLE } else { TRIFLE_WITHOUT_ERROR };
        let trifle = self.trifle.or(simulation.map(|simulation| part * simulation.abs())).unwrap_or(0.0);
        let deviates =
            difference.is_some_and(|difference| difference.abs() > trifle) && z.is_none_or(|z| z.abs() > CHANCE);
        QuantityComparison {
            quantity,
            theory,
            theory_on_grid,
            theory_corrected,
            simulation,
            standard_error,
            confidence_interval_95: simulation.zip(standard_error).map(|(middle, error)| {
                let half = NORMAL_95 * error;
                [middle - half, middle + half]
            }),
            deviation_percent: percent(theory),
            z,
            corrected_deviation_percent: percent(theory_corrected),
            deviates,
            causes: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(theory: f64, simulation: f64, standard_error: Option<f64>) -> QuantityComparison {
        let (theory, simulation) = (Some(theory), Some(simulation));
        Row { theory, simulation, standard_error, ..Row::new("rate_hz") }.compared()
    }

    #[test]
    fn a_row_deviates_beyond_chance_and_trifles() {
        assert!(row(10.5, 10.0, Some(0.1)).deviates);
        assert!(!row(10.5, 10.0, Some(0.2)).deviates, "within three errors");
        assert!(!row(10.05, 10.0, Some(0.001)).deviates, "half a percent");
        assert!(row(10.5, 10.0, None).deviates && !row(10.05, 10.0, None).deviates);
    }

    #[test]
    fn deviations_are_of_the_theory_from_the_simulation() {
        let row = row(9.0, 10.0, Some(0.5));
        assert_eq!((row.deviation_percent, row.z), (Some(-10.0), Some(-2.0)));
        assert_eq!(row.confidence_interval_95, Some([10.0 - 0.98, 10.0 + 0.98]));
    }

    #[test]
    fn what_is_not_known_makes_no_deviation() {
        let silent = row(9.0, 0.0, None);
        assert_eq!((silent.deviation_percent, silent.z, silent.deviates), (None, None, true));
        let absent = Row { theory: Some(1.0), standard_error: Some(0.1), ..Row::new("cv") }.compared();
        assert_eq!((absent.standard_error, absent.z, absent.deviates), (None, None, false));
    }
}
