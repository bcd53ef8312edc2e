//! The mean adaptation of a population in time.
//!
//! ```text
//! tau_w w' = a (<V> - E_L) - w + b tau_w r,    w over the leak, in mV: the mean input is lower by it
//! ```
//!
//! What stands still is the mean of the stationary theory (`neuron::adaptive`), whose limits these are: the spread of `w` over neurons, and its correlation with their spikes, are left out.
//!
//! Source: Gigante, Mattia and Del Giudice (2007), Phys Rev Lett 98:148101; Augustin et al. (2017), PLoS Comput Biol 13:e1005545, section "Adaptation".

use crate::neuron::Adaptation;

/// Steps of the search for a stationary adaptation, and when it is found, beside what it is made of.
const MOST_STEPS: usize = 200;
const FOUND: f64 = 1e-13;

/// An adaptation with its law.
#[derive(Clone, Copy, Debug)]
pub(super) struct Adapting {
    law: Adaptation,
    E_L_mv: f64,
    /// `w` over the leak.
    pub(super) now_mv: f64,
    saved_mv: f64,
}

impl Adapting {
    /// None yet.
    pub(super) fn new(law: Adaptation, E_L_mv: f64) -> Self {
        Adapting { law, E_L_mv, now_mv: 0.0, saved_mv: 0.0 }
    }

    pub(super) fn save(&mut self) {
        self.saved_mv = self.now_mv;
    }

    pub(super) fn restore(&mut self) {
        self.now_mv = self.saved_mv;
    }

    /// Where it settles at a mean potential and a rate per ms.
    fn settled_mv(&self, mean_V_mv: f64, rate_per_ms: f64) -> f64 {
        let Adaptation { per_mv, per_spike_mv, tau_w_ms } = self.law;
        per_mv * (mean_V_mv - self.E_L_mv) + per_spike_mv * tau_w_ms * rate_per_ms
    }

    /// In the middle of a step, from what is known at its beginning.
    pub(super) fn middle_mv(&self, mean_V_mv: f64, rate_per_ms: f64, h_ms: f64) -> f64 {
        let to_mv = self.settled_mv(mean_V_mv, rate_per_ms);
        to_mv + (self.now_mv - to_mv) * (-0.5 * h_ms / self.law.tau_w_ms).exp()
    }

    /// A step at the means of potential and rate over it.
    pub(super) fn step(&mut self, mean_V_mv: f64, rate_per_ms: f64, h_ms: f64) {
        let to_mv = self.settled_mv(mean_V_mv, rate_per_ms);
        self.now_mv = to_mv + (self.now_mv - to_mv) * (-h_ms / self.law.tau_w_ms).exp();
    }

    /// Where it stays as it is, of a population whose rate and mean potential at an adaptation are told; returns the rate, and asks for it last.
    pub(super) fn settle(&mut self, mut at: impl FnMut(f64) -> (f64, f64)) -> f64 {
        // what is too much, falling with the adaptation
        let excess = |adapting: &Self, adaptation_mv: f64, (rate, mean_V_mv): (f64, f64)| {
            adapting.settled_mv(mean_V_mv, rate) - adaptation_mv
        };
        let scale_mv = self.law.per_spike_mv.abs().max(1.0);
        let (mut low, mut high) = (0.0, 0.0);
        let first = at(0.0);
        let mut over = excess(self, 0.0, first);
        let mut reach = over.abs().max(1e-3 * scale_mv);
        // an interval that holds it
        for _ in 0..MOST_STEPS {
            let tried = if over > 0.0 { low + reach } else { high - reach };
            let found = excess(self, tried, at(tried));
            if (found > 0.0) == (over > 0.0) && over != 0.0 {
                if over > 0.0 {
                    low = tried
                } else {
                    high = tried
                }
                (over, reach) = (found, 2.0 * reach);
                continue;
            }
            if over > 0.0 {
                high = tried
            } else {
                low = tried
            }
            break;
        }
        // by halves and by chords
        let mut at_low = excess(self, low, at(low));
        let mut at_high = excess(self, high, at(high));
        for step in 0..MOST_STEPS {
            if high - low <= FOUND * (scale_mv + high.abs()) {
                break;
            }
            let chord = low + (high - low) * at_low / (at_low - at_high);
            let within = chord.is_finite() && low < chord && chord < high && step % 3 != 2;
            let middle = if within { chord } else { 0.5 * (low + high) };
            let found = excess(self, middle, at(middle));
            if found.abs() <= FOUND * (scale_mv + middle.abs()) {
                (low, high) = (middle, middle);
                break;
            }
            if found > 0.0 { (low, at_low) = (middle, found) } else { (high, at_high) = (middle, found) }
        }
        self.now_mv = 0.5 * (low + high);
        self.saved_mv = self.now_mv;
        at(self.now_mv).0
    }
}
