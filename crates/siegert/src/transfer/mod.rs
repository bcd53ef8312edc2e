//! From what a population receives to the rate at which it fires: its transfer function, with the gradient in its input.
//!
//! A [`Transfer`] belongs to one population. The solver of the self-consistency asks it for the logarithm of the rate and for
//! scales (of voltages, of time, of rates), and knows nothing of the neuron behind it. What becomes of the time constants of synapses says [`SynapticFilter`].
//!
//! ```text
//! ln Phi = ln f(mu, sigma, shift),    shift = (alpha/2) sqrt(F/sigma^2),    F = sum S tau_syn/tau_m
//! ```
//!
//! where `S` are the contributions to `sigma^2`. The law of threshold crossings (`neuron::coloured`) costs a thousand times what this does. A search therefore
//! goes by the closed form, in which the time from release to spike is longer by a factor that stays what it is, [`Transfer::lengthened`]; who has found a state asks for
//! the factor there, [`Transfer::lengthening`], and looks for the state again until it does not move any more (`stationary::refine`).
//! What only the closed forms of the LIF offer, on which the proof of all states and the
//! jumps of finite size rest, is reached through [`Transfer::lif`].

mod average;
mod blocked;
mod chart;
mod effects;
mod left_out;
mod matching;
mod members;
mod response;
mod shots;
mod shunting;
mod table;

use std::sync::Arc;

use smallvec::SmallVec;

pub(crate) use average::Average;
pub(crate) use blocked::MOST_BLOCKS;

use crate::error::DomainError;
use crate::input::{Streams, Sum};
use crate::network::{Network, Neuron, NeuronModel};
use crate::neuron::coloured::{FilteredNoise, FilteredNoises, FilteredState};
use crate::neuron::lif::{
    JumpSize, Lif, LifParameters, LogRate, MS_PER_S, MembranePotential, ShotNoise, SynapticFilter,
};
use crate::neuron::{
    Adaptation, AtInput, ConductanceNoise, Conducting, Drive, MeanAdaptation, Model, NeuronParameters, Relaxation,
    Thresholds,
};
pub(crate) use effects::{Effects, Receiver};
pub use matching::Matching;
pub(crate) use matching::{curve, matched, response};
pub(crate) use members::Member;
pub use response::NoResponse;
pub use shots::{InputTheory, Jumps, number_of_laws};
pub use shunting::Shunt;
use shunting::{Conductances, Felt};
pub(crate) use table::Table;

/// The relative error of a rate whose input is found, and the most steps to it.
const INVERTED: f64 = 1e-12;
const MOST_INVERSION_STEPS: usize = 50;

/// How far a mean input is looked for, in units of the scale of voltages.
const FARTHEST: f64 = 1e12;

/// A shift with a larger error than this is not taken if there is a choice.
const LARGEST_SHIFT_ERROR: f64 = 1e-2;

/// Second order of the shift, per `k^2`: errors of 0.8, 3.5 and 10 % at `k` of 0.16, 0.32 and 0.5.
const SECOND_ORDER: f64 = 0.35;

/// Parts of a variance below that are rounding.
const ROUNDING: f64 = 1e-12;

/// Logarithm of the time from release to spike in ms, from that of the rate in Hz; `None` at and beyond the highest rate.
pub(crate) fn ln_time(ln_rate_hz: f64, t_ref_ms: f64) -> Option<f64> {
    let ln_interval = MS_PER_S.ln() - ln_rate_hz;
    let ln_time = ln_interval + (-t_ref_ms * (-ln_interval).exp()).ln_1p();
    ln_time.is_finite().then_some(ln_time)
}

/// The derivative of the logarithm of a rate in `tau_syn/tau_m`: `d shift = shift/(2 ratio) d ratio`.
fn per_ratio(ratio: f64, rate: &LogRate) -> f64 {
    let has_shift = ratio != 0.0 && rate.d_shift != 0.0;
    if has_shift { rate.d_shift * SynapticFilter::shift(ratio) / (2.0 * ratio) } else { 0.0 }
}

/// The part of a variance that comes without a filter.
fn white_part(input: &Input) -> f64 {
    let variance = input.std_mv * input.std_mv;
    let white = (1.0 - input.filtered_fraction) * variance;
    if white > ROUNDING * variance { white } else { 0.0 }
}

/// What one population receives at given rates.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Input {
    /// `mu`.
    pub mean_mv: f64,
    /// `sigma`.
    pub std_mv: f64,
    /// Noise-weighted `tau_syn/tau_m`, rise and decay together.
    pub tau_syn_over_tau_m: f64,
    /// The part of `sigma^2` that comes through synapses with a time constant.
    pub filtered_fraction: f64,
    /// The same for each time constant, if the transfer wants to know.
    pub filtered: FilteredNoises,
    /// What conductances do besides; mean and noise above are those that the membrane has with them.
    pub shunt: Shunt,
    /// The jumps that make mean and variance, if the transfer wants to know.
    pub jumps: Jumps,
}

impl Input {
    /// White noise of mean `mu` and standard deviation `sigma`.
    pub fn white(mean_mv: f64, std_mv: f64) -> Self {
        Input { mean_mv, std_mv, ..Input::default() }
    }

    /// Noise of one time constant, `ratio` times that of the membrane.
    pub fn filtered(mean_mv: f64, noise: FilteredNoise, ratio: f64) -> Self {
        let std_mv = noise.variance_mv2.sqrt();
        if ratio == 0.0 {
            return Input::white(mean_mv, std_mv);
        }
        let mut filtered = FilteredNoises::default();
        filtered.add(noise);
        Input { tau_syn_over_tau_m: ratio, filtered_fraction: 1.0, filtered, ..Input::white(mean_mv, std_mv) }
    }

    /// Noise as a closed form takes it where conductances have time constants: see `shunting`. As it is without conductances.
    fn felt(&self) -> Self {
        match self.shunt.felt {
            Some(Felt { variance_mv2, ratio, .. }) => {
                Input { std_mv: variance_mv2.sqrt(), tau_syn_over_tau_m: ratio, ..*self }
            }
            None => *self,
        }
    }

    /// The distance of the mean from a voltage, in standard deviations; `None` without noise.
    pub fn distance_to(&self, voltage_mv: f64) -> Option<f64> {
        (self.std_mv > 0.0).then(|| (voltage_mv - self.mean_mv) / self.std_mv)
    }
}

/// Derivatives of `ln Phi` with respect to the sums that a transfer wants, each in one over the unit of its sum.
///
/// Of a rate that no sum moves if nothing is added.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gradient {
    terms: SmallVec<[(Sum, f64); Gradient::FEW]>,
}

impl Gradient {
    /// Sums that move the rate of most transfers: mean, variance and filter.
    const FEW: usize = 3;

    /// Adds to the derivative with respect to a sum.
    fn add(&mut self, sum: Sum, per_unit: f64) {
        match self.terms.iter_mut().find(|(name, _)| *name == sum) {
            Some((_, so_far)) => *so_far += per_unit,
            None => self.terms.push((sum, per_unit)),
        }
    }

    /// The sums that move the rate, each with its derivative.
    pub fn terms(&self) -> &[(Sum, f64)] {
        &self.terms
    }

    /// The derivative with respect to a sum; 0 for those that do not move the rate.
    pub fn per(&self, sum: Sum) -> f64 {
        self.terms().iter().find(|(name, _)| *name == sum).map_or(0.0, |(_, per_unit)| *per_unit)
    }
}

/// Why a population has no transfer function yet.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TransferError {
    /// A neuron model that is not computed yet.
    Model(NeuronModel),
    /// Parameters that make no neuron.
    Neuron(DomainError),
    /// Neurons that differ so much that their mean rate is infinite.
    InfiniteMean,
    /// Conductances of neurons that differ.
    Conductances,
    /// Conductances that the potential blocks, of another neuron than the LIF.
    BlockedConductances,
}

/// What a neuron of a network has; what its model does not have is not a number.
pub fn parameters_of(neuron: &Neuron) -> NeuronParameters {
    let (Delta_T_mv, V_peak_mv) = match neuron.model {
        NeuronModel::Lif | NeuronModel::Perfect => (f64::NAN, f64::NAN),
        NeuronModel::Eif { Delta_T_mv, V_peak_mv }
        | NeuronModel::Qif { Delta_T_mv, V_peak_mv }
        | NeuronModel::Adex { Delta_T_mv, V_peak_mv, .. } => (Delta_T_mv, V_peak_mv),
    };
    let adaptation = match neuron.model {
        NeuronModel::Adex { a_ns, b_pa, tau_w_ms, .. } => {
            // without adaptation there need not be a capacitance
            let g_L_ns = neuron.C_m_pf.map_or(f64::NAN, |C_m_pf| C_m_pf / neuron.tau_m_ms);
            let over_leak = |value: f64| if value == 0.0 { 0.0 } else { value / g_L_ns };
            Some(Adaptation { per_mv: over_leak(a_ns), per_spike_mv: over_leak(b_pa), tau_w_ms })
        }
        _ => None,
    };
    NeuronParameters {
        adaptation,
        Delta_T_mv,
        V_peak_mv,
        tau_m_ms: neuron.tau_m_ms,
        t_ref_ms: neuron.t_ref_ms,
        E_L_mv: neuron.E_L_mv,
        V_th_mv: neuron.V_th_mv,
        V_reset_mv: neuron.V_reset_mv,
    }
}

/// The transfer function of one population: of its neurons, which are alike, or the mean over those that differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Transfer {
    neuron: Model,
    filter: SynapticFilter,
    /// Logarithm of the factor by which the time from release to spike is longer than the closed form says.
    ln_longer: f64,
    /// What its input is taken for.
    input: InputTheory,
    /// The laws of neurons that differ; `neuron` is the one at their centre.
    average: Option<Arc<Average>>,
    /// What synapses do to conductances of the neuron, if they act on any.
    conductances: Option<Arc<Conductances>>,
}

impl Transfer {
    /// The transfer function of a population of a network; which its index.
    ///
    /// # Errors
    ///
    /// A model that is not computed yet; parameters out of their range; differences between neurons of which there is no mean rate.
    pub fn new(network: &Network, population: usize, filter: SynapticFilter) -> Result<Self, TransferError> {
        let transfer = Transfer::of_center(&network.populations[population].neuron, filter)?;
        transfer.averaged(Average::of_population(network, population))
    }

    /// The transfer function of a type of neurons, in inputs whose mean and variance are the same for all of them.
    ///
    /// # Errors
    ///
    /// As of [`Transfer::new`].
    pub fn of_type(neuron: &Neuron, filter: SynapticFilter) -> Result<Self, TransferError> {
        Transfer::of_center(neuron, filter)?.averaged(Average::of_type(neuron))
    }

    /// The mean over neurons that differ by these laws.
    fn averaged(self, average: Option<Average>) -> Result<Self, TransferError> {
        if average.as_ref().is_some_and(Average::is_infinite) {
            return Err(TransferError::InfiniteMean);
        }
        Ok(Transfer { average: average.map(Arc::new), ..self })
    }

    /// The neuron at the centre of all laws.
    fn of_center(neuron: &Neuron, filter: SynapticFilter) -> Result<Self, TransferError> {
        match Model::named(neuron.model.name(), &parameters_of(neuron)) {
            Some(Ok(neuron)) => Ok(Transfer::of(neuron, filter)),
            Some(Err(error)) => Err(TransferError::Neuron(error)),
            None => Err(TransferError::Model(neuron.model)),
        }
    }

    /// The transfer function of a neuron.
    pub fn of(neuron: Model, filter: SynapticFilter) -> Self {
        Transfer { neuron, filter, ln_longer: 0.0, input: InputTheory::default(), average: None, conductances: None }
    }

    /// The same neuron with synapses that act on its conductances; which its index.
    ///
    /// # Errors
    ///
    /// Neurons that differ; conductances that the potential blocks at another neuron than the LIF.
    pub(crate) fn with_conductances(self, streams: &Streams, population: usize) -> Result<Self, TransferError> {
        if self.is_average() {
            return Err(TransferError::Conductances);
        }
        if streams.hears_blocked(population) && self.neuron.lif().is_none() {
            return Err(TransferError::BlockedConductances);
        }
        let conductances = Some(Arc::new(Conductances::new(streams, self.filter, &self.neuron)));
        Ok(Transfer { conductances, ..self })
    }

    /// Whether synapses act on conductances of the neuron, so that its time constant depends on its input.
    pub(crate) fn has_conductances(&self) -> bool {
        self.conductances.is_some()
    }

    /// The neuron as its conductances make it at an input, without them: another one of its model.
    pub(crate) fn shunted(&self, input: &Input) -> Transfer {
        let conductance = if self.has_conductances() { input.shunt.conductance } else { 0.0 };
        let neuron = if conductance == 0.0 { self.neuron } else { self.neuron.shunted(conductance) };
        Transfer { neuron, conductances: None, ..self.clone() }
    }

    /// The derivative of the logarithm of the rate with the conductance, at the same `mu_eff` and noise; `rate` is that at this input.
    fn per_conductance(&self, input: &Input, rate: &LogRate) -> f64 {
        let (conductance, felt) = (input.shunt.conductance, input.felt());
        let scale = |slope: f64| {
            let own = self.shunted(input).lengthened(0.0).log_rate(&felt);
            self.longer(LogRate { d_mu: slope, ..own }).d_mu
        };
        let (mean_mv, std_mv, shift) = (felt.mean_mv, felt.std_mv, SynapticFilter::shift(felt.tau_syn_over_tau_m));
        let at = AtInput { mean_mv, std_mv, filter: self.filter, shift };
        let slope = self.neuron.d_ln_rate_per_conductance(conductance, at, rate, scale);
        // where there is no rate
        if slope.is_finite() { slope } else { 0.0 }
    }

    /// Where noise that depends on the potential is taken at an input.
    pub(crate) fn noise_potential_mv(&self, input: &Input) -> f64 {
        match input.shunt.noise_at_mv() {
            Some(V_mv) if !self.takes_brunel_wang() => V_mv,
            _ => input.mean_mv,
        }
    }

    /// The transfer function of a LIF neuron.
    pub fn of_lif(lif: Lif, filter: SynapticFilter) -> Self {
        Transfer::of(Model::Lif(lif), filter)
    }

    /// The same of one of the neurons.
    fn of_one(&self, neuron: Model) -> Self {
        Transfer { neuron, average: None, ..self.clone() }
    }

    /// The laws by which the neurons differ, if they do.
    pub(crate) fn average(&self) -> Option<&Average> {
        self.average.as_deref()
    }

    /// Whether its rates are closed forms, right to the last digits but one.
    pub(crate) fn has_closed_form(&self) -> bool {
        self.average.is_none() && self.neuron.has_closed_form() && self.input.has_gaussian_transfer()
    }

    /// An empty table of the rates of its neuron, of the one at the centre where neurons differ; none where they are closed forms.
    pub(crate) fn table(&self) -> Option<Table> {
        // with conductances it is another neuron at each input
        if self.has_conductances() { None } else { Table::of(self.neuron) }
    }

    /// As [`Transfer::log_rate`], to find states by: from a table of the neuron's rates where there is one that has it, and means over neurons that differ with little effort.
    pub(crate) fn rough_log_rate(&self, tables: &[Table], input: &Input) -> LogRate {
        let own = tables.iter().find(|table| *table.neuron() == self.neuron);
        match &self.average {
            Some(average) => average.rough_log_rate(own, self, input),
            None => self.log_rate_by(own, input),
        }
    }

    /// The rate by a table, where there is one that has it, else as it is.
    fn log_rate_by(&self, table: Option<&Table>, input: &Input) -> LogRate {
        let is_one = self.average.is_none() && !self.has_conductances();
        let has_it = table.filter(|table| is_one && *table.neuron() == self.neuron);
        let rate = has_it.and_then(|table| table.log_rate(input.mean_mv, input.std_mv));
        rate.map_or_else(|| self.log_rate(input), |rate| self.longer(rate))
    }

    /// The neuron, or that at the centre of what differs.
    pub(crate) fn model(&self) -> &Model {
        &self.neuron
    }

    /// Whether its neurons differ.
    pub(crate) fn is_average(&self) -> bool {
        self.average.is_some()
    }

    /// The closed forms of the LIF neuron at the centre of what differs, if it is one.
    pub(crate) fn lif_at_center(&self) -> Option<&Lif> {
        self.neuron.lif()
    }

    /// The closed forms of a LIF neuron, if all are one.
    pub fn lif(&self) -> Option<&Lif> {
        self.neuron.lif().filter(|_| self.average.is_none() && !self.has_conductances())
    }

    /// The neuron on whose properties a proof of all states can rest, if they are known to hold: see `stationary::exhaustive`.
    pub fn proof(&self) -> Option<&Lif> {
        self.lif().filter(|_| self.is_monotonic() && self.input.has_gaussian_transfer())
    }

    /// What becomes of the time constants of synapses.
    pub fn filter(&self) -> SynapticFilter {
        self.filter
    }

    /// Whether the rate rises with the mean and is never negative: not if it is expanded in the time constants of synapses.
    pub fn is_monotonic(&self) -> bool {
        !matches!(self.filter, SynapticFilter::TaylorExpansion | SynapticFilter::BrunelWang)
    }

    /// The highest rate, `1/t_ref`; infinite without refractory time.
    pub fn rate_limit_hz(&self) -> f64 {
        1000.0 / self.thresholds().t_ref_ms
    }

    /// Threshold, reset, refractory time and time constant.
    pub fn thresholds(&self) -> Thresholds {
        self.neuron.thresholds()
    }

    /// The time in which the potential follows an input: `tau_m`, shorter with conductances.
    pub(crate) fn time_constant_at_ms(&self, input: &Input) -> f64 {
        self.time_constant_ms() / (1.0 + input.shunt.conductance)
    }

    /// The time in which the potential follows its input, `tau_m`.
    pub fn time_constant_ms(&self) -> f64 {
        self.thresholds().tau_m_ms
    }

    /// What a jump of the potential is measured by, `V_th - V_reset`; where the reset is infinite the width of the spike.
    pub fn voltage_scale_mv(&self) -> f64 {
        self.neuron.voltage_scale_mv()
    }

    /// The mean input from which the neuron fires without noise.
    pub fn rheobase_mv(&self) -> f64 {
        self.neuron.rheobase_mv()
    }

    /// Whether the neuron never fires at an input: its rate is exactly 0, not only small.
    pub fn is_silent(&self, mean_mv: f64, variance_mv2: f64) -> bool {
        if self.average.is_some() {
            return self.log_rate(&Input::white(mean_mv, variance_mv2.max(0.0).sqrt())).ln_rate_hz == f64::NEG_INFINITY;
        }
        self.neuron.is_silent(mean_mv, variance_mv2)
    }

    /// `dV/dt` without noise at a potential, in mV/ms.
    pub fn drift_mv_per_ms(&self, mean_mv: f64, V_mv: f64) -> f64 {
        self.neuron.drift_mv_per_ms(mean_mv, V_mv)
    }

    /// The sums over streams that it wants besides mean and variance.
    pub fn wanted(&self, streams: &Streams) -> Vec<Sum> {
        let mut wanted = vec![Sum::Filter, Sum::FilteredVariance];
        if self.filter.is_full() {
            wanted.extend(Sum::variance_at_each_time_constant(streams));
        }
        if let Some(conductances) = &self.conductances {
            wanted.extend(conductances.wanted());
        }
        if self.input == InputTheory::ShotNoise {
            wanted.extend(Sum::rate_of_each_kind_of_jumps(streams));
        }
        wanted
    }

    /// What the neuron feels of the sums that its population receives; `times` are those of time constants and of kinds of jumps that it wants to know apart.
    pub fn input(&self, times: &[Sum], sum: impl Fn(Sum) -> f64) -> Input {
        // parts of a bundle (`stationary::symmetry`) can have negative coefficients
        let variance = sum(Sum::Variance);
        let variance = if variance < 0.0 { 0.0 } else { variance };
        let share = |part: f64| if variance > 0.0 && part > 0.0 { part / variance } else { 0.0 };
        let mut filtered = FilteredNoises::default();
        let mut jumps = Jumps::default();
        for &of_time in times {
            if let Sum::JumpRate(kind) = of_time {
                jumps.add(kind, sum(of_time));
            }
            if let Sum::VarianceAt { tau_syn_ms, tau_rise_ms } = of_time {
                filtered.add(FilteredNoise { variance_mv2: sum(of_time), tau_ms: tau_syn_ms, tau_rise_ms });
            }
        }
        let of_currents = Input {
            filtered,
            jumps,
            mean_mv: sum(Sum::Mean),
            std_mv: variance.sqrt(),
            tau_syn_over_tau_m: share(sum(Sum::Filter)),
            filtered_fraction: share(sum(Sum::FilteredVariance)),
            shunt: Shunt::default(),
        };
        match &self.conductances {
            Some(conductances) => self.conducting_input(conductances, of_currents, sum),
            None => of_currents,
        }
    }

    /// The logarithm of the rate at an input, with its derivatives.
    pub fn log_rate(&self, input: &Input) -> LogRate {
        if let Some(average) = &self.average {
            return average.log_rate(self, input);
        }
        if let Some((rate, _)) = self.rate_of_jumps(input) {
            return rate;
        }
        if self.has_conductances() {
            return self.shunted(input).log_rate(&input.felt());
        }
        let shift = SynapticFilter::shift(input.tau_syn_over_tau_m);
        self.longer(self.neuron.log_rate(self.filter, input.mean_mv, input.std_mv, shift))
    }

    /// A rate of the closed forms with the time from release to spike longer by the factor in force.
    pub fn longer(&self, rate: LogRate) -> LogRate {
        if self.ln_longer == 0.0 || rate.ln_rate_hz == f64::NEG_INFINITY {
            return rate;
        }
        let t_ref_ms = self.thresholds().t_ref_ms;
        let Some(ln_time) = ln_time(rate.ln_rate_hz, t_ref_ms) else { return rate };
        let refractory = t_ref_ms * (-ln_time - self.ln_longer).exp();
        let free = 1.0 - t_ref_ms * rate.rate_hz() / MS_PER_S;
        let per = 1.0 / ((1.0 + refractory) * free);
        LogRate {
            ln_rate_hz: MS_PER_S.ln() - ln_time - self.ln_longer - refractory.ln_1p(),
            d_mu: per * rate.d_mu,
            d_variance: per * rate.d_variance,
            d_shift: per * rate.d_shift,
            d_tau_m: per * rate.d_tau_m,
            d_t_ref: per * rate.d_t_ref,
            d_V_th: per * rate.d_V_th,
            d_V_reset: per * rate.d_V_reset,
        }
    }

    /// The same transfer with that factor, given by its logarithm.
    pub fn lengthened(self, ln_longer: f64) -> Self {
        Transfer { ln_longer, ..self }
    }

    /// The same transfer, which decides for ever as it does at an input whether the law of threshold crossings is asked: what is differentiated must not jump.
    pub(crate) fn decided_at(self, input: &Input) -> Self {
        let decides = self.filter == SynapticFilter::Auto && self.lif().is_some();
        let filter = match (decides, self.is_full(input)) {
            (false, _) => self.filter,
            (true, true) => SynapticFilter::Full,
            (true, false) => SynapticFilter::ThresholdShift,
        };
        Transfer { filter, ..self }
    }

    /// Its logarithm.
    pub fn ln_longer(&self) -> f64 {
        self.ln_longer
    }

    /// Logarithm of the factor by which the law of threshold crossings makes the time from release to spike longer than the closed form; 0 where it is not asked.
    pub fn lengthening(&self, input: &Input) -> f64 {
        if let Some(average) = &self.average {
            return average.lengthening(&self.clone().lengthened(0.0), input);
        }
        if self.has_conductances() && self.in_shot_noise(input).is_some() {
            return self.lengthening_beside_jumps(input);
        }
        let t_ref_ms = self.thresholds().t_ref_ms;
        let longer = || {
            let closed = self.in_diffusion().log_rate(input).ln_rate_hz;
            Some(ln_time(self.full_ln_rate_hz(input)?, t_ref_ms)? - ln_time(closed, t_ref_ms)?)
        };
        longer().filter(|ln_longer| ln_longer.is_finite()).unwrap_or(0.0)
    }

    /// Logarithm of the factor by which the time from release to spike is longer than the closed form says, at a rate that is known; `None` where there is none.
    pub(crate) fn lengthening_to(&self, rate_hz: f64, input: &Input) -> Option<f64> {
        let t_ref_ms = self.thresholds().t_ref_ms;
        let without = self.clone().lengthened(0.0).log_rate(input).ln_rate_hz;
        let ln_longer = ln_time(rate_hz.ln(), t_ref_ms)? - ln_time(without, t_ref_ms)?;
        Some(ln_longer).filter(|ln_longer| ln_longer.is_finite())
    }

    /// Whether the law of threshold crossings is asked at an input.
    pub fn is_full(&self, input: &Input) -> bool {
        if self.has_conductances() {
            // conductances without time constants make noise that depends on the potential all the same
            let is_white = input.filtered_fraction == 0.0 && self.filter != SynapticFilter::BrunelWang;
            let is_asked = self.filter.is_full() || is_white;
            return is_asked && input.std_mv > 0.0;
        }
        // the shift is of the LIF; of others only that time constants do not count
        let is_enough = || {
            self.filter == SynapticFilter::Auto
                && self.neuron.lif().is_some()
                && self.shift_error(input) < LARGEST_SHIFT_ERROR
        };
        self.neuron.has_filtered_theory() && self.filter.is_full() && input.filtered_fraction > 0.0 && !is_enough()
    }

    /// Rate, CV and potential by what takes time constants for what they are (`neuron::coloured`); `None` where the closed forms are enough, or all that there is, and for neurons
    /// that differ, whose mean is lengthened ([`Transfer::lengthening`]).
    pub fn full(&self, input: &Input) -> Option<FilteredState> {
        if self.has_conductances() {
            return self.conducting(input, |it| it.state());
        }
        let asked = (self.average.is_none() && self.is_full(input)).then(|| white_part(input));
        asked.and_then(|white| self.neuron.in_filtered_noise(input.mean_mv, white, input.filtered.as_slice()))
    }

    /// What the neuron with conductances says of itself, where it is asked.
    fn conducting<T>(&self, input: &Input, say: impl Fn(&Conducting<'_>) -> Option<T>) -> Option<T> {
        let shunted = self.is_full(input).then(|| self.shunted(input))?;
        self.as_conducting(&shunted, input, &input.shunt.noise, say)
    }

    /// The neuron with its mean conductance, as another one, in its noise.
    fn as_conducting<T>(
        &self,
        shunted: &Transfer,
        input: &Input,
        noise: &ConductanceNoise,
        say: impl Fn(&Conducting<'_>) -> T,
    ) -> T {
        let filtered = input.filtered.as_slice();
        let (mean_mv, blocked, leak) = (input.mean_mv, input.shunt.blocked, 1.0 + input.shunt.conductance);
        let beyond: Drive = Arc::new(move |V_mv: f64| blocked.beyond_linear_mv(V_mv) / leak);
        let beyond_linear_mv = (!blocked.is_empty()).then_some(&beyond);
        let (neuron, noise_at_mv) = (&shunted.neuron, input.shunt.noise_at_mv().unwrap_or(mean_mv));
        say(&Conducting { neuron, mean_mv, noise, noise_at_mv, filtered, beyond_linear_mv })
    }

    /// The logarithm of that rate alone, in less time.
    fn full_ln_rate_hz(&self, input: &Input) -> Option<f64> {
        if self.has_conductances() {
            return self.conducting(input, |it| it.ln_rate_hz());
        }
        let asked = self.is_full(input).then(|| white_part(input));
        asked.and_then(|white| self.neuron.ln_rate_in_filtered_noise(input.mean_mv, white, input.filtered.as_slice()))
    }

    /// An estimate of the relative error of the published shift: what is wrong of the reset's shift when the neuron is released, and the second order
    /// (`0.31 k^2`, a fit to simulated neurons); white noise beside filtered noise, several time constants and currents that rise are beyond it.
    fn shift_error(&self, input: &Input) -> f64 {
        let [one] = input.filtered.as_slice() else { return f64::INFINITY };
        if input.filtered_fraction < 1.0 - ROUNDING || one.tau_rise_ms > 0.0 {
            return f64::INFINITY;
        }
        let moved_mv = input.std_mv * SynapticFilter::shift(input.tau_syn_over_tau_m);
        let forgotten = -(-self.thresholds().t_ref_ms / one.tau_ms).exp_m1();
        let per_mv = self.in_diffusion().log_rate(input).d_V_reset;
        (per_mv * moved_mv * forgotten).abs() + SECOND_ORDER * input.tau_syn_over_tau_m
    }

    /// The gradient that belongs to a rate from [`Transfer::log_rate`]; the shift depends on `F/sigma^2`.
    pub fn gradient(&self, input: &Input, rate: &LogRate) -> Gradient {
        if let Some((_, gradient)) = self.rate_of_jumps(input) {
            return gradient;
        }
        let gradient = |variance: f64, filter: f64| {
            let mut gradient = Gradient::default();
            [(Sum::Mean, rate.d_mu), (Sum::Variance, variance), (Sum::Filter, filter)]
                .into_iter()
                .for_each(|(sum, per_unit)| gradient.add(sum, per_unit));
            gradient
        };
        let ratio = input.tau_syn_over_tau_m;
        let has_shift = ratio != 0.0 && rate.d_shift != 0.0;
        if let Some(conductances) = &self.conductances {
            return self.conducting_gradient(conductances, input, rate);
        }
        // d ratio = (dF - ratio d sigma^2)/sigma^2
        let per_ratio = per_ratio(ratio, rate);
        if !has_shift {
            return gradient(rate.d_variance, 0.0);
        }
        let per_filter = per_ratio / (input.std_mv * input.std_mv);
        gradient(rate.d_variance - per_filter * ratio, per_filter)
    }

    /// The shift of both boundaries at an input, in units of `sigma`; 0 if synapses count as instantaneous, and of neurons without a sharp threshold.
    pub fn shift(&self, input: &Input) -> f64 {
        match self.filter {
            // the one leaves boundaries where they are, the other moves one of them
            SynapticFilter::Ignore | SynapticFilter::BrunelWang => 0.0,
            _ if self.has_conductances() && !self.neuron.has_sharp_threshold() => 0.0,
            _ if self.has_conductances() => SynapticFilter::shift(input.tau_syn_over_tau_m),
            _ if self.lif().is_none() => 0.0,
            _ => SynapticFilter::shift(input.tau_syn_over_tau_m),
        }
    }

    /// The CV of the intervals at an input, of neurons that differ the mean over those that spike; `None` without spikes.
    pub fn cv(&self, input: &Input) -> Option<f64> {
        if let Some(average) = &self.average {
            return average.cv(self, input);
        }
        if self.in_shot_noise(input).is_some() {
            return self.cv_of_jumps(input);
        }
        if let Some(state) = self.full(input) {
            return state.cv;
        }
        if self.has_conductances() {
            return self.shunted(input).cv(input);
        }
        if let (SynapticFilter::BrunelWang, Some(lif)) = (self.filter, self.lif()) {
            let shift = SynapticFilter::shift(input.tau_syn_over_tau_m);
            let moved = lif.at_brunel_wang_threshold(input.mean_mv, input.std_mv, shift);
            return Model::Lif(moved).cv(input.mean_mv, input.std_mv, 0.0);
        }
        self.neuron.cv(input.mean_mv, input.std_mv, self.shift(input))
    }

    /// The rates in Hz at several means and standard deviations of white noise.
    ///
    /// # Errors
    ///
    /// An input that is not finite.
    pub fn white_rates_into(&self, means_mv: &[f64], stds_mv: &[f64], rates_hz: &mut [f64]) -> Result<(), DomainError> {
        if let Some(average) = &self.average {
            for ((rate_hz, mean_mv), std_mv) in rates_hz.iter_mut().zip(means_mv).zip(stds_mv) {
                *rate_hz = average.log_rate(self, &Input::white(*mean_mv, *std_mv)).rate_hz();
            }
            return Ok(());
        }
        self.neuron.rates_into(means_mv, stds_mv, rates_hz)
    }

    /// The density in 1/mV of the potential in white noise, at the potentials `V_mv`, of neurons that are not refractory.
    ///
    /// # Errors
    ///
    /// An input without a density.
    pub fn white_density_per_mv(&self, mean_mv: f64, std_mv: f64, V_mv: &[f64]) -> Result<Vec<f64>, DomainError> {
        let Some(average) = &self.average else { return self.neuron.density_per_mv(mean_mv, std_mv, V_mv) };
        let some = average.some(self, &Input::white(mean_mv, std_mv));
        let mut mean = vec![0.0; V_mv.len()];
        for (own, here) in &some {
            let density = own.neuron.density_per_mv(here.mean_mv, here.std_mv, V_mv)?;
            mean.iter_mut().zip(density).for_each(|(mean, one)| *mean += one / some.len() as f64);
        }
        Ok(mean)
    }

    /// Mean and standard deviation of the potential in white noise, refractory neurons at `V_reset`.
    ///
    /// # Errors
    ///
    /// An input without a density.
    pub fn white_potential(&self, mean_mv: f64, std_mv: f64) -> Result<MembranePotential, DomainError> {
        let Some(average) = &self.average else { return self.neuron.membrane_potential(mean_mv, std_mv) };
        let some = average.some(self, &Input::white(mean_mv, std_mv));
        let (mut mean, mut square) = (0.0, 0.0);
        for (own, here) in &some {
            let one = own.neuron.membrane_potential(here.mean_mv, here.std_mv)?;
            mean += one.mean_mv / some.len() as f64;
            square += (one.mean_mv * one.mean_mv + one.std_mv * one.std_mv) / some.len() as f64;
        }
        Ok(MembranePotential { mean_mv: mean, std_mv: (square - mean * mean).max(0.0).sqrt() })
    }

    /// The adaptation at an input, of neurons that differ that of the one at the centre of all laws; `None` of a neuron that has none, or does not fire.
    pub fn mean_adaptation(&self, input: &Input) -> Option<MeanAdaptation> {
        self.neuron.mean_adaptation(input.mean_mv, input.std_mv)
    }

    /// The modes in which the density relaxes in white noise of this mean and amplitude: see [`WhiteNoiseNeuron::relaxation`](crate::neuron::WhiteNoiseNeuron::relaxation).
    pub fn white_relaxation(&self, mean_mv: f64, std_mv: f64, within: (f64, f64)) -> Option<Relaxation> {
        self.neuron.relaxation(mean_mv, std_mv, within).filter(|_| self.average.is_none())
    }

    /// The neuron, and mean and standard deviation of white noise, whose density relaxes as that at an input does, filtered noise counting as for the response; `None` of neurons with conductances, of those that
    /// differ, and of those that hear jumps.
    pub(crate) fn relaxing(&self, input: &Input) -> Option<(Model, f64, f64)> {
        let is_known = self.input.is_diffusion() && !self.has_conductances() && self.average.is_none();
        if !is_known || self.filter == SynapticFilter::BrunelWang {
            return None;
        }
        // threshold and reset that are higher by this are a mean that is lower by it
        let mean_mv = input.mean_mv - input.std_mv * self.shift(input);
        let neuron = match (self.neuron, self.ln_longer) {
            (neuron, 0.0) => neuron,
            (Model::Lif(lif), ln_longer) => {
                let parameters = lif.parameters();
                Model::Lif(
                    Lif::new(LifParameters { tau_m_ms: parameters.tau_m_ms * ln_longer.exp(), ..parameters }).ok()?,
                )
            }
            _ => return None,
        };
        Some((neuron, mean_mv, input.std_mv))
    }

    /// The input whose mean gives this rate, all else as in `input`; `None` for a rate that the neuron cannot have.
    ///
    /// A shift of threshold and reset is undone exactly; an expanded rate is inverted by Newton's method from there.
    pub fn input_for_rate(&self, rate_hz: f64, input: Input) -> Option<Input> {
        if self.average.is_some() {
            return self.input_for_mean_rate(rate_hz, input);
        }
        if self.in_shot_noise(&input).is_some() {
            return self.input_for_mean_rate(rate_hz, input);
        }
        if self.has_conductances() {
            let found = self.shunted(&input).input_for_rate(rate_hz, input.felt())?;
            return Some(Input { mean_mv: found.mean_mv, ..input });
        }
        let white = self.neuron.mean_for_rate_mv(rate_hz, input.std_mv).ok()?;
        let mut found = Input { mean_mv: white + input.std_mv * self.shift(&input), ..input };
        for _ in 0..MOST_INVERSION_STEPS {
            let rate = self.log_rate(&found);
            let excess = rate.ln_rate_hz - rate_hz.ln();
            if excess.abs() <= INVERTED {
                return Some(found);
            }
            found.mean_mv -= excess / rate.d_mu;
        }
        None
    }

    /// The same for the mean of neurons that differ: Newton's steps on the logarithm, within an interval that is known to hold it.
    fn input_for_mean_rate(&self, rate_hz: f64, input: Input) -> Option<Input> {
        let wanted = Some(rate_hz.ln()).filter(|wanted| wanted.is_finite() && rate_hz < self.rate_limit_hz())?;
        let at = |mean_mv: f64| Input { mean_mv, ..input };
        let excess = |mean_mv: f64| {
            let rate = self.log_rate(&at(mean_mv));
            (rate.ln_rate_hz - wanted, rate.d_mu)
        };
        let scale_mv = self.voltage_scale_mv().abs() + input.std_mv;
        let (mut low, mut high) = (self.rheobase_mv() - scale_mv, self.rheobase_mv() + scale_mv);
        let mut step_mv = scale_mv;
        while excess(low).0 > 0.0 {
            step_mv *= 2.0;
            low = (step_mv < FARTHEST * scale_mv).then_some(low - step_mv)?;
        }
        step_mv = scale_mv;
        // where the rate is not a number the input is too low
        while excess(high).0.is_nan() || excess(high).0 <= 0.0 {
            step_mv *= 2.0;
            high = (step_mv < FARTHEST * scale_mv).then_some(high + step_mv)?;
        }
        let mut mean_mv = 0.5 * (low + high);
        for _ in 0..2 * MOST_INVERSION_STEPS {
            let (over, slope) = excess(mean_mv);
            if over.abs() <= INVERTED {
                return Some(at(mean_mv));
            }
            if over > 0.0 {
                high = mean_mv
            } else {
                low = mean_mv
            }
            let next = mean_mv - over / slope;
            mean_mv = if low < next && next < high { next } else { 0.5 * (low + high) };
            if !(low < mean_mv && mean_mv < high) {
                return Some(at(mean_mv));
            }
        }
        None
    }

    /// What jumps of finite size make of the rate, to second order; nothing is known of neurons without these closed forms.
    pub fn shot_noise(&self, input: &Input, jumps: &JumpSize) -> ShotNoise {
        if let Some(average) = &self.average {
            let (rate_ratio, expansion_parameter) = average.rate_ratio(self, input, |own, here| {
                let ShotNoise { rate_ratio, expansion_parameter } = own.shot_noise(here, jumps);
                (rate_ratio, expansion_parameter)
            });
            return ShotNoise { rate_ratio, expansion_parameter };
        }
        if self.in_shot_noise(input).is_some() {
            return ShotNoise::NOTHING_LEFT;
        }
        match self.lif() {
            Some(lif) => lif.shot_noise(input.mean_mv, input.std_mv, self.shift(input), jumps),
            None => ShotNoise { rate_ratio: None, expansion_parameter: f64::NAN },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neuron::lif::BRUNEL;

    fn input(mean_mv: f64, variance_mv2: f64, filter_mv2: f64) -> Input {
        Input {
            mean_mv,
            std_mv: variance_mv2.sqrt(),
            tau_syn_over_tau_m: filter_mv2 / variance_mv2,
            filtered_fraction: if filter_mv2 > 0.0 { 1.0 } else { 0.0 },
            ..Input::default()
        }
    }

    #[test]
    fn the_gradient_is_that_of_the_logarithm_of_the_rate_in_all_three_sums() {
        for filter in [SynapticFilter::Ignore, SynapticFilter::ThresholdShift, SynapticFilter::TaylorExpansion] {
            let transfer = Transfer::of_lif(BRUNEL, filter);
            for (mean, variance, sum) in [(14.0, 9.0, 0.2), (19.0, 25.0, 1.0), (24.0, 4.0, 0.05), (5.0, 30.0, 0.5)] {
                let at = |mean, variance, sum| transfer.log_rate(&input(mean, variance, sum)).ln_rate_hz;
                let here = input(mean, variance, sum);
                let gradient = transfer.gradient(&here, &transfer.log_rate(&here));
                // differences over twice a relative step of 1e-5: a relative error of some 1e-9
                let slope = |up: f64, down: f64, step: f64| (up - down) / (2.0 * step);
                let (m, v, f) = (1e-5 * mean, 1e-5 * variance, 1e-5 * sum);
                let expected = [
                    (gradient.per(Sum::Mean), slope(at(mean + m, variance, sum), at(mean - m, variance, sum), m)),
                    (gradient.per(Sum::Variance), slope(at(mean, variance + v, sum), at(mean, variance - v, sum), v)),
                    (gradient.per(Sum::Filter), slope(at(mean, variance, sum + f), at(mean, variance, sum - f), f)),
                ];
                for (found, difference) in expected {
                    let allowed = 1e-7 * difference.abs() + 1e-9;
                    assert!((found - difference).abs() < allowed, "{filter:?} {mean} {variance}: {found} {difference}");
                }
            }
        }
    }

    #[test]
    fn every_neuron_with_a_theory_is_a_model_of_the_network_file() {
        for name in Model::NAMES {
            assert!(crate::network::NeuronKind::named(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_neuron_is_silent_without_noise_up_to_its_threshold() {
        let transfer = Transfer::of_lif(BRUNEL, SynapticFilter::default());
        assert!(transfer.is_silent(20.0, 0.0) && !transfer.is_silent(20.0 + 1e-12, 0.0));
        assert!(!transfer.is_silent(0.0, 1e-300));
        assert_eq!(transfer.log_rate(&Input::white(20.0, 0.0)).ln_rate_hz, f64::NEG_INFINITY);
    }
}
