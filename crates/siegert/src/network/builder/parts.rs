//! What connects populations and what drives them, with the defaults of the network file.

use super::names::Names;
use crate::network::checks;
use crate::network::dimension::Measure;
use crate::network::problem::Problem;
use crate::network::{ConnectionRule, Course, DriveKind, Law, Modulation, Population};

/// What spikes do when they arrive.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spikes {
    pub(super) owner: &'static str,
    pub(super) weight: Option<(Law, Measure)>,
    pub(super) synapse: String,
    pub(super) delay_ms: Option<Law>,
}

impl Spikes {
    fn new(owner: &'static str) -> Self {
        Self { owner, weight: None, synapse: "delta".to_string(), delay_ms: None }
    }
}

/// How populations are connected: the keys of `[[projections]]`, but for the populations.
#[derive(Clone, Debug, PartialEq)]
pub struct Connections {
    pub(super) rule: ConnectionRule,
    pub(super) autapses: bool,
    pub(super) multapses: Option<bool>,
    pub(super) spikes: Spikes,
}

/// What connections and Poisson trains both say of their spikes: weight, synapse and delay.
macro_rules! calls_of_spikes {
    () => {
        /// Weight in mV, of delta synapses: a number or a [`Law`].
        #[must_use]
        pub fn weight_mv(mut self, weight_mv: impl Into<Law>) -> Self {
            self.spikes.weight = Some((weight_mv.into(), Measure::Voltage));
            self
        }

        /// Peak of the current in pA, of exponential currents.
        #[must_use]
        pub fn weight_pa(mut self, weight_pa: impl Into<Law>) -> Self {
            self.spikes.weight = Some((weight_pa.into(), Measure::Current));
            self
        }

        /// Weight in nS, of conductances.
        #[must_use]
        pub fn weight_ns(mut self, weight_ns: impl Into<Law>) -> Self {
            self.spikes.weight = Some((weight_ns.into(), Measure::Conductance));
            self
        }

        /// The type of the synapses, instead of "delta".
        #[must_use]
        pub fn synapse(mut self, name: &str) -> Self {
            self.spikes.synapse = name.to_string();
            self
        }

        /// Delay in ms.
        #[must_use]
        pub fn delay_ms(mut self, delay_ms: impl Into<Law>) -> Self {
            self.spikes.delay_ms = Some(delay_ms.into());
            self
        }
    };
}

impl Connections {
    /// Every target neuron has this number of inputs, from sources drawn at random.
    pub fn in_degree(in_degree: f64) -> Self {
        Self::new(ConnectionRule::FixedInDegree { in_degree })
    }

    /// Every pair of neurons is connected with this probability, at most once.
    pub fn probability(probability: f64) -> Self {
        Self::new(ConnectionRule::PairwiseProbability { probability })
    }

    /// This number of connections between two populations, each with its source and target drawn at random.
    pub fn total(total: f64) -> Self {
        Self::new(ConnectionRule::FixedTotal { total })
    }

    fn new(rule: ConnectionRule) -> Self {
        Self { rule, autapses: true, multapses: None, spikes: Spikes::new("the projection") }
    }

    calls_of_spikes!();

    /// No neuron connects to itself.
    #[must_use]
    pub fn without_autapses(mut self) -> Self {
        self.autapses = false;
        self
    }

    /// No pair of neurons is connected more than once.
    #[must_use]
    pub fn without_multapses(mut self) -> Self {
        self.multapses = Some(false);
        self
    }

    /// Pairs are meant to be connected more than once, so that there may be more connections than pairs.
    #[must_use]
    pub fn with_multapses(mut self) -> Self {
        self.multapses = Some(true);
        self
    }
}

/// Input from outside: the keys of `[[drives]]`, but for the populations.
#[derive(Clone, Debug, PartialEq)]
pub struct External {
    kind: Kind,
    pub(super) start_ms: Option<f64>,
    pub(super) stop_ms: Option<f64>,
    pub(super) modulation: Option<Modulation>,
    pub(super) course: Option<Course>,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Poisson(Poisson),
    CurrentInPicoampere(Law),
    Other(DriveKind),
}

impl External {
    /// Poisson spike trains of this rate, one a neuron unless [`Poisson::in_degree`] says more.
    pub fn poisson_hz(rate_hz: f64) -> Poisson {
        Poisson { rate_hz, in_degree: 1.0, shared: false, redraw_weights: false, spikes: Spikes::new("the drive") }
    }

    /// A constant current by `R I`, what it adds to the mean input: a number, or a [`Law`] from which every neuron draws once.
    pub fn current_mv(value_mv: impl Into<Law>) -> Self {
        Self::new(Kind::Other(DriveKind::Current { value_mv: value_mv.into(), given_in_pa: false }))
    }

    /// The same in pA, for neurons whose capacitance is known.
    pub fn current_pa(value_pa: impl Into<Law>) -> Self {
        Self::new(Kind::CurrentInPicoampere(value_pa.into()))
    }

    /// White noise, independent for each neuron: `mean + std sqrt(tau_m) xi(t)`.
    pub fn noise_mv(mean_mv: f64, std_mv: f64) -> Self {
        Self::new(Kind::Other(DriveKind::Noise { mean_mv, std_mv }))
    }

    fn new(kind: Kind) -> Self {
        Self { kind, start_ms: None, stop_ms: None, modulation: None, course: None }
    }

    /// It acts from this time on.
    #[must_use]
    pub fn start_ms(mut self, start_ms: f64) -> Self {
        self.start_ms = Some(start_ms);
        self
    }

    /// It acts until this time.
    #[must_use]
    pub fn stop_ms(mut self, stop_ms: f64) -> Self {
        self.stop_ms = Some(stop_ms);
        self
    }

    /// Its rate or current is multiplied by `1 + amplitude cos(2 pi frequency t)`.
    #[must_use]
    pub fn modulated(mut self, amplitude: f64, frequency_hz: f64) -> Self {
        self.modulation = Some(Modulation { amplitude, frequency_hz });
        self
    }

    /// Its rate or current is multiplied by the factors of a course.
    #[must_use]
    pub fn course(mut self, course: Course) -> Self {
        self.course = Some(course);
        self
    }

    /// What it is for a population, of Poisson trains one for each receptor of their synapse; None where a mistake has been noted.
    pub(super) fn kinds_at(
        &self,
        population: &Population,
        names: &Names<'_>,
        mut note: impl FnMut(&'static str, Problem),
    ) -> Option<Vec<DriveKind>> {
        match &self.kind {
            Kind::Other(kind) => Some(vec![kind.clone()]),
            Kind::CurrentInPicoampere(value_pa) => match population.neuron.resistance_mv_per_pa() {
                Some(resistance) => {
                    Some(vec![DriveKind::Current { value_mv: value_pa.times(resistance), given_in_pa: true }])
                }
                None => {
                    note("value", checks::needs_capacitance(&population.neuron_type, "a current in pA"));
                    None
                }
            },
            Kind::Poisson(poisson) => {
                let (receptors, weight) = names.synapse(&poisson.spikes, note)?;
                let shares = receptors.of_poisson(poisson.in_degree, poisson.rate_hz);
                let kind = |(synapse, in_degree, rate_hz)| DriveKind::Poisson {
                    rate_hz,
                    in_degree,
                    weight,
                    delay_ms: poisson.spikes.delay_ms,
                    synapse_type: poisson.spikes.synapse.clone(),
                    synapse,
                    plasticity: receptors.plasticity(),
                    shared: poisson.shared,
                    redraw_weights: poisson.redraw_weights,
                };
                Some(shares.into_iter().map(kind).collect())
            }
        }
    }
}

/// Poisson spike trains from outside; [`External::poisson_hz`] makes them.
#[derive(Clone, Debug, PartialEq)]
pub struct Poisson {
    rate_hz: f64,
    in_degree: f64,
    shared: bool,
    redraw_weights: bool,
    spikes: Spikes,
}

impl Poisson {
    /// Trains that each neuron hears.
    #[must_use]
    pub fn in_degree(mut self, in_degree: f64) -> Self {
        self.in_degree = in_degree;
        self
    }

    /// All neurons of a population hear the same trains.
    #[must_use]
    pub fn shared(mut self) -> Self {
        self.shared = true;
        self
    }

    /// Each spike draws its weight anew at each neuron, where weights have a law.
    #[must_use]
    pub fn redraw_weights(mut self) -> Self {
        self.redraw_weights = true;
        self
    }

    calls_of_spikes!();

    /// It acts from this time on.
    #[must_use]
    pub fn start_ms(self, start_ms: f64) -> External {
        External::from(self).start_ms(start_ms)
    }

    /// It acts until this time.
    #[must_use]
    pub fn stop_ms(self, stop_ms: f64) -> External {
        External::from(self).stop_ms(stop_ms)
    }

    /// Its rate is multiplied by `1 + amplitude cos(2 pi frequency t)`.
    #[must_use]
    pub fn modulated(self, amplitude: f64, frequency_hz: f64) -> External {
        External::from(self).modulated(amplitude, frequency_hz)
    }
}

impl From<Poisson> for External {
    fn from(poisson: Poisson) -> Self {
        External::new(Kind::Poisson(poisson))
    }
}
