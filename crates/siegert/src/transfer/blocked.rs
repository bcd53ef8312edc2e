//! Conductances that the potential blocks (NMDA), linearised at the mean potential that they themselves make.
//!
//! ```text
//! N = tau_m sum K phi <q>                              what they would add to the conductance over the leak without their block
//! N (V - E)/M(V) ~ N [h (V - <V>) + (<V> - E)/M]       near <V>: N h is a conductance, the rest a current
//! G' = G + sum N h,   C' = C + (G' - G) <V> - sum N (<V> - E)/M
//! <V> = mu_eff - tau_eff (V_th - V_reset) r/(1 - r t_ref)
//! ```
//!
//! With `G'` and `C'` in place of `G` and `C` everything is as `transfer::shunting` has it. `<V>` is the mean over neurons that are not refractory, exact in white noise; it is found within
//! the transfer of a population, so that the network's unknowns are the rates alone, and derivatives are those with `<V>` following.
//! Where the block takes more than 0.8 of the other conductances away, a part of `h` is left out smoothly, so that the membrane keeps some of its leak: what flows at `<V>`
//! is right whatever the slope. At a state the general solver takes the current for what it is (`neuron::conductance`).
//!
//! The theory of Brunel and Wang (2001) has `<V> = mu_eff - tau_eff (V_th - V_reset) r`, and takes noise at `<V>` in place of `mu_eff`.
//!
//! Source: Brunel and Wang (2001), J Comput Neurosci 11:63, appendix; Brunel (2000), J Comput Neurosci 8:183 (the mean potential).
//! Accuracy: closed forms around a root found to 1e-13 of `V_th - V_reset`.

use crate::input::{Block, BlockedSynapse, Linearised, NoisePart, Sum};
use crate::neuron::Thresholds;
use crate::neuron::lif::{LogRate, MS_PER_S, SynapticFilter};
use crate::numerics::root::root;

use super::shunting::{self, Conductances, Slopes};
use super::{Gradient, Input, Transfer};

/// Most kinds of NMDA conductances in one network.
pub(crate) const MOST_BLOCKS: usize = 3;

/// The part of the other conductances that a block may take away as it is, and the largest part that it takes away at all.
const UNCHANGED: f64 = 0.8;
const MOST_TAKEN: f64 = 0.95;

/// How well the mean potential is known, over the distance of reset and threshold.
const FOUND: f64 = 1e-13;

/// How often the lowest mean potential is put lower.
const MOST_LOWERED: usize = 20;

/// Conductances of one kind.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Kind {
    synapse: BlockedSynapse,
    /// `N`.
    conductance: f64,
    /// `tau_m sum K phi <q^2>`.
    noise: f64,
}

impl Kind {
    /// Which part of its noise counts in a part of all, at a membrane without conductances of this time constant.
    fn weight(&self, part: NoisePart, tau_m_ms: f64) -> f64 {
        match part {
            NoisePart::All | NoisePart::Filtered => 1.0,
            NoisePart::Weighted => self.synapse.tau_decay_ms / tau_m_ms,
            NoisePart::At { tau_syn_ms } => f64::from(u8::from(tau_syn_ms == self.synapse.tau_decay_ms)),
        }
    }
}

/// The conductances of a neuron that are blocked, and where they are linearised.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Blocked {
    kinds: [Option<Kind>; MOST_BLOCKS],
    /// `<V>`.
    V_mv: f64,
    /// `G' - G`, and its derivatives with `G`, with `sum N h`.
    conductance: f64,
    per_conductance: f64,
    per_slope: f64,
    /// Whether `<V>` follows the input: not where it is held at an end.
    follows: bool,
}

/// The conductances and noise that one block adds to the sums of those that are not blocked.
struct Added {
    slope: f64,
    /// What flows at 0 mV by the linear form.
    offset_mv: f64,
    bend_per_mv: f64,
    V_mv: f64,
}

impl Added {
    fn new(block: &Block, V_mv: f64) -> Self {
        let Linearised { current_mv, slope, bend_per_mv } = block.at(V_mv);
        Added { slope, offset_mv: current_mv - slope * V_mv, bend_per_mv, V_mv }
    }

    /// What a unit of noise adds to `D_n`: `(h V + c)^2 = D_0 V^2 - 2 D_1 V + D_2`.
    fn noise(&self, power: u8) -> f64 {
        let Added { slope, offset_mv, .. } = *self;
        [slope * slope, -slope * offset_mv, offset_mv * offset_mv][usize::from(power.min(2))]
    }

    /// The derivative with the potential at which it is linearised: `dc/dV = -V dh/dV`.
    fn noise_per_mv(&self, power: u8) -> f64 {
        let Added { slope, offset_mv, bend_per_mv, V_mv } = *self;
        let d_offset = -V_mv * bend_per_mv;
        let all = [2.0 * slope * bend_per_mv, -bend_per_mv * offset_mv - slope * d_offset, 2.0 * offset_mv * d_offset];
        all[usize::from(power.min(2))]
    }
}

/// The part of the other conductances that a block takes away, from what it would take (both over them), and its slope.
fn taken(part: f64) -> (f64, f64) {
    if part <= UNCHANGED {
        return (part, 1.0);
    }
    let width = MOST_TAKEN - UNCHANGED;
    let bent = ((part - UNCHANGED) / width).tanh();
    (UNCHANGED + width * bent, 1.0 - bent * bent)
}

impl Blocked {
    fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.iter().flatten()
    }

    /// The conductances of these kinds, by their sums.
    fn new(kinds: &[BlockedSynapse], sum: impl Fn(Sum) -> f64) -> Self {
        let mut blocked = Blocked::default();
        for (place, &synapse) in blocked.kinds.iter_mut().zip(kinds) {
            // parts of a bundle (`stationary::symmetry`) can have negative coefficients
            let conductance = sum(Sum::Blocked(synapse)).max(0.0);
            *place = Some(Kind { synapse, conductance, noise: sum(Sum::BlockedNoise(synapse)) });
        }
        blocked
    }

    /// The same linearised at a potential, beside other conductances `G`.
    fn at(mut self, V_mv: f64, conductance: f64) -> Self {
        let slope: f64 = self.kinds().map(|kind| kind.conductance * kind.synapse.block.at(V_mv).slope).sum();
        let others = 1.0 + conductance.max(0.0);
        let (part, bent) = taken(-slope / others);
        self.V_mv = V_mv;
        self.conductance = -others * part;
        self.per_conductance = -part - bent * slope / others;
        self.per_slope = bent;
        self
    }

    /// What flows at `<V>`.
    fn current_mv(&self) -> f64 {
        self.kinds().map(|kind| kind.conductance * kind.synapse.block.at(self.V_mv).current_mv).sum()
    }

    /// A sum with what is blocked added as it is linearised.
    fn added(&self, wanted: Sum, tau_m_ms: f64, sum: &impl Fn(Sum) -> f64) -> f64 {
        let own = sum(wanted);
        match wanted {
            Sum::Conductance => own.max(0.0) + self.conductance,
            Sum::ConductanceDrive => own + self.conductance * self.V_mv - self.current_mv(),
            Sum::ConductanceNoise { part, power } => {
                let noise = |kind: &Kind| {
                    let linear = Added::new(&kind.synapse.block, self.V_mv);
                    kind.weight(part, tau_m_ms) * kind.noise * linear.noise(power)
                };
                own + self.kinds().map(noise).sum::<f64>()
            }
            _ => own,
        }
    }

    /// Whether there is anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.kinds().all(|kind| kind.conductance == 0.0)
    }

    /// The potential at which they are linearised, `<V>`.
    pub(crate) fn V_mv(&self) -> f64 {
        self.V_mv
    }

    /// What flows at a potential beyond what the linear form says: a drive upwards, in mV.
    pub(crate) fn beyond_linear_mv(&self, V_mv: f64) -> f64 {
        let flows: f64 = self.kinds().map(|kind| kind.conductance * kind.synapse.block.at(V_mv).current_mv).sum();
        self.current_mv() + self.conductance * (V_mv - self.V_mv) - flows
    }
}

/// The mean potential that an input makes, and what it changes with.
struct MeanPotential {
    V_mv: f64,
    /// With `tau_eff` at one rate; with `mu_eff` it is 1.
    per_tau_ms: f64,
    /// With the logarithm of the rate.
    per_ln_rate: f64,
}

impl Transfer {
    pub(super) fn takes_brunel_wang(&self) -> bool {
        self.filter == SynapticFilter::BrunelWang
    }

    /// `<V>` of an input and its rate.
    fn mean_potential(&self, input: &Input, ln_rate_hz: f64) -> MeanPotential {
        let Thresholds { V_th_mv, V_reset_mv, t_ref_ms, tau_m_ms } = self.thresholds();
        let tau_ms = tau_m_ms / (1.0 + input.shunt.conductance);
        let per_ms = ln_rate_hz.exp() / MS_PER_S;
        // of neurons that are not refractory; without refractory time the two are one
        let refractory = if self.takes_brunel_wang() { 0.0 } else { per_ms * t_ref_ms };
        let free = (1.0 - refractory).max(f64::EPSILON);
        let jump_mv = V_th_mv - V_reset_mv;
        MeanPotential {
            V_mv: input.mean_mv - tau_ms * jump_mv * per_ms / free,
            per_tau_ms: -jump_mv * per_ms / free,
            per_ln_rate: -tau_ms * jump_mv * per_ms / (free * free),
        }
    }

    /// What the neuron feels of its sums, its conductances that are blocked linearised at the mean potential.
    pub(super) fn conducting_input(
        &self,
        conductances: &Conductances,
        of_currents: Input,
        sum: impl Fn(Sum) -> f64,
    ) -> Input {
        let tau_m_ms = self.time_constant_ms();
        if conductances.blocked.is_empty() && !self.takes_brunel_wang() {
            return shunting::input(conductances, of_currents, tau_m_ms, None, sum);
        }
        let blocked = Blocked::new(&conductances.blocked, &sum);
        let own = sum(Sum::Conductance);
        let at = |V_mv: f64| {
            let blocked = blocked.at(V_mv, own);
            let noise_at_mv = self.takes_brunel_wang().then_some(V_mv);
            let with = |wanted: Sum| blocked.added(wanted, tau_m_ms, &sum);
            let mut input = shunting::input(conductances, of_currents, tau_m_ms, noise_at_mv, with);
            input.shunt.blocked = blocked;
            input
        };
        let excess = |V_mv: f64| {
            let input = at(V_mv);
            let rate = self.log_rate(&input);
            let per_mv = self.mean_potential_slopes(conductances, &input, &rate).per_mv;
            (self.mean_potential(&input, rate.ln_rate_hz).V_mv - V_mv, per_mv - 1.0)
        };
        let Thresholds { V_th_mv, V_reset_mv, .. } = self.thresholds();
        let scale_mv = V_th_mv - V_reset_mv;
        let (mut low_mv, high_mv) = (V_reset_mv.min(of_currents.mean_mv) - scale_mv, V_th_mv);
        let mut lowered = 0;
        while excess(low_mv).0 < 0.0 && lowered < MOST_LOWERED {
            low_mv -= scale_mv * f64::from(1 << lowered.min(20));
            lowered += 1;
        }
        let (over, _) = excess(high_mv);
        // a rate that is no number, or a factor of the time to a spike that belongs elsewhere
        if over.is_nan() || over >= 0.0 {
            return at(high_mv);
        }
        let start_mv = 0.5 * (V_reset_mv + V_th_mv);
        let short = |V_mv: f64| 4.0 * f64::EPSILON * V_mv.abs();
        let V_mv = root([high_mv, low_mv], start_mv, FOUND * scale_mv, short, excess);
        let mut input = at(V_mv);
        input.shunt.blocked.follows = true;
        input
    }

    /// The gradient in the sums, `<V>` following them.
    pub(super) fn conducting_gradient(&self, conductances: &Conductances, input: &Input, rate: &LogRate) -> Gradient {
        let blocked = &input.shunt.blocked;
        if conductances.blocked.is_empty() && !self.takes_brunel_wang() {
            let per_conductance = self.per_conductance(input, rate);
            return shunting::slopes(conductances, input, rate, per_conductance, self.time_constant_ms()).gradient;
        }
        let of_potential = self.mean_potential_slopes(conductances, input, rate);
        let MeanPotentialSlopes { slopes, .. } = &of_potential;
        // d ln r/d <V> over 1 - d<V>/d<V>
        let along = match blocked.follows {
            true => of_potential.ln_rate_per_mv / (1.0 - of_potential.per_mv),
            false => 0.0,
        };
        let of = |sum: Sum| slopes.gradient.per(sum) + along * of_potential.per(sum);
        let (of_conductance, of_drive) = (of(Sum::Conductance), of(Sum::ConductanceDrive));
        let tau_m_ms = self.time_constant_ms();
        let mut gradient = Gradient::default();
        for (sum, _) in slopes.gradient.terms() {
            let more = match sum {
                Sum::Conductance => blocked.per_conductance * (of_conductance + of_drive * blocked.V_mv),
                _ => 0.0,
            };
            gradient.add(*sum, of(*sum) + more);
        }
        for kind in blocked.kinds() {
            let Linearised { current_mv, slope, .. } = kind.synapse.block.at(blocked.V_mv);
            let per_conductance = blocked.per_slope * slope;
            let per_unit = of_conductance * per_conductance + of_drive * (per_conductance * blocked.V_mv - current_mv);
            gradient.add(Sum::Blocked(kind.synapse), per_unit);
            let added = Added::new(&kind.synapse.block, blocked.V_mv);
            let of_noise = |(sum, _): &(Sum, f64)| match *sum {
                Sum::ConductanceNoise { part, power } => kind.weight(part, tau_m_ms) * added.noise(power) * of(*sum),
                _ => 0.0,
            };
            let per_unit = slopes.gradient.terms().iter().map(of_noise).sum();
            gradient.add(Sum::BlockedNoise(kind.synapse), per_unit);
        }
        gradient
    }

    /// What rate and mean potential change with, by the closed forms.
    fn mean_potential_slopes(&self, conductances: &Conductances, input: &Input, rate: &LogRate) -> MeanPotentialSlopes {
        let tau_m_ms = self.time_constant_ms();
        let slopes = shunting::slopes(conductances, input, rate, self.per_conductance(input, rate), tau_m_ms);
        let potential = self.mean_potential(input, rate.ln_rate_hz);
        let leak = 1.0 + input.shunt.conductance;
        let tau_ms = tau_m_ms / leak;
        let per_leak = -(input.mean_mv + potential.per_tau_ms * tau_ms) / leak;
        let mut found = MeanPotentialSlopes {
            slopes,
            per_input: 1.0 / leak,
            per_leak,
            per_ln_rate: potential.per_ln_rate,
            per_mv: 0.0,
            ln_rate_per_mv: 0.0,
        };
        // how the sums change with the potential at which they are linearised
        let blocked = &input.shunt.blocked;
        let bend: f64 =
            blocked.kinds().map(|kind| kind.conductance * kind.synapse.block.at(blocked.V_mv).bend_per_mv).sum();
        let slope: f64 = blocked.kinds().map(|kind| kind.conductance * kind.synapse.block.at(blocked.V_mv).slope).sum();
        let per_conductance = blocked.per_slope * bend;
        let of_rate = |sum: Sum| found.slopes.gradient.per(sum);
        let per_drive = per_conductance * blocked.V_mv + blocked.conductance - slope;
        let mut ln_rate_per_mv =
            of_rate(Sum::Conductance) * per_conductance + of_rate(Sum::ConductanceDrive) * per_drive;
        for kind in blocked.kinds() {
            let added = Added::new(&kind.synapse.block, blocked.V_mv);
            let of_noise = |(sum, per_unit): &(Sum, f64)| match *sum {
                Sum::ConductanceNoise { part, power } => {
                    kind.weight(part, tau_m_ms) * added.noise_per_mv(power) * per_unit
                }
                _ => 0.0,
            };
            ln_rate_per_mv += kind.noise * found.slopes.gradient.terms().iter().map(of_noise).sum::<f64>();
        }
        if self.takes_brunel_wang() {
            ln_rate_per_mv += found.slopes.per_noise_at_mv;
        }
        found.per_mv =
            found.per_leak * per_conductance + found.per_input * per_drive + found.per_ln_rate * ln_rate_per_mv;
        found.ln_rate_per_mv = ln_rate_per_mv;
        found
    }
}

/// How `<V>` and the rate change with the sums, and with the potential at which these are linearised.
struct MeanPotentialSlopes {
    slopes: Slopes,
    per_input: f64,
    per_leak: f64,
    per_ln_rate: f64,
    /// Of `<V>` itself.
    per_mv: f64,
    ln_rate_per_mv: f64,
}

impl MeanPotentialSlopes {
    /// Of `<V>`, at one rate.
    fn directly(&self, sum: Sum) -> f64 {
        match sum {
            Sum::Mean | Sum::ConductanceDrive => self.per_input,
            Sum::Conductance => self.per_leak,
            _ => 0.0,
        }
    }

    /// Of `<V>`, the rate following.
    fn per(&self, sum: Sum) -> f64 {
        self.directly(sum) + self.per_ln_rate * self.slopes.gradient.per(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;
    use crate::stationary::RateMap;
    use crate::testing::read;

    /// Two populations with NMDA of two kinds, a conductance that shares a time constant with one of them, currents and white noise; `g` is the weight of NMDA.
    fn network(g: f64) -> Network {
        read(&format!(
            "[neurons.lif]\nmodel = \"lif\"\nC_m = \"200 pF\"\ng_L = \"10 nS\"\nE_L = \"-70 mV\"\nV_th = \"-50 mV\"\nV_reset = \"-60 mV\"\nt_ref = \"2 ms\"\n\
             [synapses]\nslow = {{ kind = \"nmda\", tau_rise = \"2 ms\", tau_decay = \"60 ms\", alpha = \"0.5 /ms\", E_rev = \"0 mV\" }}\n\
             fast = {{ kind = \"nmda\", tau_rise = \"1 ms\", tau_decay = \"5 ms\", alpha = \"1 /ms\", E_rev = \"5 mV\", Mg = 0.5 }}\n\
             gaba = {{ kind = \"exponential_conductance\", tau = \"5 ms\", E_rev = \"-75 mV\" }}\n\
             ampa = {{ kind = \"exponential_conductance\", tau = \"2 ms\", E_rev = \"0 mV\" }}\n\
             c = {{ kind = \"exponential_current\", tau = \"3 ms\" }}\n\
             [populations]\nE = {{ size = 800, neuron = \"lif\" }}\nI = {{ size = 200, neuron = \"lif\" }}\n\
             [[projections]]\nfrom = \"E\"\nto = [\"E\", \"I\"]\nin_degree = 80\nweight = \"{g} nS\"\nsynapse = \"slow\"\n\
             [[projections]]\nfrom = \"E\"\nto = \"I\"\nin_degree = 20\nweight = \"{g} nS\"\nsynapse = \"fast\"\n\
             [[projections]]\nfrom = \"I\"\nto = [\"E\", \"I\"]\nin_degree = 20\nweight = \"3 nS\"\nsynapse = \"gaba\"\n\
             [[drives]]\nto = [\"E\", \"I\"]\nkind = \"poisson\"\nrate = \"15 kHz\"\nweight = \"0.2 nS\"\nsynapse = \"ampa\"\n\
             [[drives]]\nto = \"I\"\nkind = \"poisson\"\nrate = \"1 kHz\"\nweight = \"20 pA\"\nsynapse = \"c\"\n\
             [[drives]]\nto = \"E\"\nkind = \"noise\"\nmean = \"-1 mV\"\nstd = \"1 mV\"",
        ))
    }

    const FILTERS: [SynapticFilter; 4] =
        [SynapticFilter::Ignore, SynapticFilter::ThresholdShift, SynapticFilter::BrunelWang, SynapticFilter::Auto];

    #[test]
    fn derivatives_with_a_mean_potential_that_follows_are_difference_quotients() {
        // with the largest NMDA takes most of the leak away
        for g in [0.3, 2.0, 8.0] {
            for filter in FILTERS {
                let map = RateMap::new(&network(g), filter).unwrap();
                for rates_hz in [[6.0, 14.0], [30.0, 5.0]] {
                    map.assert_derivatives(&rates_hz, 1e-6, &format!("{g} {filter:?}"));
                }
            }
        }
    }

    #[test]
    fn the_mean_potential_is_the_one_that_it_makes() {
        for filter in FILTERS {
            let map = RateMap::new(&network(0.5), filter).unwrap();
            let rates_hz = [6.0, 14.0];
            for (a, input) in map.inputs(&rates_hz).iter().enumerate() {
                let transfer = &map.transfers()[a];
                let V_mv = input.shunt.blocked.V_mv();
                let rate = transfer.log_rate(input);
                let made = transfer.mean_potential(input, rate.ln_rate_hz).V_mv;
                assert!(input.shunt.blocked.follows && (made - V_mv).abs() < 1e-11, "{filter:?}: {V_mv} {made}");
            }
        }
    }

    /// Without magnesium nothing is blocked, and gates that hardly open do not saturate.
    #[test]
    fn without_block_and_saturation_nmda_is_a_conductance() {
        let with = |kind: &str, weight: f64| {
            read(&format!(
                "[neurons.lif]\nmodel = \"lif\"\nC_m = \"200 pF\"\ng_L = \"10 nS\"\nE_L = \"-70 mV\"\nV_th = \"-50 mV\"\nV_reset = \"-60 mV\"\nt_ref = \"2 ms\"\n\
                 [synapses]\ns = {{ {kind}, E_rev = \"0 mV\" }}\n[populations]\nE = {{ size = 800, neuron = \"lif\" }}\n\
                 [[projections]]\nfrom = \"E\"\nto = \"E\"\nin_degree = 80\nweight = \"{weight} nS\"\nsynapse = \"s\"\n\
                 [[drives]]\nto = \"E\"\nkind = \"noise\"\nmean = \"18 mV\"\nstd = \"5 mV\"",
            ))
        };
        let opened = -f64::exp_m1(-1e-6);
        let gates = "kind = \"nmda\", tau_rise = \"1 ms\", tau_decay = \"10 ms\", alpha = \"0.000001 /ms\", Mg = 0";
        let nmda = with(gates, 0.2 / opened);
        let conductance = with("kind = \"exponential_conductance\", tau = \"10 ms\"", 0.2);
        for filter in [SynapticFilter::Ignore, SynapticFilter::ThresholdShift, SynapticFilter::Auto] {
            let of = |network: &Network| {
                let map = RateMap::new(network, filter).unwrap();
                crate::stationary::solve(&map).unwrap().rates_hz()[0]
            };
            let (found, expected) = (of(&nmda), of(&conductance));
            assert!((found / expected - 1.0).abs() < 1e-5, "{filter:?}: {found} Hz, not {expected} Hz");
        }
    }
}
