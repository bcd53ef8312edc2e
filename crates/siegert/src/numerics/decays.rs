//! What decays with several time constants make of each other: divided differences of the exponential.
//!
//! ```text
//! two(a, b)      = int_0^t e^(-a s) e^(-b (t - s)) ds          = (e^(-a t) - e^(-b t))/(b - a)
//! three(a, b, c) = int_0^t two(a, b)(s) e^(-c (t - s)) ds      = (two(a, b) - two(b, c))/(c - a)
//! peak           = max_t (e^(-t/slow) - e^(-t/fast)) slow/(slow - fast) = (fast/slow)^(fast/(slow - fast))
//! ```
//!
//! These are the courses of a current with a rise, and of the potential behind it. The quotients lose their digits where rates are equal or nearly so; `two` is
//! therefore taken with `expm1`, and `three`, where its rates differ by less than one over `t`, by its series in what they differ from their middle,
//! `t^2 e^(-m t) sum_n h_n(z_1, z_2, z_3)/(n + 2)!`, `h_n` the complete symmetric polynomials of `z = (m - rate) t`.
//!
//! Source: Opitz (1964), Z Angew Math Mech 44:T52 (divided differences); de Boor (2005), Surv Approx Theory 1:46, for the series.
//! Range: rates that are not negative, equal ones included.
//! Accuracy: 4e-15 of the value of [`two`] and [`three`], for rates times `t` up to 30 (against quadrature, and against each other where the series ends);
//! 1e-15 of [`peak`] (against its value at the time of the peak).

/// Terms of the series: the next is below rounding.
const TERMS: usize = 17;

/// `int_0^t e^(-a s) e^(-b (t - s)) ds`: `t e^(-a t)` for equal rates.
pub(crate) fn two(a: f64, b: f64, t: f64) -> f64 {
    let (slow, apart) = (a.min(b), (a - b).abs() * t);
    let ratio = if apart == 0.0 { 1.0 } else { -(-apart).exp_m1() / apart };
    t * (-slow * t).exp() * ratio
}

/// The same with a third decay behind them: `t^2/2 e^(-a t)` for equal rates.
pub(crate) fn three(a: f64, b: f64, c: f64, t: f64) -> f64 {
    let mut rates = [a, b, c];
    rates.sort_by(f64::total_cmp);
    let [a, b, c] = rates;
    if (c - a) * t > 1.0 {
        return (two(a, b, t) - two(b, c, t)) / (c - a);
    }
    let middle = 0.5 * (a + c);
    let z = rates.map(|rate| (middle - rate) * t);
    // h_n of the first, of the first two and of all three
    let (mut h, mut sum, mut over_factorial) = ([1.0; 3], 0.5, 0.5);
    for n in 1..TERMS {
        h[0] *= z[0];
        h[1] = h[0] + z[1] * h[1];
        h[2] = h[1] + z[2] * h[2];
        over_factorial /= (n + 2) as f64;
        sum += h[2] * over_factorial;
    }
    t * t * (-middle * t).exp() * sum
}

/// The highest value of a course that rises and decays with two time constants, over its integral times one over the slower of them; `1/e` for equal ones.
pub(crate) fn peak(slow: f64, fast: f64) -> f64 {
    let excess = (slow - fast) / fast;
    // ln(slow/fast)/excess -> 1 for equal time constants
    let exponent = if excess == 0.0 { 1.0 } else { excess.ln_1p() / excess };
    (-exponent).exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::Worst;
    use crate::numerics::quadrature::integrate_16;

    const ACCURACY: f64 = 4e-15;
    const ACCURACY_OF_PEAK: f64 = 1e-15;

    const RATES: [f64; 8] = [0.0, 1e-3, 0.4, 0.4000001, 0.45, 1.3, 7.0, 30.0];

    /// In panels that no rate decays much in.
    fn integral(f: impl Fn(f64) -> f64) -> f64 {
        (0..32).map(|k| integrate_16(f64::from(k) / 32.0, f64::from(k + 1) / 32.0, &f)).sum()
    }

    #[test]
    fn divided_differences_are_the_integrals_that_they_stand_for() {
        let mut worst = Worst::default();
        for a in RATES {
            for b in RATES {
                let expected = integral(|s| (-a * s - b * (1.0 - s)).exp());
                worst.add((two(a, b, 1.0) / expected - 1.0).abs(), (a, b, -1.0));
                for c in RATES {
                    let expected = integral(|s| two(a, b, s) * (-c * (1.0 - s)).exp());
                    worst.add((three(a, b, c, 1.0) / expected - 1.0).abs(), (a, b, c));
                }
            }
        }
        worst.must_be_at_most(ACCURACY);
    }

    #[test]
    fn equal_rates_are_their_limits_and_nothing_jumps_where_the_series_ends() {
        assert_eq!(two(0.5, 0.5, 2.0), 2.0 * (-1f64).exp());
        assert!((three(0.5, 0.5, 0.5, 2.0) / (2.0 * (-1f64).exp()) - 1.0).abs() < 1e-15);
        for b in [0.2, 0.6, 1.19] {
            let [below, above] = [1.2 - 1e-13, 1.2 + 1e-13].map(|c| three(0.2, b, c, 1.0));
            assert!((below / above - 1.0).abs() < 5e-13, "{b}: {below} {above}");
        }
    }

    #[test]
    fn the_peak_is_the_value_at_its_time() {
        let mut worst = Worst::default();
        for (slow, fast) in [(10.0f64, 0.5f64), (10.0, 5.0), (10.0, 9.0), (3.0, 2.999), (2.0, 2.0), (1.0, 4.0)] {
            let time: f64 = if slow == fast { slow } else { slow * fast / (slow - fast) * (slow / fast).ln() };
            worst.add((two(1.0 / slow, 1.0 / fast, time) / fast / peak(slow, fast) - 1.0).abs(), (slow, fast));
        }
        worst.must_be_at_most(ACCURACY_OF_PEAK);
    }
}
