//! Inputs that benchmarks of rates share.

/// Means and standard deviations that fill their ranges evenly, by a low-discrepancy sequence: the same points on every machine.
pub(crate) fn spread(points: usize, mu: (f64, f64), sigma: (f64, f64)) -> (Vec<f64>, Vec<f64>) {
    let fraction = |i: usize, step: f64| (i as f64 * step).fract();
    (0..points)
        .map(|i| {
            let (u, v) = (fraction(i, 0.754877666246693), fraction(i, 0.569840290998053));
            (mu.0 + u * (mu.1 - mu.0), sigma.0 + v * (sigma.1 - sigma.0))
        })
        .unzip()
}
