//! Conductances as a neuron feels them: its membrane is faster, its mean input a ratio of sums, its noise depends on the potential.
//!
//! ```text
//! tau_m dV/dt = -(V - M) - sum_s g_s (V - E_s) + noise        M: E_L and all currents;  g_s over the leak
//! G = tau_m sum K r <q>,    C = tau_m sum K r <q> E           the mean conductance over the leak, and times its reversal
//! tau_eff = tau_m/(1 + G),    mu_eff = (M + C)/(1 + G)
//! N(V) = sigma^2 + D_2 - 2 D_1 V + D_0 V^2,    D_n = tau_m sum K r <q^2> E^n
//! sigma_eff^2 = N(mu_eff)/(1 + G)
//! ```
//!
//! so that `tau_eff dV = -(V - mu_eff) dt + sigma_eff sqrt(tau_eff) dW` near `mu_eff`. `q` is the part of the way to `E` that a spike takes the potential
//! ([`Action::Conductance`](crate::input::Action)). By these closed forms, the effective time constant approximation, states are looked for; what depends on the potential, and the time
//! constants of the conductances, are `neuron::conductance`, asked at a state as the law of threshold crossings is.
//!
//! Source: Richardson (2004), Phys Rev E 69:051918; Richardson and Gerstner (2005), Neural Comput 17:923.
//! Accuracy: a few roundings beyond those of the closed forms; the approximation errs by 4 to 20 % where noise is filtered (`neuron::conductance` by 2 %).

use crate::input::{NoisePart, Streams, Sum};
use crate::neuron::coloured::FilteredNoise;
use crate::neuron::lif::LogRate;
use crate::neuron::{ConductanceNoise, NoiseShape};

use super::{Gradient, Input};

/// What conductances do to a neuron at an input, besides what is in the input's mean and noise.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shunt {
    /// `G`, the mean conductance over the leak.
    pub conductance: f64,
    /// How noise depends on the potential.
    pub noise: ConductanceNoise,
    /// `d sigma_eff^2/d mu_eff` in mV, and the same of the noise weighted with `tau_syn/tau_m`.
    slope_mv: f64,
    weighted_slope_mv: f64,
}

/// The sums that a neuron with conductances wants besides mean and variance; those of each time constant if these are to be told apart.
pub(super) fn wanted(streams: &Streams, by_time: bool) -> Vec<Sum> {
    let mut wanted = vec![Sum::Conductance, Sum::ConductanceDrive];
    let mut parts = vec![NoisePart::All, NoisePart::Filtered, NoisePart::Weighted];
    if by_time {
        let at = |tau_syn_ms| NoisePart::At { tau_syn_ms };
        parts.extend(Sum::conductance_time_constants_ms(streams).into_iter().map(at));
    }
    wanted.extend(parts.into_iter().flat_map(|part| [0, 1, 2].map(|power| Sum::noise(part, power))));
    wanted
}

/// The noise of a part of the conductances as it depends on the potential, around one, over `1 + G`.
fn shape(sum: &impl Fn(Sum) -> f64, part: NoisePart, V_mv: f64, leak: f64) -> NoiseShape {
    let [zeroth, first, second] = [0, 1, 2].map(|power| sum(Sum::noise(part, power)));
    NoiseShape {
        // as a sum of squares it is not negative, but for rounding
        at_mean_mv2: ((second - 2.0 * first * V_mv + zeroth * V_mv * V_mv) / leak).max(0.0),
        slope_mv: 2.0 * (zeroth * V_mv - first) / leak,
        curvature: zeroth / leak,
    }
}

/// What a neuron of time constant `tau_m_ms` feels of the sums that its population receives; `of_currents` is what it would feel without conductances.
pub(super) fn input(of_currents: Input, tau_m_ms: f64, times: &[Sum], sum: impl Fn(Sum) -> f64) -> Input {
    // parts of a bundle (`stationary::symmetry`) can have negative coefficients
    let conductance = sum(Sum::Conductance).max(0.0);
    let leak = 1.0 + conductance;
    let tau_ms = tau_m_ms / leak;
    let mean_mv = (of_currents.mean_mv + sum(Sum::ConductanceDrive)) / leak;
    let of = |part: NoisePart| shape(&sum, part, mean_mv, leak);
    let (all, filtered_part, weighted) = (of(NoisePart::All), of(NoisePart::Filtered), of(NoisePart::Weighted));
    let current_mv2 = of_currents.std_mv * of_currents.std_mv / leak;
    let variance = current_mv2 + all.at_mean_mv2;
    let share = |part: f64| if variance > 0.0 && part > 0.0 { part / variance } else { 0.0 };
    let filtered_current_mv2 = of_currents.filtered_fraction * current_mv2;
    // what is instantaneous: currents do not depend on the potential
    let mut noise = ConductanceNoise {
        white: all.plus(-1.0, filtered_part).plus(1.0, NoiseShape::constant(current_mv2 - filtered_current_mv2)),
        ..ConductanceNoise::default()
    };
    let mut filtered = of_currents.filtered.times(1.0 / leak);
    for own in of_currents.filtered.as_slice() {
        noise.add_filtered(NoiseShape::constant(own.variance_mv2 / leak), own.tau_ms + own.tau_rise_ms, tau_ms);
    }
    for time in times {
        if let Sum::ConductanceNoise { part: part @ NoisePart::At { tau_syn_ms }, power: 0 } = *time {
            let shape = of(part);
            filtered.add(FilteredNoise::exponential(shape.at_mean_mv2, tau_syn_ms));
            noise.add_filtered(shape, tau_syn_ms, tau_ms);
        }
    }
    let tau_syn_over_tau_m = leak * share(of_currents.tau_syn_over_tau_m * current_mv2 + weighted.at_mean_mv2);
    Input {
        mean_mv,
        std_mv: variance.sqrt(),
        tau_syn_over_tau_m,
        filtered_fraction: share(filtered_current_mv2 + filtered_part.at_mean_mv2).min(1.0),
        filtered,
        jumps: of_currents.jumps,
        shunt: Shunt { conductance, noise, slope_mv: all.slope_mv, weighted_slope_mv: weighted.slope_mv },
    }
}

/// The gradient in the sums, from the derivatives of a rate in what the closed forms take: `mu_eff`, `sigma_eff`, the shift, `tau_eff`.
pub(super) fn gradient(input: &Input, rate: &LogRate, per_ratio: f64, tau_m_ms: f64) -> Gradient {
    let leak = 1.0 + input.shunt.conductance;
    let mu = input.mean_mv;
    let variance = input.std_mv * input.std_mv;
    let Shunt { slope_mv, weighted_slope_mv, .. } = input.shunt;
    // ratio = leak W/variance, W the noise weighted with tau_syn/tau_m
    let ratio = input.tau_syn_over_tau_m;
    let (per_variance, per_weighted) = match variance > 0.0 {
        true => (rate.d_variance - per_ratio * ratio / variance, per_ratio * leak / variance),
        false => (rate.d_variance, 0.0),
    };
    let per_mu = rate.d_mu + per_variance * slope_mv + per_weighted * weighted_slope_mv;
    // everything is over 1 + G: mu_eff, sigma_eff^2, the weighted noise, and tau_eff; the ratio has it once more on top
    let per_leak = (-mu * per_mu - variance * per_variance - rate.d_tau_m * tau_m_ms / leak) / leak;
    let powers = [mu * mu, -2.0 * mu, 1.0];
    let mut gradient = Gradient::default();
    gradient.add(Sum::Mean, per_mu / leak);
    gradient.add(Sum::Variance, per_variance / leak);
    gradient.add(Sum::Filter, per_weighted / leak);
    gradient.add(Sum::ConductanceDrive, per_mu / leak);
    gradient.add(Sum::Conductance, per_leak);
    for (power, factor) in (0..).zip(powers) {
        gradient.add(Sum::noise(NoisePart::All, power), per_variance * factor / leak);
        gradient.add(Sum::noise(NoisePart::Weighted, power), per_weighted * factor / leak);
    }
    gradient
}

#[cfg(test)]
mod tests {
    use crate::network::Network;
    use crate::neuron::lif::SynapticFilter;
    use crate::stationary::RateMap;
    use crate::testing::read;

    /// Two populations with conductances of every kind, currents and white noise.
    fn network(exponential: bool) -> Network {
        let kind = |tau_ms: f64| match exponential {
            true => format!("kind = \"exponential_conductance\"\ntau = \"{tau_ms} ms\""),
            false => "kind = \"delta_conductance\"".to_string(),
        };
        let weight = |one: f64, other: f64| if exponential { one } else { other };
        read(&format!(
            "[neurons.lif]\nmodel = \"lif\"\nC_m = \"200 pF\"\ng_L = \"10 nS\"\nE_L = \"-70 mV\"\nV_th = \"-50 mV\"\nV_reset = \"-60 mV\"\nt_ref = \"2 ms\"\n\
             [synapses.e]\n{}\nE_rev = \"0 mV\"\n[synapses.i]\n{}\nE_rev = \"-75 mV\"\n\
             [synapses.c]\nkind = \"exponential_current\"\ntau = \"3 ms\"\n\
             [populations.E]\nsize = 800\nneuron = \"lif\"\n[populations.I]\nsize = 200\nneuron = \"lif\"\n\
             [[projections]]\nfrom = \"E\"\nto = [\"E\", \"I\"]\nin_degree = 80\nweight = \"{} nS\"\nsynapse = \"e\"\n\
             [[projections]]\nfrom = \"I\"\nto = [\"E\", \"I\"]\nin_degree = 20\nweight = \"{} nS\"\nsynapse = \"i\"\n\
             [[drives]]\nto = [\"E\", \"I\"]\nkind = \"poisson\"\nrate = \"18 kHz\"\nweight = \"{} nS\"\nsynapse = \"e\"\n\
             [[drives]]\nto = \"I\"\nkind = \"poisson\"\nrate = \"1 kHz\"\nweight = \"20 pA\"\nsynapse = \"c\"\n\
             [[drives]]\nto = \"E\"\nkind = \"noise\"\nmean = \"-1 mV\"\nstd = \"1 mV\"",
            kind(2.0),
            kind(5.0),
            weight(0.3, 0.03),
            weight(3.0, 0.3),
            weight(0.2, 0.02),
        ))
    }

    #[test]
    fn derivatives_of_the_map_with_conductances_are_difference_quotients() {
        for exponential in [true, false] {
            for filter in [SynapticFilter::Ignore, SynapticFilter::ThresholdShift, SynapticFilter::Auto] {
                let map = RateMap::new(&network(exponential), filter).unwrap();
                let rates_hz = [6.0, 14.0];
                let found = map.evaluate(&rates_hz);
                for b in 0..2 {
                    let step = 1e-4;
                    let at = |sign: f64| {
                        let mut moved = rates_hz;
                        moved[b] += sign * step;
                        [0, 1].map(|a| map.ln_output(a, &moved))
                    };
                    let (up, down) = (at(1.0), at(-1.0));
                    for a in 0..2 {
                        let expected = (up[a] - down[a]) / (2.0 * step);
                        let off = (found.per_hz[(a, b)] - expected).abs();
                        assert!(
                            off < 1e-7 * expected.abs().max(0.01),
                            "{filter:?} {a} {b}: {} {expected}",
                            found.per_hz[(a, b)]
                        );
                    }
                }
            }
        }
    }

    /// So that measures of trust, which are those of currents, belong to the state.
    #[test]
    fn the_network_of_currents_at_a_state_has_its_rates_and_inputs() {
        for exponential in [true, false] {
            let map = RateMap::new(&network(exponential), SynapticFilter::Auto).unwrap();
            let state = crate::stationary::solve(&map).unwrap();
            let rates_hz = state.rates_hz();
            let linear = map.linearised_at(&rates_hz, &map.lengthenings_at(&rates_hz));
            let (inputs, expected) = (linear.inputs(&rates_hz), map.inputs(&rates_hz));
            for a in 0..2 {
                assert!((inputs[a].mean_mv - expected[a].mean_mv).abs() < 1e-10, "{inputs:?} {expected:?}");
                assert!((inputs[a].std_mv / expected[a].std_mv - 1.0).abs() < 1e-9, "{inputs:?} {expected:?}");
                assert!((inputs[a].tau_syn_over_tau_m - expected[a].tau_syn_over_tau_m).abs() < 1e-9, "{inputs:?}");
                let rate = linear.log_rate(a, &inputs[a]).rate_hz();
                assert!((rate / rates_hz[a] - 1.0).abs() < 1e-6, "{rate} {rates_hz:?}");
            }
        }
    }
}
