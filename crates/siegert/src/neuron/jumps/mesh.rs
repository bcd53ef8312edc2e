//! Where the equation of jumps needs elements: at its kinks, in the thin layers beside them, and elsewhere as its solution is smooth.
//!
//! The mean time to the spike jumps at `V_th`. Jumps carry this to `V_th - J`, sums of jumps further down, each time one order smoother: these places are
//! kinks, and edges of elements. Upstream of a kink (away from the resting level, where the leak goes) is a layer in which the potential leaves within
//! a jump: the distance to the resting level over the number of jumps within `tau_m`. Mean, noise and rates count in steps, so that
//! inputs near each other have the same elements. Elsewhere elements are as long as a jump near `V_th`, and grow from there
//! from the width by which white noise blurs that jump, if there is any,
//! up to a part of `sigma`, or of the distance in which the rate of escape changes.

use super::law::JumpLaw;
use super::{Jump, escape::Escape};

/// Kinks of more jumps than this are smooth enough.
const MOST_JUMPS: usize = 10;
/// No further order of kinks from so many on.
const MOST_KINKS: usize = 24;
/// Kinks of at most so many jumps have layers.
const LAYERED: u8 = 6;
/// The first element of a layer, in units of its thickness, and by how much the next are longer.
const FIRST_OF_LAYER: f64 = 3.0;
const GROWTH_OF_LAYER: f64 = 4.0;
/// Length of an element over its distance from threshold, and over `sigma`, at most.
const GROWTH: f64 = 0.4;
const LONGEST: f64 = 0.8;
/// By how much the logarithm of the rate of escape changes in an element at most.
const LARGEST_CHANGE: f64 = 4.0;
/// How far below everything the mesh begins: in `sigma`, and in the largest inhibitory jumps.
const BELOW: f64 = 4.5;
const BELOW_JUMPS: f64 = 4.0;
/// Kinks as near as this part of the smallest jump are one.
const SAME: f64 = 1e-5;
/// No fewer elements than this, and no more.
const LEAST_ELEMENTS: f64 = 20.0;
const MOST_ELEMENTS: usize = 400;

/// Elements from the lowest potential to the threshold.
#[derive(Clone, Debug)]
pub(super) struct Mesh {
    /// Edges, rising; the last is the threshold.
    pub(super) edges: Vec<f64>,
    /// Where the leak goes.
    pub(super) resting: f64,
    /// The place that the potential is most of the time near.
    pub(super) home: usize,
}

/// A place that has to be an edge.
#[derive(Clone, Copy, Debug)]
struct Kink {
    at: f64,
    /// How many jumps lead there; those that make no layer have many.
    jumps: u8,
    /// By how much it is blurred.
    blur: f64,
}

impl Mesh {
    /// The elements for a neuron and its jumps; `None` where the numbers make none.
    pub(super) fn of(escape: &Escape, reset: f64) -> Option<Self> {
        let escape = &stepped(escape);
        let Escape { th, resting, mean, sigma, jumps, white, .. } = *escape;
        let rate = in_steps(escape.tau_m * jumps.iter().map(|jump| jump.rate_per_ms).sum::<f64>());
        let low = lowest(escape, reset);
        let at_threshold = || jumps.iter().map(|jump| jump.mean_at(th));
        let smallest_up = at_threshold().filter(|mean| *mean > 0.0).fold(f64::INFINITY, f64::min);
        let smallest = at_threshold().map(f64::abs).filter(|size| *size > 0.0).fold(smallest_up, f64::min);
        let first = smallest_up.min(th - low).min(LONGEST * sigma.max(1e-3 * (th - low)));
        let far = Kink { at: low, jumps: u8::MAX, blur: 0.0 };
        let mut kinks = kinks(jumps, th, low);
        kinks.extend([far, Kink { at: th, ..far }]);
        if low < resting && resting < th {
            kinks.push(Kink { at: resting, jumps: 0, ..far });
        }
        // potentials on either side of a reversal potential stay there
        let reversals: Vec<f64> = jumps.iter().filter_map(|jump| jump.reversal_mv).collect();
        kinks.extend(reversals.iter().filter(|E| low < **E && **E < th).map(|E| Kink { at: *E, ..far }));
        kinks.sort_by(|a, b| a.at.total_cmp(&b.at));
        let kinks = merged(&kinks, SAME * smallest.min(th - low), &[&[low, resting, th], &reversals[..]].concat());
        // white noise blurs the jump at threshold: how far it brings the potential between two jumps
        let blur = if white > 0.0 { (0.5 * white / rate).sqrt() } else { f64::INFINITY };
        let at_th = first.min(1.5 * blur).max(1e-4 * first);
        let longest = |at: f64| {
            let by_escape = match escape.slope_at_th {
                Some(slope) if at > mean => LARGEST_CHANGE * (th - mean) / (slope * (at - mean)),
                _ => f64::INFINITY,
            };
            let by_noise = at_th.max(GROWTH * (th - at)).min(LONGEST * sigma.max(first));
            by_noise.min(by_escape.max(0.2 * first)).min((th - low) / LEAST_ELEMENTS)
        };
        let mut edges = vec![low];
        for pair in kinks.windows(2) {
            let mut stretch = vec![pair[0].at];
            stretch.extend(layers(pair[0], pair[1], resting, rate));
            stretch.push(pair[1].at);
            for ends in stretch.windows(2) {
                edges.extend(filled(ends[0], ends[1], &longest));
                edges.push(ends[1]);
            }
            if edges.len() > MOST_ELEMENTS {
                return None;
            }
        }
        let is_finite = edges.iter().all(|edge| edge.is_finite()) && edges.windows(2).all(|pair| pair[0] < pair[1]);
        let home_mv = if mean < th { mean } else { reset };
        let mut mesh = Mesh { edges, resting, home: 0 };
        mesh.home = mesh.element_of(home_mv.max(low));
        (is_finite && mesh.edges.len() > 1).then_some(mesh)
    }

    /// Number of elements.
    pub(super) fn len(&self) -> usize {
        self.edges.len() - 1
    }

    /// The element that holds a potential; at an edge the upper one.
    pub(super) fn element_of(&self, potential: f64) -> usize {
        (self.edges.partition_point(|edge| *edge <= potential)).clamp(1, self.len()) - 1
    }
}

/// A positive number in steps of a fourth of an octave.
fn in_steps(x: f64) -> f64 {
    if x > 0.0 && x.is_finite() { (0.25 * (4.0 * x.log2()).round()).exp2() } else { x }
}

/// The same with what elements depend on in steps, so that they are the same for inputs near each other.
fn stepped<'a>(escape: &Escape<'a>) -> Escape<'a> {
    let sigma = in_steps(escape.sigma);
    let step = 0.25 * sigma;
    let mean = if step > 0.0 { (escape.mean / step).round() * step } else { escape.mean };
    Escape { sigma, mean, white: in_steps(escape.white), slope_at_th: escape.slope_at_th.map(in_steps), ..*escape }
}

/// The lowest potential that counts.
fn lowest(escape: &Escape, reset: f64) -> f64 {
    let Escape { resting, mean, sigma, jumps, th, white, .. } = *escape;
    let usual = mean.min(th);
    let down = |jump: &&Jump| jump.leads_down_from(usual);
    let largest = jumps.iter().filter(down).map(|jump| jump.largest_down_from(usual)).fold(0.0, f64::max);
    let from = reset.min(resting);
    if largest <= 0.0 && white <= 0.0 {
        return from;
    }
    let low = from.min(usual) - BELOW * sigma - BELOW_JUMPS * largest;
    // where nothing but conductances leads down, no further than their reversal potentials
    let lowest = jumps.iter().filter(down).map(|jump| jump.lowest_from(usual));
    let lowest = lowest.fold(if white > 0.0 { f64::NEG_INFINITY } else { from }, f64::min);
    low.max(lowest)
}

/// Sums of jumps below the threshold.
fn kinks(jumps: &[Jump], th: f64, low: f64) -> Vec<Kink> {
    let of = |jump: &'_ Jump| jump.law.kinks().map(|kink| kink.map(|(size, blur)| (*jump, size, blur)));
    let steps: Vec<(Jump, f64, f64)> = jumps.iter().flat_map(of).flatten().collect();
    let mut found: Vec<Kink> = Vec::new();
    let mut front = vec![Kink { at: th, jumps: 0, blur: 0.0 }];
    for order in 1..=MOST_JUMPS as u8 {
        let mut next: Vec<Kink> = Vec::new();
        for (from, (jump, size, blur)) in front.iter().flat_map(|from| steps.iter().map(move |step| (from, *step))) {
            let at = jump.origin(from.at, size);
            let far = if jump.reversal_mv.is_some() { (from.at - at).abs() } else { size.abs() };
            let same = |other: &Kink| (other.at - at).abs() < SAME * far;
            if far == 0.0 || at <= low || at >= th - 1e-9 * far {
                continue;
            }
            let blur = blur * jump.blur_at(at);
            if !found.iter().any(same) && !next.iter().any(same) {
                next.push(Kink { at, jumps: order, blur: from.blur.hypot(blur) });
            }
        }
        // those that are blurred are smooth after a few jumps
        next.retain(|kink| kink.blur == 0.0 || kink.jumps <= 3);
        if next.is_empty() || (order > 2 && found.len() + next.len() > MOST_KINKS) {
            break;
        }
        found.extend(&next);
        front = next;
    }
    let blurred: Vec<Kink> = found.iter().filter(|kink| kink.blur > 0.0).copied().collect();
    for kink in blurred {
        for side in [-2.0, 2.0] {
            let at = kink.at + side * kink.blur;
            if low < at && at < th {
                found.push(Kink { at, jumps: u8::MAX, blur: 0.0 });
            }
        }
    }
    found
}

/// Kinks, of which those that are too near each other are one; `kept` are never left out.
fn merged(kinks: &[Kink], same: f64, kept: &[f64]) -> Vec<Kink> {
    let mut all: Vec<Kink> = Vec::with_capacity(kinks.len());
    for kink in kinks {
        match all.last_mut() {
            Some(last) if kink.at - last.at < same => {
                let at = if kept.contains(&kink.at) { kink.at } else { last.at };
                *last = Kink { at, jumps: last.jumps.min(kink.jumps), blur: last.blur };
            }
            _ => all.push(*kink),
        }
    }
    all
}

/// Edges in the layer upstream of a kink: above the lower one where the leak pulls down, below the upper one where it pulls up.
fn layers(lower: Kink, upper: Kink, resting: f64, rate: f64) -> Vec<f64> {
    let (kink, other) = if lower.at >= resting { (lower, upper) } else { (upper, lower) };
    let distance = (kink.at - resting).abs();
    let room = (other.at - kink.at).abs();
    if kink.jumps > LAYERED || distance == 0.0 || kink.blur > 0.0 {
        return Vec::new();
    }
    let mut reach = FIRST_OF_LAYER * f64::from(kink.jumps.max(1)).sqrt() * distance / rate;
    let mut found = Vec::new();
    // a layer thinner than rounding is none
    reach = reach.max(1e-6 * room);
    while reach < room / 1.5 {
        found.push(kink.at + reach * (other.at - kink.at).signum());
        reach *= GROWTH_OF_LAYER;
    }
    found.sort_by(f64::total_cmp);
    found
}

/// Edges between two others, no farther from each other than they may be; from above.
fn filled(low: f64, high: f64, longest: &impl Fn(f64) -> f64) -> Vec<f64> {
    let mut found = Vec::new();
    let mut at = high;
    while found.len() < MOST_ELEMENTS {
        let step = longest(at);
        if at - step > low + 0.3 * step {
            at -= step;
            found.push(at);
        } else {
            break;
        }
    }
    found.reverse();
    found
}

/// Whether a law has to be integrated over, not only shifted.
pub(super) fn is_fixed(law: JumpLaw) -> Option<f64> {
    match law {
        JumpLaw::Fixed { size_mv } => Some(size_mv),
        _ => None,
    }
}
