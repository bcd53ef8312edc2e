//! The values of a parameter at which a network begins to oscillate, or ceases to: where its leading characteristic root crosses the imaginary axis.
//!
//! ```text
//! r = Phi(r, p),    det M(lambda, r, p) = 0,    Re lambda = 0
//! ```
//!
//! From the value that the parameter has, the state is followed to both ends of a range, in steps that are shortened where it moves fast. At each step the growing roots are counted (`roots`); where there begin or cease to be any,
//! each is followed through the step, the state solved again at every value, and its growth is brought to 0 by secants within the step. Of several the crossing next to the values without growing roots is the critical one.
//! Each root that is counted is confirmed by Newton's method (`mode`); where one is not, those up to 1 kHz count, since at high frequencies and long delays the count can take rounding for roots. Two crossings within one step, there and back, would not be seen.
//!
//! Source: Brunel and Hakim (1999), Neural Comput 11:1621, section 4; Brunel (2000), J Comput Neurosci 8:183, section 4.
//! Accuracy: critical delays and their frequencies 1e-9 (against 16 digits).

use num_complex::Complex64;

use super::connectivity::EffectiveConnectivity;
use super::mode::Mode;
use super::roots::{CharacteristicRoot, CharacteristicRoots};
use crate::network::Family;
use crate::numerics::root::{root, with_secants};
use crate::stationary::{RateMap, Span, State, TheoryOptions, solve_from};
use crate::work::{Cancelled, Work};

/// Steps from the present value to each end of the range, and the shortest, as part of the way.
const STEPS: f64 = 24.0;
const SHORTEST: f64 = 1e-4;
/// No step changes the logarithm of a rate by more, of those above the second in Hz.
const LARGEST_CHANGE: f64 = 0.7;
const LEAST_RATE_HZ: f64 = 1e-3;
/// Ends are reached in equal ratios if they differ by more than this factor.
const RATIO: f64 = 2.0;
/// Parts in which a root is followed through a step, and halvings of the step where it is lost.
const PARTS: u32 = 8;
const MOST_HALVINGS: usize = 12;
/// How far beyond a step it is looked for growth where there is none to the last digits, as part of the step.
const BEYOND: [f64; 3] = [1e-4, 1e-2, 0.5];
/// Two methods have one root if they are no farther apart, relative to it and the slowest time.
const SAME: f64 = 1e-5;
/// Growth in 1/ms, and changes of the parameter relative to the step, that count as none.
const NO_GROWTH_PER_MS: f64 = 1e-13;
const NO_CHANGE: f64 = 1e-12;

/// A value at which the leading root crosses the axis.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Crossing {
    /// The value, in the unit of the range.
    pub value: f64,
    /// The frequency there; 0 for a real root.
    pub frequency_hz: f64,
    /// How growth changes with the parameter there, in 1/s for its unit.
    pub growth_per_s_per_unit: f64,
    /// The rates there.
    pub rates_hz: Vec<f64>,
}

/// Why a search ended before the end of its range.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EndOfSearch {
    /// Beyond, the state is not there: it meets another and vanishes, or is none of these equations.
    #[error("beyond it the state is not there")]
    NoState,
    /// Not all roots were found.
    #[error("there not all growing roots were found")]
    NotAllRoots,
    /// There the growing root could not be followed.
    #[error("there the leading root could not be followed")]
    RootLost,
    /// The network is wrong, or its response is not computed.
    #[error("{0}")]
    Refused(String),
    /// It was stopped.
    #[error("it was stopped")]
    Stopped,
}

/// What was found along a parameter.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Criticals {
    /// Whether nothing grows at the present value.
    pub stable: bool,
    /// The crossings next to the present value, at most one on each side, in order.
    pub crossings: Vec<Crossing>,
    /// Where the search ended before it found one or came to the end of the range.
    pub ended: Vec<(f64, EndOfSearch)>,
    /// Values that were looked at.
    pub looked_at: usize,
}

/// The state at a value, with what grows there.
#[derive(Clone)]
struct Point {
    value: f64,
    rates_hz: Vec<f64>,
    growing: Vec<Complex64>,
}

/// What stays the same in a search.
struct Search<'a> {
    family: &'a Family,
    options: TheoryOptions,
    work: &'a Work,
}

impl Criticals {
    /// Along the free parameter of a family, whose value is `own` now, from a state of the network as it is.
    ///
    /// # Errors
    ///
    /// What cannot be computed at the present value, or a stop, as why the search ended there.
    pub fn along(
        family: &Family,
        own: f64,
        span: Span,
        state: &State,
        options: &TheoryOptions,
        work: &Work,
    ) -> Result<Self, EndOfSearch> {
        let search = Search { family, options: *options, work };
        let first = search.point(own, &state.rates_hz())?;
        let mut found =
            Criticals { stable: first.growing.is_empty(), crossings: Vec::new(), ended: Vec::new(), looked_at: 1 };
        let (least, most) = (span.from.min(span.to), span.from.max(span.to));
        let ends = [(least, least < own), (most, most > own)];
        for (end, _) in ends.into_iter().filter(|(_, is_there)| *is_there) {
            match search.towards(&first, end, |value| least <= value && value <= most, &mut found.looked_at) {
                Ok(crossing) => found.crossings.extend(crossing),
                Err((_, EndOfSearch::Stopped)) => return Err(EndOfSearch::Stopped),
                Err(ended) => found.ended.push(ended),
            }
        }
        Ok(found)
    }
}

impl Search<'_> {
    /// The first crossing that is wanted on the way to an end, if any.
    fn towards(
        &self,
        first: &Point,
        end: f64,
        is_wanted: impl Fn(f64) -> bool,
        looked_at: &mut usize,
    ) -> Result<Option<Crossing>, (f64, EndOfSearch)> {
        let ratio = end / first.value;
        let value = |part: f64| match ratio > RATIO || ratio < 1.0 / RATIO && ratio > 0.0 {
            true => first.value * ratio.powf(part),
            false => first.value + part * (end - first.value),
        };
        let mut before = first.clone();
        let (mut part, mut step) = (0.0f64, 1.0 / STEPS);
        while part < 1.0 {
            let next = (part + step).min(1.0);
            *looked_at += 1;
            let there = if next == 1.0 { end } else { value(next) };
            let point = match self.point(there, &before.rates_hz) {
                Ok(point) if !has_jumped(&before.rates_hz, &point.rates_hz) || step <= SHORTEST => Ok(point),
                Ok(_) => Err(EndOfSearch::NoState),
                Err(why) => Err(why),
            };
            match point {
                Ok(point) if has_jumped(&before.rates_hz, &point.rates_hz) => {
                    return Err((before.value, EndOfSearch::NoState));
                }
                Ok(point) => {
                    if point.growing.is_empty() != before.growing.is_empty() {
                        let crossing = self.crossing(&before, &point).map_err(|why| (point.value, why))?;
                        if is_wanted(crossing.value) {
                            return Ok(Some(crossing));
                        }
                    }
                    (before, part) = (point, next);
                    step = (2.0 * step).min(1.0 / STEPS);
                }
                Err(EndOfSearch::NoState) if step > SHORTEST => step *= 0.5,
                Err(why) => return Err((before.value, why)),
            }
        }
        Ok(None)
    }

    /// The network in a state near given rates.
    fn at(&self, value: f64, rates_hz: &[f64]) -> Result<(Vec<f64>, EffectiveConnectivity), EndOfSearch> {
        let refused = |why: &dyn std::fmt::Display| EndOfSearch::Refused(why.to_string());
        self.work.check().map_err(|Cancelled| EndOfSearch::Stopped)?;
        let network = self.family.at(&[value]).map_err(|why| refused(&why))?;
        let map = RateMap::of_checked(&network, self.options).map_err(|why| refused(&why))?;
        let state = solve_from(&map, rates_hz).map_err(|_| EndOfSearch::NoState)?;
        let connectivity = EffectiveConnectivity::new(&network, &map, &state).map_err(|why| refused(&why))?;
        Ok((state.rates_hz(), connectivity))
    }

    fn point(&self, value: f64, rates_hz: &[f64]) -> Result<Point, EndOfSearch> {
        let (rates_hz, connectivity) = self.at(value, rates_hz)?;
        // what is none by a second method does not count
        let is_one = |lambda: &Complex64| {
            let near = Mode::near(&connectivity, *lambda).map(|mode| (mode.lambda_per_ms - lambda).norm());
            near.is_some_and(|far| far < SAME * (lambda.norm() + 1.0 / connectivity.slowest_ms()))
        };
        let confirmed = |found: &CharacteristicRoots| {
            let growing: Vec<Complex64> = found.roots.iter().map(CharacteristicRoot::lambda_per_ms).collect();
            (found.complete && growing.iter().all(is_one)).then_some(growing)
        };
        let all = CharacteristicRoots::growing(&connectivity, self.work);
        // where high frequencies are not told from rounding those up to a kilohertz count
        let growing =
            confirmed(&all).or_else(|| confirmed(&CharacteristicRoots::growing_slowly(&connectivity, self.work)));
        self.work.check().map_err(|Cancelled| EndOfSearch::Stopped)?;
        let growing = growing.ok_or(EndOfSearch::NotAllRoots)?;
        Ok(Point { value, rates_hz, growing })
    }

    /// Where growth begins or ends between two values, at one of which nothing grows.
    fn crossing(&self, one: &Point, other: &Point) -> Result<Crossing, EndOfSearch> {
        let (mut still, mut growing) = match one.growing.is_empty() {
            true => (one.clone(), other.clone()),
            false => (other.clone(), one.clone()),
        };
        for _ in 0..MOST_HALVINGS {
            let each = growing.growing.iter().map(|lambda| self.followed(&growing, *lambda, &still));
            // of all the nearest to where nothing grows
            let nearer =
                |a: &Crossing, b: &Crossing| (a.value - still.value).abs().total_cmp(&(b.value - still.value).abs());
            match each.collect::<Option<Vec<Crossing>>>().and_then(|all| all.into_iter().min_by(nearer)) {
                Some(crossing) => return Ok(crossing),
                None => {
                    let middle = self.point(0.5 * (still.value + growing.value), &still.rates_hz)?;
                    let is_still = middle.growing.is_empty();
                    *(if is_still { &mut still } else { &mut growing }) = middle;
                }
            }
        }
        Err(EndOfSearch::RootLost)
    }

    /// Where one growing root crosses the axis on the way to where nothing grows; `None` where it is lost.
    fn followed(&self, from: &Point, lambda: Complex64, to: &Point) -> Option<Crossing> {
        let root_at = |value: f64, rates_hz: &[f64], lambda: Complex64| {
            let (rates_hz, connectivity) = self.at(value, rates_hz).ok()?;
            Some((rates_hz, Mode::near(&connectivity, lambda)?.lambda_per_ms))
        };
        let (rates_hz, lambda) = root_at(from.value, &from.rates_hz, lambda)?;
        let mut last = (from.value, rates_hz, lambda);
        // one that has no growth where it was seen has some beyond
        for beyond in BEYOND.into_iter().take_while(|_| lambda.re <= 0.0) {
            let value = from.value + beyond * (from.value - to.value);
            let (rates_hz, lambda) = root_at(value, &last.1, last.2)?;
            last = (value, rates_hz, lambda);
            if lambda.re > 0.0 {
                break;
            }
        }
        let begin = last.0;
        let mut before = last.clone();
        for k in 1..=PARTS {
            let value = begin + (to.value - begin) * f64::from(k) / f64::from(PARTS);
            // as it has moved so far
            let expected = if k == 1 { last.2 } else { 2.0 * last.2 - before.2 };
            let (rates_hz, lambda) = root_at(value, &last.1, expected)?;
            before = std::mem::replace(&mut last, (value, rates_hz, lambda));
            if last.2.re < 0.0 {
                break;
            }
        }
        if last.2.re >= 0.0 || before.2.re < 0.0 {
            return None;
        }
        let ends = [(last.0, last.2.re), (before.0, before.2.re)];
        let (whole, turn) = (last.0 - before.0, last.2 - before.2);
        let mut here = None;
        let (start, rates_hz) = (before.2, before.1.clone());
        let growth = |value: f64| {
            here = root_at(value, &rates_hz, start + turn * ((value - before.0) / whole));
            here.as_ref().map_or(f64::NAN, |(_, lambda)| lambda.re)
        };
        let first = before.0 - before.2.re * whole / turn.re;
        let short = |_: f64| NO_CHANGE * whole.abs();
        let value = root([ends[0].0, ends[1].0], first, NO_GROWTH_PER_MS, short, with_secants(ends, growth));
        let (rates_hz, lambda) = root_at(value, &here?.0, start + turn * ((value - before.0) / whole))?;
        let per_unit = turn.re / whole;
        let is_crossed = lambda.re.abs() < 1e-6 * (turn.re.abs() + lambda.norm());
        is_crossed.then_some(Crossing {
            value,
            frequency_hz: 1000.0 * lambda.im.abs() / std::f64::consts::TAU,
            growth_per_s_per_unit: 1000.0 * per_unit,
            rates_hz,
        })
    }
}

/// Whether a state is another than the one before.
fn has_jumped(before: &[f64], now: &[f64]) -> bool {
    let change = |(before, now): (&f64, &f64)| match before.max(*now) > LEAST_RATE_HZ {
        true => (now.max(LEAST_RATE_HZ) / before.max(LEAST_RATE_HZ)).ln().abs(),
        false => 0.0,
    };
    before.iter().zip(now).map(change).any(|change| change.is_nan() || change > LARGEST_CHANGE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::{Worst, number, table};
    use crate::network::ReadOptions;
    use crate::theory::Theory;

    const ACCURACY: f64 = 1e-9;

    fn found(text: &str, free: (&str, &str), own: f64, span: [f64; 2]) -> Criticals {
        let family = Family::open(text, "test", &ReadOptions::default(), &[free]).unwrap();
        let options = TheoryOptions::default();
        let state = Theory::new(family.own(), &options).unwrap().solve().unwrap();
        let [from, to] = span;
        Criticals::along(&family, own, Span { from, to }, &state, &options, &Work::default()).unwrap()
    }

    /// One inhibitory population, whose delay is a parameter.
    #[test]
    fn critical_delays_are_those_of_the_reference() {
        let mut worst = Worst::default();
        for row in table("brunel_critical_delay") {
            let expected = number(&row, "critical_delay_ms");
            for start in [0.8, 1.15] {
                let own = start * expected;
                let text = format!(
                    "[parameters]\nD = \"{own:?} ms\"\n[neurons.n]\nmodel = \"lif\"\ntau_m = \"{} ms\"\nt_ref = \"{} ms\"\nE_L = \"0 mV\"\nV_th = \"{} mV\"\nV_reset = \"{} mV\"\n\
                     [synapses.d]\nkind = \"delta\"\n[populations.I]\nsize = 10000\nneuron = \"n\"\n\
                     [[projections]]\nfrom = \"I\"\nto = \"I\"\nin_degree = {}\nweight = \"-{} mV\"\nsynapse = \"d\"\ndelay = \"D\"\n\
                     [[drives]]\nto = \"I\"\nkind = \"noise\"\nmean = \"{} mV\"\nstd = \"{} mV\"\n",
                    row["tau_m_ms"],
                    row["t_ref_ms"],
                    row["V_th_mv"],
                    row["V_reset_mv"],
                    row["in_degree"],
                    row["J_mv"],
                    row["mu_ext_mv"],
                    row["sigma_ext_mv"],
                );
                let found = found(&text, ("D", "ms"), own, [0.5 * own, 1.5 * own]);
                assert_eq!(found.stable, start < 1.0, "{row:?}: {found:?}");
                let error = |crossing: &Crossing| (crossing.value / expected - 1.0).abs();
                let nearest = found.crossings.iter().min_by(|a, b| error(a).total_cmp(&error(b)));
                let nearest = nearest.unwrap_or_else(|| panic!("{row:?}: {found:?}"));
                worst.add(error(nearest).max((nearest.frequency_hz / number(&row, "frequency_hz") - 1.0).abs()), &row);
                assert!(nearest.growth_per_s_per_unit > 0.0, "{nearest:?}");
            }
        }
        worst.must_be_at_most(ACCURACY);
    }

    /// The network of Brunel (2000) at the drive and at the inhibition at which it begins to oscillate: there a root has no growth, and to both sides one sign each.
    #[test]
    fn growth_is_zero_at_a_critical_drive_and_changes_its_sign_there() {
        let text = crate::network::read_text("brunel2000").unwrap().0;
        for (name, own, span, eta) in [("eta", 2.0, [0.9, 5.0], "2"), ("g", 5.0, [4.2, 8.0], "4")] {
            let text = text.replace("eta     = 2", &format!("eta     = {eta}"));
            let found = found(&text, (name, ""), own, span);
            assert!(found.stable && !found.crossings.is_empty(), "{found:?}");
            for crossing in &found.crossings {
                let growth = |value: f64| {
                    let network = crate::testing::brunel(&[("eta", eta), (name, &format!("{value:?}"))]);
                    let theory = Theory::new(&network, &TheoryOptions::default()).unwrap();
                    let state = theory.solve_from(&crossing.rates_hz).unwrap();
                    let connectivity = EffectiveConnectivity::new(&network, theory.map(), &state).unwrap();
                    let start = Complex64::new(0.0, std::f64::consts::TAU * crossing.frequency_hz / 1000.0);
                    1000.0 * Mode::near(&connectivity, start).unwrap().lambda_per_ms.re
                };
                assert!(growth(crossing.value).abs() < 1e-8, "{crossing:?}");
                let [below, above] = [1e-3, -1e-3].map(|by| growth(crossing.value * (1.0 - by)));
                assert!(
                    below * above < 0.0 && (above > below) == (crossing.growth_per_s_per_unit > 0.0),
                    "{below} {above}"
                );
            }
        }
    }

    #[test]
    fn where_nothing_begins_to_oscillate_nothing_is_said_to() {
        let text = crate::network::read_text("brunel2000").unwrap().0;
        let found = found(&text, ("eta", ""), 2.0, [1.9, 2.1]);
        assert!(found.stable && found.crossings.is_empty() && found.ended.is_empty(), "{found:?}");
    }
}
