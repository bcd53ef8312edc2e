//! The block of NMDA conductances by magnesium: what flows at a potential, and the conductance that it is like near one.
//!
//! ```text
//! I(V) = g s (V - E)/M(V),    M(V) = 1 + Mg exp(-beta V)/gamma
//! I(V) = g s [h (V - V_0) + (V_0 - E)/M] near V_0,    h = rho_1 + rho_2,    rho_1 = 1/M,    rho_2 = beta (V_0 - E)(M - 1)/M^2
//! ```
//!
//! `h` is negative below some -20 mV: there the block lets the more through the higher the potential is, and NMDA takes away from the leak.
//!
//! Source: Jahr and Stevens (1990), J Neurosci 10:3178; Brunel and Wang (2001), J Comput Neurosci 11:63, appendix (the linear form).
//! Accuracy: closed forms, to rounding.

/// Reversal potential and block of an NMDA conductance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Block {
    /// Reversal potential.
    pub reversal_mv: f64,
    /// Concentration of magnesium (mM).
    pub Mg: f64,
    /// Steepness in the potential.
    pub beta_per_mv: f64,
    /// Concentration (mM) that blocks half at 0 mV.
    pub gamma: f64,
}

/// A kind of NMDA conductances, which differs from others by its block or by how slowly its gates close.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlockedSynapse {
    /// The block.
    pub block: Block,
    /// Decay time of the gates.
    pub tau_decay_ms: f64,
}

/// What flows near a potential, for an unblocked conductance of 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Linearised {
    /// `(V - E)/M`: what flows there.
    pub current_mv: f64,
    /// `h`, its slope.
    pub slope: f64,
    /// `dh/dV`.
    pub bend_per_mv: f64,
}

impl Block {
    /// What flows at a potential, its slope and its bend.
    pub fn at(&self, V_mv: f64) -> Linearised {
        let blocked = self.Mg / self.gamma * (-self.beta_per_mv * V_mv).exp();
        let M = 1.0 + blocked;
        // (M - 1)/M, also where M is infinite
        let part = if blocked.is_infinite() { 1.0 } else { blocked / M };
        let (away, beta) = (V_mv - self.reversal_mv, self.beta_per_mv);
        let rho = 1.0 / M;
        // rho' = beta part rho,    part' = -beta part rho
        let slope = rho * (1.0 + beta * away * part);
        let bend_per_mv = beta * part * (slope + rho * (1.0 - beta * away * rho));
        Linearised { current_mv: away * rho, slope, bend_per_mv }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slope_and_bend_are_difference_quotients_of_what_flows() {
        let block = Block { reversal_mv: 0.0, Mg: 1.0, beta_per_mv: 0.062, gamma: 3.57 };
        for V_mv in [-90.0, -70.0, -53.0, -20.0, 0.0, 10.0] {
            let step = 1e-3;
            let (up, down, here) = (block.at(V_mv + step), block.at(V_mv - step), block.at(V_mv));
            let expected = V_mv / (1.0 + f64::exp(-0.062 * V_mv) / 3.57);
            assert!((here.current_mv - expected).abs() <= 1e-14 * expected.abs());
            assert!((here.slope - (up.current_mv - down.current_mv) / (2.0 * step)).abs() < 1e-8, "{V_mv}: {here:?}");
            assert!((here.bend_per_mv - (up.slope - down.slope) / (2.0 * step)).abs() < 1e-8, "{V_mv}: {here:?}");
        }
    }

    #[test]
    fn far_below_nothing_flows_and_without_magnesium_it_is_a_conductance() {
        let block = Block { reversal_mv: 0.0, Mg: 1.0, beta_per_mv: 0.062, gamma: 3.57 };
        let below = block.at(-1e5);
        assert_eq!((below.current_mv.abs(), below.slope.abs(), below.bend_per_mv.abs()), (0.0, 0.0, 0.0));
        let open = Block { Mg: 0.0, ..block }.at(-60.0);
        assert_eq!((open.current_mv, open.slope, open.bend_per_mv), (-60.0, 1.0, 0.0));
    }
}
