//! Neurons that move all at once along a line of equal cells: by a jump, or along a force.
//!
//! ```text
//! C(V) = int_(-infinity)^V p,    V -> W(V) rising:    C'(f) = C(W^-1(f)) at every face f
//! ```
//!
//! Between faces `C` is a cubic with the density at both ends as its slopes, of fourth order where the density is smooth, and limited so that `C` never falls (slopes of at most three times the mass
//! of the cells beside): no mass becomes negative, and none is lost, since what has moved is a difference of `C` at faces.
//!
//! Source: Fritsch and Carlson (1980), SIAM J Numer Anal 17:238 (the limit); Colella and Woodward (1984), J Comput Phys 54:174, eq. 1.6 (slopes).
//! Accuracy: order 4 of what is smooth, 2 at a kink of the density (tests).

/// A movement of faces backwards: face `k` comes from `offset + stretch k`, in cells from the lowest face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Origin {
    pub(super) offset: f64,
    pub(super) stretch: f64,
    /// The part of the neurons that it moves.
    pub(super) part: f64,
}

/// Masses of cells added up.
#[derive(Clone, Debug, Default)]
pub(super) struct Cumulative {
    /// At the faces, from 0 to all.
    values: Vec<f64>,
    /// In mass a cell.
    slopes: Vec<f64>,
}

/// The values of Hermite's cubics in a cell: at its ends, and of the slopes there.
fn hermite(t: f64) -> [f64; 4] {
    let (square, back) = (t * t, 1.0 - t);
    [(1.0 + 2.0 * t) * back * back, square * (3.0 - 2.0 * t), t * back * back, -square * back]
}

impl Cumulative {
    /// Those of these masses, in the place of others.
    pub(super) fn set(&mut self, masses: &[f64]) {
        let n = masses.len();
        self.values.clear();
        self.values.reserve(n + 1);
        let mut sum = 0.0;
        self.values.push(0.0);
        for mass in masses {
            sum += mass;
            self.values.push(sum);
        }
        self.slopes.resize(n + 1, 0.0);
        let mass = |k: usize| masses[k.min(n - 1)];
        let limited = |slope: f64, least: f64| slope.min(3.0 * least).max(0.0);
        if n < 4 {
            self.slopes.iter_mut().zip(0..).for_each(|(slope, k)| *slope = mass(k).min(mass(k.max(1) - 1)).max(0.0));
            return;
        }
        for k in 2..n - 1 {
            let (below, above) = (masses[k - 1], masses[k]);
            let slope = (7.0 * (below + above) - (masses[k - 2] + masses[k + 1])) / 12.0;
            self.slopes[k] = limited(slope, below.min(above));
        }
        // from one side at the ends
        let ends = |first: f64, second: f64, third: f64| {
            [(11.0 * first - 7.0 * second + 2.0 * third) / 6.0, (2.0 * first + 5.0 * second - third) / 6.0]
        };
        let [at, next] = ends(masses[0], masses[1], masses[2]);
        self.slopes[0] = limited(at, masses[0]);
        self.slopes[1] = limited(next, masses[0].min(masses[1]));
        let [at, next] = ends(masses[n - 1], masses[n - 2], masses[n - 3]);
        self.slopes[n] = limited(at, masses[n - 1]);
        self.slopes[n - 1] = limited(next, masses[n - 1].min(masses[n - 2]));
    }

    /// All neurons.
    pub(super) fn all(&self) -> f64 {
        self.values.last().copied().unwrap_or(0.0)
    }

    /// The density at the highest face, in mass a cell.
    pub(super) fn slope_at_end(&self) -> f64 {
        self.slopes.last().copied().unwrap_or(0.0)
    }

    /// The part below a place, in cells from the lowest face.
    pub(super) fn at(&self, place: f64) -> f64 {
        let cells = self.values.len() - 1;
        if place.is_nan() || place <= 0.0 {
            return 0.0;
        }
        if place >= cells as f64 {
            return self.all();
        }
        let cell = place as usize;
        let [low, high, from, to] = hermite(place - cell as f64);
        low * self.values[cell] + high * self.values[cell + 1] + from * self.slopes[cell] + to * self.slopes[cell + 1]
    }

    /// Adds what is below each face after a movement, as a part of the neurons, to a sum.
    pub(super) fn add_moved(&self, origin: Origin, sum: &mut [f64]) {
        let Origin { offset, stretch, part } = origin;
        if stretch != 1.0 || offset.abs() >= self.values.len() as f64 {
            sum.iter_mut().zip(0..).for_each(|(sum, k)| *sum += part * self.at(offset + stretch * f64::from(k)));
            return;
        }
        // all faces come from the same place in a cell
        let cells = self.values.len() - 1;
        let whole = offset.floor();
        let [low, high, from, to] = hermite(offset - whole).map(|weight| part * weight);
        let shift = whole as isize;
        // faces whose cell is on the line
        let first = (-shift).max(0) as usize;
        let end = (cells as isize - shift).clamp(first as isize, sum.len() as isize) as usize;
        let start = (first as isize + shift) as usize;
        let cells_of = |values: &[f64]| -> (usize, usize) {
            let count = end - first;
            (start, (start + count + 1).min(values.len()))
        };
        let (a, b) = cells_of(&self.values);
        let pairs = self.values[a..b].windows(2).zip(self.slopes[a..b].windows(2));
        for (sum, (values, slopes)) in sum[first..end].iter_mut().zip(pairs) {
            *sum += low * values[0] + high * values[1] + from * slopes[0] + to * slopes[1];
        }
        let all = part * self.all();
        sum[end..].iter_mut().for_each(|sum| *sum += all);
    }
}

/// The masses between faces of which is known what is below them, and what is above the last; what would be below the first is in the lowest cell, and rounding makes no mass negative.
pub(super) fn masses_between(below: &[f64], all: f64, masses: &mut [f64]) -> f64 {
    let mut last = 0.0f64;
    for (mass, below) in masses.iter_mut().zip(&below[1..]) {
        let here = below.min(all).max(last);
        *mass = here - last;
        last = here;
    }
    all - last
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error of a bump on cells of a line from 0 to 1 that is moved by about a tenth.
    fn error_of_a_bump(cells: usize) -> f64 {
        // as far from a face on all lines
        let distance = 0.1 + 0.37 / cells as f64;
        let below = |x: f64| 0.5 * (1.0 + ((x - 0.4) / 0.06).tanh());
        let at = |k: usize| k as f64 / cells as f64;
        let masses: Vec<f64> = (0..cells).map(|k| below(at(k + 1)) - below(at(k))).collect();
        let mut cumulative = Cumulative::default();
        cumulative.set(&masses);
        let mut sum = vec![0.0; cells + 1];
        cumulative.add_moved(Origin { offset: -distance * cells as f64, stretch: 1.0, part: 1.0 }, &mut sum);
        let error = |k: usize| (sum[k] - below(at(k) - distance) + below(0.0)).abs();
        (0..=cells).map(error).fold(0.0, f64::max)
    }

    #[test]
    fn what_is_smooth_moves_with_an_error_of_fourth_order() {
        let order = (error_of_a_bump(50) / error_of_a_bump(200)).log2() / 2.0;
        println!("order {order}");
        assert!(order > 3.0, "order {order}");
    }

    #[test]
    fn no_mass_is_lost_or_negative_whatever_moves_and_both_ways_to_move_are_one() {
        let masses = [0.0, 0.5, 0.0, 0.0, 0.3, 0.1, 0.0, 0.1, 0.0, 0.0];
        let mut cumulative = Cumulative::default();
        cumulative.set(&masses);
        for offset in [-20.0, -3.0, -2.7, -0.2, 0.0, 0.4, 5.9, 10.0, 30.0] {
            let mut sum = vec![0.0; 11];
            cumulative.add_moved(Origin { offset, stretch: 1.0, part: 0.5 }, &mut sum);
            cumulative.add_moved(Origin { offset, stretch: 1.0 + 1e-13, part: 0.5 }, &mut sum);
            for (k, sum) in sum.iter().enumerate() {
                assert!((sum - cumulative.at(offset + k as f64)).abs() < 1e-12, "{offset} {k}");
            }
            let mut moved = masses;
            let above = masses_between(&sum, cumulative.all(), &mut moved);
            assert!((moved.iter().sum::<f64>() + above - 1.0).abs() < 1e-15, "{offset}");
            assert!(moved.iter().all(|mass| *mass >= 0.0) && above >= 0.0, "{offset}: {moved:?}");
        }
    }
}
