//! The map from rates to rates whose fixed points are the stationary states, with its derivatives.
//!
//! ```text
//! Phi_a(r) = f(mu_a(r), sigma_a(r)),
//! d ln Phi_a/d r_b = sum_X (d ln f/d X) d X_a/d r_b
//! ```
//!
//! over the sums `X` that the transfer of the population wants: `mu`, `sigma^2`, and what belongs to synapses with a time constant.
//! Everything is in logarithms, so that silent populations (rates of 1e-300 Hz and far below) are no special case.

use std::borrow::Cow;
use std::sync::Arc;

use rayon::prelude::*;

use crate::input::{Action, Kinetics, Linear, NoisePart, Stream, Streams, Sum, Sums};
use crate::network::Network;
use crate::neuron::jumps::MOST_LAWS;
use crate::neuron::lif::{LogRate, SynapticFilter};
use crate::numerics::linear::Matrix;
use crate::transfer::{Gradient, Input, InputTheory, MOST_BLOCKS, Table, Transfer, TransferError, number_of_laws};
use crate::work::Work;

use super::classes::Classes;
use super::exhaustive::top_hz;
use super::{SolveError, TheoryOptions};

/// The self-consistency equations of a network.
#[derive(Clone, Debug)]
pub struct RateMap {
    pub(crate) transfers: Vec<Transfer>,
    pub(crate) sums: Sums,
    /// What these are sums of; none where populations are left out.
    pub(crate) streams: Streams,
    /// The sums of time constants of synapses that the transfers want to know apart.
    times: Vec<Sum>,
    /// Whether whoever looks for its states shall stop.
    pub(super) work: Work,
    /// By which rates are found, those of neurons without closed forms: none where they are computed.
    tables: Option<Arc<Vec<Table>>>,
}

/// A stage on the way from the uncoupled network to the network as it is.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    /// Factor of all input from the network.
    pub(super) coupling: f64,
    /// Added to `sigma^2` of each population; none if empty.
    pub(super) extra_variance_mv2: Vec<f64>,
}

impl Stage {
    /// The network as it is.
    const FULL: Stage = Stage { coupling: 1.0, extra_variance_mv2: Vec::new() };

    fn extra_variance(&self, a: usize) -> f64 {
        self.extra_variance_mv2.get(a).copied().unwrap_or(0.0)
    }
}

/// `ln Phi` and its derivatives.
#[derive(Clone, Debug)]
pub(crate) struct Evaluation {
    /// `ln Phi_a`; minus infinity for a population that is silent for want of noise.
    pub(super) ln_output: Vec<f64>,
    /// `d ln Phi_a / d r_b` per Hz.
    pub(crate) per_hz: Matrix,
}

/// [`Evaluation`] with the derivatives in what curves of states are followed along.
#[derive(Clone, Debug)]
pub(super) struct AlongCurve {
    pub(super) evaluation: Evaluation,
    /// `d ln Phi_a / d coupling`.
    pub(super) per_coupling: Vec<f64>,
    /// Derivatives of `ln Phi_a` with respect to its input.
    pub(super) per_input: Vec<Gradient>,
}

impl RateMap {
    /// The equations of a network of LIF neurons with delta or exponential-current synapses.
    ///
    /// # Errors
    ///
    /// Neuron models and synapses that are not computed yet, by name; mistakes of a network made in code.
    pub fn new(network: &Network, options: impl Into<TheoryOptions>) -> Result<Self, SolveError> {
        let options = options.into();
        let filter = options.filter;
        network.check().map_err(SolveError::Network)?;
        if !filter.knows_rises() {
            require_no_rise(network, filter)?;
        }
        Self::of_checked(network, options)
    }

    /// As [`RateMap::new`], of a network that the reader of files has made: points of a sweep need no second check.
    pub(crate) fn of_checked(network: &Network, options: TheoryOptions) -> Result<Self, SolveError> {
        let TheoryOptions { filter, input } = options;
        let mut streams = Streams::of_checked(network)?;
        if filter == SynapticFilter::BrunelWang {
            require_brunel_wang(network)?;
            streams = streams.with_gates_by_series();
        }
        require_few_blocks(&streams)?;
        match input {
            InputTheory::Diffusion => {}
            InputTheory::ShotNoise => require_jumps(network, &streams)?,
            InputTheory::SelfConsistent => require_simple(network, &streams)?,
        }
        let transfer = |(index, population): (usize, &crate::network::Population)| {
            let conductance = Streams::conductance_of(network, index);
            let transfer = Transfer::new(network, index, filter).and_then(|transfer| match &conductance {
                Some(_) => transfer.with_conductances(&streams, index),
                None => Ok(transfer),
            });
            transfer.map(|transfer| transfer.with_input(input)).map_err(|error| match error {
                TransferError::Model(model) => SolveError::NeuronModel {
                    model: model.name(),
                    neuron_type: population.neuron_type.clone(),
                    population: population.name.clone(),
                },
                TransferError::Conductances => {
                    let (synapse_type, kind) = conductance.unwrap_or_default();
                    SolveError::Conductances { synapse_type, kind, population: population.name.clone() }
                }
                TransferError::BlockedConductances => {
                    let (synapse_type, _) = Streams::blocked_of(network, index).unwrap_or_default();
                    let model = population.neuron.model.name();
                    SolveError::BlockedConductances { synapse_type, population: population.name.clone(), model }
                }
                TransferError::InfiniteMean => SolveError::InfiniteMean { population: population.name.clone() },
                TransferError::Neuron(error) => SolveError::Neuron { population: population.name.clone(), error },
            })
        };
        let transfers = network.populations.iter().enumerate().map(transfer).collect::<Result<Vec<_>, _>>()?;
        if let Some(a) = transfers.iter().position(|it| input == InputTheory::ShotNoise && it.is_average()) {
            return Err(SolveError::JumpsOfDifferingNeurons { population: network.populations[a].name.clone() });
        }
        if let Some(a) = transfers.iter().position(|it| input == InputTheory::SelfConsistent && it.is_average()) {
            let (population, what) = (network.populations[a].name.clone(), "that differ");
            return Err(SolveError::SelfConsistentOf { population, what });
        }
        if input == InputTheory::ShotNoise {
            require_few_laws(network, &streams)?;
        }
        let wanted: Vec<Sum> = transfers.iter().flat_map(|transfer| transfer.wanted(&streams)).collect();
        let mut sums = Sums::new(&streams, &wanted);
        if filter == SynapticFilter::BrunelWang {
            sums = sums.with_noise_from_outside_alone();
        }
        let top_hz = top_hz(&transfers);
        if let Some(a) = (0..network.populations.len()).find(|&a| !sums.is_finite(a, &top_hz)) {
            return Err(SolveError::InputTooLarge { population: network.populations[a].name.clone() });
        }
        Ok(RateMap { times: times_of(&sums), transfers, sums, streams, work: Work::default(), tables: None })
    }

    /// The same equations, whose states are looked for until `work` is cancelled; how many searches there were is its progress.
    pub fn watched(self, work: &Work) -> Self {
        RateMap { work: work.clone(), ..self }
    }

    /// Whose cancelling stops whoever looks for its states.
    pub(crate) fn work(&self) -> &Work {
        &self.work
    }

    /// The equations of the populations `kept` alone, by index; the others count as silent.
    pub(super) fn restricted_to(&self, kept: &[usize]) -> Self {
        self.with(kept.iter().map(|&a| self.transfers[a].clone()).collect(), self.sums.restricted_to(kept))
    }

    /// The equations of the classes of populations, one unknown a class.
    pub(super) fn merged(&self, classes: &Classes) -> Self {
        let first = |class: usize| classes.of.iter().position(|&of| of == class);
        let transfers = (0..classes.count).filter_map(first).map(|a| self.transfers[a].clone()).collect();
        self.with(transfers, self.sums.merged(&classes.of, classes.count))
    }

    /// Equations of these populations, for tests.
    #[cfg(test)]
    pub(super) fn of_parts(transfers: Vec<Transfer>, streams: Streams) -> Self {
        let sums = Sums::new(&streams, &transfers[0].wanted(&streams));
        RateMap { times: times_of(&sums), transfers, sums, streams, work: Work::default(), tables: None }
    }

    /// Equations of other populations, looked at in the same work.
    pub(super) fn with(&self, transfers: Vec<Transfer>, sums: Sums) -> Self {
        RateMap {
            times: times_of(&sums),
            transfers,
            sums,
            streams: Streams::default(),
            work: self.work.clone(),
            tables: self.tables.clone(),
        }
    }

    /// The equations with rough rates in place of all that are no closed forms, for a search: from tables, and means with little effort; `None` if there are no such rates.
    pub(super) fn tabulated(&self) -> Option<Self> {
        if self.tables.is_some() {
            return None;
        }
        let mut tables: Vec<Table> = Vec::new();
        for table in self.transfers.iter().filter_map(Transfer::table) {
            if tables.iter().all(|known| known.neuron() != table.neuron()) {
                tables.push(table);
            }
        }
        let has_means = self.transfers.iter().any(Transfer::is_average);
        (has_means || !tables.is_empty()).then(|| RateMap { tables: Some(Arc::new(tables)), ..self.clone() })
    }

    /// The equations right to a thousandth or so, where that is faster by far (neurons without closed forms, neurons that differ): for pictures.
    pub fn for_pictures(&self) -> Self {
        self.tabulated().unwrap_or_else(|| self.clone())
    }

    /// Whether the law of threshold crossings says more than the closed forms by which states are looked for.
    pub fn is_refined(&self) -> bool {
        (0..self.len()).any(|a| {
            let transfer = &self.transfers[a];
            transfer.has_conductances() || transfer.filter().is_full() && self.has_synaptic_times(a)
        })
    }

    /// The equations with given logarithms of the factors by which the times from release to spike are longer; as they are if there are none given.
    pub(crate) fn lengthened(mut self, ln_longer: &[f64]) -> Self {
        self.transfers
            .iter_mut()
            .zip(ln_longer)
            .for_each(|(transfer, by)| *transfer = transfer.clone().lengthened(*by));
        self
    }

    /// As [`RateMap::lengthened`], if there is anything to change.
    pub(crate) fn held(&self, ln_longer: &[f64]) -> Cow<'_, RateMap> {
        let is_same = self.transfers.iter().zip(ln_longer).all(|(transfer, by)| transfer.ln_longer() == *by);
        if is_same { Cow::Borrowed(self) } else { Cow::Owned(self.clone().lengthened(ln_longer)) }
    }

    /// The equations with times from release to spike so much longer that these rates are a state.
    pub(crate) fn with_rates(&self, rates_hz: &[f64]) -> Self {
        let inputs = self.inputs(rates_hz);
        let longer = |(a, input): (usize, &Input)| {
            self.transfers[a].lengthening_to(rates_hz[a], input).unwrap_or(self.transfers[a].ln_longer())
        };
        let ln_longer: Vec<f64> = inputs.iter().enumerate().map(longer).collect();
        self.clone().lengthened(&ln_longer)
    }

    /// These logarithms.
    pub(super) fn lengthenings(&self) -> Vec<f64> {
        self.transfers.iter().map(Transfer::ln_longer).collect()
    }

    /// The logarithms of the factors by which the law of threshold crossings makes the times from release to spike longer at these rates.
    pub(crate) fn lengthenings_at(&self, rates_hz: &[f64]) -> Vec<f64> {
        if !self.is_refined() {
            return vec![0.0; self.len()];
        }
        of_each(self, &self.inputs(rates_hz), |transfer, input| transfer.lengthening(input))
    }

    /// The equations with what the law of threshold crossings says at these rates.
    pub(crate) fn refined_at(&self, rates_hz: &[f64]) -> Cow<'_, RateMap> {
        if !self.is_refined() {
            return Cow::Borrowed(self);
        }
        Cow::Owned(self.clone().lengthened(&self.lengthenings_at(rates_hz)))
    }

    /// Whether all rates are closed forms, which cost next to nothing and are right to the last digits.
    pub(super) fn has_closed_forms(&self) -> bool {
        self.transfers.iter().all(Transfer::has_closed_form)
    }

    /// `d ln Phi_a` along a change of all coefficients, at rates that `evaluation` belongs to.
    pub(super) fn along(change: &Sums, evaluation: &AlongCurve, rates_hz: &[f64]) -> Vec<f64> {
        let of = |(a, per_input): (usize, &Gradient)| {
            let terms = per_input.terms().iter();
            let changes = terms.filter_map(|(sum, per_unit)| Some(per_unit * change.get(*sum)?.at(a, rates_hz, 1.0)));
            changes.sum()
        };
        evaluation.per_input.iter().enumerate().map(of).collect()
    }

    /// Whether two populations have the same rate in every state: the same neuron, the same input.
    pub(super) fn alike(&self, a: usize, b: usize) -> bool {
        self.transfers[a] == self.transfers[b] && self.sums.alike(a, b)
    }

    /// For each population the index of its effective population, numbered in order of their first members.
    ///
    /// Populations with the same neuron and the same input at all rates have the same rate in every state.
    pub fn effective_populations(&self) -> Vec<usize> {
        Classes::with_equations(self).0.of
    }

    /// Whether a population receives noise through synapses with a time constant.
    pub(super) fn has_synaptic_times(&self, a: usize) -> bool {
        let is_there = |sum: &Linear| sum.constant[a] != 0.0 || (0..self.len()).any(|b| sum.has(a, b));
        self.sums.get(Sum::Filter).into_iter().chain(self.noise_of_conductances(NoisePart::Weighted)).any(is_there)
    }

    /// `mu` and `sigma^2` of a population at given rates; with conductances those that its membrane has.
    pub(super) fn mean_and_variance(&self, a: usize, rates_hz: &[f64]) -> [f64; 2] {
        if self.transfers[a].has_conductances() {
            let input = self.input(a, rates_hz, &Stage::FULL);
            return [input.mean_mv, input.std_mv * input.std_mv];
        }
        [self.sums.mean(), self.sums.variance()].map(|form| form.at(a, rates_hz, 1.0))
    }

    /// Whether a population never fires at given rates of those that it hears.
    pub(super) fn is_silent_at(&self, a: usize, rates_hz: &[f64]) -> bool {
        let [mean_mv, variance_mv2] = self.mean_and_variance(a, rates_hz);
        let transfer = &self.transfers[a];
        if transfer.has_conductances() {
            return transfer.shunted(&self.input(a, rates_hz, &Stage::FULL)).is_silent(mean_mv, variance_mv2);
        }
        transfer.is_silent(mean_mv, variance_mv2)
    }

    /// Noise of a part of the conductances, those that the potential blocks among them.
    fn noise_of_conductances(&self, wanted: NoisePart) -> impl Iterator<Item = &Linear> {
        let is_such = move |sum: &Sum| match *sum {
            Sum::ConductanceNoise { part, power: 0 } => part == wanted,
            Sum::BlockedNoise(_) => true,
            _ => false,
        };
        self.sums.names().filter(is_such).filter_map(|sum| self.sums.get(sum))
    }

    /// Resting potential and mean input by currents of a population.
    pub(crate) fn mean_of_currents_mv(&self, a: usize, rates_hz: &[f64]) -> f64 {
        self.sums.mean().at(a, rates_hz, 1.0)
    }

    /// Whether spikes of population `b` reach `a`.
    pub(super) fn hears(&self, a: usize, b: usize) -> bool {
        let mut all = std::iter::once(self.sums.variance()).chain(self.noise_of_conductances(NoisePart::All));
        all.any(|form| form.has(a, b))
    }

    /// Whether a population has noise that is not from the network.
    pub(super) fn has_noise_from_outside(&self, a: usize, least_mv2: f64) -> bool {
        let mut of_conductances = self.noise_of_conductances(NoisePart::All);
        self.sums.variance().constant[a] > least_mv2 || of_conductances.any(|form| form.constant[a] > 0.0)
    }

    /// Number of populations.
    pub fn len(&self) -> usize {
        self.transfers.len()
    }

    /// Whether there is no population.
    pub fn is_empty(&self) -> bool {
        self.transfers.is_empty()
    }

    /// What every population receives at the rates `rates_hz`, shape `(populations,)`.
    pub fn inputs(&self, rates_hz: &[f64]) -> Vec<Input> {
        (0..self.len()).map(|a| self.input(a, rates_hz, &Stage::FULL)).collect()
    }

    /// The rates in Hz that the input made by `rates_hz` would give.
    pub fn output_rates_hz(&self, rates_hz: &[f64]) -> Vec<f64> {
        self.inputs(rates_hz).iter().enumerate().map(|(a, input)| self.log_rate(a, input).rate_hz()).collect()
    }

    /// Natural logarithm of the rate in Hz that population `a` has with an input; finite where the rate underflows.
    pub fn ln_output_hz(&self, a: usize, input: &Input) -> f64 {
        self.log_rate(a, input).ln_rate_hz
    }

    fn input(&self, a: usize, rates_hz: &[f64], stage: &Stage) -> Input {
        self.transfers[a].input(&self.times, |sum| {
            let value = self.sums.get(sum).map_or(0.0, |form| form.at(a, rates_hz, stage.coupling));
            if sum == Sum::Variance { value + stage.extra_variance(a) } else { value }
        })
    }

    /// The transfer functions, one a population.
    pub fn transfers(&self) -> &[Transfer] {
        &self.transfers
    }

    /// Whether synaptic time constants move the rate of a population.
    pub(super) fn is_filtered(&self, a: usize) -> bool {
        self.transfers[a].filter() != SynapticFilter::Ignore && self.has_synaptic_times(a)
    }

    /// The logarithm of the rate of population `a` at an input.
    pub(crate) fn log_rate(&self, a: usize, input: &Input) -> LogRate {
        let transfer = &self.transfers[a];
        match &self.tables {
            Some(tables) => transfer.rough_log_rate(tables, input),
            None => transfer.log_rate(input),
        }
    }

    /// Whether all sums are linear in the rates, and in the input of every neuron: no conductances, no synapses that send another function of a rate.
    pub(crate) fn is_linear_in_rates(&self) -> bool {
        self.sums.are_linear() && !self.transfers.iter().any(Transfer::has_conductances)
    }

    /// Equations with the same state at these rates in which conductances are currents, and plastic synapses what they are there: each membrane with the time constant that it has there, each conductance with its
    /// distance from the reversal potential there. As they are, where there are no conductances. The rates are those of a state.
    pub(crate) fn linearised_at(&self, rates_hz: &[f64]) -> Cow<'_, RateMap> {
        let is_static = self.streams.streams.iter().all(|stream| stream.sent.is_rate());
        if is_static && !self.transfers.iter().any(Transfer::has_conductances) {
            return Cow::Borrowed(self);
        }
        let inputs = self.inputs(rates_hz);
        let transfers: Vec<Transfer> =
            (0..self.len()).map(|a| self.transfers[a].shunted(&inputs[a]).lengthened(0.0)).collect();
        let here = |stream: &Stream| {
            let a = stream.target;
            let here = stream.without_plasticity(rates_hz);
            let V_mv = self.transfers[a].noise_potential_mv(&inputs[a]);
            here.at_potential(V_mv, inputs[a].shunt.mean_potential_mv(), transfers[a].time_constant_ms())
        };
        let mut streams = Streams { streams: self.streams.streams.iter().map(here).collect(), ..self.streams.clone() };
        // what is left of the mean input there is as constant as a current
        let wanted: Vec<Sum> = transfers.iter().flat_map(|transfer| transfer.wanted(&streams)).collect();
        let sums = Sums::new(&streams, &wanted);
        for a in (0..self.len()).filter(|a| self.transfers[*a].has_conductances()) {
            let leak = 1.0 + inputs[a].shunt.conductance;
            streams.steady[a].mean_mv += inputs[a].mean_mv - sums.mean().at(a, rates_hz, 1.0);
            streams.steady[a].variance_mv2 /= leak;
        }
        let sums = Sums::new(&streams, &wanted);
        let linear = RateMap { streams, ..self.with(transfers, sums) };
        // whatever the rates came from, the closed forms have them with their times as much longer
        let longer = |(a, input): (usize, &Input)| {
            linear.transfers[a].lengthening_to(rates_hz[a], input).unwrap_or(self.transfers[a].ln_longer())
        };
        let ln_longer: Vec<f64> = linear.inputs(rates_hz).iter().enumerate().map(longer).collect();
        Cow::Owned(linear.lengthened(&ln_longer))
    }

    /// `ln Phi` with its derivatives.
    pub(crate) fn evaluate(&self, rates_hz: &[f64]) -> Evaluation {
        self.evaluated(rates_hz, &Stage::FULL, None, |_, _| {})
    }

    /// Whether the derivatives at given rates are difference quotients, to a relative error.
    #[cfg(test)]
    pub(crate) fn assert_derivatives(&self, rates_hz: &[f64], relative: f64, what: &str) {
        let found = self.evaluate(rates_hz);
        for b in 0..self.len() {
            let step = 1e-4;
            let at = |sign: f64| {
                let mut moved = rates_hz.to_vec();
                moved[b] += sign * step;
                (0..self.len()).map(|a| self.ln_output(a, &moved)).collect::<Vec<f64>>()
            };
            for (a, (up, down)) in at(1.0).into_iter().zip(at(-1.0)).enumerate() {
                let (slope, expected) = (found.per_hz[(a, b)], (up - down) / (2.0 * step));
                let allowed = relative * expected.abs().max(0.01);
                assert!((slope - expected).abs() < allowed, "{what} {rates_hz:?} {a} {b}: {slope} {expected}");
            }
        }
    }

    /// As [`RateMap::evaluate`], without the equation of one population: its entries mean nothing.
    pub(super) fn evaluate_all_but(&self, left_out: usize, rates_hz: &[f64]) -> Evaluation {
        self.evaluated(rates_hz, &Stage::FULL, Some(left_out), |_, _| {})
    }

    /// `ln Phi` of one population.
    pub(crate) fn ln_output(&self, a: usize, rates_hz: &[f64]) -> f64 {
        self.ln_output_hz(a, &self.input(a, rates_hz, &Stage::FULL))
    }

    /// The inverse Jacobian of `ln Phi(r) - ln r` in the logarithms of the rates; silent populations count as constant.
    pub(crate) fn inverse_log_jacobian(&self, rates_hz: &[f64]) -> Matrix {
        let evaluation = self.evaluate(rates_hz);
        let mut jacobian = Matrix::zeros(self.len(), self.len());
        for a in 0..self.len() {
            let per_hz = evaluation.per_hz.row(a);
            for (entry, (per_hz, rate)) in jacobian.row_mut(a).iter_mut().zip(per_hz.iter().zip(rates_hz)) {
                *entry = if *rate > 0.0 && per_hz.is_finite() { per_hz * rate } else { 0.0 };
            }
            jacobian[(a, a)] -= 1.0;
        }
        jacobian.inverse()
    }

    /// As [`RateMap::evaluate`], with all that the equations change with along a curve.
    pub(super) fn evaluate_along_curve(&self, rates_hz: &[f64]) -> AlongCurve {
        self.evaluate_at(rates_hz, &Stage::FULL)
    }

    /// As [`RateMap::evaluate_along_curve`], on the way to the network as it is.
    pub(super) fn evaluate_at(&self, rates_hz: &[f64], stage: &Stage) -> AlongCurve {
        let (mut per_coupling, mut per_input) = (Vec::with_capacity(self.len()), Vec::with_capacity(self.len()));
        let are_linear = self.sums.are_linear();
        let evaluation = self.evaluated(rates_hz, stage, None, |gradient, per_hz| {
            let a = per_coupling.len();
            per_coupling.push(match are_linear {
                true => per_hz.iter().zip(rates_hz).fold(0.0, |sum, (entry, rate_hz)| sum + entry * rate_hz),
                false => self.received_from_network(a, &gradient, rates_hz),
            });
            per_input.push(gradient);
        });
        AlongCurve { evaluation, per_coupling, per_input }
    }

    /// What the input from the network makes of `ln Phi_a`, to first order: its sums times their derivatives.
    fn received_from_network(&self, a: usize, gradient: &Gradient, rates_hz: &[f64]) -> f64 {
        let of = |(sum, per_unit): &(Sum, f64)| {
            let form = self.sums.get(*sum)?;
            Some(per_unit * (form.at(a, rates_hz, 1.0) - form.constant[a]))
        };
        gradient.terms().iter().filter_map(of).sum()
    }

    /// `note` is told of every population: its gradient, and its row `d ln Phi_a / d r_b` of the network fully coupled.
    fn evaluated(
        &self,
        rates_hz: &[f64],
        stage: &Stage,
        left_out: Option<usize>,
        mut note: impl FnMut(Gradient, &[f64]),
    ) -> Evaluation {
        let n = self.len();
        let at = |a: usize| {
            let input = self.input(a, rates_hz, stage);
            let transfer = &self.transfers[a];
            transfer.rate_of_jumps(&input).unwrap_or_else(|| {
                let rate = self.log_rate(a, &input);
                (rate, transfer.gradient(&input, &rate))
            })
        };
        // on all cores where a rate takes longer than it takes a core to begin
        let is_costly = self.tables.is_none() && !self.has_closed_forms();
        let ahead: Vec<Option<(LogRate, Gradient)>> = match is_costly {
            true => (0..n).into_par_iter().map(|a| (Some(a) != left_out).then(|| at(a))).collect(),
            false => Vec::new(),
        };
        let mut result = Evaluation { ln_output: vec![0.0; n], per_hz: Matrix::zeros(n, n) };
        for a in (0..n).filter(|a| Some(*a) != left_out) {
            let (rate, per_input) = ahead.get(a).cloned().flatten().unwrap_or_else(|| at(a));
            result.ln_output[a] = rate.ln_rate_hz;
            let row = result.per_hz.row_mut(a);
            // a derivative of 0 is left out, since most sums do not move most rates
            for (sum, per_unit) in per_input.terms().iter().filter(|(_, per_unit)| *per_unit != 0.0) {
                let Some(form) = self.sums.get(*sum) else { continue };
                let slopes = form.slopes(a, rates_hz);
                row.iter_mut().zip(slopes.iter()).for_each(|(entry, per_hz)| *entry += per_unit * per_hz);
            }
            note(per_input, row);
            row.iter_mut().for_each(|entry| *entry *= stage.coupling);
        }
        result
    }
}

/// Refuses what has no theory of jumps of finite size: neurons other than the LIF.
fn require_jumps(network: &Network, streams: &Streams) -> Result<(), SolveError> {
    for stream in &streams.streams {
        let population = || network.populations[stream.target].name.clone();
        let is_conductance = matches!(stream.action, Action::Conductance { .. });
        if is_conductance && stream.kinetics != Kinetics::Delta {
            return Err(SolveError::JumpsOf { population: population(), what: "conductances with a time constant" });
        }
        if !stream.sent.is_rate() {
            return Err(SolveError::JumpsOf { population: population(), what: "synapses with short-term plasticity" });
        }
    }
    for population in &network.populations {
        let name = || population.name.clone();
        if population.neuron.model.name() != "lif" {
            return Err(SolveError::JumpsOfModel { population: name(), model: population.neuron.model.name() });
        }
    }
    Ok(())
}

/// Refuses what has no self-consistent spectrum: neurons other than the LIF, and synapses that are no currents of constant strength.
fn require_simple(network: &Network, streams: &Streams) -> Result<(), SolveError> {
    for stream in &streams.streams {
        let refused = |what| {
            let population = network.populations[stream.target].name.clone();
            Err(SolveError::SelfConsistentOf { population, what })
        };
        if matches!(stream.action, Action::Conductance { .. }) {
            return refused("with conductances");
        }
        if !stream.sent.is_rate() {
            return refused("with plastic synapses");
        }
    }
    match network.populations.iter().find(|population| population.neuron.model.name() != "lif") {
        Some(population) => {
            let (population, model) = (population.name.clone(), population.neuron.model.name());
            Err(SolveError::SelfConsistentOfModel { population, model })
        }
        None => Ok(()),
    }
}

/// Refuses what Brunel and Wang (2001) have no theory of: neurons other than the LIF.
fn require_brunel_wang(network: &Network) -> Result<(), SolveError> {
    match network.populations.iter().find(|population| population.neuron.model.name() != "lif") {
        Some(population) => {
            let (population, model) = (population.name.clone(), population.neuron.model.name());
            Err(SolveError::BrunelWangOfModel { population, model })
        }
        None => Ok(()),
    }
}

/// Refuses more kinds of blocked conductances than there is room for.
fn require_few_blocks(streams: &Streams) -> Result<(), SolveError> {
    let blocks = streams.blocked().len();
    if blocks > MOST_BLOCKS { Err(SolveError::Blocks { blocks }) } else { Ok(()) }
}

/// Refuses more laws of jumps than there is room for.
fn require_few_laws(network: &Network, streams: &Streams) -> Result<(), SolveError> {
    for (a, population) in network.populations.iter().enumerate() {
        let laws = number_of_laws(streams, a);
        if laws > MOST_LAWS {
            return Err(SolveError::LawsOfJumps { population: population.name.clone(), laws });
        }
    }
    Ok(())
}

/// Refuses currents with a rise, for which a filter is not defined.
fn require_no_rise(network: &Network, filter: SynapticFilter) -> Result<(), SolveError> {
    match Streams::with_rises(network) {
        Some((synapse_type, kind)) => Err(SolveError::Rise { synapse_type, kind, filter: filter.name() }),
        None => Ok(()),
    }
}

/// The sums that are told apart by time constants, and by kinds of jumps.
pub(crate) fn times_of(sums: &Sums) -> Vec<Sum> {
    let is_apart = |sum: &Sum| matches!(sum, Sum::VarianceAt { .. } | Sum::JumpRate(_));
    sums.names().filter(is_apart).collect()
}

/// The CV of every population; `None` without spikes.
pub(crate) fn cv(map: &RateMap, inputs: &[Input]) -> Vec<Option<f64>> {
    of_each(map, inputs, |transfer, input| transfer.cv(input))
}

/// What each population says at its input, side by side; those that are alike are asked once.
fn of_each<T: Copy + Send>(map: &RateMap, inputs: &[Input], say: impl Fn(&Transfer, &Input) -> T + Sync) -> Vec<T> {
    let is_alike = |a: usize, b: usize| inputs[b] == inputs[a] && map.transfers[b] == map.transfers[a];
    let first: Vec<usize> = (0..map.len()).map(|a| (0..a).find(|&b| is_alike(a, b)).unwrap_or(a)).collect();
    let ask = |a: usize| (first[a] == a).then(|| say(&map.transfers[a], &inputs[a]));
    let said: Vec<Option<T>> = match map.has_closed_forms() && !map.is_refined() {
        true => (0..map.len()).map(ask).collect(),
        false => (0..map.len()).into_par_iter().map(ask).collect(),
    };
    (0..map.len()).filter_map(|a| said[first[a]]).collect()
}
