//! The positive roots of a polynomial, all of them: between two neighbouring extrema there is at most one.
//!
//! Extrema are the roots of the derivative, found in the same way; from one to the next the polynomial rises or falls, and a root is enclosed by bisection and Newton's method. Beyond Cauchy's bound there is none.
//! Accuracy: a few roundings times the condition of a root, which is bad beside a double one.

/// Steps of bisection and Newton's method at most: beyond, numbers do not differ.
const MOST_STEPS: usize = 200;

/// The value of a polynomial, its coefficients rising.
fn value(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// The derivative.
fn derivative(coefficients: &[f64]) -> Vec<f64> {
    (1..).zip(&coefficients[1..]).map(|(n, c)| f64::from(n) * c).collect()
}

/// The positive roots, rising; the coefficients rise, too, from the constant on.
pub(super) fn positive_roots(coefficients: &[f64]) -> Vec<f64> {
    let degree = coefficients.iter().rposition(|c| *c != 0.0).unwrap_or(0);
    if degree == 0 || !coefficients.iter().all(|c| c.is_finite()) {
        return Vec::new();
    }
    let coefficients = &coefficients[..=degree];
    if degree == 1 {
        let root = -coefficients[0] / coefficients[1];
        return if root > 0.0 { vec![root] } else { Vec::new() };
    }
    let slope = derivative(coefficients);
    let lead = coefficients[degree].abs();
    let bound = 1.0 + coefficients[..degree].iter().map(|c| c.abs() / lead).fold(0.0, f64::max);
    let mut ends = vec![0.0];
    ends.extend(positive_roots(&slope));
    ends.push(bound.max(2.0 * ends[ends.len() - 1]));
    let between = ends.windows(2).filter_map(|ends| root_between(coefficients, &slope, ends[0], ends[1]));
    let mut roots: Vec<f64> = between.filter(|root| *root > 0.0).collect();
    roots.dedup();
    roots
}

/// The root between two places from one to the other of which the polynomial rises or falls.
fn root_between(coefficients: &[f64], slope: &[f64], mut low: f64, mut high: f64) -> Option<f64> {
    let (at_low, at_high) = (value(coefficients, low), value(coefficients, high));
    if at_low == 0.0 {
        return Some(low);
    }
    if at_high == 0.0 {
        return Some(high);
    }
    if (at_low > 0.0) == (at_high > 0.0) {
        return None;
    }
    let mut x = 0.5 * (low + high);
    for _ in 0..MOST_STEPS {
        let at = value(coefficients, x);
        if at == 0.0 {
            return Some(x);
        }
        if (at > 0.0) == (at_low > 0.0) {
            low = x
        } else {
            high = x
        }
        let newton = x - at / value(slope, x);
        let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        if (next - x).abs() <= f64::EPSILON * x.abs() {
            return Some(next);
        }
        x = next;
    }
    Some(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_positive_roots_are_found_and_no_others() {
        // (x - 1/2)(x - 3)(x - 7)(x + 2)
        let roots: [f64; 4] = [0.5, 3.0, 7.0, -2.0];
        let mut coefficients = vec![1.0];
        for root in roots {
            let mut next = vec![0.0; coefficients.len() + 1];
            for (k, c) in coefficients.iter().enumerate() {
                next[k + 1] += c;
                next[k] -= root * c;
            }
            coefficients = next;
        }
        let found = positive_roots(&coefficients);
        assert_eq!(found.len(), 3);
        assert!(found.iter().zip(&roots).all(|(x, y)| (x / y - 1.0).abs() < 1e-14), "{found:?}");
        assert!(positive_roots(&[1.0, 0.0, 1.0]).is_empty() && positive_roots(&[0.0; 5]).is_empty());
        assert!(positive_roots(&[f64::NAN, 1.0]).is_empty());
        assert_eq!(positive_roots(&[-8.0, 0.0, 0.0, 1.0]), [2.0]);
    }
}
