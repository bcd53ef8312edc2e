//! What accounts for deviations: the assumptions that fail where the simulation is, each as a measure over its limit.
//!
//! | cause | measure | limit |
//! | --- | --- | --- |
//! | another state, unstable state (a saddle) | that it is so | |
//! | drive that changes in time | what the change does to the free membrane potential, as its part of the variance ([`super::changing`]) | 5 % |
//! | oscillation of the rate dynamics | that it is so, where populations fluctuate together: alone it decides nothing | |
//! | random part of the connections | spectral radius, as in `trust` | 1 |
//! | common fluctuations | their part of the variance of the free membrane potential, from the spectra simulated | 5 % |
//! | input that is not Poisson | noise at low frequency against the assumed one, with the CVs simulated | 0.5 |
//! | synaptic time, shared input, saturation, variance of the adaptation | as in `trust` | as in `trust` |
//! | time grid, size of jumps, multapses, spread of rates | share of the rate ([`super::attribution`]) | 2 % |
//!
//! A measure has no share of a deviation: it is known to matter, not how much. Above half its limit it may be named.

use crate::simulation::PopulationActivity;
use crate::stationary::{RateMap, Stability};
use crate::theory::FixedPoint;
use crate::trust::{Finding, Measure, Validity, findings, presynaptic_irregularity};

use super::modulation::{Modulation, common_std_mv, modulation};
use super::{CauseKind, ComparedQuantity, Outcome};

/// Common part of the variance of the free membrane potential beyond which neurons do not hear independent noise.
pub(super) const LARGEST_COMMON_PART: f64 = 0.05;
/// Power over that of independent Poisson neurons beyond which a peak is one.
const PEAK: f64 = 10.0;
/// Peaks below this frequency are slow fluctuations, in Hz.
const SLOW_HZ: f64 = 4.0;
/// Measures above this part of their limit may be named.
const NEAR_LIMIT: f64 = 0.5;
/// Severity of what is so or is not.
const CERTAIN: f64 = 100.0;
/// Severity of what may be so: named last.
const HINT: f64 = 0.501;

/// A failing assumption in a population.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Measured {
    pub(super) kind: CauseKind,
    /// The measure over its limit.
    pub(super) severity: f64,
    /// Which way the theory errs because of it, for rate, CV and spread of the potential: 1 too high, -1 too low, 0 not known.
    pub(super) direction: f64,
    pub(super) sentence: String,
}

/// A state and a simulation, from which causes are told.
pub(super) struct Evidence<'a> {
    pub(super) map: &'a RateMap,
    pub(super) state: &'a FixedPoint,
    pub(super) outcome: Outcome,
    pub(super) measured: &'a [PopulationActivity],
    /// Whether the correction for the size of jumps is of no use.
    pub(super) jumps_unknown: bool,
    /// Of each population, the drive that changes and reaches it, if only through others.
    pub(super) changing: Vec<Option<Measured>>,
}

impl Evidence<'_> {
    /// What is near its limit or beyond in population `a`: instabilities, since other causes follow from them, then by severity.
    pub(super) fn measured(&self, a: usize) -> Vec<Measured> {
        let mut causes: Vec<Measured> = self.whereabouts();
        causes.extend(self.changing[a].clone());
        causes.extend(self.modulated(a).into_iter().flat_map(|modulated| {
            let hint = self.rate_oscillation().filter(|_| modulated.severity > NEAR_LIMIT);
            [Some(modulated), hint].into_iter().flatten()
        }));
        causes.extend(self.assumptions(a));
        causes.retain(|cause| cause.severity > NEAR_LIMIT);
        causes.sort_by(|p, q| q.is_instability().cmp(&p.is_instability()).then(q.severity.total_cmp(&p.severity)));
        let mut largest: Vec<Measured> = Vec::new();
        for cause in causes {
            if largest.iter().all(|other| other.kind != cause.kind) {
                largest.push(cause);
            }
        }
        largest
    }

    fn whereabouts(&self) -> Vec<Measured> {
        let certain = |kind, sentence: String| Measured { kind, severity: CERTAIN, direction: 0.0, sentence };
        let mut told = Vec::new();
        if let Outcome::Left { to } = self.outcome {
            told.push(certain(CauseKind::OtherState, format!("The simulation is at state {to}, not at this one.")));
        }
        let sentence = match self.state.stability() {
            Stability::Stable | Stability::Oscillating => return told,
            Stability::Saddle => "The state is a saddle: the network does not stay there, whatever its delays.",
            Stability::Unstable => {
                "The state is unstable under the rate dynamics, without oscillating: the network does not stay there."
            }
        };
        told.push(certain(CauseKind::Instability, sentence.to_string()));
        told
    }

    /// A hint that the network oscillates, no more.
    fn rate_oscillation(&self) -> Option<Measured> {
        let mode = self.state.rate_eigenvalues_per_s.first()?;
        (self.state.stability() == Stability::Oscillating).then(|| Measured {
            kind: CauseKind::RateOscillation,
            severity: HINT,
            direction: 0.0,
            sentence: format!(
                "Under the rate dynamics, which has no delays, an oscillation of {:.1} Hz grows around the state, too, with {:.1} /s.",
                mode.frequency_hz.abs(),
                mode.growth_per_s
            ),
        })
    }

    fn modulated(&self, a: usize) -> Option<Measured> {
        let common_mv = common_std_mv(self.map, a, self.measured)?;
        let loudest = self.measured.iter().enumerate().filter(|(b, _)| self.hears(a, *b));
        let loudest = loudest.filter_map(|(_, measured)| Some((&measured.name, modulation(measured)?)));
        let (name, Modulation { depth, peak_hz, peak_over_poisson }) =
            loudest.max_by(|p, q| p.1.peak_over_poisson.total_cmp(&q.1.peak_over_poisson))?;
        let how = match peak_over_poisson > PEAK {
            true if peak_hz >= SLOW_HZ => format!("oscillates, most at {peak_hz:.0} Hz"),
            true => "fluctuates slowly".to_string(),
            false => "fluctuates".to_string(),
        };
        let free_mv2 = 0.5 * self.state.populations[a].std_input_mv.powi(2);
        let part = common_mv.powi(2) / (common_mv.powi(2) + free_mv2);
        let sentence = format!(
            "The rate of {name} {how}, to a depth of {:.0} %, and moves its hearers together: {:.0} % of the variance of their potential \
             is common (limit {:.0} %), where the theory has independent stationary noise.",
            100.0 * depth,
            100.0 * part,
            100.0 * LARGEST_COMMON_PART
        );
        let severity = part / LARGEST_COMMON_PART;
        Some(Measured { kind: CauseKind::CommonFluctuations, severity, direction: 0.0, sentence })
    }

    /// What fails of the theory's assumptions and has no share of its own.
    fn assumptions(&self, a: usize) -> Vec<Measured> {
        let population = &self.state.populations[a];
        let rates: Vec<f64> = self.measured.iter().map(|measured| measured.rate_hz).collect();
        let cv: Vec<Option<f64>> = self.measured.iter().map(|measured| measured.cv).collect();
        let (_, slow) = presynaptic_irregularity(self.map, a, &rates, &cv);
        let slow = slow.filter(|_| population.self_consistent.is_none());
        let validity = Validity { low_frequency_noise_deviation: slow, ..population.validity.clone() };
        let told = findings(&validity, population.rate_hz).into_iter().filter_map(|finding| {
            let (kind, direction) = match finding.measure {
                Measure::SynapticTime | Measure::MixedSynapses => (CauseKind::SynapticTime, 0.0),
                Measure::SharedInput => (CauseKind::SharedInput, 0.0),
                // less noise at low frequency than assumed: the theory has too much of it
                Measure::PresynapticIrregularity => (CauseKind::PresynapticIrregularity, -slow.unwrap_or(0.0).signum()),
                Measure::RandomPart => (CauseKind::RandomPart, -1.0),
                Measure::Saturation => (CauseKind::Saturation, 0.0),
                Measure::Adaptation => (CauseKind::Adaptation, 0.0),
                Measure::ConductanceFluctuations => (CauseKind::ConductanceFluctuations, 0.0),
                Measure::ShotNoise | Measure::Events | Measure::PspSize | Measure::Skewness if self.jumps_unknown => {
                    (CauseKind::ShotNoise, 0.0)
                }
                _ => return None,
            };
            let Finding { severity, sentence, measure, .. } = finding;
            // a finding's sentence speaks of an assumption that is not met
            let reached = || format!("Within its limit, at {:.0} % of it: {}.", 100.0 * severity, measure.words());
            let sentence = if severity > 1.0 { sentence } else { reached() };
            Some(Measured { kind, severity, direction, sentence })
        });
        told.collect()
    }

    /// Whether population `a` hears another with synapses at all.
    pub(super) fn hears(&self, a: usize, b: usize) -> bool {
        hears(self.map, a, b)
    }
}

/// Whether population `a` hears `b`; excitation and inhibition from one population may cancel in the mean.
pub(super) fn hears(map: &RateMap, a: usize, b: usize) -> bool {
    map.sums.variance().per_hz[(a, b)] != 0.0
}

impl Measured {
    fn is_instability(&self) -> bool {
        let unstable = self.kind == CauseKind::RandomPart && self.severity > 1.0;
        unstable || matches!(self.kind, CauseKind::OtherState | CauseKind::Instability | CauseKind::ChangingDrive)
    }

    /// Whether it bears on a quantity that deviates by so many percent beyond what is computed.
    pub(super) fn bears_on(&self, quantity: ComparedQuantity, percent: f64) -> bool {
        use CauseKind::{
            Adaptation, ChangingDrive, CommonFluctuations, Instability, OtherState, PresynapticIrregularity,
            RandomPart, RateOscillation, SharedInput,
        };
        if matches!(self.kind, OtherState | Instability | ChangingDrive) {
            return true;
        }
        let noise = self.direction == 0.0 || self.direction * percent > 0.0;
        match quantity {
            ComparedQuantity::Rate | ComparedQuantity::Cv | ComparedQuantity::MembraneStd => noise,
            // what the simulation counts as input has the adaptation in it
            ComparedQuantity::MeanInput => self.kind == Adaptation,
            ComparedQuantity::StdInput => matches!(self.kind, CommonFluctuations | SharedInput | RateOscillation),
            // it follows from mu and the rate unless what arrives depends on when the neuron is refractory
            ComparedQuantity::MembraneMean => {
                matches!(self.kind, CommonFluctuations | PresynapticIrregularity | Adaptation)
            }
            // of these no cause is told apart
            ComparedQuantity::Correlation
            | ComparedQuantity::FanoFactor
            | ComparedQuantity::SingleNeuronFanoFactor
            | ComparedQuantity::Oscillation => false,
            ComparedQuantity::RateStd
            | ComparedQuantity::RateQ05
            | ComparedQuantity::RateQ50
            | ComparedQuantity::RateQ95 => {
                noise && matches!(self.kind, RandomPart | PresynapticIrregularity | CommonFluctuations)
            }
        }
    }
}
