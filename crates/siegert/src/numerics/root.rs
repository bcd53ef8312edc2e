//! The root of a function that rises, or falls, by Newton's method within a bracket that shrinks.
//!
//! A step that would leave the bracket, or is no number, is a step to its middle: so it converges where Newton's method alone would not, and as fast where it would.
//!
//! Source: Press et al. (2007), *Numerical Recipes*, section 9.4 (`rtsafe`).

/// Steps at most; bisection alone needs about 60.
const MOST_STEPS: usize = 200;

/// Where a function is 0, which is negative at the one and positive at the other of `ends`; from `start`, by the value and the slope that it gives at a place.
///
/// Ends where the value is no larger than `small`, or the next step no longer than `short` of the place.
pub(crate) fn root(
    ends: [f64; 2],
    start: f64,
    small: f64,
    short: impl Fn(f64) -> f64,
    mut of: impl FnMut(f64) -> (f64, f64),
) -> f64 {
    let [mut negative, mut positive] = ends;
    let mut x = start;
    for _ in 0..MOST_STEPS {
        let (value, slope) = of(x);
        if value.abs() <= small {
            return x;
        }
        if value < 0.0 {
            negative = x
        } else {
            positive = x
        }
        let newton = x - value / slope;
        let is_inside = newton >= negative.min(positive) && newton <= negative.max(positive);
        let next = if is_inside { newton } else { 0.5 * (negative + positive) };
        if (next - x).abs() <= short(x) {
            return next;
        }
        x = next;
    }
    x
}

/// Slopes for [`root`] from the last two places, the first from the values at two others.
pub(crate) fn with_secants(
    [mut before, mut then]: [(f64, f64); 2],
    mut of: impl FnMut(f64) -> f64,
) -> impl FnMut(f64) -> (f64, f64) {
    move |x| {
        let here = (x, of(x));
        let from = if then.0 == x { before } else { then };
        (before, then) = (then, here);
        (here.1, (here.1 - from.1) / (x - from.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_found_where_newtons_method_alone_would_run_away() {
        // steps of the arctangent grow from 1.4 on; it rises, and its mirror image falls
        for sign in [1.0, -1.0] {
            let mut calls = 0;
            let found = root(
                [-30.0 * sign, 40.0 * sign],
                35.0 * sign,
                0.0,
                |_| 1e-15,
                |x| {
                    calls += 1;
                    (sign * (x - 1.0).atan(), sign / (1.0 + (x - 1.0) * (x - 1.0)))
                },
            );
            assert!((found - 1.0).abs() < 1e-14 && calls < 20, "{found} after {calls}");
        }
        // a slope that is no number is no step
        assert!((root([0.0, 1.0], 0.5, 0.0, |_| 1e-15, |x| (x - 0.3, 0.0)) - 0.3).abs() < 1e-14);
    }

    #[test]
    fn secants_take_the_place_of_slopes() {
        let mut calls = 0;
        let value = |x: f64| {
            calls += 1;
            x.exp() - 2.0
        };
        let found = root([0.0, 1.0], 0.5, 1e-12, |_| 0.0, with_secants([(0.0, -1.0), (1.0, 0.7)], value));
        assert!((found - 2f64.ln()).abs() < 1e-11 && calls < 10, "{found} after {calls}");
    }
}
