//! The parameters of projections and drives by which a number is differentiated, and what a relative change of each makes of the input of its target.

use serde::{Deserialize, Serialize};

use crate::input::{InDegree, Source, Steady, Stream, Streams};
use crate::network::{DriveKind, Law, Network, Synapse};

/// Where a parameter stands, by its index in the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A projection.
    Projection(usize),
    /// A drive.
    Drive(usize),
}

/// A parameter of a projection or a drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConnectionParameter {
    /// The weights, the whole law of them times a factor.
    Weight,
    /// The mean in-degree, with its variance.
    InDegree,
    /// The delays, the whole law of them times a factor.
    Delay,
    /// The (decay) time constant of the synapse, at the same weight: the charge of a current of given peak grows with it.
    TauSyn,
    /// The rise time of the synapse.
    TauRise,
    /// The rate of a source outside.
    Rate,
    /// The mean of a current or of white noise.
    Mean,
    /// The standard deviation of white noise.
    Std,
}

impl ConnectionParameter {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            ConnectionParameter::Weight => "weight",
            ConnectionParameter::InDegree => "in_degree",
            ConnectionParameter::Delay => "delay",
            ConnectionParameter::TauSyn => "tau_syn",
            ConnectionParameter::TauRise => "tau_rise",
            ConnectionParameter::Rate => "rate",
            ConnectionParameter::Mean => "mean",
            ConnectionParameter::Std => "std",
        }
    }
}

/// One parameter of one projection or drive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Variable {
    pub(super) place: Place,
    pub(super) parameter: ConnectionParameter,
    /// Index of the population reached.
    pub(super) target: usize,
    /// Its stream, if spikes come by it.
    pub(super) stream: Option<usize>,
    pub(super) value: f64,
    pub(super) unit: &'static str,
    synapse: Option<Synapse>,
}

/// Something that is not as in the network.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// A stream, by its index.
    Stream(usize, Box<Stream>),
    /// The input without spikes.
    Steady(Steady),
    /// The rate of a population.
    Rate(usize, f64),
}

/// All of a network that are not 0.
pub(super) fn variables(network: &Network, streams: &Streams) -> Vec<Variable> {
    let mut all = Vec::new();
    for (k, projection) in network.projections.iter().enumerate() {
        let Some(stream) = streams.streams.get(k) else { continue };
        let add = |parameter, value, unit| Variable {
            place: Place::Projection(k),
            parameter,
            target: projection.target,
            stream: Some(k),
            value,
            unit,
            synapse: Some(projection.synapse),
        };
        all.extend(of_stream(stream, projection.synapse, projection.delay_ms, add));
    }
    let mut stream = network.projections.len();
    for (k, drive) in network.drives.iter().enumerate().filter_map(|(k, drive)| Some((k, drive.lasting()?))) {
        let place = Place::Drive(k);
        let target = drive.target;
        let steady =
            |parameter, value| Variable { place, parameter, target, stream: None, value, unit: "mV", synapse: None };
        match &drive.kind {
            DriveKind::Poisson { rate_hz, synapse, .. } => {
                let Some(own) = streams.streams.get(stream) else { continue };
                let add = |parameter, value, unit| Variable {
                    place,
                    parameter,
                    target,
                    stream: Some(stream),
                    value,
                    unit,
                    synapse: Some(*synapse),
                };
                // delays of sources outside change nothing that is stationary
                all.extend(of_stream(own, *synapse, None, add));
                all.push(add(ConnectionParameter::Rate, *rate_hz, "Hz"));
                stream += 1;
            }
            DriveKind::Current { value_mv, .. } => all.push(steady(ConnectionParameter::Mean, value_mv.center())),
            DriveKind::Noise { mean_mv, std_mv } => {
                all.push(steady(ConnectionParameter::Mean, *mean_mv));
                all.push(steady(ConnectionParameter::Std, *std_mv));
            }
        }
    }
    all.retain(|variable| variable.value != 0.0 && variable.value.is_finite());
    all
}

fn of_stream(
    stream: &Stream,
    synapse: Synapse,
    delay_ms: Option<Law>,
    add: impl Fn(ConnectionParameter, f64, &'static str) -> Variable,
) -> Vec<Variable> {
    let mut all = vec![
        add(ConnectionParameter::Weight, stream.weight.mean(), synapse.weight_unit()),
        add(ConnectionParameter::InDegree, stream.in_degree.mean, ""),
    ];
    all.extend(delay_ms.map(|law| add(ConnectionParameter::Delay, law.mean(), "ms")));
    let [tau_ms, rise_ms] = match synapse {
        Synapse::ExponentialCurrent { tau_ms }
        | Synapse::AlphaCurrent { tau_ms }
        | Synapse::ExponentialConductance { tau_ms, .. } => [tau_ms, 0.0],
        Synapse::DoubleExponentialCurrent { tau_rise_ms, tau_decay_ms } => [tau_decay_ms, tau_rise_ms],
        // the time constants of a gate are those of what it sends, too
        Synapse::Nmda { .. } | Synapse::Delta | Synapse::DeltaConductance { .. } => [0.0, 0.0],
    };
    all.push(add(ConnectionParameter::TauSyn, tau_ms, "ms"));
    all.push(add(ConnectionParameter::TauRise, rise_ms, "ms"));
    all
}

impl Variable {
    /// What its target receives with it times a factor; `None` where there is no such input.
    pub(super) fn times(&self, factor: f64, network: &Network, streams: &Streams) -> Option<Change> {
        let Some(index) = self.stream else {
            let Steady { mean_mv, variance_mv2 } = *streams.steady.get(self.target)?;
            return Some(Change::Steady(match self.parameter {
                ConnectionParameter::Std => {
                    let more = self.value * self.value * (factor * factor - 1.0);
                    Steady { mean_mv, variance_mv2: variance_mv2 + more }
                }
                _ => Steady { mean_mv: mean_mv + self.value * (factor - 1.0), variance_mv2 },
            }));
        };
        let stream = streams.streams.get(index)?;
        let target = network.populations.get(self.target)?;
        let changed = match self.parameter {
            ConnectionParameter::Weight => stream.through(self.synapse?, stream.weight.times(factor), target).ok()?,
            ConnectionParameter::InDegree => {
                let InDegree { mean, variance } = stream.in_degree;
                Stream { in_degree: InDegree { mean: factor * mean, variance: factor * variance }, ..stream.clone() }
            }
            ConnectionParameter::Delay => {
                Stream { delay_ms: stream.delay_ms.map(|law| law.times(factor)), ..stream.clone() }
            }
            ConnectionParameter::TauSyn => {
                stream.through(slower(self.synapse?, factor, 1.0), stream.weight, target).ok()?
            }
            ConnectionParameter::TauRise => {
                stream.through(slower(self.synapse?, 1.0, factor), stream.weight, target).ok()?
            }
            ConnectionParameter::Rate => match stream.source {
                Source::Outside { rate_hz } => {
                    Stream { source: Source::Outside { rate_hz: factor * rate_hz }, ..stream.clone() }
                }
                Source::Population(_) => return None,
            },
            ConnectionParameter::Mean | ConnectionParameter::Std => return None,
        };
        Some(Change::Stream(index, Box::new(changed)))
    }
}

/// A synapse with its decay and its rise time times factors.
fn slower(synapse: Synapse, decay: f64, rise: f64) -> Synapse {
    match synapse {
        Synapse::ExponentialCurrent { tau_ms } => Synapse::ExponentialCurrent { tau_ms: decay * tau_ms },
        Synapse::AlphaCurrent { tau_ms } => Synapse::AlphaCurrent { tau_ms: decay * tau_ms },
        Synapse::DoubleExponentialCurrent { tau_rise_ms, tau_decay_ms } => {
            Synapse::DoubleExponentialCurrent { tau_rise_ms: rise * tau_rise_ms, tau_decay_ms: decay * tau_decay_ms }
        }
        Synapse::ExponentialConductance { tau_ms, E_rev_mv } => {
            Synapse::ExponentialConductance { tau_ms: decay * tau_ms, E_rev_mv }
        }
        other => other,
    }
}
