//! The one list of numbers that can be asked for by name: of networks, of their states, of populations in theory and simulation.
//!
//! An entry says what a number is called and what it is: its name, the other names by which it can be asked for, its unit, what has one of it,
//! its words; then where it is taken from, a state of the theory or a simulated population. Options of commands, `[[expect]]` of the network file,
//! columns of tables and axes of pictures all read this list, so that a new number is one new entry.
//!
//! The list is a macro, because two parts of the crate read it that may not know each other: [`Named`], the names alone, of which the reader
//! of network files asks, knows no theory; `report::quantity` makes of the same entries what takes the numbers from results.

use crate::network::spelling::nearest;

/// What has one value of a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// A network.
    Network,
    /// A stationary state.
    State,
    /// A population, in a state or a simulation.
    Population,
    /// A pair of populations.
    Pair,
    /// A frequency.
    Frequency,
    /// A time.
    Time,
}

/// The name of a quantity and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Named {
    /// Its name, with the unit at the end: `rate_hz`.
    pub name: &'static str,
    /// Other names by which it can be asked for.
    pub also: &'static [&'static str],
    /// Its unit; empty for plain numbers.
    pub unit: &'static str,
    /// What has one of it.
    pub scope: Scope,
    /// What it is, for the middle of a sentence.
    pub words: &'static str,
}

/// Hands the list to a macro, as it stands: the five fields of [`Named`], then the fields of `report::quantity::Quantity` that are not `None`.
macro_rules! with_all_quantities {
    ($apply:ident) => {
        $apply! {
            ["rate_hz", ["rate"], "Hz", Population, "rate"] {
                of_population: Some(|s, a| Some(s.rate_hz(a))), simulated: Some(|p| Some(p.rate_hz)), target: Some(TargetQuantity::Rate) }
            ["log10_rate_hz", ["log10_rate"], "", Population, "decadic logarithm of the rate in Hz"] {
                of_population: Some(|s, a| Some(s.log10_rate_hz(a))) }
            ["mean_input_mv", ["mean_input", "mu", "mu_mv"], "mV", Population, "mean input"] {
                of_population: Some(|s, a| Some(s.mean_input_mv(a))),
                simulated: Some(|p| p.input.as_ref().map(|input| input.mean_mv)), target: Some(TargetQuantity::MeanInput) }
            ["std_input_mv", ["std_input", "sigma", "sigma_mv"], "mV", Population, "standard deviation of the input"] {
                of_population: Some(|s, a| Some(s.std_input_mv(a))),
                simulated: Some(|p| p.input.as_ref().map(|input| input.std_mv)), target: Some(TargetQuantity::StdInput) }
            ["cv", [], "", Population, "CV of the interspike intervals"] {
                of_population: Some(|s, a| s.cv(a)), simulated: Some(|p| p.cv), target: Some(TargetQuantity::Cv) }
            ["distance_to_threshold_over_sigma", ["threshold_distance", "distance_to_threshold"], "", Population,
                "distance of the mean input from threshold, over its standard deviation (positive: noise makes the spikes)"] {
                of_population: Some(|s, a| s.distance_to_threshold_over_sigma(a)) }

            ["index", [], "", State, "index of the state"] { whole: true, of_state: Some(|s| Some(f64::from(s.index()))) }
            ["multiplicity", [], "", State, "number of permutations of the state"] {
                whole: true, of_state: Some(|s| Some(s.multiplicity() as f64)) }
            ["residual", [], "", State, "relative error with which the equations are solved"] { of_state: Some(|s| Some(s.residual())) }
            ["growth_per_s", ["growth"], "1/s", State, "growth of the rightmost mode of the rate dynamics"] {
                of_state: Some(|s| s.rightmost().map(|mode| mode.growth_per_s)) }
            ["oscillation_hz", ["oscillation", "frequency"], "Hz", State, "frequency of the rightmost mode of the rate dynamics"] {
                of_state: Some(|s| s.rightmost().map(|mode| mode.frequency_hz.abs())) }

            ["membrane_mean_mv", ["mean_V_mv", "mean_V", "membrane_mean"], "mV", Population, "mean membrane potential"] {
                simulated: Some(|p| p.membrane.as_ref().map(|membrane| membrane.mean_mv)) }
            ["membrane_std_mv", ["std_V_mv", "std_V", "membrane_std"], "mV", Population, "standard deviation of the membrane potential"] {
                simulated: Some(|p| p.membrane.as_ref().map(|membrane| membrane.std_mv)) }
            ["refractory_fraction", [], "", Population, "fraction of the time spent refractory"] {
                simulated: Some(|p| p.membrane.as_ref().map(|membrane| membrane.refractory_fraction)) }
            ["mean_input_std_over_neurons_mv", [], "mV", Population, "standard deviation of the mean input over neurons"] {
                simulated: Some(|p| p.input.as_ref().map(|input| input.mean_std_over_neurons_mv)) }
            ["spikes", [], "", Population, "number of spikes"] { whole: true, simulated: Some(|p| Some(p.spikes as f64)) }
            ["rate_standard_error_hz", [], "Hz", Population, "standard error of the rate"] { simulated: Some(|p| p.rate_standard_error_hz) }
            ["cv_std", [], "", Population, "standard deviation of the CV over neurons"] { simulated: Some(|p| p.cv_std) }
            ["cv_neurons", [], "", Population, "number of neurons with at least 10 spikes"] {
                whole: true, simulated: Some(|p| Some(p.cv_neurons as f64)) }
            ["correlation", [], "", Population, "correlation of spike counts"] { simulated: Some(|p| p.correlation) }
            ["correlation_standard_error", [], "", Population, "standard error of the correlation"] {
                simulated: Some(|p| p.correlation_standard_error) }
            ["correlation_neurons", [], "", Population, "number of neurons of the sample whose counts varied"] {
                whole: true, simulated: Some(|p| Some(p.correlation_neurons as f64)) }
            ["correlation_all_pairs", [], "", Population, "correlation of the spike counts of all pairs"] {
                simulated: Some(|p| p.correlation_all_pairs) }
            ["fano_factor", [], "", Population, "Fano factor of the population's spike count"] { simulated: Some(|p| p.fano_factor) }
            ["single_neuron_fano_factor", [], "", Population, "Fano factor of a neuron's spike count"] {
                simulated: Some(|p| p.single_neuron_fano_factor) }

            ["events_per_tau_m", [], "", Population, "number of spikes that a neuron receives within tau_m"] {
                of_population: Some(|s, a| Some(s.validity(a).events_per_tau_m)) }
            ["spike_noise_fraction", [], "", Population, "part of the noise that comes by spikes"] {
                of_population: Some(|s, a| Some(s.validity(a).spike_noise_fraction)) }
            ["largest_psp_mv", [], "mV", Population, "largest PSP"] { of_population: Some(|s, a| Some(s.validity(a).largest_psp_mv)) }
            ["psp_over_threshold_distance", [], "", Population, "largest PSP over V_th - V_reset"] {
                of_population: Some(|s, a| Some(s.validity(a).psp_over_threshold_distance)) }
            ["skewness", [], "", Population, "skewness of the free membrane potential"] {
                of_population: Some(|s, a| s.validity(a).skewness) }
            ["excess_kurtosis", [], "", Population, "excess kurtosis of the free membrane potential"] {
                of_population: Some(|s, a| s.validity(a).excess_kurtosis) }
            ["third_over_second", [], "", Population, "third Kramers-Moyal term over the second"] {
                of_population: Some(|s, a| s.validity(a).third_over_second) }
            ["d1_at_V_reset_mv_per_ms", ["kramers_moyal.d1_at_V_reset_mv_per_ms"], "mV/ms", Population, "drift at the reset potential"] {
                of_population: Some(|s, a| s.validity(a).kramers_moyal.d1_at_V_reset_mv_per_ms) }
            ["d1_at_V_th_mv_per_ms", ["kramers_moyal.d1_at_V_th_mv_per_ms"], "mV/ms", Population, "drift at threshold"] {
                of_population: Some(|s, a| Some(s.validity(a).kramers_moyal.d1_at_V_th_mv_per_ms)) }
            ["d2_mv2_per_ms", ["kramers_moyal.d2_mv2_per_ms"], "mV^2/ms", Population, "diffusion coefficient"] {
                of_population: Some(|s, a| Some(s.validity(a).kramers_moyal.d2_mv2_per_ms)) }
            ["d3_mv3_per_ms", ["kramers_moyal.d3_mv3_per_ms"], "mV^3/ms", Population, "third Kramers-Moyal coefficient"] {
                of_population: Some(|s, a| Some(s.validity(a).kramers_moyal.d3_mv3_per_ms)) }
            ["d4_mv4_per_ms", ["kramers_moyal.d4_mv4_per_ms"], "mV^4/ms", Population, "fourth Kramers-Moyal coefficient"] {
                of_population: Some(|s, a| Some(s.validity(a).kramers_moyal.d4_mv4_per_ms)) }
            ["shot_noise_corrected_rate_hz", [], "Hz", Population, "rate with jumps of their size, same input"] {
                of_population: Some(|s, a| s.validity(a).shot_noise_corrected_rate_hz) }
            ["shot_noise_deviation", [], "", Population, "relative change of the rate by the size of jumps"] {
                of_population: Some(|s, a| s.validity(a).shot_noise_deviation) }
            ["shot_noise_expansion_parameter", [], "", Population, "parameter of the expansion in the size of jumps"] {
                of_population: Some(|s, a| s.validity(a).shot_noise_expansion_parameter) }
            ["tau_syn_over_tau_m", [], "", Population, "synaptic over membrane time constant"] {
                of_population: Some(|s, a| Some(s.validity(a).tau_syn_over_tau_m)) }
            ["filtered_fraction", [], "", Population, "part of the noise through synapses with a time constant"] {
                of_population: Some(|s, a| Some(s.validity(a).filtered_fraction)) }
            ["shared_input_fraction", [], "", Population, "fraction of inputs that two neurons share"] {
                of_population: Some(|s, a| s.validity(a).shared_input_fraction) }
            ["input_correlation", [], "", Population, "correlation of the inputs of two neurons, feedback left out"] {
                of_population: Some(|s, a| s.validity(a).input_correlation) }
            ["shared_drive_correlation", [], "", Population, "correlation of the inputs that shared drives make"] {
                of_population: Some(|s, a| s.validity(a).shared_drive_correlation) }
            ["output_correlation", [], "", Population, "correlation of spike counts that shared input makes, feedback left out"] {
                of_population: Some(|s, a| s.validity(a).output_correlation) }
            ["largest_presynaptic_cv2_deviation", [], "", Population, "largest deviation of CV^2 from 1 among the neurons heard"] {
                of_population: Some(|s, a| s.validity(a).largest_presynaptic_cv2_deviation) }
            ["low_frequency_noise_deviation", [], "", Population, "noise at low frequency over that of Poisson inputs, minus 1"] {
                of_population: Some(|s, a| s.validity(a).low_frequency_noise_deviation) }
            ["mean_adaptation_mv", [], "mV", Population, "mean adaptation over the leak conductance"] {
                of_population: Some(|s, a| s.validity(a).mean_adaptation_mv) }
            ["adaptation_std_over_sigma", [], "", Population, "standard deviation of the adaptation over sigma"] {
                of_population: Some(|s, a| s.validity(a).adaptation_std_over_sigma) }
            ["conductance_over_leak", ["total_conductance"], "", Population, "mean conductance over the leak"] {
                of_population: Some(|s, a| s.conductances(a).map(|it| it.conductance_over_leak)) }
            ["tau_eff_ms", ["tau_eff"], "ms", Population, "time constant of the membrane with its conductances"] {
                of_population: Some(|s, a| s.conductances(a).map(|it| it.tau_eff_ms)) }
            ["mean_of_conductances_mv", [], "mV", Population, "mean that conductances alone would make"] {
                of_population: Some(|s, a| s.conductances(a).and_then(|it| it.mean_of_conductances_mv)) }
            ["conductance_std_over_mean", [], "", Population, "standard deviation of the total conductance over its mean"] {
                of_population: Some(|s, a| s.validity(a).conductance_std_over_mean) }
            ["spikes_per_tau_w", [], "", Population, "spikes of a neuron within tau_w"] {
                of_population: Some(|s, a| s.validity(a).spikes_per_tau_w) }
            ["random_part_spectral_radius", [], "", Population, "spectral radius of the random part of the connections"] {
                of_population: Some(|s, a| Some(s.validity(a).random_part_spectral_radius)) }
            ["effect_of_jumps", ["effects.jumps", "effects.jumps.ratio"], "", Population, "rate with jumps of their size over the rate without"] {
                of_population: Some(|s, a| s.validity(a).effects.jumps.map(|effect| effect.ratio)) }
            ["rate_with_jumps_hz", ["effects.jumps.with_hz"], "Hz", Population, "rate with jumps of their size, same input"] {
                of_population: Some(|s, a| s.validity(a).effects.jumps.map(|effect| effect.with_hz)) }
            ["rate_without_jumps_hz", ["effects.jumps.without_hz"], "Hz", Population, "rate without jumps of their size, same input"] {
                of_population: Some(|s, a| s.validity(a).effects.jumps.map(|effect| effect.without_hz)) }
            ["effect_of_filter", ["effects.filter", "effects.filter.ratio"], "", Population, "rate with synaptic time constants over the rate without"] {
                of_population: Some(|s, a| s.validity(a).effects.filter.map(|effect| effect.ratio)) }
            ["rate_with_filter_hz", ["effects.filter.with_hz"], "Hz", Population, "rate with synaptic time constants, same input"] {
                of_population: Some(|s, a| s.validity(a).effects.filter.map(|effect| effect.with_hz)) }
            ["rate_without_filter_hz", ["effects.filter.without_hz"], "Hz", Population, "rate without synaptic time constants, same input"] {
                of_population: Some(|s, a| s.validity(a).effects.filter.map(|effect| effect.without_hz)) }
            ["effect_of_conductance_noise", ["effects.conductance_noise", "effects.conductance_noise.ratio"], "", Population, "rate with noise that depends on the potential over the rate without"] {
                of_population: Some(|s, a| s.validity(a).effects.conductance_noise.map(|effect| effect.ratio)) }
            ["rate_with_conductance_noise_hz", ["effects.conductance_noise.with_hz"], "Hz", Population, "rate with noise that depends on the potential, same input"] {
                of_population: Some(|s, a| s.validity(a).effects.conductance_noise.map(|effect| effect.with_hz)) }
            ["rate_without_conductance_noise_hz", ["effects.conductance_noise.without_hz"], "Hz", Population, "rate without noise that depends on the potential, same input"] {
                of_population: Some(|s, a| s.validity(a).effects.conductance_noise.map(|effect| effect.without_hz)) }
            ["rate_mean_hz", ["rate_distribution.mean_hz"], "Hz", Population, "mean of the rates over neurons"] {
                of_population: Some(|s, a| Some(s.validity(a).rate_distribution.mean_hz)) }
            ["rate_std_hz", ["rate_distribution.std_hz"], "Hz", Population, "standard deviation of the rates over neurons"] {
                of_population: Some(|s, a| Some(s.validity(a).rate_distribution.std_hz)), simulated: Some(|p| p.rate_distribution.std_hz) }
            ["rate_q05_hz", ["rate_quantile_0.05_hz", "rate_hz_5_percent", "rate_distribution.quantiles_hz.0.05"], "Hz", Population,
                "rate below which 5 % of the neurons are"] {
                of_population: Some(|s, a| Some(s.validity(a).rate_distribution.quantiles_hz.q05)),
                simulated: Some(|p| Some(p.rate_distribution.quantiles_hz[0])) }
            ["rate_q25_hz", ["rate_quantile_0.25_hz", "rate_hz_25_percent", "rate_distribution.quantiles_hz.0.25"], "Hz", Population,
                "rate below which 25 % of the neurons are"] {
                of_population: Some(|s, a| Some(s.validity(a).rate_distribution.quantiles_hz.q25)),
                simulated: Some(|p| Some(p.rate_distribution.quantiles_hz[1])) }
            ["rate_q50_hz", ["rate_quantile_0.5_hz", "rate_hz_50_percent", "rate_distribution.quantiles_hz.0.5"], "Hz", Population,
                "median of the rates over neurons"] {
                of_population: Some(|s, a| Some(s.validity(a).rate_distribution.quantiles_hz.q50)),
                simulated: Some(|p| Some(p.rate_distribution.quantiles_hz[2])) }
            ["rate_q75_hz", ["rate_quantile_0.75_hz", "rate_hz_75_percent", "rate_distribution.quantiles_hz.0.75"], "Hz", Population,
                "rate below which 75 % of the neurons are"] {
                of_population: Some(|s, a| Some(s.validity(a).rate_distribution.quantiles_hz.q75)),
                simulated: Some(|p| Some(p.rate_distribution.quantiles_hz[3])) }
            ["rate_q95_hz", ["rate_quantile_0.95_hz", "rate_hz_95_percent", "rate_distribution.quantiles_hz.0.95"], "Hz", Population,
                "rate below which 95 % of the neurons are"] {
                of_population: Some(|s, a| Some(s.validity(a).rate_distribution.quantiles_hz.q95)),
                simulated: Some(|p| Some(p.rate_distribution.quantiles_hz[4])) }
            ["silent_fraction", ["rate_distribution.silent_fraction"], "", Population, "fraction of silent neurons"] {
                of_population: Some(|s, a| Some(s.validity(a).rate_distribution.silent_fraction)),
                simulated: Some(|p| Some(p.rate_distribution.silent_fraction)) }
            ["delta_mv", ["rate_distribution.delta_mv"], "mV", Population, "standard deviation of the mean input over neurons, in theory"] {
                of_population: Some(|s, a| Some(s.validity(a).rate_distribution.delta_mv)) }
            ["delta_dln_rate_dmu", ["rate_distribution.delta_dln_rate_dmu"], "", Population, "spread of the logarithm of the rate over neurons"] {
                of_population: Some(|s, a| Some(s.validity(a).rate_distribution.delta_dln_rate_dmu)) }
            ["rate_times_t_ref", [], "", Population, "rate over its limit 1/t_ref"] {
                of_population: Some(|s, a| Some(s.validity(a).rate_times_t_ref)) }

            ["states", [], "", Network, "number of stationary states"] {}
            ["limit_rate_hz", ["limit_rate"], "Hz", Population, "rate in the balanced limit"] {}
            ["limit_mean_input_mv", ["limit_mean_input"], "mV", Population, "mean input in the balanced limit"] {}
            ["limit_std_input_mv", ["limit_std_input"], "mV", Population, "standard deviation of the input in the balanced limit"] {}
            ["first_order_coefficient_hz_sqrtK", ["first_order_coefficient"], "Hz", Population,
                "rate's coefficient of 1/sqrt(K) beside the balanced limit"] {}
        }
    };
}
pub(crate) use with_all_quantities;

macro_rules! names {
    ($([$name:literal, [$($also:literal),*], $unit:literal, $scope:ident, $words:literal] { $($taken:tt)* })*) => {
        /// All quantities, in the order of columns.
        pub const NAMED: &[Named] = &[
            $(Named { name: $name, also: &[$($also),*], unit: $unit, scope: Scope::$scope, words: $words }),*
        ];
    };
}
with_all_quantities!(names);

impl Named {
    /// All names, the first ones and the others.
    pub(crate) fn all_names() -> impl Iterator<Item = &'static str> {
        NAMED.iter().flat_map(Named::names)
    }

    /// The quantity of this name, or of which this is another name.
    pub fn find(name: &str) -> Option<&'static Named> {
        NAMED.iter().find(|known| known.answers_to(name))
    }

    /// Its name, then the others by which it can be asked for.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.name).chain(self.also.iter().copied())
    }

    /// Whether it can be asked for by this name.
    pub fn answers_to(&self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }
}

/// What to tell one who asked for a name that none of `known` answers to: the nearest name, or all.
pub(crate) fn advice<'n>(name: &str, known: impl Iterator<Item = &'n Named> + Clone) -> String {
    match nearest(name, known.clone().flat_map(Named::names)) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("there are {}", known.map(|one| one.name).collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_name_means_two_quantities_and_names_end_with_their_units() {
        let mut seen = HashSet::new();
        for one in NAMED {
            for name in one.names() {
                assert!(seen.insert(name), "{name}");
            }
            let ending = match one.unit {
                "" => continue,
                "1/s" => "_per_s",
                "Hz" if one.name.ends_with("_sqrtK") => "_hz_sqrtK",
                "Hz" => "_hz",
                "mV" => "_mv",
                "ms" => "_ms",
                _ => "_per_ms",
            };
            assert!(one.name.ends_with(ending), "{}", one.name);
        }
    }

    #[test]
    fn a_wrong_name_is_answered_with_the_nearest() {
        assert_eq!(advice("rates_hz", NAMED.iter()), "did you mean rate_hz?");
        assert_eq!(advice("mean_inputs", NAMED.iter()), "did you mean mean_input?");
        assert!(advice("xyzzy_plugh", NAMED.iter()).starts_with("there are rate_hz, "));
    }
}
