//! The leaky integrate-and-fire neuron driven by jumps of finite size at random times: shot noise.
//!
//! ```text
//! tau_m dV/dt = -(V - E) + s sqrt(tau_m) xi(t) + tau_m sum_b sum_k J_(b,k) delta(t - t_(b,k)),    spike where a jump or the leak brings V to V_th or beyond, then V_reset for t_ref
//! ```
//!
//! `s^2` is the variance of white noise beside the jumps, if there is any. Jumps of kind `b` come as a Poisson process of the rate `R_b`, with sizes drawn from a law: what the diffusion approximation takes for white noise of the mean
//! `E + tau_m sum R <J>` and the variance `s^2 + tau_m sum R <J^2>`. Nothing is expanded here, so jumps may be as large as the distance to threshold.
//!
//! A kind of jumps may have a reversal potential `E_b`: of conductances that are open for an instant. Then the law is that of the exponent `A`, their integral over `C_m`, and a jump leads from `V` to
//! `E_b + (V - E_b) exp(-A)`, so that its size depends on the potential.
//!
//! | file | quantity |
//! | --- | --- |
//! | `exponential` | exponential laws with one excitatory mean: closed form but for one integral |
//! | `solution` | any laws: the equation of the mean passage time, by elements |
//! | `equation`, `mesh`, `escape` | its matrix, its elements, and how rare spikes are |
//! | `memory` | integrals over laws that are asked for again |
//! | `law`, `landing` | laws of the size of jumps, and where these lead |
//! | `towards` | jumps towards a reversal potential of any law |

mod equation;
mod escape;
mod exponential;
mod landing;
mod law;
mod memory;
mod mesh;
mod solution;
mod towards;

pub use law::JumpLaw;

use super::lif::{Lif, LifParameters, MS_PER_S, MembranePotential};
use escape::Escape;
use exponential::{Exponentials, PassageTime};
use solution::{Slopes, Solution};

/// Most kinds of jumps that one neuron can receive.
pub const MOST_LAWS: usize = 8;

/// Jumps of one kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jump {
    /// Law of their size; with a reversal potential that of their exponent `A`, a number.
    pub law: JumpLaw,
    /// How many come in a ms.
    pub rate_per_ms: f64,
    /// Where a conductance leads to, if the jump is one: a part `1 - exp(-A)` of the way.
    pub reversal_mv: Option<f64>,
}

impl Jump {
    /// Jumps of a size with this law.
    pub fn of_size(law: JumpLaw, rate_per_ms: f64) -> Self {
        Jump { law, rate_per_ms, reversal_mv: None }
    }

    /// Jumps a part `1 - exp(-A)` of the way to a reversal potential; the law is that of `A`, the conductance's integral over `C_m`.
    pub fn towards(reversal_mv: f64, exponent: JumpLaw, rate_per_ms: f64) -> Self {
        Jump { law: exponent, rate_per_ms, reversal_mv: Some(reversal_mv) }
    }
}

/// All that a neuron receives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShotNoiseInput<'a> {
    /// The resting level `E`, to which the potential goes between jumps.
    pub resting_mv: f64,
    /// Variance of white noise beside the jumps, in the convention of `sigma^2`.
    pub white_variance_mv2: f64,
    /// The jumps; at most [`MOST_LAWS`] kinds, of which others are left out.
    pub jumps: &'a [Jump],
}

impl<'a> ShotNoiseInput<'a> {
    /// Jumps alone.
    pub fn of_jumps(resting_mv: f64, jumps: &'a [Jump]) -> Self {
        ShotNoiseInput { resting_mv, white_variance_mv2: 0.0, jumps }
    }
}

/// The rate in shot noise, with its derivatives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShotNoiseRate {
    /// Natural logarithm of the rate in Hz; minus infinity for a neuron that never fires.
    pub ln_rate_hz: f64,
    /// Its derivative with respect to the resting level, per mV.
    pub d_resting: f64,
    /// Its derivative with respect to the variance of white noise, per mV^2.
    pub d_white_variance: f64,
    /// Its derivatives with respect to the rates of jumps in 1/ms, in the order of the jumps.
    pub d_rates: [f64; MOST_LAWS],
}

impl ShotNoiseRate {
    const SILENT: ShotNoiseRate = ShotNoiseRate {
        ln_rate_hz: f64::NEG_INFINITY,
        d_resting: 0.0,
        d_white_variance: 0.0,
        d_rates: [0.0; MOST_LAWS],
    };
}

/// Which way the time from release to spike is found.
enum Route {
    Silent,
    /// No jumps: the closed forms of white noise.
    White,
    /// Which of the jumps inhibit, and which excites.
    Exponential(Box<(PassageTime, [Option<usize>; MOST_LAWS])>, usize),
    Elements,
}

impl Lif {
    /// The rate with its derivatives.
    pub fn rate_in_shot_noise(&self, input: &ShotNoiseInput) -> ShotNoiseRate {
        let jumps = &some(input.jumps)[..];
        let input = &ShotNoiseInput { jumps, ..*input };
        let LifParameters { tau_m_ms, t_ref_ms, V_reset_mv, .. } = self.parameters();
        match self.route(input) {
            Route::Silent => ShotNoiseRate::SILENT,
            Route::White => {
                let rate = self.log_rate(input.resting_mv, input.white_variance_mv2.max(0.0).sqrt(), 0.0);
                ShotNoiseRate {
                    ln_rate_hz: rate.ln_rate_hz,
                    d_resting: rate.d_mu,
                    d_white_variance: rate.d_variance,
                    d_rates: [0.0; MOST_LAWS],
                }
            }
            Route::Exponential(found, excitatory) => {
                let (time, inhibitory) = *found;
                let mut d_rates = [0.0; MOST_LAWS];
                d_rates[excitatory] = tau_m_ms * time.d_excitation;
                for (which, d) in inhibitory.iter().zip(time.d_inhibition) {
                    if let Some(which) = which {
                        d_rates[*which] += tau_m_ms * d;
                    }
                }
                let rate = ShotNoiseRate { d_resting: time.d_resting, d_rates, ..ShotNoiseRate::SILENT };
                rate_of_time(tau_m_ms.ln() + time.ln_mean, rate, t_ref_ms)
            }
            Route::Elements => {
                let Some(solution) = Solution::of(self.escape(input), V_reset_mv) else {
                    return ShotNoiseRate::SILENT;
                };
                let slopes = solution.slopes();
                let mut d_rates = [0.0; MOST_LAWS];
                d_rates.iter_mut().zip(&slopes.d_rates).for_each(|(d, slope)| *d = *slope);
                let Slopes { d_resting, d_white_variance, .. } = slopes;
                let rate = ShotNoiseRate { d_resting, d_white_variance, d_rates, ..ShotNoiseRate::SILENT };
                rate_of_time(solution.ln_time(), rate, t_ref_ms)
            }
        }
    }

    /// The CV of the intervals; `None` for a neuron that never fires.
    pub fn cv_in_shot_noise(&self, input: &ShotNoiseInput) -> Option<f64> {
        let jumps = &some(input.jumps)[..];
        let input = &ShotNoiseInput { jumps, ..*input };
        let LifParameters { tau_m_ms, t_ref_ms, V_reset_mv, .. } = self.parameters();
        let (ln_time, relative_variance) = match self.route(input) {
            Route::Silent => return None,
            Route::White => {
                let sigma_mv = input.white_variance_mv2.max(0.0).sqrt();
                return self.state(input.resting_mv, sigma_mv, 0.0).ok()?.cv;
            }
            Route::Exponential(found, _) => (tau_m_ms.ln() + found.0.ln_mean, found.0.relative_variance),
            Route::Elements => {
                let solution = Solution::of(self.escape(input), V_reset_mv)?;
                (solution.ln_time(), solution.relative_variance())
            }
        };
        Some(relative_variance.max(0.0).sqrt() / (1.0 + t_ref_ms * (-ln_time).exp()))
    }

    /// Mean and standard deviation of the potential, refractory neurons at `V_reset`; `None` where there are no jumps.
    pub fn potential_in_shot_noise(&self, input: &ShotNoiseInput) -> Option<MembranePotential> {
        let jumps = &some(input.jumps)[..];
        if jumps.is_empty() {
            return None;
        }
        let LifParameters { t_ref_ms, V_reset_mv, .. } = self.parameters();
        let solution = Solution::of(self.escape(&ShotNoiseInput { jumps, ..*input }), V_reset_mv)?;
        let (mean_mv, variance_mv2) = solution.potential();
        let refractory = 1.0 / (1.0 + solution.ln_time().exp() / t_ref_ms);
        let away = mean_mv - V_reset_mv;
        Some(MembranePotential {
            mean_mv: mean_mv - refractory * away,
            std_mv: ((1.0 - refractory) * (variance_mv2 + refractory * away * away)).sqrt(),
        })
    }

    /// The density in 1/mV of the potential of neurons that are not refractory; `None` where there is none.
    pub fn density_in_shot_noise(&self, input: &ShotNoiseInput, V_mv: &[f64]) -> Option<Vec<f64>> {
        let jumps = &some(input.jumps)[..];
        if jumps.is_empty() {
            return None;
        }
        let solution = Solution::of(self.escape(&ShotNoiseInput { jumps, ..*input }), self.parameters().V_reset_mv)?;
        Some(solution.density_per_mv(V_mv))
    }

    fn escape<'a>(&self, input: &ShotNoiseInput<'a>) -> Escape<'a> {
        let LifParameters { tau_m_ms, V_th_mv, .. } = self.parameters();
        Escape::of(V_th_mv, tau_m_ms, input)
    }

    fn route(&self, input: &ShotNoiseInput) -> Route {
        let ShotNoiseInput { resting_mv, white_variance_mv2, jumps } = *input;
        let LifParameters { tau_m_ms, V_th_mv, V_reset_mv, .. } = self.parameters();
        if jumps.is_empty() {
            return Route::White;
        }
        let below = resting_mv < V_th_mv;
        let leads_up = |jump: &Jump| jump.leads_up_from(V_th_mv);
        let is_white = white_variance_mv2 > 0.0;
        if !resting_mv.is_finite() || (below && !is_white && !jumps.iter().any(leads_up)) {
            return Route::Silent;
        }
        if is_white {
            return Route::Elements;
        }
        let mut excitation = None;
        let mut inhibition = [(0.0, 0.0); MOST_LAWS];
        let mut which = [None; MOST_LAWS];
        let mut kinds = 0;
        for (index, jump) in jumps.iter().enumerate() {
            match jump.law {
                _ if jump.reversal_mv.is_some() => return Route::Elements,
                JumpLaw::Exponential { mean_mv } if mean_mv > 0.0 => {
                    if excitation.replace((mean_mv, index)).is_some() {
                        return Route::Elements;
                    }
                }
                JumpLaw::Exponential { mean_mv } => {
                    inhibition[kinds] = (-mean_mv, tau_m_ms * jump.rate_per_ms);
                    which[kinds] = Some(index);
                    kinds += 1;
                }
                _ => return Route::Elements,
            }
        }
        let Some((mean, index)) = excitation.filter(|_| below) else { return Route::Elements };
        let events = tau_m_ms * jumps[index].rate_per_ms;
        if events <= 0.0 {
            return Route::Silent;
        }
        let exponentials = Exponentials {
            th: V_th_mv - resting_mv,
            reset: V_reset_mv - resting_mv,
            excitation: (mean, events),
            inhibition: &inhibition[..kinds],
        };
        Route::Exponential(Box::new((exponentials.passage(), which)), index)
    }
}

/// The rate from the logarithm of the time from release to spike, and the derivatives of that.
fn rate_of_time(ln_time: f64, of_time: ShotNoiseRate, t_ref_ms: f64) -> ShotNoiseRate {
    // ln rate = -ln(t_ref + T)
    let refractory = t_ref_ms * (-ln_time).exp();
    let free = -1.0 / (1.0 + refractory);
    ShotNoiseRate {
        ln_rate_hz: MS_PER_S.ln() - ln_time - refractory.ln_1p(),
        d_resting: free * of_time.d_resting,
        d_white_variance: free * of_time.d_white_variance,
        d_rates: of_time.d_rates.map(|d| free * d),
    }
}

/// The kinds of jumps that do something, by their simplest names.
fn some(jumps: &[Jump]) -> Vec<Jump> {
    let simplest = |jump: &Jump| Jump { law: jump.law.simplest(), ..*jump };
    // those of no size and those that never come keep their place
    jumps.iter().take(MOST_LAWS).map(simplest).collect()
}
