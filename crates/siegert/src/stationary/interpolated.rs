//! Rates by the law of threshold crossings all along a curve, from those at few places of it.
//!
//! ```text
//! ln T(x) = ln T_closed(x) + s(x),    s(x) = sum_k w_k |x - x_k|^3 + a + b x,    sum_k w_k = 0,  sum_k w_k x_k = 0
//! ```
//!
//! `T` is the time from release to spike. The law of crossings costs milliseconds a place and a closed form a microsecond, but what the one makes of the other changes
//! slowly: it is a spline through the places at which both were asked. Those are the first ones, at which the rates come out as they are, and then, round by round, those of the
//! curve drawn so far that are farthest from all that is known, until two rounds teach nothing.
//!
//! Source: Duchon (1977), in *Constructive Theory of Functions of Several Variables*, LNM 571:85 (the spline); which places are asked is our own choice.
//! Accuracy: what the last round asks was known to 3e-3 of the time before. Along whole curves, of factors that bend more than those of neurons, 5e-3; at the first places rounding. The
//! spline does not bend at the ends of a line: who begins with a place near each end has a tenth of the error there.

use rayon::prelude::*;

use super::map::RateMap;
use crate::neuron::lif::MS_PER_S;
use crate::numerics::linear::Matrix;
use crate::transfer::{Input, ln_time};

/// Places that are asked in one round, and the most rounds.
const A_ROUND: usize = 8;
const MOST_ROUNDS: usize = 8;
/// What is off by less in `ln T` before it is asked was known.
const ENOUGH: f64 = 3e-3;
/// So many rounds in a row: the tip of a curve that turns back is reached by the second one only.
const GOOD_ROUNDS: usize = 2;
/// Places that are nearer to a known one say nothing; the whole curve has a length of about 1.
const NEAR: f64 = 1e-3;
/// How far `s` may go beyond all known values, in parts of their range.
const BEYOND: f64 = 0.1;

impl RateMap {
    /// As [`RateMap::ln_output_hz`], by the law of threshold crossings where it is asked; `None` where it finds nothing, and without noise.
    pub fn refined_ln_output_hz(&self, a: usize, input: &Input) -> Option<f64> {
        let transfer = &self.transfers()[a];
        let ln_longer = transfer.lengthening(input);
        let is_lost = ln_longer == 0.0 && transfer.is_full(input) && !transfer.is_average();
        let ln_rate_hz = transfer.clone().lengthened(ln_longer).log_rate(input).ln_rate_hz;
        (input.std_mv > 0.0 && !is_lost && ln_rate_hz.is_finite()).then_some(ln_rate_hz)
    }
}

/// What is known along a curve: the logarithm of the ratio of two times, at places and between them.
#[derive(Clone, Debug, Default)]
pub struct Interpolated {
    t_ref_ms: f64,
    asked: Vec<Vec<f64>>,
    places: Vec<Vec<f64>>,
    values: Vec<f64>,
    /// Of the places, then of the constant and the coordinates; empty where there is no spline through the values.
    weights: Vec<f64>,
}

impl Interpolated {
    /// Asks both rates, the closed form's and that of the law of crossings as logarithms in Hz, at the first places and then at some of those along the `curve` that what is known draws.
    ///
    /// Places have coordinates of about 0 to 1. `t_ref_ms` is the refractory time.
    pub fn along(
        t_ref_ms: f64,
        first: Vec<Vec<f64>>,
        both: impl Fn(&[f64]) -> Option<(f64, f64)> + Sync,
        curve: impl Fn(&Interpolated) -> Vec<Vec<f64>>,
    ) -> Self {
        let mut known = Interpolated { t_ref_ms, ..Interpolated::default() };
        known.ask(first, &both);
        let mut good = 0;
        for _ in 0..MOST_ROUNDS {
            let next = known.farthest_of(curve(&known));
            if next.is_empty() || good == GOOD_ROUNDS {
                break;
            }
            good = if known.ask(next, &both) < ENOUGH { good + 1 } else { 0 };
        }
        known
    }

    /// A rate of the closed form at a place as the law of crossings has it.
    pub fn ln_rate_hz(&self, place: &[f64], closed_ln_rate_hz: f64) -> f64 {
        let Some(ln_time) = ln_time(closed_ln_rate_hz, self.t_ref_ms) else { return closed_ln_rate_hz };
        MS_PER_S.ln() - (self.t_ref_ms + (ln_time + self.ln_longer(place)).exp()).ln()
    }

    /// `s` at a place.
    fn ln_longer(&self, place: &[f64]) -> f64 {
        let (least, most) =
            self.values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(p, q), value| (p.min(*value), q.max(*value)));
        let room = BEYOND * (most - least);
        if self.weights.is_empty() {
            let nearest = |a: &&Vec<f64>, b: &&Vec<f64>| distance(a, place).total_cmp(&distance(b, place));
            let index = self.places.iter().min_by(nearest).and_then(|at| self.places.iter().position(|it| it == at));
            return index.map_or(0.0, |index| self.values[index]);
        }
        let sum: f64 = self.terms(place).zip(&self.weights).map(|(term, weight)| term * weight).sum();
        sum.clamp(least - room, most + room)
    }

    /// What the weights belong to at a place.
    fn terms<'a>(&'a self, place: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        let cubes = self.places.iter().map(|known| distance(known, place).powi(3));
        cubes.chain(std::iter::once(1.0)).chain(place.iter().copied())
    }

    /// Asks at places; the largest difference from what was known of them before.
    fn ask(&mut self, places: Vec<Vec<f64>>, both: &(impl Fn(&[f64]) -> Option<(f64, f64)> + Sync)) -> f64 {
        let found: Vec<Option<f64>> = places
            .par_iter()
            .map(|place| {
                let (closed, full) = both(place)?;
                Some(ln_time(full, self.t_ref_ms)? - ln_time(closed, self.t_ref_ms)?)
            })
            .collect();
        let off =
            |(place, value): (&Vec<f64>, &Option<f64>)| value.map_or(0.0, |it| (it - self.ln_longer(place)).abs());
        let farthest = places.iter().zip(&found).map(off).fold(0.0, f64::max);
        for (place, value) in places.into_iter().zip(found) {
            let is_known = self.asked.iter().any(|known| distance(known, &place) < NEAR);
            if let Some(value) = value.filter(|_| !is_known) {
                self.places.push(place.clone());
                self.values.push(value);
            }
            self.asked.push(place);
        }
        self.fit();
        farthest
    }

    /// The weights of the spline.
    fn fit(&mut self) {
        let Some(dimension) = self.places.first().map(Vec::len) else { return };
        let (known, size) = (self.places.len(), self.places.len() + 1 + dimension);
        let mut matrix = Matrix::zeros(size, size);
        for (index, place) in self.places.iter().enumerate() {
            for (column, term) in self.terms(place).enumerate() {
                matrix[(index, column)] = term;
                if column >= known {
                    matrix[(column, index)] = term;
                }
            }
        }
        let mut values = self.values.clone();
        values.resize(size, 0.0);
        self.weights = matrix.solve(&values);
        let comes_out = |(place, value): (&Vec<f64>, &f64)| {
            let sum: f64 = self.terms(place).zip(&self.weights).map(|(term, weight)| term * weight).sum();
            (sum - value).abs() < 1e-6 * (1.0 + value.abs())
        };
        // fewer places than the spline needs, or all on one line
        if !self.places.iter().zip(&self.values).all(comes_out) {
            self.weights.clear();
        }
    }

    /// Some of the places, each the farthest from all that are known and those before it.
    fn farthest_of(&self, places: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
        let mut free: Vec<f64> = places
            .iter()
            .map(|at| self.asked.iter().map(|known| distance(known, at)).fold(f64::INFINITY, f64::min))
            .collect();
        let mut chosen = Vec::new();
        while chosen.len() < A_ROUND {
            let Some((index, &far)) = free.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)) else { break };
            if far < NEAR {
                break;
            }
            free.iter_mut().zip(&places).for_each(|(free, at)| *free = free.min(distance(at, &places[index])));
            chosen.push(places[index].clone());
        }
        chosen
    }
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const T_REF_MS: f64 = 2.0;
    /// The accuracy along whole curves.
    const ALL_ALONG: f64 = 5e-3;

    fn rate(time_ms: f64) -> f64 {
        (MS_PER_S / (T_REF_MS + time_ms)).ln()
    }

    #[test]
    fn a_factor_that_bends_is_known_all_along_a_line_from_few_places_and_exactly_at_the_first_ones() {
        let ln_longer = |x: f64| 3.0 * x * x - (8.0 * x).sin();
        let closed = |x: f64| rate(20.0 * (4.0 * x).exp());
        let full = |x: f64| rate(20.0 * (4.0 * x + ln_longer(x)).exp());
        let asked = std::sync::atomic::AtomicUsize::new(0);
        let both = |place: &[f64]| {
            asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Some((closed(place[0]), full(place[0])))
        };
        let curve = |_: &Interpolated| (0..=500).map(|k| vec![k as f64 / 500.0]).collect();
        let known = Interpolated::along(T_REF_MS, [0.0, 0.02, 0.123, 0.98, 1.0].map(|x| vec![x]).to_vec(), both, curve);
        for k in 0..=1000 {
            let x = k as f64 / 1000.0;
            let off = known.ln_rate_hz(&[x], closed(x)) - full(x);
            assert!(off.abs() < ALL_ALONG, "{x}: {off}");
        }
        assert!((known.ln_rate_hz(&[0.123], closed(0.123)) - full(0.123)).abs() < 1e-9);
        assert!(asked.into_inner() <= 40);
    }

    #[test]
    fn in_a_plane_the_curve_that_is_asked_may_move_with_what_is_known() {
        let ln_longer = |p: &[f64]| p[0] * p[0] - 2.0 * p[0] * p[1] + (3.0 * p[1]).sin();
        let closed = |p: &[f64]| rate(30.0 * (p[0] + p[1]).exp());
        let full = |p: &[f64]| rate(30.0 * (p[0] + p[1] + ln_longer(p)).exp());
        // where the rate is that of the middle
        let aim = full(&[0.5, 0.5]);
        let curve = |of: &dyn Fn(&[f64]) -> f64| -> Vec<Vec<f64>> {
            let crosses = |pair: &[[f64; 2]]| (of(&pair[0]) > aim) != (of(&pair[1]) > aim);
            let column = |i: usize| (0..100).map(move |k| [i as f64 / 30.0, k as f64 / 99.0]).collect::<Vec<_>>();
            (0..=30)
                .flat_map(|i| {
                    column(i).windows(2).filter(|pair| crosses(pair)).map(|pair| pair[0].to_vec()).collect::<Vec<_>>()
                })
                .collect()
        };
        let corners = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]].map(|p| p.to_vec()).to_vec();
        let both = |p: &[f64]| Some((closed(p), full(p)));
        let known = Interpolated::along(T_REF_MS, corners, both, |known| curve(&|p| known.ln_rate_hz(p, closed(p))));
        let there = curve(&full);
        assert!(there.len() > 10);
        for p in there {
            let off = known.ln_rate_hz(&p, closed(&p)) - full(&p);
            assert!(off.abs() < ALL_ALONG, "{p:?}: {off}");
        }
    }

    #[test]
    fn where_nothing_is_known_the_closed_form_stays_and_of_one_place_its_factor_is_that_of_all() {
        let all = |_: &Interpolated| vec![vec![0.5]];
        let none = Interpolated::along(0.0, vec![vec![0.0]], |_| None, all);
        assert_eq!(none.ln_rate_hz(&[0.3], 1.25), 1.25);
        assert_eq!(none.ln_rate_hz(&[0.3], f64::NEG_INFINITY), f64::NEG_INFINITY);
        let one = Interpolated::along(0.0, vec![vec![0.2]], |place| (place[0] == 0.2).then_some((1.0, 3.0)), all);
        assert!((one.ln_rate_hz(&[0.9], 0.0) - 2.0).abs() < 1e-12);
    }
}
