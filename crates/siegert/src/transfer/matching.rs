//! A neuron of another model in place of a network's own: the same rheobase and, where the model leaves a parameter free, the same slope.
//!
//! ```text
//! lif V_th = R,    eif V_th = R + Delta_T,    qif V_th = R,    R the rheobase of the network's own neuron
//! d rate/d mu of the new neuron = that of its own, at the mean and the amplitude of a working point, in white noise
//! ```
//!
//! `tau_m`, `C_m`, `E_L`, `V_reset` and `t_ref` stay. The slope is a function of `Delta_T` alone then; its logarithm is looked at on a grid even in
//! `ln Delta_T`, and the sharpest spike at which it crosses is found by secants within the bracket. What no `Delta_T` makes equal is made as near as the grid has it.
//!
//! Range: `Delta_T` from 0.05 to 10 mV. A spike of an eif is counted 20 `Delta_T` above `V_th` (`2e-9 tau_m` before infinity), that of a qif 1000 (`2e-3 tau_m`).
//! Accuracy: relative error of the slope 1e-9 where it is matched, of the rheobase rounding.

use serde::{Deserialize, Serialize};

use super::parameters_of;
use crate::error::DomainError;
use crate::network::{Neuron, NeuronModel};
use crate::neuron::Model;
use crate::neuron::lif::SynapticFilter;
use crate::numerics::root::{root, with_secants};

/// Where `Delta_T` is looked for, and at how many places.
const LEAST_MV: f64 = 0.05;
const MOST_MV: f64 = 10.0;
const PLACES: usize = 25;
/// The difference of the logarithms of two slopes that are the same, and of `ln Delta_T` that makes none.
const SAME_SLOPE: f64 = 1e-11;
const SAME_PLACE: f64 = 1e-15;
/// Where spikes are counted, in `Delta_T` above `V_th`.
const EIF_PEAK: f64 = 20.0;
const QIF_PEAK: f64 = 1000.0;
/// `Delta_T` where nothing says what it should be.
const INSTEAD_MV: f64 = 1.0;
/// A rheobase that is off by no more is the same, in mV.
const SAME_RHEOBASE_MV: f64 = 1e-9;

/// What of a neuron is as in the one whose place it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matching {
    /// All: it is the network's own neuron.
    Own,
    /// Rheobase and slope.
    Slope,
    /// The rheobase; the slope as near as `Delta_T` can make it.
    Nearest,
    /// The rheobase: the model leaves nothing free, or its own neuron has no slope there.
    Rheobase,
    /// Not even the rheobase, which the model cannot have.
    Nothing,
}

impl Matching {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Matching::Own => "own neuron",
            Matching::Slope => "rheobase, slope",
            Matching::Nearest => "rheobase; nearest slope",
            Matching::Rheobase => "rheobase",
            Matching::Nothing => "nothing",
        }
    }
}

/// A neuron in white noise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Response {
    pub(crate) rheobase_mv: f64,
    pub(crate) rate_hz: f64,
    pub(crate) slope_hz_per_mv: f64,
    /// Minus infinity where the rate does not rise.
    ln_slope: f64,
}

/// The neuron's theory.
fn theory_of(neuron: &Neuron) -> Result<Model, DomainError> {
    // every model of the network file has a theory
    Model::named(neuron.model.name(), &parameters_of(neuron))
        .unwrap_or(Err(DomainError::NotPositive { name: "model", value: f64::NAN }))
}

/// What a neuron does with white noise of a mean and an amplitude.
pub(crate) fn response(neuron: &Neuron, mean_mv: f64, std_mv: f64) -> Result<Response, DomainError> {
    let theory = theory_of(neuron)?;
    let rate = theory.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0);
    let ln_slope = if rate.d_mu > 0.0 { rate.ln_rate_hz + rate.d_mu.ln() } else { f64::NEG_INFINITY };
    Ok(Response {
        rheobase_mv: theory.rheobase_mv(),
        rate_hz: rate.rate_hz(),
        slope_hz_per_mv: ln_slope.exp(),
        ln_slope,
    })
}

/// The rates of a neuron at several means.
pub(crate) fn curve(neuron: &Neuron, means_mv: &[f64], std_mv: f64) -> Result<Vec<f64>, DomainError> {
    let mut rates_hz = vec![0.0; means_mv.len()];
    theory_of(neuron)?.rates_into(means_mv, &vec![std_mv; means_mv.len()], &mut rates_hz)?;
    Ok(rates_hz)
}

/// The neuron of a model that takes the place of `own`, matched in white noise of this mean and amplitude.
pub(crate) fn matched(own: &Neuron, model: &str, mean_mv: f64, std_mv: f64) -> Result<(Neuron, Matching), DomainError> {
    if own.model.name() == model {
        return Ok((*own, Matching::Own));
    }
    let aim = response(own, mean_mv, std_mv)?;
    let (neuron, matching) = match model {
        "eif" | "qif" => {
            let of = |Delta_T_mv: f64| with_spike(own, model, aim.rheobase_mv, Delta_T_mv);
            // an exponent of rounding at most; not a number where the neuron is none there
            let excess = |ln_Delta_T: f64| {
                response(&of(ln_Delta_T.exp()), mean_mv, std_mv).map_or(f64::NAN, |found| found.ln_slope - aim.ln_slope)
            };
            let own_mv = parameters_of(own).Delta_T_mv;
            match sharpest(excess) {
                Some((Delta_T_mv, matching)) => (of(Delta_T_mv), matching),
                None => (of(if own_mv.is_finite() { own_mv } else { INSTEAD_MV }), Matching::Rheobase),
            }
        }
        "perfect" => (Neuron { model: NeuronModel::Perfect, V_th_mv: aim.rheobase_mv, ..*own }, Matching::Rheobase),
        _ => (Neuron { model: NeuronModel::Lif, V_th_mv: aim.rheobase_mv, ..*own }, Matching::Rheobase),
    };
    let rheobase_mv = theory_of(&neuron)?.rheobase_mv();
    let is_same = (rheobase_mv - aim.rheobase_mv).abs() <= SAME_RHEOBASE_MV * aim.rheobase_mv.abs().max(1.0);
    Ok((neuron, if is_same { matching } else { Matching::Nothing }))
}

/// The neuron with a spike of this sharpness and this rheobase.
fn with_spike(own: &Neuron, model: &str, rheobase_mv: f64, Delta_T_mv: f64) -> Neuron {
    if model == "eif" {
        let V_th_mv = rheobase_mv + Delta_T_mv;
        let model = NeuronModel::Eif { Delta_T_mv, V_peak_mv: V_th_mv + EIF_PEAK * Delta_T_mv };
        return Neuron { model, V_th_mv, ..*own };
    }
    let V_peak_mv = rheobase_mv + QIF_PEAK * Delta_T_mv;
    Neuron { model: NeuronModel::Qif { Delta_T_mv, V_peak_mv }, V_th_mv: rheobase_mv, ..*own }
}

/// The least `Delta_T` at which the excess is 0, or that of the grid where it is smallest; `None` where it is a number nowhere.
fn sharpest(excess: impl Fn(f64) -> f64) -> Option<(f64, Matching)> {
    let place = |k: usize| LEAST_MV.ln() + (MOST_MV / LEAST_MV).ln() * k as f64 / (PLACES - 1) as f64;
    let values: Vec<(f64, f64)> =
        (0..PLACES).map(|k| (place(k), excess(place(k)))).filter(|(_, value)| value.is_finite()).collect();
    if let Some(pair) = values.windows(2).find(|pair| (pair[0].1 <= 0.0) != (pair[1].1 <= 0.0)) {
        let [negative, positive] = if pair[0].1 <= 0.0 { [pair[0], pair[1]] } else { [pair[1], pair[0]] };
        let ends = [negative.0, positive.0];
        let of = with_secants([negative, positive], &excess);
        let place = root(ends, 0.5 * (ends[0] + ends[1]), SAME_SLOPE, |_| SAME_PLACE, of);
        return Some((place.exp(), Matching::Slope));
    }
    let nearest = values.iter().min_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))?;
    Some((nearest.0.exp(), Matching::Nearest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::BRUNEL as LIF;

    #[test]
    fn rheobase_and_slope_are_those_of_the_neuron_that_was_there() {
        let eif = Neuron { model: NeuronModel::Eif { Delta_T_mv: 1.5, V_peak_mv: 60.0 }, V_th_mv: 21.5, ..LIF };
        let mut found = Vec::new();
        for (own, model, mean_mv, std_mv) in
            [(LIF, "eif", 15.0, 6.0), (LIF, "qif", 22.0, 3.0), (eif, "qif", 18.0, 5.0), (eif, "qif", 15.0, 3.0)]
        {
            let (neuron, matching) = matched(&own, model, mean_mv, std_mv).unwrap();
            let [aim, is] = [&own, &neuron].map(|neuron| response(neuron, mean_mv, std_mv).unwrap());
            assert!((is.rheobase_mv - aim.rheobase_mv).abs() < 1e-9, "{model}: {is:?} {aim:?}");
            if matching == Matching::Slope {
                let ratio = is.slope_hz_per_mv / aim.slope_hz_per_mv;
                assert!((ratio - 1.0).abs() < 1e-9, "{model}: {ratio}");
            }
            assert_eq!((neuron.tau_m_ms, neuron.V_reset_mv, neuron.t_ref_ms), (20.0, 10.0, 2.0));
            found.push(matching);
        }
        assert!(found.iter().filter(|&&matching| matching == Matching::Slope).count() >= 2, "{found:?}");
    }

    #[test]
    fn a_model_without_a_free_parameter_has_the_rheobase_and_its_own_model_all() {
        let qif = Neuron { model: NeuronModel::Qif { Delta_T_mv: 2.0, V_peak_mv: f64::INFINITY }, ..LIF };
        let (neuron, matching) = matched(&qif, "lif", 18.0, 5.0).unwrap();
        assert_eq!((neuron, matching), (LIF, Matching::Rheobase));
        assert_eq!(matched(&qif, "qif", 18.0, 5.0).unwrap(), (qif, Matching::Own));
        assert_eq!(matched(&qif, "perfect", 18.0, 5.0).unwrap().1, Matching::Nothing);
        // no leaky neuron has an infinite reset
        let infinite = Neuron { V_reset_mv: f64::NEG_INFINITY, ..qif };
        assert!(matched(&infinite, "lif", 18.0, 5.0).is_err());
    }

    #[test]
    fn the_nearest_is_taken_where_nothing_fits_and_nothing_of_what_is_no_number() {
        let (Delta_T_mv, matching) = sharpest(|ln| ln + 10.0).unwrap();
        assert!((Delta_T_mv / LEAST_MV - 1.0).abs() < 1e-12 && matching == Matching::Nearest);
        let (Delta_T_mv, matching) = sharpest(|ln| ln - 2f64.ln()).unwrap();
        assert!((Delta_T_mv / 2.0 - 1.0).abs() < 1e-12 && matching == Matching::Slope);
        assert_eq!(sharpest(|_| f64::NAN), None);
        // without noise below rheobase there is no slope to match
        let (neuron, matching) = matched(&LIF, "eif", 15.0, 0.0).unwrap();
        assert_eq!((parameters_of(&neuron).Delta_T_mv, matching), (INSTEAD_MV, Matching::Rheobase));
    }
}
