//! Where quadratic neurons begin to fire, said where one would take it for that of an exponential neuron.
//!
//! ```text
//! eif, near V_th:  tau_m dV/dt = (V - V_th)^2/(2 Delta_T) + mu + Delta_T - V_th + ...,    fires from mu = V_th - Delta_T
//! qif:             tau_m dV/dt = (V - V_th)^2/(2 Delta_T) + mu - V_th,                    fires from mu = V_th, rests at V_th - sqrt(2 Delta_T (V_th - mu))
//! ```
//!
//! Keys of the same names thus make neurons whose onsets differ by `Delta_T`; an `E_L` that is larger by as much makes them equal. And `E_L`, which is where
//! `mu` begins, is not where a quadratic neuron rests.

use super::description::{Network, NeuronModel, Population};
use crate::number::significant;
use crate::{Warning, WarningKind};

/// A warning for each type of quadratic neurons that stands beside exponential ones, or has a rest, a reset and a peak as those have.
pub(crate) fn quadratic_onsets(network: &Network) -> Vec<Warning> {
    let exponential =
        |population: &Population| matches!(population.neuron.model, NeuronModel::Eif { .. } | NeuronModel::Adex { .. });
    let stands_beside = network.populations.iter().any(exponential);
    let mut types: Vec<&str> = Vec::new();
    let mut warnings = Vec::new();
    for Population { neuron_type, neuron, .. } in &network.populations {
        let NeuronModel::Qif { Delta_T_mv, V_peak_mv } = neuron.model else { continue };
        if types.contains(&neuron_type.as_str()) {
            continue;
        }
        types.push(neuron_type);
        let below_mv = neuron.V_th_mv - neuron.E_L_mv;
        let looks_exponential = neuron.V_reset_mv.is_finite() && V_peak_mv.is_finite() && below_mv > 0.0;
        if !(stands_beside || looks_exponential) {
            continue;
        }
        let mv = |value: f64| format!("{} mV", significant(value, 6));
        let rest_mv = neuron.V_th_mv - (2.0 * Delta_T_mv * below_mv).sqrt();
        let rest = match below_mv > 0.0 {
            true => format!("; without input it rests at {}, and not at E_L = {}", mv(rest_mv), mv(neuron.E_L_mv)),
            false => String::new(),
        };
        let sentence = format!(
            "neuron type \"{neuron_type}\" (qif) fires from mu = V_th = {} on, and an eif with the same keys from V_th - Delta_T = {}: with \
             E_L = {} in place of {} it has the onset of that eif{rest}",
            mv(neuron.V_th_mv),
            mv(neuron.V_th_mv - Delta_T_mv),
            mv(neuron.E_L_mv + Delta_T_mv),
            mv(neuron.E_L_mv),
        );
        warnings.push(Warning::new(WarningKind::QuadraticOnset, sentence).with_value(Delta_T_mv));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{ReadOptions, parse};

    fn onsets(neurons: &[(&str, &str)]) -> Vec<Warning> {
        let mut text = String::new();
        for (name, keys) in neurons {
            text.push_str(&format!(
                "[neurons.{name}]\nmodel = \"{name}\"\ntau_m = \"10 ms\"\nt_ref = 0\nDelta_T = \"2 mV\"\nV_th = \"-50 mV\"\nE_L = \"-65 mV\"\n{keys}\n\
                 [populations.{name}]\nsize = 10\nneuron = \"{name}\"\n[[drives]]\nto = \"{name}\"\nkind = \"noise\"\nmean = 0\nstd = \"1 mV\"\n"
            ));
        }
        quadratic_onsets(&parse(&text, "file", &ReadOptions::default()).unwrap())
    }

    const FINITE: &str = "V_reset = \"-60 mV\"\nV_peak = \"0 mV\"";
    const INFINITE: &str = "V_reset = \"-inf\"\nV_peak = \"inf\"";

    #[test]
    fn quadratic_neurons_with_the_keys_of_exponential_ones_or_beside_them_are_told_their_onset() {
        assert!(onsets(&[("qif", INFINITE)]).is_empty() && onsets(&[("eif", FINITE)]).is_empty());
        for neurons in [&[("qif", FINITE)][..], &[("qif", INFINITE), ("eif", FINITE)]] {
            let found = onsets(neurons);
            assert_eq!((found.len(), found[0].kind, found[0].value), (1, WarningKind::QuadraticOnset, Some(2.0)));
            let sentence = &found[0].sentence;
            for part in [
                "mu = V_th = -50 mV",
                "V_th - Delta_T = -52 mV",
                "E_L = -63 mV in place of -65 mV",
                "rests at -57.746 mV",
            ] {
                assert!(sentence.contains(part), "{sentence}");
            }
        }
    }
}
