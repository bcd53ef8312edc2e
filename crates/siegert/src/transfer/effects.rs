//! What a stream that is modulated does to force and noise of a neuron: parts of its linear response.
//!
//! ```text
//! without conductances:   F_1 = tau K <J>,                          G_1 = tau K <J^2>                                per Hz of what is sent
//! with conductances:      F_1 = tau K <q> (E - V)/(1 + G),          G_1 = rho tau K <q^2> (E - V)^2/(1 + G),         tau = tau_m
//!                         F_1 more by G_1'/4 where noise is smooth  (rho = tau_eff/(tau_eff + tau_s), or 1 where time constants are not told apart)
//! ```
//!
//! `V` is counted from the potential `V_n` where noise is taken. NMDA is linear around the mean potential. Neurons with conductances are asked for forces and noise that depend on the potential (`neuron::conductance`). What the
//! transfer of the state says of slow modulations beyond that (the mean conductance moves `rho`, the shift of the threshold and the mean potential of a block, while what the law of threshold crossings adds is held) is
//! a force as well, one real number for each stream by which the response at rest is the derivative of the rate.
//!
//! Source: ours; `F_1` and `G_1` of instantaneous conductances are those of Richardson (2004), Phys Rev E 69:051918.
//! Accuracy: at rest the derivative of the rate, but for roundings; at high frequencies that of the solver.

use num_complex::Complex64;

use super::{Gradient, Input, Transfer};
use crate::input::{Action, Kinetics, Stream};
use crate::neuron::Modulated;
use crate::neuron::lif::Response;

/// A force of so many mV, noise of so many mV^2, a force `x`, noise `x` and `x^2`, of the potential `x` from `V_n`.
pub(crate) type Parts = [f64; 5];

/// What a stream does for each Hz that is sent: by the mean of what is sent, and by its noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Effects {
    pub(crate) mean: Parts,
    pub(crate) noise: Parts,
}

/// A neuron at an input that is modulated.
pub(crate) struct Receiver<'a> {
    transfer: &'a Transfer,
    input: &'a Input,
    /// Of neurons with conductances the rate, how it changes with the sums, and the response at rest.
    conducting: Option<(f64, Gradient, Response)>,
}

impl<'a> Receiver<'a> {
    pub(crate) fn new(transfer: &'a Transfer, input: &'a Input, neuron: &Modulated) -> Self {
        let conducting = transfer.has_conductances().then(|| {
            let rate = transfer.log_rate(input);
            (rate.rate_hz(), transfer.gradient(input, &rate), neuron.response(Complex64::ZERO))
        });
        Receiver { transfer, input, conducting }
    }

    /// What a stream does that reaches it.
    pub(crate) fn effects(&self, stream: &Stream) -> Effects {
        let own = [1, 2].map(|n| stream.jump_sum_per_hz(n));
        let Some((rate_hz, gradient, at_rest)) = &self.conducting else {
            return Effects { mean: [own[0], 0.0, 0.0, 0.0, 0.0], noise: [0.0, own[1], 0.0, 0.0, 0.0] };
        };
        let mut effects = self.on_conducting(stream, own);
        let [mut of_mean, mut of_noise] = [0.0; 2];
        for (sum, per_unit) in gradient.terms() {
            let per_hz = sum.of_stream_per_hz(stream, own).unwrap_or(0.0);
            *(if sum.is_noise() { &mut of_noise } else { &mut of_mean }) += rate_hz * per_unit * per_hz;
        }
        for (parts, expected) in [(&mut effects.mean, of_mean), (&mut effects.noise, of_noise)] {
            let more_mv = (expected - at_rest.to(parts).re) / at_rest.hz_per_mv.re;
            // what never fires does not respond
            if more_mv.is_finite() {
                parts[0] += more_mv;
            }
        }
        effects
    }

    /// What the flow of the neuron says.
    fn on_conducting(&self, stream: &Stream, [mean_mv, variance_mv2]: [f64; 2]) -> Effects {
        let shunt = &self.input.shunt;
        let leak = 1.0 + shunt.conductance;
        let time_ms = stream.kinetics.time_ms();
        let is_told_apart = shunt.felt.is_some() && stream.kinetics != Kinetics::Delta;
        let tau_ms = self.transfer.relaxing_time_ms(self.input);
        let rho = if is_told_apart { tau_ms / (tau_ms + time_ms) } else { 1.0 };
        let Action::Conductance { reversal_mv, parts: [part, square, ..], block, .. } = stream.action else {
            let noise = rho * variance_mv2 / leak;
            return Effects { mean: [mean_mv / leak, 0.0, 0.0, 0.0, 0.0], noise: [0.0, noise, 0.0, 0.0, 0.0] };
        };
        let V_n_mv = shunt.noise_at_mv().unwrap_or(self.input.mean_mv);
        // the drive is at + along x
        let (at_mv, along) = block.map_or((reversal_mv - V_n_mv, -1.0), |block| {
            let mean_mv = shunt.mean_potential_mv();
            let there = block.at(mean_mv);
            (-there.current_mv - there.slope * (V_n_mv - mean_mv), -there.slope)
        });
        let force = stream.events_per_hz() * part / leak;
        let size = rho * stream.events_per_hz() * square / leak;
        let smooth = if is_told_apart { 0.5 * size * along } else { 0.0 };
        let noise =
            [smooth * at_mv, size * at_mv * at_mv, smooth * along, 2.0 * size * at_mv * along, size * along * along];
        Effects { mean: [force * at_mv, 0.0, force * along, 0.0, 0.0], noise }
    }
}

impl Transfer {
    /// The time in which what it has of a leak relaxes the potential at an input.
    fn relaxing_time_ms(&self, input: &Input) -> f64 {
        let relaxing = match &self.conductances {
            Some(conductances) => conductances.relaxing(input.shunt.conductance),
            None => 1.0,
        };
        self.time_constant_ms() / relaxing
    }
}
