//! The quadratic integrate-and-fire membrane.
//!
//! Exact for an input that is held constant over the step, at its mean over it. With `x = V - V_th` and `eta = mu - V_th`:
//!
//! ```text
//! tau_m dx/dt = x^2/(2 Delta_T) + eta,    q = eta h^2/(2 Delta_T tau_m^2),    C = cos(sqrt(q)),    S = sin(sqrt(q))/sqrt(q)
//! x <- (C x + (h/tau_m) eta S) / (C - h/(2 Delta_T tau_m) S x)  + noise + delta input due now
//! ```
//!
//! (cosh and sinh where q is negative). The solution of the Riccati equation goes through infinity once where the denominator does through 0: there a
//! neuron with an infinite `V_peak` spikes, and from `V_reset` of minus infinity it comes back as the formula says in that limit. What varies in the
//! step, synaptic currents, is in second order of h; white noise as in `eif`, spikes are at the ends of steps.
//!
//! Where q is below -40 the membrane relaxes by `e^-12` and more within a step, and is made to relax so far; from `q = pi^2` on every step has a spike.
//! Accuracy: of C and S, from 12 terms of their series, 1e-10 of the larger of 1 and C between these bounds.

use std::f64::consts::PI;

use super::threshold::{Felt, Potentials, Threshold};
use super::{Conducts, Membrane};
use crate::network::{CurrentCourse, NeuronModel};
use crate::numerics::decays::three;
use crate::simulation::channel::MembraneInput;
use crate::simulation::plan::{Plan, PopulationPlan};

/// As good as minus infinity for the solution, which tends to a limit there.
const FAR_BELOW: f64 = -1e60;
/// The least q.
const LEAST: f64 = -40.0;
/// From this q on, a spike comes in a step from wherever.
const ALWAYS: f64 = PI * PI;

/// What takes a block of such neurons from one step to the next; its input is the mean of `R I` over a step.
#[derive(Clone, Debug)]
pub(in crate::simulation) struct Qif {
    h_ms: f64,
    tau_m_ms: f64,
    h_over_tau_m: f64,
    /// h^2/(2 Delta_T tau_m^2).
    per_eta: f64,
    /// h/(2 Delta_T tau_m).
    per_x: f64,
    V_th: f64,
    Delta_T: f64,
    threshold: Threshold,
}

impl Qif {
    #[inline(always)]
    fn moved(&self, V: f64, input: f64, kick: f64) -> f64 {
        self.solution(V, input - self.V_th, self.threshold.V_th) + kick
    }

    /// Potential after a step with this `eta`; infinite where it has reached the peak.
    #[inline(always)]
    fn solution(&self, V: f64, eta: f64, peak: f64) -> f64 {
        let x = V.max(FAR_BELOW) - self.V_th;
        let q = self.per_eta * eta;
        let (C, S) = cos_and_sin(q.max(LEAST));
        let left = C - self.per_x * S * x;
        let V = self.V_th + (C * x + self.h_over_tau_m * eta * S) / left;
        let spike = (left <= 0.0) | (q >= ALWAYS) | (V >= peak);
        if spike { f64::INFINITY } else { V }
    }

    /// The part of a step after which the solution is at the peak, if it is.
    fn at_peak(&self, V: f64, eta: f64, peak: f64) -> Option<f64> {
        let x = V - self.V_th;
        let q = self.per_eta * eta;
        let peak = peak - self.V_th;
        let tangent = if peak.is_finite() {
            (peak - x) / (self.h_over_tau_m * eta + self.per_x * peak * x)
        } else {
            1.0 / (self.per_x * x)
        };
        let root = q.abs().sqrt();
        let part = if root < 1e-6 {
            tangent
        } else if q > 0.0 {
            let angle = (root * tangent).atan();
            (if angle < 0.0 { angle + PI } else { angle }) / root
        } else {
            (root * tangent).atanh() / root
        };
        (0.0..=1.0).contains(&part).then_some(part)
    }

    /// With `G = l tau_m/h` the mean conductance in units of the leak: by how much potentials are moved, and `eta`.
    #[inline(always)]
    fn shifted(&self, input: f64, leak: f64) -> (f64, f64) {
        let per_step = 1.0 / self.h_over_tau_m;
        let G = leak * per_step;
        let shift = self.Delta_T * G;
        (shift, input * per_step - self.V_th - G * self.V_th - 0.5 * shift * G)
    }

    /// Where a step takes a neuron that is not refractory, but for what comes at its end, with a leak by conductances.
    #[inline(always)]
    fn conducted(&self, V: f64, input: f64, leak: f64) -> f64 {
        let (shift, eta) = self.shifted(input, leak);
        self.solution(V - shift, eta, self.threshold.V_th - shift) + shift
    }
}

/// `cos(sqrt(q))` and `sin(sqrt(q))/sqrt(q)`, by their series at q/4.
#[inline(always)]
fn cos_and_sin(q: f64) -> (f64, f64) {
    /// `(-1)^n / (2n)!` and `(-1)^n / (2n + 1)!`.
    const COS: [f64; 8] = [
        1.0,
        -1.0 / 2.0,
        1.0 / 24.0,
        -1.0 / 720.0,
        1.0 / 40320.0,
        -1.0 / 3628800.0,
        1.0 / 479001600.0,
        -1.0 / 87178291200.0,
    ];
    const SIN: [f64; 8] = [
        1.0,
        -1.0 / 6.0,
        1.0 / 120.0,
        -1.0 / 5040.0,
        1.0 / 362880.0,
        -1.0 / 39916800.0,
        1.0 / 6227020800.0,
        -1.0 / 1307674368000.0,
    ];
    let quarter = 0.25 * q;
    let series = |terms: &[f64; 8]| terms.iter().rev().fold(0.0, |sum, term| sum * quarter + term);
    let (cos, sin) = (series(&COS), series(&SIN));
    (1.0 - 0.5 * q * sin * sin, sin * cos)
}

impl Membrane for Qif {
    type State = Potentials;

    fn new(plan: &Plan, population: &PopulationPlan) -> Self {
        let neuron = &population.neuron;
        let NeuronModel::Qif { Delta_T_mv, V_peak_mv } = neuron.model else {
            unreachable!("the list of membranes goes by the names of models")
        };
        let (h_ms, tau_m_ms) = (plan.dt_ms, neuron.tau_m_ms);
        let h_over_tau_m = h_ms / tau_m_ms;
        Self {
            h_ms,
            tau_m_ms,
            h_over_tau_m,
            per_eta: h_over_tau_m * h_over_tau_m / (2.0 * Delta_T_mv),
            per_x: h_over_tau_m / (2.0 * Delta_T_mv),
            V_th: neuron.V_th_mv - neuron.E_L_mv,
            Delta_T: Delta_T_mv,
            threshold: Threshold::at(V_peak_mv, population),
        }
    }

    /// Between `V_reset`, but at most four times `Delta_T` below, and `V_th`.
    fn start_mv(&self) -> (f64, f64) {
        (self.threshold.V_reset.clamp(self.V_th - 4.0 * self.Delta_T, self.V_th), self.V_th)
    }

    fn state(&self, potential: &[f64]) -> Potentials {
        Potentials::new(potential)
    }

    fn current_gain(&self) -> f64 {
        1.0
    }

    /// sqrt(h/tau_m).
    fn noise_gain(&self) -> f64 {
        self.h_over_tau_m.sqrt()
    }

    /// `R (tau_syn/h) (1 - e^(-h/tau_syn))`, the mean over the step.
    fn synaptic_gain(&self, tau_syn_ms: f64, C_m_pf: f64) -> f64 {
        let steps = self.h_ms / tau_syn_ms;
        -(-steps).exp_m1() / steps * self.tau_m_ms / C_m_pf
    }

    /// `R/h int_0^h i ds`, the mean over the step.
    fn rising_gain(&self, course: &CurrentCourse, C_m_pf: f64) -> f64 {
        three(0.0, 1.0 / course.tau_decay_ms, 1.0 / course.tau_rise_ms, self.h_ms) * self.tau_m_ms
            / (self.h_ms * C_m_pf)
    }

    #[inline(always)]
    fn step(&self, state: &mut Potentials, input: &MembraneInput, fires: &mut [u8]) -> bool {
        self.threshold.step(state, input, fires, |V, common, current, kick| self.moved(V, common + current, kick))
    }

    #[inline(always)]
    fn step_of(&self, state: &mut Potentials, neuron: usize, felt: Felt) -> bool {
        self.threshold.step_of(state, neuron, |V| self.moved(V, felt.common + felt.current, felt.kick))
    }

    /// When the solution is at `V_peak`: `tan(omega t)/omega = (V_peak - x)/(eta/tau_m + V_peak x/(2 Delta_T tau_m))`, in units of the step; where a line
    /// from beginning to end is there if it needs a kick.
    fn crossing(&self, before: &Potentials, neuron: usize, felt: Felt) -> f64 {
        let V = before.potential[neuron].max(FAR_BELOW);
        let input = felt.input();
        if let Some(part) = self.at_peak(V, input - self.V_th, self.threshold.V_th) {
            return part;
        }
        self.threshold.on_the_line(V, self.moved(V, input, felt.kick))
    }
}

/// A leak leaves the equation quadratic: with `G` the mean conductance in units of the leak, `y = x - Delta_T G` obeys it with
/// `eta - G V_th - Delta_T G^2/2`, which is exact again.
impl Conducts for Qif {
    fn times_ms(&self) -> (f64, f64) {
        (self.h_ms, self.tau_m_ms)
    }

    /// All of it, as without conductances.
    #[inline(always)]
    fn noise_left(&self, _leak: f64) -> f64 {
        1.0
    }

    #[inline(always)]
    fn conduct(&self, state: &mut Potentials, input: &MembraneInput, fires: &mut [u8]) -> bool {
        self.threshold.conduct(state, input, fires, |V, input, leak| self.conducted(V, input, leak))
    }

    #[inline(always)]
    fn conduct_of(&self, state: &mut Potentials, neuron: usize, felt: Felt) -> bool {
        self.threshold.step_of(state, neuron, |V| felt.end(self.conducted(V, felt.input(), felt.opened.leak)))
    }

    fn conducted_crossing(&self, before: &Potentials, neuron: usize, felt: Felt) -> f64 {
        let V = before.potential[neuron].max(FAR_BELOW);
        let (shift, eta) = self.shifted(felt.input(), felt.opened.leak);
        let end = || felt.end(self.conducted(V, felt.input(), felt.opened.leak));
        self.at_peak(V - shift, eta, self.threshold.V_th - shift)
            .unwrap_or_else(|| self.threshold.on_the_line(V, end()))
    }
}
