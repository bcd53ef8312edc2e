//! A stream: one projection or drive as the population that it reaches sees it.

use num_complex::Complex64;

use super::block::{Block, BlockedSynapse};
use super::gates::Gates;
use super::sent::Sent;
use super::sums::S_PER_MS;
use crate::Shown;
use crate::network::{
    ConnectionRule, CurrentCourse, Drive, DriveKind, Law, Network, NetworkError, Plasticity, Population, Projection,
    Synapse,
};
use crate::warning::{Noted, Warning, WarningKind, Warnings};

/// Where a stream's spikes come from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    /// A population of the network, by index.
    Population(usize),
    /// Poisson sources outside.
    Outside {
        /// Rate of one source.
        rate_hz: f64,
    },
}

/// What a spike acts on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// On the potential: directly, or as a current whose charge the membrane keeps.
    Potential {
        /// The jump, all in all, for a weight of 1: 1 for weights in mV; the charge over `C_m` for currents of 1 pA at their peak.
        mv_per_weight: f64,
    },
    /// On a conductance, which pulls the potential towards a reversal potential.
    Conductance {
        /// The reversal potential.
        reversal_mv: f64,
        /// `<q>`, `<q^2>`, `<q^3>`, `<q^4>` of the part `q` of the way to the reversal potential by which a spike takes the potential, all in all:
        /// `1 - exp(-w/g_L)` of an instantaneous conductance, `w tau_syn/C_m` of one that decays.
        parts: [f64; 4],
        /// The conductance's integral over `C_m` for a weight of 1 nS: the exponent `A` of an instantaneous one, whose part `q` is `1 - exp(-A)`.
        exponent_per_weight: f64,
        /// What blocks it at low potentials, if anything does: of NMDA.
        block: Option<Block>,
    },
}

/// Jumps of one kind, as one neuron receives them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JumpKind {
    /// Law of their size in mV; with a reversal potential of their exponent `A`, a number.
    pub law: Law,
    /// Where they lead to, if they are those of a conductance: a part `1 - exp(-A)` of the way.
    pub reversal_mv: Option<f64>,
}

impl JumpKind {
    /// Jumps of a size.
    pub const fn of_size(law: Law) -> Self {
        JumpKind { law, reversal_mv: None }
    }

    /// `<J>`, `<J^2>` and `<J^3>` of the jumps from a potential, in mV to the power.
    pub(crate) fn moments_at(&self, V_mv: f64) -> [f64; 3] {
        match self.reversal_mv {
            None => {
                let [first, second, third, _] = self.law.moments();
                [first, second, third]
            }
            Some(E_mv) => [1, 2, 3].map(|n| self.law.mean_of(|A| ((E_mv - V_mv) * -(-A).exp_m1()).powi(n))),
        }
    }
}

/// Time course of what one spike does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kinetics {
    /// All at once: the potential, or the charge of a conductance, jumps.
    Delta,
    /// A current or a conductance jumps, or rises, and decays.
    Exponential {
        /// Rise time; 0 for a jump, the decay time for an alpha function.
        tau_rise_ms: f64,
        /// Decay time.
        tau_ms: f64,
    },
}

impl From<CurrentCourse> for Kinetics {
    fn from(course: CurrentCourse) -> Self {
        let CurrentCourse { tau_rise_ms, tau_decay_ms } = course;
        Kinetics::Exponential { tau_rise_ms, tau_ms: tau_decay_ms }
    }
}

impl Kinetics {
    /// `int k(t) exp(-i omega t) dt` of the course `k`, whose integral is 1, at an angular frequency in 1/ms.
    pub fn transform(self, omega_per_ms: f64) -> Complex64 {
        self.laplace(Complex64::new(0.0, omega_per_ms))
    }

    /// `int k(t) exp(-lambda t) dt` at a complex `lambda` in 1/ms.
    pub fn laplace(self, lambda_per_ms: Complex64) -> Complex64 {
        match self {
            Kinetics::Delta => Complex64::ONE,
            Kinetics::Exponential { tau_rise_ms, tau_ms } => {
                let of = |tau_ms: f64| 1.0 + lambda_per_ms * tau_ms;
                (of(tau_rise_ms) * of(tau_ms)).inv()
            }
        }
    }

    /// The mean time at which it acts, rise and decay together; 0 where all is at once.
    ///
    /// White noise that is filtered by it has the variance `sigma^2 tau_m/2` over this time, whatever the rise.
    pub fn time_ms(self) -> f64 {
        match self {
            Kinetics::Delta => 0.0,
            Kinetics::Exponential { tau_rise_ms, tau_ms } => tau_rise_ms + tau_ms,
        }
    }
}

/// How many sources a neuron hears, over the neurons of its population.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InDegree {
    /// Mean.
    pub mean: f64,
    /// Variance.
    pub variance: f64,
}

/// Spikes of one kind that reach one population.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// Index of the population reached.
    pub target: usize,
    /// Where the spikes come from.
    pub source: Source,
    /// Sources per neuron.
    pub in_degree: InDegree,
    /// Law of the weights, in the unit of the synapse: mV, pA (peak) or nS.
    pub weight: Law,
    /// Whether a source has another weight at each spike, so that weights do not make neurons differ.
    pub redraw_weights: bool,
    /// What a spike acts on.
    pub action: Action,
    /// Time course.
    pub kinetics: Kinetics,
    /// What a source sends at a rate.
    pub sent: Sent,
    /// Membrane time constant of the population reached.
    pub tau_m_ms: f64,
    /// Law of the delays in ms, where there is one.
    pub delay_ms: Option<Law>,
    /// Expected fraction of these sources that two neurons of the population have in common.
    pub shared_fraction: f64,
    /// How much drawing the sources at random adds to differences between neurons: 1 where a source may be drawn again,
    /// `1 - K/N` where each is heard once at most.
    pub sampling_factor: f64,
    /// Number of sources that a neuron may hear: the size of the source population, without the neuron itself where it must not.
    pub candidates: f64,
    /// Expected number of ordered pairs of inputs from one source, `sum <n (n - 1)>`; 0 where each is heard once at most.
    pub repeated_pairs: f64,
}

impl Stream {
    /// Which NMDA conductance it acts on, if it does.
    pub fn blocked(&self) -> Option<BlockedSynapse> {
        match (self.action, self.kinetics) {
            (Action::Conductance { block: Some(block), .. }, Kinetics::Exponential { tau_ms, .. }) => {
                Some(BlockedSynapse { block, tau_decay_ms: tau_ms })
            }
            _ => None,
        }
    }

    /// Moments `<J>`, `<J^2>`, `<J^3>`, `<J^4>` of the jump of the potential that one spike amounts to, in mV to the power; 0 of a conductance, whose
    /// jump depends on the potential ([`Stream::at_potential`]).
    ///
    /// For a current of peak `w` the jump is its charge over the capacitance, such as `w tau_syn / C_m` if it decays exponentially.
    pub fn jump_moments(&self) -> [f64; 4] {
        let moments = self.weight.moments();
        match self.action {
            Action::Potential { mv_per_weight: 1.0 } => moments,
            Action::Conductance { .. } => [0.0; 4],
            Action::Potential { mv_per_weight } => {
                std::array::from_fn(|n| moments[n] * mv_per_weight.powi(n as i32 + 1))
            }
        }
    }

    /// The kind of its jumps: of a conductance, and whatever its course, with its charge at once.
    pub fn jump_kind(&self) -> JumpKind {
        match self.action {
            Action::Potential { .. } => JumpKind::of_size(self.jump_law()),
            Action::Conductance { reversal_mv, exponent_per_weight, .. } => {
                JumpKind { law: self.weight.times(exponent_per_weight), reversal_mv: Some(reversal_mv) }
            }
        }
    }

    /// Law of these jumps in mV; of no size for a conductance ([`Stream::jump_kind`]).
    pub fn jump_law(&self) -> Law {
        match self.action {
            Action::Potential { mv_per_weight } => self.weight.times(mv_per_weight),
            Action::Conductance { .. } => Law::Constant { value: 0.0 },
        }
    }

    /// What it amounts to near a potential, for a membrane whose time constant is `tau_m_ms` there: a conductance is a current at its distance from the reversal, one that is blocked
    /// as it is linearised at a mean potential.
    #[must_use]
    pub fn at_potential(&self, V_mv: f64, mean_V_mv: f64, tau_m_ms: f64) -> Self {
        let action = match self.action {
            Action::Conductance { reversal_mv, parts: [part, ..], block, .. } => {
                let mean = self.weight.mean();
                let per_weight = if mean == 0.0 { 0.0 } else { part / mean };
                let flows_mv = block.map_or(V_mv - reversal_mv, |block| {
                    let there = block.at(mean_V_mv);
                    there.current_mv + there.slope * (V_mv - mean_V_mv)
                });
                Action::Potential { mv_per_weight: -per_weight * flows_mv }
            }
            potential => potential,
        };
        Stream { action, tau_m_ms, ..self.clone() }
    }

    /// The same spikes with other weights through another synapse, of the same kind, to a population.
    ///
    /// # Errors
    ///
    /// A capacitance that is not known.
    pub(crate) fn through(&self, synapse: Synapse, weight: Law, target: &Population) -> Result<Self, NetworkError> {
        let (action, kinetics) = action(synapse, &weight, target)?;
        Ok(Stream { weight, action, kinetics, ..self.clone() })
    }

    /// Variance of the jump, `<J^2> - <J>^2`, in mV^2; 0 where it is no more than rounding.
    pub fn jump_variance_mv2(&self) -> f64 {
        let [mean, square, ..] = self.jump_moments();
        let variance = square - mean * mean;
        if variance > 1e-14 * square { variance } else { 0.0 }
    }

    /// `tau_m K`: spikes that a neuron receives within its membrane time constant, per Hz of a source.
    pub fn events_per_hz(&self) -> f64 {
        self.tau_m_ms * S_PER_MS * self.in_degree.mean
    }

    /// `tau_m K <J^n>` for `n` from 1 to 4, in mV^n per Hz: what it adds to `mu`, to `sigma^2` and to the moments that diffusion leaves out.
    pub fn jump_sum_per_hz(&self, n: usize) -> f64 {
        self.events_per_hz() * self.jump_moments()[n - 1]
    }

    /// `K (<|J m + J^2 v|^2> - (1 - s) c |<J m + J^2 v>|^2)`, the variance over draws of the connections of what synapses add up to whose jump `J` has an effect `J m + J^2 v`; `s` is the
    /// sampling factor, and `c` the part of the mean effect's square that is the same in all synapses.
    pub(crate) fn variance_over_draws(&self, [m, v]: [Complex64; 2], c: f64) -> f64 {
        let [first, second, third, fourth] = self.jump_moments();
        let square = second * m.norm_sqr() + (2.0 * third * m * v.conj()).re + fourth * v.norm_sqr();
        let mean = first * m + second * v;
        let again = (1.0 - self.sampling_factor) * c;
        (self.in_degree.mean * (square - (again * mean * mean.conj()).re)).max(0.0)
    }

    /// The rate of one of its sources, at the rates of the populations.
    pub fn source_hz(&self, rates_hz: &[f64]) -> f64 {
        match self.source {
            Source::Population(b) => rates_hz[b],
            Source::Outside { rate_hz } => rate_hz,
        }
    }

    /// What its sources send in the mean, at the rates of the populations: per s of one of them.
    pub fn sent_hz(&self, rates_hz: &[f64]) -> f64 {
        self.sent.mean(self.source_hz(rates_hz)).value
    }

    /// The same with synapses that are what plasticity, and the gates of NMDA, make of them at these rates.
    #[must_use]
    pub fn without_plasticity(&self, rates_hz: &[f64]) -> Self {
        let part = self.sent.part(self.source_hz(rates_hz));
        let weight = if part == 1.0 { self.weight } else { self.weight.times(part) };
        // what a conductance of a part of the weight does, to first order
        let action = match self.action {
            Action::Conductance { reversal_mv, parts, exponent_per_weight, block } => {
                let parts = std::array::from_fn(|n| parts[n] * part.powi(n as i32 + 1));
                Action::Conductance { reversal_mv, parts, exponent_per_weight, block }
            }
            potential => potential,
        };
        Stream { weight, action, sent: Sent::Rate, ..self.clone() }
    }
}

/// Input without spikes: the leak, currents and white noise.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Steady {
    /// Mean: `E_L` and `R I`.
    pub mean_mv: f64,
    /// Variance of white noise, in the convention of `sigma^2`.
    pub variance_mv2: f64,
}

/// All that the populations of a network receive.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Streams {
    /// The streams, projections first, in the order of the file.
    pub streams: Vec<Stream>,
    /// One entry a population.
    pub steady: Vec<Steady>,
    /// What a stationary theory leaves out of the drives.
    pub warnings: Vec<Warning>,
}

fn sentence(warning: &Noted) -> String {
    let (who, first) = (warning.who(), &warning.first);
    match (warning.kind, warning.is_of_one()) {
        (WarningKind::DriveStops, true) => {
            format!(
                "The drive of {who} that stops at {first} is left out: a stationary state is what remains long after."
            )
        }
        (WarningKind::DriveStops, false) => format!(
            "The drives of {who} that stop (the first at {first}) are left out: a stationary state is what remains long after."
        ),
        (WarningKind::ModulatedDrive, true) => {
            format!("The modulated drive of {who} is taken at its mean: a stationary state does not follow it.")
        }
        (WarningKind::ModulatedDrive, false) => {
            format!("The modulated drives of {who} are taken at their means: a stationary state does not follow them.")
        }
        (WarningKind::DriveCourse, true) => format!(
            "The drive of {who} is taken with the last factor of its course, {first}: a stationary state is what remains long after."
        ),
        (WarningKind::DriveCourse, false) => format!(
            "The drives of {who} are taken with the last factors of their courses (the first {first}): a stationary state is what remains long after."
        ),
        (_, true) => format!("All neurons of {who} hear the same Poisson trains; their correlation is left out."),
        (_, false) => {
            format!(
                "All neurons of one population hear the same Poisson trains in {who}; their correlation is left out."
            )
        }
    }
}

impl Streams {
    /// The streams of a network.
    ///
    /// # Errors
    ///
    /// Mistakes of a network made in code.
    pub fn new(network: &Network) -> Result<Self, NetworkError> {
        network.check()?;
        Self::of_checked(network)
    }

    /// The same with gates of NMDA that are open by the published series.
    pub(crate) fn with_gates_by_series(mut self) -> Self {
        for stream in &mut self.streams {
            if let Sent::Saturating(gates) = stream.sent {
                stream.sent = Sent::Saturating(Gates { by_series: true, ..gates });
            }
        }
        self
    }

    /// The kinds of NMDA conductances, each once.
    pub fn blocked(&self) -> Vec<BlockedSynapse> {
        let mut kinds: Vec<BlockedSynapse> = Vec::new();
        for kind in self.streams.iter().filter_map(Stream::blocked) {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        kinds
    }

    /// The time constants of the conductances, rising.
    pub fn conductance_time_constants_ms(&self) -> Vec<f64> {
        let time = |stream: &Stream| match (stream.action, stream.kinetics) {
            (Action::Conductance { .. }, Kinetics::Exponential { tau_ms, .. }) => Some(tau_ms),
            _ => None,
        };
        let mut times: Vec<f64> = self.streams.iter().filter_map(time).collect();
        times.sort_by(f64::total_cmp);
        times.dedup();
        times
    }

    /// Name and kind of the first synapse that acts on a conductance of a population.
    pub fn conductance_of(network: &Network, population: usize) -> Option<(String, &'static str)> {
        first_synapse(network, Some(population), |synapse| synapse.is_conductance())
    }

    /// Name and kind of the first synapse to a population that opens conductances which the potential blocks.
    pub(crate) fn blocked_of(network: &Network, population: usize) -> Option<(String, &'static str)> {
        first_synapse(network, Some(population), |synapse| matches!(synapse, Synapse::Nmda { .. }))
    }

    /// Whether a population hears such synapses.
    pub(crate) fn hears_blocked(&self, population: usize) -> bool {
        let is_blocked = |stream: &Stream| matches!(stream.action, Action::Conductance { block: Some(_), .. });
        self.streams.iter().any(|stream| stream.target == population && is_blocked(stream))
    }

    /// Name and kind of the first synapse whose current rises before it decays.
    pub fn with_rises(network: &Network) -> Option<(String, &'static str)> {
        first_synapse(network, None, |synapse| synapse.current().is_some_and(|course| course.tau_rise_ms > 0.0))
    }

    /// As [`Streams::new`], of a network without mistakes.
    pub(crate) fn of_checked(network: &Network) -> Result<Self, NetworkError> {
        let steady = |p: &crate::network::Population| Steady { mean_mv: p.neuron.E_L_mv, variance_mv2: 0.0 };
        let mut streams = Vec::with_capacity(network.projections.len() + network.drives.len());
        for projection in &network.projections {
            streams.push(of_projection(network, projection)?);
        }
        let mut all =
            Streams { streams, steady: network.populations.iter().map(steady).collect(), warnings: Vec::new() };
        let mut warnings = Warnings::default();
        for drive in &network.drives {
            all.add_drive(network, drive, &mut warnings)?;
        }
        all.warnings = warnings.said(sentence);
        Ok(all)
    }

    fn add_drive(&mut self, network: &Network, drive: &Drive, warnings: &mut Warnings) -> Result<(), NetworkError> {
        let population = &network.populations[drive.target];
        if let Some(stop) = drive.stop_ms {
            warnings.note(WarningKind::DriveStops, population.name.as_str(), (Some(stop), None), format!("{stop} ms"));
            return Ok(());
        }
        if drive.modulation.is_some() {
            warnings.note(WarningKind::ModulatedDrive, population.name.as_str(), (None, None), String::new());
        }
        if let Some(course) = &drive.course {
            let last = (Some(course.last()), None);
            warnings.note(WarningKind::DriveCourse, population.name.as_str(), last, Shown(course.last()).to_string());
        }
        let Some(lasting) = drive.lasting() else { return Ok(()) };
        let steady = &mut self.steady[drive.target];
        match &lasting.kind {
            // how it differs between neurons is the transfer's matter
            DriveKind::Current { value_mv, .. } => steady.mean_mv += value_mv.center(),
            DriveKind::Noise { mean_mv, std_mv } => {
                steady.mean_mv += mean_mv;
                steady.variance_mv2 += std_mv * std_mv;
            }
            DriveKind::Poisson {
                rate_hz,
                in_degree,
                weight,
                delay_ms,
                synapse,
                plasticity,
                shared,
                redraw_weights,
                ..
            } => {
                if *shared {
                    warnings.note(WarningKind::SharedDrive, population.name.as_str(), (None, None), String::new());
                }
                let (action, kinetics) = action(*synapse, weight, population)?;
                self.streams.push(Stream {
                    target: drive.target,
                    source: Source::Outside { rate_hz: *rate_hz },
                    in_degree: InDegree { mean: *in_degree, variance: 0.0 },
                    weight: *weight,
                    redraw_weights: *redraw_weights,
                    action,
                    kinetics,
                    sent: sent(*synapse, *plasticity),
                    tau_m_ms: population.neuron.tau_m_ms,
                    delay_ms: *delay_ms,
                    shared_fraction: f64::from(u8::from(*shared)),
                    sampling_factor: 1.0,
                    candidates: *in_degree,
                    repeated_pairs: 0.0,
                });
            }
        }
        Ok(())
    }
}

/// Name and kind of the first synapse that lasts and is such a one, of a population or of all.
fn first_synapse(
    network: &Network,
    target: Option<usize>,
    is_such: impl Fn(Synapse) -> bool,
) -> Option<(String, &'static str)> {
    let is_there = |of: usize| target.is_none_or(|target| target == of);
    let projections = network.projections.iter().filter(|projection| is_there(projection.target));
    let of_projections = projections.map(|it| (&it.synapse_type, it.synapse));
    let lasting = network.drives.iter().filter(|drive| drive.stop_ms.is_none() && is_there(drive.target));
    let of_drives = lasting.filter_map(|drive| match &drive.kind {
        DriveKind::Poisson { synapse_type, synapse, .. } => Some((synapse_type, *synapse)),
        _ => None,
    });
    let mut all = of_projections.chain(of_drives);
    all.find(|(_, synapse)| is_such(*synapse)).map(|(synapse_type, synapse)| (synapse_type.clone(), synapse.kind()))
}

fn of_projection(network: &Network, projection: &Projection) -> Result<Stream, NetworkError> {
    let target = &network.populations[projection.target];
    let (action, kinetics) = action(projection.synapse, &projection.weight, target)?;
    let in_degree = in_degree(network, projection);
    let candidates = candidates(network, projection);
    let fraction = |of: f64| if of > 0.0 { (in_degree.mean / of).min(1.0) } else { 0.0 };
    let once = hears_once(projection);
    Ok(Stream {
        target: projection.target,
        source: Source::Population(projection.source),
        in_degree,
        weight: projection.weight,
        redraw_weights: false,
        action,
        kinetics,
        sent: sent(projection.synapse, projection.plasticity),
        tau_m_ms: target.neuron.tau_m_ms,
        delay_ms: projection.delay_ms,
        shared_fraction: fraction(network.populations[projection.source].size as f64),
        sampling_factor: if once { 1.0 - fraction(candidates) } else { 1.0 },
        candidates,
        repeated_pairs: if once { 0.0 } else { repeated_pairs(network, projection, in_degree.mean, candidates) },
    })
}

/// Whether a source is heard once at most.
fn hears_once(projection: &Projection) -> bool {
    matches!(projection.rule, ConnectionRule::PairwiseProbability { .. }) || !projection.multapses
}

/// Number of neurons; 0 of a population that is not there.
fn size_of(network: &Network, population: usize) -> f64 {
    network.populations.get(population).map_or(0.0, |population| population.size as f64)
}

/// Number of neurons that one of the target population may hear.
fn candidates(network: &Network, projection: &Projection) -> f64 {
    let excluded = if projection.source == projection.target && !projection.autapses { 1.0 } else { 0.0 };
    (size_of(network, projection.source) - excluded).max(0.0)
}

/// `sum <n (n - 1)>` over the sources, `n` multinomial: `K (K - 1)/N` for a fixed in-degree, `K (K - 1/targets)/N` for a fixed total.
fn repeated_pairs(network: &Network, projection: &Projection, inputs: f64, candidates: f64) -> f64 {
    let one = match projection.rule {
        ConnectionRule::FixedTotal { .. } => 1.0 / (network.populations[projection.target].size.max(1) as f64),
        _ => 1.0,
    };
    if candidates > 0.0 { inputs * (inputs - one).max(0.0) / candidates } else { 0.0 }
}

/// What a source sends through a synapse.
fn sent(synapse: Synapse, plasticity: Option<Plasticity>) -> Sent {
    match (plasticity, synapse) {
        (Some(plasticity), _) => Sent::Plastic(plasticity),
        (None, Synapse::Nmda { tau_rise_ms, tau_decay_ms, alpha_per_ms, .. }) => {
            Sent::Saturating(Gates { tau_rise_ms, tau_decay_ms, alpha_per_ms, by_series: false })
        }
        (None, _) => Sent::Rate,
    }
}

/// What a spike of a synapse acts on, and its time course.
fn action(synapse: Synapse, weight: &Law, target: &Population) -> Result<(Action, Kinetics), NetworkError> {
    if let Some(course) = synapse.current() {
        let mv_per_weight = course.charge_ms() / target.capacitance_pf(&synapse)?;
        return Ok((Action::Potential { mv_per_weight }, Kinetics::from(course)));
    }
    let decaying = |tau_ms: f64, reversal_mv: f64, block: Option<Block>| -> Result<(Action, Kinetics), NetworkError> {
        let exponent_per_weight = tau_ms / target.capacitance_pf(&synapse)?;
        let parts = weight.times(exponent_per_weight).moments();
        let kinetics = Kinetics::Exponential { tau_rise_ms: 0.0, tau_ms };
        Ok((Action::Conductance { reversal_mv, parts, exponent_per_weight, block }, kinetics))
    };
    Ok(match synapse {
        Synapse::ExponentialConductance { tau_ms, E_rev_mv } => decaying(tau_ms, E_rev_mv, None)?,
        // how far its gates are open is a matter of what is sent
        Synapse::Nmda { tau_decay_ms, E_rev_mv: reversal_mv, Mg, beta_per_mv, gamma, .. } => {
            decaying(tau_decay_ms, reversal_mv, Some(Block { reversal_mv, Mg, beta_per_mv, gamma }))?
        }
        Synapse::DeltaConductance { E_rev_mv } => {
            let leak_ns = target.capacitance_pf(&synapse)? / target.neuron.tau_m_ms;
            let parts = [1, 2, 3, 4].map(|n| weight.mean_of(|w| (-(-w / leak_ns).exp_m1()).powi(n)));
            let exponent_per_weight = 1.0 / leak_ns;
            let action = Action::Conductance { reversal_mv: E_rev_mv, parts, exponent_per_weight, block: None };
            (action, Kinetics::Delta)
        }
        _ => (Action::Potential { mv_per_weight: 1.0 }, Kinetics::Delta),
    })
}

/// The mean in-degree of every projection.
pub(crate) fn in_degrees(network: &Network) -> impl Iterator<Item = f64> {
    network.projections.iter().map(|projection| in_degree(network, projection).mean)
}

/// Mean and variance of the in-degree over target neurons.
///
/// Fixed in-degree: no variance. Pairwise probability `p`: binomial. Fixed total `S`: multinomial over the targets, or,
/// where pairs are connected at most once, hypergeometric.
pub(super) fn in_degree(network: &Network, projection: &Projection) -> InDegree {
    let targets = size_of(network, projection.target);
    let sources = candidates(network, projection);
    match projection.rule {
        ConnectionRule::FixedInDegree { in_degree } => InDegree { mean: in_degree, variance: 0.0 },
        ConnectionRule::PairwiseProbability { probability: p } => {
            InDegree { mean: p * sources, variance: p * (1.0 - p) * sources }
        }
        ConnectionRule::FixedTotal { .. } if targets == 0.0 => InDegree { mean: 0.0, variance: 0.0 },
        ConnectionRule::FixedTotal { total } => {
            let mean = total / targets;
            let pairs = targets * sources;
            let once = if projection.multapses || pairs <= 1.0 { 1.0 } else { (pairs - total) / (pairs - 1.0) };
            InDegree { mean, variance: mean * (1.0 - 1.0 / targets) * once }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::quadrature::integrate_16;
    use crate::testing::{TestNetwork, read};

    /// A network of 400 and 100 neurons with one projection, written in `lines`, and one drive.
    fn network(lines: &str, drive: &str) -> Network {
        let neurons = TestNetwork::of(&[("A", 400), ("B", 100)])
            .neuron("tau_m", "10 ms")
            .neuron("C_m", "250 pF")
            .neuron("E_L", "-65 mV")
            .neuron("V_th", "-50 mV")
            .neuron("V_reset", "-65 mV")
            .exponential_synapse("exp", 0.5);
        let neurons = neurons.drive("B", drive).text();
        read(&format!("{neurons}[[projections]]\ndelay = \"1 ms\"\n{lines}\n"))
    }

    const CURRENT: &str = "kind = \"current\"\nvalue = \"250 pA\"";

    fn stream(lines: &str) -> Stream {
        Streams::new(&network(lines, CURRENT)).unwrap().streams.remove(0)
    }

    #[test]
    fn in_degrees_have_the_mean_and_variance_of_their_rule() {
        let rules = [
            ("from = \"A\"\nto = \"B\"\nin_degree = 40", 40.0, 0.0),
            ("from = \"A\"\nto = \"B\"\nprobability = 0.1", 40.0, 36.0),
            ("from = \"A\"\nto = \"A\"\nprobability = 0.1\nautapses = false", 39.9, 35.91),
            ("from = \"A\"\nto = \"B\"\ntotal = 4000", 40.0, 40.0 * 0.99),
            // at most once each: hypergeometric, (40000 - 4000)/(40000 - 1) times as much
            ("from = \"A\"\nto = \"B\"\ntotal = 4000\nmultapses = false", 40.0, 40.0 * 0.99 * 36000.0 / 39999.0),
        ];
        for (rule, mean, variance) in rules {
            let found = stream(&format!("{rule}\nweight = \"0.1 mV\"")).in_degree;
            let close = |x: f64, y: f64| (x - y).abs() <= 1e-12 * y.abs();
            assert!(close(found.mean, mean) && close(found.variance, variance), "{rule}: {found:?}");
        }
    }

    #[test]
    fn an_exponential_current_counts_as_the_jump_that_its_charge_makes() {
        let weight = "weight = { mean = \"100 pA\", std = \"10 pA\" }\nsynapse = \"exp\"";
        let found = stream(&format!("from = \"A\"\nto = \"B\"\nin_degree = 40\n{weight}"));
        let jump = 100.0 * 0.5 / 250.0;
        assert_eq!(found.kinetics, Kinetics::Exponential { tau_rise_ms: 0.0, tau_ms: 0.5 });
        assert!((found.jump_moments()[0] - jump).abs() < 1e-15);
        assert!((found.jump_moments()[1] - 1.01 * jump * jump).abs() < 1e-15, "the variance of the weights is kept");
        assert!((found.shared_fraction - 0.1).abs() < 1e-15);
    }

    #[test]
    fn drives_add_to_mean_and_variance_and_transient_ones_are_left_out_with_a_word() {
        let lines = "from = \"A\"\nto = \"B\"\nin_degree = 40\nweight = \"0.1 mV\"";
        let steady = |drive: &str| Streams::new(&network(lines, drive)).unwrap();
        let current = steady(CURRENT);
        assert_eq!(current.steady[1], Steady { mean_mv: -65.0 + 10.0, variance_mv2: 0.0 });
        let noise = steady("kind = \"noise\"\nmean = \"3 mV\"\nstd = \"2 mV\"");
        assert_eq!(noise.steady[1], Steady { mean_mv: -62.0, variance_mv2: 4.0 });
        let transient = steady("kind = \"current\"\nvalue = \"250 pA\"\nstop = \"1 s\"");
        assert_eq!(transient.steady[1].mean_mv, -65.0);
        assert_eq!(transient.warnings.len(), 1);
        let poisson = steady("kind = \"poisson\"\nrate = \"8 Hz\"\nin_degree = 100\nweight = \"0.2 mV\"");
        let found = poisson.streams.last().unwrap();
        assert_eq!((found.source, found.in_degree.mean), (Source::Outside { rate_hz: 8.0 }, 100.0));
    }

    #[test]
    fn a_spike_on_a_conductance_takes_the_potential_a_part_of_the_way_to_its_reversal() {
        let network = |kind: &str| {
            TestNetwork::one_population(100)
                .neuron("tau_m", "10 ms")
                .neuron("C_m", "250 pF")
                .projection(
                    "A",
                    "A",
                    &format!(
                        "in_degree = 10\nweight = \"5 nS\"\nsynapse = \"g\"\n[synapses.g]\n{kind}\nE_rev = \"0 mV\""
                    ),
                )
                .read()
        };
        // 25 nS of leak
        for (kind, expected) in [
            ("kind = \"exponential_conductance\"\ntau = \"5 ms\"", 0.1),
            ("kind = \"delta_conductance\"", 1.0 - (-0.2f64).exp()),
        ] {
            let stream = Streams::new(&network(kind)).unwrap().streams.remove(0);
            let Action::Conductance { reversal_mv: 0.0, parts, .. } = stream.action else { unreachable!("{stream:?}") };
            for (n, part) in (1..).zip(parts) {
                assert!((part / expected.powi(n) - 1.0).abs() < 1e-14, "{kind}: {parts:?}");
            }
            let [jump, ..] = stream.at_potential(-55.0, -55.0, 5.0).jump_moments();
            assert!((jump / (55.0 * expected) - 1.0).abs() < 1e-14, "{kind}: {jump}");
        }
    }

    #[test]
    fn a_stream_keeps_the_whole_law_of_what_its_spikes_do() {
        let weight = "weight = { mean = \"100 pA\", std = \"10 pA\" }\nsynapse = \"exp\"";
        let found = stream(&format!("from = \"A\"\nto = \"B\"\nin_degree = 40\n{weight}"));
        let Law::Normal { mean, std } = found.jump_law() else { panic!("{found:?}") };
        assert!((mean - 0.2).abs() < 1e-15 && (std - 0.02).abs() < 1e-15);
        let moments = found.jump_law().moments();
        let close = |(x, y): (&f64, f64)| (x / y - 1.0).abs() < 1e-14;
        assert!(moments.iter().zip(found.jump_moments()).all(close), "{moments:?}");
        // tau_m K of 10 ms and 40 sources
        assert!((found.events_per_hz() - 0.4).abs() < 1e-15 && (found.jump_sum_per_hz(1) - 0.08).abs() < 1e-15);
        assert_eq!(found.sent_hz(&[7.0, 3.0]), 7.0);
    }

    #[test]
    fn the_transform_of_a_time_course_is_its_fourier_integral() {
        assert_eq!(Kinetics::Delta.transform(3.0), Complex64::ONE);
        for (tau_rise_ms, tau_ms, omega) in [
            (0.0, 0.5, 0.1),
            (0.0, 5.0, 2.0),
            (0.0, 100.0, -0.3),
            (0.0, 2.0, 0.0),
            (2.0, 2.0, 0.7),
            (1.0, 5.0, -0.4),
            (0.2, 5.0, 1.0),
        ] {
            let found = Kinetics::Exponential { tau_rise_ms, tau_ms }.transform(omega);
            let course = |t: f64| match () {
                () if tau_rise_ms == 0.0 => (-t / tau_ms).exp() / tau_ms,
                () if tau_rise_ms == tau_ms => t / (tau_ms * tau_ms) * (-t / tau_ms).exp(),
                () => ((-t / tau_ms).exp() - (-t / tau_rise_ms).exp()) / (tau_ms - tau_rise_ms),
            };
            let panels = (0..4000).map(|k| 0.01 * tau_ms * f64::from(k));
            let integral: Complex64 = panels
                .map(|from| {
                    let part =
                        |of: fn(f64) -> f64| integrate_16(from, from + 0.01 * tau_ms, |t| course(t) * of(omega * t));
                    Complex64::new(part(f64::cos), -part(f64::sin))
                })
                .sum();
            assert!((found - integral).norm() < 1e-13, "{tau_rise_ms} {tau_ms} {omega}: {found} {integral}");
        }
    }
}
