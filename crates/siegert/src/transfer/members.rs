//! Neurons that differ as a few that stand for all: the places of a quadrature over their laws.
//!
//! The integral over each law of `average`, by Gauss and Legendre's rule of 6 points in panels of equal width in the law's coordinate; of several laws the product. There are as many panels as it takes for the mean
//! rate at one input to be that of all neurons.
//!
//! Range: laws along which the rate is smooth at the noise that there is; without noise rates have kinks, which a few neurons do not show.
//! Accuracy: of the mean rate at that input what is asked for, or `None`.

use super::average::{Average, Drawn};
use super::{Input, Transfer};
use crate::neuron::Model;
use crate::numerics::quadrature::points_6;

/// Neurons at most.
const MOST_MEMBERS: usize = 600;
/// Parts below this, beside the error, are nobody.
const NOBODY: f64 = 1e-6;

/// One of the neurons that stand for all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Member {
    /// Which part of all it stands for.
    pub(crate) part: f64,
    /// The neuron.
    pub(crate) neuron: Model,
    /// Its time constant over that of the neuron at the centre, by which spikes and currents bring more.
    pub(crate) scale: f64,
    /// What is added to its mean input.
    pub(crate) added_mv: f64,
}

impl Transfer {
    /// The neurons that stand for all, whose mean rate at an input errs by a part; one neuron where all are alike, and `None` where too few stand for them.
    pub(crate) fn members(&self, input: &Input, error: f64) -> Option<Vec<Member>> {
        let Some(average) = &self.average else {
            return Some(vec![Member { part: 1.0, neuron: self.neuron, scale: 1.0, added_mv: 0.0 }]);
        };
        let expected_hz = self.log_rate(input).rate_hz();
        // few panels leave out what is far out
        for (is_few, panels) in [(true, 1), (true, 2), (true, 4), (false, 1), (false, 2), (false, 4), (false, 8)] {
            let members = members_of(average, is_few, panels, error)?;
            let rate = |(part, own): &(f64, Drawn)| part * average.log_rate_of(self, own, input).exp();
            let found_hz: f64 = members.iter().map(rate).sum();
            if (found_hz - expected_hz).abs() <= error * expected_hz {
                let member = |(part, own): (f64, Drawn)| average.member(&self.neuron, part, &own);
                return Some(members.into_iter().map(member).collect());
            }
        }
        None
    }
}

/// Neurons with the part of all that each is; `None` if they are too many.
fn members_of(average: &Average, is_few: bool, panels: usize, error: f64) -> Option<Vec<(f64, Drawn)>> {
    let mut members = vec![(1.0, average.centered())];
    for level in 0..average.laws() {
        let (ends, density) = average.chart(level, is_few);
        let places: Vec<(f64, f64)> = ends
            .windows(2)
            .flat_map(|ends| {
                let width = (ends[1] - ends[0]) / panels as f64;
                (0..panels).map(move |k| (ends[0] + width * k as f64, ends[0] + width * (k + 1) as f64))
            })
            .flat_map(|(low, high)| points_6(low, high))
            .map(|(at, weight)| (at, weight * density(at)))
            .filter(|(_, part)| *part > NOBODY * error)
            .collect();
        if members.len() * places.len() > MOST_MEMBERS {
            return None;
        }
        let all: f64 = places.iter().map(|(_, part)| part).sum();
        let with = |(part, drawn): &(f64, Drawn)| {
            let (part, drawn) = (*part, *drawn);
            places
                .iter()
                .map(move |(at, own)| (part * own / all, average.drawn_at(level, drawn, *at)))
                .collect::<Vec<_>>()
        };
        members = members.iter().flat_map(with).collect();
    }
    Some(members)
}
