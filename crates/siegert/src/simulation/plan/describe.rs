//! From the description of a network to its plan: rounding to the grid, and what cannot be simulated.

use super::{Channel, Connection, DifferingCurrent, DrivePlan, DriveStep, Initial, Plan, PopulationPlan, Rule};
use crate::Shown;
use crate::network::{ConnectionRule, CurrentCourse, Drive, DriveKind, Law, Network, Population, Projection, Synapse};
use crate::numerics::steps;
use crate::simulation::laws::{Delays, Weights};
use crate::simulation::schedule::Schedule;
use crate::simulation::sending::{Saturation, Sending};
use crate::simulation::{SimulationError, SimulationOptions, StartPotentials, membrane};
use crate::warning::{Place, WarningKind};

/// A Poisson drive may deliver this many spikes a neuron and step, in the mean.
const MOST_SPIKES_A_STEP: f64 = 1e7;
/// Beyond this part of delays that are drawn again it is said.
const MOST_CUT: f64 = 0.05;
/// The largest weight or input: input is summed in 32 bits, and the largest number of these is 3.4e38.
const LARGEST_INPUT: f64 = 1e30;
/// Of an exponential that is to be finite.
const LARGEST_EXPONENT: f64 = 600.0;

impl Plan {
    pub(super) fn add_populations(
        &mut self,
        network: &Network,
        options: &SimulationOptions,
    ) -> Result<(), SimulationError> {
        let mut first = 0u64;
        let (expected, found) = (network.populations.len(), options.kicks_mv.len());
        if found != 0 && expected != found {
            return Err(SimulationError::Kicks { expected, found });
        }
        for (index, population) in network.populations.iter().enumerate() {
            let kick_mv = options.kicks_mv.get(index).copied().unwrap_or(0.0);
            refuse_beyond_32_bits(|| format!("kick of {} in mV", population.name), kick_mv.abs())?;
            let initial = match (options.start, population.initial_mv) {
                (StartPotentials::Reset, _) => Initial::Reset,
                (StartPotentials::File, Some(law)) => Initial::Law(law),
                (StartPotentials::File, None) => Initial::Usual,
            };
            let (name, neuron) = (population.name.clone(), population.neuron);
            let model = neuron.model.name();
            let Some(builders) = membrane::named(model) else {
                return Err(SimulationError::Model {
                    population: name,
                    model,
                    simulated: membrane::simulated_models(),
                });
            };
            if first + population.size > u64::from(u32::MAX) {
                let value = (first + population.size) as f64;
                return Err(SimulationError::TooLarge {
                    what: "neurons".to_string(),
                    value,
                    most: f64::from(u32::MAX),
                });
            }
            let refractory = steps::up(neuron.t_ref_ms, self.dt_ms);
            if refractory > f64::from(i32::MAX) {
                let what = format!("population {name}: t_ref in steps");
                return Err(SimulationError::TooLarge { what, value: refractory, most: f64::from(i32::MAX) });
            }
            let place = format!("population {name}");
            self.note_rounding(&place, "t_ref", neuron.t_ref_ms, refractory);
            self.note_long_step(&place, neuron.tau_m_ms);
            self.populations.push(PopulationPlan {
                name,
                first: first as u32,
                size: population.size as u32,
                neuron,
                builders,
                initial,
                kick_mv,
                differing_currents: Vec::new(),
                refractory_steps: refractory as i32,
                channels: Vec::new(),
                blocks: 0..0,
            });
            first += population.size;
        }
        Ok(())
    }

    /// Says that a time lasts so many steps, if that is another time.
    pub(super) fn note_rounding(&mut self, place: &str, what: &'static str, value_ms: f64, steps: f64) {
        let rounded_ms = steps::lasting_ms(steps, self.dt_ms);
        if (rounded_ms - value_ms).abs() > 1e-6 * self.dt_ms {
            let (value_ms, shown_ms) = (Shown(value_ms), Shown(rounded_ms));
            let said = format!("{what} of {value_ms} ms is simulated as {shown_ms} ms, a multiple of dt");
            self.notes.note(WarningKind::Rounded, Place { name: place, what }, (Some(rounded_ms), None), said);
        }
    }

    fn note_long_step(&mut self, place: &str, tau_m_ms: f64) {
        if self.dt_ms > tau_m_ms {
            let said = format!(
                "dt ({} ms) is longer than tau_m ({} ms); spikes within a step are lost and input arrives late: take a smaller dt",
                Shown(self.dt_ms),
                Shown(tau_m_ms)
            );
            self.notes.note(WarningKind::LongStep, place, (Some(self.dt_ms), Some(tau_m_ms)), said);
        }
    }

    fn channel(&mut self, population: usize, target: &Population, synapse: &Synapse) -> Result<usize, SimulationError> {
        let relative = |E_rev_mv: f64| E_rev_mv - target.neuron.E_L_mv;
        let rising =
            |course| Ok::<_, SimulationError>(Channel::Rising { course, C_m_pf: target.capacitance_pf(synapse)? });
        let channel = match *synapse {
            Synapse::Delta => Channel::Delta,
            Synapse::ExponentialCurrent { tau_ms } => {
                Channel::Exponential { tau_ms, C_m_pf: target.capacitance_pf(synapse)? }
            }
            Synapse::AlphaCurrent { tau_ms } => rising(CurrentCourse { tau_rise_ms: tau_ms, tau_decay_ms: tau_ms })?,
            Synapse::DoubleExponentialCurrent { tau_rise_ms, tau_decay_ms } => {
                rising(CurrentCourse { tau_rise_ms, tau_decay_ms })?
            }
            Synapse::ExponentialConductance { tau_ms, E_rev_mv } => {
                Channel::Conductance { tau_ms, C_m_pf: target.capacitance_pf(synapse)?, E_rev_mv: relative(E_rev_mv) }
            }
            Synapse::DeltaConductance { E_rev_mv } => {
                Channel::Pulse { C_m_pf: target.capacitance_pf(synapse)?, E_rev_mv: relative(E_rev_mv) }
            }
            Synapse::Nmda { tau_decay_ms, E_rev_mv, Mg, beta_per_mv, gamma, .. } => Channel::Blocked {
                tau_ms: tau_decay_ms,
                C_m_pf: target.capacitance_pf(synapse)?,
                E_rev_mv: relative(E_rev_mv),
                // finite, so that no magnesium is no block wherever E_L is
                block: Mg / gamma * (-beta_per_mv * target.neuron.E_L_mv).min(LARGEST_EXPONENT).exp(),
                beta_per_mv,
            },
        };
        let channels = &mut self.populations[population].channels;
        Ok(channels.iter().position(|known| *known == channel).unwrap_or_else(|| {
            channels.push(channel);
            channels.len() - 1
        }))
    }

    pub(super) fn add_projection(
        &mut self,
        network: &Network,
        id: u32,
        projection: &Projection,
        options: &SimulationOptions,
    ) -> Result<(), SimulationError> {
        let name = |index: usize| network.populations[index].name.as_str();
        let place = format!("projection {} -> {}", name(projection.source), name(projection.target));
        let channel = self.channel(projection.target, &network.populations[projection.target], &projection.synapse)?;
        let law = projection.delay_ms.unwrap_or_else(|| {
            let assumed = options.open_delay_ms;
            let said = format!("the file gives no delay; {assumed} ms is taken");
            self.notes.note(WarningKind::AssumedDelay, place.as_str(), (Some(assumed), None), said);
            Law::Constant { value: assumed }
        });
        let (delays, cut) = Delays::new(&law, self.dt_ms, &place)?;
        if let (Law::Constant { value }, Delays::Constant(steps)) = (law, &delays) {
            self.note_rounding(&place, "delay", value, f64::from(*steps));
        }
        if cut > MOST_CUT {
            let percent = 100.0 * cut;
            let said = format!("{percent:.0} % of the delays are shorter than dt and are drawn again");
            self.notes.note(WarningKind::ShortDelays, place.as_str(), (Some(cut), Some(MOST_CUT)), said);
        }
        refuse_beyond_32_bits(|| format!("{place}: weight"), Weights::largest_of(&projection.weight))?;
        let rule = self.rule(projection, &place)?;
        if matches!(rule, Rule::InDegree(0) | Rule::Total(0) | Rule::Probability(0.0)) {
            return Ok(());
        }
        let multapses = projection.multapses && !matches!(rule, Rule::Probability(_));
        let autapses = projection.autapses || projection.source != projection.target;
        self.connections.push(Connection {
            id,
            source: projection.source,
            target: projection.target,
            channel,
            part: 0,
            rule,
            autapses,
            multapses,
            weights: Weights::new(&projection.weight),
            delays,
            sending: Sending::of(projection),
        });
        Ok(())
    }

    /// Rounds the numbers of connections, and sees that there are sources and pairs enough for them.
    fn rule(&mut self, projection: &Projection, place: &str) -> Result<Rule, SimulationError> {
        let [sources, targets] =
            [projection.source, projection.target].map(|index| u64::from(self.populations[index].size));
        let itself = u64::from(!projection.autapses && projection.source == projection.target);
        let candidates = sources.saturating_sub(itself);
        let (rule, wanted, possible) = match projection.rule {
            ConnectionRule::PairwiseProbability { probability } => return Ok(Rule::Probability(probability)),
            ConnectionRule::FixedInDegree { .. } if targets == 0 => return Ok(Rule::InDegree(0)),
            ConnectionRule::FixedInDegree { in_degree } => {
                let rounded = in_degree.round();
                if rounded > f64::from(u32::MAX / 2) {
                    let what = format!("{place}: in-degree");
                    return Err(SimulationError::TooLarge { what, value: rounded, most: f64::from(u32::MAX / 2) });
                }
                (Rule::InDegree(rounded as u32), rounded as u64, candidates)
            }
            ConnectionRule::FixedTotal { total } => {
                let rounded = total.round();
                if rounded > 1e15 {
                    return Err(SimulationError::TooLarge {
                        what: format!("{place}: total"),
                        value: rounded,
                        most: 1e15,
                    });
                }
                (Rule::Total(rounded as u64), rounded as u64, candidates * targets)
            }
        };
        if wanted > 0 && (possible == 0 || (!projection.multapses && wanted > possible)) {
            return Err(SimulationError::TooManyConnections { place: place.to_string(), wanted, possible });
        }
        Ok(rule)
    }

    pub(super) fn add_drive(&mut self, network: &Network, id: u32, drive: &Drive) -> Result<(), SimulationError> {
        let place = format!("drive of {}", network.populations[drive.target].name);
        let mut delay = None;
        let kind = match &drive.kind {
            DriveKind::Poisson { rate_hz, in_degree, weight, delay_ms, synapse, shared, redraw_weights, .. } => {
                let mean = rate_hz * in_degree * self.dt_ms / 1000.0;
                let channel = self.channel(drive.target, &network.populations[drive.target], synapse)?;
                delay =
                    delay_ms.map(|law| Delays::new(&law, self.dt_ms, &place)).transpose()?.map(|(delays, _)| delays);
                refuse_beyond_32_bits(|| format!("{place}: weight"), Weights::largest_of(weight))?;
                let sources = in_degree.round().clamp(1.0, f64::from(u32::MAX)) as u32;
                let (shared, redraw_weights) = (*shared, *redraw_weights);
                let (weights, saturation) = (Weights::new(weight), Saturation::of(synapse));
                DriveStep::Poisson { mean, sources, weights, channel, shared, redraw_weights, saturation }
            }
            DriveKind::Current { value_mv, given_in_pa } => {
                let population = &mut self.populations[drive.target];
                let mean_mv = value_mv.center();
                let by_R = *given_in_pa && population.neuron.differences.tau_m_ms.is_some();
                if value_mv.differing().is_none() && !by_R {
                    DriveStep::Current { mean_mv }
                } else {
                    let current = DifferingCurrent { drive: id, law: *value_mv, given_in_pa: *given_in_pa };
                    population.differing_currents.push(current);
                    DriveStep::DifferingCurrent { mean_mv, index: population.differing_currents.len() - 1 }
                }
            }
            DriveKind::Noise { mean_mv, std_mv } => DriveStep::Noise { mean_mv: *mean_mv, std_mv: *std_mv },
        };
        if let DriveStep::Current { mean_mv }
        | DriveStep::DifferingCurrent { mean_mv, .. }
        | DriveStep::Noise { mean_mv, .. } = kind
        {
            refuse_beyond_32_bits(|| format!("{place}: mean in mV"), mean_mv.abs())?;
        }
        if let DriveStep::Noise { std_mv, .. } = kind {
            refuse_beyond_32_bits(|| format!("{place}: std in mV"), std_mv)?;
        }
        let schedule = Schedule::new(drive, delay.as_ref(), self.dt_ms);
        if let DriveStep::Poisson { mean, .. } = kind
            && mean * schedule.largest() > MOST_SPIKES_A_STEP
        {
            let what = format!("{place}: spikes that a neuron receives in a step");
            return Err(SimulationError::TooLarge { what, value: mean * schedule.largest(), most: MOST_SPIKES_A_STEP });
        }
        self.drives.push(DrivePlan { population: drive.target, kind, schedule });
        Ok(())
    }
}

/// Refuses a law of weights, or a value, that 32 bits do not hold.
fn refuse_beyond_32_bits(what: impl FnOnce() -> String, largest: f64) -> Result<(), SimulationError> {
    if largest <= LARGEST_INPUT {
        return Ok(());
    }
    Err(SimulationError::TooLarge { what: what(), value: largest, most: LARGEST_INPUT })
}
