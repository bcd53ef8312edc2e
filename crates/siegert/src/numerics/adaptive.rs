//! Integrals by Gauss and Kronrod's rule of 7 and 15 points, in panels that are halved where the two rules differ most.
//!
//! ```text
//! error of a panel = min(1, (200 |G7 - K15| / A)^(3/2)) A,    A = int |f - <f>|
//! ```
//!
//! Several integrals over the same points are done at once; the first of them decides where panels are halved. So integrals of derivatives are the
//! derivatives of the first, but for where panels are.
//!
//! Source: Piessens et al. (1983), *QUADPACK*, routine QAG: points, weights, and the estimate of the error.
//! Range: integrands that are smooth, or have singularities that can be integrated at ends of the given panels or elsewhere (slower).
//! Accuracy: of [`integrate`], 1e-13, relative, of a polynomial of degree 22, of a Gaussian over 24 standard deviations, and of a square root from its zero on, if as much is asked for.

/// Points of Kronrod's rule above 0, from the outermost inwards; every second is one of Gauss's.
const POINTS: [f64; 7] = [
    0.991_455_371_120_812_6,
    0.949_107_912_342_758_5,
    0.864_864_423_359_769_1,
    0.741_531_185_599_394_4,
    0.586_087_235_467_691_1,
    0.405_845_151_377_397_17,
    0.207_784_955_007_898_47,
];
/// Their weights, and that of 0.
const KRONROD: [f64; 8] = [
    0.022_935_322_010_529_224,
    0.063_092_092_629_978_55,
    0.104_790_010_322_250_18,
    0.140_653_259_715_525_92,
    0.169_004_726_639_267_9,
    0.190_350_578_064_785_4,
    0.204_432_940_075_298_9,
    0.209_482_141_084_727_82,
];
/// The weights of Gauss's points, and of 0.
const GAUSS: [f64; 4] =
    [0.129_484_966_168_869_7, 0.279_705_391_489_276_64, 0.381_830_050_505_118_93, 0.417_959_183_673_469_4];

/// How good an integral is to be, and at which effort that is given up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Of the first integral.
    pub(crate) relative_error: f64,
    pub(crate) most_panels: usize,
}

/// A panel with its part of the integrals.
struct Panel<const N: usize> {
    low: f64,
    high: f64,
    integrals: [f64; N],
    error: f64,
}

impl<const N: usize> Panel<N> {
    fn new(low: f64, high: f64, f: &mut impl FnMut(f64) -> [f64; N]) -> Self {
        let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
        let center = f(middle);
        let pairs = POINTS.map(|point| [f(middle - half * point), f(middle + half * point)]);
        let mut integrals = center.map(|value| KRONROD[7] * value);
        for (weight, pair) in KRONROD.iter().zip(&pairs) {
            for (sum, (a, b)) in integrals.iter_mut().zip(pair[0].iter().zip(&pair[1])) {
                *sum += weight * (a + b);
            }
        }
        let of_gauss =
            pairs.iter().skip(1).step_by(2).zip(GAUSS).map(|(pair, weight)| weight * (pair[0][0] + pair[1][0]));
        let gauss = GAUSS[3] * center[0] + of_gauss.sum::<f64>();
        let mean = 0.5 * integrals[0];
        let from_mean = |pair: &[[f64; N]; 2]| (pair[0][0] - mean).abs() + (pair[1][0] - mean).abs();
        let others: f64 = KRONROD.iter().zip(&pairs).map(|(weight, pair)| weight * from_mean(pair)).sum();
        let spread = KRONROD[7] * (center[0] - mean).abs() + others;
        let apart = (integrals[0] - gauss).abs();
        let error = if spread > 0.0 { (200.0 * apart / spread).powf(1.5).min(1.0) * spread } else { apart };
        Panel { low, high, integrals: integrals.map(|sum| half * sum), error: half * error }
    }
}

/// The integrals of `f` over the panels between successive `ends`, which rise.
pub(crate) fn integrate<const N: usize>(ends: &[f64], effort: Effort, mut f: impl FnMut(f64) -> [f64; N]) -> [f64; N] {
    let mut panels: Vec<Panel<N>> =
        ends.windows(2).filter(|ends| ends[0] < ends[1]).map(|ends| Panel::new(ends[0], ends[1], &mut f)).collect();
    let sum = |panels: &[Panel<N>]| {
        let mut all = [0.0; N];
        for panel in panels {
            all.iter_mut().zip(&panel.integrals).for_each(|(all, one)| *all += one);
        }
        all
    };
    while panels.len() < effort.most_panels {
        let error: f64 = panels.iter().map(|panel| panel.error).sum();
        let total = sum(&panels)[0].abs();
        // NaN too ends it
        if error <= effort.relative_error * total || error.is_nan() || total.is_nan() {
            break;
        }
        let worst = panels.iter().enumerate().max_by(|(_, a), (_, b)| a.error.total_cmp(&b.error));
        let Some((worst, _)) = worst else { break };
        let Panel { low, high, .. } = panels[worst];
        let middle = 0.5 * (low + high);
        if !(low < middle && middle < high) {
            panels[worst].error = 0.0;
            continue;
        }
        panels[worst] = Panel::new(low, middle, &mut f);
        panels.push(Panel::new(middle, high, &mut f));
    }
    sum(&panels)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCURACY: f64 = 1e-13;
    const EFFORT: Effort = Effort { relative_error: 1e-13, most_panels: 200 };

    #[test]
    fn smooth_functions_and_a_square_root_are_integrated_to_the_stated_accuracy() {
        let error = |found: f64, expected: f64| (found / expected - 1.0).abs();
        let [one, power] = integrate(&[0.0, 1.0], Effort { most_panels: 1, ..EFFORT }, |x| [1.0, x.powi(22)]);
        assert!(error(one, 1.0) < ACCURACY && error(power, 1.0 / 23.0) < ACCURACY, "{one} {power}");
        let [gauss] = integrate(&[-12.0, 12.0], EFFORT, |x| [(-0.5 * x * x).exp()]);
        assert!(error(gauss, std::f64::consts::TAU.sqrt()) < ACCURACY, "{gauss}");
        let [root, slope] =
            integrate(&[-1.0, 0.0, 2.0], EFFORT, |x| [x.max(0.0).sqrt(), if x > 0.0 { 0.5 / x.sqrt() } else { 0.0 }]);
        assert!(error(root, 2.0f64.powf(1.5) / 1.5) < ACCURACY, "{root}");
        // its derivative by the same points, which are not made for it
        assert!(error(slope, 2.0f64.sqrt()) < 1e-5, "{slope}");
    }

    #[test]
    fn what_is_nowhere_anything_needs_no_panels() {
        let mut calls = 0;
        let [zero] = integrate(&[0.0, 1.0, 2.0], EFFORT, |_| {
            calls += 1;
            [0.0]
        });
        assert_eq!((zero, calls), (0.0, 30));
        assert!(integrate(&[0.0, 1.0], EFFORT, |_| [f64::NAN])[0].is_nan());
    }
}
