//! The filtered noises as Hermite functions: what each couples to, and how fast it decays.
//!
//! ```text
//! p(V, z) = phi(z) sum_n p_n(V) h_n(z),    h_n = He_n/sqrt(n!),    z h_n = sqrt(n) h_{n-1} + sqrt(n+1) h_{n+1}
//! ```
//!
//! For several noises products of such functions. Each noise has a bound of its degrees, the higher the slower it is; the degrees beside these bounds
//! sum to less than 1. Functions of the same sum of degrees are a group, and couple only to the groups beside it.
//!
//! Source: Risken (1989), *The Fokker-Planck Equation*, chapter 10 (the matrix continued fraction, there for the velocity of a particle).

use std::ops::Range;

/// So many degrees for a noise that is fast beside the onset of a spike, and for one that is as slow.
const FAST: f64 = 5.0;
const SLOW: f64 = 4.8;
/// So many more for each power of e in the time to a spike: a slow noise alone must be that far from its mean.
const DEEP: f64 = 0.5;
/// But no more for times that are longer still, of which no neuron makes use.
const DEEPEST: f64 = 60.0;
/// The most degrees of one noise.
const MOST: f64 = 64.0;

/// A filtered noise in units of the membrane: `tau_m/tau_k`, and the standard deviation of `y_k` in mV.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Noise {
    pub(super) decay: f64,
    pub(super) std_mv: f64,
}

impl Noise {
    /// The bound of its degrees.
    fn bound(&self, passage: Passage, quality: f64) -> f64 {
        let Passage { onset, depth } = passage;
        let degrees = FAST + SLOW * (onset / self.decay).sqrt() + DEEP * depth.min(DEEPEST) / (1.0 + self.decay);
        (quality * degrees).clamp(3.0, MOST).ceil()
    }
}

/// What of the way to a spike tells how much of the noise must be seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Passage {
    /// The slope of the force where spikes begin, in units of the membrane.
    pub(super) onset: f64,
    /// The exponent of the density between well and barrier.
    pub(super) depth: f64,
}

/// Two modes of neighbouring groups that a noise couples, and how much, for a standard deviation of 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coupling {
    pub(super) lower: usize,
    pub(super) upper: usize,
    pub(super) noise: usize,
    pub(super) root: f64,
    /// `root` times the standard deviation.
    pub(super) strength_mv: f64,
}

/// The modes, group by group; the first is the density of the potential.
#[derive(Clone, Debug)]
pub(super) struct Modes {
    /// The degree of each mode in each noise.
    pub(super) degrees: Vec<Vec<u32>>,
    /// The modes of each group.
    pub(super) groups: Vec<Range<usize>>,
    /// The couplings of each group with the next one.
    pub(super) couplings: Vec<Vec<Coupling>>,
    /// `sum_k n_k tau_m/tau_k`.
    pub(super) decays: Vec<f64>,
    /// A bound of the velocities that the modes know.
    pub(super) fastest_mv: f64,
}

impl Modes {
    /// The modes for some noises and a way to a spike; `quality` multiplies the bounds of degrees.
    pub(super) fn new(noises: &[Noise], passage: Passage, quality: f64) -> Self {
        let bounds: Vec<f64> = noises.iter().map(|noise| noise.bound(passage, quality)).collect();
        let mut degrees: Vec<Vec<u32>> = Vec::new();
        let mut groups = Vec::new();
        loop {
            let start = degrees.len();
            of_sum(&bounds, groups.len() as u32, &mut Vec::new(), &mut degrees);
            if degrees.len() == start {
                break;
            }
            groups.push(start..degrees.len());
            if noises.is_empty() {
                break;
            }
        }
        let couplings = groups.windows(2).map(|pair| coupled(noises, &degrees, &pair[0], &pair[1])).collect();
        let decay = |degrees: &Vec<u32>| noises.iter().zip(degrees).map(|(noise, &n)| noise.decay * f64::from(n)).sum();
        let decays = degrees.iter().map(decay).collect();
        let fastest = |(noise, &bound): (&Noise, &f64)| (largest_zero(bound) * noise.std_mv).powi(2);
        let fastest_mv = noises.iter().zip(&bounds).map(fastest).sum::<f64>().sqrt();
        Modes { degrees, groups, couplings, decays, fastest_mv }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.decays.len()
    }

    /// All couplings.
    pub(super) fn all_couplings(&self) -> impl Iterator<Item = &Coupling> {
        self.couplings.iter().flatten()
    }
}

/// All degrees of this sum that lie within the bounds.
fn of_sum(bounds: &[f64], sum: u32, begun: &mut Vec<u32>, found: &mut Vec<Vec<u32>>) {
    let terms = begun.len();
    if terms == bounds.len() {
        let beside: f64 = begun.iter().zip(bounds).map(|(&n, bound)| f64::from(n) / bound).sum();
        if sum == 0 && beside < 1.0 {
            found.push(begun.clone());
        }
        return;
    }
    let smallest = if terms + 1 == bounds.len() { sum } else { 0 };
    for n in (smallest..=sum).rev() {
        begun.push(n);
        of_sum(bounds, sum - n, begun, found);
        begun.pop();
    }
}

/// The couplings of a group with the next one.
fn coupled(noises: &[Noise], degrees: &[Vec<u32>], lower: &Range<usize>, upper: &Range<usize>) -> Vec<Coupling> {
    let mut found = Vec::new();
    for upper in upper.clone() {
        for lower in lower.clone() {
            for (noise, Noise { std_mv, .. }) in noises.iter().enumerate() {
                let is_raised = |k: usize| degrees[upper][k] == degrees[lower][k] + u32::from(k == noise);
                if (0..noises.len()).all(is_raised) {
                    let root = f64::from(degrees[upper][noise]).sqrt();
                    found.push(Coupling { lower, upper, noise, root, strength_mv: root * std_mv });
                }
            }
        }
    }
    found
}

/// A bound of the zeros of `He_n`, 2 % above the largest or less (Szego 1975, *Orthogonal Polynomials*, 6.32.6).
fn largest_zero(n: f64) -> f64 {
    let square = 2.0 * n + 1.0;
    std::f64::consts::SQRT_2 * (square.sqrt() - 1.8557 * square.powf(-1.0 / 6.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSAGE: Passage = Passage { onset: 1.0, depth: 0.0 };

    #[test]
    fn every_mode_but_the_first_couples_downwards_and_degrees_stay_within_their_bounds() {
        let noises = [Noise { decay: 10.0, std_mv: 2.0 }, Noise { decay: 0.2, std_mv: 1.0 }];
        let modes = Modes::new(&noises, PASSAGE, 1.0);
        let [fast, slow] = noises.map(|noise| noise.bound(PASSAGE, 1.0) as u32);
        assert!(fast < slow && modes.degrees[0] == [0, 0], "{fast} {slow}");
        for (mode, degrees) in modes.degrees.iter().enumerate() {
            assert!(degrees[0] < fast && degrees[1] < slow, "{degrees:?}");
            let downwards = modes.all_couplings().filter(|coupling| coupling.upper == mode).count();
            assert_eq!(downwards, degrees.iter().filter(|&&n| n > 0).count(), "{degrees:?}");
        }
        assert_eq!(modes.groups.iter().map(ExactSizeIterator::len).sum::<usize>(), modes.len());
        assert_eq!(Modes::new(&[], PASSAGE, 1.0).len(), 1);
    }

    #[test]
    fn no_zero_of_a_hermite_polynomial_lies_beyond_its_bound() {
        // He_3, He_4 and He_8: the largest zeros of tables
        for (n, zero) in [(3.0, f64::sqrt(3.0)), (4.0, (3.0 + f64::sqrt(6.0)).sqrt()), (8.0, 4.144_547_186)] {
            let bound = largest_zero(n);
            assert!(bound > zero && bound < 1.1 * zero, "{n}: {bound} for {zero}");
        }
    }
}
