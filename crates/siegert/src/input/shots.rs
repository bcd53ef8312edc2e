//! The size of single jumps: what the diffusion approximation leaves out.
//!
//! With `m_n = tau_m sum K r <J^n>` over all inputs, in mV^n:
//!
//! ```text
//! dp/dt = sum_n (-d/dV)^n [D_n p],    D1 = (mu - V)/tau_m,  D2 = sigma^2/(2 tau_m),  D3 = m_3/(6 tau_m),  D4 = m_4/(24 tau_m)
//! kappa_n = sum K r <J^n> int k^n dt                              cumulants of the membrane without threshold
//! ```
//!
//! `k` is the course of the potential after one spike (`psp`), `tau_m/n` for its integral where the potential jumps.
//! White noise counts in `sigma^2` and `kappa_2` alone. A current counts in the `D_n` with the jump that its charge makes.
//!
//! Source: Risken (1989), *The Fokker-Planck Equation*, section 4.1; Campbell (1909), Proc Camb Phil Soc 15:117.
//! Accuracy: a few roundings.

use crate::network::Network;

use super::psp::{peak, power_integral};
use super::{Kinetics, Stream, Streams};

/// Sums over the spikes that one population receives.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Shots {
    /// Spikes per neuron within `tau_m`.
    pub events_per_tau_m: f64,
    /// `tau_m sum K r <J^n>` for `n` = 1..4, in mV^n.
    pub jump_sums: [f64; 4],
    /// Cumulants `kappa_2`, `kappa_3`, `kappa_4` of the membrane without threshold, in mV^n.
    pub free_cumulants: [f64; 3],
    /// The part of `jump_sums` from excitatory inputs that are instantaneous.
    pub excitatory_jumps: [f64; 4],
    /// The part of `jump_sums[1]` from inhibitory inputs that are instantaneous, in mV^2.
    pub inhibitory_jump_variance_mv2: f64,
    /// Largest peak of the potential that one spike causes, in mV; for random weights `|mean| + 2 std`.
    pub largest_psp_mv: f64,
}

/// What every population receives at the rates `rates_hz`, shape `(populations,)`.
pub fn shots(network: &Network, streams: &Streams, rates_hz: &[f64]) -> Vec<Shots> {
    let mut all = vec![Shots::default(); network.populations.len()];
    for (shots, steady) in all.iter_mut().zip(&streams.steady) {
        shots.free_cumulants[0] = 0.5 * steady.variance_mv2;
    }
    for stream in &streams.streams {
        let events = stream.events_per_hz() * stream.sent_hz(rates_hz);
        if events > 0.0 {
            all[stream.target].add(stream, events);
        }
    }
    all
}

impl Shots {
    fn add(&mut self, stream: &Stream, events: f64) {
        let moments = stream.jump_moments();
        let instantaneous = stream.kinetics == Kinetics::Delta;
        self.events_per_tau_m += events;
        for (n, moment) in (1..=4).zip(moments) {
            let sum = events * moment;
            self.jump_sums[n - 1] += sum;
            if n > 1 {
                self.free_cumulants[n - 2] +=
                    sum * power_integral(n as u8, stream.tau_m_ms, stream.kinetics) / n as f64;
            }
            if instantaneous && moments[0] > 0.0 {
                self.excitatory_jumps[n - 1] += sum;
            }
        }
        if instantaneous && moments[0] < 0.0 {
            self.inhibitory_jump_variance_mv2 += events * moments[1];
        }
        let psp = peak(stream.tau_m_ms, stream.kinetics);
        let typical = moments[0].abs() + 2.0 * stream.jump_variance_mv2().sqrt();
        self.largest_psp_mv = self.largest_psp_mv.max(psp * typical);
    }

    /// Skewness of the membrane without threshold, `kappa_3 / kappa_2^(3/2)`; `None` without noise.
    pub fn skewness(&self) -> Option<f64> {
        let [second, third, _] = self.free_cumulants;
        (second > 0.0).then(|| third / (second * second.sqrt()))
    }

    /// Excess kurtosis of the membrane without threshold, `kappa_4 / kappa_2^2`; `None` without noise.
    pub fn excess_kurtosis(&self) -> Option<f64> {
        let [second, _, fourth] = self.free_cumulants;
        (second > 0.0).then(|| fourth / (second * second))
    }

    /// Mean overshoot past the threshold of the jump that makes the spike, in mV: see `mean_overshoot_mv`.
    pub fn overshoot_mv(&self, variance_mv2: f64) -> f64 {
        let [first, second, third, _] = self.excitatory_jumps;
        let continuous = (variance_mv2 - second - self.inhibitory_jump_variance_mv2).max(0.0);
        mean_overshoot_mv([first, second, third], self.inhibitory_jump_variance_mv2, continuous)
    }
}

/// Mean overshoot past the threshold of the jump that makes the spike, in mV, from the first three moments of excitatory jumps, the variance of inhibitory ones, and that of
/// what moves the potential continuously, all of them times rates.
///
/// With only excitatory jumps, white noise and the leak, it is `m_3/(3 sigma^2)` (`J/3` for jumps of one size, the mean jump
/// for an exponential law): the stationary overshoot `int h^2 dH / (2 int h dH)` of a process that creeps or jumps upwards, `H` the
/// law of its ladder heights. Inhibitory jumps put the potential on a lattice, which raises `J/3` towards `J/2` for jumps of one
/// size and changes nothing for an exponential law; the `0.42 J` reached where inhibition makes half of the noise or
/// more is a fit to exact rates (`tests/reference/shot_noise_fixed.csv`), with linear interpolation in between. Inputs
/// through synapses with a time constant move the potential continuously, as white noise does.
pub(crate) fn mean_overshoot_mv([first, second, third]: [f64; 3], inhibitory_mv2: f64, continuous_mv2: f64) -> f64 {
    const LATTICE: f64 = 3.0 * 0.42 - 1.0;
    if second <= 0.0 {
        return 0.0;
    }
    // 1 for one size, 3/2 for an exponential law
    let breadth = first * third / (second * second);
    let one_size = 1.0 - (2.0 * (breadth - 1.0)).clamp(0.0, 1.0);
    let inhibition = (2.0 * inhibitory_mv2 / (second + inhibitory_mv2)).min(1.0);
    third / (3.0 * (second + continuous_mv2)) * (1.0 + LATTICE * inhibition * one_size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestNetwork;

    /// Neurons whose `tau_m` is 10 ms, and a synapse with a time constant.
    fn neurons() -> TestNetwork {
        TestNetwork::one_population(100)
            .neuron("tau_m", "10 ms")
            .neuron("C_m", "250 pF")
            .exponential_synapse("slow", 0.5)
    }

    fn of(network: &TestNetwork) -> Shots {
        let network = network.read();
        shots(&network, &Streams::new(&network).unwrap(), &[0.0]).remove(0)
    }

    /// With Poisson drives of 10 Hz, by in-degree and weight.
    fn hearing(drives: &[(u32, &str)]) -> TestNetwork {
        drives.iter().fold(neurons(), |network, (in_degree, weight)| {
            network.drive(
                "A",
                &format!("kind = \"poisson\"\nrate = \"10 Hz\"\nin_degree = {in_degree}\nweight = {weight}"),
            )
        })
    }

    fn close(found: f64, expected: f64) -> bool {
        (found - expected).abs() <= 1e-13 * expected.abs()
    }

    #[test]
    fn jumps_of_one_size_have_the_cumulants_of_campbell() {
        // 100 events in tau_m of 0.5 mV, 40 of -1 mV
        let found = of(&hearing(&[(1000, "\"0.5 mV\""), (400, "\"-1 mV\"")]));
        assert!(close(found.events_per_tau_m, 140.0) && close(found.largest_psp_mv, 1.0), "{found:?}");
        let sums = [50.0 - 40.0, 25.0 + 40.0, 12.5 - 40.0, 6.25 + 40.0];
        assert!(found.jump_sums.iter().zip(sums).all(|(&found, sum)| close(found, sum)), "{found:?}");
        let sigma = 65f64.sqrt();
        assert!(close(found.skewness().unwrap(), 8f64.sqrt() / 3.0 * -27.5 / sigma.powi(3)), "{found:?}");
        assert!(close(found.excess_kurtosis().unwrap(), 46.25 / sigma.powi(4)), "{found:?}");
    }

    #[test]
    fn currents_and_white_noise_enter_the_free_membrane_as_their_time_course_says() {
        // 87.8 pA: a jump of 0.1756 mV, a PSP of 0.15 mV; free variance sigma^2/2 tau_m/(tau_m + tau_syn)
        let current = "\"87.80849352920843 pA\"\nsynapse = \"slow\"";
        let found = of(&hearing(&[(1000, current)]).noise("A", 1.0, 2.0));
        assert!((found.largest_psp_mv - 0.15).abs() < 1e-12);
        let jump: f64 = 87.80849352920843 * 0.5 / 250.0;
        assert!(close(found.free_cumulants[0], 0.5 * (4.0 + 100.0 * jump * jump * 10.0 / 10.5)), "{found:?}");
        assert_eq!(found.excitatory_jumps, [0.0; 4]);
        assert_eq!(found.overshoot_mv(4.0 + found.jump_sums[1]), 0.0);
    }

    #[test]
    fn random_weights_count_with_twice_their_standard_deviation() {
        let found = of(&hearing(&[(100, "{ mean = \"-0.5 mV\", std = \"0.1 mV\" }")]));
        assert!((found.largest_psp_mv - 0.7).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn the_overshoot_is_a_third_of_a_jump_or_the_mean_of_an_exponential_law() {
        let fixed = of(&hearing(&[(1000, "\"0.3 mV\"")]));
        assert!(close(fixed.overshoot_mv(fixed.jump_sums[1]), 0.1));
        // as much white noise as noise of the jumps: half of the crossings creep
        assert!(close(fixed.overshoot_mv(2.0 * fixed.jump_sums[1]), 0.05));
        let inhibited = of(&hearing(&[(1000, "\"0.3 mV\""), (1000, "\"-0.3 mV\"")]));
        assert!(close(inhibited.overshoot_mv(inhibited.jump_sums[1]), 0.3 * 0.42));
        let law = "{ distribution = \"exponential\", mean = \"0.3 mV\" }";
        let exponential = of(&hearing(&[(1000, law), (1000, "\"-0.3 mV\"")]));
        assert!(close(exponential.overshoot_mv(exponential.jump_sums[1]), 0.3));
    }
}
