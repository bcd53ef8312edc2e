//! Each measure against its limit, what a broken assumption does to the rate, and the verdict on a state.
//!
//! The severity of a finding is the measure over its limit (the limit over the measure where more is better), so 1 at the limit.
//! The verdict goes by the worst severity of all populations: up to 1 good, up to 2 caution, beyond that doubtful.

use serde::{Deserialize, Serialize};

use super::{Asynchrony, RateDistribution, Trust, Validity, Verdict};
use crate::fixed_decimals;
use crate::neuron::lif::LARGEST_SMALL_K;
use crate::{Warning, WarningKind};

/// Fewer spikes than this within `tau_m` are few.
const FEWEST_EVENTS: f64 = 20.0;
/// PSPs beyond this part of `V_th - V_reset` are large.
const LARGEST_PSP: f64 = 0.1;
const LARGEST_SKEWNESS: f64 = 0.2;
/// Relative change of the rate by the size of jumps.
const LARGEST_SHOT_NOISE_DEVIATION: f64 = 0.05;
/// Shares of filtered noise at which neither the white nor the filtered limit describes the input.
const MIXED: std::ops::Range<f64> = 0.02..0.98;
/// The same for the correlation of inputs where a drive is shared.
const LARGEST_SHARED_FRACTION: f64 = 0.2;
/// Relative change of the noise at low frequency by presynaptic neurons that are no Poisson processes.
const LARGEST_NOISE_DEVIATION: f64 = 0.5;
/// Spread of the logarithm of the rate over neurons.
const LARGEST_SPREAD: f64 = 0.5;
/// Standard deviation of the adaptation beside `sigma`.
const LARGEST_ADAPTATION: f64 = 0.2;
/// Standard deviation of the total conductance over its mean; up to 0.14 rates are within 2 % of simulated neurons (`neuron::conductance`).
const LARGEST_CONDUCTANCE_FLUCTUATIONS: f64 = 0.2;
/// Power of a population beside that of as many independent neurons.
const LARGEST_PEAK: f64 = 10.0;
/// Severity of an oscillation that hardly grows.
const CAUTION: f64 = 1.5;
/// A population with a smaller part in a mode than this does not notice it.
const LEAST_PART: f64 = 0.01;
/// Rates above this fraction of `1/t_ref` are near saturation.
const SATURATED: f64 = 0.9;
/// Up to this severity a state is to be taken with caution, beyond it is doubtful.
const DOUBTFUL: f64 = 2.0;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Spikes within `tau_m`.
    Events,
    /// Size of the largest PSP.
    PspSize,
    /// Skewness of the free membrane.
    Skewness,
    /// The rate with jumps of their size.
    ShotNoise,
    /// `sqrt(tau_syn/tau_m)`.
    SynapticTime,
    /// Delta synapses beside synapses with a time constant.
    MixedSynapses,
    /// Inputs that two neurons share.
    SharedInput,
    /// How far presynaptic neurons are from Poisson processes.
    PresynapticIrregularity,
    /// Strength of the random part of the connections.
    RandomPart,
    /// Spread of rates over neurons.
    RateSpread,
    /// How much the adaptation varies.
    Adaptation,
    /// How much the total conductance varies.
    ConductanceFluctuations,
    /// Whether the neurons fire independently of each other.
    Asynchrony,
    /// Rate over `1/t_ref`.
    Saturation,
}

impl Measure {
    /// For the middle of a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Measure::Events => "the number of spikes within tau_m",
            Measure::PspSize => "the size of single PSPs",
            Measure::Skewness => "the skewness of the input",
            Measure::ShotNoise => "the rate's dependence on the size of jumps",
            Measure::SynapticTime => "the synaptic time constant",
            Measure::MixedSynapses => "the mixture of instantaneous and filtered synapses",
            Measure::SharedInput => "the fraction of shared input",
            Measure::PresynapticIrregularity => "presynaptic neurons that are not Poisson",
            Measure::RandomPart => "the strength of the random part of the connections",
            Measure::RateSpread => "the spread of rates over neurons",
            Measure::Adaptation => "the variance of the adaptation",
            Measure::ConductanceFluctuations => "the fluctuations of the total conductance",
            Measure::Asynchrony => "synchrony",
            Measure::Saturation => "saturation",
        }
    }
}

/// A measure against its limit.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// What is measured.
    pub measure: Measure,
    /// The number that was measured: spikes, a part of 1 or whatever the measure is.
    pub value: f64,
    /// Its limit.
    pub limit: f64,
    /// The measure over its limit; above 1 the assumption is not met.
    pub severity: f64,
    /// What is measured and what it does to the rate, in a sentence with numbers. It speaks of an assumption that is not met.
    pub sentence: String,
}

impl Finding {
    /// As a warning about a population.
    pub fn warning(self, population: &str) -> Warning {
        let warning = Warning::new(self.measure.into(), self.sentence).about(population);
        warning.with_value(self.value).with_limit(self.limit)
    }
}

impl From<Measure> for WarningKind {
    fn from(measure: Measure) -> Self {
        match measure {
            Measure::Events => WarningKind::Events,
            Measure::PspSize => WarningKind::PspSize,
            Measure::Skewness => WarningKind::Skewness,
            Measure::ShotNoise => WarningKind::ShotNoise,
            Measure::SynapticTime => WarningKind::SynapticTime,
            Measure::MixedSynapses => WarningKind::MixedSynapses,
            Measure::SharedInput => WarningKind::SharedInput,
            Measure::PresynapticIrregularity => WarningKind::PresynapticIrregularity,
            Measure::RandomPart => WarningKind::RandomPart,
            Measure::RateSpread => WarningKind::RateSpread,
            Measure::Adaptation => WarningKind::Adaptation,
            Measure::ConductanceFluctuations => WarningKind::ConductanceFluctuations,
            Measure::Asynchrony => WarningKind::Asynchrony,
            Measure::Saturation => WarningKind::Saturation,
        }
    }
}

/// Every measure of a population with rate `rate_hz` against its limit, in the order of [`Measure`].
pub fn findings(validity: &Validity, rate_hz: f64) -> Vec<Finding> {
    let all = [
        events(validity),
        psp_size(validity),
        skewness(validity),
        shot_noise(validity),
        synaptic_time(validity),
        mixed_synapses(validity),
        shared_input(validity),
        presynaptic_irregularity(validity),
        random_part(validity),
        rate_spread(&validity.rate_distribution, rate_hz),
        adaptation(validity),
        conductance_fluctuations(validity),
        asynchrony(validity),
        saturation(validity),
    ];
    all.into_iter().flatten().collect()
}

/// Those of them that are beyond their limit.
pub(crate) fn beyond(validity: &Validity, rate_hz: f64) -> impl Iterator<Item = Finding> {
    findings(validity, rate_hz).into_iter().filter(|finding| finding.severity > 1.0)
}

/// The same as warnings about the population of a name.
pub(crate) fn warnings_about(name: &str, validity: &Validity, rate_hz: f64) -> Vec<Warning> {
    beyond(validity, rate_hz).map(|finding| finding.warning(name)).collect()
}

/// The verdict on a state, from the name, the measures and the rate of each population.
pub fn verdict<'a>(populations: impl Iterator<Item = (&'a str, &'a Validity, f64)>) -> Verdict {
    let all =
        populations.flat_map(|(name, validity, rate)| findings(validity, rate).into_iter().map(move |f| (name, f)));
    let worst = all.reduce(|worst, next| if next.1.severity > worst.1.severity { next } else { worst });
    let Some((name, Finding { measure, severity, sentence, .. })) = worst else {
        return Verdict {
            sentence: "Nothing here rests on an assumption that could fail.".into(),
            ..Verdict::default()
        };
    };
    let (trust, sentence) = match severity {
        _ if severity <= 1.0 => {
            let nearest = measure.words();
            (Trust::Good, format!("Every assumption is met; nearest to its limit is {nearest}, in {name}."))
        }
        _ if severity <= DOUBTFUL => (Trust::Caution, format!("{name}: {sentence}")),
        _ => (Trust::Doubtful, format!("{name}: {sentence}")),
    };
    Verdict { trust, measure: Some(measure), population: Some(name.to_owned()), severity, sentence }
}

/// Of a measure that is to stay below its limit, with the number that is measured and how severe it is.
fn finding(measure: Measure, (value, limit): (f64, f64), severity: f64, sentence: String) -> Option<Finding> {
    Some(Finding { measure, value, limit, severity, sentence })
}

/// A few spikes matter as far as the noise comes by spikes.
fn events(validity: &Validity) -> Option<Finding> {
    let events = validity.events_per_tau_m;
    if events == 0.0 || validity.by_single_jumps {
        return None;
    }
    let sentence = format!(
        "Only {} spikes arrive within tau_m (limit {FEWEST_EVENTS}): their sum is not Gaussian, and the rate errs in either direction.",
        short(events)
    );
    finding(Measure::Events, (events, FEWEST_EVENTS), validity.spike_noise_fraction * FEWEST_EVENTS / events, sentence)
}

fn psp_size(validity: &Validity) -> Option<Finding> {
    let size = validity.psp_over_threshold_distance;
    if validity.by_single_jumps {
        return None;
    }
    let sentence = format!(
        "A single PSP of {} mV is {} % of {} (limit {:.0} %): the potential jumps where the theory lets it diffuse; \
         jumps past the threshold make the rate come out too high, unless spikes need rare large jumps.",
        short(validity.largest_psp_mv),
        fixed_decimals(100.0 * size, 0),
        // only an infinite reset has no drift
        if validity.kramers_moyal.d1_at_V_reset_mv_per_ms.is_some() { "V_th - V_reset" } else { "2 Delta_T" },
        100.0 * LARGEST_PSP
    );
    finding(Measure::PspSize, (size, LARGEST_PSP), size / LARGEST_PSP, sentence)
}

fn skewness(validity: &Validity) -> Option<Finding> {
    let skewness = validity.skewness.filter(|_| !validity.by_single_jumps)?;
    let effect = if skewness > 0.0 {
        "large upward jumps make spikes that a Gaussian has not: the rate comes out too low, far below threshold most"
    } else {
        "large downward jumps make up the noise, which reaches upwards less far than a Gaussian: the rate comes out too high"
    };
    let skewed = fixed_decimals(skewness, 2);
    let sentence = format!("The input is skewed, gamma_1 = {skewed} (limit {LARGEST_SKEWNESS}): {effect}.");
    finding(Measure::Skewness, (skewness, LARGEST_SKEWNESS), skewness.abs() / LARGEST_SKEWNESS, sentence)
}

fn shot_noise(validity: &Validity) -> Option<Finding> {
    if validity.by_single_jumps {
        return None;
    }
    let (Some(deviation), Some(corrected)) = (validity.shot_noise_deviation, validity.shot_noise_corrected_rate_hz)
    else {
        let parameter = validity.shot_noise_expansion_parameter?;
        let sentence = "The size of single jumps decides about the rate so far below threshold, and the expansion in it is of no use: \
                        the rate may be off by a factor.";
        return finding(Measure::ShotNoise, (parameter, 1.0), parameter.max(1.0), sentence.into());
    };
    let is_far = validity.shot_noise_expansion_parameter.is_some_and(|parameter| parameter > 1.0);
    if is_far {
        let (factor, direction) = match deviation < 0.0 {
            true => (1.0 / (1.0 + deviation), "less"),
            false => (1.0 + deviation, "more"),
        };
        let sentence = format!(
            "The size of single jumps decides about the rate: counted one by one they give {} Hz at the same input, {direction} by a factor of {} (feedback through the \
             network not counted; where no conductance has a time constant `solve --input shot-noise` counts it).",
            short(corrected),
            short(factor)
        );
        let severity = deviation.abs() / LARGEST_SHOT_NOISE_DEVIATION;
        return finding(Measure::ShotNoise, (deviation, LARGEST_SHOT_NOISE_DEVIATION), severity, sentence);
    }
    let sentence = format!(
        "With jumps of their size in place of white noise the same input gives {} Hz, {:.1} % {} (limit {:.0} %; feedback through the \
         network not counted).",
        short(corrected),
        100.0 * deviation.abs(),
        if deviation < 0.0 { "less" } else { "more" },
        100.0 * LARGEST_SHOT_NOISE_DEVIATION
    );
    finding(
        Measure::ShotNoise,
        (deviation, LARGEST_SHOT_NOISE_DEVIATION),
        deviation.abs() / LARGEST_SHOT_NOISE_DEVIATION,
        sentence,
    )
}

fn synaptic_time(validity: &Validity) -> Option<Finding> {
    if validity.by_threshold_crossings {
        return None;
    }
    let k = validity.tau_syn_over_tau_m.sqrt();
    let sentence = format!(
        "sqrt(tau_syn/tau_m) = {} is not small: the first order in it errs by 4 % at {LARGEST_SMALL_K} and by more beyond.",
        fixed_decimals(k, 2)
    );
    finding(Measure::SynapticTime, (k, LARGEST_SMALL_K), k / LARGEST_SMALL_K, sentence)
}

/// Most severe, 2, for equal parts.
fn mixed_synapses(validity: &Validity) -> Option<Finding> {
    let fraction = validity.filtered_fraction;
    if !MIXED.contains(&fraction) || validity.by_threshold_crossings {
        return None;
    }
    let sentence = format!(
        "{:.0} % of the noise comes through synapses with a time constant, the rest is instantaneous: for such a mixture the \
         correction for the time constant is an interpolation.",
        100.0 * fraction
    );
    finding(Measure::MixedSynapses, (fraction, MIXED.start), 1.0 + 4.0 * fraction * (1.0 - fraction), sentence)
}

fn shared_input(validity: &Validity) -> Option<Finding> {
    let fraction = validity.shared_input_fraction?;
    if let (Some(_), Some(correlation)) = (validity.shared_drive_correlation, validity.input_correlation) {
        return shared_drive(fraction, correlation);
    }
    let correlation = match validity.input_correlation {
        Some(correlation) => format!(", a correlation of {correlation:.2} were the sources independent"),
        None => String::new(),
    };
    let sentence = format!(
        "Two neurons share {:.0} % of their inputs (limit {:.0} %{correlation}): the population fluctuates together, which the rates \
         of this theory do not see.",
        100.0 * fraction,
        100.0 * LARGEST_SHARED_FRACTION
    );
    finding(Measure::SharedInput, (fraction, LARGEST_SHARED_FRACTION), fraction / LARGEST_SHARED_FRACTION, sentence)
}

/// Of trains that are shared by spikes of any number and size, the correlation tells what they do.
fn shared_drive(fraction: f64, correlation: f64) -> Option<Finding> {
    let sentence = format!(
        "A drive is shared: two neurons have {:.0} % of their spikes in common, a correlation of the inputs of {correlation:.2} (limit \
         {LARGEST_SHARED_FRACTION}): the population fluctuates together, which the rates of this theory do not see.",
        100.0 * fraction,
    );
    finding(
        Measure::SharedInput,
        (correlation, LARGEST_SHARED_FRACTION),
        correlation / LARGEST_SHARED_FRACTION,
        sentence,
    )
}

fn presynaptic_irregularity(validity: &Validity) -> Option<Finding> {
    let deviation = validity.low_frequency_noise_deviation?;
    let (who, effect, error) =
        if deviation < 0.0 { ("more regular", "smaller", "high") } else { ("more irregular", "larger", "low") };
    let sentence = format!(
        "The neurons heard fire {who} than Poisson processes: the noise at low frequency is {:.0} % {effect} than assumed (limit {:.0} %), \
         and the rate comes out too {error} where noise drives it.",
        100.0 * deviation.abs(),
        100.0 * LARGEST_NOISE_DEVIATION
    );
    finding(
        Measure::PresynapticIrregularity,
        (deviation, LARGEST_NOISE_DEVIATION),
        deviation.abs() / LARGEST_NOISE_DEVIATION,
        sentence,
    )
}

fn random_part(validity: &Validity) -> Option<Finding> {
    let radius = validity.random_part_spectral_radius;
    if radius == 0.0 {
        return None;
    }
    let sentence = format!(
        "The random part of the connections has the spectral radius {radius:.2} (critical: 1): differences between neurons feed on \
         themselves, rates fluctuate slowly, and input noise and rates come out too low."
    );
    finding(Measure::RandomPart, (radius, 1.0), radius, sentence)
}

fn rate_spread(distribution: &RateDistribution, rate_hz: f64) -> Option<Finding> {
    let spread = distribution.delta_dln_rate_dmu;
    let RateDistribution { mean_hz, quantiles_hz, delta_mv, self_consistent, .. } = distribution;
    let mut sentence = format!(
        "Neurons differ in mean input by {} mV: their rates spread from {} to {} Hz (5 % to 95 %), with a mean of {} Hz where equal \
         neurons fire at {} Hz.",
        short(*delta_mv),
        short(quantiles_hz.q05),
        short(quantiles_hz.q95),
        short(*mean_hz),
        short(rate_hz)
    );
    if !self_consistent {
        sentence += " No self-consistent distribution was found; this is the one that equal rates make.";
    }
    let least = if *self_consistent { 0.0 } else { 1.0 };
    finding(Measure::RateSpread, (spread, LARGEST_SPREAD), (spread / LARGEST_SPREAD).max(least), sentence)
}

fn adaptation(validity: &Validity) -> Option<Finding> {
    let (ratio, spikes) = (validity.adaptation_std_over_sigma?, validity.spikes_per_tau_w?);
    let sentence = format!(
        "The adaptation is taken at its mean, and its standard deviation is {} of sigma (limit {LARGEST_ADAPTATION}; {} spikes within tau_w, many \
         make it small): intervals are more regular than said, and most rates come out too low, by up to 11 % at {}.",
        fixed_decimals(ratio, 2),
        short(spikes),
        2.5 * LARGEST_ADAPTATION
    );
    finding(Measure::Adaptation, (ratio, LARGEST_ADAPTATION), ratio / LARGEST_ADAPTATION, sentence)
}

fn conductance_fluctuations(validity: &Validity) -> Option<Finding> {
    let ratio = validity.conductance_std_over_mean?;
    let sentence = format!(
        "The total conductance fluctuates by {} of its mean (limit {LARGEST_CONDUCTANCE_FLUCTUATIONS}): the time constant of the membrane, which is taken at the mean conductance, \
         does so, too.",
        fixed_decimals(ratio, 2)
    );
    let limit = LARGEST_CONDUCTANCE_FLUCTUATIONS;
    finding(Measure::ConductanceFluctuations, (ratio, limit), ratio / limit, sentence)
}

/// A mode that grows makes the state one to be taken with caution at least, and all the more the more it grows within a cycle.
fn asynchrony(validity: &Validity) -> Option<Finding> {
    let Asynchrony { growth_per_s, frequency_hz, part, peak, peak_hz } = validity.asynchrony?;
    if let (Some(growth), Some(frequency)) = (growth_per_s, frequency_hz) {
        if part.is_none_or(|part| part < LEAST_PART) {
            return None;
        }
        let (severity, sentence) = match frequency > 0.0 {
            true => (
                CAUTION + growth / frequency,
                format!(
                    "The network begins to oscillate at {} Hz, growing by {} per s: its neurons do not fire independently of each other, and rates and CVs are those of a state that it leaves.",
                    short(frequency),
                    short(growth)
                ),
            ),
            false => (2.0 * DOUBTFUL, format!("The network leaves this state, by {} per s.", short(growth))),
        };
        return finding(Measure::Asynchrony, (growth, 0.0), severity, sentence);
    }
    let (peak, peak_hz) = (peak?, peak_hz?);
    let sentence = format!(
        "At {} Hz the activity of the population fluctuates with {} times the power of independent neurons (limit {LARGEST_PEAK}): it is near an oscillation, and its neurons hear more noise there than the theory has.",
        short(peak_hz),
        short(peak)
    );
    finding(Measure::Asynchrony, (peak, LARGEST_PEAK), peak / LARGEST_PEAK, sentence)
}

fn saturation(validity: &Validity) -> Option<Finding> {
    let saturation = validity.rate_times_t_ref;
    let sentence = format!("The rate is {:.0} % of 1/t_ref: the population is near saturation.", 100.0 * saturation);
    finding(Measure::Saturation, (saturation, SATURATED), saturation / SATURATED, sentence)
}

/// Three significant digits.
pub(crate) fn short(value: f64) -> String {
    let magnitude = value.abs();
    if value == 0.0 {
        return "0".into();
    }
    if !(1e-3..1e4).contains(&magnitude) {
        return format!("{value:.2e}");
    }
    let decimals = (2 - magnitude.log10().floor() as i32).max(0) as usize;
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing to complain of.
    fn sound() -> Validity {
        Validity {
            events_per_tau_m: 400.0,
            spike_noise_fraction: 1.0,
            skewness: Some(0.02),
            shot_noise_deviation: Some(-0.01),
            shot_noise_corrected_rate_hz: Some(9.9),
            rate_distribution: RateDistribution { self_consistent: true, ..RateDistribution::default() },
            ..Validity::default()
        }
    }

    fn worst(validity: &Validity) -> Verdict {
        verdict([("E", &sound(), 10.0), ("I", validity, 10.0)].into_iter())
    }

    #[test]
    fn sound_assumptions_are_good_and_the_one_nearest_to_its_limit_is_named() {
        let found = worst(&sound());
        assert_eq!((found.trust, found.measure), (Trust::Good, Some(Measure::ShotNoise)));
        assert!(
            (found.severity - 0.2).abs() < 1e-12 && found.sentence.contains("Every assumption is met"),
            "{found:?}"
        );
    }

    #[test]
    fn each_measure_alone_decides_once_it_is_the_worst() {
        let s = sound;
        let spread = RateDistribution { delta_dln_rate_dmu: 0.75, ..s().rate_distribution };
        for (measure, validity) in [
            (Measure::Events, Validity { events_per_tau_m: 13.0, ..s() }),
            (Measure::PspSize, Validity { psp_over_threshold_distance: 0.15, ..s() }),
            (Measure::Skewness, Validity { skewness: Some(-0.3), ..s() }),
            (Measure::ShotNoise, Validity { shot_noise_deviation: Some(0.08), ..s() }),
            (
                Measure::ShotNoise,
                Validity { shot_noise_deviation: None, shot_noise_expansion_parameter: Some(1.5), ..s() },
            ),
            (Measure::SynapticTime, Validity { tau_syn_over_tau_m: 0.2, ..s() }),
            (Measure::MixedSynapses, Validity { filtered_fraction: 0.1, ..s() }),
            (Measure::SharedInput, Validity { shared_input_fraction: Some(0.3), ..s() }),
            (Measure::SharedInput, shared_drive(0.05, 0.3)),
            (Measure::PresynapticIrregularity, Validity { low_frequency_noise_deviation: Some(-0.7), ..s() }),
            (Measure::RateSpread, Validity { rate_distribution: spread, ..s() }),
            (
                Measure::Adaptation,
                Validity { adaptation_std_over_sigma: Some(0.3), spikes_per_tau_w: Some(0.3), ..s() },
            ),
            (Measure::ConductanceFluctuations, Validity { conductance_std_over_mean: Some(0.3), ..s() }),
            (Measure::Asynchrony, Validity { asynchrony: Some(growing(190.0, 40.0)), ..s() }),
            (Measure::Asynchrony, Validity { asynchrony: Some(peaked(15.0)), ..s() }),
            (Measure::Saturation, Validity { rate_times_t_ref: 0.95, ..s() }),
        ] {
            let found = worst(&validity);
            assert_eq!((found.trust, found.measure), (Trust::Caution, Some(measure)), "{found:?}");
            assert!(found.population.as_deref() == Some("I") && found.sentence.starts_with("I: "), "{found:?}");
        }
        let far = Validity { psp_over_threshold_distance: 0.21, ..s() };
        assert_eq!(worst(&far).trust, Trust::Doubtful);
    }

    fn growing(frequency_hz: f64, growth_per_s: f64) -> Asynchrony {
        let (frequency_hz, growth_per_s) = (Some(frequency_hz), Some(growth_per_s));
        Asynchrony { growth_per_s, frequency_hz, part: Some(1.0), ..Asynchrony::default() }
    }

    fn peaked(peak: f64) -> Asynchrony {
        Asynchrony { peak: Some(peak), peak_hz: Some(84.0), ..Asynchrony::default() }
    }

    #[test]
    fn a_state_that_the_network_leaves_is_doubtful_and_one_that_hardly_resonates_good() {
        let of = |asynchrony| worst(&Validity { asynchrony: Some(asynchrony), ..sound() }).trust;
        assert_eq!([of(growing(0.0, 5.0)), of(peaked(1.5))], [Trust::Doubtful, Trust::Good]);
    }

    fn shared_drive(fraction: f64, correlation: f64) -> Validity {
        Validity {
            shared_input_fraction: Some(fraction),
            shared_drive_correlation: Some(correlation),
            input_correlation: Some(correlation),
            ..sound()
        }
    }

    #[test]
    fn of_a_shared_drive_its_part_of_the_noise_decides() {
        assert_eq!(worst(&shared_drive(1.0, 1.0)).trust, Trust::Doubtful);
        assert_eq!(worst(&shared_drive(0.9, 0.01)).trust, Trust::Good);
    }

    #[test]
    fn few_spikes_do_not_matter_where_the_noise_comes_from_elsewhere() {
        let quiet = Validity { events_per_tau_m: 0.1, spike_noise_fraction: 1e-4, ..sound() };
        assert_eq!(worst(&quiet).trust, Trust::Good);
    }

    #[test]
    fn the_sign_of_the_error_is_said() {
        let sentence = |validity: &Validity, measure| {
            findings(validity, 10.0).into_iter().find(|f| f.measure == measure).unwrap().sentence
        };
        let skewed = |skewness| sentence(&Validity { skewness: Some(skewness), ..sound() }, Measure::Skewness);
        assert!(skewed(0.5).contains("too low") && skewed(-0.5).contains("too high"));
        let noisy = |deviation| {
            let validity = Validity { low_frequency_noise_deviation: Some(deviation), ..sound() };
            sentence(&validity, Measure::PresynapticIrregularity)
        };
        assert!(noisy(-0.6).contains("too high") && noisy(0.6).contains("too low"));
    }

    #[test]
    fn a_warning_of_a_finding_has_its_name_and_its_numbers() {
        let validity = Validity { skewness: Some(-0.3), ..sound() };
        let finding = findings(&validity, 10.0).into_iter().find(|f| f.measure == Measure::Skewness).unwrap();
        let warning = serde_json::to_value(finding.clone().warning("I")).unwrap();
        assert_eq!(warning["kind"], serde_json::to_value(Measure::Skewness).unwrap());
        assert_eq!((warning["population"].as_str(), warning["value"].as_f64()), (Some("I"), Some(-0.3)));
        assert_eq!(warning["sentence"], finding.sentence);
    }

    #[test]
    fn numbers_in_sentences_have_three_digits() {
        assert_eq!(
            [short(0.0), short(38.0487), short(0.12345), short(1234.5), short(1e-9)],
            ["0", "38.0", "0.123", "1234", "1.00e-9"]
        );
    }
}
