//! The leaky integrate-and-fire neuron in exponentially filtered noise, for any time constants.
//!
//! ```text
//! tau_m dV/dt = -(V - mu) + sigma_w sqrt(tau_m) xi_0 + sum_k y_k,    tau_k dy_k/dt = -y_k + sigma_k sqrt(tau_m) xi_k
//! y = (y_decay - y_rise)/(tau_decay - tau_rise),  both of one xi                              of a current that rises before it decays
//! ```
//!
//! with a spike at `V_th`, then `V_reset` for `t_ref` while the currents run on. `tau_k` need not be small: the law of threshold crossings (`crossings`)
//! obeys an integral equation whose kernel is the Gaussian law of the membrane without a threshold (`free`), and is solved to many digits. One file a step:
//!
//! | file | what |
//! | --- | --- |
//! | `free` | the membrane without a threshold |
//! | `places` | velocities and other currents at a crossing |
//! | `times` | times after a release |
//! | `crossings` | the integral equation |
//! | `potential` | mean and standard deviation of the potential |
//! | `adiabatic` | currents far slower than the membrane, and noise too weak for the rest |
//!
//! White noise beside filtered noise is filtered noise of a time constant `eps` far below all others, with threshold and reset moved against the first-order effect
//! of that (`SynapticFilter`); what is left is linear in `eps` and taken off by extrapolation from `eps` and `eps/2`.
//!
//! A current that rises is the difference of two exponential ones with a common source, so it has two components. Equal times (alpha functions) are taken to differ
//! by one in a hundred, which changes a variance by 2e-5.
//!
//! Source: the method is ours; the boundary's shift is that of Fourcaud and Brunel (2002), Neural Comput 14:2057, eq. 4.33.
//! Range: `tau_k` from 0 to 50 `tau_m` by the equation, beyond it by averaging over the slow current as if it stood still, joined to it.
//! Accuracy: of the rate 1e-6 with one time constant and 1e-3 with several or with white noise beside, 1e-2 with currents that rise, and a tenth of that
//! where they are faster than the membrane (against noise divided otherwise and more polynomials), 2e-2 with currents that stand still and 5e-3 with noise too
//! weak for the equation (against the equation where both are known). It lies within three sampling errors
//! (each some thousandths) of simulated neurons from 0.025 to 10 `tau_m`. [`FilteredState::error`] estimates the error of each answer.

mod adiabatic;
mod crossings;
mod free;
mod places;
mod potential;
mod times;

use super::{FilteredNoise, FilteredState, Noise, check_noise};
use crate::error::DomainError;
use crate::neuron::lif::{Lif, LifParameters, MS_PER_S, MembranePotential, SynapticFilter};
use crossings::{Bounds, Extent, Grid, law};
use free::{FreeMembrane, MOST};

/// Currents slower than that many `tau_m` stand still.
const STANDS_STILL: f64 = 50.0;

/// The time constant that stands in for white noise, in units of the fastest of all others.
const WHITE: f64 = 0.02;

/// Noise of a component below that part of all counts as that part: it has a direction, but no length.
const LEAST_PART: f64 = 1e-9;

/// Rise and decay of a current that differ by less than this ratio are taken to differ by as much: with the same sum, and so the same variance of the current, the
/// variance of its slope changes by a quarter of the square of what is beyond 1.
const LEAST_RATIO: f64 = 1.01;

/// From this relative error on the equation is not trusted: noise too weak for it.
const LARGEST_DEFECT: f64 = 1e-2;

/// Step of the difference quotients, in units of the noise.
const DIFFERENCE: f64 = 1e-4;

/// Derivatives of the logarithm of the rate.
#[derive(Clone, Debug, PartialEq)]
pub struct FilteredGradient {
    /// With the mean input, per mV.
    pub d_mean: f64,
    /// With the variance of white noise, per mV^2.
    pub d_white_variance: f64,
    /// With the variance of each filtered noise, per mV^2.
    pub d_variance: Vec<f64>,
}

/// A problem that the equation takes: noise of finite time constants only.
struct Equation {
    free: FreeMembrane,
    bounds: Bounds,
    /// The bounds on which white noise acts, and how many of the components are currents.
    true_bounds: Bounds,
    currents: usize,
}

/// Decay and rise time so far apart that the current is a difference of two exponential ones: see [`LEAST_RATIO`].
fn apart(noise: &FilteredNoise) -> [f64; 2] {
    let (slow, fast) = (noise.tau_ms.max(noise.tau_rise_ms), noise.tau_ms.min(noise.tau_rise_ms));
    if slow >= LEAST_RATIO * fast {
        return [slow, fast];
    }
    let fast = noise.time_ms() / (1.0 + LEAST_RATIO);
    [LEAST_RATIO * fast, fast]
}

impl Equation {
    /// With white noise, if there is any, filtered by `white_ms`.
    fn new(lif: &Lif, mean_mv: f64, noise: &Noise, white_ms: Option<f64>) -> Self {
        let LifParameters { tau_m_ms, t_ref_ms, V_th_mv, V_reset_mv } = lif.parameters();
        let least = LEAST_PART * noise.total();
        let stand_in = white_ms.map(|tau_ms| FilteredNoise::exponential(noise.white_mv2, tau_ms));
        let all: Vec<FilteredNoise> = noise.filtered.iter().copied().chain(stand_in).collect();
        // (time constant, source, gain), the slowest first
        let mut components: Vec<(f64, usize, f64)> = Vec::with_capacity(MOST);
        for (source, it) in all.iter().enumerate() {
            let amplitude = (it.variance_mv2.max(least) * tau_m_ms).sqrt();
            if it.tau_rise_ms == 0.0 {
                components.push((it.tau_ms, source, amplitude / it.tau_ms));
            } else {
                let [decay, rise] = apart(it);
                components.extend(
                    [(decay, source, 1.0), (rise, source, -1.0)]
                        .map(|(tau, source, sign)| (tau, source, sign * amplitude / (decay - rise))),
                );
            }
        }
        components.sort_by(|a, b| b.0.total_cmp(&a.0));
        let sources = (0..all.len()).map(|source| {
            let mut gain = [0.0; MOST];
            components.iter().enumerate().filter(|(_, it)| it.1 == source).for_each(|(k, it)| gain[k] = it.2);
            gain
        });
        let tau: Vec<f64> = components.iter().map(|it| it.0).collect();
        let shift = stand_in.map_or(0.0, |it| it.variance_mv2.sqrt() * SynapticFilter::shift(it.tau_ms / tau_m_ms));
        let left = stand_in.map_or(0.0, |it| (-t_ref_ms / it.tau_ms).exp());
        let true_bounds = Bounds { threshold: V_th_mv - mean_mv, reset: V_reset_mv - mean_mv, t_ref: t_ref_ms };
        let bounds =
            Bounds { threshold: true_bounds.threshold - shift, reset: true_bounds.reset - shift * left, ..true_bounds };
        Equation {
            free: FreeMembrane::new(tau_m_ms, &tau, sources.collect()),
            bounds,
            true_bounds,
            currents: components.len() - usize::from(white_ms.is_some()),
        }
    }

    /// Polynomials in the components that are not the velocity: fewer where there are more of them.
    fn degree(&self) -> usize {
        match self.free.count {
            1 => 0,
            2 => 3,
            _ => 2,
        }
    }

    fn grid(&self) -> Grid {
        self.grid_of_degree(self.degree())
    }

    /// Around where spikes choose the currents to be: a series of first degree tells.
    fn grid_of_degree(&self, degree: usize) -> Grid {
        let mut center = [0.0; MOST];
        if self.free.count > 1 {
            let first = Grid::new(&self.free, &self.bounds, 1, center);
            center = law(&self.free, &self.bounds, &first, Extent::Mean).coordinates;
        }
        Grid::new(&self.free, &self.bounds, degree, center)
    }
}

/// Logarithm of the rate in Hz, from that of the time from release to spike in ms.
fn ln_rate(ln_time: f64, t_ref_ms: f64) -> f64 {
    MS_PER_S.ln() - ln_time - (t_ref_ms * (-ln_time).exp()).ln_1p()
}

impl Lif {
    /// Rate, CV and potential at a mean input, white noise of a variance `sigma_w^2` and filtered noise.
    ///
    /// # Errors
    ///
    /// An input that is not finite, a negative variance, a time constant that is not positive.
    pub fn in_filtered_noise(
        &self,
        mean_mv: f64,
        white_variance_mv2: f64,
        filtered: &[FilteredNoise],
    ) -> Result<FilteredState, DomainError> {
        self.filtered(mean_mv, white_variance_mv2, filtered, Extent::Variance)
    }

    /// The logarithm of the rate in Hz alone.
    ///
    /// # Errors
    ///
    /// As [`Lif::in_filtered_noise`].
    pub fn ln_rate_in_filtered_noise(
        &self,
        mean_mv: f64,
        white_variance_mv2: f64,
        filtered: &[FilteredNoise],
    ) -> Result<f64, DomainError> {
        Ok(self.filtered(mean_mv, white_variance_mv2, filtered, Extent::Mean)?.ln_rate_hz)
    }

    /// Without a CV if only the mean interval is asked for.
    fn filtered(
        &self,
        mean_mv: f64,
        white_variance_mv2: f64,
        filtered: &[FilteredNoise],
        extent: Extent,
    ) -> Result<FilteredState, DomainError> {
        let noise = checked(mean_mv, white_variance_mv2, filtered)?;
        if noise.total() == 0.0 || noise.filtered.is_empty() {
            return Ok(self.in_white_noise(mean_mv, noise.white_mv2));
        }
        let still = STANDS_STILL * self.parameters().tau_m_ms;
        if noise.filtered[0].time_ms() > still {
            return Ok(adiabatic::averaged(self, mean_mv, &noise, still, extent));
        }
        let scales = self.white_scales(&noise);
        let states: Vec<FilteredState> = scales
            .iter()
            .map(|&white_ms| {
                let equation = Equation::new(self, mean_mv, &noise, white_ms);
                self.solved(&equation, &equation.grid(), (mean_mv, noise.white_mv2), extent)
            })
            .collect();
        let state = extrapolated(&states);
        if state.error < LARGEST_DEFECT { Ok(state) } else { Ok(adiabatic::weak(self, mean_mv, &noise)) }
    }

    /// The derivatives of the logarithm of the rate there, by differences of what is smooth to ten digits: relative error some 1e-6.
    ///
    /// # Errors
    ///
    /// As [`Lif::in_filtered_noise`].
    pub fn gradient_in_filtered_noise(
        &self,
        mean_mv: f64,
        white_variance_mv2: f64,
        filtered: &[FilteredNoise],
    ) -> Result<FilteredGradient, DomainError> {
        // all on the grids of the middle, so that what they miss is the same
        let middle = checked(mean_mv, white_variance_mv2, filtered)?;
        let total = middle.total();
        let still = STANDS_STILL * self.parameters().tau_m_ms;
        let has_equation = total > 0.0 && middle.filtered.first().is_some_and(|slowest| slowest.time_ms() <= still);
        let scales = if has_equation { self.white_scales(&middle) } else { Vec::new() };
        let grids: Vec<(Option<f64>, Grid)> = scales
            .into_iter()
            .map(|white_ms| (white_ms, Equation::new(self, mean_mv, &middle, white_ms).grid()))
            .collect();
        let on_grids = |mean_mv: f64, noise: &Noise| {
            let state = |(white_ms, grid): &(Option<f64>, Grid)| {
                let equation = Equation::new(self, mean_mv, noise, *white_ms);
                self.solved(&equation, grid, (mean_mv, noise.white_mv2), Extent::Mean)
            };
            extrapolated(&grids.iter().map(state).collect::<Vec<_>>())
        };
        let is_solved = has_equation && on_grids(mean_mv, &middle).error < LARGEST_DEFECT;
        let at = |mean_mv: f64, white_mv2: f64, filtered: &[FilteredNoise]| -> f64 {
            if !is_solved {
                return self.ln_rate_in_filtered_noise(mean_mv, white_mv2, filtered).unwrap_or(f64::NAN);
            }
            on_grids(mean_mv, &Noise::new(white_mv2, filtered)).ln_rate_hz
        };
        let scale = total.sqrt().max(1e-3);
        let step = DIFFERENCE * scale;
        let d_mean = (at(mean_mv + step, white_variance_mv2, filtered)
            - at(mean_mv - step, white_variance_mv2, filtered))
            / (2.0 * step);
        let step = DIFFERENCE * scale * scale;
        // one-sided, of second order, where there is too little noise to take from
        let slope = |variance: f64, at: &dyn Fn(f64) -> f64| {
            if variance > 2.0 * step {
                (at(variance + step) - at(variance - step)) / (2.0 * step)
            } else {
                (4.0 * at(variance + step) - at(variance + 2.0 * step) - 3.0 * at(variance)) / (2.0 * step)
            }
        };
        Ok(FilteredGradient {
            d_mean,
            d_white_variance: if white_variance_mv2 > 0.0 {
                slope(white_variance_mv2, &|variance| at(mean_mv, variance, filtered))
            } else {
                f64::NAN
            },
            d_variance: (0..filtered.len())
                .map(|k| {
                    slope(filtered[k].variance_mv2, &|variance_mv2| {
                        let mut changed = filtered.to_vec();
                        changed[k].variance_mv2 = variance_mv2;
                        at(mean_mv, white_variance_mv2, &changed)
                    })
                })
                .collect(),
        })
    }

    /// What stands in for white noise: nothing, or two time constants.
    fn white_scales(&self, noise: &Noise) -> Vec<Option<f64>> {
        let times =
            noise.filtered.iter().flat_map(|it| [Some(it.tau_ms), Some(it.tau_rise_ms).filter(|rise| *rise > 0.0)]);
        let fastest = times.flatten().fold(self.parameters().tau_m_ms, f64::min);
        if noise.white_mv2 > 0.0 { vec![Some(WHITE * fastest), Some(0.5 * WHITE * fastest)] } else { vec![None] }
    }

    fn solved(
        &self,
        equation: &Equation,
        grid: &Grid,
        (mean_mv, white_mv2): (f64, f64),
        extent: Extent,
    ) -> FilteredState {
        let law = law(&equation.free, &equation.bounds, grid, extent);
        let t_ref_ms = self.parameters().t_ref_ms;
        let ln_rate_hz = ln_rate(law.ln_time, t_ref_ms);
        let per_ms = ln_rate_hz.exp() / MS_PER_S;
        let potential = potential::potential(
            &equation.free,
            &equation.true_bounds,
            &law,
            per_ms,
            equation.currents,
            white_mv2,
            mean_mv,
        );
        let free_part = 1.0 - per_ms * t_ref_ms;
        let cv = free_part * law.relative_variance.clamp(0.0, f64::INFINITY).sqrt();
        FilteredState {
            ln_rate_hz,
            cv: cv.is_finite().then_some(cv),
            potential: potential.std_mv.is_finite().then_some(potential),
            error: if ln_rate_hz.is_nan() { f64::INFINITY } else { law.defect.abs() },
        }
    }

    fn in_white_noise(&self, mean_mv: f64, variance_mv2: f64) -> FilteredState {
        let std_mv = variance_mv2.sqrt();
        FilteredState {
            ln_rate_hz: self.log_rate(mean_mv, std_mv, 0.0).ln_rate_hz,
            cv: self.state(mean_mv, std_mv, 0.0).ok().and_then(|state| state.cv),
            potential: self.membrane_potential(mean_mv, std_mv).ok(),
            error: 0.0,
        }
    }
}

fn checked(mean_mv: f64, white_mv2: f64, filtered: &[FilteredNoise]) -> Result<Noise, DomainError> {
    check_noise(mean_mv, white_mv2, filtered)?;
    Ok(Noise::new(white_mv2, filtered))
}

/// What two stand-ins for white noise tell of none: twice the nearer less the farther.
fn extrapolated(states: &[FilteredState]) -> FilteredState {
    let [far, near] = states else { return states[0] };
    let to = |far: f64, near: f64| 2.0 * near - far;
    let both = |far: Option<f64>, near: Option<f64>| Some(to(far?, near?));
    let potential =
        |of: fn(&MembranePotential) -> f64| both(far.potential.as_ref().map(of), near.potential.as_ref().map(of));
    FilteredState {
        ln_rate_hz: to(far.ln_rate_hz, near.ln_rate_hz),
        cv: both(far.cv, near.cv),
        potential: potential(|it| it.mean_mv)
            .zip(potential(|it| it.std_mv))
            .map(|(mean_mv, std_mv)| MembranePotential { mean_mv, std_mv }),
        error: far.error.max(near.error),
    }
}

#[cfg(test)]
mod tests {
    use super::super::MOST_TIME_CONSTANTS;
    use super::*;
    use crate::measured::{Worst, number, table};
    use crate::neuron::lif::{BRUNEL, of_row};

    const ACCURACY: f64 = 1e-6;
    const ACCURACY_OF_SEVERAL: f64 = 1e-3;
    const ACCURACY_OF_RISES: f64 = 1e-2;
    const ACCURACY_STANDING_STILL: f64 = 2e-2;
    const ACCURACY_OF_WEAK: f64 = 5e-3;

    fn one(sigma_mv: f64, tau_ms: f64) -> [FilteredNoise; 1] {
        [FilteredNoise::exponential(sigma_mv * sigma_mv, tau_ms)]
    }

    fn ln_rate_of(mean_mv: f64, white_mv2: f64, filtered: &[FilteredNoise]) -> f64 {
        BRUNEL.in_filtered_noise(mean_mv, white_mv2, filtered).unwrap().ln_rate_hz
    }

    #[test]
    fn rate_cv_and_potential_are_those_of_a_simulated_neuron_at_every_time_constant() {
        let mut points = 0;
        for row in table("filtered_noise").iter().filter(|row| row["model"] == "lif") {
            let (lif, mean_mv, _) = of_row(row);
            let noise = [1, 2].map(|k| {
                let of = |name: &str| number(row, &format!("{name}_{k}_m{}", if name == "sigma" { 'v' } else { 's' }));
                FilteredNoise::exponential(of("sigma").powi(2), of("tau"))
            });
            let noise = if noise[1].variance_mv2 > 0.0 { &noise[..] } else { &noise[..1] };
            let found = lif.in_filtered_noise(mean_mv, 0.0, noise).unwrap();
            let (rate, simulated) = (found.ln_rate_hz.exp(), number(row, "rate_hz"));
            let allowed = (3.0 * number(row, "standard_error_hz")).max(1e-2 * simulated);
            assert!((rate - simulated).abs() < allowed, "{rate} for {row:?}");
            let cv = found.cv.unwrap();
            assert!((cv / number(row, "cv") - 1.0).abs() < 0.03, "CV {cv} for {row:?}");
            let potential = found.potential.unwrap();
            let width = number(row, "V_th_mv") - number(row, "V_reset_mv");
            assert!((potential.mean_mv - number(row, "mean_mv")).abs() < 2e-3 * width, "{potential:?} for {row:?}");
            assert!((potential.std_mv / number(row, "std_mv") - 1.0).abs() < 0.01, "{potential:?} for {row:?}");
            assert!(found.error < 1e-3, "{} for {row:?}", found.error);
            points += 1;
        }
        assert_eq!(points, 25);
    }

    #[test]
    fn rates_of_first_order_are_its_limit_and_simulated_rates_lie_around_it() {
        for row in table("lif_colored_noise") {
            let (lif, mean_mv, sigma_mv) = of_row(&row);
            let noise = one(sigma_mv, number(&row, "tau_syn_ms"));
            let found = lif.in_filtered_noise(mean_mv, 0.0, &noise).unwrap().ln_rate_hz.exp();
            let simulated = number(&row, "rate_monte_carlo_hz");
            let allowed = (3.0 * number(&row, "monte_carlo_standard_error_hz")).max(1e-2 * simulated);
            assert!((found - simulated).abs() < allowed, "{found} for {row:?}");
        }
        // the shift of both boundaries, that of the reset as far as the current is left: what remains is of second order in k
        let lif = Lif::new(LifParameters { t_ref_ms: 0.0, ..BRUNEL.parameters() }).unwrap();
        let difference = |tau_ms: f64| {
            let exact = lif.in_filtered_noise(18.0, 0.0, &one(5.0, tau_ms)).unwrap().ln_rate_hz;
            exact - lif.log_rate(18.0, 5.0, SynapticFilter::shift(tau_ms / 20.0)).ln_rate_hz
        };
        let order = difference(0.04) / difference(0.01);
        assert!((order - 4.0).abs() < 0.15, "{order}");
    }

    #[test]
    fn white_noise_is_the_limit_of_short_time_constants_and_of_little_filtered_noise() {
        for (mean_mv, sigma_mv) in [(5.0, 4.0), (14.0, 5.0), (18.0, 5.0), (24.0, 3.0), (60.0, 6.0)] {
            let white = BRUNEL.log_rate(mean_mv, sigma_mv, 0.0).ln_rate_hz;
            let found = ln_rate_of(mean_mv, sigma_mv * sigma_mv, &one(1e-4, 5.0));
            let scale = 1.0 + white.abs();
            assert!((found - white).abs() < ACCURACY_OF_SEVERAL * scale, "{mean_mv}: {found} for {white}");
            // a short time constant moves the threshold, and that is all
            let short = one(sigma_mv, 2e-3);
            let moved = SynapticFilter::shift(1e-4) * sigma_mv;
            let shifted = Lif::new(LifParameters { V_th_mv: 20.0 + moved, ..BRUNEL.parameters() }).unwrap();
            let expected = shifted.log_rate(mean_mv, sigma_mv, 0.0).ln_rate_hz;
            let found = ln_rate_of(mean_mv, 0.0, &short);
            assert!((found - expected).abs() < ACCURACY_OF_SEVERAL * scale, "{mean_mv}: {found} for {expected}");
        }
    }

    #[test]
    fn the_answer_does_not_depend_on_how_the_noise_is_divided() {
        for (mean_mv, tau_ms) in [(14.0, 20.0), (18.0, 5.0), (24.0, 60.0), (0.0, 2.0)] {
            let whole = ln_rate_of(mean_mv, 0.0, &one(4.0, tau_ms));
            let half = FilteredNoise::exponential(8.0, tau_ms);
            let halves = ln_rate_of(mean_mv, 0.0, &[half, half]);
            assert!((whole - halves).abs() < ACCURACY * whole.abs().max(1.0), "{mean_mv}: {whole} {halves}");
            // time constants that differ a little: two components, nearly the same noise
            let [slower, faster] = [1.01, 1.0 / 1.01].map(|factor| FilteredNoise { tau_ms: factor * tau_ms, ..half });
            let apart = ln_rate_of(mean_mv, 0.0, &[slower, faster]);
            assert!((whole - apart).abs() < ACCURACY_OF_SEVERAL * whole.abs().max(1.0), "{mean_mv}: {whole} {apart}");
        }
    }

    #[test]
    fn more_polynomials_change_little() {
        let mut worst = Worst::default();
        for (mean_mv, noise) in [
            (18.0, [(3.5, 8.0), (3.5, 2.0)]),
            (18.0, [(4.0, 10.0), (2.0, 1.0)]),
            (22.0, [(4.0, 10.0), (2.0, 1.0)]),
            (22.0, [(2.0, 100.0), (4.0, 2.0)]),
            (10.0, [(3.0, 30.0), (3.0, 3.0)]),
        ] {
            let filtered = noise.map(|(sigma, tau_ms): (f64, f64)| FilteredNoise::exponential(sigma * sigma, tau_ms));
            let equation = Equation::new(&BRUNEL, mean_mv, &Noise::new(0.0, &filtered), None);
            let at = |degree: usize| {
                let grid = equation.grid_of_degree(degree);
                law(&equation.free, &equation.bounds, &grid, Extent::Mean).ln_time
            };
            worst.add((at(equation.degree()) - at(equation.degree() + 3)).abs(), (mean_mv, noise));
        }
        worst.must_be_at_most(ACCURACY_OF_SEVERAL);
    }

    #[test]
    fn currents_that_rise_make_the_rate_cv_and_potential_of_simulated_neurons() {
        let mut points = 0;
        for row in table("rising_noise").iter().filter(|row| row["model"] == "lif") {
            let of = |name: &str| number(row, name);
            let (lif, mean_mv, _) = of_row(row);
            let noise = [1, 2].map(|k| FilteredNoise {
                variance_mv2: of(&format!("sigma_{k}_mv")).powi(2),
                tau_ms: of(&format!("tau_{k}_ms")),
                tau_rise_ms: of(&format!("tau_rise_{k}_ms")),
            });
            let noise = if noise[1].variance_mv2 > 0.0 { &noise[..] } else { &noise[..1] };
            let found = lif.in_filtered_noise(mean_mv, of("sigma_w_mv").powi(2), noise).unwrap();
            let (rate, simulated) = (found.ln_rate_hz.exp(), of("rate_hz"));
            let allowed = (3.0 * of("standard_error_hz")).max(1e-2 * simulated);
            assert!((rate - simulated).abs() < allowed, "{rate} for {row:?}");
            let cv = found.cv.unwrap();
            // intervals that a run of some hundred spikes does not hold make its CVs too small
            let allowed = if of("cv_is_whole") > 0.0 { 0.03 } else { 0.2 };
            assert!((cv / of("cv") - 1.0).abs() < allowed, "CV {cv} for {row:?}");
            let potential = found.potential.unwrap();
            let width = of("V_th_mv") - of("V_reset_mv");
            assert!((potential.mean_mv - of("mean_mv")).abs() < 1e-2 * width, "{potential:?} for {row:?}");
            assert!((potential.std_mv / of("std_mv") - 1.0).abs() < 0.03, "{potential:?} for {row:?}");
            assert!(found.error < 3e-3, "{} for {row:?}", found.error);
            points += 1;
        }
        assert_eq!(points, 14);
    }

    #[test]
    fn more_polynomials_change_little_of_currents_that_rise_and_a_short_rise_is_none() {
        let mut worst = Worst::default();
        let rising = |sigma: f64, tau_rise_ms: f64, tau_ms: f64| FilteredNoise {
            variance_mv2: sigma * sigma,
            tau_ms,
            tau_rise_ms,
        };
        for (mean_mv, noise) in [
            (18.0, rising(5.0, 1.0, 1.0)),
            (18.0, rising(5.0, 5.0, 5.0)),
            (12.0, rising(6.0, 5.0, 5.0)),
            (18.0, rising(8.0, 20.0, 20.0)),
            (18.0, rising(5.0, 0.1, 5.0)),
            (24.0, rising(4.0, 2.0, 2.0)),
            (10.0, rising(16.0, 50.0, 50.0)),
        ] {
            let equation = Equation::new(&BRUNEL, mean_mv, &Noise::new(0.0, &[noise]), None);
            let at = |degree: usize| {
                law(&equation.free, &equation.bounds, &equation.grid_of_degree(degree), Extent::Mean).ln_time
            };
            worst.add((at(equation.degree()) - at(equation.degree() + 3)).abs(), (mean_mv, noise));
        }
        worst.must_be_at_most(ACCURACY_OF_RISES);
        let sudden = ln_rate_of(18.0, 0.0, &one(5.0, 5.0));
        let found = ln_rate_of(18.0, 0.0, &[rising(5.0, 1e-3, 5.0)]);
        assert!((found - sudden).abs() < 2e-4, "{found} {sudden}");
        // in which order the two filters stand is no matter, and a slight difference none either
        let [one_way, other_way] =
            [(2.0, 5.0), (5.0, 2.0)].map(|(rise, decay)| ln_rate_of(18.0, 0.0, &[rising(5.0, rise, decay)]));
        assert!((one_way - other_way).abs() < 1e-12, "{one_way} {other_way}");
        let [equal, unequal] = [5.0, 5.06].map(|decay| ln_rate_of(18.0, 0.0, &[rising(5.0, 10.0 - decay, decay)]));
        assert!((equal - unequal).abs() < ACCURACY_OF_SEVERAL, "{equal} {unequal}");
    }

    #[test]
    fn slow_currents_are_averaged_over_where_the_equation_ends() {
        for (mean_mv, sigma_mv) in [(18.0, 20.0), (22.0, 10.0), (26.0, 8.0), (10.0, 60.0)] {
            let noise = Noise::new(0.0, &one(sigma_mv, 1000.0));
            let solved = ln_rate_of(mean_mv, 0.0, &one(sigma_mv, 1000.0));
            let averaged = adiabatic::averaged(&BRUNEL, mean_mv, &noise, 500.0, Extent::Variance);
            let error = (solved - averaged.ln_rate_hz).abs();
            assert!(error < ACCURACY_STANDING_STILL && error < averaged.error, "{mean_mv}: {solved} {averaged:?}");
        }
        // weak noise, by the equation and by what takes its place where it is weaker still
        for tau_ms in [0.5, 20.0, 300.0] {
            let noise = one(0.3, tau_ms);
            let (solved, weak) = (
                BRUNEL.in_filtered_noise(24.0, 0.0, &noise).unwrap(),
                adiabatic::weak(&BRUNEL, 24.0, &Noise::new(0.0, &noise)),
            );
            assert!((solved.ln_rate_hz - weak.ln_rate_hz).abs() < ACCURACY_OF_WEAK, "{tau_ms}: {solved:?} {weak:?}");
            assert!((solved.cv.unwrap() / weak.cv.unwrap() - 1.0).abs() < 0.05, "{tau_ms}: {solved:?} {weak:?}");
        }
    }

    #[test]
    fn derivatives_are_those_of_the_rate() {
        let filtered = [FilteredNoise::exponential(9.0, 8.0)];
        for (mean_mv, white_mv2) in [(14.0, 0.0), (22.0, 0.0), (18.0, 3.0)] {
            let found = BRUNEL.gradient_in_filtered_noise(mean_mv, white_mv2, &filtered).unwrap();
            let at = |mean_mv: f64, white_mv2: f64, add: f64| {
                let changed = [FilteredNoise { variance_mv2: filtered[0].variance_mv2 + add, ..filtered[0] }];
                ln_rate_of(mean_mv, white_mv2, &changed)
            };
            let near = |found: f64, expected: f64| {
                assert!((found / expected - 1.0).abs() < 2e-3, "{mean_mv} {white_mv2}: {found} {expected}");
            };
            near(found.d_mean, (at(mean_mv + 0.05, white_mv2, 0.0) - at(mean_mv - 0.05, white_mv2, 0.0)) / 0.1);
            near(found.d_variance[0], (at(mean_mv, white_mv2, 0.2) - at(mean_mv, white_mv2, -0.2)) / 0.4);
            if white_mv2 > 0.0 {
                let quotient = (at(mean_mv, white_mv2 + 0.2, 0.0) - at(mean_mv, white_mv2 - 0.2, 0.0)) / 0.4;
                near(found.d_white_variance, quotient);
            }
        }
    }

    #[test]
    fn nothing_is_asked_of_noise_that_is_not_there_and_nonsense_is_refused() {
        let silent = BRUNEL.in_filtered_noise(15.0, 0.0, &one(0.0, 5.0)).unwrap();
        assert_eq!((silent.ln_rate_hz, silent.cv), (f64::NEG_INFINITY, None));
        let white = BRUNEL.in_filtered_noise(15.0, 9.0, &[]).unwrap();
        assert_eq!(white.ln_rate_hz, BRUNEL.log_rate(15.0, 3.0, 0.0).ln_rate_hz);
        for (mean_mv, white_mv2, noise) in [
            (f64::NAN, 1.0, one(1.0, 1.0)),
            (1.0, -1.0, one(1.0, 1.0)),
            (1.0, 0.0, one(f64::INFINITY, 1.0)),
            (1.0, 0.0, one(1.0, 0.0)),
        ] {
            assert!(BRUNEL.in_filtered_noise(mean_mv, white_mv2, &noise).is_err(), "{mean_mv} {white_mv2} {noise:?}");
        }
        // many time constants: those nearest to each other are one
        let many: Vec<FilteredNoise> = (0..12).map(|k| FilteredNoise::exponential(1.0, 1.0 + f64::from(k))).collect();
        let noise = Noise::new(0.0, &many);
        assert_eq!((noise.filtered.len(), noise.total()), (MOST_TIME_CONSTANTS, 12.0));
        assert!(ln_rate_of(18.0, 0.0, &many).is_finite());
    }
}
