//! From the description of a network to its reduced equations, and what stands in their way.

use super::ReducedError;
use super::equations::{Direct, Member, Origin, Reduction, Signal, Term};
use crate::evolution::Course;
use crate::input::{Action, Kinetics, Source, Stream, Streams};
use crate::network::{Drive, DriveKind, Law, Network, NeuronModel, Population};
use crate::neuron::lif::MS_PER_S;
use crate::{Warning, WarningKind};

/// Noise over the half width of the currents from which on it is spoken of: a tenth changes rates of the bundled `montbrio2015` by 3e-4 at most, as the theory of neurons in noise says, and more grows as its square.
const SPOKEN_OF: f64 = 0.2;

impl Reduction {
    /// The reduced equations of a network.
    ///
    /// # Errors
    ///
    /// What is not exact, by name and with the remedy; populations whose neurons are all alike before time 0; mistakes of a network made in code.
    pub fn of(network: &Network) -> Result<Self, ReducedError> {
        // those that stop, too
        let streams = Streams::new(&lasting(network))?;
        let mut members = network.populations.iter().map(member).collect::<Result<Vec<_>, _>>()?;
        let mut signals: Vec<Signal> = Vec::new();
        let is_poisson = |(_, drive): &(usize, &Drive)| matches!(drive.kind, DriveKind::Poisson { .. });
        let mut poisson = network.drives.iter().enumerate().filter(is_poisson);
        for stream in &streams.streams {
            let origin = match stream.source {
                Source::Population(b) => Origin::Population(b),
                Source::Outside { rate_hz } => {
                    let Some((course, _)) = poisson.next() else { continue };
                    Origin::Drive { course, rate_per_ms: rate_hz / MS_PER_S }
                }
            };
            let member = &mut members[stream.target];
            let (signal, term) = heard(stream, origin, member)?;
            let place = signals.iter().position(|known| *known == signal).unwrap_or_else(|| {
                signals.push(signal);
                signals.len() - 1
            });
            member.terms.push(Term { signal: place, ..term });
        }
        for (course, drive) in network.drives.iter().enumerate() {
            let member = &mut members[drive.target];
            let (mean_mv, half_width_mv) = match &drive.kind {
                DriveKind::Current { value_mv, .. } => {
                    of_law(value_mv).ok_or_else(|| NotExact::LAW.of(&member.name))?
                }
                DriveKind::Noise { std_mv, .. } if *std_mv != 0.0 => return Err(NotExact::NOISE.of(&member.name)),
                DriveKind::Noise { mean_mv, .. } => (*mean_mv, 0.0),
                DriveKind::Poisson { .. } => continue,
            };
            let is_turned = drive.modulation.is_some_and(|it| it.amplitude.abs() > 1.0)
                || drive.course.as_ref().is_some_and(|course| course.factors.iter().any(|factor| *factor < 0.0));
            if half_width_mv > 0.0 && is_turned {
                return Err(NotExact::TURNED.of(&member.name));
            }
            member.directs.push(Direct { course, mean_mv, half_width_mv });
        }
        Ok(Reduction::new(members, signals, network.drives.iter().map(Course::of).collect()))
    }

    /// The factors of the drives before time 0.
    pub(super) fn factors_before(&self) -> Vec<f64> {
        self.courses.iter().map(|course| course.at(0.0)).collect()
    }

    /// The noise that the reduction leaves out at rates in Hz: by spikes that neurons hear one by one.
    pub(super) fn left_out(network: &Network, rates_hz: &[f64], half_widths_mv: &[f64]) -> Vec<Warning> {
        let Ok(streams) = Streams::new(&lasting(network)) else { return Vec::new() };
        let mut warnings = Vec::new();
        for (a, population) in network.populations.iter().enumerate() {
            let of_population = streams.streams.iter().filter(|stream| stream.target == a);
            let V_mv = population.neuron.V_th_mv;
            let tau_m_ms = population.neuron.tau_m_ms;
            let variance = |stream: &Stream| {
                stream.at_potential(V_mv, V_mv, tau_m_ms).jump_sum_per_hz(2) * stream.source_hz(rates_hz)
            };
            let std_mv = of_population.map(variance).sum::<f64>().max(0.0).sqrt();
            if std_mv > SPOKEN_OF * half_widths_mv[a] {
                let sentence = format!(
                    "Population {}: spikes are taken as a rate, and the noise that they are, {} mV beside a half width of {} mV, is left out; with more and weaker synapses it vanishes.",
                    population.name,
                    crate::number::significant(std_mv, 2),
                    crate::number::significant(half_widths_mv[a], 2),
                );
                let warning = Warning::new(WarningKind::NoiseLeftOut, sentence).about(&population.name);
                warnings.push(warning.with_value(std_mv).with_limit(SPOKEN_OF * half_widths_mv[a]));
            }
        }
        warnings
    }
}

/// The network with all its drives acting for ever.
fn lasting(network: &Network) -> Network {
    let lasting = |drive: &Drive| Drive { start_ms: None, stop_ms: None, modulation: None, ..drive.clone() };
    Network { drives: network.drives.iter().map(lasting).collect(), ..network.clone() }
}

/// What is not exact, and what to do.
struct NotExact(&'static str, &'static str);

impl NotExact {
    const MODEL: Self =
        Self("neurons that are not quadratic", "take model = \"qif\", or --equation density, or siegert simulate");
    const PEAK: Self = Self(
        "neurons with a finite V_peak or V_reset",
        "say V_peak = \"inf\" and V_reset = \"-inf\", or take --equation density or siegert simulate",
    );
    const REFRACTORY: Self = Self("a refractory time", "set t_ref = 0, or take --equation density or siegert simulate");
    const PARAMETERS: Self = Self(
        "neurons of different V_th or tau_m",
        "let currents differ instead (a drive with kind = \"current\" and a lorentzian law), or take siegert simulate",
    );
    const LAW: Self = Self(
        "currents or resting potentials that differ by a law which is not lorentzian",
        "say distribution = \"lorentzian\", or take siegert simulate",
    );
    const NOISE: Self = Self("white noise", "set its std to 0, or take --equation density or siegert simulate");
    const TURNED: Self = Self(
        "a lorentzian current with a modulation or a course that turns its sign",
        "keep the amplitude at most 1 and factors at least 0, or change a current beside it that does not differ",
    );
    const NMDA: Self = Self(
        "NMDA synapses, whose block depends on the potential",
        "take exponential_conductance, or siegert simulate",
    );
    const PLASTIC: Self = Self(
        "plastic synapses, which depend on the spikes and not on their mean",
        "leave plasticity out, or take siegert simulate",
    );
    const DELAYS: Self = Self(
        "delays with a law",
        "give one delay (or an exponential law, which is a filter), or take --equation density or siegert simulate",
    );

    fn of(self, population: &str) -> ReducedError {
        ReducedError::NotExact { population: population.to_string(), what: self.0, remedy: self.1 }
    }
}

/// Centre and half width of a law for which the reduction is exact.
fn of_law(law: &Law) -> Option<(f64, f64)> {
    match law.differing() {
        None => Some((law.center(), 0.0)),
        Some(Law::Lorentzian { center, half_width }) => Some((center, half_width)),
        Some(_) => None,
    }
}

fn member(population: &Population) -> Result<Member, ReducedError> {
    let (neuron, name) = (&population.neuron, &population.name);
    let NeuronModel::Qif { Delta_T_mv, V_peak_mv } = neuron.model else { return Err(NotExact::MODEL.of(name)) };
    if V_peak_mv != f64::INFINITY || neuron.V_reset_mv != f64::NEG_INFINITY {
        return Err(NotExact::PEAK.of(name));
    }
    if neuron.t_ref_ms != 0.0 {
        return Err(NotExact::REFRACTORY.of(name));
    }
    if neuron.differences.V_th_mv.is_some() || neuron.differences.tau_m_ms.is_some() {
        return Err(NotExact::PARAMETERS.of(name));
    }
    let (E_L_mv, half_width_mv) = match &neuron.differences.E_L_mv {
        None => (neuron.E_L_mv, 0.0),
        Some(law) => of_law(law).ok_or_else(|| NotExact::LAW.of(name))?,
    };
    Ok(Member {
        name: name.clone(),
        size: population.size,
        tau_m_ms: neuron.tau_m_ms,
        Delta_T_mv,
        V_th_mv: neuron.V_th_mv,
        rest_mv: E_L_mv - neuron.V_th_mv,
        half_width_mv,
        gap: 0.0,
        terms: Vec::new(),
        directs: Vec::new(),
    })
}

/// A stream as a signal, and what it does to the population that it reaches.
fn heard(stream: &Stream, origin: Origin, member: &Member) -> Result<(Signal, Term), ReducedError> {
    if !stream.sent.is_rate() && stream.blocked().is_none() {
        return Err(NotExact::PLASTIC.of(&member.name));
    }
    let per_spike = stream.tau_m_ms * stream.in_degree.mean;
    let term = match stream.action {
        Action::Conductance { block: Some(_), .. } => return Err(NotExact::NMDA.of(&member.name)),
        Action::Potential { .. } => Term { mean: per_spike * stream.jump_moments()[0], ..Term::default() },
        Action::Conductance { reversal_mv, parts: [part, ..], .. } => {
            Term { conductance: per_spike * part, reversal_mv: reversal_mv - member.V_th_mv, ..Term::default() }
        }
    };
    let mut stages_ms = Vec::new();
    let delay_ms = match stream.delay_ms {
        None => 0.0,
        Some(law) => match law.differing() {
            None => law.center().max(0.0),
            Some(Law::Exponential { mean }) if mean > 0.0 => {
                stages_ms.push(mean);
                0.0
            }
            Some(_) => return Err(NotExact::DELAYS.of(&member.name)),
        },
    };
    if let Kinetics::Exponential { tau_rise_ms, tau_ms } = stream.kinetics {
        stages_ms.extend([tau_rise_ms, tau_ms].into_iter().filter(|tau_ms| *tau_ms > 0.0));
    }
    Ok((Signal { origin, delay_ms, stages_ms }, term))
}
