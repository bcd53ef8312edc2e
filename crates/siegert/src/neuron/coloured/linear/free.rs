//! The membrane without a threshold, driven by filtered noise: a Gaussian process of which everything is known.
//!
//! ```text
//! tau_m dx/dt = -x + sum_k y_k,    dy_k/dt = -y_k/tau_k + sum_s g_sk xi_s(t),    x = V - mu,    w = tau_m dV/dt = sum_k y_k - x
//! <y_j y_k> = S_jk = sum_s g_sj g_sk tau_j tau_k/(tau_j + tau_k),    <x y_k> = c_k = tau_k/(tau_m + tau_k) sum_j S_jk,    <x^2> = sum_k c_k
//! ```
//!
//! Voltage and velocity are independent in the stationary state, as in any smooth stationary process. From a known state the means move as
//!
//! ```text
//! x(t) = x(0) e^(-t/tau_m) + sum_k h_k(t) y_k(0),    h_k(t) = int_0^t e^(-(t-s)/tau_m) e^(-s/tau_k) ds/tau_m,    y_k(t) = y_k(0) e^(-t/tau_k)
//! ```
//!
//! and covariances are integrals over what the noise did since, `int_0^t a(s) b(s) ds` with the same functions. These integrals are taken, rather
//! than the difference of the stationary covariance and what is left of it, because after a short time that difference is all rounding
//! (`<x^2>` grows with `t^3`).

use crate::numerics::quadrature::points_6;

/// Most components that the noise can have.
pub(super) const MOST: usize = 5;

/// A number for each component; those beyond the last are 0.
pub(super) type Each = [f64; MOST];

/// A number for each pair of components.
pub(super) type Pairs = [Each; MOST];

/// One source of white noise, and the gain with which each component hears it, in mV per ms^(1/2).
pub(super) type Source = Each;

/// The membrane and its noise.
#[derive(Clone, Debug)]
pub(super) struct FreeMembrane {
    pub(super) tau_m: f64,
    /// Number of components.
    pub(super) count: usize,
    /// `tau_k`, the slowest first.
    pub(super) tau: Each,
    sources: Vec<Source>,
    /// `S`.
    pub(super) currents: Pairs,
    /// `c`.
    pub(super) with_potential: Each,
    /// `<x^2>`.
    pub(super) potential: f64,
    /// `<w^2>`.
    pub(super) velocity: f64,
}

/// `a . b` over components.
pub(super) fn dot(a: &Each, b: &Each) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

impl FreeMembrane {
    pub(super) fn new(tau_m: f64, tau: &[f64], sources: Vec<Source>) -> Self {
        let count = tau.len();
        let mut all = [1.0; MOST];
        all[..count].copy_from_slice(tau);
        let currents: Pairs = std::array::from_fn(|j| {
            std::array::from_fn(|k| {
                let gains: f64 = sources.iter().map(|gain| gain[j] * gain[k]).sum();
                gains * all[j] * all[k] / (all[j] + all[k])
            })
        });
        let with_potential: Each =
            std::array::from_fn(|k| all[k] / (tau_m + all[k]) * currents.iter().map(|row| row[k]).sum::<f64>());
        let potential = with_potential.iter().sum();
        let total: f64 = currents.iter().flatten().sum();
        FreeMembrane {
            tau_m,
            count,
            tau: all,
            sources,
            currents,
            with_potential,
            potential,
            velocity: total - potential,
        }
    }

    /// Whether a current rises before it decays: a source that several components hear.
    pub(super) fn has_rise(&self) -> bool {
        self.sources.iter().any(|gain| gain.iter().filter(|gain| **gain != 0.0).count() > 1)
    }

    /// The time constant of the slowest process.
    pub(super) fn slowest(&self) -> f64 {
        self.tau[..self.count].iter().copied().fold(self.tau_m, f64::max)
    }

    /// The time constant of the fastest process.
    pub(super) fn fastest(&self) -> f64 {
        self.tau[..self.count].iter().copied().fold(self.tau_m, f64::min)
    }

    /// Covariance of `w` with each component.
    pub(super) fn with_velocity(&self) -> Each {
        std::array::from_fn(|k| self.currents.iter().map(|row| row[k]).sum::<f64>() - self.with_potential[k])
    }

    /// What is left of each component after a time.
    pub(super) fn decay(&self, t: f64) -> Each {
        std::array::from_fn(|k| if k < self.count { (-t / self.tau[k]).exp() } else { 0.0 })
    }

    /// `h_k(t)`.
    fn reached(&self, t: f64, decay: &Each) -> Each {
        let membrane = (-t / self.tau_m).exp();
        std::array::from_fn(|k| {
            if k >= self.count {
                return 0.0;
            }
            let z = t * (1.0 / self.tau_m - 1.0 / self.tau[k]);
            if z.abs() > 1.0 {
                return self.tau[k] / (self.tau[k] - self.tau_m) * (decay[k] - membrane);
            }
            t / self.tau_m * membrane * if z == 0.0 { 1.0 } else { z.exp_m1() / z }
        })
    }

    /// What a known state does until `t`.
    pub(super) fn motion(&self, t: f64) -> Motion {
        let decay = self.decay(t);
        Motion { membrane: (-t / self.tau_m).exp(), reached: self.reached(t, &decay), decay }
    }
}

/// How the means move.
#[derive(Clone, Copy, Debug)]
pub(super) struct Motion {
    /// `e^(-t/tau_m)`.
    pub(super) membrane: f64,
    /// `h_k`.
    pub(super) reached: Each,
    /// `e^(-t/tau_k)`.
    pub(super) decay: Each,
}

/// Covariances of what a known state has become.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spread {
    pub(super) xx: f64,
    pub(super) xw: f64,
    pub(super) ww: f64,
    pub(super) xy: Each,
    pub(super) wy: Each,
    pub(super) yy: Pairs,
}

impl Spread {
    /// That of noise with covariances `currents` in the components at the start.
    pub(super) fn of_start(currents: &Pairs, motion: &Motion) -> Self {
        let (h, e) = (&motion.reached, &motion.decay);
        let v: Each = std::array::from_fn(|k| e[k] - h[k]);
        let times = |a: &Each| -> Each { std::array::from_fn(|k| dot(&currents[k], a)) };
        let (with_h, with_v) = (times(h), times(&v));
        Spread {
            xx: dot(h, &with_h),
            xw: dot(h, &with_v),
            ww: dot(&v, &with_v),
            xy: std::array::from_fn(|k| with_h[k] * e[k]),
            wy: std::array::from_fn(|k| with_v[k] * e[k]),
            yy: std::array::from_fn(|j| std::array::from_fn(|k| currents[j][k] * e[j] * e[k])),
        }
    }

    /// The sum of two.
    pub(super) fn plus(&self, other: &Spread) -> Self {
        Spread {
            xx: self.xx + other.xx,
            xw: self.xw + other.xw,
            ww: self.ww + other.ww,
            xy: std::array::from_fn(|k| self.xy[k] + other.xy[k]),
            wy: std::array::from_fn(|k| self.wy[k] + other.wy[k]),
            yy: std::array::from_fn(|j| std::array::from_fn(|k| self.yy[j][k] + other.yy[j][k])),
        }
    }

    /// `<w^2>` where `x` is known: what is left of it.
    pub(super) fn velocity_given_potential(&self) -> f64 {
        self.ww - self.xw * self.xw / self.xx
    }
}

/// Covariances at growing times, each from the one before.
#[derive(Clone, Debug)]
pub(super) struct Spreading<'a> {
    membrane: &'a FreeMembrane,
    at: f64,
    spread: Spread,
}

impl<'a> Spreading<'a> {
    pub(super) fn new(membrane: &'a FreeMembrane) -> Self {
        Spreading { membrane, at: 0.0, spread: Spread::default() }
    }

    /// At a time not before the last one.
    pub(super) fn until(&mut self, t: f64) -> Spread {
        // what the membrane feels of the noise a while later changes within the fastest time constant; and long after it no more
        let mut from = self.at;
        while from < t {
            let to = t.min((1.5 * from).max(0.25 * self.membrane.fastest()));
            self.add(from, to);
            from = to;
        }
        self.at = t;
        self.spread
    }

    fn add(&mut self, from: f64, to: f64) {
        for (t, weight) in points_6(from, to) {
            let motion = self.membrane.motion(t);
            for gain in &self.membrane.sources {
                let y: Each = std::array::from_fn(|k| gain[k] * motion.decay[k]);
                let x = dot(gain, &motion.reached);
                let w = y.iter().sum::<f64>() - x;
                self.spread = self.spread.plus(&Spread {
                    xx: weight * x * x,
                    xw: weight * x * w,
                    ww: weight * w * w,
                    xy: y.map(|y| weight * x * y),
                    wy: y.map(|y| weight * w * y),
                    yy: y.map(|a| y.map(|b| weight * a * b)),
                });
            }
        }
    }
}
