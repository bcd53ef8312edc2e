//! All stationary states of one effective population with instantaneous synapses, proved complete by convexity.
//!
//! With `mu = mean_0 + mean_1 r` and `sigma^2 = var_0 + var_1 r` the equation `r = f(mu, sigma)` reads
//!
//! ```text
//! h(r) = L(mu(r), sigma^2(r)) - q(r) = 0,    q(r) = ln((1/r - t_ref)/tau_m),    h > 0 where f < r
//! ```
//!
//! `L` is convex in `r` (`neuron::lif::waiting`), `q` convex below half of saturation and concave above. The range of rates, from
//! silence to `1/t_ref`, is divided until each interval is decided by the values and slopes at its ends:
//!
//! - the slope of `h` lies between `L'(lo) + min g` and `L'(hi) + max g`, `g = -q' = 1/(r (1 - r t_ref))`: if that keeps its
//!   sign there is one state where the signs of `h` at the ends differ and none where they agree;
//! - tangents of `L` below and its chord above bound `h`: if that keeps its sign there is none.
//!
//! An interval that begins at rate 0 is decided as any other, so silent states are found however low their rate. Bounds are
//! widened by [`MARGIN`] against rounding.

use super::{LEAST_HZ, MARGIN};
use crate::neuron::lif::{Lif, MS_PER_S};

/// Intervals narrower than this, relative to their rate, are not divided further: a fold, to rounding.
const NARROWEST: f64 = 1e-9;
/// Steps of the iteration for a state within its interval; it converges in a few.
const MOST_STEPS: usize = 200;

/// One population: its neuron and its input, each entry a constant and a coefficient per Hz.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) lif: Lif,
    pub(super) mean: [f64; 2],
    pub(super) variance: [f64; 2],
}

/// What was found on the line.
#[derive(Clone, Debug, Default)]
pub(super) struct LineStates {
    /// Natural logarithms of the rates in Hz, ascending.
    pub(super) ln_rates: Vec<f64>,
    /// Rates at which two states meet or nearly meet, to rounding.
    pub(super) unresolved_hz: Vec<f64>,
    /// Evaluations of the equation.
    pub(super) evaluations: usize,
}

/// `L`, its slope and `h` at one rate.
#[derive(Clone, Copy, Debug)]
struct Node {
    rate: f64,
    waiting: f64,
    slope: f64,
    excess: f64,
}

/// What is known of an interval.
enum Verdict {
    Empty,
    /// Exactly one state; `h` rises or falls throughout.
    One,
    Open,
}

impl Line {
    /// All states with rates between the two given, after about `budget` evaluations.
    pub(super) fn states(&self, from_hz: f64, to_hz: f64, budget: usize) -> LineStates {
        let mut found = LineStates::default();
        let half = 0.5 * self.lif.rate_limit_hz();
        let mut ends = vec![from_hz, to_hz];
        if half > from_hz && half < to_hz {
            ends.insert(1, half);
        }
        let nodes: Vec<Node> = ends.iter().map(|&rate| self.node(rate)).collect();
        found.evaluations += nodes.len();
        // the lowest interval is on top of the stack
        let mut open: Vec<(Node, Node)> = nodes.windows(2).rev().map(|pair| (pair[0], pair[1])).collect();
        while let Some((lo, hi)) = open.pop() {
            if found.evaluations >= budget {
                found.unresolved_hz.push(hi.rate);
                break;
            }
            match self.verdict(&lo, &hi) {
                Verdict::Empty => {}
                Verdict::One => found.ln_rates.push(self.state_between(&lo, &hi, &mut found.evaluations)),
                Verdict::Open if is_narrow(lo.rate, hi.rate) => found.unresolved_hz.push(hi.rate),
                Verdict::Open => {
                    let middle = self.node(division(lo.rate, hi.rate));
                    found.evaluations += 1;
                    open.push((middle, hi));
                    open.push((lo, middle));
                }
            }
        }
        found
    }

    fn node(&self, rate: f64) -> Node {
        let at = self.lif.ln_passage(self.mean[0] + self.mean[1] * rate, self.variance[0] + self.variance[1] * rate);
        let of = |slope: f64, coefficient: f64| if coefficient == 0.0 { 0.0 } else { slope * coefficient };
        let slope = of(at.d_mu, self.mean[1]) + of(at.d_variance, self.variance[1]);
        Node { rate, waiting: at.ln, slope, excess: at.ln - self.wanted(rate) }
    }

    /// `q`: infinite at 0, minus infinity at saturation.
    fn wanted(&self, rate: f64) -> f64 {
        (MS_PER_S * (1.0 - rate / self.lif.rate_limit_hz()).max(0.0) / (rate * self.lif.parameters().tau_m_ms)).ln()
    }

    /// `g = -q'`.
    fn steepness(&self, rate: f64) -> f64 {
        1.0 / (rate * (1.0 - rate / self.lif.rate_limit_hz()).max(0.0))
    }

    fn verdict(&self, lo: &Node, hi: &Node) -> Verdict {
        let crosses = (lo.excess <= 0.0) != (hi.excess <= 0.0);
        let (g_lo, g_hi) = (self.steepness(lo.rate), self.steepness(hi.rate));
        let widened = |x: f64| MARGIN * x.abs();
        let (least, most) = (lo.slope + g_lo.min(g_hi), hi.slope + g_lo.max(g_hi));
        let rises = least >= widened(lo.slope);
        let falls = most <= -widened(hi.slope);
        if rises || falls {
            return if crosses { Verdict::One } else { Verdict::Empty };
        }
        if crosses {
            return Verdict::Open;
        }
        let below_half = hi.rate <= 0.5 * self.lif.rate_limit_hz();
        let margin = MARGIN * (1.0 + lo.waiting.abs() + hi.waiting.abs());
        let empty = if lo.excess > 0.0 {
            self.least_excess(lo, hi, below_half) > margin
        } else {
            self.most_excess(lo, hi, below_half) < -margin
        };
        if empty { Verdict::Empty } else { Verdict::Open }
    }

    /// A bound below `h`, from tangents at both ends.
    fn least_excess(&self, lo: &Node, hi: &Node, below_half: bool) -> f64 {
        // above half of saturation h is convex itself; below, a tangent of L minus q is concave: least at its ends
        let (s_lo, s_hi, v_lo, v_hi) = if below_half {
            (lo.slope, hi.slope, lo.waiting, hi.waiting)
        } else {
            (lo.slope + self.steepness(lo.rate), hi.slope + self.steepness(hi.rate), lo.excess, hi.excess)
        };
        let width = hi.rate - lo.rate;
        if v_hi == f64::INFINITY {
            // up to saturation: the tangent at the lower end alone
            let least = lo.excess + (s_lo * width).min(0.0);
            return if below_half || least.is_nan() { f64::NEG_INFINITY } else { least };
        }
        let meet = (v_hi - v_lo - s_hi * width) / (s_lo - s_hi);
        let least_of_both = if (0.0..=width).contains(&meet) {
            let value = v_lo + s_lo * meet;
            if below_half { value - self.wanted(lo.rate + meet) } else { value }
        } else {
            f64::INFINITY
        };
        let ends = lo.excess.min(hi.excess);
        if least_of_both.is_nan() { f64::NEG_INFINITY } else { ends.min(least_of_both) }
    }

    /// A bound above `h`, from the chord of `L`.
    fn most_excess(&self, lo: &Node, hi: &Node, below_half: bool) -> f64 {
        let ends = lo.excess.max(hi.excess);
        if !below_half {
            return ends;
        }
        let chord = (hi.waiting - lo.waiting) / (hi.rate - lo.rate);
        // the chord minus q is concave: largest where g = -chord, at the smaller root of r (1 - r t_ref) = -1/chord
        let limit = self.lif.rate_limit_hz();
        let at = if chord < 0.0 {
            2.0 / (-chord * (1.0 + (1.0 + 4.0 / (chord * limit)).max(0.0).sqrt()))
        } else {
            f64::INFINITY
        };
        if at > lo.rate && at < hi.rate {
            ends.max(lo.waiting + chord * (at - lo.rate) - self.wanted(at))
        } else {
            ends
        }
    }

    /// The logarithm of the rate of the only state between two nodes, by Newton's method in the logarithm within a bracket.
    fn state_between(&self, lo: &Node, hi: &Node, evaluations: &mut usize) -> f64 {
        // the output lies between its values at the ends, since L lies below its chord
        let slowest = self.ln_output(lo.waiting.max(hi.waiting));
        let (mut left, mut right) = (if lo.rate > 0.0 { lo.rate.ln() } else { slowest - 1.0 }, hi.rate.ln());
        let rises = hi.excess > 0.0;
        let mut x = if lo.rate > 0.0 { 0.5 * (left + right) } else { self.ln_output(lo.waiting).min(right) };
        for _ in 0..MOST_STEPS {
            let rate = x.exp();
            let node = self.node(rate);
            *evaluations += 1;
            // in logarithms, since the rate may underflow
            let free = 1.0 - rate / self.lif.rate_limit_hz();
            let excess = node.waiting - (MS_PER_S.ln() - x + free.max(0.0).ln() - self.lif.parameters().tau_m_ms.ln());
            if (excess > 0.0) == rises {
                right = x;
            } else {
                left = x;
            }
            let slope = if rate > 0.0 { rate * node.slope } else { 0.0 } + 1.0 / free;
            let newton = x - excess / slope;
            let next = if newton >= left && newton <= right { newton } else { 0.5 * (left + right) };
            if (next - x).abs() <= 2.0 * f64::EPSILON * (1.0 + x.abs()) {
                return next;
            }
            x = next;
        }
        x
    }

    /// `ln f` for a given `L`.
    fn ln_output(&self, waiting: f64) -> f64 {
        let p = self.lif.parameters();
        let passage = p.tau_m_ms.ln() + waiting;
        let refractory = p.t_ref_ms.ln();
        let (large, small) = (passage.max(refractory), passage.min(refractory));
        MS_PER_S.ln() - (large + (small - large).exp().ln_1p())
    }
}

/// Whether an interval of rates is not to be divided any further.
pub(super) fn is_narrow(lo: f64, hi: f64) -> bool {
    hi - lo <= NARROWEST * hi || hi <= LEAST_HZ
}

/// Where to divide an interval of rates: they span many decades.
pub(super) fn division(lo: f64, hi: f64) -> f64 {
    if lo <= LEAST_HZ && hi > 64.0 * LEAST_HZ {
        0.125 * hi
    } else if hi > 4.0 * lo {
        lo.sqrt() * hi.sqrt() // the product may underflow
    } else {
        0.5 * (lo + hi)
    }
}
