//! The rows of a comparison: what theory and simulation both know of a population, with the simulation's errors.
//!
//! Standard errors: of the rate by batch means (`simulation`), of few spikes that of a count; of the CV from its spread over neurons and
//! the bias of short trains; of the mean input from its spread over neurons and from the errors of the rates that make it; of the potential
//! from the number of independent samples; of the spread of rates from that of a sample variance and from the noise of counts that is
//! taken off. Sigma and the quantiles have none. All are those of one network in time, not of networks drawn anew.
//!
//! Neurons that do the same count once: with the correlation `rho` of the inputs that shared drives make, or that of the spike counts where it
//! is more than a trifle,
//!
//! ```text
//! independent neurons = n/(1 + (n - 1) rho)        rho^2 for variances
//! ```
//!
//! Where nothing varies there is no error, and no number of them.

use crate::neuron::lif::MembranePotential;
use crate::simulation::{Membrane, PopulationActivity};
use crate::theory::PopulationState;

use super::{ComparedQuantity, Corrected, QuantityComparison};

/// Deviations within so many standard errors may be chance.
pub(super) const CHANCE: f64 = 3.0;
/// Deviations below this part of the value are trifles.
const TRIFLE: f64 = 0.01;
/// The same for standard deviations of input and potential.
const TRIFLE_OF_STD: f64 = 0.02;
/// The noise of counts, taken for that of renewal processes, is known to this part of it.
const COUNTING_ERROR: f64 = 0.2;
/// Standard errors from the middle of a 95 % interval to its ends.
const NORMAL_95: f64 = 1.96;
/// Quantiles of the rates are compared where the sampling noise of counts is below this part of their variance.
const MOST_COUNTING_NOISE: f64 = 0.25;
/// Fewer spikes than this of a population are few.
const FEW_SPIKES: u64 = 100;
/// Correlations of spike counts below this are left to the errors of rates.
const TRIFLE_OF_CORRELATION: f64 = 0.05;
/// Errors below this part of a value are rounding, of weights in single precision.
const ROUNDING: f64 = 1e-7;
/// Quantiles have no error of their own; this part of the rate counts, if it is more than one spike of a neuron.
const QUANTILE_TRIFLE: f64 = 0.05;

/// One population in theory, as far as it can be computed.
pub(super) struct Predicted<'a> {
    pub(super) index: usize,
    pub(super) state: &'a PopulationState,
    pub(super) membrane: MembranePotential,
    pub(super) on_grid: Option<&'a Corrected>,
    pub(super) corrected: Option<&'a Corrected>,
    /// `V_th - V_reset`.
    pub(super) threshold_distance_mv: f64,
    pub(super) tau_m_ms: f64,
    /// What the errors of the simulated rates make of the mean input.
    pub(super) mean_input_error_mv: f64,
}

impl Predicted<'_> {
    /// Standard deviations are told apart by 2 % of them, and by 0.1 % of `V_th - V_reset`.
    fn trifle_of_std_mv(&self, std_mv: f64) -> f64 {
        (TRIFLE_OF_STD * std_mv).max(1e-3 * self.threshold_distance_mv)
    }

    /// Correlation of the inputs of two neurons that shared drives make.
    fn shared_drive_correlation(&self) -> f64 {
        self.state.validity.shared_drive_correlation.unwrap_or(0.0)
    }

    /// The correlation of what two neurons do, 0 where it is a trifle.
    fn correlation(&self, measured: &PopulationActivity) -> f64 {
        let of_counts = measured.correlation_all_pairs.filter(|correlation| *correlation > TRIFLE_OF_CORRELATION);
        of_counts.unwrap_or(0.0).max(self.shared_drive_correlation()).min(1.0)
    }
}

/// How many of `neurons` with this correlation are as good as independent.
fn independent(neurons: u64, correlation: f64) -> f64 {
    let neurons = neurons.max(1) as f64;
    neurons / (1.0 + (neurons - 1.0) * correlation)
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
pub(super) fn quantities(
    theory: &Predicted,
    measured: &PopulationActivity,
    duration_ms: f64,
) -> Vec<QuantityComparison> {
    let mut rows = vec![rate(theory, measured, duration_ms), cv(theory, measured, duration_ms)];
    rows.extend(inputs(theory, measured, duration_ms));
    rows.extend(membrane(theory, measured, duration_ms));
    rows.extend(rates_over_neurons(theory, measured, duration_ms));
    rows
}

/// What a corrected state says of a quantity of population `a`.
pub(super) fn of_corrected(corrected: &Corrected, a: usize, quantity: ComparedQuantity) -> Option<f64> {
    match quantity {
        ComparedQuantity::Rate => Some(corrected.rates_hz[a]),
        ComparedQuantity::Cv => corrected.cv[a],
        ComparedQuantity::MeanInput => Some(corrected.inputs[a].mean_mv),
        ComparedQuantity::StdInput => Some(corrected.inputs[a].std_mv),
        ComparedQuantity::MembraneMean => Some(corrected.membrane[a].mean_mv),
        ComparedQuantity::MembraneStd => Some(corrected.membrane[a].std_mv),
        ComparedQuantity::RateStd
        | ComparedQuantity::RateQ05
        | ComparedQuantity::RateQ50
        | ComparedQuantity::RateQ95
        | ComparedQuantity::Correlation
        | ComparedQuantity::FanoFactor
        | ComparedQuantity::SingleNeuronFanoFactor
        | ComparedQuantity::Oscillation => None,
    }
}

fn rate(theory: &Predicted, measured: &PopulationActivity, duration_ms: f64) -> QuantityComparison {
    Row {
        theory: Some(theory.state.rate_hz),
        simulation: (measured.size > 0).then_some(measured.rate_hz),
        standard_error: rate_error_hz(measured, independent(measured.size, theory.correlation(measured)), duration_ms),
        ..Row::new(ComparedQuantity::Rate)
    }
    .compared(theory)
}

/// The error of the rate; of a few spikes, or a time too short for stretches, that of a Poisson count, and of none that of one. Of `independent`
/// neurons only.
pub(super) fn rate_error_hz(measured: &PopulationActivity, independent: f64, duration_ms: f64) -> Option<f64> {
    let alike = (measured.size.max(1) as f64 / independent).sqrt();
    let counted = alike * (measured.spikes.max(1) as f64).sqrt() / (measured.size as f64 * duration_ms * 1e-3);
    Some(match measured.rate_standard_error_hz {
        Some(error) if measured.spikes >= FEW_SPIKES => error,
        Some(error) => error.max(counted),
        None => counted,
    })
}

fn cv(theory: &Predicted, measured: &PopulationActivity, duration_ms: f64) -> QuantityComparison {
    Row {
        theory: theory.state.cv,
        simulation: measured.cv,
        standard_error: cv_error(measured, theory.correlation(measured), duration_ms),
        ..Row::new(ComparedQuantity::Cv)
    }
    .compared(theory)
}

/// The error of the CV: of a mean over neurons as if they were independent, and the bias of short trains, which hide long intervals, of about one
/// part in the number of spikes of a neuron. What is common to all neurons does not show between them.
fn cv_error(measured: &PopulationActivity, correlation: f64, duration_ms: f64) -> Option<f64> {
    let (cv, spikes) = (measured.cv?, (measured.rate_hz * duration_ms * 1e-3).max(1.0));
    // of one neuron as of so many exponential intervals
    let chance = measured.cv_std.map_or(cv / spikes.sqrt(), |std| std / (measured.cv_neurons as f64).sqrt());
    let common = correlation * cv / spikes.sqrt();
    Some(chance.hypot(cv / spikes).hypot(common))
}

/// The noise of shared drives, `sqrt(rho sigma^2 tau_m/T)` in the mean over the time `T`, is the same in all neurons.
fn inputs(theory: &Predicted, measured: &PopulationActivity, duration_ms: f64) -> [QuantityComparison; 2] {
    let input = measured.input.as_ref();
    let common_mv =
        theory.state.std_input_mv * (theory.shared_drive_correlation() * theory.tau_m_ms / duration_ms).sqrt();
    let mean = Row {
        theory: Some(theory.state.mean_input_mv),
        simulation: input.map(|input| input.mean_mv),
        standard_error: input.map(|input| {
            let alone_mv = input.mean_std_over_neurons_mv / (input.neurons as f64).sqrt();
            alone_mv.hypot(theory.mean_input_error_mv).hypot(common_mv)
        }),
        trifle: Some(TRIFLE * theory.threshold_distance_mv),
        ..Row::new(ComparedQuantity::MeanInput)
    };
    let std = Row {
        theory: Some(theory.state.std_input_mv),
        simulation: input.map(|input| input.std_mv),
        trifle: Some(theory.trifle_of_std_mv(theory.state.std_input_mv)),
        ..Row::new(ComparedQuantity::StdInput)
    };
    [mean.compared(theory), std.compared(theory)]
}

/// Potentials are sampled once a millisecond; two of a neuron are independent after `2 tau_m`.
fn membrane(theory: &Predicted, measured: &PopulationActivity, duration_ms: f64) -> [QuantityComparison; 2] {
    let membrane = measured.membrane.as_ref();
    let correlation = theory.correlation(measured);
    let samples = |of: &Membrane, correlation: f64| {
        independent(of.neurons, correlation) * (duration_ms / (2.0 * theory.tau_m_ms)).max(1.0)
    };
    let mean = Row {
        theory: Some(theory.membrane.mean_mv),
        simulation: membrane.map(|membrane| membrane.mean_mv),
        standard_error: membrane.map(|membrane| membrane.std_mv / samples(membrane, correlation).sqrt()),
        trifle: Some(TRIFLE * theory.threshold_distance_mv),
        ..Row::new(ComparedQuantity::MembraneMean)
    };
    let std = Row {
        theory: Some(theory.membrane.std_mv),
        simulation: membrane.map(|membrane| membrane.std_mv),
        standard_error: membrane
            .map(|membrane| membrane.std_mv / (2.0 * samples(membrane, correlation * correlation)).sqrt()),
        trifle: Some(theory.trifle_of_std_mv(theory.membrane.std_mv)),
        ..Row::new(ComparedQuantity::MembraneStd)
    };
    [mean.compared(theory), std.compared(theory)]
}

/// How rates are distributed over neurons: their spread, and quantiles where counts of spikes tell them.
fn rates_over_neurons(theory: &Predicted, measured: &PopulationActivity, duration_ms: f64) -> Vec<QuantityComparison> {
    let distribution = &theory.state.validity.rate_distribution;
    let variance = measured.rate_distribution.std_hz.map(|std| std * std);
    let counting = measured.cv.map(|cv| counting_variance_hz2(cv, measured.rate_hz, duration_ms * 1e-3));
    let spread = variance.zip(counting).map(|(variance, [counting, counting_error])| {
        let variance_error = (variance * (2.0 / measured.size as f64).sqrt()).hypot(counting_error);
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
            ..Row::new(ComparedQuantity::RateStd)
        }
        .compared(theory),
    ];
    let told =
        variance.zip(counting).is_some_and(|(variance, [counting, _])| counting < MOST_COUNTING_NOISE * variance);
    if told && distribution.std_hz > 0.0 {
        let quantiles = &distribution.quantiles_hz;
        let [q05, _, q50, _, q95] = measured.rate_distribution.quantiles_hz;
        let rows_of = [
            (ComparedQuantity::RateQ05, quantiles.q05, q05),
            (ComparedQuantity::RateQ50, quantiles.q50, q50),
            (ComparedQuantity::RateQ95, quantiles.q95, q95),
        ];
        rows.extend(rows_of.map(|(quantity, expected, simulation)| {
            let trifle = Some((QUANTILE_TRIFLE * measured.rate_hz).max(1e3 / duration_ms));
            Row { theory: Some(expected), simulation: Some(simulation), trifle, ..Row::new(quantity) }.compared(theory)
        }));
    }
    rows
}

/// The variance over neurons of counts in the time `T`, over `T^2`, for equal renewal processes, and how well it is known:
/// `CV^2 r/T + (1 - CV^2)/(6 T^2)`. The second term is that of regular trains, whose counts differ by one at most. The CV of short trains
/// is too small, by about one part in the number of spikes.
fn counting_variance_hz2(cv: f64, rate_hz: f64, duration_s: f64) -> [f64; 2] {
    let (irregular, regular) = (cv * cv * rate_hz / duration_s, 1.0 / (6.0 * duration_s * duration_s));
    let unsure = COUNTING_ERROR + 2.0 / (rate_hz * duration_s).max(1.0);
    [irregular + (1.0 - cv * cv).max(0.0) * regular, (unsure * irregular).hypot(regular)]
}

/// A row before its deviation is known.
pub(super) struct Row {
    pub(super) quantity: ComparedQuantity,
    pub(super) theory: Option<f64>,
    pub(super) simulation: Option<f64>,
    pub(super) standard_error: Option<f64>,
    /// Deviations below this do not count; 1 % of the value if nothing is said.
    pub(super) trifle: Option<f64>,
}

impl Row {
    pub(super) fn new(quantity: ComparedQuantity) -> Self {
        Row { quantity, theory: None, simulation: None, standard_error: None, trifle: None }
    }

    fn compared(self, of: &Predicted) -> QuantityComparison {
        let [on_grid, corrected] = [of.on_grid, of.corrected]
            .map(|state| state.and_then(|state| of_corrected(state, of.index, self.quantity)));
        self.beside(on_grid, corrected)
    }

    pub(super) fn beside(self, theory_on_grid: Option<f64>, theory_corrected: Option<f64>) -> QuantityComparison {
        let Row { quantity, theory, simulation, .. } = self;
        let standard_error = self.standard_error.filter(|error| error.is_finite() && simulation.is_some());
        let percent = |theory: Option<f64>| {
            let simulation = simulation.filter(|simulation| *simulation != 0.0)?;
            Some(100.0 * (theory? - simulation) / simulation.abs())
        };
        let difference = theory.zip(simulation).map(|(theory, simulation)| theory - simulation);
        let trifle = self.trifle.or(simulation.map(|simulation| TRIFLE * simulation.abs())).unwrap_or(0.0);
        let largest =
            [theory, simulation].into_iter().flatten().fold(trifle, |largest, value| largest.max(value.abs()));
        let varies = |error: &f64| *error > ROUNDING * largest;
        let z = difference.zip(standard_error.filter(varies)).map(|(difference, error)| difference / error);
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
        Row { theory, simulation, standard_error, ..Row::new(ComparedQuantity::Rate) }.beside(None, None)
    }

    #[test]
    fn a_row_deviates_beyond_chance_and_trifles() {
        assert!(row(10.5, 10.0, Some(0.1)).deviates);
        assert!(!row(10.5, 10.0, Some(0.2)).deviates, "within three errors");
        assert!(!row(10.05, 10.0, Some(0.001)).deviates, "half a percent");
        assert!(row(10.5, 10.0, None).deviates && !row(10.05, 10.0, None).deviates);
    }

    #[test]
    fn counts_of_poisson_and_of_regular_trains_have_their_variances() {
        // r/T of a Poisson process; a sixth of a spike squared of a regular one at any phase
        assert_eq!(counting_variance_hz2(1.0, 20.0, 2.0)[0], 10.0);
        assert!((counting_variance_hz2(0.0, 20.0, 2.0)[0] - 1.0 / 24.0).abs() < 1e-15);
    }

    #[test]
    fn deviations_are_of_the_theory_from_the_simulation() {
        let row = row(9.0, 10.0, Some(0.5));
        assert_eq!((row.deviation_percent, row.z), (Some(-10.0), Some(-2.0)));
        assert_eq!(row.confidence_interval_95, Some([10.0 - 0.98, 10.0 + 0.98]));
    }

    #[test]
    fn where_nothing_varies_there_is_no_number_of_errors() {
        let same = row(20.015, 20.0, Some(4e-15));
        assert_eq!((same.z, same.deviates), (None, false));
        assert!(row(20.3, 20.0, Some(4e-15)).deviates && row(20.015, 20.0, Some(1e-3)).z.is_some());
    }

    #[test]
    fn neurons_that_do_the_same_count_once() {
        assert_eq!((independent(1000, 0.0), independent(1000, 1.0), independent(0, 1.0)), (1000.0, 1.0, 1.0));
        assert!((independent(1000, 0.1) - 1000.0 / 100.9).abs() < 1e-12);
    }

    #[test]
    fn what_is_not_known_makes_no_deviation() {
        let silent = row(9.0, 0.0, None);
        assert_eq!((silent.deviation_percent, silent.z, silent.deviates), (None, None, true));
        let absent =
            Row { theory: Some(1.0), standard_error: Some(0.1), ..Row::new(ComparedQuantity::Cv) }.beside(None, None);
        assert_eq!((absent.standard_error, absent.z, absent.deviates), (None, None, false));
    }
}
