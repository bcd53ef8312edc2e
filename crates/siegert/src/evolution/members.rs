//! Who the neurons of a population are in time, and what of a network is not evolved.

use super::EvolutionError;
use super::adaptation::Adapting;
use super::group::{Body, Class, Group, felt_by};
use super::input::{Felt, Listening, MOST_KINDS};
use super::jumps::{Foreseen, Jumping};
use super::mesh;
use super::population::Population;
use crate::input::{Action, JumpKind, Kinetics, Streams};
use crate::network::{DriveKind, Network};
use crate::neuron::lif::SynapticFilter;
use crate::neuron::{Model, Thresholds};
use crate::theory::SolveError;
use crate::transfer::{Input, InputTheory, Member, Transfer, TransferError};

/// The part of the accuracy that neurons that stand for all may err by.
const OF_MEMBERS: f64 = 0.1;
/// Neurons of a law with heavy tails that are this many times their noise, and their way from reset to threshold, below this, are as silent as those further down.
const SILENT: f64 = 60.0;

/// One population, as it is told apart in the network.
#[derive(Clone, Debug)]
pub(super) struct Described {
    name: String,
    transfer: Transfer,
    /// With the sums that it wants, if synapses act on its conductances.
    pub(super) listening: Listening,
}

/// The populations, or what of them is not evolved.
pub(super) fn described(
    network: &Network,
    streams: &Streams,
    filter: SynapticFilter,
    input: InputTheory,
) -> Result<Vec<Described>, EvolutionError> {
    (0..network.populations.len()).map(|a| describe(network, streams, a, (filter, input))).collect()
}

fn describe(
    network: &Network,
    streams: &Streams,
    a: usize,
    (filter, input): (SynapticFilter, InputTheory),
) -> Result<Described, EvolutionError> {
    let population = &network.populations[a];
    let name = || population.name.clone();
    let not_yet = |what| EvolutionError::NotYet { population: name(), what };
    let transfer = Transfer::new(network, a, filter).map_err(|error| match error {
        TransferError::Neuron(error) => SolveError::Neuron { population: name(), error }.into(),
        TransferError::InfiniteMean => SolveError::InfiniteMean { population: name() }.into(),
        _ => not_yet("of this model"),
    })?;
    let own = || streams.streams.iter().filter(|stream| stream.target == a);
    let hears_jumps = input == InputTheory::ShotNoise && own().any(|stream| stream.kinetics == Kinetics::Delta);
    let is_conductance = |stream: &&crate::input::Stream| {
        matches!(stream.action, Action::Conductance { .. }) && !(hears_jumps && stream.kinetics == Kinetics::Delta)
    };
    if transfer.is_average() {
        if own().any(|stream| matches!(stream.action, Action::Conductance { .. })) {
            return Err(not_yet("that differ and have conductances"));
        }
        let differs = |drive: &crate::network::Drive| match &drive.kind {
            DriveKind::Current { value_mv, .. } => value_mv.differing().is_some(),
            _ => false,
        };
        let changes = |drive: &crate::network::Drive| {
            drive.start_ms.is_some_and(|start_ms| start_ms >= 0.0)
                || drive.stop_ms.is_some()
                || drive.modulation.is_some()
                || drive.course.is_some()
        };
        if network.drives.iter().any(|drive| drive.target == a && differs(drive) && changes(drive)) {
            return Err(not_yet("that differ by a current that changes in time"));
        }
    }
    if hears_jumps {
        if transfer.model().lif().is_none() {
            return Err(EvolutionError::Jumps { population: name(), what: "neurons other than lif" });
        }
        if own().any(|stream| stream.kinetics == Kinetics::Delta && !stream.sent.is_rate()) {
            return Err(EvolutionError::Jumps { population: name(), what: "plastic synapses that act at once" });
        }
    }
    let listening = Listening {
        rest_mv: population.neuron.E_L_mv,
        is_shifted: filter == SynapticFilter::ThresholdShift && transfer.model().lif().is_some(),
        conducting: None,
        hears_jumps,
    };
    if !own().any(|stream| is_conductance(&stream)) {
        return Ok(Described { name: name(), transfer, listening });
    }
    let transfer = transfer.with_conductances(streams, a).map_err(|error| match error {
        TransferError::BlockedConductances => not_yet("other than lif with NMDA"),
        _ => not_yet("that differ and have conductances"),
    })?;
    let sums = transfer.wanted(streams);
    let listening = Listening { conducting: Some((transfer.clone(), sums)), ..listening };
    Ok(Described { name: name(), transfer, listening })
}

impl Described {
    /// Whether its neurons differ.
    pub(super) fn differ(&self) -> bool {
        self.transfer.is_average()
    }

    /// The neuron, at the centre where they differ.
    pub(super) fn neuron(&self) -> &Model {
        self.transfer.model()
    }

    /// All at their reset, on nodes for inputs that are foreseen, of which the first is that at the start.
    pub(super) fn group(&self, inputs: &[Felt], kinds: &[JumpKind], accuracy: f64) -> Result<Group, EvolutionError> {
        let population = || self.name.clone();
        if kinds.len() > MOST_KINDS {
            return Err(EvolutionError::Jumps { population: population(), what: "more than 8 kinds of jumps" });
        }
        let noisy = inputs.iter().find(|felt| felt.variance_mv2 > 0.0).unwrap_or(&inputs[0]);
        let members = match self.transfer.is_average() {
            true => {
                let ratio = if noisy.variance_mv2 > 0.0 { noisy.filter_mv2 / noisy.variance_mv2 } else { 0.0 };
                let std_mv = noisy.variance_mv2.max(0.0).sqrt();
                let mean_mv = noisy.mean_mv + std_mv * SynapticFilter::shift(ratio);
                let input = Input { tau_syn_over_tau_m: ratio, ..Input::white(mean_mv, std_mv) };
                let members = self.transfer.members(&input, OF_MEMBERS * accuracy);
                members.ok_or_else(|| EvolutionError::Members { population: population() })?
            }
            false => vec![Member { part: 1.0, neuron: *self.transfer.model(), scale: 1.0, added_mv: 0.0 }],
        };
        let t_ref_ms = self.transfer.thresholds().t_ref_ms;
        let class = |mut member: Member| {
            let Thresholds { V_th_mv, V_reset_mv, .. } = member.neuron.thresholds();
            let std_mv = noisy.variance_mv2.max(0.0).sqrt();
            let lowest_mv = V_reset_mv - SILENT * std_mv - (V_th_mv - V_reset_mv);
            if self.transfer.is_average() && lowest_mv.is_finite() {
                member.added_mv += (lowest_mv - felt_by(&member, *noisy).mean_mv).max(0.0);
            }
            let felt: Vec<Felt> = inputs.iter().map(|felt| felt_by(&member, *felt)).collect();
            let body = match kinds.is_empty() {
                true => density(&member.neuron, &felt, accuracy),
                false => {
                    let thresholds = member.neuron.thresholds();
                    let foreseen = Foreseen { thresholds, kinds, inputs: &felt, accuracy };
                    Jumping::new(&foreseen).map(|jumping| Body::Jumps(Box::new(jumping)))
                }
            };
            let body = body.ok_or_else(|| EvolutionError::Grid { population: population() })?;
            Ok(Class::new(member, body))
        };
        let classes = members.into_iter().map(class).collect::<Result<Vec<_>, EvolutionError>>()?;
        Ok(Group::new(classes, t_ref_ms))
    }
}

/// A density with nodes for inputs that are foreseen.
fn density(neuron: &Model, inputs: &[Felt], accuracy: f64) -> Option<Body> {
    let noisy: Vec<&Felt> = inputs.iter().filter(|felt| felt.variance_mv2 > 0.0).collect();
    let first = noisy.first()?;
    let (own, adapting) = match neuron {
        Model::Adex(adex) => {
            let (eif, law, E_L_mv) = adex.parts();
            (Model::Eif(eif), Some(Adapting::new(law, E_L_mv)))
        }
        other => (*other, None),
    };
    let mut foreseen: Vec<(f64, f64)> = noisy.iter().map(|felt| felt.of_membrane()).collect();
    if adapting.is_some() {
        let adapted = noisy.iter().filter_map(|felt| {
            let (mean_mv, std_mv) = felt.of_membrane();
            let adaptation = neuron.shunted(felt.conductance).mean_adaptation(mean_mv, std_mv)?;
            Some((mean_mv - adaptation.mean_mv, std_mv))
        });
        let adapted: Vec<(f64, f64)> = adapted.collect();
        foreseen.splice(0..0, adapted);
    }
    let line = match first.conductance == 0.0 {
        true => mesh::line(&own, &foreseen, accuracy)?,
        // as its mean conductance makes it; forces are those without
        false => mesh::line(&own.shunted(first.conductance), &foreseen, accuracy)?.with_forces_of(&own),
    };
    Some(Body::Density(Box::new(Population::new(own, line, accuracy, adapting))))
}
