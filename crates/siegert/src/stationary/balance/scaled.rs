//! A network with other in-degrees, and weights that keep `sigma`: the scaling under which balance is a limit.

use super::largest_in_degree;
use crate::input::in_degrees;
use crate::network::{ConnectionRule, Drive, DriveKind, Law, Network};

/// What becomes of the sizes of populations as in-degrees grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sizes {
    /// They grow in proportion.
    Grow,
    /// They stay.
    Stay,
}

/// The same network with its largest mean in-degree made `in_degree`; `None` if it has no projections, or a mistake.
///
/// With `s` the ratio of the in-degrees: all in-degrees and, where they grow, sizes times `s`, weights over `sqrt(s)`, currents and the mean of
/// noise drives times `sqrt(s)`. Means then grow as `sqrt(s)`; variances and rates of the drives stay. Connection
/// probabilities stay, where sizes grow, up to the rounding of sizes, which in-degrees do not feel. Parameters keep the values of
/// the file.
pub fn with_in_degree(network: &Network, in_degree: f64, sizes: Sizes) -> Option<Network> {
    network.check().ok()?;
    let s = in_degree / largest_in_degree(network);
    if !(s.is_finite() && s > 0.0) {
        return None;
    }
    let in_degrees: Vec<f64> = in_degrees(network).map(|in_degree| s * in_degree).collect();
    let mut scaled = network.clone();
    if sizes == Sizes::Grow {
        for population in &mut scaled.populations {
            population.size = (s * population.size as f64).round().max(1.0) as u64;
        }
    }
    let sizes: Vec<f64> = scaled.populations.iter().map(|population| population.size as f64).collect();
    for (projection, in_degree) in scaled.projections.iter_mut().zip(in_degrees) {
        projection.weight = projection.weight.times(1.0 / s.sqrt());
        let autapses = projection.source != projection.target || projection.autapses;
        let sources = sizes[projection.source] - if autapses { 0.0 } else { 1.0 };
        // sizes are rounded: where every source is heard, a fraction of one may be missing
        let is_full = !projection.multapses && in_degree > sources && in_degree < sources + 1.0;
        let in_degree = if is_full { sources } else { in_degree };
        projection.rule = match projection.rule {
            ConnectionRule::PairwiseProbability { .. } if in_degree <= sources => {
                ConnectionRule::PairwiseProbability { probability: in_degree / sources }
            }
            ConnectionRule::FixedTotal { .. } => {
                ConnectionRule::FixedTotal { total: in_degree * sizes[projection.target] }
            }
            _ => ConnectionRule::FixedInDegree { in_degree },
        };
    }
    let mut more = Vec::new();
    for drive in &mut scaled.drives {
        match &mut drive.kind {
            DriveKind::Poisson { in_degree, weight, .. } => {
                *in_degree *= s;
                *weight = weight.times(1.0 / s.sqrt());
            }
            DriveKind::Current { value_mv: Law::Constant { value }, .. } => *value *= s.sqrt(),
            // the centre grows, and the differences between neurons stay what they are beside the threshold
            DriveKind::Current { value_mv, given_in_pa } => {
                let value_mv = Law::from(value_mv.center() * (s.sqrt() - 1.0));
                let kind = DriveKind::Current { value_mv, given_in_pa: *given_in_pa };
                more.push(Drive { kind, ..drive.clone() });
            }
            DriveKind::Noise { mean_mv, .. } => *mean_mv *= s.sqrt(),
        }
    }
    scaled.drives.append(&mut more);
    Some(scaled)
}
