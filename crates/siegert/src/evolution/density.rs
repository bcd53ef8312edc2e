//! The densities that are kept for drawing: on even potentials, at some of the times of the rates.
//!
//! ```text
//! C(V) = int_(-inf)^V p dV at the borders of the cells,    p_k = [C(V_(k+1/2)) - C(V_(k-1/2))]/dV
//! sum_k p_k dV + refractory + below + above = 1
//! ```
//!
//! Cells of the computation are uneven and may be added below, so a density is shown through its integral, a monotone cubic between the borders of the cells: what is shown is never
//! negative, and neither bins finer than cells nor coarser ones lose a neuron. The potentials reach over all but a thousandth of the neurons at each end at nearly every time, up to the
//! spike and down to the reset where these are near; where densities have tails as long as those of quadratic neurons, over all but a fiftieth. What lies outside is counted.
//!
//! Source: Fritsch and Carlson (1980), SIAM J Numer Anal 17:238, with the slopes of Fritsch and Butland (1984), SIAM J Sci Stat Comput 5:300 (monotone cubics).

/// How much of the densities is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DensityOptions {
    /// Potentials of each density.
    pub potentials: usize,
    /// Times, at most: the rates' own, or each second, third ... of them.
    pub times: usize,
}

impl Default for DensityOptions {
    fn default() -> Self {
        DensityOptions { potentials: 200, times: 401 }
    }
}

/// The density of the potential of one population in time.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Density {
    /// When.
    pub times_ms: Vec<f64>,
    /// Middles of bins of equal width.
    pub potentials_mv: Vec<f64>,
    /// Of all neurons, how many are in a bin over its width, shape `(times, potentials)`.
    pub density_per_mv: Vec<Vec<f64>>,
    /// Of all neurons, how many are refractory.
    pub refractory_fraction: Vec<f64>,
    /// Of all neurons, how many are below the first bin.
    pub below_fraction: Vec<f64>,
    /// Of all neurons, how many are above the last one.
    pub above_fraction: Vec<f64>,
}

/// What a population is like at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Borders of cells, from the lowest node to the spike.
    pub(super) borders_mv: Vec<f64>,
    /// Neurons in the cells.
    pub(super) masses: Vec<f64>,
    /// Refractory ones.
    pub(super) refractory: f64,
    /// Those that started above the threshold and are still to spike.
    pub(super) above: f64,
    /// Where neurons are reset to.
    pub(super) reset_mv: f64,
}

impl Seen {
    /// Of classes of neurons that differ, each with its part: on the borders of all of them.
    pub(super) fn mean(mut classes: Vec<(f64, Seen)>) -> Self {
        if classes.len() < 2 {
            return classes.pop().map_or_else(Seen::default, |(_, seen)| seen);
        }
        let mut borders_mv: Vec<f64> = classes.iter().flat_map(|(_, seen)| seen.borders_mv.iter().copied()).collect();
        borders_mv.sort_by(f64::total_cmp);
        borders_mv.dedup();
        let mut masses = vec![0.0; borders_mv.len().saturating_sub(1)];
        let (mut refractory, mut above, mut reset_mv) = (0.0, 0.0, 0.0);
        for (part, seen) in &classes {
            refractory += part * seen.refractory;
            above += part * seen.above;
            reset_mv += part * seen.reset_mv;
            for (ends, mass) in seen.borders_mv.windows(2).zip(&seen.masses) {
                let first = borders_mv.partition_point(|border| *border < ends[0]);
                let within = borders_mv[first..].windows(2).take_while(|pair| pair[1] <= ends[1]);
                for (mass_of, pair) in masses[first..].iter_mut().zip(within) {
                    *mass_of += part * mass * (pair[1] - pair[0]) / (ends[1] - ends[0]);
                }
            }
        }
        Seen { borders_mv, masses, refractory, above, reset_mv }
    }
}

/// Cells of a density that are kept, at most; and numbers of all populations and times.
const MOST_CELLS: usize = 1000;
const MOST_NUMBERS: usize = 30_000_000;
/// The part of the neurons that is left out at each end, and where tails are so long that it lies beyond `LONG` times the range of the second, that one.
const LEFT_OUT: f64 = 1e-3;
const LEFT_OUT_OF_TAILS: f64 = 0.02;
const LONG: f64 = 4.0;
/// Of the times, how many may reach further: a moment in which neurons are thrown far away would leave little room for all others.
const RARE: f64 = 0.02;
/// A spike or a reset is shown if it is nearer than this part of the range.
const NEAR: f64 = 1.0;

/// The densities of all populations as they are collected.
#[derive(Clone, Debug)]
pub(super) struct Densities {
    potentials: usize,
    every: u64,
    times_ms: Vec<f64>,
    seen: Vec<Vec<Cumulative>>,
}

/// A density by its integral.
#[derive(Clone, Debug)]
struct Cumulative {
    borders_mv: Vec<f64>,
    until: Vec<f64>,
    refractory: f64,
    above: f64,
    reset_mv: f64,
}

impl Densities {
    /// For so many outputs after the first and populations with so many nodes in all.
    pub(super) fn new(options: DensityOptions, outputs: u64, populations: usize, nodes: usize) -> Self {
        let numbers_a_time = 2 * nodes.min(populations * MOST_CELLS).max(1);
        let times = options.times.min(MOST_NUMBERS / numbers_a_time).max(2) as u64;
        Densities {
            potentials: options.potentials.max(1),
            every: outputs.div_ceil(times - 1).max(1),
            times_ms: Vec::new(),
            seen: vec![Vec::new(); populations],
        }
    }

    /// Keeps what there is at an output, if it is one of those that are kept.
    pub(super) fn look(&mut self, output: u64, at_ms: f64, see: impl Fn(usize) -> Seen) {
        if !output.is_multiple_of(self.every) {
            return;
        }
        self.times_ms.push(at_ms);
        for (population, seen) in self.seen.iter_mut().enumerate() {
            seen.push(Cumulative::new(see(population)));
        }
    }

    /// All of them on their potentials.
    pub(super) fn shown(self) -> Vec<Density> {
        let Densities { potentials, times_ms, seen, .. } = self;
        seen.into_iter().map(|seen| shown(&seen, potentials, &times_ms)).collect()
    }
}

fn shown(seen: &[Cumulative], potentials: usize, times_ms: &[f64]) -> Density {
    let (from_mv, to_mv) = range(seen);
    let width_mv = (to_mv - from_mv) / potentials as f64;
    let middle = |k: usize| from_mv + (k as f64 + 0.5) * width_mv;
    let border = |k: usize| if k == potentials { to_mv } else { from_mv + k as f64 * width_mv };
    let borders_mv: Vec<f64> = (0..=potentials).map(border).collect();
    let mut found = Density {
        times_ms: times_ms.to_vec(),
        potentials_mv: (0..potentials).map(middle).collect(),
        ..Density::default()
    };
    for at in seen {
        let until = at.at(&borders_mv);
        let density = until.windows(2).map(|pair| (pair[1] - pair[0]).max(0.0) / width_mv).collect();
        found.density_per_mv.push(density);
        found.refractory_fraction.push(at.refractory);
        found.below_fraction.push(until[0]);
        found.above_fraction.push((at.all() - until[potentials]).max(0.0) + at.above);
    }
    found
}

/// From where to where densities are shown.
fn range(seen: &[Cumulative]) -> (f64, f64) {
    let over = |left_out: f64| {
        let mut low: Vec<f64> = seen.iter().map(|at| at.quantile(left_out)).collect();
        let mut high: Vec<f64> = seen.iter().map(|at| -at.quantile(1.0 - left_out)).collect();
        low.sort_by(f64::total_cmp);
        high.sort_by(f64::total_cmp);
        let rare = (RARE * seen.len() as f64) as usize;
        let end = |ends: &[f64]| ends.get(rare).copied().unwrap_or(f64::NAN);
        (end(&low), -end(&high))
    };
    let (most, narrow) = (over(LEFT_OUT), over(LEFT_OUT_OF_TAILS));
    let (low, high) = if most.1 - most.0 > LONG * (narrow.1 - narrow.0) { narrow } else { most };
    let Some(first) = seen.first() else { return (0.0, 1.0) };
    if !(low < high && low.is_finite() && high.is_finite()) {
        let wide = first.reset_mv.abs().max(1.0);
        return (first.reset_mv - wide, first.reset_mv + wide);
    }
    let near = NEAR * (high - low);
    let spike_mv = first.borders_mv.last().copied().unwrap_or(high);
    let to = if spike_mv >= high && spike_mv - high <= near { spike_mv } else { high };
    let from = if first.reset_mv < low && low - first.reset_mv <= near { first.reset_mv - 0.02 * near } else { low };
    (from, to)
}

impl Cumulative {
    fn new(seen: Seen) -> Self {
        let Seen { borders_mv, masses, refractory, above, reset_mv } = seen;
        let together = masses.len().div_ceil(MOST_CELLS).max(1);
        let mut until = vec![0.0];
        let mut borders = vec![borders_mv.first().copied().unwrap_or(reset_mv)];
        let mut sum = 0.0;
        for (k, cells) in masses.chunks(together).enumerate() {
            sum += cells.iter().map(|mass| mass.max(0.0)).sum::<f64>();
            until.push(sum);
            borders.push(borders_mv[(k * together + cells.len()).min(borders_mv.len() - 1)]);
        }
        Cumulative { borders_mv: borders, until, refractory, above, reset_mv }
    }

    /// Neurons that are not refractory.
    fn all(&self) -> f64 {
        self.until.last().copied().unwrap_or(0.0)
    }

    /// Below which potential a part of the neurons is that are not refractory.
    fn quantile(&self, part: f64) -> f64 {
        let wanted = part * self.all();
        let next = self.until.partition_point(|until| *until < wanted).clamp(1, self.until.len() - 1);
        let (low, high) = (self.until[next - 1], self.until[next]);
        let part = if high > low { ((wanted - low) / (high - low)).clamp(0.0, 1.0) } else { 0.5 };
        self.borders_mv[next - 1] + part * (self.borders_mv[next] - self.borders_mv[next - 1])
    }

    /// Neurons below each of some rising potentials.
    fn at(&self, V_mv: &[f64]) -> Vec<f64> {
        let slopes = self.slopes();
        let n = self.until.len();
        let mut next = 1;
        let below = |&V_mv: &f64| {
            while next < n && self.borders_mv[next] < V_mv {
                next += 1;
            }
            if next >= n {
                return self.all();
            }
            let (x0, x1) = (self.borders_mv[next - 1], self.borders_mv[next]);
            let h = x1 - x0;
            let t = ((V_mv - x0) / h).clamp(0.0, 1.0);
            let (y0, y1) = (self.until[next - 1], self.until[next]);
            // the cubic of Hermite, as what is beyond the line between the two
            let (d0, d1) = (h * slopes[next - 1], h * slopes[next]);
            let step = t * t * (3.0 - 2.0 * t);
            y0 + (y1 - y0) * step + t * (1.0 - t) * ((1.0 - t) * d0 - t * d1)
        };
        V_mv.iter().map(below).collect()
    }

    /// Densities at the borders of cells, such that the cubics between them rise; none at both ends.
    fn slopes(&self) -> Vec<f64> {
        let n = self.until.len();
        let width = |k: usize| self.borders_mv[k + 1] - self.borders_mv[k];
        let mean = |k: usize| (self.until[k + 1] - self.until[k]) / width(k);
        let slope = |k: usize| {
            if k == 0 || k + 1 == n {
                return 0.0;
            }
            let (before, after) = (mean(k - 1), mean(k));
            if before <= 0.0 || after <= 0.0 {
                return 0.0;
            }
            let (left, right) = (width(k - 1), width(k));
            3.0 * (left + right) / ((2.0 * right + left) / before + (right + 2.0 * left) / after)
        };
        (0..n).map(slope).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A density `6 x (1 - x)` on uneven cells from 0 to 1 mV, of nine tenths of the neurons.
    fn parabola() -> Seen {
        let borders_mv: Vec<f64> = (0..=60).map(|k| (f64::from(k) / 60.0).powf(1.3)).collect();
        let until = |x: f64| 0.9 * x * x * (3.0 - 2.0 * x);
        let masses = borders_mv.windows(2).map(|pair| until(pair[1]) - until(pair[0])).collect();
        Seen { borders_mv, masses, refractory: 0.1, above: 0.0, reset_mv: 0.3 }
    }

    fn kept(options: DensityOptions, outputs: u64, seen: &Seen) -> Density {
        let mut densities = Densities::new(options, outputs, 1, seen.masses.len());
        (0..=outputs).for_each(|k| densities.look(k, k as f64, |_| seen.clone()));
        densities.shown().remove(0)
    }

    #[test]
    fn a_density_is_shown_as_it_is_and_every_neuron_counted() {
        for potentials in [7, 50, 400] {
            let found = kept(DensityOptions { potentials, times: 3 }, 2, &parabola());
            let width_mv = found.potentials_mv[1] - found.potentials_mv[0];
            for (k, density) in found.density_per_mv.iter().enumerate() {
                let sum = density.iter().sum::<f64>() * width_mv
                    + found.refractory_fraction[k]
                    + found.below_fraction[k]
                    + found.above_fraction[k];
                assert!((sum - 1.0).abs() < 1e-14, "{potentials}: {sum}");
                // sixty cells say no more of a slope that ends at the border
                for (V, p) in found.potentials_mv.iter().zip(density) {
                    let exact = 0.9 * (6.0 * V * (1.0 - V) - 0.5 * width_mv * width_mv);
                    assert!((p - exact).abs() < 0.03, "{potentials}: {p} for {exact} at {V}");
                }
            }
        }
    }

    /// Half of the neurons in the one cell and half in another that overlaps it, each even over its cell.
    #[test]
    fn classes_that_differ_are_shown_as_one_density_and_every_neuron_counted() {
        let class = |from: f64, above: f64| Seen {
            borders_mv: vec![from, from + 2.0],
            masses: vec![0.8 - above],
            refractory: 0.2,
            above,
            reset_mv: from,
        };
        let Seen { borders_mv, masses, refractory, above, reset_mv } =
            Seen::mean(vec![(0.5, class(0.0, 0.0)), (0.5, class(1.0, 0.1))]);
        assert_eq!((borders_mv, reset_mv), (vec![0.0, 1.0, 2.0, 3.0], 0.5));
        for (mass, expected) in masses.iter().zip([0.2, 0.375, 0.175]) {
            assert!((mass - expected).abs() < 1e-15, "{masses:?}");
        }
        assert!((masses.iter().sum::<f64>() + refractory + above - 1.0).abs() < 1e-15);
    }

    #[test]
    fn times_are_thinned_evenly_and_the_first_is_kept() {
        let times = |most: usize, outputs: u64| {
            kept(DensityOptions { potentials: 5, times: most }, outputs, &parabola()).times_ms
        };
        assert_eq!(times(4, 9), [0.0, 3.0, 6.0, 9.0]);
        assert_eq!(times(100, 3), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(times(0, 4), [0.0, 4.0]);
    }

    #[test]
    fn what_is_far_out_in_long_tails_is_counted_and_not_shown() {
        // Lorentzian tails to a million half-widths
        let borders_mv: Vec<f64> = (-2000..=2000).map(|k| (f64::from(k) / 2000.0 * 14.5).sinh()).collect();
        let until = |x: f64| 0.5 + x.atan() / std::f64::consts::PI;
        let masses: Vec<f64> = borders_mv.windows(2).map(|pair| until(pair[1]) - until(pair[0])).collect();
        let seen = Seen { borders_mv, masses, refractory: 0.0, above: 0.0, reset_mv: -1e6 };
        let found = kept(DensityOptions::default(), 1, &seen);
        let (first, last) = (found.potentials_mv[0], found.potentials_mv[199]);
        assert!((-17.0..-14.0).contains(&first) && (14.0..17.0).contains(&last), "{first} {last}");
        assert!((found.below_fraction[0] - 0.02).abs() < 1e-3 && (found.above_fraction[0] - 0.02).abs() < 1e-3);
    }

    #[test]
    fn neurons_all_at_one_place_and_cells_without_any_have_a_range() {
        let empty =
            Seen { borders_mv: vec![0.0, 1.0, 2.0], masses: vec![0.0; 2], refractory: 1.0, above: 0.0, reset_mv: 1.0 };
        let heap = Seen { masses: vec![1.0, 0.0], refractory: 0.0, ..empty.clone() };
        for seen in [empty, heap] {
            let found = kept(DensityOptions::default(), 1, &seen);
            assert!(found.potentials_mv.windows(2).all(|pair| pair[0] < pair[1]));
            assert!(found.density_per_mv.iter().flatten().all(|p| p.is_finite() && *p >= 0.0));
        }
    }
}
