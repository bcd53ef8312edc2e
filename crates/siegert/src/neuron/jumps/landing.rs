//! Where a jump leads: by its size, or a part of the way to a reversal potential, where a spike opens conductances for an instant.
//!
//! ```text
//! V -> V + J                                             a charge
//! V -> E + (V - E) exp(-A),    J(V) = p (E - V),    p = 1 - exp(-A)            a conductance of integral A tau_m over the leak, towards E
//! H(V, s) = R (<exp(s J(V))> - 1)                        what makes spikes rare (`escape`)
//! ```
//!
//! A jump towards `E` never passes it, so that the potential is on one side of it before and after. In `-ln|V - E|` such jumps are sums of their exponents `A`.
//!
//! Source: Richardson (2004), Phys Rev E 69:051918, eq. 3 (a conductance that is open for an instant).
//! Accuracy: moments of parts 1e-8 (against sums over the law and closed forms).

use super::Jump;
use super::law::JumpLaw;

/// All sizes.
const ALL: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

impl JumpLaw {
    /// `<p^n>` of the part `p = 1 - exp(-A)` of the way to the reversal, the law that of the exponent `A`.
    pub(super) fn part(self, n: i32) -> f64 {
        match self {
            JumpLaw::Fixed { size_mv: exponent } => (-(-exponent).exp_m1()).powi(n),
            JumpLaw::Exponential { mean_mv: mean } if mean > 0.0 => {
                // a beta function
                (1..=n).map(f64::from).map(|k| k * mean / (1.0 + k * mean)).product()
            }
            _ => {
                let mut sum = 0.0;
                self.between(ALL.0, ALL.1, |exponent, weight| sum += weight * (-(-exponent).exp_m1()).powi(n));
                sum
            }
        }
    }

    /// `<exp(x p)> - 1` and `<p exp(x p)>` of that part.
    fn growth_of_parts(self, x: f64) -> (f64, f64) {
        let of = |exponent: f64| {
            let part = -(-exponent).exp_m1();
            ((x * part).exp_m1(), part * (x * part).exp())
        };
        if let JumpLaw::Fixed { size_mv: exponent } = self {
            return of(exponent);
        }
        let (mut growth, mut slope) = (0.0, 0.0);
        self.between(ALL.0, ALL.1, |exponent, weight| {
            let (value, per_x) = of(exponent);
            growth += weight * value;
            slope += weight * per_x;
        });
        (growth, slope)
    }
}

impl Jump {
    /// Where a jump of this size, or exponent, leads.
    pub(super) fn landing(&self, V: f64, size: f64) -> f64 {
        match self.reversal_mv {
            None => V + size,
            Some(E) => E + (V - E) * (-size).exp(),
        }
    }

    /// From where it leads there.
    pub(super) fn origin(&self, V: f64, size: f64) -> f64 {
        match self.reversal_mv {
            None => V - size,
            Some(E) => E + (V - E) * size.exp(),
        }
    }

    /// How far apart, per mV of difference in their size, jumps that lead to `V` begin.
    pub(super) fn blur_at(&self, V: f64) -> f64 {
        self.reversal_mv.map_or(1.0, |E| (E - V).abs())
    }

    /// The part of the way to the reversal potential, in the mean; 0 without one.
    pub(super) fn part(&self) -> f64 {
        self.reversal_mv.map_or(0.0, |_| self.law.part(1))
    }

    /// The mean jump where that is the same at all potentials, or from 0 mV.
    pub(super) fn drive_mv(&self) -> f64 {
        match self.reversal_mv {
            None => self.law.mean_mv(),
            Some(E) => self.law.part(1) * E,
        }
    }

    /// Mean of the jump at a potential.
    pub(super) fn mean_at(&self, V: f64) -> f64 {
        self.reversal_mv.map_or_else(|| self.law.mean_mv(), |E| self.law.part(1) * (E - V))
    }

    /// Mean square of the jump at a potential.
    pub(super) fn mean_square_at(&self, V: f64) -> f64 {
        self.reversal_mv.map_or_else(|| self.law.mean_square_mv2(), |E| self.law.part(2) * (E - V) * (E - V))
    }

    /// The largest jump downwards from a potential that counts; 0 where there is none.
    pub(super) fn largest_down_from(&self, V: f64) -> f64 {
        match self.reversal_mv {
            None => (3.0 * self.law.std_mv() - self.law.mean_mv()).max(0.0),
            Some(E) => {
                let exponent = if E < V { self.law.mean_mv() } else { -self.law.mean_mv() } + 3.0 * self.law.std_mv();
                let exponent = exponent.max(0.0);
                if E < V { -(-exponent).exp_m1() * (V - E) } else { exponent.exp_m1() * (E - V) }
            }
        }
    }

    /// Whether there are jumps upwards from a potential.
    pub(super) fn leads_up_from(&self, V: f64) -> bool {
        let is_any = match self.reversal_mv {
            Some(E) if E <= V => E < V && self.law.below(0.0) > 0.0,
            _ => self.law.above(f64::MIN_POSITIVE) > 0.0,
        };
        self.rate_per_ms > 0.0 && is_any
    }

    /// The lowest potential to which jumps downwards from a potential can lead.
    pub(super) fn lowest_from(&self, V: f64) -> f64 {
        self.reversal_mv.filter(|E| *E < V).unwrap_or(f64::NEG_INFINITY)
    }

    /// Whether there are jumps downwards from a potential, of those that count.
    pub(super) fn leads_down_from(&self, V: f64) -> bool {
        const LEAST: f64 = 1e-12;
        match self.reversal_mv {
            Some(E) if E <= V => self.law.above(f64::MIN_POSITIVE) > LEAST,
            _ => self.law.below(0.0) > LEAST,
        }
    }

    /// Where `<exp(s J)>` is infinite from, as a function of `s > 0`.
    pub(super) fn pole(&self) -> f64 {
        self.reversal_mv.map_or_else(|| self.law.pole(), |_| f64::INFINITY)
    }

    /// `<exp(s J)> - 1` at a potential, and its derivative in `s`, for `s > 0` below the pole.
    pub(super) fn growth_at(&self, V: f64, s: f64) -> (f64, f64) {
        match self.reversal_mv {
            None => self.law.growth(s),
            Some(E) => {
                let (growth, per_x) = self.law.growth_of_parts(s * (E - V));
                (growth, (E - V) * per_x)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCURACY: f64 = 1e-8;

    #[test]
    fn moments_of_parts_are_sums_over_the_law() {
        for law in [
            JumpLaw::Fixed { size_mv: 0.03 },
            JumpLaw::Exponential { mean_mv: 0.2 },
            JumpLaw::Normal { mean_mv: 0.2, std_mv: 0.05 },
            JumpLaw::Lognormal { mean_mv: 0.02, std_mv: 0.03 },
            JumpLaw::Uniform { low_mv: 0.1, high_mv: 0.3 },
        ] {
            for n in [1, 2, 3] {
                let mut expected = 0.0;
                law.between(-1e9, 1e9, |exponent, weight| expected += weight * (1.0 - f64::exp(-exponent)).powi(n));
                assert!((law.part(n) - expected).abs() < ACCURACY, "{law:?} {n}: {} {expected}", law.part(n));
            }
        }
        // <exp(-A)> of a normal exponent
        let law = JumpLaw::Normal { mean_mv: 0.2, std_mv: 0.05 };
        assert!((law.part(1) - (1.0 - f64::exp(-0.2 + 0.5 * 0.0025))).abs() < ACCURACY);
    }

    #[test]
    fn a_jump_leads_a_part_of_the_way_and_is_the_same_backwards() {
        let jump = Jump::towards(-75.0, JumpLaw::Fixed { size_mv: 0.3 }, 1.0);
        let V = jump.landing(-55.0, 0.3);
        assert!((V - (-55.0 + jump.mean_at(-55.0))).abs() < 1e-12 && V > -75.0, "{V}");
        assert!((jump.origin(V, 0.3) + 55.0).abs() < 1e-12);
        assert!(jump.leads_down_from(-55.0) && !jump.leads_up_from(-55.0) && jump.leads_up_from(-80.0));
        let (growth, slope) = jump.growth_at(-55.0, 0.5);
        let J = jump.mean_at(-55.0);
        assert!((growth - (0.5 * J).exp_m1()).abs() < 1e-14 && (slope - J * (0.5 * J).exp()).abs() < 1e-14);
    }
}
