//! Parabolic cylinder functions of complex order between two points, by ratios that neither overflow nor cancel.
//!
//! ```text
//! u_s(x) = int_0^inf t^(s-1) exp(-t^2 + 2 x t) dt,    u''/2 - x u' = s u,    bounded for x -> -inf
//! ratio = u(a)/u(b),    gap = (1 - u(a)/u(b))/s,    slope(x) = u'(x)/(s u(b)),    curvature(x) = u''(x)/(s u(b))
//! ```
//!
//! `u_s(x) = Gamma(s) 2^(-s/2) exp(x^2/2) D_(-s)(-sqrt(2) x)`, with `D` the parabolic cylinder function. None of these has a pole but at the zeros of `u(b)`, so that `s = 0` is no exception.
//!
//! Where `|s|` is large, `u` is the exponential of a series in `1/(2s - 1)` with polynomials in `w = x/sqrt(x^2 + 2s - 1)` as coefficients, which holds at all `x` alike (Liouville and Green). Elsewhere
//! `g = (u/u(start) - 1)/s` is continued from the left by Taylor series, in the direction in which `u` grows beside the other solution of its equation. It starts with the continued fraction of `u_(s+1)/u_s`, or,
//! far to the left, with the asymptotic series; far to the right the growing solution is an asymptotic series, too.
//!
//! Source: Olver et al. (2010), *NIST Handbook of Mathematical Functions*, sections 12.2 (equation), 12.8 (recurrence), 12.9 (asymptotic series), 12.10 (uniform expansions).
//! Range: `a <= b` from -1000 to 26, beyond which nothing is left of `u(a)/u(b)`; any `s` with a real part that is not negative up to 1e4, and `|s|` up to 60 to the left of the imaginary axis.
//! Accuracy: relative error at most 1e-11 in the right half-plane and 1e-9 to the left of it (against 40 digits), by which [`direction`] turns, too; [`expm1`] and [`mean_decay`] have a few roundings.

use num_complex::Complex64;

/// Terms of the uniform series.
const ORDER: usize = 12;
/// From this `|s|` on the series is as good as rounding, in the right half-plane.
const LARGE: f64 = 20.0;
/// The same to the left of the imaginary axis, beyond this part of `Im s`, and as far as `|Im s|` is this many times `|Re s|`.
const LARGE_ON_THE_LEFT: f64 = 26.0;
const NEARLY_IMAGINARY: f64 = 0.05;
const LEAST_SLOPE: f64 = 0.6;
/// Beyond this `|x|`, or this part of `|s|`, the asymptotic series is as good as rounding.
const FAR: f64 = 12.0;
const FAR_BESIDE_ORDER: f64 = 0.6;
/// The Taylor series begins here at the latest: to the right of it the continued fraction takes long.
const START: f64 = -2.5;
/// Exponent of the growth of either solution over one step.
const STEP: f64 = 6.0;
const LONGEST: f64 = 1.5;
/// Most terms of any series.
const MOST_TERMS: usize = 120;
const ROUNDING: f64 = 1e-17;
/// Below this a mean decay is its first two terms.
const SMALL_DECAY: f64 = 1e-8;

/// What there is to know of `u_s` between two points `a <= b`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ParabolicRatios {
    /// `u(a)/u(b)`.
    pub(crate) ratio: Complex64,
    /// `(1 - u(a)/u(b))/s`.
    pub(crate) gap: Complex64,
    /// `u'(a)/(s u(b))`.
    pub(crate) slope_at_a: Complex64,
    /// `u'(b)/(s u(b))`.
    pub(crate) slope_at_b: Complex64,
    /// `u''(a)/(s u(b))`.
    pub(crate) curvature_at_a: Complex64,
    /// `u''(b)/(s u(b))`.
    pub(crate) curvature_at_b: Complex64,
}

impl ParabolicRatios {
    /// Of finite points `a <= b`.
    pub(crate) fn between(s: Complex64, a: f64, b: f64) -> Self {
        if is_large(s) { Self::uniform(s, a, b) } else { Self::continued(s, a, b) }
    }

    fn uniform(s: Complex64, a: f64, b: f64) -> Self {
        let (at_a, at_b) = (Uniform::at(s, a), Uniform::at(s, b));
        let ln_ratio = at_a.ln_over(&at_b, s, a, b);
        let ratio = ln_ratio.exp();
        let (slope_at_a, slope_at_b) = (at_a.slope / s * ratio, at_b.slope / s);
        // u'' = 2 x u' + 2 s u
        let (curvature_at_a, curvature_at_b) = (2.0 * (a * slope_at_a + ratio), 2.0 * (b * slope_at_b + 1.0));
        ParabolicRatios { ratio, gap: -expm1(ln_ratio) / s, slope_at_a, slope_at_b, curvature_at_a, curvature_at_b }
    }

    fn continued(s: Complex64, a: f64, b: f64) -> Self {
        let mut path = Path::start(s, a.min(START));
        path.go_to(a);
        let at_a = path;
        path.go_to(b);
        let per_u_b = (1.0 + s * path.g).finv(); // squares of large numbers overflow
        ParabolicRatios {
            ratio: (1.0 + s * at_a.g) * per_u_b,
            gap: (path.g - at_a.g) * per_u_b,
            slope_at_a: at_a.slope * per_u_b,
            slope_at_b: path.slope * per_u_b,
            curvature_at_a: at_a.curvature() * per_u_b,
            curvature_at_b: path.curvature() * per_u_b,
        }
    }
}

/// `u(b)/u(x)` over its modulus, `x` the lesser of `a` and -2.5: without zeros of `u(x)` for real parts of `s` from -6 up.
pub(crate) fn direction(s: Complex64, a: f64, b: f64) -> Complex64 {
    let x = a.min(START);
    if is_large(s) {
        let ln_ratio = Uniform::at(s, x).ln_over(&Uniform::at(s, b), s, x, b);
        return Complex64::from_polar(1.0, -ln_ratio.im);
    }
    let mut path = Path::start(s, x);
    path.go_to(b);
    let u = 1.0 + s * path.g;
    u / u.norm()
}

fn is_large(s: Complex64) -> bool {
    let size = s.norm_sqr();
    match s.re >= -NEARLY_IMAGINARY * s.im.abs() {
        true => size >= LARGE * LARGE,
        false => size >= LARGE_ON_THE_LEFT * LARGE_ON_THE_LEFT && s.im.abs() > LEAST_SLOPE * -s.re,
    }
}

/// `exp(z) - 1`.
pub(crate) fn expm1(z: Complex64) -> Complex64 {
    let half = (0.5 * z.im).sin();
    let grown = z.re.exp_m1();
    // (e^x - 1) cos y + (cos y - 1), e^x sin y
    Complex64::new(grown * z.im.cos() - 2.0 * half * half, (1.0 + grown) * z.im.sin())
}

/// `(1 - exp(-z))/z`, the mean of `exp(-z t)` over `t` from 0 to 1.
pub(crate) fn mean_decay(z: Complex64) -> Complex64 {
    match z.norm() > SMALL_DECAY {
        true => -expm1(-z) / z,
        false => 1.0 - 0.5 * z,
    }
}

/// `ln(1 + z)`.
fn ln_1p(z: Complex64) -> Complex64 {
    Complex64::new(0.5 * (z.re * (2.0 + z.re) + z.im * z.im).ln_1p(), z.im.atan2(1.0 + z.re))
}

/// `g = (u - 1)/s` with `u = 1` where it starts, and its slope.
#[derive(Clone, Copy)]
struct Path {
    s: Complex64,
    x: f64,
    g: Complex64,
    slope: Complex64,
    /// `u''/(s u)` where it has fewer terms than cancel in the equation.
    curvature_over_u: Option<Complex64>,
}

impl Path {
    /// `u''/s`.
    fn curvature(&self) -> Complex64 {
        let u = 1.0 + self.s * self.g;
        self.curvature_over_u.map_or_else(|| 2.0 * (self.x * self.slope + u), |over_u| over_u * u)
    }

    /// At the start, `x < 0`: `u_(s+n)` falls with `n` beside the other solution of `u_(s+2) = x u_(s+1) + (s/2) u_s`, so that `v_n = u_(s+n+1)/u_(s+n)` is found from far above.
    fn start(s: Complex64, x: f64) -> Self {
        let terms = (181.0 / (x * x)).max(12.0 + 0.8 * s.norm()).ceil() + 4.0;
        let mut order = s + terms;
        let mut v = 0.5 * (x + (x * x + 2.0 * order).sqrt());
        for _ in 1..terms as usize {
            order -= 1.0;
            v = 0.5 * order / (v - x);
        }
        // u'/(s u) = 2 v_0/s, u''/(s u) = 4 v_0 v_1/s
        let slope = 1.0 / (v - x);
        Path { s, x, g: Complex64::ZERO, slope, curvature_over_u: Some(2.0 * v * slope) }
    }

    fn go_to(&mut self, x: f64) {
        let far = FAR.max(FAR_BESIDE_ORDER * self.s.norm());
        if self.x < -far {
            self.go_on_the_left(x.min(-far));
        }
        let near = x.min(far);
        while self.x < near {
            let left = (near - self.x).min(LONGEST);
            let fastest = 2.0 * self.x.abs().max((self.x + left).abs()) + (2.0 * self.s).norm().sqrt();
            let h = left.min(STEP / fastest);
            self.step(h);
            self.x = if h < near - self.x { self.x + h } else { near };
        }
        if self.x < x {
            self.go_on_the_right(x);
        }
    }

    /// `g(x + h)` by its Taylor series, `(n+1)(n+2) c_(n+2) = 2 x (n+1) c_(n+1) + 2 (n+s) c_n`, with 2 more in the first.
    fn step(&mut self, h: f64) {
        let Path { s, x, .. } = *self;
        let (twice_xh, twice_hh) = (2.0 * x * h, 2.0 * h * h);
        let (mut before, mut last) = (self.g, h * self.slope);
        let (mut g, mut slope) = (before + last, last);
        let mut source = twice_hh;
        for (n, inverse) in INVERSE.iter().enumerate() {
            let (at, next) = (n as f64, n as f64 + 1.0);
            let term = (twice_xh * next * last + twice_hh * (at + s) * before + source) * inverse;
            source = 0.0;
            g += term;
            slope += (next + 1.0) * term;
            before = last;
            last = term;
            if n % 4 == 3 && size(before) + size(last) < ROUNDING * size(slope) {
                break;
            }
        }
        self.g = g;
        self.slope = slope / h;
        self.curvature_over_u = None;
    }

    /// `u ~ |x|^(-s) sum (-1)^n (s)_(2n)/(n! (2x)^(2n))`.
    fn go_on_the_left(&mut self, x: f64) {
        let s = self.s;
        let series = |x: f64| {
            // (sum - 1)/s, and the same of the terms times 2n, and times (s + 2n)(s + 2n + 1)
            let per = -0.25 / (x * x);
            let mut term = Complex64::ONE;
            let (mut beyond, mut weighted, mut twice) = (Complex64::ZERO, Complex64::ZERO, s + 1.0);
            for n in 0..MOST_TERMS {
                let k = 2.0 * n as f64;
                // the first factor s is left out
                let factor = if n == 0 { (s + 1.0) * per } else { (s + k) * (s + k + 1.0) * (per / (n as f64 + 1.0)) };
                let next = term * factor;
                if n > 2 && size(next) > size(term) {
                    break;
                }
                term = next;
                beyond += term;
                weighted += (k + 2.0) * term;
                twice += (s + k + 2.0) * (s + k + 3.0) * term;
                if size(term) < ROUNDING {
                    break;
                }
            }
            (beyond, weighted, twice)
        };
        let ((from, ..), (to, weighted, twice)) = (series(self.x), series(x));
        // ln u(x)/u(start) over s
        let ln = |beyond: Complex64| if s.norm() < 1e-8 { beyond } else { ln_1p(s * beyond) / s };
        let ln_over_s = -(x / self.x).ln() + ln(to) - ln(from);
        let grown = if s.norm() < 1e-8 { ln_over_s } else { expm1(s * ln_over_s) / s };
        let u = 1.0 + s * self.g;
        self.g += u * grown;
        // u' = -sum (s + 2n) term/x
        let u = 1.0 + s * self.g;
        let sum = 1.0 + s * to;
        self.slope = -u * (sum + weighted) / sum / x;
        self.curvature_over_u = Some(twice / (sum * (x * x)));
        self.x = x;
    }

    /// The growing solution, `exp(x^2) x^(s-1) sum (1-s)_(2n)/(n! (2x)^(2n))`, beside which nothing else is left.
    fn go_on_the_right(&mut self, x: f64) {
        let s = self.s;
        let series = |x: f64| {
            let per = 0.25 / (x * x);
            let mut term = Complex64::ONE;
            let (mut sum, mut weighted) = (term, Complex64::ZERO);
            for n in 0..MOST_TERMS {
                let k = 2.0 * n as f64;
                let next = term * (1.0 - s + k) * (2.0 - s + k) * (per / (n as f64 + 1.0));
                if n > 2 && size(next) > size(term) {
                    break;
                }
                term = next;
                sum += term;
                weighted += (k + 2.0) * term;
                if size(term) < ROUNDING * size(sum) {
                    break;
                }
            }
            // slope over value
            (sum, 2.0 * x + (s - 1.0) / x - weighted / (sum * x))
        };
        let ((from, _), (to, along)) = (series(self.x), series(x));
        let far = x.min(FARTHEST);
        let grown = (far * far - self.x * self.x + (s - 1.0) * (x / self.x).ln()).exp() * to / from;
        let u = self.g * grown;
        self.g = u;
        self.slope = along * u;
        self.curvature_over_u = None;
        self.x = x;
    }
}

/// Beyond it numbers overflow; nothing but their ratios is asked there.
const FARTHEST: f64 = 26.0;

const INVERSE: [f64; MOST_TERMS] = {
    let mut inverse = [0.0; MOST_TERMS];
    let mut n = 0;
    while n < MOST_TERMS {
        inverse[n] = 1.0 / ((n + 1) as f64 * (n + 2) as f64);
        n += 1;
    }
    inverse
};

/// Sum of the absolute values of the parts.
fn size(z: Complex64) -> f64 {
    z.re.abs() + z.im.abs()
}

/// Coefficients of the uniform series: with `m = 2 s - 1`, `u = exp(x^2/2) y` and `y'/y = sqrt(Q) sum_k ((1 - w^2)/m)^k P_k(w)`, `Q = x^2 + m`.
struct Coefficients {
    /// `P_k`: of `w^(2j)` or `w^(2j + 1)`, as `k` is even or odd.
    slope: [[f64; ORDER]; ORDER + 1],
    /// `I_k = int P_k (1 - w^2)^(k - 2) dw` of even `k`, by which `ln y` has `m^(1-k) I_k(w)`: of `w^(2j + 1)`.
    phase: [[f64; 2 * ORDER]; ORDER / 2 + 1],
}

const COEFFICIENTS: Coefficients = Coefficients::new();

impl Coefficients {
    /// `P_k = -((1 - w^2) P_(k-1)' - (2k - 3) w P_(k-1) + sum_(j=1)^(k-1) P_j P_(k-j))/2`.
    const fn new() -> Self {
        // by all powers of w first
        let mut p = [[0.0; ORDER + 2]; ORDER + 1];
        p[0][0] = 1.0;
        let mut k = 1;
        while k <= ORDER {
            let mut i = 0;
            while i <= k {
                let before = &p[k - 1];
                let mut sum = (i as f64 + 1.0) * before[i + 1];
                if i > 0 {
                    sum -= (i as f64 - 1.0) * before[i - 1] + (2 * k) as f64 * before[i - 1] - 3.0 * before[i - 1];
                }
                let mut j = 1;
                while j < k {
                    let mut l = 0;
                    while l <= i {
                        sum += p[j][l] * p[k - j][i - l];
                        l += 1;
                    }
                    j += 1;
                }
                p[k][i] = -0.5 * sum;
                i += 1;
            }
            k += 1;
        }
        let mut slope = [[0.0; ORDER]; ORDER + 1];
        let mut phase = [[0.0; 2 * ORDER]; ORDER / 2 + 1];
        let mut k = 0;
        while k <= ORDER {
            let mut j = 0;
            while 2 * j + k % 2 <= ORDER {
                slope[k][j] = p[k][2 * j + k % 2];
                j += 1;
            }
            if k % 2 == 0 && k > 0 {
                // times (1 - w^2)^(k - 2)
                let mut product = [0.0; 2 * ORDER];
                let mut j = 0;
                while j <= k / 2 {
                    product[j] = p[k][2 * j];
                    j += 1;
                }
                let mut power = 0;
                while power < k - 2 {
                    let mut j = 2 * ORDER - 1;
                    while j > 0 {
                        product[j] -= product[j - 1];
                        j -= 1;
                    }
                    power += 1;
                }
                let mut j = 0;
                while j < 2 * ORDER {
                    phase[k / 2][j] = product[j] / (2 * j + 1) as f64;
                    j += 1;
                }
            }
            k += 1;
        }
        Coefficients { slope, phase }
    }
}

/// The uniform series at one point.
struct Uniform {
    /// `sqrt(x^2 + m)`.
    root: Complex64,
    /// `sqrt(x^2 + m) + x`, without cancellation.
    sum: Complex64,
    /// The sum of the even terms of the slope, over the root.
    even: Complex64,
    /// `sum m^(1-k) I_k(w)`.
    phase: Complex64,
    /// `u'/u`.
    slope: Complex64,
}

impl Uniform {
    fn at(s: Complex64, x: f64) -> Self {
        let m = 2.0 * s - 1.0;
        let square = x * x + m;
        let root = square.sqrt();
        let sum = if x < 0.0 { m / (root - x) } else { root + x };
        let w = x / root;
        let ww = w * w;
        // (1 - w^2)/m = 1/Q
        let (per, per_m) = (1.0 / square, 1.0 / m);
        let (mut even, mut odd, mut phase) = (Complex64::ZERO, Complex64::ZERO, Complex64::ZERO);
        let per_squared = per * per;
        for k in (1..=ORDER / 2).rev() {
            even = (even + polynomial(&COEFFICIENTS.slope[2 * k][..=k], ww)) * per_squared;
            odd = odd * per_squared + polynomial(&COEFFICIENTS.slope[2 * k - 1][..k], ww);
            phase = (phase + polynomial(&COEFFICIENTS.phase[k][..3 * k - 1], ww)) * (per_m * per_m);
        }
        let (even, phase) = (1.0 + even, m * w * phase);
        let slope = sum + root * (even - 1.0 + odd * w * per);
        Uniform { root, sum, even, phase, slope }
    }

    /// `ln u(a)/u(b)`.
    fn ln_over(&self, other: &Uniform, s: Complex64, a: f64, b: f64) -> Complex64 {
        let m = 2.0 * s - 1.0;
        // odd terms are half the logarithm of the even ones
        let amplitude = other.root * other.even / (self.root * self.even);
        0.5 * (a * self.sum - b * other.sum + m * (self.sum / other.sum).ln() + amplitude.ln()) + self.phase
            - other.phase
    }
}

fn polynomial(coefficients: &[f64], z: Complex64) -> Complex64 {
    coefficients.iter().rev().fold(Complex64::ZERO, |sum, c| sum * z + c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::{Row, Worst, number, table};

    const ACCURACY: f64 = 1e-11;
    const ACCURACY_ON_THE_LEFT: f64 = 1e-9;

    fn complex(row: &Row, name: &str) -> Complex64 {
        Complex64::new(number(row, &format!("{name}_re")), number(row, &format!("{name}_im")))
    }

    #[test]
    fn ratios_agree_with_40_digits_at_real_imaginary_and_complex_orders() {
        let (mut right, mut left) = (Worst::default(), Worst::default());
        for row in table("parabolic_cylinder") {
            let s = complex(&row, "s");
            let found = ParabolicRatios::between(s, number(&row, "a"), number(&row, "b"));
            let worst = if s.re < 0.0 { &mut left } else { &mut right };
            for (name, value) in [
                ("ratio", found.ratio),
                ("gap", found.gap),
                ("slope_at_a", found.slope_at_a),
                ("slope_at_b", found.slope_at_b),
                ("curvature_at_a", found.curvature_at_a),
                ("curvature_at_b", found.curvature_at_b),
            ] {
                let expected = complex(&row, name);
                // what has no digits left in a double is as good as 0
                if expected.norm() > 1e-290 {
                    worst.add((value - expected).norm() / expected.norm(), (name, &row));
                }
            }
        }
        right.must_be_at_most(ACCURACY);
        left.must_be_at_most(ACCURACY_ON_THE_LEFT);
    }

    /// The limits of `s = 0` are integrals over `exp(x^2) erfc(-x)`.
    #[test]
    fn order_zero_is_no_exception() {
        let at = |s: f64| ParabolicRatios::between(Complex64::new(s, 0.0), -1.3, 0.9);
        let (zero, near) = (at(0.0), at(1e-12));
        assert!((zero.gap - near.gap).norm() < 1e-9 && (zero.slope_at_b - near.slope_at_b).norm() < 1e-9);
        // the slope is sqrt(pi) erfcx(-x)
        let integral = crate::measured::graded_integral(2.0, 1.0, |t| crate::numerics::erfcx::erfcx(3.0 - t));
        let zero = ParabolicRatios::between(Complex64::ZERO, -3.0, -1.0);
        let expected = std::f64::consts::PI.sqrt() * integral;
        assert!((zero.gap.re / expected - 1.0).abs() < 1e-12, "{} {expected}", zero.gap.re);
    }
}
