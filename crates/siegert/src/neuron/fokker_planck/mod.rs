//! The stationary Fokker-Planck equation of any neuron with one variable: spike at an upper bound, reset, refractory time.
//!
//! ```text
//! tau_m dV = F(V) dt + g(V) sqrt(tau_m) dW    (Ito)
//! J = [F p - (g^2 p)'/2]/tau_m,    p(V_c) = 0,    J = rate [V > V_r],    int p = 1 - rate t_ref
//! 1/rate = t_ref + T
//! ```
//!
//! [`Passage`] has the time `T` from reset to spike with its cumulants, [`Occupation`] the density and the derivatives of `T`, [`Modulation`] the linear response. All are solved by
//! polynomials of degree 23 on panels that `grid` finds from the flow; there is no grid to choose, and no range of noise to keep to.
//!
//! Source: Risken (1989), *The Fokker-Planck Equation*, section 5.2; Richardson (2007), Phys Rev E 76:021919; what each file adds is said there.
//! Range: `F` and `g^2` smooth between the bounds, `g^2 > 0` there, and a spike that is reached.
//! Accuracy: relative error of the time 1e-12 and of the CV 1e-12, of derivatives 1e-10 of the largest in units of sigma, of the density 2e-11 of its
//! largest value (LIF against 24 digits and closed forms, from 40 standard deviations below threshold to 30 above, beyond `4 b^2` roundings of
//! the threshold; QIF against 30 digits).

mod eigenvalues;
mod equation;
mod grid;
mod modulation;
mod occupation;
mod passage;
mod series;

pub(crate) use eigenvalues::{Eigenvalues, Window, eigenvalues, refined};
pub(crate) use grid::rounding;
pub(crate) use modulation::{Modulation, Modulations};
pub(crate) use occupation::Occupation;
pub(crate) use passage::{Extent, Passage};

#[cfg(test)]
mod tests {
    use super::super::flow::{Bounds, Flow};
    use super::super::lif::{Lif, LifParameters};
    use super::*;
    use crate::measured::{Worst, number, relative_error, table};

    const ACCURACY_OF_THE_TIME: f64 = 1e-12;
    const ACCURACY_OF_THE_CV: f64 = 1e-12;
    const ACCURACY_OF_DERIVATIVES: f64 = 1e-10;
    const ACCURACY_OF_THE_DENSITY: f64 = 2e-11;

    /// The LIF as a flow.
    struct Leaky {
        lif: LifParameters,
        mean_mv: f64,
        std_mv: f64,
    }

    impl Flow for Leaky {
        fn force_mv(&self, V_mv: f64) -> f64 {
            self.mean_mv - V_mv
        }

        fn noise_mv2(&self, _V_mv: f64) -> f64 {
            self.std_mv * self.std_mv
        }

        fn bounds(&self) -> Bounds {
            Bounds { lowest: f64::NEG_INFINITY, reset: self.lif.V_reset_mv, spike: self.lif.V_th_mv }
        }
    }

    /// The QIF without dimensions, `v = sinh y`, and a noise that can depend on `v`.
    struct Quadratic {
        eta: f64,
        sigma: f64,
        bounds: [f64; 2],
        slope: f64,
    }

    impl Flow for Quadratic {
        fn force_mv(&self, v: f64) -> f64 {
            v * v + self.eta
        }

        fn noise_mv2(&self, v: f64) -> f64 {
            (self.sigma + self.slope * v).powi(2)
        }

        fn bounds(&self) -> Bounds {
            // what lies beyond sinh 45 takes 1e-19 of tau_m
            let [reset, spike] = self.bounds.map(|v| v.asinh().clamp(-45.0, 45.0));
            Bounds { lowest: -45.0, reset, spike }
        }

        fn potential(&self, y: f64) -> (f64, f64) {
            (y.sinh(), y.cosh())
        }

        fn coordinate(&self, v: f64) -> f64 {
            v.asinh()
        }
    }

    fn leaky(row: &crate::measured::Row) -> Leaky {
        let lif = LifParameters {
            tau_m_ms: number(row, "tau_m_ms"),
            t_ref_ms: number(row, "t_ref_ms"),
            V_th_mv: number(row, "V_th_mv"),
            V_reset_mv: number(row, "V_reset_mv"),
        };
        Leaky { lif, mean_mv: number(row, "mu_mv"), std_mv: number(row, "sigma_mv") }
    }

    #[test]
    fn the_rate_of_the_lif_is_that_of_24_digits_down_to_1e_minus_692_hz() {
        let mut worst = Worst::default();
        for row in table("lif_rate") {
            let flow = leaky(&row);
            let passage = Passage::new(&flow, Extent::Mean);
            let ln_time = passage.ln_mean + flow.lif.tau_m_ms.ln();
            let ln_rate = 1000f64.ln() - ln_time - (flow.lif.t_ref_ms * (-ln_time).exp()).ln_1p();
            let x_th = (flow.lif.V_th_mv - flow.mean_mv) / flow.std_mv;
            let rounding = 4.0 * x_th.max(0.0).powi(2) * f64::EPSILON;
            worst.add((ln_rate - number(&row, "ln_rate_hz")).abs() - rounding, (flow.lif, flow.mean_mv, flow.std_mv));
        }
        worst.must_be_at_most(ACCURACY_OF_THE_TIME);
    }

    #[test]
    fn the_cv_of_the_lif_is_that_of_24_digits() {
        let mut worst = Worst::default();
        for row in table("lif_cv") {
            let flow = leaky(&row);
            let passage = Passage::new(&flow, Extent::Cumulants);
            let refractory = flow.lif.t_ref_ms / flow.lif.tau_m_ms * (-passage.ln_mean).exp();
            let cv = passage.relative_variance.sqrt() / (1.0 + refractory);
            worst.add(relative_error(cv, &row["cv"]), (flow.lif, flow.mean_mv, flow.std_mv));
        }
        worst.must_be_at_most(ACCURACY_OF_THE_CV);
    }

    #[test]
    fn derivatives_and_density_of_the_lif_are_those_of_its_closed_forms() {
        let (mut derivatives, mut densities) = (Worst::default(), Worst::default());
        let parameters = LifParameters { tau_m_ms: 20.0, t_ref_ms: 0.0, V_th_mv: 20.0, V_reset_mv: 10.0 };
        let lif = Lif::new(parameters).unwrap();
        for std_mv in [0.05, 0.5, 3.0, 20.0] {
            for x_th in [-30.0, -8.0, -2.0, -0.3, 0.0, 0.8, 3.0, 8.0, 25.0] {
                let flow = Leaky { lif: parameters, mean_mv: 20.0 - x_th * std_mv, std_mv };
                let passage = Passage::new(&flow, Extent::Occupation);
                let occupation = Occupation::new(&passage);
                let expected = lif.log_rate(flow.mean_mv, std_mv, 0.0);
                let [reset, spike] = occupation.d_ln_mean_per_bound();
                let scale = std_mv * expected.d_mu.abs().max(expected.d_V_th.abs());
                let variance = std_mv * std_mv;
                for (name, found, expected) in [
                    ("mu", -occupation.d_ln_mean_per_force(|_| 1.0), expected.d_mu),
                    ("variance", -occupation.d_ln_mean_per_ln_noise() / variance, expected.d_variance),
                    ("V_reset", -reset, expected.d_V_reset),
                    ("V_th", -spike, expected.d_V_th),
                ] {
                    let unit = if name == "variance" { scale / variance } else { scale / std_mv };
                    derivatives.add((found - expected).abs() / unit, (name, std_mv, x_th));
                }
                // at potentials from far below to threshold, beside the largest density
                let lowest = flow.mean_mv.min(10.0) - 5.0 * std_mv;
                let V: Vec<f64> = (0..=400).map(|k| 20.0 - (20.0 - lowest) * f64::from(k) / 400.0).collect();
                let exact = lif.density_per_mv(flow.mean_mv, std_mv, 0.0, &V).unwrap();
                let largest = exact.iter().fold(0.0, |a: f64, b| a.max(*b));
                for (V_mv, exact) in V.iter().zip(exact) {
                    let found = occupation.density_at(*V_mv, variance);
                    densities.add((found - exact).abs() / largest, (std_mv, x_th, V_mv));
                }
                assert!(
                    (occupation.mean(|_| 1.0) - 1.0).abs() < 1e-12,
                    "{std_mv} {x_th}: {}",
                    occupation.mean(|_| 1.0)
                );
            }
        }
        derivatives.must_be_at_most(ACCURACY_OF_DERIVATIVES);
        densities.must_be_at_most(ACCURACY_OF_THE_DENSITY);
    }

    #[test]
    fn the_time_of_the_qif_is_that_of_airy_functions_and_of_integrals_from_anywhere_to_anywhere() {
        let mut worst = Worst::default();
        for row in table("qif_rate") {
            let bounds = [number(&row, "v_reset"), number(&row, "v_spike")];
            let flow = Quadratic { eta: number(&row, "eta"), sigma: number(&row, "sigma"), bounds, slope: 0.0 };
            let passage = Passage::new(&flow, Extent::Mean);
            let expected = number(&row, "time_over_tau").ln();
            worst.add((passage.ln_mean - expected).abs(), (flow.eta, flow.sigma, bounds));
        }
        worst.must_be_at_most(ACCURACY_OF_THE_TIME);
    }

    /// At the saddle-node the CV is `1/sqrt 3`, whatever the noise; derivatives are difference quotients where noise depends on `v`, too.
    #[test]
    fn the_cv_of_the_qif_at_its_saddle_node_is_one_over_the_root_of_three() {
        let infinite = [f64::NEG_INFINITY, f64::INFINITY];
        for sigma in [0.3, 1.0, 30.0] {
            let flow = Quadratic { eta: 0.0, sigma, bounds: infinite, slope: 0.0 };
            let passage = Passage::new(&flow, Extent::Cumulants);
            assert!((3.0 * passage.relative_variance - 1.0).abs() < 1e-12, "{}", passage.relative_variance);
            assert!(passage.relative_third_cumulant > 0.0);
        }
        let at = |eta: f64, sigma: f64| {
            let flow = Quadratic { eta, sigma, bounds: [-1.0, 8.0], slope: 0.05 };
            Passage::new(&flow, Extent::Mean).ln_mean
        };
        let flow = Quadratic { eta: -0.4, sigma: 0.6, bounds: [-1.0, 8.0], slope: 0.05 };
        let passage = Passage::new(&flow, Extent::Occupation);
        let slope = (at(-0.4 + 1e-5, 0.6) - at(-0.4 - 1e-5, 0.6)) / 2e-5;
        let found = Occupation::new(&passage).d_ln_mean_per_force(|_| 1.0);
        assert!((found / slope - 1.0).abs() < 1e-8, "{found} {slope}");
    }

    /// The law of the times of the perfect neuron is inverse Gaussian: `Var = s^2 L/m^3` and `kappa_3 = 3 s^4 L/m^5`, in units of `tau_m`.
    #[test]
    fn the_cumulants_are_those_of_inverse_gaussian_intervals() {
        struct Leakless(f64, f64);
        impl Flow for Leakless {
            fn force_mv(&self, _V_mv: f64) -> f64 {
                self.0
            }

            fn noise_mv2(&self, _V_mv: f64) -> f64 {
                self.1
            }

            fn bounds(&self) -> Bounds {
                Bounds { lowest: f64::NEG_INFINITY, reset: -60.0, spike: -50.0 }
            }
        }
        let mut worst = Worst::default();
        for drive in [0.02, 0.5, 3.0, 15.0, 200.0] {
            for noise in [0.05, 0.3, 1.0, 6.0, 100.0] {
                let passage = Passage::new(&Leakless(drive, noise * drive), Extent::Cumulants);
                let time = 10.0 / drive;
                worst.add((passage.ln_mean - f64::ln(time)).abs(), ("mean", drive, noise));
                let variance = noise / 10.0;
                worst.add((passage.relative_variance / variance - 1.0).abs(), ("variance", drive, noise));
                let third = 3.0 * variance * variance;
                worst.add((passage.relative_third_cumulant / third - 1.0).abs(), ("third", drive, noise));
            }
        }
        worst.must_be_at_most(ACCURACY_OF_THE_CV);
    }
}
