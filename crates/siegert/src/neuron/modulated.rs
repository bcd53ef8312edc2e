//! A neuron of any model at one input, to be asked at many frequencies how it follows modulations.
//!
//! The LIF answers in closed form (`lif`), neurons of one variable by the general solver (`fokker_planck`). What else there is rests on these two:
//!
//! ```text
//! adex:    r_1 = chi_mu (m - w_1) + chi_var v,    (1 + lambda tau_w) w_1 = a V_1 + b tau_w r_1,    V_1 = (d<V>/dmu) (m - w_1) + (d<V>/d sigma^2) v
//! many:    the mean over neurons that differ, times what makes it the derivative of their mean rate at rest
//! ```
//!
//! Neurons with conductances are `conductance::modulated`: the same solver, with force and noise that depend on the potential.
//!
//! The adaptation `w` (over the leak) is taken at its mean, as for the rate, and its modulation `w_1` is that of the mean: at low frequencies it follows and takes away from the response, at high ones it is frozen. That the mean potential
//! follows its input at once is an approximation beside `tau_w`; at rest it is exact. Fluctuations of `w` from spike to spike are left out; the power spectrum counts that a neuron adapts to its own spikes,
//! `S = S_0/|1 + (a d<V>/dmu + b tau_w chi_mu)/(1 + lambda tau_w)|^2` with `S_0` that of the neuron with a frozen adaptation.
//!
//! Filtered noise makes the time from reset to spike longer by a factor, as for the rate: the neuron is one whose membrane is slower by it, which has that time and so the same response at rest.
//! Without noise, neurons other than the LIF have so little of it that it does nothing.
//!
//! Density and hazard of the intervals are those of a numerical inversion of the transform (`numerics::laplace`), of the time after the refractory time. It asks at some hundred frequencies up to the mean interval, and at as many more as a time is longer.
//!
//! Source: Richardson (2009), Phys Rev E 80:021928, for the modulated adaptation; the mean in its place, and the factors, are ours.
//! Accuracy: at rest the derivatives of the rate, to 1e-12 beside that by the mean; density of the intervals at most 1e-12 of the inverse of the mean interval (perfect neuron, closed form; LIF beside the general
//! solver), its integral and its mean 1e-10 (quadrature).

use std::sync::Arc;

use num_complex::Complex64;

use super::adaptive::{Adex, Frozen};
use super::flow::{Drifting, Flow};
use super::fokker_planck::{Modulation, Modulations};
use super::lif::{self, Lif, MS_PER_S, Response, SynapticFilter};
use super::models::{Model, WhiteNoiseNeuron};
use super::one_dimensional::OneDimensional;
use super::thresholds::Thresholds;
use crate::numerics::laplace::inverse;

/// Noise beside the scale of voltages where there is none: it changes responses by its square.
const NO_NOISE: f64 = 1e-5;
/// Where the LIF has poles in units of its membrane's growth, and farther to the left.
const LEAST_ORDER: f64 = -4.0;

/// The hazard is told while more than this part of the intervals is longer.
const FEWEST_LEFT: f64 = 1e-5;

/// A neuron at one input, or many of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Modulated {
    /// In closed form.
    Lif(lif::Modulated),
    /// By the general solver.
    Solved(Solved),
    /// With an adaptation that follows.
    Adapting(Adapting),
    /// Neurons that differ, with the factors of their mean responses.
    Many(Arc<[Modulated]>, [f64; 2]),
}

/// A neuron with one variable, solved at an input.
#[derive(Clone, Debug)]
pub(crate) struct Solved {
    /// What it is, by which it is known to be the same as another.
    pub(super) of: (Model, Vec<f64>),
    pub(super) tau_m_ms: f64,
    pub(super) t_ref_ms: f64,
    /// None where noise depends on the potential.
    pub(super) variance_mv2: Option<f64>,
    pub(super) has_noise: bool,
    pub(super) rate_hz: f64,
    pub(super) cv: f64,
    /// None of a neuron that never fires.
    pub(super) modulation: Option<Arc<Modulation>>,
}

impl PartialEq for Solved {
    fn eq(&self, other: &Self) -> bool {
        self.of == other.of
    }
}

/// A neuron with adaptation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Adapting {
    /// With its adaptation frozen.
    pub(super) frozen: Solved,
    /// `a d<V>/dmu` and `a d<V>/d sigma^2`, over the leak.
    pub(super) potential_per_mv: f64,
    pub(super) potential_per_mv2: f64,
    /// `b tau_w` over the leak, in mV/Hz.
    pub(super) per_hz_mv: f64,
    pub(super) tau_w_ms: f64,
}

impl Model {
    /// The neuron at a mean input and an amplitude of its noise, its membrane slower by a factor; `shift` is that of filtered noise, for the LIF.
    pub(crate) fn modulated(&self, mean_mv: f64, std_mv: f64, shift: f64, slower: f64) -> Modulated {
        match self {
            Model::Lif(lif) => {
                let parameters = lif.parameters();
                let slow = lif::LifParameters { tau_m_ms: parameters.tau_m_ms * slower, ..parameters };
                Modulated::Lif(Lif::new(slow).unwrap_or(*lif).modulated(mean_mv, std_mv, shift))
            }
            Model::Eif(eif) => Modulated::Solved(self.solved(eif, mean_mv, std_mv, slower)),
            Model::Qif(qif) => Modulated::Solved(self.solved(qif, mean_mv, std_mv, slower)),
            Model::Adex(adex) => Modulated::Adapting(self.adapting(adex, mean_mv, std_mv, slower)),
            Model::Perfect(perfect) => {
                let (drift_mv, _) = perfect.drift_and_leak(mean_mv);
                let Thresholds { V_th_mv, V_reset_mv, .. } = self.thresholds();
                let variance_mv2 = self.some_noise_mv(std_mv).powi(2);
                let flow = Drifting { drift_mv, variance_mv2, V_reset_mv, V_th_mv };
                Modulated::Solved(self.of_flow(flow, mean_mv, std_mv, slower))
            }
        }
    }

    /// The noise, or what does nothing in place of none.
    pub(super) fn some_noise_mv(&self, std_mv: f64) -> f64 {
        if std_mv * std_mv > 0.0 { std_mv } else { NO_NOISE * self.voltage_scale_mv() }
    }

    fn solved<N>(&self, neuron: &N, mean_mv: f64, std_mv: f64, slower: f64) -> Solved
    where
        N: OneDimensional<AtInput: Send + 'static>,
    {
        let flow = neuron.at(mean_mv, self.some_noise_mv(std_mv).powi(2));
        self.of_flow(flow, mean_mv, std_mv, slower)
    }

    fn of_flow(&self, flow: impl Flow + Send + 'static, mean_mv: f64, std_mv: f64, slower: f64) -> Solved {
        let Thresholds { tau_m_ms, t_ref_ms, .. } = self.thresholds();
        let (ln_rate_hz, cv) = match self {
            // what adapts is asked at its mean input with the adaptation
            Model::Adex(adex) => adex.eif().ln_rate_and_cv(SynapticFilter::Ignore, mean_mv, std_mv, 0.0),
            _ => self.ln_rate_and_cv(SynapticFilter::Ignore, mean_mv, std_mv, 0.0),
        };
        let tau_m_ms = tau_m_ms * slower;
        let is_spiking = ln_rate_hz.exp() > 0.0;
        let modulation = is_spiking.then(|| Arc::new(Modulation::new(flow, t_ref_ms / tau_m_ms)));
        let time_ms = |modulation: &Arc<Modulation>| tau_m_ms * modulation.ln_mean().exp();
        let rate_hz = modulation.as_ref().map_or(0.0, |it| MS_PER_S / (t_ref_ms + time_ms(it)));
        Solved {
            of: (*self, vec![mean_mv, std_mv, slower]),
            tau_m_ms,
            t_ref_ms,
            variance_mv2: Some(self.some_noise_mv(std_mv).powi(2)),
            has_noise: std_mv * std_mv > 0.0,
            rate_hz,
            cv: cv.unwrap_or(0.0),
            modulation,
        }
    }

    fn adapting(&self, adex: &Adex, mean_mv: f64, std_mv: f64, slower: f64) -> Adapting {
        let Frozen { mean_mv, rate_hz, potential_per_mv, potential_per_mv2, per_hz_mv, tau_w_ms } =
            adex.frozen(mean_mv, std_mv);
        let mut frozen = self.solved(adex.eif(), mean_mv, std_mv, slower);
        if rate_hz == 0.0 {
            (frozen.rate_hz, frozen.modulation) = (0.0, None);
        }
        // the mean of the adaptation is that of the rate in white noise
        let white = if frozen.rate_hz > 0.0 { (rate_hz / frozen.rate_hz).powi(2) / slower } else { 1.0 };
        Adapting { frozen, potential_per_mv, potential_per_mv2, per_hz_mv: per_hz_mv * white, tau_w_ms }
    }
}

impl Solved {
    fn at(&self, lambda_per_ms: Complex64) -> Option<Modulations> {
        self.modulation.as_ref().map(|modulation| modulation.at(lambda_per_ms * self.tau_m_ms))
    }

    fn response(&self, lambda_per_ms: Complex64) -> Response {
        let Some(found) = self.at(lambda_per_ms) else {
            return Response { renewal: Complex64::ONE, ..Response::default() };
        };
        let per_s = MS_PER_S / self.tau_m_ms;
        Response {
            hz_per_mv: per_s * found.by_force,
            hz_per_mv2: match self.variance_mv2 {
                Some(variance_mv2) => per_s * found.by_ln_noise / variance_mv2,
                None => per_s * found.by_noise_at[0],
            },
            by_potential: [found.by_force_at, found.by_noise_at[1], found.by_noise_at[2]].map(|by| per_s * by),
            renewal: found.gap * (self.rate_hz / per_s),
        }
    }

    fn interval_transform(&self, lambda_per_ms: Complex64) -> Option<Complex64> {
        self.at(lambda_per_ms).map(|found| (-lambda_per_ms * self.t_ref_ms).exp() * found.ratio)
    }

    fn power_spectrum_hz(&self, frequency_hz: f64) -> f64 {
        let s = std::f64::consts::TAU * frequency_hz / MS_PER_S * self.tau_m_ms;
        if s == 0.0 {
            return self.rate_hz * self.cv * self.cv;
        }
        let Some(modulation) = &self.modulation else { return 0.0 };
        self.rate_hz * lif::renewal_power(modulation.at(Complex64::new(0.0, s)).gap, s)
    }

    fn direction_at_threshold(&self, lambda_per_ms: Complex64) -> Complex64 {
        self.at(lambda_per_ms).map_or(Complex64::ONE, |found| found.direction)
    }
}

impl Adapting {
    /// `1 + lambda tau_w`, by which no pole is left in what follows, and the same with what makes the adaptation grow.
    fn factors(&self, lambda_per_ms: Complex64, hz_per_mv: Complex64) -> [Complex64; 2] {
        let slow = 1.0 + lambda_per_ms * self.tau_w_ms;
        [slow, slow + self.potential_per_mv + self.per_hz_mv * hz_per_mv]
    }

    fn response(&self, lambda_per_ms: Complex64) -> Response {
        let frozen = self.frozen.response(lambda_per_ms);
        if self.frozen.modulation.is_none() {
            return frozen;
        }
        let [slow, adapted] = self.factors(lambda_per_ms, frozen.hz_per_mv);
        // what depends on the potential moves the adaptation by the rate alone
        let less = |response: Complex64, potential: f64| {
            response - frozen.hz_per_mv * (potential + self.per_hz_mv * response) / adapted
        };
        let at_rest = 1.0 + self.potential_per_mv + self.per_hz_mv * self.frozen.response(Complex64::ZERO).hz_per_mv;
        Response {
            hz_per_mv: frozen.hz_per_mv * slow / adapted,
            hz_per_mv2: less(frozen.hz_per_mv2, self.potential_per_mv2),
            by_potential: frozen.by_potential.map(|response| less(response, 0.0)),
            // the modes of the neuron are those with its adaptation
            renewal: frozen.renewal * adapted / at_rest,
        }
    }

    fn power_spectrum_hz(&self, frequency_hz: f64) -> f64 {
        let lambda_per_ms = Complex64::new(0.0, std::f64::consts::TAU * frequency_hz / MS_PER_S);
        let [slow, adapted] = self.factors(lambda_per_ms, self.frozen.response(lambda_per_ms).hz_per_mv);
        self.frozen.power_spectrum_hz(frequency_hz) * (slow / adapted).norm_sqr()
    }
}

impl Modulated {
    /// Response of the rate at `lambda`, growth and angular frequency in 1/ms; 0 for a neuron that never fires.
    pub(crate) fn response(&self, lambda_per_ms: Complex64) -> Response {
        match self {
            Modulated::Lif(lif) => lif.response(lambda_per_ms),
            Modulated::Solved(solved) => solved.response(lambda_per_ms),
            Modulated::Adapting(adapting) => adapting.response(lambda_per_ms),
            Modulated::Many(neurons, [of_mean, of_variance]) => {
                let all: Vec<Response> = neurons.iter().map(|neuron| neuron.response(lambda_per_ms)).collect();
                let per = 1.0 / all.len() as f64;
                let sum = |of: fn(&Response) -> Complex64| all.iter().map(of).sum::<Complex64>();
                Response {
                    hz_per_mv: of_mean * per * sum(|one| one.hz_per_mv),
                    hz_per_mv2: of_variance * per * sum(|one| one.hz_per_mv2),
                    // neurons that differ have no conductances
                    by_potential: [Complex64::ZERO; 3],
                    renewal: Complex64::ONE,
                }
            }
        }
    }

    /// The same by the general solver, of LIF neurons in white noise.
    #[cfg(test)]
    pub(crate) fn by_the_general_solver(&self) -> Modulated {
        let Modulated::Lif(lif) = self else { return self.clone() };
        let (neuron, mean_mv, std_mv) = lif.of();
        let Thresholds { V_th_mv, V_reset_mv, .. } = WhiteNoiseNeuron::thresholds(&neuron);
        let flow = super::flow::Leaky { mean_mv, std_mv, V_reset_mv, V_th_mv };
        Modulated::Solved(Model::Lif(neuron).of_flow(flow, mean_mv, std_mv, 1.0))
    }

    /// The transform `<exp(-lambda T)>` of the law of the intervals, the refractory time included; `None` for a neuron that never fires, and where intervals are not independent, or not of one law.
    pub(crate) fn interval_transform(&self, lambda_per_ms: Complex64) -> Option<Complex64> {
        match self {
            Modulated::Lif(lif) => lif.interval_transform(lambda_per_ms),
            Modulated::Solved(solved) => solved.interval_transform(lambda_per_ms),
            Modulated::Adapting(_) | Modulated::Many(..) => None,
        }
    }

    /// The density of the intervals in 1/ms and the part of them that is over, both at a time since the spike; `None` as of the transform, and without noise, where all intervals are the same.
    fn intervals_at(&self, t_ms: f64) -> Option<[f64; 2]> {
        let t_ref_ms = match self {
            Modulated::Lif(lif) => lif.has_noise().then(|| lif.t_ref_ms())?,
            Modulated::Solved(solved) => {
                solved.modulation.as_ref().filter(|_| solved.has_noise).map(|_| solved.t_ref_ms)?
            }
            Modulated::Adapting(_) | Modulated::Many(..) => return None,
        };
        // what is smooth is the law of the time since the release
        let since_ms = t_ms - t_ref_ms;
        if since_ms <= 0.0 {
            return Some([0.0; 2]);
        }
        let transform = |lambda_per_ms: Complex64| {
            let passed = match self {
                Modulated::Lif(lif) => lif.passage_transform(lambda_per_ms),
                Modulated::Solved(solved) => solved.at(lambda_per_ms).map(|found| found.ratio),
                Modulated::Adapting(_) | Modulated::Many(..) => None,
            };
            let rho = passed.unwrap_or(Complex64::ZERO);
            [rho, rho / lambda_per_ms]
        };
        Some(inverse(transform, since_ms))
    }

    /// The density of the intervals at a time after a spike; `None` where intervals have none, or are not independent.
    pub(crate) fn interval_density_per_ms(&self, t_ms: f64) -> Option<f64> {
        self.intervals_at(t_ms).map(|[density, _]| density.max(0.0))
    }

    /// The hazard, the density over the part of the intervals that are longer; `None` as the density, and where hardly any are.
    pub(crate) fn hazard_per_ms(&self, t_ms: f64) -> Option<f64> {
        let [density, over] = self.intervals_at(t_ms)?;
        let left = 1.0 - over;
        (left > FEWEST_LEFT).then(|| density.max(0.0) / left)
    }

    /// Power spectrum of the spike train in Hz at a frequency, two-sided, without the peak at 0; of neurons that differ the mean; 0 for a neuron that never fires.
    pub(crate) fn power_spectrum_hz(&self, frequency_hz: f64) -> f64 {
        match self {
            Modulated::Lif(lif) => lif.power_spectrum_hz(frequency_hz),
            Modulated::Solved(solved) => solved.power_spectrum_hz(frequency_hz),
            Modulated::Adapting(adapting) => adapting.power_spectrum_hz(frequency_hz),
            Modulated::Many(neurons, _) => {
                let sum: f64 = neurons.iter().map(|neuron| neuron.power_spectrum_hz(frequency_hz)).sum();
                sum / neurons.len() as f64
            }
        }
    }

    /// A number of modulus 1 that turns with the poles of responses and `renewal`: times it they have none. 1 of neurons that differ, whose poles are not followed.
    pub(crate) fn direction_at_threshold(&self, lambda_per_ms: Complex64) -> Complex64 {
        match self {
            Modulated::Lif(lif) => lif.direction_at_threshold(lambda_per_ms),
            Modulated::Solved(solved) => solved.direction_at_threshold(lambda_per_ms),
            Modulated::Adapting(adapting) => adapting.frozen.direction_at_threshold(lambda_per_ms),
            Modulated::Many(..) => Complex64::ONE,
        }
    }

    /// How far to the left responses are known, in 1/ms: of neurons that differ up to the imaginary axis, since each has other poles.
    pub(crate) fn least_growth_per_ms(&self) -> f64 {
        match self {
            Modulated::Lif(lif) => LEAST_ORDER / lif.tau_m_ms(),
            Modulated::Solved(solved) | Modulated::Adapting(Adapting { frozen: solved, .. }) => {
                solved.modulation.as_ref().map_or(LEAST_ORDER, |it| it.least_order()) / solved.tau_m_ms
            }
            Modulated::Many(..) => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::flow::Leaky;
    use super::super::models::{Adaptation, NeuronParameters};
    use super::*;
    use crate::measured::Worst;
    use crate::numerics::quadrature::integrate_16;

    const ACCURACY_AT_REST: f64 = 1e-12;
    const ACCURACY_OF_THE_DENSITY: f64 = 1e-12;
    const ACCURACY_OF_ITS_INTEGRAL: f64 = 1e-10;

    fn named(name: &str, t_ref_ms: f64, per_mv: f64) -> Model {
        let parameters = NeuronParameters {
            tau_m_ms: 12.0,
            t_ref_ms,
            E_L_mv: -65.0,
            V_th_mv: -50.0,
            V_reset_mv: -60.0,
            Delta_T_mv: 1.5,
            V_peak_mv: -20.0,
            adaptation: Some(Adaptation { per_mv, per_spike_mv: 1.5, tau_w_ms: 120.0 }),
        };
        Model::named(name, &parameters).unwrap().unwrap()
    }

    #[test]
    fn at_rest_the_response_of_every_neuron_is_the_derivative_of_its_rate() {
        let mut worst = Worst::default();
        for (name, per_mv) in [("eif", 0.0), ("qif", 0.0), ("adex", 0.0), ("adex", 0.2)] {
            for (mean_mv, std_mv) in [(-62.0, 6.0), (-55.0, 3.0), (-48.0, 4.0), (-30.0, 1.0)] {
                let neuron = named(name, 1.5, per_mv);
                let rate = neuron.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0);
                let found = neuron.modulated(mean_mv, std_mv, 0.0, 1.0).response(Complex64::ZERO);
                let unit = (rate.rate_hz() * rate.d_mu).abs();
                let expected = [rate.d_mu, rate.d_variance].map(|per_unit| rate.rate_hz() * per_unit);
                worst.add((found.hz_per_mv - expected[0]).norm() / unit, ("mean", name, mean_mv, std_mv));
                let error = (found.hz_per_mv2 - expected[1]).norm() * std_mv;
                worst.add(error / unit, ("variance", name, mean_mv, std_mv));
                assert!((found.renewal - 1.0).norm() < 1e-12, "{name} {mean_mv} {std_mv}: {found:?}");
            }
        }
        worst.must_be_at_most(ACCURACY_AT_REST);
    }

    /// Without noise a neuron can be kept from firing by its adaptation alone.
    #[test]
    fn what_never_fires_does_not_respond() {
        let silent = Response { renewal: Complex64::ONE, ..Response::default() };
        for (name, mean_mv) in [("eif", -60.0), ("qif", -60.0), ("perfect", -66.0), ("adex", -50.0)] {
            let neuron = named(name, 1.5, 0.2);
            assert!(neuron.is_silent(mean_mv, 0.0), "{name}");
            let found = neuron.modulated(mean_mv, 0.0, 0.0, 1.0);
            assert_eq!(found.response(Complex64::new(0.0, 0.3)), silent, "{name}");
            assert_eq!((found.power_spectrum_hz(10.0), found.interval_density_per_ms(5.0)), (0.0, None), "{name}");
        }
    }

    /// Inverse Gaussian, released after the refractory time.
    #[test]
    fn the_intervals_of_the_perfect_neuron_have_their_density_and_those_of_the_lif_one_by_two_routes() {
        let mut worst = Worst::default();
        let neuron = named("perfect", 2.0, 0.0);
        for (mean_mv, std_mv) in [(-60.0, 3.0), (-62.0, 8.0), (-40.0, 2.0)] {
            let modulated = neuron.modulated(mean_mv, std_mv, 0.0, 1.0);
            let (drift, spread) = ((mean_mv + 65.0) / 12.0, std_mv * std_mv / 12.0);
            let mean_ms = 10.0 / drift;
            for part in [0.05, 0.5, 0.9, 1.2, 3.0] {
                let t = part * mean_ms;
                let expected = 10.0 / (std::f64::consts::TAU * spread * t * t * t).sqrt()
                    * (-(10.0 - drift * t).powi(2) / (2.0 * spread * t)).exp();
                let found = modulated.interval_density_per_ms(t + 2.0).unwrap();
                worst.add((found - expected).abs() * mean_ms, ("perfect", mean_mv, std_mv, part));
            }
            assert_eq!(modulated.interval_density_per_ms(1.9), Some(0.0));
        }
        let lif = named("lif", 2.0, 0.0);
        for (mean_mv, std_mv) in [(-55.0, 4.0), (-52.0, 1.0), (-40.0, 3.0)] {
            let flow = Leaky { mean_mv, std_mv, V_reset_mv: -60.0, V_th_mv: -50.0 };
            let solved = Modulated::Solved(lif.of_flow(flow, mean_mv, std_mv, 1.0));
            let closed = lif.modulated(mean_mv, std_mv, 0.0, 1.0);
            for t in [2.5, 5.0, 20.0, 60.0] {
                let [a, b] = [&solved, &closed].map(|it| it.interval_density_per_ms(t).unwrap());
                worst.add((a - b).abs() * 10.0, ("lif", mean_mv, std_mv, t));
            }
        }
        worst.must_be_at_most(ACCURACY_OF_THE_DENSITY);
        assert_eq!(lif.modulated(-40.0, 0.0, 0.0, 1.0).interval_density_per_ms(5.0), None);
        assert_eq!(named("adex", 2.0, 0.0).modulated(-40.0, 3.0, 0.0, 1.0).interval_density_per_ms(5.0), None);
    }

    #[test]
    fn densities_have_an_integral_of_1_and_the_mean_interval_and_hazards_end_in_a_constant() {
        let mut worst = Worst::default();
        for (name, mean_mv, std_mv) in [("lif", -50.0, 5.0), ("eif", -51.0, 4.0), ("qif", -49.0, 5.0)] {
            let neuron = named(name, 2.0, 0.0);
            let modulated = neuron.modulated(mean_mv, std_mv, 0.0, 1.0);
            let mean_ms = MS_PER_S / neuron.log_rate(SynapticFilter::Ignore, mean_mv, std_mv, 0.0).rate_hz();
            let density = |t: f64| modulated.interval_density_per_ms(t).unwrap();
            // finely where it rises, to where nobody is left
            let knots: Vec<f64> = [0.0, 0.1, 0.2, 0.4, 0.7, 1.0, 1.5, 2.0, 3.0, 4.5, 6.5, 9.0, 13.0, 18.0, 25.0]
                .map(|part| 2.0 + part * mean_ms)
                .to_vec();
            let (mut integral, mut first) = (0.0, 0.0);
            for ends in knots.windows(2) {
                integral += integrate_16(ends[0], ends[1], density);
                first += integrate_16(ends[0], ends[1], |t| t * density(t));
            }
            worst.add((integral - 1.0).abs(), ("integral", name));
            worst.add((first / mean_ms - 1.0).abs(), ("mean", name));
            let [near, far] = [5.0, 6.0].map(|part| modulated.hazard_per_ms(part * mean_ms).unwrap());
            assert!((near / far - 1.0).abs() < 1e-3, "{name}: {near} {far}");
            assert_eq!(modulated.hazard_per_ms(1.0), Some(0.0));
        }
        worst.must_be_at_most(ACCURACY_OF_ITS_INTEGRAL);
    }
}
