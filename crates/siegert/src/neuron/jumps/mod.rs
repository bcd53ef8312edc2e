//! The leaky integrate-and-fire neuron driven by jumps of finite size at random times: shot noise.
//!
//! ```text
//! tau_m dV/dt = -(V - E) + tau_m sum_b sum_k J_(b,k) delta(t - t_(b,k)),    spike where a jump or the leak brings V to V_th or beyond, then V_reset for t_ref
//! ```
//!
//! Jumps of kind `b` come as a Poisson process of the rate `R_b`, with sizes drawn from a law: what the diffusion approximation takes for white noise of the mean
//! `E + tau_m sum R <J>` and the variance `tau_m sum R <J^2>`. Nothing is expanded here, so jumps may be as large as the distance to threshold.
//!
//! | file | quantity |
//! | --- | --- |
//! | `exponential` | exponential laws with one excitatory mean: closed form but for one integral |
//! | `solution` | any laws: the equation of the mean passage time, by elements |
//! | `equation`, `mesh`, `escape` | its matrix, its elements, and how rare spikes are |
//! | `law` | laws of the size of jumps |

mod equation;
mod escape;
mod exponential;
mod law;
mod mesh;
mod solution;

pub use law::JumpLaw;

use super::lif::{Lif, LifParameters, MS_PER_S};
use escape::Escape;
use exponential::{Exponentials, PassageTime};
use solution::Solution;

/// Most kinds of jumps that one neuron can receive.
pub const MOST_LAWS: usize = 8;

/// Jumps of one kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jump {
    /// Law of their size.
    pub law: JumpLaw,
    /// How many come in a ms.
    pub rate_per_ms: f64,
}

/// The rate in shot noise, with its derivatives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShotNoiseRate {
    /// Natural logarithm of the rate in Hz; minus infinity for a neuron that never fires.
    pub ln_rate_hz: f64,
    /// Its derivative with respect to the resting level, per mV.
    pub d_resting: f64,
    /// Its derivatives with respect to the rates of jumps in 1/ms, in the order of the jumps.
    pub d_rates: [f64; MOST_LAWS],
}

impl ShotNoiseRate {
    const SILENT: ShotNoiseRate =
        ShotNoiseRate { ln_rate_hz: f64::NEG_INFINITY, d_resting: 0.0, d_rates: [0.0; MOST_LAWS] };
}

/// Which way the time from release to spike is found.
enum Route {
    Silent,
    /// No jumps: the noiseless neuron.
    Noiseless,
    /// Which of the jumps inhibit, and which excites.
    Exponential(Box<(PassageTime, [Option<usize>; MOST_LAWS])>, usize),
    Elements,
}

impl Lif {
    /// The rate with these jumps, `E` the resting level to which the potential goes between them; at most [`MOST_LAWS`] kinds, of which
    /// others are left out.
    pub fn rate_in_shot_noise(&self, resting_mv: f64, jumps: &[Jump]) -> ShotNoiseRate {
        let jumps = &some(jumps)[..];
        let LifParameters { tau_m_ms, t_ref_ms, V_reset_mv, .. } = self.parameters();
        match self.route(resting_mv, jumps) {
            Route::Silent => ShotNoiseRate::SILENT,
            Route::Noiseless => {
                let rate = self.log_rate(resting_mv, 0.0, 0.0);
                ShotNoiseRate { ln_rate_hz: rate.ln_rate_hz, d_resting: rate.d_mu, d_rates: [0.0; MOST_LAWS] }
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
                self.rate_of_time(tau_m_ms.ln() + time.ln_mean, time.d_resting, d_rates, t_ref_ms)
            }
            Route::Elements => {
                let Some(solution) = Solution::of(self.escape(resting_mv, jumps), V_reset_mv) else {
                    return ShotNoiseRate::SILENT;
                };
                let slopes = solution.slopes();
                let mut d_rates = [0.0; MOST_LAWS];
                d_rates.iter_mut().zip(slopes.d_rates).for_each(|(d, slope)| *d = slope);
                self.rate_of_time(solution.ln_time(), slopes.d_resting, d_rates, t_ref_ms)
            }
        }
    }

    /// The CV of the intervals with these jumps; `None` for a neuron that never fires.
    pub fn cv_in_shot_noise(&self, resting_mv: f64, jumps: &[Jump]) -> Option<f64> {
        let jumps = &some(jumps)[..];
        let LifParameters { tau_m_ms, t_ref_ms, V_reset_mv, .. } = self.parameters();
        let (ln_time, relative_variance) = match self.route(resting_mv, jumps) {
            Route::Silent => return None,
            Route::Noiseless => return (resting_mv > self.parameters().V_th_mv).then_some(0.0),
            Route::Exponential(found, _) => (tau_m_ms.ln() + found.0.ln_mean, found.0.relative_variance),
            Route::Elements => {
                let solution = Solution::of(self.escape(resting_mv, jumps), V_reset_mv)?;
                (solution.ln_time(), solution.relative_variance())
            }
        };
        Some(relative_variance.max(0.0).sqrt() / (1.0 + t_ref_ms * (-ln_time).exp()))
    }

    /// The density in 1/mV of the potential of neurons that are not refractory; `None` where there is none.
    pub fn density_in_shot_noise(&self, resting_mv: f64, jumps: &[Jump], V_mv: &[f64]) -> Option<Vec<f64>> {
        let jumps = &some(jumps)[..];
        if jumps.is_empty() {
            return None;
        }
        let solution = Solution::of(self.escape(resting_mv, jumps), self.parameters().V_reset_mv)?;
        Some(solution.density_per_mv(V_mv))
    }

    fn escape<'a>(&self, resting_mv: f64, jumps: &'a [Jump]) -> Escape<'a> {
        let LifParameters { tau_m_ms, V_th_mv, .. } = self.parameters();
        Escape::of(V_th_mv, resting_mv, tau_m_ms, jumps)
    }

    fn rate_of_time(
        &self,
        ln_time: f64,
        d_resting: f64,
        mut d_rates: [f64; MOST_LAWS],
        t_ref_ms: f64,
    ) -> ShotNoiseRate {
        // ln rate = -ln(t_ref + T)
        let refractory = t_ref_ms * (-ln_time).exp();
        let free = -1.0 / (1.0 + refractory);
        d_rates.iter_mut().for_each(|d| *d *= free);
        ShotNoiseRate { ln_rate_hz: MS_PER_S.ln() - ln_time - refractory.ln_1p(), d_resting: free * d_resting, d_rates }
    }

    fn route(&self, resting_mv: f64, jumps: &[Jump]) -> Route {
        let LifParameters { tau_m_ms, V_th_mv, V_reset_mv, .. } = self.parameters();
        if jumps.is_empty() {
            return Route::Noiseless;
        }
        let below = resting_mv < V_th_mv;
        let leads_up = |jump: &Jump| jump.rate_per_ms > 0.0 && jump.law.above(f64::MIN_POSITIVE) > 0.0;
        if !resting_mv.is_finite() || (below && !jumps.iter().any(leads_up)) {
            return Route::Silent;
        }
        let mut excitation = None;
        let mut inhibition = [(0.0, 0.0); MOST_LAWS];
        let mut which = [None; MOST_LAWS];
        let mut kinds = 0;
        for (index, jump) in jumps.iter().enumerate() {
            match jump.law {
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

/// The kinds of jumps that do something, by their simplest names.
fn some(jumps: &[Jump]) -> Vec<Jump> {
    let simplest = |jump: &Jump| Jump { law: jump.law.simplest(), ..*jump };
    jumps.iter().take(MOST_LAWS).map(simplest).collect()
}
